"""File systems of EFS and FSx: their keys, policies, replicas, and the backups that FSx itself keeps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner import policy
from scanner.collect.api import Api, Call, Unread, moment, tag_rows
from scanner.collect.reading import known
from scanner.policy import Row

SCOPE = "region"
CALLS = (
    Call("efs.describe_file_systems", ("file_systems", "tags"), "elasticfilesystem:DescribeFileSystems"),
    Call(
        "efs.describe_file_system_policy",
        ("file_systems", "policy_documents", "policy_statements"),
        "elasticfilesystem:DescribeFileSystemPolicy",
    ),
    Call(
        "efs.describe_replication_configurations",
        ("file_system_replicas",),
        "elasticfilesystem:DescribeReplicationConfigurations",
    ),
    Call("fsx.describe_file_systems", ("file_systems", "tags")),
    Call("fsx.describe_backups", ("service_snapshots",)),
)


def fetch(api: Api) -> Iterator[Row]:
    some = False
    for system in api.list("efs.describe_file_systems", "FileSystems"):
        some = True
        yield from _efs(api, system)
    if some:
        absent = ("ReplicationNotFound",)
        for replication in api.list("efs.describe_replication_configurations", "Replications", absent=absent):
            yield from replica_rows(replication, api.place.partition)
    for system in api.list("fsx.describe_file_systems", "FileSystems"):
        arn = system.get("ResourceARN") or api.arn("fsx", f"file-system/{system['FileSystemId']}")
        yield "file_systems", fsx_row(system, arn)
        yield from tag_rows(arn, system.get("Tags"))
    for backup in api.list("fsx.describe_backups", "Backups"):
        yield "service_snapshots", backup_row(backup, api.account_id)


def _efs(api: Api, system: dict[str, Any]) -> Iterator[Row]:
    arn = system.get("FileSystemArn") or api.arn("elasticfilesystem", f"file-system/{system['FileSystemId']}")
    answer = api.get("efs.describe_file_system_policy", absent=("PolicyNotFound",), FileSystemId=system["FileSystemId"])
    yield "file_systems", {**efs_row(system, arn), "policy_read": not isinstance(answer, Unread)}
    yield from tag_rows(arn, system.get("Tags"))
    document = (known(answer) or {}).get("Policy")
    if document:
        yield from policy.rows(arn, "resource", "", document)


def efs_row(system: dict[str, Any], arn: str) -> dict[str, Any]:
    return {
        "arn": arn,
        "name": system.get("Name") or system["FileSystemId"],
        "file_system_id": system["FileSystemId"],
        "type": "efs",
        "status": system.get("LifeCycleState"),
        "encrypted": system.get("Encrypted"),
        "kms_key_arn": system.get("KmsKeyId"),
        "policy_read": None,
    }


def replica_rows(replication: dict[str, Any], partition: str) -> Iterator[Row]:
    for one in replication.get("Destinations") or ():
        owner, region = one.get("OwnerId") or replication.get("SourceFileSystemOwnerId"), one.get("Region")
        arn = f"arn:{partition}:elasticfilesystem:{region}:{owner}:file-system/{one.get('FileSystemId')}"
        row = {
            "source_arn": replication.get("SourceFileSystemArn"),
            "replica_arn": arn,
            "status": one.get("Status"),
            "replicated_at": moment(one.get("LastReplicatedTimestamp")),
        }
        yield "file_system_replicas", row


def fsx_row(system: dict[str, Any], arn: str) -> dict[str, Any]:
    """Shape a file system of FSx, whatever its kind; they have no policies and are always encrypted."""
    name = next((row["value"] for _, row in tag_rows(arn, system.get("Tags")) if row["key"] == "Name"), None)
    return {
        "arn": arn,
        "name": name or system["FileSystemId"],
        "file_system_id": system["FileSystemId"],
        "type": "fsx",
        "status": system.get("Lifecycle"),
        "encrypted": True,
        "kms_key_arn": system.get("KmsKeyId"),
        "policy_read": None,
    }


def backup_row(backup: dict[str, Any], owner: str) -> dict[str, Any]:
    """Shape a backup of a file system or of a volume of one; those that AWS Backup made are listed by its vaults too."""
    source = backup.get("FileSystem") or {}
    return {
        "arn": backup.get("ResourceARN"),
        "name": backup.get("BackupId"),
        "type": "file_system",
        "source_arn": source.get("ResourceARN"),
        "owner_id": backup.get("OwnerId") or owner,
        "status": str(backup.get("Lifecycle", "")).lower() or None,
        "kind": {"USER_INITIATED": "manual", "AUTOMATIC": "automated", "AWS_BACKUP": "awsbackup"}.get(
            backup.get("Type", "")
        ),
        "created_at": moment(backup.get("CreationTime")),
        "encrypted": True,
        "kms_key_arn": backup.get("KmsKeyId"),
        "copied_from_arn": backup.get("SourceBackupId"),
        "shared_with": [],
    }
