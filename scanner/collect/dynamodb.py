"""DynamoDB: tables, what they can be restored from, and who may use them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from scanner import policy
from scanner.collect.api import Api, Call, Unread, moment, tag_rows
from scanner.collect.reading import known, whole
from scanner.policy import Row

SCOPE = "region"
CALLS = (
    Call("dynamodb.list_tables", ("dynamodb_tables",)),
    Call("dynamodb.list_backups", ("dynamodb_tables",)),
    Call("dynamodb.describe_table", ("dynamodb_tables",)),
    Call("dynamodb.describe_continuous_backups", ("dynamodb_tables",)),
    Call("dynamodb.get_resource_policy", ("dynamodb_tables", "policy_documents", "policy_statements")),
    Call("dynamodb.list_tags_of_resource", ("tags",)),
)


def fetch(api: Api) -> Iterator[Row]:
    names = list(api.list("dynamodb.list_tables", "TableNames"))
    backups = backups_by_table(whole(api, "dynamodb.list_backups", "BackupSummaries")) if names else None
    for name in names:
        yield from _table(api, name, backups)


def _table(api: Api, name: str, backups: dict[str, list[dict[str, Any]]] | None) -> Iterator[Row]:
    table = (known(api.get("dynamodb.describe_table", TableName=name)) or {}).get("Table") or {}
    arn = table.get("TableArn") or api.arn("dynamodb", f"table/{name}")
    answer = api.get("dynamodb.get_resource_policy", absent=("PolicyNotFoundException",), ResourceArn=arn)
    yield (
        "dynamodb_tables",
        {
            "arn": arn,
            "name": name,
            "policy_read": not isinstance(answer, Unread),
            **table_columns(table, api.region),
            **backup_columns(None if backups is None else backups.get(name, [])),
            **recovery_columns(known(api.get("dynamodb.describe_continuous_backups", TableName=name))),
        },
    )
    document = (known(answer) or {}).get("Policy")
    if document:
        yield from policy.rows(arn, "resource", "", document)
    for tag in api.list("dynamodb.list_tags_of_resource", "Tags", ResourceArn=arn):
        yield from tag_rows(arn, [tag])


def backups_by_table(backups: list[dict[str, Any]] | None) -> dict[str, list[dict[str, Any]]] | None:
    """Group on-demand backups by table; None stays None."""
    if backups is None:
        return None
    grouped = defaultdict(list)
    for backup in backups:
        if backup.get("BackupStatus", "AVAILABLE") == "AVAILABLE":
            grouped[backup["TableName"]].append(backup)
    return grouped


def table_columns(table: Mapping[str, Any], region: str) -> dict[str, Any]:
    """Shape what describe_table says; an empty mapping, when it was not read, gives None throughout."""
    replicas = [replica["RegionName"] for replica in table.get("Replicas") or () if replica.get("RegionName")]
    return {
        "status": table.get("TableStatus"),
        "kms_key_arn": (table.get("SSEDescription") or {}).get("KMSMasterKeyArn"),
        "replica_regions": sorted({*replicas} - {region}) if table else None,
        # AWS leaves the member out of answers for tables made before the feature came.
        "deletion_protection": bool(table.get("DeletionProtectionEnabled", False)) if table else None,
        "stream_arn": table.get("LatestStreamArn"),
    }


def backup_columns(backups: list[dict[str, Any]] | None) -> dict[str, Any]:
    if backups is None:
        return {"backups": None, "newest_backup_at": None}
    times = [at for at in (moment(backup.get("BackupCreationDateTime")) for backup in backups) if at]
    return {"backups": len(backups), "newest_backup_at": max(times, default=None)}


def recovery_columns(answer: Mapping[str, Any] | None) -> dict[str, Any]:
    if answer is None:
        return {"point_in_time_recovery": None, "latest_restorable_at": None}
    described = answer.get("ContinuousBackupsDescription") or {}
    recovery = described.get("PointInTimeRecoveryDescription") or {}
    return {
        "point_in_time_recovery": recovery.get("PointInTimeRecoveryStatus") == "ENABLED",
        "latest_restorable_at": moment(recovery.get("LatestRestorableDateTime")),
    }
