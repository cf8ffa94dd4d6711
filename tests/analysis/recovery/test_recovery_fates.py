"""Every sentence of what decides over a copy, one small organization each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from scanner.analysis.recovery import Recovery
from scanner.analysis.trust import Answer
from tests.analysis.recovery.world import (
    BUCKET,
    CLUSTER,
    DATABASE,
    HERE,
    HOME_VAULT,
    INSTANCE,
    KEEPER,
    KEEPER_KEY,
    OTHER,
    OTHER_KEY,
    OUTSIDER,
    SHOP,
    SHOP_KEY,
    TABLE,
    VAULT,
    VOLUME,
    Holding,
    Rows,
    SaidRadius,
    connected,
    fates,
    gap,
    key,
    organization,
    point,
    policy,
    snapshot,
    vault,
    with_rows,
)

DELETER = Holding(may={"backup:*": "allow"})
MERE_DELETER = Holding(may={"backup:DeleteRecoveryPoint": "allow"})
KEY_DELETER = Holding(may={"kms:ScheduleKeyDeletion": "allow"})
READER = Holding(may={})
ADMINISTRATOR = Holding(administers=True, may={"*": "allow"})
DENY_DELETION = {"Statement": [{"Effect": "Deny", "Principal": "*", "Resource": "*",
    "Action": ["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle", "backup:PutBackupVaultAccessPolicy", "backup:DeleteBackupVaultAccessPolicy"]}]}  # fmt: skip
DENY_SOME = {
    "Statement": [
        {
            "Effect": "Deny",
            "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"},
            "Resource": "*",
            "Action": "backup:Delete*",
        }
    ]
}
LENDS = {
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{SHOP}:root"}, "Resource": "*", "Action": "s3:*"}
    ]
}
LENDS_WITHOUT_DELETION = {
    "Statement": [
        *LENDS["Statement"],
        {
            "Effect": "Deny",
            "Principal": "*",
            "Resource": "*",
            "Action": ["s3:DeleteObjectVersion", "s3:PutLifecycleConfiguration", "s3:PutBucketPolicy"],
        },
    ]
}
LENDS_OVER_TLS = {
    "Statement": [
        *LENDS["Statement"],
        {
            "Effect": "Deny",
            "Principal": "*",
            "Resource": ["arn:aws:s3:::copies", "arn:aws:s3:::copies/*"],
            "Action": "s3:*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        {
            "Effect": "Deny",
            "Principal": "*",
            "Resource": "*",
            "Action": "s3:*",
            "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
        },
    ]
}
LENDS_AND_DENIES_SOME = {
    "Statement": [
        *LENDS["Statement"],
        {"Effect": "Deny", "Principal": {"AWS": f"arn:aws:iam::{SHOP}:role/app"}, "Resource": "*", "Action": "s3:*"},
    ]
}


def lends_to(principal: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Resource": "*", "Action": "s3:*"}
    return {"Statement": [statement]}


OTHERS_ROOT, OTHERS_ROLE = f"arn:aws:iam::{OTHER}:root", f"arn:aws:iam::{OTHER}:role/r"
CLEANER = Holding(may={"s3:*": "allow"})


def names_only(action: str, resource: str, account: str = KEEPER, kind: str = "inline", effect: str = "Allow") -> Rows:
    """A role of the keeper whose policy names one thing only."""
    statement = {"Effect": effect, "Action": action, "Resource": resource}
    return policy(f"arn:aws:iam::{account}:role/restore", account, {"Statement": [statement]}, kind)


def may(action: str, resource: str) -> Holding:
    return Holding(may={f"{action} {resource}": "allow"})


@dataclass
class Case:
    """What is added to the organization, and the fate of the only copy."""

    rows: Rows
    fate: str
    cause: str
    says: str = ""
    store: str = TABLE
    held: Holding | None = None
    replaces: tuple[str, ...] = ()
    pairs: dict[tuple[str, str], Holding] = field(default_factory=dict)


def vaults(**more: Any) -> Rows:
    return {"backup_vaults": [vault(KEEPER, VAULT, KEEPER_KEY, **more)], "recovery_points": [point()]}


def air_gapped(*shared_with: str, account: str = SHOP) -> Rows:
    arn = f"arn:aws:backup:{HERE}:{account}:backup-vault:gapped"
    share = f"arn:aws:ram:{HERE}:{account}:resource-share/1"
    return {
        "backup_vaults": [vault(account, arn, None, type="LOGICALLY_AIR_GAPPED_BACKUP_VAULT", locked=True)],
        "recovery_points": [point(account_id=account, vault_arn=arn)],
        "resource_shares": [{"account_id": account, "arn": share, "status": "ACTIVE"}],
        "share_resources": [{"account_id": account, "share_arn": share, "arn": arn}],
        "share_principals": [{"account_id": account, "share_arn": share, "principal": who} for who in shared_with],
    }


def replicating(target: dict[str, Any] | None, account: str = KEEPER, **more: Any) -> Rows:
    source = {"arn": BUCKET, "name": "receipts", "bucket_region": HERE, "versioning": "Enabled", "replication_accounts": [account],
              "replication_buckets": ["arn:aws:s3:::copies"], "policy_read": True, **more}  # fmt: skip
    found = {"account_id": KEEPER, "arn": "arn:aws:s3:::copies", "name": "copies", "bucket_region": HERE, "versioning": "Enabled",
             "replication_accounts": [], "replication_buckets": [], "policy_read": True, "object_lock": "none"}  # fmt: skip
    return {"buckets": [source, *([found | target] if target is not None else [])]}


def job(**more: Any) -> Rows:
    return {
        "backup_copy_jobs": [
            {
                "source_arn": TABLE,
                "destination_vault_arn": VAULT,
                "state": "COMPLETED",
                "created_at": "2025-06-01T00:00:00",
                **more,
            }
        ]
    }


FILES = f"arn:aws:elasticfilesystem:{HERE}:{SHOP}:file-system/fs-1"
FILES_REPLICA = f"arn:aws:elasticfilesystem:{HERE}:{KEEPER}:file-system/fs-2"
POINT = f"arn:aws:backup:{HERE}:{KEEPER}:recovery-point:1"
SNAPSHOT = f"arn:aws:rds:{HERE}:{KEEPER}:snapshot:awsbackup:job-1"
IN_KEEPER = {"recovery_points": [point()]}
CASES = {
    "elsewhere, with the key of its vault": Case(IN_KEEPER, "survives", "elsewhere", "belongs to backup"),
    "within reach, but only to read": Case(IN_KEEPER, "survives", "elsewhere", held=READER),
    "within reach": Case(IN_KEEPER, "dies", "radius", "may call backup:DeleteRecoveryPoint", held=DELETER),
    "within reach under a condition": Case(IN_KEEPER, "unknown", "radius", "perhaps", held=Holding("conditional", may={"backup:*": "allow"})),
    "a condition on the deletion": Case(IN_KEEPER, "unknown", "radius", held=Holding(may={"backup:*": "conditional"})),
    "whether it is in reach is not known": Case(IN_KEEPER, "unknown", "radius", held=Holding("unknown", None, may={"backup:*": "unknown"})),
    # states
    "not finished": Case({"recovery_points": [point(status="PARTIAL")]}, "dies", "complete", "PARTIAL"),
    "being deleted": Case({"recovery_points": [point(status="DELETING")]}, "dies", "complete"),
    "of no known state": Case({"recovery_points": [point(status=None)]}, "unknown", "complete"),
    "available counts as complete": Case({"recovery_points": [point(status="AVAILABLE")]}, "survives", "elsewhere"),
    "a snapshot in the making": Case({"snapshots": [snapshot(KEEPER, status="creating")]}, "dies", "complete", store=DATABASE),
    # at home
    "in a vault of the same account": Case({"recovery_points": [point(account_id=SHOP, vault_arn=HOME_VAULT)]}, "dies", "own_account"),
    "in a compliance vault of the same account": Case(
        {"backup_vaults": [vault(SHOP, HOME_VAULT, SHOP_KEY, locked=True, lock_date="2024-01-01T00:00:00")], "recovery_points": [point(account_id=SHOP, vault_arn=HOME_VAULT)]},
        "dies", "own_account", replaces=("backup_vaults",)),
    "a snapshot at home": Case({"snapshots": [snapshot(SHOP)]}, "dies", "own_account", store=DATABASE),
    "in another Region of the same account": Case({"recovery_points": [point(account_id=SHOP, region="us-east-1", vault_arn=HOME_VAULT)]}, "dies", "own_account"),
    "shared, not copied": Case({"snapshots": [snapshot(SHOP, shared_with=[KEEPER])]}, "dies", "lent", f"lent to {KEEPER}", store=DATABASE),
    "point-in-time recovery": Case(
        {"dynamodb_tables": [{"arn": TABLE, "name": "carts", "point_in_time_recovery": True}]}, "dies", "own_account", "point-in-time", replaces=("dynamodb_tables",)),
    "backups of DynamoDB": Case({"dynamodb_tables": [{"arn": TABLE, "name": "carts", "backups": 3}]}, "dies", "own_account", replaces=("dynamodb_tables",)),
    "a global table": Case({"dynamodb_tables": [{"arn": TABLE, "name": "carts", "replica_regions": ["us-east-1"]}]}, "dies", "own_account", "replica", replaces=("dynamodb_tables",)),
    "retained automated backups": Case(
        {"automated_backups": [{"arn": f"arn:aws:rds:{HERE}:{SHOP}:auto-backup:ab-1", "source_arn": DATABASE, "status": "retained"}]}, "dies", "own_account", store=DATABASE),
    "a read replica": Case({"databases": [{"arn": f"{DATABASE}-replica", "name": "orders-replica", "type": "instance", "source_arn": DATABASE}]}, "dies", "own_account", store=DATABASE),
    # keys
    "the key of the source": Case({"recovery_points": [point(kms_key_arn=SHOP_KEY)]}, "dies", "key", SHOP_KEY),
    "a copied snapshot with the key of the source": Case(
        {"snapshots": [snapshot(KEEPER, encrypted=True, kms_key_arn=SHOP_KEY)]}, "dies", "key", store=DATABASE),
    "a copied snapshot with a key of its own": Case(
        {"snapshots": [snapshot(KEEPER, encrypted=True, kms_key_arn=KEEPER_KEY)]}, "survives", "elsewhere", store=DATABASE),
    "encrypted, and nobody says with what": Case({"snapshots": [snapshot(KEEPER, encrypted=True)]}, "unknown", "key", store=DATABASE),
    "a vault with the key of the source": Case(
        {"backup_vaults": [vault(KEEPER, VAULT, SHOP_KEY)], "recovery_points": [point()]}, "dies", "key", replaces=("backup_vaults",)),
    "an AWS-managed key of the source": Case(
        {"recovery_points": [point(kms_key_arn=f"arn:aws:kms:{HERE}:{SHOP}:alias/aws/rds")]}, "dies", "key"),
    "an AWS-managed key of the keeper": Case({"recovery_points": [point(kms_key_arn=f"arn:aws:kms:{HERE}:{KEEPER}:alias/aws/backup")]}, "survives", "elsewhere"),
    "a key of a third account": Case({"recovery_points": [point(kms_key_arn=OTHER_KEY)]}, "survives", "elsewhere"),
    "a key of a stranger": Case({"recovery_points": [point(kms_key_arn=f"arn:aws:kms:{HERE}:{OUTSIDER}:key/x")]}, "unknown", "key", "none of ours"),
    "a key of an account that was not read": Case(
        {"recovery_points": [point(kms_key_arn=OTHER_KEY)], "kms_keys": [key(SHOP_KEY)], "coverage": [gap("kms.list_keys", OTHER, "kms")]},
        "unknown", "key", "kms.describe_key of account 333333333333", replaces=("kms_keys",)),
    "a key that is going to be deleted": Case({"recovery_points": [point()], "kms_keys": [key(KEEPER_KEY, "PendingDeletion")]}, "dies", "key_state", "PendingDeletion", replaces=("kms_keys",)),
    "a disabled key": Case({"recovery_points": [point()], "kms_keys": [key(KEEPER_KEY, "Disabled")]}, "dies", "key_state", replaces=("kms_keys",)),
    "a key within reach": Case(IN_KEEPER, "dies", "radius", "kms:ScheduleKeyDeletion", held=KEY_DELETER),
    "a third account's key within reach": Case(
        {"recovery_points": [point(kms_key_arn=OTHER_KEY)]}, "dies", "radius", "kms:ScheduleKeyDeletion", pairs={(SHOP, OTHER): KEY_DELETER}),
    "an AWS-managed key cannot be deleted": Case(
        {"recovery_points": [point(kms_key_arn=KEEPER_KEY)], "kms_keys": [key(KEEPER_KEY, manager="AWS")]}, "survives", "elsewhere", held=KEY_DELETER, replaces=("kms_keys",)),
    # locks
    "compliance lock": Case(vaults(locked=True, lock_date="2024-01-01T00:00:00"), "survives", "elsewhere", "immutable", held=ADMINISTRATOR, replaces=("backup_vaults",)),
    "compliance lock within its grace time": Case(
        vaults(locked=True, lock_date="2025-06-04T00:00:00"), "dies", "radius", "DeleteBackupVaultLockConfiguration", held=ADMINISTRATOR, replaces=("backup_vaults",)),
    "governance lock": Case(vaults(locked=True), "dies", "radius", "DeleteBackupVaultLockConfiguration", held=DELETER, replaces=("backup_vaults",)),
    "governance lock they cannot remove": Case(vaults(locked=True), "survives", "elsewhere", held=MERE_DELETER, replaces=("backup_vaults",)),
    "whether it is locked is not known": Case(vaults(locked=None), "unknown", "radius", "backup.list_backup_vaults", held=DELETER, replaces=("backup_vaults",)),
    "a compliance lock does not help against the key of the source": Case(
        {"backup_vaults": [vault(KEEPER, VAULT, SHOP_KEY, locked=True, lock_date="2024-01-01T00:00:00")], "recovery_points": [point()]}, "dies", "key", replaces=("backup_vaults",)),
    # vault policies
    "a vault policy against those who cannot change it": Case(with_rows(IN_KEEPER, policy(VAULT, KEEPER, DENY_DELETION)), "survives", "elsewhere", held=DELETER),
    "a vault policy is nothing to an administrator": Case(with_rows(IN_KEEPER, policy(VAULT, KEEPER, DENY_DELETION)), "dies", "radius", held=ADMINISTRATOR),
    "a vault policy that denies others": Case(with_rows(IN_KEEPER, policy(VAULT, KEEPER, DENY_SOME)), "unknown", "radius", "policy", held=MERE_DELETER),
    "a vault policy that was not read": Case(
        vaults(policy_read=False), "unknown", "radius", held=MERE_DELETER, replaces=("backup_vaults",)),
    "a vault policy does not guard a snapshot of RDS": Case(
        with_rows({"recovery_points": [point(DATABASE, arn=f"arn:aws:rds:{HERE}:{KEEPER}:snapshot:awsbackup:job-1")]}, policy(VAULT, KEEPER, DENY_DELETION)),
        "dies", "radius", "rds:DeleteDBSnapshot", store=DATABASE, held=Holding(may={"rds:*": "allow"})),
    "a vault policy does not guard a snapshot of EBS": Case(
        with_rows({"recovery_points": [point(VOLUME, arn=f"arn:aws:ec2:{HERE}::snapshot/snap-1")]}, policy(VAULT, KEEPER, DENY_DELETION)),
        "dies", "radius", "ec2:DeleteSnapshot", store=VOLUME, held=Holding(may={"ec2:*": "allow"})),
    "a compliance lock holds a snapshot of RDS": Case(
        {"backup_vaults": [vault(KEEPER, VAULT, KEEPER_KEY, locked=True, lock_date="2024-01-01T00:00:00")],
         "recovery_points": [point(DATABASE, arn=f"arn:aws:rds:{HERE}:{KEEPER}:snapshot:awsbackup:job-1", kms_key_arn=KEEPER_KEY)]},
        "survives", "elsewhere", "immutable", store=DATABASE, held=ADMINISTRATOR, replaces=("backup_vaults",)),
    "the right to delete recovery points of AWS Backup is none to delete tables of another service": Case(
        IN_KEEPER, "survives", "elsewhere", held=Holding(may={"rds:*": "allow", "ec2:*": "allow"})),
    # air-gapped vaults
    "air-gapped and shared": Case(air_gapped(OTHER), "survives", "shared", OTHER),
    "air-gapped and shared with nobody": Case(air_gapped(), "unknown", "not_reachable", "nobody else reaches it"),
    "air-gapped and shared with oneself": Case(air_gapped(SHOP), "unknown", "not_reachable"),
    "air-gapped, shares not read": Case(with_rows(air_gapped(), {"coverage": [gap("ram.list_principals", SHOP, "ram")]}), "unknown", "not_reachable", "ram.list_principals"),
    "an air-gapped vault of the keeper": Case(air_gapped(account=KEEPER), "survives", "elsewhere", "immutable", held=ADMINISTRATOR),
    # what it is a copy of
    "the cluster by its immutable id": Case({"recovery_points": [point(CLUSTER.replace("ledger", "cluster-ABC"))]}, "survives", "elsewhere", store=CLUSTER),
    "a volume through its instance": Case({"recovery_points": [point(INSTANCE, arn=f"arn:aws:ec2:{HERE}::image/ami-1")]}, "survives", "elsewhere", store=VOLUME),
    "a copy of a shared snapshot": Case(
        {"snapshots": [snapshot(KEEPER, None, copied_from_arn=f"arn:aws:rds:{HERE}:{SHOP}:snapshot:gone", source_arn=DATABASE)]}, "survives", "elsewhere", store=DATABASE),
    "a child of a composite recovery point": Case(
        {"recovery_points": [point(parent_arn=f"arn:aws:backup:{HERE}:{KEEPER}:recovery-point:composite:1")]}, "dies", "radius", held=DELETER),
    # copies that were not seen
    "sent to a vault that was not read": Case(
        with_rows(job(), {"coverage": [gap("backup.list_recovery_points_by_backup_vault", KEEPER, "backup")]}), "unknown", "unseen", "backup.list_recovery_points_by_backup_vault of account 222222222222"),
    "sent to a vault of a stranger": Case(job(destination_vault_arn=VAULT.replace(KEEPER, OUTSIDER)), "unknown", "unseen", OUTSIDER),
    "in an account that is being closed": Case(
        {"recovery_points": [point()], "accounts": [{"account_id": SHOP, "name": "shop", "status": "ACTIVE"}, {"account_id": KEEPER, "name": "backup", "status": "SUSPENDED"}]},
        "dies", "closing", "90 days", replaces=("accounts",)),
    "in an account that is closed": Case(
        {"recovery_points": [point()], "accounts": [{"account_id": SHOP, "name": "shop", "status": "ACTIVE"}, {"account_id": KEEPER, "name": "backup", "status": "CLOSED"}]},
        "dies", "closing", "90 days", replaces=("accounts",)),
    # rights to one copy only
    "the right to delete this recovery point": Case(
        with_rows(IN_KEEPER, names_only("backup:DeleteRecoveryPoint", POINT)), "dies", "radius", "backup:DeleteRecoveryPoint", held=may("backup:DeleteRecoveryPoint", POINT)),
    "the right to delete another recovery point": Case(
        with_rows(IN_KEEPER, names_only("backup:DeleteRecoveryPoint", f"{POINT}7")), "survives", "elsewhere", held=may("backup:DeleteRecoveryPoint", f"{POINT}7")),
    "the right to delete recovery points that begin so": Case(
        with_rows(IN_KEEPER, names_only("backup:*", f"{POINT[:-1]}?")), "dies", "radius", held=may("backup:*", f"{POINT[:-1]}[0-9]")),
    "the right to delete all but this one": Case(
        with_rows(IN_KEEPER, names_only("backup:*", POINT, effect="Deny")), "survives", "elsewhere",
        held=Holding(may={f"backup:* {POINT}": "deny", "backup:*": "allow"})),
    "a service control policy names this one": Case(
        with_rows(IN_KEEPER, names_only("backup:*", POINT, OTHER, "scp", "Deny")), "survives", "elsewhere",
        held=Holding(administers=True, may={f"backup:* {POINT}": "deny", "backup:*": "allow"})),
    "the right to delete this snapshot": Case(
        with_rows({"recovery_points": [point(DATABASE, arn=SNAPSHOT)]}, names_only("rds:DeleteDBSnapshot", SNAPSHOT)),
        "dies", "radius", "rds:DeleteDBSnapshot", store=DATABASE, held=may("rds:DeleteDBSnapshot", SNAPSHOT)),
    "the right to delete some objects of the replica": Case(
        with_rows(replicating({}), names_only("s3:DeleteObjectVersion", "arn:aws:s3:::copies/2024/*")),
        "dies", "radius", "DeleteObjectVersion", store=BUCKET, held=may("s3:DeleteObjectVersion", "arn:aws:s3:::copies/2024/*"), replaces=("buckets",)),
    "the right to delete the snapshots of an image": Case(
        {"recovery_points": [point(INSTANCE, arn=f"arn:aws:ec2:{HERE}::image/ami-1")]}, "dies", "radius", "ec2:DeregisterImage", store=VOLUME,
        held=Holding(may={"ec2:DeregisterImage *:image/*": "allow", "ec2:DeleteSnapshot *:snapshot/*": "allow"})),
    "a backup of DynamoDB that AWS Backup made": Case(
        {"recovery_points": [point(arn=f"arn:aws:dynamodb:{HERE}:{KEEPER}:table/carts/backup/01", kms_key_arn=KEEPER_KEY)]}, "dies", "radius",
        "dynamodb:DeleteBackup", held=may("dynamodb:DeleteBackup", "*/backup/01")),
    # what binds administrators
    "a vault policy that nobody may change": Case(
        with_rows(IN_KEEPER, policy(VAULT, KEEPER, DENY_DELETION)), "survives", "elsewhere",
        held=Holding(administers=True, may={"backup:*BackupVaultAccessPolicy": "deny", "backup:*": "allow"})),
    "a vault policy against some, that nobody may change": Case(
        with_rows(IN_KEEPER, policy(VAULT, KEEPER, DENY_SOME)), "unknown", "radius", "policy",
        held=Holding(administers=True, may={"backup:*BackupVaultAccessPolicy": "deny", "backup:UpdateRecoveryPointLifecycle": "deny", "backup:*": "allow"})),
    "deletion denied to the whole account": Case(
        IN_KEEPER, "survives", "elsewhere",
        held=Holding(administers=True, may={"backup:*": "deny", "kms:*": "deny", "*": "allow"})),
    # keys, once more
    "its vault was not listed": Case({"recovery_points": [point()]}, "unknown", "key", f"backup.list_backup_vaults of account {KEEPER}", replaces=("backup_vaults",)),
    "a vault with a key that belongs to AWS": Case(
        {"backup_vaults": [vault(KEEPER, VAULT, None)], "recovery_points": [point()]}, "survives", "elsewhere", replaces=("backup_vaults",)),
    "said to be encrypted, and not with what": Case({"recovery_points": [point(DATABASE, arn=SNAPSHOT, encrypted=True)]}, "unknown", "key", store=DATABASE),
    "said not to be encrypted": Case({"recovery_points": [point(DATABASE, arn=SNAPSHOT, encrypted=False)]}, "survives", "elsewhere", store=DATABASE),
    "the key's policy within reach": Case(IN_KEEPER, "dies", "radius", "kms:PutKeyPolicy", held=may("kms:PutKeyPolicy", KEEPER_KEY)),
    "key material within reach that was not imported": Case(IN_KEEPER, "survives", "elsewhere", held=may("kms:DeleteImportedKeyMaterial", KEEPER_KEY)),
    "imported key material within reach": Case(
        {"recovery_points": [point()], "kms_keys": [key(KEEPER_KEY) | {"origin": "EXTERNAL"}]}, "dies", "radius", "kms:DeleteImportedKeyMaterial",
        held=may("kms:DeleteImportedKeyMaterial", KEEPER_KEY), replaces=("kms_keys",)),
    "immutable, its key within reach": Case(
        vaults(locked=True, lock_date="2024-01-01T00:00:00"), "survives", "elsewhere", "kms:ScheduleKeyDeletion, which has to be taken back",
        held=KEY_DELETER, replaces=("backup_vaults",)),
    "immutable, with imported material within reach": Case(
        with_rows(vaults(locked=True, lock_date="2024-01-01T00:00:00"), {"kms_keys": [key(KEEPER_KEY) | {"origin": "EXTERNAL"}]}),
        "unknown", "radius", "kms:DeleteImportedKeyMaterial", held=ADMINISTRATOR, replaces=("backup_vaults", "kms_keys")),
    "a replicated file system in another account": Case(
        {"file_systems": [{"arn": FILES, "name": "media", "type": "efs"}, {"account_id": KEEPER, "arn": FILES_REPLICA, "name": "media", "type": "efs"}],
         "file_system_replicas": [{"source_arn": FILES, "replica_arn": FILES_REPLICA, "status": "ENABLED"}]},
        "unknown", "radius", "follows its original", store=FILES),
    "a replicated file system within reach": Case(
        {"file_systems": [{"arn": FILES, "name": "media", "type": "efs"}, {"account_id": KEEPER, "arn": FILES_REPLICA, "name": "media", "type": "efs"}],
         "file_system_replicas": [{"source_arn": FILES, "replica_arn": FILES_REPLICA, "status": "ENABLED"}]},
        "dies", "radius", "elasticfilesystem:DeleteFileSystem", store=FILES, held=may("elasticfilesystem:DeleteFileSystem", FILES_REPLICA)),
    # replication
    "replicated": Case(replicating({}), "survives", "elsewhere", "Versions written since", store=BUCKET, replaces=("buckets",)),
    "replicated into a bucket that is not versioned": Case(replicating({"versioning": "Suspended"}), "dies", "complete", "not versioned", store=BUCKET, replaces=("buckets",)),
    "replicated in part": Case(
        replicating({}, replication_partial=["arn:aws:s3:::copies"]), "unknown", "complete", "by prefix or tag", store=BUCKET, replaces=("buckets",)),
    "replicated, versioning not read": Case(replicating({"versioning": None}), "unknown", "complete", store=BUCKET, replaces=("buckets",)),
    "replicated to a bucket that is not there": Case(replicating(None), "dies", "complete", "does not exist", store=BUCKET, replaces=("buckets",)),
    "replicated to an account that was not read": Case(
        with_rows(replicating(None), {"coverage": [gap("s3.list_buckets", KEEPER, "s3")]}), "unknown", "unseen", f"s3.list_buckets of account {KEEPER}", store=BUCKET, replaces=("buckets",)),
    "replicated to a stranger": Case(replicating(None, OUTSIDER), "unknown", "unseen", OUTSIDER, store=BUCKET, replaces=("buckets",)),
    "replicated within the account": Case(replicating({"account_id": SHOP}, SHOP), "dies", "own_account", store=BUCKET, replaces=("buckets",)),
    "replicated within reach": Case(replicating({}), "dies", "radius", "s3:DeleteObjectVersion", store=BUCKET, held=Holding(may={"s3:*": "allow"}), replaces=("buckets",)),
    "a delete marker is no deletion": Case(replicating({}), "survives", "elsewhere", store=BUCKET, held=Holding(may={"s3:DeleteObject": "allow"}), replaces=("buckets",)),
    "a lifecycle rule is one": Case(replicating({}), "dies", "radius", "s3:PutLifecycleConfiguration", store=BUCKET, held=Holding(may={"s3:PutLifecycle*": "allow"}), replaces=("buckets",)),
    "its bucket lets the source in": Case(with_rows(replicating({}), policy("arn:aws:s3:::copies", KEEPER, LENDS)), "dies", "radius", "policy of", store=BUCKET, replaces=("buckets",)),
    "its bucket lets the source in, but not to delete": Case(
        with_rows(replicating({}), policy("arn:aws:s3:::copies", KEEPER, LENDS_WITHOUT_DELETION)), "survives", "elsewhere", store=BUCKET, replaces=("buckets",)),
    "its bucket lets the source in over TLS only": Case(
        with_rows(replicating({}), policy("arn:aws:s3:::copies", KEEPER, LENDS_OVER_TLS)), "dies", "radius", "policy of", store=BUCKET, replaces=("buckets",)),
    "its bucket lets the source in, and denies some": Case(
        with_rows(replicating({}), policy("arn:aws:s3:::copies", KEEPER, LENDS_AND_DENIES_SOME)), "unknown", "radius", "policy of", store=BUCKET, replaces=("buckets",)),
    "its bucket lets a third account in that is within reach": Case(
        with_rows(replicating({}), policy("arn:aws:s3:::copies", KEEPER, lends_to(OTHERS_ROOT))),
        "dies", "radius", "policy of", store=BUCKET, pairs={(SHOP, OTHER): CLEANER}, replaces=("buckets",)),
    "its bucket lets somebody of a third account in": Case(
        with_rows(replicating({}), policy("arn:aws:s3:::copies", KEEPER, lends_to(OTHERS_ROLE))),
        "unknown", "radius", "policy of", store=BUCKET, pairs={(SHOP, OTHER): CLEANER}, replaces=("buckets",)),
    "its bucket lets a third account in whose role may not delete": Case(
        with_rows(replicating({}), policy("arn:aws:s3:::copies", KEEPER, lends_to(OTHERS_ROOT))),
        "survives", "elsewhere", store=BUCKET, pairs={(SHOP, OTHER): READER}, replaces=("buckets",)),
    "its bucket lets a third account in that is out of reach": Case(
        with_rows(replicating({}), policy("arn:aws:s3:::copies", KEEPER, lends_to(OTHERS_ROOT))), "survives", "elsewhere", store=BUCKET, replaces=("buckets",)),
    "its bucket's policy was not read": Case(replicating({"policy_read": False}), "unknown", "radius", "s3.get_bucket_policy", store=BUCKET, replaces=("buckets",)),
    "under object lock": Case(replicating({"object_lock": "COMPLIANCE"}), "survives", "elsewhere", store=BUCKET, held=ADMINISTRATOR, replaces=("buckets",)),
    "under object lock in governance mode": Case(replicating({"object_lock": "GOVERNANCE"}), "dies", "radius", store=BUCKET, held=ADMINISTRATOR, replaces=("buckets",)),
    "encrypted replicas": Case(replicating({}, kms_key_arn=SHOP_KEY), "unknown", "key", "KMS", store=BUCKET, replaces=("buckets",)),
    "replication was not read": Case(replicating({}, replication_buckets=None), "unknown", "unseen", "s3.get_bucket_replication", store=BUCKET, replaces=("buckets",)),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_fate_of_a_copy(case: Case) -> None:
    base = organization()
    for table in case.replaces:
        base[table] = []
    pairs = case.pairs | ({(SHOP, KEEPER): case.held} if case.held else {})
    found = fates(with_rows(base, case.rows), pairs, case.store)
    assert [(fate.fate, fate.cause) for _, fate in found] == [(case.fate, case.cause)], found
    assert case.says in found[0][1].why
    assert found[0][1].why.endswith(".")


def test_a_copy_that_dies_by_reach_says_how() -> None:
    ((_, fate),) = fates(with_rows(organization(), IN_KEEPER), {(SHOP, KEEPER): DELETER})
    assert fate.chain[0] == "role app of the shop assumes role restore of the keeper"
    assert "backup:DeleteRecoveryPoint" in fate.chain[1]


@pytest.mark.parametrize(
    ("receiver", "reason"), [(OUTSIDER, "not an account of this organization"), (OTHER, "access_denied")]
)
def test_whoever_a_snapshot_is_lent_to_may_have_copied_it_and_nothing_else(receiver: str, reason: str) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ShareSnapshot.html"""
    denied = {"coverage": [gap("rds.describe_db_snapshots", OTHER, "rds_snapshots")]}
    facts = {"tags": [], "snapshots": [snapshot(SHOP, shared_with=[receiver])]}
    rows = with_rows(organization(), facts, denied if receiver == OTHER else {})
    lent, copied = sorted((fate.fate, fate.cause) for _, fate in fates(rows, store=DATABASE))
    assert (lent, copied) == (("dies", "lent"), ("unknown", "unseen"))
    (why,) = [fate.why for _, fate in fates(rows, store=DATABASE) if fate.cause == "unseen"]
    assert f"rds.describe_db_snapshots of account {receiver} ({reason})" in why
    assert fates(rows, store=CLUSTER) == fates(rows, store=TABLE) == []
    if receiver == OUTSIDER:
        assert connected(rows).execute("SELECT count(*) FROM keeper_gaps").fetchone() == (0,)


