"""RDS: instances and clusters (Aurora, DocumentDB and Neptune answer here too), subnet groups, automated backups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.collect.api import Api, Call, moment, tag_rows
from scanner.collect.reading import ids
from scanner.policy import Row

SCOPE = "region"
CALLS = (
    Call("rds.describe_db_subnet_groups", ("subnet_groups", "databases")),
    Call("rds.describe_db_instances", ("databases", "tags")),
    Call("rds.describe_db_clusters", ("databases", "tags")),
    Call("rds.describe_db_instance_automated_backups", ("automated_backups",)),
    Call("rds.describe_db_cluster_automated_backups", ("automated_backups",)),
)


def fetch(api: Api) -> Iterator[Row]:
    vpcs: dict[str, str | None] = {}
    for group in api.list("rds.describe_db_subnet_groups", "DBSubnetGroups"):
        vpcs[group["DBSubnetGroupName"]] = group.get("VpcId")
        yield from subnet_group_rows(group)
    for instance in api.list("rds.describe_db_instances", "DBInstances"):
        source = original(api, "db", instance.get("ReadReplicaSourceDBInstanceIdentifier"))
        source = source or original(api, "cluster", instance.get("ReadReplicaSourceDBClusterIdentifier"))
        yield "databases", instance_row(instance, source)
        yield from tag_rows(instance["DBInstanceArn"], instance.get("TagList"))
    for cluster in api.list("rds.describe_db_clusters", "DBClusters"):
        source = original(api, "cluster", cluster.get("ReplicationSourceIdentifier"))
        yield "databases", cluster_row(cluster, vpcs.get(cluster.get("DBSubnetGroup") or ""), source)
        yield from tag_rows(cluster["DBClusterArn"], cluster.get("TagList"))
    yield from _automated_backups(api)


def _automated_backups(api: Api) -> Iterator[Row]:
    for prefix in ("DBInstance", "DBCluster"):
        call = f"rds.describe_db_{prefix[2:].lower()}_automated_backups"
        for backup in api.list(call, f"{prefix}AutomatedBackups"):
            yield "automated_backups", automated_backup_row(backup, prefix)


def original(api: Api, kind: str, source: str | None) -> str | None:
    """Return the ARN of what a replica copies. AWS gives a name inside one account and Region, an ARN across."""
    if not source or source.startswith("arn:"):
        return source or None
    return api.arn("rds", f"{kind}:{source}")


def subnet_group_rows(group: dict[str, Any]) -> Iterator[Row]:
    for subnet in ids(group.get("Subnets"), "SubnetIdentifier"):
        row = {"name": group["DBSubnetGroupName"], "vpc_id": group.get("VpcId"), "subnet_id": subnet}
        yield "subnet_groups", row


def instance_row(instance: dict[str, Any], source_arn: str | None) -> dict[str, Any]:
    group, endpoint = instance.get("DBSubnetGroup") or {}, instance.get("Endpoint") or {}
    return {
        "arn": instance["DBInstanceArn"],
        "name": instance.get("DBInstanceIdentifier"),
        "type": "instance",
        "resource_id": instance.get("DbiResourceId"),
        "status": instance.get("DBInstanceStatus"),
        "cluster_name": instance.get("DBClusterIdentifier") or None,
        "source_arn": source_arn,
        "vpc_id": group.get("VpcId"),
        "subnet_group": group.get("DBSubnetGroupName"),
        "endpoint": endpoint.get("Address"),
        "port": endpoint.get("Port"),
        "publicly_accessible": instance.get("PubliclyAccessible"),
        **_common(instance),
    }


def cluster_row(cluster: dict[str, Any], vpc_id: str | None, source_arn: str | None) -> dict[str, Any]:
    """Shape a cluster. It does not know its VPC, its subnet group does; its instances are public or not."""
    return {
        "arn": cluster["DBClusterArn"],
        "name": cluster.get("DBClusterIdentifier"),
        "type": "cluster",
        "resource_id": cluster.get("DbClusterResourceId"),
        "status": cluster.get("Status"),
        "cluster_name": None,
        "source_arn": source_arn,
        "vpc_id": vpc_id,
        "subnet_group": cluster.get("DBSubnetGroup"),
        "endpoint": cluster.get("Endpoint"),
        "port": cluster.get("Port"),
        "publicly_accessible": None,
        **_common(cluster),
    }


def _common(database: dict[str, Any]) -> dict[str, Any]:
    return {
        "engine": database.get("Engine"),
        "group_ids": ids(database.get("VpcSecurityGroups"), "VpcSecurityGroupId"),
        "encrypted": database.get("StorageEncrypted"),
        "kms_key_arn": database.get("KmsKeyId"),
        "backup_retention_days": database.get("BackupRetentionPeriod"),
        "latest_restorable_at": moment(database.get("LatestRestorableTime")),
        "deletion_protection": database.get("DeletionProtection"),
        "multi_az": database.get("MultiAZ"),
    }


def automated_backup_row(backup: dict[str, Any], prefix: str) -> dict[str, Any]:
    """Shape an automated backup; `prefix` is DBInstance or DBCluster, which its members begin with."""
    window = backup.get("RestoreWindow") or {}
    return {
        "arn": backup.get(f"{prefix}AutomatedBackupsArn"),
        "source_arn": backup.get(f"{prefix}Arn"),
        "status": backup.get("Status"),
        "kms_key_arn": backup.get("KmsKeyId"),
        "restorable_from": moment(window.get("EarliestTime")),
        "restorable_to": moment(window.get("LatestTime")),
    }
