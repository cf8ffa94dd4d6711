from __future__ import annotations

from datetime import datetime

from scanner.collect import secretsmanager
from tests.collect.answers.secretsmanager import ANSWERS, HERE
from tests.collect.fake import read, table_of


def test_secrets() -> None:
    orders, bare = table_of(read(secretsmanager, ANSWERS), "secrets")
    assert (orders["rotation"], orders["last_accessed_at"]) == (True, datetime(2026, 1, 2))
    assert (bare["rotation"], bare["kms_key"], bare["last_accessed_at"]) == (False, None, None)


def test_no_policy_is_a_policy_that_was_read() -> None:
    rows = read(secretsmanager, ANSWERS)
    assert [row["policy_read"] for row in table_of(rows, "secrets")] == [True, True]
    assert [row["holder_arn"] for row in table_of(rows, "policy_documents")] == [f"{HERE}:orders-a1b2c3"]
    refused = read(secretsmanager, ANSWERS, "secretsmanager.get_resource_policy")
    assert [row["policy_read"] for row in table_of(refused, "secrets")] == [False, False]


def test_values_are_never_read() -> None:
    assert not [call for call in secretsmanager.CALLS if "value" in call.name]
