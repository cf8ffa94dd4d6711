"""The normal form of policy documents, and patterns."""

from __future__ import annotations

import fnmatch
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.policies import UNREADABLE, by_heart, glob, parse, principal
from scanner.analysis.trust.layers import trust_fault


def statement(**parts: Any) -> Any:
    return parse(json.dumps({"Version": "2012-10-17", "Statement": parts})).statements[0]


def test_a_string_and_a_list_of_one_are_the_same() -> None:
    one = statement(Effect="Allow", Action="sts:AssumeRole", Resource="*", Principal={"AWS": "111111111111"})
    many = statement(Effect="Allow", Action=["STS:assumerole"], Resource=["*"], Principal={"AWS": ["111111111111"]})
    assert one == many


def test_equal_texts_are_parsed_once() -> None:
    text = json.dumps({"Statement": [{"Effect": "Allow", "Action": "x:y", "Resource": "only here"}]})
    assert parse(text) is parse("".join(text))


@pytest.mark.parametrize("text", ["", "nonsense", "[]", "3", '"x"', "[" * 200_000])
def test_what_is_no_policy_grants_nothing(text: str) -> None:
    assert parse(text) is UNREADABLE


def test_odd_statements_do_no_harm() -> None:
    document = parse(json.dumps({"Statement": [None, 3, {}, {"Effect": "Maybe", "Action": 3, "Condition": [1]}]}))
    assert [one.malformed for one in document.statements] == ["Effect is None", "Effect is Maybe"]
    assert document.statements[1].actions == ("3",)


def test_not_action() -> None:
    allowed = statement(Effect="Allow", NotAction=["iam:*", "sts:Get*"], Resource="*")
    assert allowed.covers_action("sts:assumerole")
    assert not allowed.covers_action("iam:passrole")
    assert not allowed.covers_action("sts:getcalleridentity")
    assert not statement(Effect="Allow", Resource="*").covers_action("sts:assumerole")


@pytest.mark.parametrize(
    ("kind", "value", "wanted"),
    [
        ("AWS", "*", "everyone"),
        ("AWS", "111111111111", "account"),
        ("AWS", "arn:aws:iam::111111111111:root", "account"),
        ("AWS", "arn:aws-us-gov:iam::111111111111:user/a/b", "user"),
        ("AWS", "arn:aws:iam::111111111111:role/x", "role"),
        ("AWS", "arn:aws:sts::111111111111:assumed-role/x/y", "session"),
        ("AWS", "arn:aws:sts::111111111111:federated-user/y", "federated_session"),
        ("AWS", "arn:aws:iam::111111111111:role/*", "invalid"),
        ("AWS", "arn:aws:iam::*:root", "invalid"),
        ("AWS", "arn:aws:iam::111111111111:group/g", "invalid"),
        ("AWS", "AROAEXAMPLEEXAMPLE123", "deleted"),
        ("AWS", "AIDAEXAMPLEEXAMPLE123", "deleted"),
        ("Service", "ec2.amazonaws.com", "service"),
        ("Federated", "cognito-identity.amazonaws.com", "federated"),
        ("CanonicalUser", "79a5", "invalid"),
    ],
)
def test_kinds_of_principals(kind: str, value: str, wanted: str) -> None:
    assert principal(kind, value).kind == wanted


def test_everyone_is_written_in_two_ways() -> None:
    assert statement(Principal="*").principals == statement(Principal={"AWS": "*"}).principals


def test_statements_a_trust_policy_must_not_have() -> None:
    assert trust_fault(statement(Effect="Allow", Principal="*", Action="*")) is None
    assert trust_fault(statement(Effect="Allow", NotPrincipal="*", Action="*"))
    assert trust_fault(statement(Effect="Allow", Principal="*", Action="*", Resource="*"))
    assert trust_fault(statement(Effect="allow", Principal="*", Action="*"))


def test_documents_known_by_heart() -> None:
    admin = by_heart("arn:aws-cn:iam::aws:policy/AdministratorAccess")
    assert admin and admin.statements[0].covers_action("sts:assumerole")
    power = by_heart("arn:aws:iam::aws:policy/PowerUserAccess")
    assert power and power.statements[0].covers_action("sts:assumerole")
    assert by_heart("arn:aws:iam::111111111111:policy/AdministratorAccess") is None
    assert by_heart("arn:aws:iam::aws:policy/ReadOnlyAccess") is None


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=8))
def test_patterns_match_as_shells_do(pattern: str, text: str) -> None:
    assert glob(pattern, text) == fnmatch.fnmatchcase(text, pattern)


def test_patterns_take_linear_time() -> None:
    started = time.monotonic()
    assert not glob("*a" * 500 + "*b", "a" * 5_000)
    assert time.monotonic() - started < 1


def test_a_huge_policy() -> None:
    many = [{"Effect": "Allow", "Action": f"x:Do{number}", "Resource": "*"} for number in range(20_000)]
    started = time.monotonic()
    document = parse(json.dumps({"Version": "2012-10-17", "Statement": many}))
    assert sum(one.covers_action("x:do19999") for one in document.statements) == 1
    assert time.monotonic() - started < 5
