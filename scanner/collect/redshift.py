"""Redshift: provisioned clusters and their snapshots, automated ones included.

DescribeClusterSnapshots lists those of deleted clusters too, and says itself whom each is shared with:
https://docs.aws.amazon.com/redshift/latest/APIReference/API_Snapshot.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.collect.api import Api, Call, moment, tag_rows
from scanner.collect.reading import ids
from scanner.policy import Row

SCOPE = "region"
CALLS = (
    Call("redshift.describe_clusters", ("databases", "tags")),
    Call("redshift.describe_cluster_subnet_groups", ("databases",)),
    Call("redshift.describe_cluster_snapshots", ("service_snapshots",)),
)


def fetch(api: Api) -> Iterator[Row]:
    clusters = list(api.list("redshift.describe_clusters", "Clusters"))
    groups = api.list("redshift.describe_cluster_subnet_groups", "ClusterSubnetGroups") if clusters else ()
    subnets = {group["ClusterSubnetGroupName"]: ids(group.get("Subnets"), "SubnetIdentifier") for group in groups}
    for cluster in clusters:
        arn = api.arn("redshift", f"cluster:{cluster['ClusterIdentifier']}")
        yield "databases", {"arn": arn, **cluster_row(cluster, subnets)}
        yield from tag_rows(arn, cluster.get("Tags"))
    for snapshot in api.list("redshift.describe_cluster_snapshots", "Snapshots"):
        if snapshot.get("OwnerAccount", api.account_id) == api.account_id:
            yield "service_snapshots", snapshot_row(snapshot, api.arn("redshift", ""), api.account_id)


def cluster_row(cluster: dict[str, Any], subnets: dict[str, list[str]]) -> dict[str, Any]:
    group, endpoint = cluster.get("ClusterSubnetGroupName"), cluster.get("Endpoint") or {}
    return {
        "name": cluster["ClusterIdentifier"],
        "type": "cluster",
        "engine": "redshift",
        "status": cluster.get("ClusterStatus"),
        "vpc_id": cluster.get("VpcId"),
        "subnet_group": group,
        "subnet_ids": subnets.get(group or ""),
        "group_ids": ids(cluster.get("VpcSecurityGroups"), "VpcSecurityGroupId"),
        "endpoint": endpoint.get("Address"),
        "port": endpoint.get("Port"),
        "publicly_accessible": cluster.get("PubliclyAccessible"),
        "encrypted": cluster.get("Encrypted"),
        "kms_key_arn": cluster.get("KmsKeyId"),
    }


def snapshot_row(snapshot: dict[str, Any], here: str, owner: str) -> dict[str, Any]:
    """Shape a snapshot. `here` is how ARNs of this account and Region begin."""
    name, cluster = snapshot["SnapshotIdentifier"], snapshot.get("ClusterIdentifier")
    return {
        "arn": snapshot.get("SnapshotArn") or f"{here}snapshot:{cluster}/{name}",
        "name": name,
        "type": "cluster",
        "source_arn": f"{here}cluster:{cluster}" if cluster else None,
        "owner_id": owner,
        "status": snapshot.get("Status"),
        "kind": snapshot.get("SnapshotType"),
        "created_at": moment(snapshot.get("SnapshotCreateTime")),
        "encrypted": snapshot.get("Encrypted"),
        "kms_key_arn": snapshot.get("KmsKeyId"),
        "copied_from_arn": None,
        "shared_with": ids(snapshot.get("AccountsWithRestoreAccess"), "AccountId"),
    }
