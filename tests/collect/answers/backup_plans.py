"""A plan that copies to another account, and two ways to select."""

from __future__ import annotations

from typing import Any

FAR = "arn:aws:backup:us-east-1:444455556666:backup-vault:far"

ANSWERS: dict[str, Any] = {
    "backup.list_backup_plans": {
        "BackupPlansList": [
            {
                "BackupPlanId": "plan-1",
                "BackupPlanArn": "arn:aws:backup:eu-west-1:111122223333:backup-plan:plan-1",
                "BackupPlanName": "daily",
            }
        ]
    },
    "backup.get_backup_plan": {
        "BackupPlan": {
            "BackupPlanName": "daily",
            "Rules": [
                {
                    "RuleName": "night",
                    "TargetBackupVaultName": "main",
                    "ScheduleExpression": "cron(0 5 * * ? *)",
                    "CopyActions": [{"DestinationBackupVaultArn": FAR}],
                },
                {"RuleName": "weekly", "TargetBackupVaultName": "main"},
            ],
        }
    },
    "backup.list_backup_selections": {
        "BackupSelectionsList": [{"SelectionId": "sel-1", "SelectionName": "tagged", "BackupPlanId": "plan-1"}]
    },
    "backup.get_backup_selection": {
        "BackupSelection": {
            "SelectionName": "tagged",
            "IamRoleArn": "arn:aws:iam::111122223333:role/backup",
            "Resources": ["arn:aws:rds:*:*:db:*"],
            "NotResources": ["arn:aws:rds:*:*:db:scratch"],
            "ListOfTags": [{"ConditionType": "STRINGEQUALS", "ConditionKey": "backup", "ConditionValue": "daily"}],
            "Conditions": {
                "StringEquals": [{"ConditionKey": "aws:ResourceTag/environment", "ConditionValue": "production"}],
                "StringNotLike": [{"ConditionKey": "aws:ResourceTag/team", "ConditionValue": "lab*"}],
            },
        }
    },
}
