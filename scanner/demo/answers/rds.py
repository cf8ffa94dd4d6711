"""RDS: automated backups only where they are kept, identities that differ, copies of other accounts' snapshots.

moto takes an automated snapshot of every instance, lists an automated backup (without ARN) of every instance, also
with retention 0, gives all instances one DbiResourceId, calls received snapshots `manual`, and copies none of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from moto.rds.models import DBSnapshot, rds_backends

from scanner.demo.store import Store
from scanner.demo.wire import Call, Refusal

SERVICE = "rds"


def describe_db_instances(call: Call, store: Store) -> dict[str, Any]:
    answer = call.ask_moto()
    for instance in answer["DBInstances"]:
        instance["DbiResourceId"] = _resource_id(instance["DBInstanceArn"])
        instance.setdefault("PubliclyAccessible", False)
    return answer


def describe_db_snapshots(call: Call, store: Store) -> dict[str, Any]:
    answer = call.ask_moto()
    answer["DBSnapshots"] = [
        _as_seen(snapshot, call, store) for snapshot in answer["DBSnapshots"] if _is_kept(snapshot)
    ]
    return answer


def copy_db_snapshot(call: Call, store: Store) -> dict[str, Any]:
    """moto finds no snapshot of another account or Region, and forgets where a copy came from."""
    source, name = call.params["SourceDBSnapshotIdentifier"], call.params["TargetDBSnapshotIdentifier"]
    if not source.startswith("arn:"):
        source = f"{_stem(call)}:snapshot:{source}"
    region, owner, source_name = _parts(source)
    original = rds_backends[owner][region].database_snapshots.get(source_name)
    if original is None or not _may_restore(original, owner, call.account):
        raise Refusal("DBSnapshotNotFound", f"DBSnapshot {source} not found.", 404)
    backend = rds_backends[call.account][call.region]
    copy = DBSnapshot(
        backend,
        original.database,
        name,
        tags=call.params.get("Tags"),
        kms_key_id=call.params.get("KmsKeyId"),
        original_created_at=original.original_snapshot_create_time,
    )
    backend.database_snapshots[name] = copy
    store.snapshot_sources[copy.db_snapshot_arn] = source
    return {"DBSnapshot": {"DBSnapshotIdentifier": name, "DBSnapshotArn": copy.db_snapshot_arn, "Status": "available"}}


def describe_db_cluster_snapshots(call: Call, store: Store) -> dict[str, Any]:
    answer = call.ask_moto()
    for snapshot in answer["DBClusterSnapshots"]:
        if _owner(snapshot["DBClusterSnapshotArn"]) != call.account:
            snapshot["SnapshotType"] = "shared"
    return answer


def describe_db_instance_automated_backups(call: Call, store: Store) -> dict[str, Any]:
    instances = rds_backends[call.account][call.region].databases.values()
    backups = [_automated_backup(one, call) for one in _by_name(instances) if one.backup_retention_period]
    return {"DBInstanceAutomatedBackups": backups}


def describe_db_cluster_automated_backups(call: Call, store: Store) -> dict[str, Any]:
    clusters = rds_backends[call.account][call.region].clusters.values()
    ordered = sorted(clusters, key=lambda one: str(one.db_cluster_identifier))
    return {"DBClusterAutomatedBackups": [_automated_cluster_backup(cluster, call) for cluster in ordered]}


def _by_name(instances: Iterable[Any]) -> list[Any]:
    return sorted(instances, key=lambda one: str(one.db_instance_identifier))


def _automated_backup(instance: Any, call: Call) -> dict[str, Any]:
    created = instance.instance_create_time
    return {
        "DBInstanceArn": instance.db_instance_arn,
        "DBInstanceIdentifier": instance.db_instance_identifier,
        "DBInstanceAutomatedBackupsArn": f"{_stem(call)}:auto-backup:ab-{_digest(instance.db_instance_arn)}",
        "DbiResourceId": _resource_id(instance.db_instance_arn),
        "Region": call.region,
        "Status": "active",
        "Engine": instance.engine,
        "BackupRetentionPeriod": instance.backup_retention_period,
        "Encrypted": bool(instance.storage_encrypted),
        "KmsKeyId": instance.kms_key_id,
        "InstanceCreateTime": created,
        "RestoreWindow": {"EarliestTime": created, "LatestTime": created},
    }


def _automated_cluster_backup(cluster: Any, call: Call) -> dict[str, Any]:
    arn, created = cluster.db_cluster_arn, cluster.cluster_create_time
    return {
        "DBClusterArn": arn,
        "DBClusterIdentifier": cluster.db_cluster_identifier,
        "DBClusterAutomatedBackupsArn": f"{_stem(call)}:cluster-auto-backup:ab-{_digest(arn)}",
        "DbClusterResourceId": cluster.db_cluster_resource_id,
        "Region": call.region,
        "Status": "active",
        "Engine": cluster.engine,
        "BackupRetentionPeriod": cluster.backup_retention_period,
        "StorageEncrypted": bool(cluster.storage_encrypted),
        "ClusterCreateTime": created,
        "RestoreWindow": {"EarliestTime": created, "LatestTime": created},
    }


def _is_kept(snapshot: dict[str, Any]) -> bool:
    """An automated snapshot exists only while the retention is above zero."""
    if snapshot["SnapshotType"] != "automated":
        return True
    region, account, _ = _parts(snapshot["DBSnapshotArn"])
    instance = rds_backends[account][region].databases.get(snapshot["DBInstanceIdentifier"])
    return instance is None or bool(instance.backup_retention_period)


def _as_seen(snapshot: dict[str, Any], call: Call, store: Store) -> dict[str, Any]:
    """With the id of the instance it was first taken of, its source, and `shared` where another account owns it."""
    arn = snapshot["DBSnapshotArn"]
    region, owner, _ = _parts(store.snapshot_sources.get(arn, arn))
    instance = f"arn:aws:rds:{region}:{owner}:db:{snapshot['DBInstanceIdentifier']}"
    seen = {**snapshot, "DbiResourceId": _resource_id(instance)}
    if _owner(arn) != call.account:
        seen["SnapshotType"] = "shared"
    if arn in store.snapshot_sources:
        seen["SourceDBSnapshotIdentifier"] = store.snapshot_sources[arn]
        seen["SourceRegion"] = region
    return seen


def _may_restore(snapshot: DBSnapshot, owner: str, account: str) -> bool:
    shared_with = snapshot.attributes.get("restore", [])
    return owner == account or account in shared_with or "all" in shared_with


def _parts(snapshot_arn: str) -> tuple[str, str, str]:
    """(region, account, name) of the ARN of a snapshot."""
    _, _, _, region, account, _, name = snapshot_arn.split(":", 6)
    return region, account, name


def _stem(call: Call) -> str:
    return f"arn:aws:rds:{call.region}:{call.account}"


def _owner(arn: str) -> str:
    return arn.split(":")[4]


def _digest(arn: str) -> str:
    return hashlib.sha256(arn.encode()).hexdigest()[:26]


def _resource_id(instance_arn: str) -> str:
    return f"db-{_digest(instance_arn).upper()}"
