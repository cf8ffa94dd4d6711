"""An instance with replicas, a cluster, and automated backups."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

HERE = "arn:aws:rds:eu-west-1:111122223333"

ANSWERS: dict[str, Any] = {
    "rds.describe_db_subnet_groups": {
        "DBSubnetGroups": [
            {
                "DBSubnetGroupName": "data",
                "VpcId": "vpc-1",
                "Subnets": [{"SubnetIdentifier": "subnet-1"}, {"SubnetIdentifier": "subnet-2"}],
            }
        ]
    },
    "rds.describe_db_instances": {
        "DBInstances": [
            {
                "DBInstanceIdentifier": "orders",
                "DBInstanceArn": f"{HERE}:db:orders",
                "DbiResourceId": "db-ABC",
                "Engine": "postgres",
                "DBInstanceStatus": "available",
                "DBSubnetGroup": {"DBSubnetGroupName": "data", "VpcId": "vpc-1"},
                "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1", "Status": "active"}],
                "Endpoint": {"Address": "orders.x.eu-west-1.rds.amazonaws.com", "Port": 5432},
                "PubliclyAccessible": False,
                "StorageEncrypted": True,
                "KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/k1",
                "BackupRetentionPeriod": 7,
                "LatestRestorableTime": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
                "DeletionProtection": True,
                "MultiAZ": False,
                "TagList": [{"Key": "environment", "Value": "production"}],
            },
            {
                "DBInstanceIdentifier": "orders-replica",
                "DBInstanceArn": f"{HERE}:db:orders-replica",
                "ReadReplicaSourceDBInstanceIdentifier": "orders",
                "BackupRetentionPeriod": 0,
            },
            {
                "DBInstanceIdentifier": "orders-far",
                "DBInstanceArn": f"{HERE}:db:orders-far",
                "ReadReplicaSourceDBInstanceIdentifier": "arn:aws:rds:us-east-1:444455556666:db:far",
            },
        ]
    },
    "rds.describe_db_clusters": {
        "DBClusters": [
            {
                "DBClusterIdentifier": "ledger",
                "DBClusterArn": f"{HERE}:cluster:ledger",
                "DbClusterResourceId": "cluster-ABC",
                "Engine": "aurora-postgresql",
                "Status": "available",
                "DBSubnetGroup": "data",
                "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1", "Status": "active"}],
                "Endpoint": "ledger.cluster-x.eu-west-1.rds.amazonaws.com",
                "Port": 5432,
                "StorageEncrypted": True,
                "KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/k1",
                "BackupRetentionPeriod": 1,
                "LatestRestorableTime": datetime(2026, 1, 2, tzinfo=UTC),
                "DeletionProtection": False,
                "MultiAZ": True,
                "TagList": [{"Key": "environment", "Value": "staging"}],
            }
        ]
    },
    "rds.describe_db_instance_automated_backups": {
        "DBInstanceAutomatedBackups": [
            {
                "DBInstanceAutomatedBackupsArn": f"{HERE}:auto-backup:ab-1",
                "DBInstanceArn": f"{HERE}:db:orders",
                "Status": "active",
                "KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/k1",
                "RestoreWindow": {
                    "EarliestTime": datetime(2026, 1, 1, tzinfo=UTC),
                    "LatestTime": datetime(2026, 1, 2, tzinfo=UTC),
                },
            }
        ]
    },
    "rds.describe_db_cluster_automated_backups": {
        "DBClusterAutomatedBackups": [
            {
                "DBClusterAutomatedBackupsArn": f"{HERE}:cluster-auto-backup:ab-2",
                "DBClusterArn": f"{HERE}:cluster:gone",
                "Status": "retained",
                "RestoreWindow": {},
            }
        ]
    },
}
