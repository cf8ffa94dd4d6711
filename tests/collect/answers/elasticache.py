"""A replication group of two nodes, a memcached cluster, a bare one; a serverless cache; snapshots of both."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

HERE = "arn:aws:elasticache:eu-west-1:111122223333"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/k1"


def node(name: str) -> dict[str, Any]:
    return {
        "CacheClusterId": name,
        "ReplicationGroupId": "sessions",
        "Engine": "valkey",
        "CacheClusterStatus": "available",
        "CacheSubnetGroupName": "private",
        "SecurityGroups": [{"SecurityGroupId": "sg-1", "Status": "active"}],
        "CacheNodes": [{"CacheNodeId": "0001", "Endpoint": {"Address": f"{name}.cache", "Port": 6379}}],
        "SnapshotRetentionLimit": 5,
        "AtRestEncryptionEnabled": True,
    }


ANSWERS: dict[str, Any] = {
    "elasticache.describe_cache_subnet_groups": {
        "CacheSubnetGroups": [
            {"CacheSubnetGroupName": "private", "VpcId": "vpc-1", "Subnets": [{"SubnetIdentifier": "subnet-1"}]}
        ]
    },
    "elasticache.describe_cache_clusters": {
        "CacheClusters": [
            node("sessions-001"),
            node("sessions-002"),
            {
                "CacheClusterId": "pages",
                "Engine": "memcached",
                "ConfigurationEndpoint": {"Address": "pages.cache", "Port": 11211},
                "SnapshotRetentionLimit": 0,
            },
            {"CacheClusterId": "bare"},
        ]
    },
    "elasticache.describe_serverless_caches": {
        "ServerlessCaches": [
            {
                "ServerlessCacheName": "quick",
                "ARN": f"{HERE}:serverlesscache:quick",
                "Engine": "redis",
                "Status": "available",
                "SubnetIds": ["subnet-1"],
                "SecurityGroupIds": ["sg-1"],
                "Endpoint": {"Address": "quick.cache", "Port": 6379},
                "KmsKeyId": KEY,
                "SnapshotRetentionLimit": 1,
            },
            {"ServerlessCacheName": "bare", "ARN": f"{HERE}:serverlesscache:bare"},
        ]
    },
    "elasticache.describe_snapshots": {
        "Snapshots": [
            {
                "SnapshotName": "nightly",
                "ARN": f"{HERE}:snapshot:nightly",
                "ReplicationGroupId": "sessions",
                "SnapshotStatus": "available",
                "SnapshotSource": "automated",
                "KmsKeyId": KEY,
                "NodeSnapshots": [
                    {"SnapshotCreateTime": datetime(2026, 1, 2, tzinfo=UTC)},
                    {"SnapshotCreateTime": datetime(2026, 1, 3, tzinfo=UTC)},
                ],
            },
            {"SnapshotName": "bare", "CacheClusterId": "bare"},
        ]
    },
    "elasticache.describe_serverless_cache_snapshots": {
        "ServerlessCacheSnapshots": [
            {
                "ServerlessCacheSnapshotName": "quick-1",
                "ARN": f"{HERE}:serverlesscachesnapshot:quick-1",
                "Status": "available",
                "SnapshotType": "manual",
                "CreateTime": datetime(2026, 1, 2, tzinfo=UTC),
                "KmsKeyId": KEY,
                "ServerlessCacheConfiguration": {"ServerlessCacheName": "quick"},
            }
        ]
    },
}
