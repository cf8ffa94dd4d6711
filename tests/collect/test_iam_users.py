from __future__ import annotations

from datetime import datetime

from scanner.collect import iam_users
from tests.collect.answers.iam_users import ANSWERS, HERE
from tests.collect.fake import read


def credentials(*refused: str) -> dict[str, dict[str, object]]:
    return {str(row["user_arn"]): row for _, row in read(iam_users, ANSWERS, *refused)}


def test_only_active_keys_count_and_no_key_is_kept() -> None:
    found = credentials()
    joe, ann = found[f"{HERE}/joe"], found[f"{HERE}/ann"]
    assert (joe["has_password"], joe["active_keys"], joe["password_used_at"]) == (True, 1, datetime(2024, 1, 2))
    assert joe["oldest_key_at"] == datetime(2021, 5, 1)
    assert (ann["has_password"], ann["active_keys"], ann["oldest_key_at"]) == (False, 0, None)
    assert "AKIA" not in str(found)


def test_what_was_refused_is_not_known() -> None:
    assert credentials("iam.get_login_profile")[f"{HERE}/ann"]["has_password"] is None
    assert credentials("iam.list_access_keys")[f"{HERE}/joe"]["active_keys"] is None
