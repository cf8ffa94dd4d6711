"""RDS, DynamoDB, S3 and AWS Backup: what AWS Config holds of where data lies and what copies there are.

Times that move without a change of the resource, such as the latest restorable one, are as old as the last item: they are left out.
"""

from __future__ import annotations

import json
from typing import Any

from scanner.aws.aggregator.held import Asked, Held, described, only
from scanner.aws.aggregator.spelling import NotHeld, configuration, respelt, supplement, tags
from scanner.collect.api import ReadError, Response

BUCKET, POINT, PLAN = "AWS::S3::Bucket", "AWS::Backup::RecoveryPoint", "AWS::Backup::BackupPlan"
SELECTION, VAULT, TABLE = "AWS::Backup::BackupSelection", "AWS::Backup::BackupVault", "AWS::DynamoDB::Table"
MOVING = ("LatestRestorableTime", "EarliestRestorableTime")


def _databases(key: str, *needs: str) -> Any:
    def answer(asked: Asked) -> Response:
        found = [described(item, *needs, tagged="TagList") for item in asked.items]
        return {key: [{name: value for name, value in one.items() if name not in MOVING} for one in found]}

    return answer


def _attributes(prefix: str) -> Any:
    """With whom a snapshot is shared."""

    def answer(asked: Asked) -> Response:
        found = respelt(supplement(only(asked), f"{prefix}Attributes"))
        attributes = found.get(f"{prefix}Attributes", found) if isinstance(found, dict) else found
        if not isinstance(attributes, list):
            raise NotHeld(f"AWS Config has {prefix}Attributes that are no list")
        return {f"{prefix}AttributesResult": {f"{prefix}Attributes": attributes}}

    return answer


# ---------------------------------------------------------------------- dynamodb


def _table(asked: Asked) -> Response:
    found = configuration(only(asked), "TableName", "TableArn", "TableStatus")
    encrypted = found.pop("Ssedescription", None) or found.pop("SSEDescription", None) or {}
    key = next((value for name, value in encrypted.items() if name.lower() == "kmsmasterkeyarn"), None)
    return {"Table": {**found, "SSEDescription": {"KMSMasterKeyArn": key}}}


def _recovery(asked: Asked) -> Response:
    found = respelt(supplement(only(asked), "ContinuousBackupsDescription"))
    recovery = found.get("PointInTimeRecoveryDescription") or {}
    if "PointInTimeRecoveryStatus" not in recovery:
        raise NotHeld("AWS Config does not have the status of point-in-time recovery")
    status = {"PointInTimeRecoveryStatus": recovery["PointInTimeRecoveryStatus"]}
    return {"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": status}}


# ---------------------------------------------------------------------- s3


def _buckets(asked: Asked) -> Response:
    found = [{"Name": configuration(item, "Name")["Name"], "BucketRegion": item["awsRegion"]} for item in asked.items]
    return {"Buckets": found}


def _versioning(asked: Asked) -> Response:
    status = respelt(supplement(only(asked), "BucketVersioningConfiguration")).get("Status")
    if status not in ("Off", "Enabled", "Suspended"):
        raise NotHeld("AWS Config does not have the status of versioning")
    return {} if status == "Off" else {"Status": status}


def _lock(asked: Asked) -> Response:
    found = respelt(supplement(only(asked), "ObjectLockConfiguration"))
    return {"ObjectLockConfiguration": found}


def _encryption(asked: Asked) -> Response:
    rules = respelt(supplement(only(asked), "ServerSideEncryptionConfiguration")).get("Rules")
    if rules is None:
        raise NotHeld("AWS Config does not have the rules of encryption")
    made = [rule.get("ApplyServerSideEncryptionByDefault") or {} for rule in rules]
    by_default = [
        {"SSEAlgorithm": one.get("SseAlgorithm"), "KMSMasterKeyID": one.get("KmsMasterKeyID")} for one in made
    ]
    return {
        "ServerSideEncryptionConfiguration": {
            "Rules": [{"ApplyServerSideEncryptionByDefault": one} for one in by_default]
        }
    }


def _public_access(asked: Asked) -> Response:
    return {"PublicAccessBlockConfiguration": respelt(supplement(only(asked), "PublicAccessBlockConfiguration"))}


def _bucket_policy(asked: Asked) -> Response:
    found = supplement(only(asked), "BucketPolicy")
    if not isinstance(found, dict) or "policyText" not in found:
        raise NotHeld("AWS Config does not have the text of the policy")
    if not found["policyText"]:
        raise ReadError("failed", "AWS Config says there is none", code="NoSuchBucketPolicy")
    text = found["policyText"]
    return {"Policy": text if isinstance(text, str) else json.dumps(text)}


def _of_bucket(answer: Any) -> Held:
    return Held((BUCKET,), answer, of="Bucket", everywhere=True)


# ---------------------------------------------------------------------- backup


def _vaults(asked: Asked) -> Response:
    if asked.params.get("ByVaultType"):
        raise NotHeld("AWS Config does not hold vaults of other types")
    found = [configuration(item, "BackupVaultArn", "BackupVaultName") for item in asked.items]
    names = ("BackupVaultArn", "BackupVaultName", "EncryptionKeyArn")
    return {"BackupVaultList": [{name: one.get(name) for name in names} for one in found]}


