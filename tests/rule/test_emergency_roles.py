"""Roles for emergencies may administer; that their names are known lets nobody else in."""

from __future__ import annotations

from typing import Any

import pytest

from scanner import policy
from tests.rule.test_suspicions import A, B, M, Rows, organization, view

NAMES = {A: "shop-prod", B: "shop-test", M: "acme-sandbox"}


def trusting(account: str, name: str = "OrganizationAccountAccessRole") -> Rows:
    """A role in production that trusts all of an account."""
    at = {"account_id": A, "region": "global"}
    arn = f"arn:aws:iam::{A}:role/{name}"
    statement = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:AssumeRole"}
    rows: Rows = [("principals", {**at, "arn": arn, "name": name, "type": "role", "service_linked": False})]
    found = policy.rows(arn, "trust", "", {"Version": "2012-10-17", "Statement": [statement]})
    return rows + [(table, {**at, **row}) for table, row in found]


@pytest.mark.parametrize(("account", "lets_in"), [(B, True), (M, False)])
def test_an_emergency_role_that_trusts_a_test_account_counts(account: str, lets_in: bool) -> None:
    rows: list[tuple[str, dict[str, Any]]] = [
        (table, {**row, "name": NAMES[row["account_id"]]} if table == "accounts" else row)
        for table, row in organization(A, B)
    ]
    (said,) = view("role", rows + trusting(account)).values()
    assert (said["environment"], said["break_glass"]) == ("production", True)
    assert said["trusts_nonproduction"] is lets_in
