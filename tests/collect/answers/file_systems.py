"""EFS with a policy and a replica, and bare; FSx with a name and bare; backups of FSx."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

EFS = "arn:aws:elasticfilesystem:eu-west-1:111122223333:file-system"
FSX = "arn:aws:fsx:eu-west-1:111122223333"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/k1"


def efs(name: str, **more: Any) -> dict[str, Any]:
    return {
        "OwnerId": "111122223333",
        "CreationToken": name,
        "FileSystemId": name,
        "FileSystemArn": f"{EFS}/{name}",
        "CreationTime": datetime(2026, 1, 1, tzinfo=UTC),
        "LifeCycleState": "available",
        "NumberOfMountTargets": 1,
        "SizeInBytes": {"Value": 1},
        "PerformanceMode": "generalPurpose",
        "Tags": [],
        **more,
    }


ANSWERS: dict[str, Any] = {
    "efs.describe_file_systems": {
        "FileSystems": [
            efs(
                "fs-1", Name="media", Encrypted=True, KmsKeyId=KEY, Tags=[{"Key": "environment", "Value": "production"}]
            ),
            efs("fs-2"),
        ]
    },
    "efs.describe_file_system_policy": [
        (
            {"FileSystemId": "fs-1"},
            {
                "FileSystemId": "fs-1",
                "Policy": '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"444455556666"},'
                '"Action":"elasticfilesystem:ClientMount","Resource":"*",'
                '"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}]}',
            },
        ),
        ({}, {"FileSystemId": "fs-2"}),
    ],
    "efs.describe_replication_configurations": {
        "Replications": [
            {
                "SourceFileSystemId": "fs-1",
                "SourceFileSystemRegion": "eu-west-1",
                "SourceFileSystemArn": f"{EFS}/fs-1",
                "OriginalSourceFileSystemArn": f"{EFS}/fs-1",
                "CreationTime": datetime(2026, 1, 1, tzinfo=UTC),
                "Destinations": [
                    {
                        "Status": "ENABLED",
                        "FileSystemId": "fs-9",
                        "Region": "eu-central-1",
                        "OwnerId": "444455556666",
                        "LastReplicatedTimestamp": datetime(2026, 1, 2, tzinfo=UTC),
                    }
                ],
            }
        ]
    },
    "fsx.describe_file_systems": {
        "FileSystems": [
            {
                "FileSystemId": "fs-3",
                "ResourceARN": f"{FSX}:file-system/fs-3",
                "Lifecycle": "AVAILABLE",
                "KmsKeyId": KEY,
                "Tags": [{"Key": "Name", "Value": "shares"}],
            },
            {"FileSystemId": "fs-4"},
        ]
    },
    "fsx.describe_backups": {
        "Backups": [
            {
                "BackupId": "backup-1",
                "ResourceARN": f"{FSX}:backup/backup-1",
                "Lifecycle": "AVAILABLE",
                "Type": "AUTOMATIC",
                "CreationTime": datetime(2026, 1, 2, tzinfo=UTC),
                "FileSystem": {"FileSystemId": "fs-3", "ResourceARN": f"{FSX}:file-system/fs-3"},
                "KmsKeyId": KEY,
                "OwnerId": "111122223333",
            },
            {
                "BackupId": "backup-2",
                "Lifecycle": "CREATING",
                "Type": "USER_INITIATED",
                "CreationTime": datetime(2026, 1, 2, tzinfo=UTC),
                "FileSystem": {},
            },
        ]
    },
}
