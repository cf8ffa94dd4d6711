from __future__ import annotations

from datetime import datetime

from scanner.collect import dynamodb
from tests.collect.answers.dynamodb import ANSWERS, HERE
from tests.collect.fake import Fake, api, read, table_of


def test_a_protected_table_and_a_bare_one() -> None:
    orders, scratch = table_of(read(dynamodb, ANSWERS), "dynamodb_tables")
    assert orders["replica_regions"] == ["us-east-1"]
    assert (orders["point_in_time_recovery"], orders["latest_restorable_at"]) == (True, datetime(2026, 1, 2))
    assert (orders["backups"], orders["newest_backup_at"]) == (2, datetime(2026, 1, 2))
    assert (scratch["point_in_time_recovery"], scratch["backups"], scratch["newest_backup_at"]) == (False, 0, None)
    assert (scratch["replica_regions"], scratch["deletion_protection"], scratch["kms_key_arn"]) == ([], False, None)


def test_no_policy_is_a_policy_that_was_read() -> None:
    rows = read(dynamodb, ANSWERS)
    assert [row["policy_read"] for row in table_of(rows, "dynamodb_tables")] == [True, True]
    assert [row["holder_arn"] for row in table_of(rows, "policy_documents")] == [f"{HERE}:table/orders"]
    refused = read(dynamodb, ANSWERS, "dynamodb.get_resource_policy")
    assert [row["policy_read"] for row in table_of(refused, "dynamodb_tables")] == [False, False]


def test_a_table_that_cannot_be_described_is_still_a_table() -> None:
    orders, _ = table_of(read(dynamodb, ANSWERS, "dynamodb.describe_table"), "dynamodb_tables")
    assert orders["arn"] == f"{HERE}:table/orders"
    assert (orders["status"], orders["replica_regions"], orders["deletion_protection"]) == (None, None, None)
    assert orders["point_in_time_recovery"] is True


def test_unread_backups_are_not_zero() -> None:
    orders, _ = table_of(read(dynamodb, ANSWERS, "dynamodb.list_backups"), "dynamodb_tables")
    assert (orders["backups"], orders["newest_backup_at"]) == (None, None)


def test_backups_are_listed_once() -> None:
    source = Fake(ANSWERS)
    list(dynamodb.fetch(api(dynamodb, source)))
    assert [name for name, _, _ in source.requests].count("dynamodb.list_backups") == 1
