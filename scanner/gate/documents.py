"""Policy documents that `data.aws_iam_policy_document` will write, put together before it is read.

Its blocks are in the plan even where the text is not; what they name that does not exist yet is made out through the configuration.
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from scanner.gate.hcl.functions import Encoded, Named, leaves, marked, ours, stands_alone
from scanner.gate.planned import Planned, Unread
from scanner.gate.references import References
from scanner.gate.values import Values
from scanner.policy import parse

OTHERS = ("source_json", "override_json", "source_policy_documents", "override_policy_documents")
"""Arguments that bring in further documents."""
_LISTS = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}


NOTHING_OURS = "\0"
"""What no text begins with: an action that is not known yet is no action."""


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
            exact = _exact(block, name, NOTHING_OURS if key.endswith("Action") else "")
            if exact is not None:
                written[key] = exact
            else:
                written[key] = (
                    _list(block, name) if block.is_known(name) else _resources(block, name, written["Effect"])
                )
    for name, key in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        if listed := block.blocks(name):
            written[key] = _principals(listed)
    if conditions := block.blocks("condition"):
        written["Condition"] = _conditions(conditions)
    return written


def _exact(block: Values, name: str, form: str = "") -> list[str] | None:
    """The texts of a list as the files have them, where something in it is not known yet; what is ours begins with `form`."""
    found = None if block.is_known(name) else block.written(name)
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        return None
    wrong = any(_is_uncertain(one, form) for one in found)
    return None if wrong else list(map(str, found))


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
        gathered.setdefault(str(block.text("type")), []).extend(
            _exact(block, "identifiers", "arn:") or _list(block, "identifiers")
        )
    return "*" if gathered == {"*": ["*"]} else gathered


def _conditions(blocks: list[Values]) -> Mapping[str, Mapping[str, list[str]]]:
    gathered: dict[str, dict[str, list[str]]] = {}
    for block in blocks:
        test = gathered.setdefault(str(block.text("test")), {})
        test.setdefault(_variable(block), []).extend(_exact(block, "values") or _list(block, "values"))
    return gathered


def _variable(block: Values) -> str:
    """The key of a condition. That of an issuer which is not known yet is nobody else's."""
    found = block.text("variable") if block.is_known("variable") else block.written("variable", opaque=True)
    if found is None:
        raise _Unknown
    return found


def _is_uncertain(leaf: Any, form: str = "") -> bool:
    """A text that holds what nobody knows, or something of ours that does not begin with `form` or is a part of a name only."""
    if isinstance(leaf, Named):
        return not leaf.startswith(form) or not stands_alone(leaf)
    return ours(leaf)


def whole(text: Any) -> str | None:
    """A policy document that the files say how to write; None where what is not known yet decides whom it lets do what."""
    if isinstance(text, Encoded):
        content = text.content
    elif isinstance(text, str):
        content = marked(parse(text), text.pieces if isinstance(text, Named) else ())
    else:
        return None
    if not isinstance(content, Mapping):
        return None
    statements = content.get("Statement")
    listed = statements if isinstance(statements, list) else [statements]
    if not all(isinstance(one, Mapping) and _certain(one) for one in listed):
        return None
    return json.dumps(content)


def _certain(statement: Mapping[str, Any]) -> bool:
    """Nothing decides but ARNs of ours, ids of ours in conditions, and issuers that are not known in their keys."""
    for key, one in statement.items():
        said = leaves(one)
        if key == "Condition":
            said = [leaf for test in one.values() for leaf in leaves(list(test.values()))]
            if any(_is_uncertain(leaf) for leaf in said if not isinstance(leaf, Named)):
                return False
        elif key in ("Principal", "NotPrincipal", "Resource", "NotResource"):
            if any(_is_uncertain(leaf, "arn:") for leaf in said):
                return False
        elif any(map(ours, said)):
            return False
    return True
