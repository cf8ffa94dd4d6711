"""MemoryDB: clusters and their snapshots, which cannot be shared but exported to a bucket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.collect.api import Api, Call, moment
from scanner.collect.reading import ids
from scanner.policy import Row

SCOPE = "region"
CALLS = (
    Call("memorydb.describe_clusters", ("databases",)),
    Call("memorydb.describe_subnet_groups", ("databases",)),
    Call("memorydb.describe_snapshots", ("service_snapshots",)),
)


def fetch(api: Api) -> Iterator[Row]:
    clusters = list(api.list("memorydb.describe_clusters", "Clusters"))
    listed = api.list("memorydb.describe_subnet_groups", "SubnetGroups") if clusters else ()
    groups = {group["Name"]: group for group in listed}
    for cluster in clusters:
        yield "databases", cluster_row(cluster, groups.get(cluster.get("SubnetGroupName") or "", {}))
    for snapshot in api.list("memorydb.describe_snapshots", "Snapshots", ShowDetail=True):
        yield "service_snapshots", snapshot_row(snapshot, api.arn("memorydb", ""), api.account_id)


def cluster_row(cluster: dict[str, Any], group: dict[str, Any]) -> dict[str, Any]:
    """Shape a cluster; an empty group is one that was not read. MemoryDB encrypts always."""
    endpoint = cluster.get("ClusterEndpoint") or {}
    return {
        "arn": cluster["ARN"],
        "name": cluster.get("Name"),
        "type": "cluster",
        "engine": cluster.get("Engine", "redis"),
        "status": cluster.get("Status"),
        "vpc_id": group.get("VpcId"),
        "subnet_group": cluster.get("SubnetGroupName"),
        "subnet_ids": ids(group.get("Subnets"), "Identifier") if group else None,
        "group_ids": ids(cluster.get("SecurityGroups"), "SecurityGroupId"),
        "endpoint": endpoint.get("Address"),
        "port": endpoint.get("Port"),
        "publicly_accessible": False,
        "encrypted": True,
        "kms_key_arn": cluster.get("KmsKeyId"),
    }


def snapshot_row(snapshot: dict[str, Any], here: str, owner: str) -> dict[str, Any]:
    """Shape a snapshot, with the time of its youngest shard."""
    taken_of = snapshot.get("ClusterConfiguration") or {}
    times = [moment(shard.get("SnapshotCreationTime")) for shard in taken_of.get("Shards") or ()]
    return {
        "arn": snapshot["ARN"],
        "name": snapshot.get("Name"),
        "type": "cluster",
        "source_arn": f"{here}cluster/{taken_of['Name']}" if taken_of.get("Name") else None,
        "owner_id": owner,
        "status": snapshot.get("Status"),
        "kind": snapshot.get("Source"),
        "created_at": max((time for time in times if time), default=None),
        "encrypted": True,
        "kms_key_arn": snapshot.get("KmsKeyId"),
        "copied_from_arn": None,
        "shared_with": [],
    }
