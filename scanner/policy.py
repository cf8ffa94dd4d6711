"""Policy documents in one normal form, flattened into rows. Pure.

A document may write one string where a list is meant, and may arrive as a dictionary, as JSON text, or as
URL-quoted JSON (IAM's wire form).
Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

Row = tuple[str, dict[str, Any]]
"""Table name and row."""

_ACCOUNT = re.compile(r"\d{12}")
_UNIQUE_ID = re.compile(r"A[A-Z]{3}[A-Z0-9]{12,}")


def parse(document: str | Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return the document as a mapping, or None when it is not one."""
    if document is None or isinstance(document, Mapping):
        return document
    text = unquote(document) if document.startswith("%") else document  # no JSON begins like that
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, Mapping) else None


def as_list(value: Any) -> list[Any]:
    """One value or a list of them, as a list; None as an empty one."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def rows(holder_arn: str, kind: str, name: str, document: str | Mapping[str, Any] | None) -> Iterator[Row]:
    """Yield the rows of `policy_documents`, `policy_statements` and the four `statement_*` tables.

    A malformed document yields itself with `readable` FALSE and no statement: it grants nothing. One that AWS did not send
    is not read: NULL, and whatever hangs on it is not known.
    """
    if document is None:
        row = {"holder_arn": holder_arn, "kind": kind, "name": name, "document": None, "readable": None}
        yield "policy_documents", row
        return
    parsed = parse(document)
    text = document if isinstance(document, str) else json.dumps(document, separators=(",", ":"), sort_keys=True)
    yield (
        "policy_documents",
        {"holder_arn": holder_arn, "kind": kind, "name": name, "document": text, "readable": parsed is not None},
    )
    statements = [s for s in as_list((parsed or {}).get("Statement")) if isinstance(s, Mapping)]
    for position, statement in enumerate(statements):
        yield from _statement_rows(holder_arn, kind, name, position, statement)


def _statement_rows(
    holder_arn: str, kind: str, name: str, position: int, statement: Mapping[str, Any]
) -> Iterator[Row]:
    statement_id = f"{holder_arn}|{kind}|{name}|{position}"
    conditions = list(_conditions(statement.get("Condition")))
    sid = statement.get("Sid")
    yield (
        "policy_statements",
        {
            "statement_id": statement_id,
            "holder_arn": holder_arn,
            "kind": kind,
            "policy_name": name,
            "position": position,
            "sid": None if sid is None else str(sid),
            "effect": str(statement.get("Effect")),
            "actions_negated": "NotAction" in statement,
            "resources_negated": "NotResource" in statement,
            "principals_negated": "NotPrincipal" in statement,
            "conditions": len({(operator, key) for operator, key, _ in conditions}),
        },
    )
    for action in as_list(statement.get("Action", statement.get("NotAction"))):
        yield "statement_actions", {"statement_id": statement_id, "action": str(action).lower()}
    for resource in as_list(statement.get("Resource", statement.get("NotResource"))):
        yield "statement_resources", {"statement_id": statement_id, "resource": str(resource)}
    for operator, key, value in conditions:
        row = {"statement_id": statement_id, "operator": operator, "key": key, "value": value}
        yield "statement_conditions", row
    for kind_of_principal, value in _principals(statement.get("Principal", statement.get("NotPrincipal"))):
        yield "statement_principals", {"statement_id": statement_id, **principal(kind_of_principal, value)}


def _conditions(block: Any) -> Iterator[tuple[str, str, str | None]]:
    if not isinstance(block, Mapping):
        return
    for operator, keys in block.items():
        if not isinstance(keys, Mapping):
            continue
        for key, values in keys.items():
            for value in as_list(values) or [None]:
                yield operator, str(key).lower(), _text(value)


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _principals(block: Any) -> Iterator[tuple[str, str]]:
    if isinstance(block, Mapping):
        for kind, values in block.items():
            for value in as_list(values):
                yield str(kind), str(value)
    else:
        for value in as_list(block):
            yield "*", str(value)


def principal(kind: str, value: str) -> dict[str, Any]:
    """Describe one principal as a row of `statement_principals` (without the statement).

    `{"AWS": "*"}` and `"*"` mean the same: everyone. `:root` and the bare account number mean the same too.
    """
    if value == "*" and kind in ("AWS", "*"):
        return {"type": "*", "value": "*", "principal_account": None, "whole_account": False, "deleted": False}
    bare = kind == "AWS" and _ACCOUNT.fullmatch(value) is not None
    parts = value.split(":")
    account = None
    if kind == "AWS":
        account = value if bare else parts[4] if len(parts) > 5 and _ACCOUNT.fullmatch(parts[4]) else None
    return {
        "type": kind,
        "value": value,
        "principal_account": account,
        "whole_account": bare or (account is not None and parts[-1] == "root"),
        "deleted": kind == "AWS" and _UNIQUE_ID.fullmatch(value) is not None,
    }
