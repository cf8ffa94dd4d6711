"""Creating roles: which statements of a policy ask for a permissions boundary, and which only seem to."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from scanner import policy, vocabulary
from scanner.snapshot.read import connect_empty

CREATE = "iam:CreateRole"
LIMIT = "arn:aws:iam::111122223333:policy/limit"
HOLDER = "arn:aws:iam::111122223333:role/pipeline"


@cache
def view() -> tuple[Any, str]:
    connection = connect_empty()
    connection.execute("CREATE TABLE account_facts (account_id VARCHAR, name VARCHAR)")
    return connection, vocabulary.load()["role_creation"].sql


def counts(*statements: dict[str, Any]) -> tuple[int, ...] | None:
    """(unbounded, conditional, denied, doubted); None where the policy is not about it."""
    connection, sql = view()
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    connection.execute("BEGIN")
    for table, row in policy.rows(HOLDER, "inline", "p", text):
        columns = {"account_id": "111122223333", **row}
        marks = ", ".join("?" * len(columns))
        connection.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", list(columns.values()))
    found = connection.execute(f"SELECT unbounded, conditional, denied, doubted FROM ({sql})").fetchall()
    connection.execute("ROLLBACK")
    return tuple(map(int, found[0])) if found else None


def says(effect: str, action: Any = CREATE, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def when(operator: str, value: str = LIMIT, key: str = "iam:PermissionsBoundary") -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


@pytest.mark.parametrize(
    ("statement", "wanted"),
    [
        (says("Allow"), (1, 0, 0, 0)),
        (says("Allow", "iam:*"), (1, 0, 0, 0)),
        (says("Allow", "iam:?reate*"), (1, 0, 0, 0)),
        (says("Allow", resource="arn:aws:iam::111122223333:role/app/*"), (1, 0, 0, 0)),
        (says("Allow", resource="arn:aws:iam::*"), (1, 0, 0, 0)),
        ({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}, (1, 0, 0, 0)),
        ({"Effect": "Allow", "Action": CREATE, "NotResource": "arn:aws:iam::*:role/admin"}, (0, 1, 0, 0)),
        # About something else.
        (says("Allow", "iam:CreateRolePolicy"), None),
        (says("Allow", ["iam:Get*", "s3:*"]), None),
        (says("Allow", resource="arn:aws:iam::*:policy/*"), None),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, None),
        # The boundary is asked for.
        (says("Allow", **when("StringEquals")), (0, 0, 0, 0)),
        (says("Allow", **when("ArnLike")), (0, 0, 0, 0)),
        (says("Allow", **when("Null", "false")), (0, 0, 0, 0)),
        # It only seems so: these let go of a role without one.
        (says("Allow", **when("StringNotEquals")), (0, 1, 0, 0)),
        (says("Allow", **when("StringEqualsIfExists")), (0, 1, 0, 0)),
        (says("Allow", **when("ForAllValues:StringEquals")), (0, 1, 0, 0)),
        (says("Allow", **when("Null", "true")), (0, 1, 0, 0)),
        (says("Allow", **when("StringEquals", "x", "aws:PrincipalTag/team")), (0, 1, 0, 0)),
        # Denies.
        (says("Deny"), (0, 0, 1, 0)),
        (says("Deny", "*", **when("StringNotEquals")), (0, 0, 1, 0)),
        (says("Deny", **when("Null", "true")), (0, 0, 1, 0)),
        (says("Deny", **when("StringEquals")), (0, 0, 0, 1)),
        (says("Deny", **when("StringNotEquals", "x", "aws:PrincipalTag/team")), (0, 0, 0, 1)),
        (says("Deny", resource="arn:aws:iam::*:role/admin"), (0, 0, 0, 1)),
    ],
)
def test_one_statement(statement: dict[str, Any], wanted: tuple[int, ...] | None) -> None:
    assert counts(statement) == wanted


def test_statements_of_a_policy_are_counted_together() -> None:
    assert counts(says("Allow"), says("Deny", **when("StringNotEquals")), says("Allow", "s3:*")) == (1, 0, 1, 0)
