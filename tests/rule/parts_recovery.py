"""Parts of the recorded organization that are about copies: out of reach and within, with keys of one's own and not, fresh and old.

All in the second Region, where nothing else is; buckets aside, which have none.
"""

from __future__ import annotations

import json
from typing import Any

BACKUP, LEGACY, PAYMENTS = (f"10000000000{n}" for n in (2, 6, 7))
HERE, THERE = "eu-west-1", "us-east-1"
KEY = {account: f"arn:aws:kms:{THERE}:{account}:key/k-{account}" for account in (BACKUP, PAYMENTS)}
Answers = dict[tuple[str, str, str], Any]

COPIED = {
    # database: (vault, key, when)
    "far": ("far", BACKUP, "2025-06-01T12:00:00Z"),
    "keyed": ("keyed", PAYMENTS, "2025-06-01T12:00:00Z"),
    "stale": ("far", BACKUP, "2025-01-01T00:00:00Z"),
    "reached": ("reach", BACKUP, "2025-06-01T12:00:00Z"),
}
VAULTS = {"far": True, "keyed": True, "reach": False}
"""Whether it is locked."""


def add(found: Answers) -> None:
    """Put these answers beside the others."""
    found.update(
        {(account, THERE, call): content for account, part in _parts().items() for call, content in part.items()}
    )
    details = found[BACKUP, "global", "iam.get_account_authorization_details"]
    details["RoleDetailList"] = [*details["RoleDetailList"], _expires_copies()]
    for account, name, versioning in ((PAYMENTS, "payments-bare", "Suspended"), (BACKUP, "copies", "Enabled")):
        _beside(found, _bucket(account, name, versioning))


def _beside(found: Answers, more: Answers) -> None:
    """Buckets that are there already stay."""
    for key, content in more.items():
        known = found.get(key)
        if isinstance(known, list):
            found[key] = [*known, *content]
        elif known and known.get("Buckets"):
            found[key] = {"Buckets": [*known["Buckets"], *content["Buckets"]]}
        else:
            found[key] = content


def _parts() -> dict[str, dict[str, Any]]:
    return {
        PAYMENTS: {"rds.describe_db_instances": {"DBInstances": [_database(name) for name in COPIED]}, **_key(PAYMENTS)},
        BACKUP: {**_vaults(), **_key(BACKUP)},
        LEGACY: {
            # A workload account that keeps the copy of somebody else's production.
            "rds.describe_db_snapshots": {"DBSnapshots": [_kept_by_a_neighbour()]},
            "rds.describe_db_snapshot_attributes": [
                {"request": {"DBSnapshotIdentifier": "kept-for-payments"}, "response": {"DBSnapshotAttributesResult": {"DBSnapshotAttributes": []}}}
            ],
        },
    }  # fmt: skip


def _source(name: str) -> str:
    return f"arn:aws:rds:{THERE}:{PAYMENTS}:db:{name}"


def _database(name: str) -> dict[str, Any]:
    return {
        "DBInstanceIdentifier": name, "DBInstanceArn": _source(name), "Engine": "postgres", "DBInstanceStatus": "available", "PubliclyAccessible": False,
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-y"}], "Endpoint": {"Port": 5432}, "BackupRetentionPeriod": 0, "TagList": [],
    }  # fmt: skip


def _kept_by_a_neighbour() -> dict[str, Any]:
    return {
        "DBSnapshotIdentifier": "kept-for-payments", "DBSnapshotArn": f"arn:aws:rds:{THERE}:{LEGACY}:snapshot:kept-for-payments", "DBInstanceIdentifier": "far",
        "SourceDBSnapshotIdentifier": f"arn:aws:rds:{THERE}:{PAYMENTS}:snapshot:gone", "Status": "available", "SnapshotType": "manual", "TagList": [],
    }  # fmt: skip


