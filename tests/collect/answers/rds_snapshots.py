"""Manual, automated and AWS Backup's snapshots; one copied from another account; one that others share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

HERE = "arn:aws:rds:eu-west-1:111122223333"
FAR = "arn:aws:rds:us-east-1:444455556666"

ANSWERS: dict[str, Any] = {
    "rds.describe_db_snapshots": {
        "DBSnapshots": [
            {
                "DBSnapshotIdentifier": "orders-1",
                "DBSnapshotArn": f"{HERE}:snapshot:orders-1",
                "DBInstanceIdentifier": "orders",
                "SnapshotType": "manual",
                "Status": "available",
                "SnapshotCreateTime": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
                "Encrypted": True,
                "KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/k1",
                "TagList": [{"Key": "team", "Value": "orders"}],
            },
            {
                "DBSnapshotIdentifier": "copy",
                "DBSnapshotArn": f"{HERE}:snapshot:copy",
                "DBInstanceIdentifier": "far",
                "SnapshotType": "manual",
                "SourceDBSnapshotIdentifier": f"{FAR}:snapshot:far-1",
            },
            {
                "DBSnapshotIdentifier": "rds:orders-2026-01-01",
                "DBSnapshotArn": f"{HERE}:snapshot:rds:orders-2026-01-01",
                "DBInstanceIdentifier": "orders",
                "SnapshotType": "automated",
            },
            {
                "DBSnapshotIdentifier": "awsbackup:job-1",
                "DBSnapshotArn": f"{HERE}:snapshot:awsbackup:job-1",
                "DBInstanceIdentifier": "orders",
                "SnapshotType": "awsbackup",
            },
            {
                "DBSnapshotIdentifier": f"{FAR}:snapshot:theirs",
                "DBSnapshotArn": f"{FAR}:snapshot:theirs",
                "SnapshotType": "shared",
            },
        ]
    },
    "rds.describe_db_snapshot_attributes": [
        (
            {"DBSnapshotIdentifier": "orders-1"},
            {
                "DBSnapshotAttributesResult": {
                    "DBSnapshotIdentifier": "orders-1",
                    "DBSnapshotAttributes": [
                        {"AttributeName": "restore", "AttributeValues": ["all", "444455556666"]},
                        {"AttributeName": "other", "AttributeValues": ["777788889999"]},
                    ],
                }
            },
        ),
        (
            {"DBSnapshotIdentifier": "copy"},
            {"DBSnapshotAttributesResult": {"DBSnapshotAttributes": [{"AttributeName": "restore"}]}},
        ),
    ],
    "rds.describe_db_cluster_snapshots": {
        "DBClusterSnapshots": [
            {
                "DBClusterSnapshotIdentifier": "ledger-1",
                "DBClusterSnapshotArn": f"{HERE}:cluster-snapshot:ledger-1",
                "DBClusterIdentifier": "ledger",
                "SnapshotType": "manual",
                "Status": "available",
                "StorageEncrypted": False,
                "SnapshotCreateTime": datetime(2026, 1, 2, tzinfo=UTC),
                "SourceDBClusterSnapshotArn": "",
                "TagList": [{"Key": "team", "Value": "ledger"}],
            }
        ]
    },
    "rds.describe_db_cluster_snapshot_attributes": {
        "DBClusterSnapshotAttributesResult": {
            "DBClusterSnapshotIdentifier": "ledger-1",
            "DBClusterSnapshotAttributes": [{"AttributeName": "restore", "AttributeValues": ["222233334444"]}],
        }
    },
}
