"""A locked vault with a policy and recovery points, an air-gapped vault, and a copy job."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.collect.fake import Refused

HERE = "arn:aws:backup:eu-west-1:111122223333"
MAIN = {
    "BackupVaultName": "main",
    "BackupVaultArn": f"{HERE}:backup-vault:main",
    "VaultType": "BACKUP_VAULT",
    "EncryptionKeyArn": "arn:aws:kms:eu-west-1:111122223333:key/k1",
    "NumberOfRecoveryPoints": 2,
    "Locked": True,
    "LockDate": datetime(2026, 1, 5, tzinfo=UTC),
    "MinRetentionDays": 7,
    "MaxRetentionDays": 365,
}
AIR_GAPPED = {
    "BackupVaultName": "gap",
    "BackupVaultArn": f"{HERE}:backup-vault:gap",
    "VaultType": "LOGICALLY_AIR_GAPPED_BACKUP_VAULT",
    "NumberOfRecoveryPoints": 0,
    "Locked": True,
}

ANSWERS: dict[str, Any] = {
    "backup.list_backup_vaults": [
        ({"ByVaultType": "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"}, {"BackupVaultList": [AIR_GAPPED]}),
        ({}, {"BackupVaultList": [MAIN]}),
    ],
    "backup.get_backup_vault_access_policy": [
        (
            {"BackupVaultName": "main"},
            {
                "Policy": '{"Statement":[{"Effect":"Deny","Principal":{"AWS":"*"},'
                '"Action":"backup:DeleteRecoveryPoint","Resource":"*",'
                '"Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}}]}'
            },
        ),
        ({}, Refused("ResourceNotFoundException")),
    ],
    "backup.list_recovery_points_by_backup_vault": [
        (
            {"BackupVaultName": "main"},
            {
                "RecoveryPoints": [
                    {
                        "RecoveryPointArn": "arn:aws:rds:eu-west-1:111122223333:snapshot:awsbackup:job-1",
                        "BackupVaultArn": f"{HERE}:backup-vault:main",
                        "SourceBackupVaultArn": "arn:aws:backup:eu-west-1:444455556666:backup-vault:their",
                        "ResourceArn": "arn:aws:rds:eu-west-1:444455556666:db:orders",
                        "ResourceType": "RDS",
                        "Status": "COMPLETED",
                        "CreationDate": datetime(2026, 1, 2, tzinfo=UTC),
                        "CompletionDate": datetime(2026, 1, 3, tzinfo=UTC),
                        "EncryptionKeyArn": "arn:aws:kms:eu-west-1:111122223333:key/k1",
                        "CalculatedLifecycle": {"DeleteAt": datetime(2026, 2, 2, tzinfo=UTC)},
                    },
                    {
                        "RecoveryPointArn": f"{HERE}:recovery-point:1",
                        "ResourceArn": "arn:aws:dynamodb:eu-west-1:111122223333:table/orders",
                        "Status": "PARTIAL",
                        "ParentRecoveryPointArn": f"{HERE}:recovery-point:0",
                    },
                ]
            },
        ),
        ({}, {"RecoveryPoints": []}),
    ],
    "backup.list_copy_jobs": {
        "CopyJobs": [
            {
                "CopyJobId": "job-9",
                "ResourceArn": "arn:aws:rds:eu-west-1:111122223333:db:orders",
                "SourceBackupVaultArn": f"{HERE}:backup-vault:main",
                "DestinationBackupVaultArn": "arn:aws:backup:us-east-1:444455556666:backup-vault:far",
                "State": "COMPLETED",
                "CreationDate": datetime(2026, 1, 3, tzinfo=UTC),
            }
        ]
    },
}
