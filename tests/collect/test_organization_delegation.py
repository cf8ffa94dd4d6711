"""Whom a policy of the organization lets change its policies."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scanner.collect import organization_delegation
from tests.collect.answers.organization_delegation import ANSWERS, MEMBER
from tests.collect.fake import read, table_of


@pytest.mark.parametrize(
    ("statement", "accounts"),
    [
        ({"Action": "organizations:*"}, ["222222222222"]),
        ({"Action": ["organizations:ListRoots", "organizations:UpdatePolicy"]}, ["222222222222"]),
        ({"NotAction": "organizations:DescribePolicy"}, ["222222222222"]),
        ({"Action": ["organizations:List*", "organizations:DescribePolicy"]}, []),
        ({"Action": "organizations:*", "Effect": "Deny"}, []),
        ({"Action": "organizations:*", "Principal": "*"}, []),
    ],
)
def test_whom_a_delegation_policy_lets_change_policies(statement: dict[str, Any], accounts: list[str]) -> None:
    whole = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::222222222222:role/guard"}, "Resource": "*"}
    assert organization_delegation.delegates(json.dumps({"Statement": {**whole, **statement}})) == accounts


def test_policies_are_delegated_by_a_policy() -> None:
    rows = table_of(read(organization_delegation, ANSWERS), "delegated_administrators")
    found = [
        one["delegate_account_id"] for one in rows if one["service_principal"] == organization_delegation.OF_POLICIES
    ]
    assert found == [MEMBER]