def _points(asked: Asked) -> Response:
    needs = ("RecoveryPointArn", "BackupVaultName", "ResourceArn", "Status", "CreationDate")
    found = [configuration(item, *needs) for item in asked.items]
    vault = asked.params["BackupVaultName"]
    return {"RecoveryPoints": [one for one in found if one["BackupVaultName"] == vault]}


def _plans(asked: Asked) -> Response:
    found = [configuration(item, "BackupPlanId", "BackupPlanArn", "BackupPlan") for item in asked.items]
    return {
        "BackupPlansList": [
            {
                "BackupPlanId": one["BackupPlanId"],
                "BackupPlanArn": one["BackupPlanArn"],
                "BackupPlanName": one["BackupPlan"].get("BackupPlanName"),
            }
            for one in found
        ]
    }


def _plan(asked: Asked) -> Response:
    plan = configuration(only(asked), "BackupPlan")["BackupPlan"]
    rules = plan.get("BackupPlanRule") or ()
    made = [{**rule, "TargetBackupVaultName": rule.get("TargetBackupVault")} for rule in rules]
    return {"BackupPlan": {"BackupPlanName": plan.get("BackupPlanName"), "Rules": made}}


def _selections(asked: Asked) -> Response:
    found = [configuration(item, "BackupPlanId", "SelectionId", "BackupSelection") for item in asked.items]
    return {
        "BackupSelectionsList": [
            {"SelectionId": one["SelectionId"], "SelectionName": one["BackupSelection"].get("SelectionName")}
            for one in found
            if one["BackupPlanId"] == asked.params["BackupPlanId"]
        ]
    }


def _selection(asked: Asked) -> Response:
    for item in asked.items:
        found = configuration(item, "SelectionId", "BackupSelection")
        if found["SelectionId"] == asked.params["SelectionId"]:
            chosen = found["BackupSelection"]
            # Conditions are not among what AWS Config documents: without resources they are what selects.
            if not chosen.get("Resources"):
                raise NotHeld("AWS Config does not have what the selection chooses by")
            return {"BackupSelection": chosen}
    raise NotHeld(f"AWS Config has no selection {asked.params['SelectionId']}")


def _rds(kind: str, answer: Any, of: str | None = None, partial: str | None = None) -> Held:
    return Held((f"AWS::RDS::{kind}",), answer, of=of, partial=partial)


AUTOMATIC = "AWS Config may not hold the snapshots that RDS makes by itself"


HELD = {
    "rds.describe_db_subnet_groups": _rds("DBSubnetGroup", _databases("DBSubnetGroups", "DBSubnetGroupName", "VpcId")),
    "rds.describe_db_instances": _rds(
        "DBInstance", _databases("DBInstances", "DBInstanceArn", "Engine", "VpcSecurityGroups", "BackupRetentionPeriod")
    ),
    "rds.describe_db_clusters": _rds(
        "DBCluster", _databases("DBClusters", "DBClusterArn", "Engine", "VpcSecurityGroups", "BackupRetentionPeriod")
    ),
    "rds.describe_db_snapshots": _rds(
        "DBSnapshot", _databases("DBSnapshots", "DBSnapshotArn", "SnapshotType"), partial=AUTOMATIC
    ),
    "rds.describe_db_snapshot_attributes": _rds("DBSnapshot", _attributes("DBSnapshot"), "DBSnapshotIdentifier"),
    "rds.describe_db_cluster_snapshots": _rds(
        "DBClusterSnapshot",
        _databases("DBClusterSnapshots", "DBClusterSnapshotArn", "SnapshotType"),
        partial=AUTOMATIC,
    ),
    "rds.describe_db_cluster_snapshot_attributes": _rds(
        "DBClusterSnapshot", _attributes("DBClusterSnapshot"), "DBClusterSnapshotIdentifier"
    ),
    "dynamodb.list_tables": Held(
        (TABLE,), lambda asked: {"TableNames": [configuration(one, "TableName")["TableName"] for one in asked.items]}
    ),
    "dynamodb.describe_table": Held((TABLE,), _table, of="TableName"),
    "dynamodb.describe_continuous_backups": Held((TABLE,), _recovery, of="TableName"),
    "dynamodb.list_tags_of_resource": Held((TABLE,), lambda asked: {"Tags": tags(only(asked))}, of="ResourceArn"),
    "s3.list_buckets": Held((BUCKET,), _buckets, everywhere=True),
    "s3.get_bucket_versioning": _of_bucket(_versioning),
    "s3.get_object_lock_configuration": _of_bucket(_lock),
    "s3.get_bucket_encryption": _of_bucket(_encryption),
    "s3.get_public_access_block": _of_bucket(_public_access),
    "s3.get_bucket_policy": _of_bucket(_bucket_policy),
    "s3.get_bucket_tagging": _of_bucket(lambda asked: {"TagSet": tags(only(asked))}),
    "backup.list_backup_vaults": Held(
        (VAULT,),
        _vaults,
        partial="AWS Config does not hold locks, the number of recovery points and vaults of other types",
    ),
    "backup.list_recovery_points_by_backup_vault": Held((POINT,), _points),
    "backup.list_backup_plans": Held((PLAN,), _plans),
    "backup.get_backup_plan": Held((PLAN,), _plan, of="BackupPlanId"),
    "backup.list_backup_selections": Held((SELECTION,), _selections),
    "backup.get_backup_selection": Held((SELECTION,), _selection),
}
