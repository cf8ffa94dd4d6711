"""Why an account or a resource counts as production, as a workload, as somebody's: the conclusion and all the evidence."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scanner import analysis
from scanner.analysis.classification import TAGGED_APART
from scanner.classify import UNKNOWN, Classifier, Judgement, against, stack_of
from scanner.config import Config
from scanner.explain.lookup import one_of
from scanner.explain.printable import one_line
from scanner.snapshot.read import connect

QUESTIONS = ("environment", "workload", "owner")
PARTS = ("source", "evidence", "confidence")


def classification(snapshot: Path, config: Config, text: str) -> dict[str, Any]:
    """Explain one account or resource, named by id, name or ARN.

    `{type, id, name, account_id, environment, workload, owner, not_read}`; each of the three is
    `{value, source, evidence, confidence, against}`, its value None when it was not read. Raises UsageError.
    """
    connection = connect(snapshot)
    analysis.run_all(connection, config, wanted=["classification"])
    return explain(connection, config, text)


def explain(connection: Any, config: Config, text: str) -> dict[str, Any]:
    """The same, over an open connection on which the analysis `classification` has run."""
    accounts = _rows(connection, _ACCOUNTS, [text, text, text.rpartition("/")[2], text])
    resources = _rows(connection, _RESOURCES, [text, text, text, text]) if not text.isdigit() else []
    found = one_of(text, "account or resource that carries tags or a workload", [*accounts, *resources], "id")
    return _account(found, connection) if found in accounts else _resource(found, connection, config)


def _account(row: Mapping[str, Any], connection: Any) -> dict[str, Any]:
    judged = {
        question: {
            "value": row[question],
            **{part: row[f"{question}_{part}"] for part in (*PARTS, "against")},
        }
        for question in QUESTIONS
    }
    return _explained("account", row, judged, connection, [])


def _resource(row: Mapping[str, Any], connection: Any, config: Config) -> dict[str, Any]:
    """The values are those of `resource_facts`; what speaks against them is gathered again for this one resource."""
    (account,) = _rows(connection, _ACCOUNTS, [row["account_id"], None, None, None]) or [{}]
    tags = dict(connection.execute(_TAGS, [row["id"]]).fetchall())
    stacks = connection.execute(_STACK, [row["account_id"], row["region"], stack_of(row["name"], tags)]).fetchall()
    stack_tags = dict(connection.execute(_TAGS, stacks[0]).fetchall()) if stacks else None
    evidence = Classifier(config.classification).resource(row["name"], tags, account, stack_tags)
    judged = {question: _concluded(question, row, evidence[question], account) for question in QUESTIONS}
    return _explained(row["kind"], row, judged, connection, [row["account_id"]])


def _concluded(
    question: str, row: Mapping[str, Any], evidence: list[Judgement], account: Mapping[str, Any]
) -> dict[str, Any]:
    if question == "owner":  # `resource_facts` has the owner that it names itself; else its account's is responsible
        first = next((one for one in evidence if row["owner"] in (None, one.value)), Judgement(account.get("owner")))
        found = {"value": row["owner"] or first.value, **{part: getattr(first, part) for part in PARTS}}
    else:
        found = {"value": row[question], **{part: row[f"{question}_{part}"] for part in PARTS}}
    if found["value"] in (None, UNKNOWN):
        found |= dict.fromkeys(PARTS)
    return {**found, "against": against(evidence, found["value"]) if found["value"] is not None else None}


def _explained(
    kind: str, row: Mapping[str, Any], judged: Mapping[str, Any], connection: Any, where: list[str]
) -> dict[str, Any]:
    hidden = any(one["value"] is None for one in judged.values())
    asked = ["cloudformation.describe_stacks", *(call for call, _ in TAGGED_APART)]
    calls = connection.execute(_NOT_READ, [asked, where]).fetchall() if hidden else []
    return {
        "type": kind,
        **{key: row[key] for key in ("id", "name", "account_id")},
        **judged,
        "not_read": [f"{call} of account {account} ({status})" for call, account, status in calls],
    }


def _rows(connection: Any, sql: str, parameters: list[Any]) -> list[dict[str, Any]]:
    cursor = connection.execute(sql, parameters)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def spoken_classification(found: Mapping[str, Any]) -> str:
    """The explanation as text."""
    name = f" {one_line(found['name'])}" if found["name"] else ""
    lines = [f"{found['type']}{name} ({one_line(found['id'])})"]
    for question in QUESTIONS:
        one = found[question]
        lines.append(
            f"  {question:<11}  {'not read' if one['value'] is None else one_line(one['value'])}{_because(one)}"
        )
        lines += [f"               but {one_line(one['against'])}"] if one["against"] else []
    lines += [f"  {call} would settle what was not read" for call in map(one_line, found["not_read"])]
    return "\n".join(lines)


def _because(one: Mapping[str, Any]) -> str:
    if one["source"] is None:
        return "" if one["value"] is None else "  (nothing says)"
    evidence = f" {one_line(one['evidence'])}" if one["evidence"] is not None else ""
    return f"  ({one['confidence']} confidence, {one['source']}:{evidence})"


_ACCOUNTS = """
SELECT f.account_id AS id, f.* FROM account_facts f LEFT JOIN accounts a ON a.account_id = f.account_id
WHERE f.account_id = $1 OR f.name = $2 OR ($4 LIKE 'arn:%:organizations::%:account/%' AND f.account_id = $3) ORDER BY id"""
_RESOURCES = """
SELECT arn AS id, * FROM resource_facts
WHERE arn = $1 OR name = $2 OR ends_with(arn, '/' || $3) OR ends_with(arn, ':' || $4) ORDER BY arn"""
_TAGS = "SELECT DISTINCT key, value FROM tags WHERE arn = ? AND key IS NOT NULL ORDER BY key, value"
_STACK = "SELECT arn FROM stacks WHERE account_id = ? AND region = ? AND lower(name) = lower(?) ORDER BY arn LIMIT 1"
_NOT_READ = """
SELECT DISTINCT c.call, c.account_id, c.status FROM unread c
WHERE c.call <> '*' AND (
  c.collector = 'organizations' AND list_contains(['organizations', 'accounts', 'tags', 'organizational_units', 'unit_ancestors'],
    c.table_name)
  OR list_contains(?, c.call) AND list_contains(?, c.account_id))
ORDER BY ALL"""
