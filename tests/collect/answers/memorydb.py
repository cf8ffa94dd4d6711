"""A cluster and a bare one; a snapshot of two shards and a bare one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

HERE = "arn:aws:memorydb:eu-west-1:111122223333"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/k1"

ANSWERS: dict[str, Any] = {
    "memorydb.describe_subnet_groups": {
        "SubnetGroups": [{"Name": "private", "VpcId": "vpc-1", "Subnets": [{"Identifier": "subnet-1"}]}]
    },
    "memorydb.describe_clusters": {
        "Clusters": [
            {
                "Name": "carts",
                "ARN": f"{HERE}:cluster/carts",
                "Status": "available",
                "Engine": "valkey",
                "SubnetGroupName": "private",
                "SecurityGroups": [{"SecurityGroupId": "sg-1"}],
                "ClusterEndpoint": {"Address": "carts.memorydb", "Port": 6379},
                "KmsKeyId": KEY,
            },
            {"Name": "bare", "ARN": f"{HERE}:cluster/bare"},
        ]
    },
    "memorydb.describe_snapshots": {
        "Snapshots": [
            {
                "Name": "nightly",
                "ARN": f"{HERE}:snapshot/nightly",
                "Status": "available",
                "Source": "automated",
                "KmsKeyId": KEY,
                "ClusterConfiguration": {
                    "Name": "carts",
                    "Shards": [
                        {"SnapshotCreationTime": datetime(2026, 1, 2, tzinfo=UTC)},
                        {"SnapshotCreationTime": datetime(2026, 1, 3, tzinfo=UTC)},
                    ],
                },
            },
            {"Name": "bare", "ARN": f"{HERE}:snapshot/bare"},
        ]
    },
}
