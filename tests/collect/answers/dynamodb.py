"""A protected table with a policy, and a bare one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.collect.fake import Refused

HERE = "arn:aws:dynamodb:eu-west-1:111122223333"

ANSWERS: dict[str, Any] = {
    "dynamodb.list_tables": {"TableNames": ["orders", "scratch"]},
    "dynamodb.describe_table": [
        (
            {"TableName": "orders"},
            {
                "Table": {
                    "TableName": "orders",
                    "TableArn": f"{HERE}:table/orders",
                    "TableStatus": "ACTIVE",
                    "SSEDescription": {
                        "Status": "ENABLED",
                        "SSEType": "KMS",
                        "KMSMasterKeyArn": "arn:aws:kms:eu-west-1:111122223333:key/k1",
                    },
                    "Replicas": [{"RegionName": "us-east-1"}, {"RegionName": "eu-west-1"}],
                    "DeletionProtectionEnabled": True,
                    "LatestStreamArn": f"{HERE}:table/orders/stream/2026",
                }
            },
        ),
        ({}, {"Table": {"TableName": "scratch", "TableArn": f"{HERE}:table/scratch", "TableStatus": "ACTIVE"}}),
    ],
    "dynamodb.describe_continuous_backups": [
        (
            {"TableName": "orders"},
            {
                "ContinuousBackupsDescription": {
                    "ContinuousBackupsStatus": "ENABLED",
                    "PointInTimeRecoveryDescription": {
                        "PointInTimeRecoveryStatus": "ENABLED",
                        "LatestRestorableDateTime": datetime(2026, 1, 2, tzinfo=UTC),
                    },
                }
            },
        ),
        (
            {},
            {
                "ContinuousBackupsDescription": {
                    "ContinuousBackupsStatus": "ENABLED",
                    "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"},
                }
            },
        ),
    ],
    "dynamodb.list_backups": {
        "BackupSummaries": [
            {
                "TableName": "orders",
                "TableArn": f"{HERE}:table/orders",
                "BackupArn": f"{HERE}:table/orders/backup/1",
                "BackupStatus": "AVAILABLE",
                "BackupCreationDateTime": datetime(2026, 1, 1, tzinfo=UTC),
            },
            {
                "TableName": "orders",
                "BackupStatus": "AVAILABLE",
                "BackupCreationDateTime": datetime(2026, 1, 2, tzinfo=UTC),
            },
            {"TableName": "orders", "BackupStatus": "DELETED"},
        ]
    },
    "dynamodb.get_resource_policy": [
        (
            {"ResourceArn": f"{HERE}:table/orders"},
            {
                "Policy": '{"Statement":{"Effect":"Allow","Principal":{"AWS":"444455556666"},'
                '"Action":"dynamodb:GetItem","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}}'
            },
        ),
        ({}, Refused("PolicyNotFoundException")),
    ],
    "dynamodb.list_tags_of_resource": [
        ({"ResourceArn": f"{HERE}:table/orders"}, {"Tags": [{"Key": "team", "Value": "orders"}]}),
        ({}, {"Tags": []}),
    ],
}
