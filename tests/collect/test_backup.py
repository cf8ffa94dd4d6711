from __future__ import annotations

from datetime import datetime

from scanner.collect import backup, backup_account, backup_plans
from tests.collect.answers import backup as vaults
from tests.collect.answers import backup_account as account
from tests.collect.answers import backup_plans as plans
from tests.collect.fake import Refused, read, table_of


def test_vaults_of_both_kinds_once_each() -> None:
    answers = vaults.ANSWERS | {"backup.list_backup_vaults": {"BackupVaultList": [vaults.MAIN, vaults.AIR_GAPPED]}}
    for given in (vaults.ANSWERS, answers):
        main, gap = table_of(read(backup, given), "backup_vaults")
        assert (main["type"], main["locked"], main["lock_date"]) == ("BACKUP_VAULT", True, datetime(2026, 1, 5))
        assert (main["min_retention_days"], main["recovery_points"]) == (7, 2)
        assert (gap["type"], gap["lock_date"]) == ("LOGICALLY_AIR_GAPPED_BACKUP_VAULT", None)


def test_no_policy_is_a_policy_that_was_read() -> None:
    rows = read(backup, vaults.ANSWERS)
    assert [row["policy_read"] for row in table_of(rows, "backup_vaults")] == [True, True]
    assert [row["holder_arn"] for row in table_of(rows, "policy_documents")] == [vaults.MAIN["BackupVaultArn"]]
    refused = read(backup, vaults.ANSWERS, "backup.get_backup_vault_access_policy")
    assert [row["policy_read"] for row in table_of(refused, "backup_vaults")] == [False, False]


def test_recovery_points() -> None:
    copied, part = table_of(read(backup, vaults.ANSWERS), "recovery_points")
    assert copied["source_arn"] == "arn:aws:rds:eu-west-1:444455556666:db:orders"
    assert copied["source_vault_arn"] == "arn:aws:backup:eu-west-1:444455556666:backup-vault:their"
    assert (copied["completed_at"], copied["delete_at"]) == (datetime(2026, 1, 3), datetime(2026, 2, 2))
    assert part["vault_arn"] == vaults.MAIN["BackupVaultArn"]
    assert (part["status"], part["parent_arn"]) == ("PARTIAL", f"{vaults.HERE}:recovery-point:0")
    assert (part["source_vault_arn"], part["completed_at"]) == (None, None)


def test_a_key_that_belongs_to_aws_is_nobodys() -> None:
    named = {
        "RecoveryPointArn": "arn:aws:backup:eu-west-1:111122223333:recovery-point:1",
        "EncryptionKeyArn": "arn:aws:kms:eu-west-1:999999999999:key/k",
    }
    for kind, key in (
        ("CUSTOMER_MANAGED_KMS_KEY", named["EncryptionKeyArn"]),
        ("AWS_OWNED_KMS_KEY", None),
        (None, named["EncryptionKeyArn"]),
    ):
        row = backup.recovery_point_row({**named, "EncryptionKeyType": kind, "IsEncrypted": True}, "vault")
        assert (row["kms_key_arn"], row["encrypted"]) == (key, True)


def test_copy_jobs() -> None:
    (job,) = table_of(read(backup, vaults.ANSWERS), "backup_copy_jobs")
    assert job["destination_vault_arn"] == "arn:aws:backup:us-east-1:444455556666:backup-vault:far"


def test_plans_have_a_row_a_rule() -> None:
    night, weekly = table_of(read(backup_plans, plans.ANSWERS), "backup_plans")
    assert (night["rule_name"], night["copies_to"]) == ("night", [plans.FAR])
    assert (weekly["schedule"], weekly["copies_to"]) == (None, [])


def test_an_unread_plan_is_still_a_plan() -> None:
    (plan,) = table_of(read(backup_plans, plans.ANSWERS, "backup.get_backup_plan"), "backup_plans")
    assert (plan["name"], plan["rule_name"], plan["copies_to"]) == ("daily", None, None)


def test_selections() -> None:
    (selection,) = table_of(read(backup_plans, plans.ANSWERS), "backup_selections")
    assert selection["resources"] == ["arn:aws:rds:*:*:db:*"]
    assert selection["tag_conditions"] == ["backup=daily", "environment=production", "team!=lab*"]
    (unread,) = table_of(read(backup_plans, plans.ANSWERS, "backup.get_backup_selection"), "backup_selections")
    assert (unread["name"], unread["resources"], unread["tag_conditions"]) == ("tagged", None, None)


def test_settings() -> None:
    rows = table_of(read(backup_account, account.ANSWERS), "backup_settings")
    assert {row["name"]: row["value"] for row in rows} == {
        "isCrossAccountBackupEnabled": "true",
        "isMpaEnabled": "false",
    }
    alone = {"backup.describe_global_settings": Refused("InvalidRequestException")}
    assert read(backup_account, alone) == []