def test_whoever_was_read_and_has_no_copy_leaves_nothing_open() -> None:
    rows = with_rows(organization(), {"snapshots": [snapshot(SHOP, shared_with=[KEEPER, "all"])]})
    assert [fate.cause for _, fate in fates(rows, store=DATABASE)] == ["lent"]


def test_a_policy_that_names_some_copies_is_asked_for_each_of_them() -> None:
    """And one that names none is asked once for all."""
    asked: list[str] = []

    class Counting(SaidRadius):
        def may(self, held: Any, action: str, resource: str) -> Answer:
            asked.append(f"{action} {resource}")
            return super().may(held, action, resource)

    points = {"recovery_points": [point(TABLE, number) for number in range(1, 6)]}
    for named, times in ((None, 1), (f"{POINT[:-1]}[12]", 3)):
        more = [names_only("backup:DeleteRecoveryPoint", POINT.replace(":1", f":{n}")) for n in (1, 2)] if named else []
        held = may("backup:DeleteRecoveryPoint", named or "nothing")
        rows = with_rows(organization(), points, *more)
        found = Recovery(connected(rows), Counting({(SHOP, KEEPER): held})).survivors(TABLE, SHOP)
        assert [fate.fate for _, fate in found].count("dies") == (2 if named else 0)
        assert len([one for one in asked if one.startswith("backup:DeleteRecoveryPoint")]) == times
        asked.clear()


def test_any_account_may_be_the_lost_one() -> None:
    rows = with_rows(organization(), IN_KEEPER)
    assert [fate.fate for _, fate in fates(rows, lost=KEEPER)] == ["dies"]
    assert [fate.fate for _, fate in fates(rows, lost=OTHER)] == ["survives"]
    assert [fate.fate for _, fate in fates(rows, {(OTHER, KEEPER): DELETER}, lost=OTHER)] == ["dies"]
    home = with_rows(organization(), {"snapshots": [snapshot(SHOP)]})
    assert [fate.fate for _, fate in fates(home, store=DATABASE, lost=OTHER)] == ["survives"]
    reached = {(OTHER, SHOP): Holding(may={"rds:DeleteDBSnapshot": "allow"})}
    assert [fate.fate for _, fate in fates(home, reached, DATABASE, OTHER)] == ["dies"]
