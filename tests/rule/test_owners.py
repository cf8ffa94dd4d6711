"""The owner of an account and the team of a resource answer two questions: only tags of one key contradict each other."""

from __future__ import annotations

import pytest

from tests.rule.test_suspicions import ACCOUNT_ARN, BUCKET, A, M, organization, tag, view


@pytest.mark.parametrize(
    ("of_account", "of_bucket", "says"),
    [
        ({"owner": "alice@acme.com"}, {"team": "checkout"}, ""),
        ({"Owner": "alice@acme.com"}, {"owner": "bob@acme.com"}, "owner bob@acme.com"),
        ({"team": "checkout"}, {"owner": "alice", "Team": "search"}, "owner search"),
        ({"team": "checkout"}, {"owner": "alice", "Team": "Checkout "}, ""),
    ],
)
def test_owners_are_compared_under_one_key(of_account: dict[str, str], of_bucket: dict[str, str], says: str) -> None:
    rows = [
        (table, {**row, "arn": ACCOUNT_ARN} if row.get("account_id") == A else row) for table, row in organization(A)
    ]
    rows += [tag(ACCOUNT_ARN, key, value, M) for key, value in of_account.items()]
    rows.append(("buckets", {"account_id": A, "region": "eu-west-1", "arn": BUCKET, "name": "orders"}))
    rows += [tag(BUCKET, key, value) for key, value in of_bucket.items()]
    said = view("resource", rows)[BUCKET]
    assert (said["says"], said["contradicts_account"]) == (says, says != "")
