"""What a vault holds, and whether its policy keeps it. AWS Backup says COMPLETED of some recovery points and AVAILABLE of others.

https://docs.aws.amazon.com/aws-backup/latest/devguide/API_RecoveryPointByBackupVault.html
"""

from __future__ import annotations

from typing import Any

import pytest

from scanner import policy
from tests.rule.test_suspicions import A, organization, tag, view

VAULT, DATABASE = f"arn:aws:backup:eu-west-1:{A}:backup-vault:v", f"arn:aws:rds:eu-west-1:{A}:db:orders"


@pytest.mark.parametrize(
    ("status", "holds"), [("COMPLETED", True), ("AVAILABLE", True), ("EXPIRED", False), ("PARTIAL", False)]
)
def test_a_vault_with_copies_that_can_be_restored_holds_production(status: str, holds: bool) -> None:
    at = {"account_id": A, "region": "eu-west-1"}
    point = {"arn": f"arn:aws:backup:eu-west-1:{A}:recovery-point:p", "vault_arn": VAULT, "source_arn": DATABASE}
    rows = [
        *organization(A),
        ("databases", {**at, "arn": DATABASE, "name": "orders", "type": "instance", "engine": "postgres"}),
        tag(DATABASE, "environment", "prod"),
        ("backup_vaults", {**at, "arn": VAULT, "name": "v", "type": "BACKUP_VAULT", "recovery_points": 1}),
        ("recovery_points", {**at, **point, "status": status}),
    ]
    assert view("backup_vault", rows)[VAULT]["holds_production"] is holds


DENY = {"Effect": "Deny", "Principal": "*", "Action": "backup:DeleteRecoveryPoint", "Resource": "*"}
EXCEPT = {"StringNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{A}:role/break-glass"}}
ALONE = {**DENY, "Principal": {"AWS": f"arn:aws:iam::{A}:role/ci"}}


@pytest.mark.parametrize(
    ("statements", "denied"),
    [
        ([DENY], True),
        ([{**DENY, "Condition": EXCEPT}], None),
        ([{**DENY, "Condition": EXCEPT}, DENY], True),
        ([ALONE], False),
        ([], False),
    ],
)
def test_a_condition_may_leave_out_anybody(statements: list[dict[str, Any]], denied: bool | None) -> None:
    at = {"account_id": A, "region": "eu-west-1"}
    rows = [
        *organization(A),
        ("backup_vaults", {**at, "arn": VAULT, "name": "v", "type": "BACKUP_VAULT", "policy_read": True}),
    ]
    found = policy.rows(VAULT, "resource", "", {"Version": "2012-10-17", "Statement": statements})
    rows += [(table, {**at, **row}) for table, row in found]
    assert view("backup_vault", rows)[VAULT]["deletion_denied"] is denied
