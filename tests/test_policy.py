from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner import policy
from scanner.snapshot.tables import TABLES

ROLE = "arn:aws:iam::111122223333:role/app"
STATEMENT: dict[str, Any] = {
    "Sid": "One",
    "Effect": "Allow",
    "Principal": {"AWS": ["111122223333", "arn:aws:iam::444455556666:role/x"], "Service": "ec2.amazonaws.com"},
    "Action": ["S3:GetObject", "s3:Put*"],
    "Resource": "*",
    "Condition": {"StringEquals": {"aws:PrincipalOrgID": ["o-1", "o-2"]}, "Bool": {"aws:SecureTransport": True}},
}


def tables(document: Any) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for table, row in policy.rows(ROLE, "resource", "p", document):
        assert row.keys() <= TABLES[table].known
        found.setdefault(table, []).append(row)
    return found


def test_a_statement_becomes_flat_rows() -> None:
    found = tables({"Statement": STATEMENT})
    (statement,) = found["policy_statements"]
    assert (statement["effect"], statement["sid"], statement["conditions"]) == ("Allow", "One", 2)
    assert (
        not statement["actions_negated"] and not statement["resources_negated"] and not statement["principals_negated"]
    )
    assert [row["action"] for row in found["statement_actions"]] == ["s3:getobject", "s3:put*"]
    assert [row["resource"] for row in found["statement_resources"]] == ["*"]
    assert {(row["operator"], row["key"], row["value"]) for row in found["statement_conditions"]} == {
        ("StringEquals", "aws:principalorgid", "o-1"),
        ("StringEquals", "aws:principalorgid", "o-2"),
        ("Bool", "aws:securetransport", "true"),
    }
    ids = {row["statement_id"] for rows in found.values() for row in rows if "statement_id" in row}
    assert ids == {f"{ROLE}|resource|p|0"}


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("AWS", "*", ("*", None, False, False)),
        ("*", "*", ("*", None, False, False)),
        ("AWS", "111122223333", ("AWS", "111122223333", True, False)),
        ("AWS", "arn:aws:iam::111122223333:root", ("AWS", "111122223333", True, False)),
        ("AWS", "arn:aws-cn:iam::111122223333:root", ("AWS", "111122223333", True, False)),
        ("AWS", "arn:aws:iam::111122223333:role/root", ("AWS", "111122223333", False, False)),
        ("AWS", "arn:aws:sts::111122223333:assumed-role/r/s", ("AWS", "111122223333", False, False)),
        ("AWS", "AROAEXAMPLEEXAMPLE12", ("AWS", None, False, True)),
        ("AWS", "AIDAEXAMPLEEXAMPLE12", ("AWS", None, False, True)),
        ("AWS", "arn:aws:iam::*:role/x", ("AWS", None, False, False)),
        ("Service", "ec2.amazonaws.com", ("Service", None, False, False)),
        ("Federated", "arn:aws:iam::111122223333:saml-provider/x", ("Federated", None, False, False)),
        ("Federated", "*", ("Federated", None, False, False)),
        ("CanonicalUser", "79a5", ("CanonicalUser", None, False, False)),
    ],
)
def test_who_a_principal_is(kind: str, value: str, expected: tuple[Any, ...]) -> None:
    row = policy.principal(kind, value)
    assert (row["type"], row["principal_account"], row["whole_account"], row["deleted"]) == expected
    assert row["value"] == value


def test_everyone_is_written_two_ways() -> None:
    rows = [
        tables({"Statement": {**STATEMENT, "Principal": who}})["statement_principals"] for who in ("*", {"AWS": "*"})
    ]
    assert rows[0] == rows[1]


def test_the_negated_forms_are_told_apart() -> None:
    document = {"Statement": [{"Effect": "Deny", "NotPrincipal": "*", "NotAction": "iam:*", "NotResource": ["a", "b"]}]}
    found = tables(document)
    (statement,) = found["policy_statements"]
    assert statement["actions_negated"] and statement["resources_negated"] and statement["principals_negated"]
    assert [row["action"] for row in found["statement_actions"]] == ["iam:*"]
    assert len(found["statement_resources"]) == 2


@pytest.mark.parametrize("document", [None, "", "{", "[]", "5", '"text"', "%7Bbroken", "{'a': 1}"])
def test_what_is_no_document_grants_nothing_and_is_kept(document: str | None) -> None:
    found = tables(document)
    assert found.keys() == {"policy_documents"}
    (row,) = found["policy_documents"]
    assert row["readable"] is (None if document is None else False), "what was not sent was not read"


@pytest.mark.parametrize(
    "statement",
    ["text", 5, None, [], [None, "x", 5], {"Effect": None}, {"Effect": "Allow", "Principal": 5, "Action": None},
     {"Effect": "Allow", "Condition": "x"}, {"Effect": "Allow", "Condition": {"StringEquals": "x"}},
     {"Effect": "Allow", "Condition": {"Null": {"a": []}}}, {"Principal": {"AWS": None}}, {"Principal": {"AWS": [{"a": 1}]}}],
)  # fmt: skip
def test_odd_statements_do_not_break(statement: Any) -> None:
    assert tables({"Statement": statement})["policy_documents"][0]["readable"] is True


def test_text_mapping_and_quoted_text_mean_the_same() -> None:
    document = {"Version": "2012-10-17", "Statement": [STATEMENT]}
    rows = [tables(form) for form in (document, json.dumps(document), quote(json.dumps(document)))]
    for one in rows:
        one.pop("policy_documents")
    assert rows[0] == rows[1] == rows[2]
    percent = {"Statement": {**STATEMENT, "Resource": "arn:aws:s3:::b/%7Bx%7D"}}
    assert tables(json.dumps(percent))["statement_resources"][0]["resource"] == "arn:aws:s3:::b/%7Bx%7D"


strings = st.text(max_size=8)
one_or_many = st.one_of(strings, st.lists(strings, max_size=3))


@settings(deadline=None)
@given(st.lists(st.fixed_dictionaries({"Effect": st.sampled_from(["Allow", "Deny"])}, optional={"Action": one_or_many, "Resource": one_or_many}), max_size=4))  # fmt: skip
def test_nothing_is_lost_or_made_up(statements: list[dict[str, Any]]) -> None:
    found = tables({"Statement": statements})
    assert [row["effect"] for row in found.get("policy_statements", [])] == [one["Effect"] for one in statements]
    for table, key, column in (
        ("statement_actions", "Action", "action"),
        ("statement_resources", "Resource", "resource"),
    ):
        wanted = [value for one in statements for value in policy.as_list(one.get(key))]
        got = [row[column] for row in found.get(table, [])]
        assert got == [value.lower() for value in wanted] if key == "Action" else got == wanted
