"""Policy documents that `data.aws_iam_policy_document` will write, put together before it is read.

Its blocks are in the plan even where the text is not; what they name that does not exist yet is made out through the configuration.
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from scanner.gate.planned import Planned, Unread
from scanner.gate.references import References
from scanner.gate.values import Values

OTHERS = ("source_json", "override_json", "source_policy_documents", "override_policy_documents")
"""Arguments that bring in further documents."""
_LISTS = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}


class _Unknown(Exception):
    """A part that cannot be made out."""


def document(resource: Planned, references: References | None) -> str | None:
    """Return the JSON text of a planned policy document; None where a part of it cannot be made out."""
    unread: list[Unread] = []
    values = Values(resource, "after", references, "", unread)
    if any(values.has(name) for name in OTHERS):
        return None
    statements = values.blocks("statement")
    try:
        written = [_statement(one) for one in statements or ()]
    except _Unknown:
        return None
    if unread or statements is None:
        return None
    return json.dumps({"Version": values.text("version", "2012-10-17"), "Statement": written})


def _statement(block: Values) -> dict[str, Any]:
    written: dict[str, Any] = {"Effect": block.text("effect", "Allow")}
    if sid := block.text("sid"):
        written["Sid"] = sid
    for name, key in _LISTS.items():
        if block.has(name):
            written[key] = _list(block, name) if block.is_known(name) else _resources(block, name, written["Effect"])
    for name, key in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        if listed := block.blocks(name):
            written[key] = _principals(listed)
    if conditions := block.blocks("condition"):
        written["Condition"] = _conditions(conditions)
    return written


def _resources(block: Values, name: str, effect: str) -> list[str]:
    """Patterns for resources that do not exist yet. The plan does not tell `arn` from `arn/*`: an Allow is taken for both."""
    if effect != "Allow" or name != "resources":
        raise _Unknown
    return [one if "*" in one else f"{one}*" for one in _list(block, name)]


def _list(block: Values, name: str) -> list[str]:
    found = block.refs(name)
    if found is None or not all(one.startswith("arn:") for one in found if not block.is_known(name)):
        raise _Unknown  # an ARN may be written around what is not an ARN
    return found


def _principals(blocks: list[Values]) -> Any:
    gathered: dict[str, list[str]] = {}
    for block in blocks:
        gathered.setdefault(str(block.text("type")), []).extend(_list(block, "identifiers"))
    return "*" if gathered == {"*": ["*"]} else gathered


def _conditions(blocks: list[Values]) -> Mapping[str, Mapping[str, list[str]]]:
    gathered: dict[str, dict[str, list[str]]] = {}
    for block in blocks:
        test = gathered.setdefault(str(block.text("test")), {})
        test.setdefault(str(block.text("variable")), []).extend(_list(block, "values"))
    return gathered
