"""Policies that allow everything: but for some actions, under a condition, or for whom a condition hides it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rule.test_suspicions import A, organization, role, view

ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
MFA = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}


@pytest.mark.parametrize(
    ("statement", "administers"),
    [
        ({}, True),
        (MFA, None),
        ({"Resource": "arn:aws:s3:::orders"}, False),
        ({"Action": "s3:*", **MFA}, False),
    ],
)
def test_whoever_may_do_everything_under_a_condition_is_an_administrator_or_not(
    statement: dict[str, Any], administers: bool | None
) -> None:
    rows = organization(A) + role("r", {**ALL, **statement})
    (said,) = view("principal", rows).values()
    assert (said["is_administrator"], said["administers"]) == (administers, administers)


def test_a_condition_takes_back_nothing_that_is_allowed_without() -> None:
    (said,) = view("principal", organization(A) + role("r", {**ALL, **MFA}, ALL)).values()
    assert said["is_administrator"] is True


@pytest.mark.parametrize(
    ("denial", "administers"),
    [
        ({"Action": "*"}, False),
        ({"NotAction": "s3:*"}, False),
        ({"NotAction": ["iam:*", "sts:*"]}, True),
        ({"Action": "*", **MFA}, True),
        ({"Action": "s3:*"}, True),
    ],
)
def test_whoever_is_denied_everything_is_no_administrator(denial: dict[str, Any], administers: bool) -> None:
    deny = {"Effect": "Deny", "Resource": "*", **denial}
    (said,) = view("principal", organization(A) + role("r", ALL, deny)).values()
    assert (said["is_administrator"], said["administers"]) == (administers, administers)


def test_administrators_that_are_known_count_beside_those_that_may_be() -> None:
    some = [one for name in "abcd" for one in role(name, ALL)]
    account = view("account", organization(A) + some + role("e", {**ALL, **MFA}))[A]
    assert (account["administrators"], account["possible_administrators"], account["principals"]) == (4, 5, 5)
    alone = view("account", organization(A) + role("e", {**ALL, **MFA}))[A]
    assert (alone["administrators"], alone["possible_administrators"]) == (None, 1)


@pytest.mark.parametrize(
    ("spared", "wildcards"),
    [
        ("s3:*", "iam:*, kms:*, organizations:*, sts:*"),
        (["iam:*", "organizations:*", "account:*"], "kms:*, sts:*"),
        (["*:Delete*"], None),
        (["iam:PassRole", "kms:Decrypt", "sts:*", "org*:*"], None),
    ],
)
def test_everything_but_some_actions_is_all_of_the_other_services(spared: Any, wildcards: str | None) -> None:
    statement = {"Effect": "Allow", "NotAction": spared, "Resource": "*"}
    (said,) = view("policy", organization(A) + role("r", statement)).values()
    assert (said["wildcards"], said["is_wildcard"]) == (wildcards, wildcards is not None)
