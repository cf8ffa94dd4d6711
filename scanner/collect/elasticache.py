"""ElastiCache: node-based and serverless caches, and their snapshots. A cache that keeps snapshots is taken for a data store.

Nodes of one replication group are one cache. Its ARN: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticache.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.collect.api import Api, Call, moment
from scanner.collect.reading import ids
from scanner.policy import Row

SCOPE = "region"
CALLS = (
    Call("elasticache.describe_cache_clusters", ("databases",)),
    Call("elasticache.describe_cache_subnet_groups", ("databases",)),
    Call("elasticache.describe_serverless_caches", ("databases",)),
    Call("elasticache.describe_snapshots", ("service_snapshots",)),
    Call("elasticache.describe_serverless_cache_snapshots", ("service_snapshots",)),
)


def fetch(api: Api) -> Iterator[Row]:
    nodes = list(api.list("elasticache.describe_cache_clusters", "CacheClusters", ShowCacheNodeInfo=True))
    listed = api.list("elasticache.describe_cache_subnet_groups", "CacheSubnetGroups") if nodes else ()
    groups = {group["CacheSubnetGroupName"]: group for group in listed}
    seen: set[str] = set()
    for node in nodes:
        row = cache_row(node, groups, api.arn("elasticache", ""))
        if row["arn"] not in seen:
            seen.add(row["arn"])
            yield "databases", row
    for cache in api.list("elasticache.describe_serverless_caches", "ServerlessCaches"):
        yield "databases", serverless_row(cache)
    for snapshot in api.list("elasticache.describe_snapshots", "Snapshots"):
        yield "service_snapshots", snapshot_row(snapshot, api.arn("elasticache", ""), api.account_id)
    for snapshot in api.list("elasticache.describe_serverless_cache_snapshots", "ServerlessCacheSnapshots"):
        yield "service_snapshots", serverless_snapshot_row(snapshot, api.arn("elasticache", ""), api.account_id)


def cache_row(node: dict[str, Any], groups: dict[str, dict[str, Any]], here: str) -> dict[str, Any]:
    """Shape the cache that a node belongs to. Its nodes are alike in everything that counts."""
    group = groups.get(node.get("CacheSubnetGroupName") or "", {})
    endpoints = [one.get("Endpoint") or {} for one in node.get("CacheNodes") or ()]
    endpoint = node.get("ConfigurationEndpoint") or next(iter(endpoints), {})
    replicated = node.get("ReplicationGroupId")
    return {
        "arn": f"{here}replicationgroup:{replicated}" if replicated else f"{here}cluster:{node['CacheClusterId']}",
        "name": replicated or node["CacheClusterId"],
        "type": "cache",
        "engine": node.get("Engine"),
        "status": node.get("CacheClusterStatus"),
        "vpc_id": group.get("VpcId"),
        "subnet_group": node.get("CacheSubnetGroupName"),
        "subnet_ids": ids(group.get("Subnets"), "SubnetIdentifier") if group else None,
        "group_ids": ids(node.get("SecurityGroups"), "SecurityGroupId"),
        "endpoint": endpoint.get("Address"),
        "port": endpoint.get("Port"),
        "publicly_accessible": False,
        "encrypted": node.get("AtRestEncryptionEnabled"),
        "backup_retention_days": node.get("SnapshotRetentionLimit"),
    }


def serverless_row(cache: dict[str, Any]) -> dict[str, Any]:
    """Shape a serverless cache. It does not know its VPC, its subnets do; it is always encrypted."""
    endpoint = cache.get("Endpoint") or {}
    return {
        "arn": cache["ARN"],
        "name": cache.get("ServerlessCacheName"),
        "type": "cache",
        "engine": cache.get("Engine"),
        "status": cache.get("Status"),
        "subnet_ids": cache.get("SubnetIds") or None,
        "group_ids": cache.get("SecurityGroupIds") or [],
        "endpoint": endpoint.get("Address"),
        "port": endpoint.get("Port"),
        "publicly_accessible": False,
        "encrypted": True,
        "kms_key_arn": cache.get("KmsKeyId"),
        "backup_retention_days": cache.get("SnapshotRetentionLimit"),
    }


def snapshot_row(snapshot: dict[str, Any], here: str, owner: str) -> dict[str, Any]:
    replicated, cluster = snapshot.get("ReplicationGroupId"), snapshot.get("CacheClusterId")
    source = f"replicationgroup:{replicated}" if replicated else f"cluster:{cluster}" if cluster else None
    times = [moment(node.get("SnapshotCreateTime")) for node in snapshot.get("NodeSnapshots") or ()]
    return {
        "arn": snapshot.get("ARN") or f"{here}snapshot:{snapshot['SnapshotName']}",
        "name": snapshot.get("SnapshotName"),
        "source_arn": here + source if source else None,
        "status": snapshot.get("SnapshotStatus"),
        "kind": snapshot.get("SnapshotSource"),
        "created_at": max((time for time in times if time), default=None),
        **_common(snapshot, owner),
    }


def serverless_snapshot_row(snapshot: dict[str, Any], here: str, owner: str) -> dict[str, Any]:
    cache = (snapshot.get("ServerlessCacheConfiguration") or {}).get("ServerlessCacheName")
    return {
        "arn": snapshot["ARN"],
        "name": snapshot.get("ServerlessCacheSnapshotName"),
        "source_arn": f"{here}serverlesscache:{cache}" if cache else None,
        "status": snapshot.get("Status"),
        "kind": snapshot.get("SnapshotType"),
        "created_at": moment(snapshot.get("CreateTime")),
        **_common(snapshot, owner),
    }


def _common(snapshot: dict[str, Any], owner: str) -> dict[str, Any]:
    """Snapshots of caches cannot be shared; they are exported to a bucket instead."""
    key = snapshot.get("KmsKeyId")
    return {
        "type": "cache",
        "owner_id": owner,
        "encrypted": True if key else None,
        "kms_key_arn": key,
        "copied_from_arn": None,
        "shared_with": [],
    }