def _vaults() -> dict[str, Any]:
    arn = {name: f"arn:aws:backup:{THERE}:{BACKUP}:backup-vault:{name}" for name in VAULTS}
    points: dict[str, list[dict[str, Any]]] = {name: [] for name in VAULTS}
    for number, (name, (vault, owner, when)) in enumerate(COPIED.items()):
        points[vault].append(
            {"RecoveryPointArn": f"arn:aws:backup:{THERE}:{BACKUP}:recovery-point:{number}", "ResourceArn": _source(name), "Status": "COMPLETED",
             "ResourceType": "RDS", "CreationDate": when, "EncryptionKeyArn": KEY[owner]})  # fmt: skip
    listed = [
        {"BackupVaultArn": arn[name], "BackupVaultName": name, "NumberOfRecoveryPoints": len(points[name]), "EncryptionKeyArn": KEY[BACKUP],
         "Locked": locked, **({"LockDate": "2024-01-01T00:00:00Z"} if locked else {})}
        for name, locked in VAULTS.items()
    ]  # fmt: skip
    nothing = {"Error": {"Code": "ResourceNotFoundException", "Message": "there is none"}}
    return {
        "backup.list_backup_vaults": [
            {"request": {}, "response": {"BackupVaultList": listed}},
            {"request": {"ByVaultType": "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"}, "response": {"BackupVaultList": []}},
        ],
        "backup.get_backup_vault_access_policy": [
            {"request": {"BackupVaultName": name}, "response": nothing} for name in VAULTS
        ],
        "backup.list_recovery_points_by_backup_vault": [
            {"request": {"BackupVaultName": name}, "response": {"RecoveryPoints": held}}
            for name, held in points.items()
        ],
    }


def _key(account: str) -> dict[str, Any]:
    key_id = KEY[account].rsplit("/", 1)[1]
    own = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "kms:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [own]})
    return {
        "kms.list_keys": {"Keys": [{"KeyId": key_id, "KeyArn": KEY[account]}]},
        "kms.describe_key": [{"request": {"KeyId": key_id}, "response": {"KeyMetadata": {"KeyId": key_id, "KeyManager": "CUSTOMER", "KeyState": "Enabled"}}}],
        "kms.get_key_policy": [{"request": {"KeyId": key_id, "PolicyName": "default"}, "response": {"Policy": policy}}],
    }  # fmt: skip


def _expires_copies() -> dict[str, Any]:
    """A role of the backup account that lets somebody of production in."""
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{PAYMENTS}:root"}}
    delete = {"Effect": "Allow", "Action": "backup:DeleteRecoveryPoint", "Resource": "*"}
    return {
        "Path": "/", "RoleName": "expires-copies", "RoleId": "AROAEXPIRESCOPIES000", "Arn": f"arn:aws:iam::{BACKUP}:role/expires-copies",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}, "AttachedManagedPolicies": [], "InstanceProfileList": [], "Tags": [],
        "RolePolicyList": [{"PolicyName": "delete", "PolicyDocument": {"Version": "2012-10-17", "Statement": [delete]}}],
    }  # fmt: skip


def _bucket(account: str, name: str, versioning: str) -> Answers:
    def none(code: str) -> dict[str, Any]:
        return {"Error": {"Code": code, "Message": "there is none"}}

    tags = [{"Key": "environment", "Value": "production"}, {"Key": "workload", "Value": "payments"}]
    of_bucket = {
        "s3.get_bucket_versioning": {"Status": versioning},
        "s3.get_bucket_replication": none("ReplicationConfigurationNotFoundError"),
        "s3.get_object_lock_configuration": none("ObjectLockConfigurationNotFoundError"),
        "s3.get_bucket_encryption": none("ServerSideEncryptionConfigurationNotFoundError"),
        "s3.get_public_access_block": none("NoSuchPublicAccessBlockConfiguration"),
        "s3.get_bucket_policy": none("NoSuchBucketPolicy"),
        "s3.get_bucket_tagging": {"TagSet": tags} if account == PAYMENTS else none("NoSuchTagSet"),
    }
    found: Answers = {
        (account, HERE, call): [{"request": {"Bucket": name}, "response": answer}] for call, answer in of_bucket.items()
    }
    found[account, "global", "s3.list_buckets"] = {"Buckets": [{"Name": name, "BucketRegion": HERE}]}
    return found
