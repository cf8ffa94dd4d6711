"""A cluster in a VPC and a bare one; a shared snapshot, a bare one, and one of another owner."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

ANSWERS: dict[str, Any] = {
    "redshift.describe_cluster_subnet_groups": {
        "ClusterSubnetGroups": [
            {
                "ClusterSubnetGroupName": "private",
                "VpcId": "vpc-1",
                "Subnets": [{"SubnetIdentifier": "subnet-1"}, {"SubnetIdentifier": "subnet-2"}],
            }
        ]
    },
    "redshift.describe_clusters": {
        "Clusters": [
            {
                "ClusterIdentifier": "warehouse",
                "ClusterStatus": "available",
                "VpcId": "vpc-1",
                "ClusterSubnetGroupName": "private",
                "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1", "Status": "active"}],
                "Endpoint": {"Address": "warehouse.redshift", "Port": 5439},
                "PubliclyAccessible": False,
                "Encrypted": True,
                "KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/k1",
                "Tags": [{"Key": "environment", "Value": "production"}],
            },
            {"ClusterIdentifier": "bare"},
        ]
    },
    "redshift.describe_cluster_snapshots": {
        "Snapshots": [
            {
                "SnapshotIdentifier": "friday",
                "ClusterIdentifier": "warehouse",
                "SnapshotArn": "arn:aws:redshift:eu-west-1:111122223333:snapshot:warehouse/friday",
                "SnapshotType": "manual",
                "SnapshotCreateTime": datetime(2026, 1, 2, tzinfo=UTC),
                "Status": "available",
                "Encrypted": True,
                "KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/k1",
                "OwnerAccount": "111122223333",
                "AccountsWithRestoreAccess": [{"AccountId": "444455556666"}],
            },
            {"SnapshotIdentifier": "bare", "ClusterIdentifier": "warehouse"},
            {"SnapshotIdentifier": "theirs", "ClusterIdentifier": "other", "OwnerAccount": "444455556666"},
        ]
    },
}
