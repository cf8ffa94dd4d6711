"""Tag policies in effect on every account: table `account_tag_policies`.

Policies are inherited from the root down, and each level may assign, append to or remove from what it finds, unless a level
above forbids that operator to its children.
https://docs.aws.amazon.com/organizations/latest/userguide/policy-operators.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scanner.analysis import insert
from scanner.config import Config
from scanner.snapshot.schema import table

USES: tuple[str, ...] = ()

EFFECTS = table(
    "account_tag_policies",
    "Tag keys that tag policies in effect on an account speak of.",
    """
        tag_key string The key, as the policies spell it; NULL where a policy in effect was not read.
        enforced_for string Kinds of resources it is enforced for, joined with commas; NULL when for none.
        policies string Names of all tag policies in effect on the account.
    """,
)
TABLES = (EFFECTS,)

CONTROL = "@@operators_allowed_for_child_policies"
OPERATORS = frozenset({"@@assign", "@@append", "@@remove"})


@dataclass
class Effective:
    """What the levels read so far make of one key."""

    spelling: str
    enforced: list[str] = field(default_factory=list)
    allowed: frozenset[str] = OPERATORS


def run(connection: Any, config: Config) -> None:
    attached: dict[str, list[tuple[str, str | None]]] = {}
    for target, _, name, content in connection.execute(
        """SELECT t.target_id, p.policy_id, p.name, p.content FROM policy_targets t
        JOIN organization_policies p ON p.policy_id = t.policy_id AND p.type = 'TAG_POLICY' ORDER BY ALL"""
    ).fetchall():
        attached.setdefault(target, []).append((name, content))
    chains: dict[str, list[str]] = {}
    for account, ancestor in connection.execute(
        """SELECT u.target_id, u.ancestor_id FROM unit_ancestors u JOIN accounts a ON a.account_id = u.target_id
        ORDER BY u.target_id, u.distance DESC"""
    ).fetchall():
        chains.setdefault(account, []).append(ancestor)
    known: dict[tuple[str, ...], list[tuple[str | None, str | None, str]]] = {}
    rows = []
    for account, chain in sorted(chains.items()):
        levels = tuple(level for level in chain if level in attached)
        if levels not in known:
            known[levels] = list(in_effect([attached[level] for level in levels]))
        rows += [(account, "global", *effect) for effect in known[levels]]
    insert(connection, EFFECTS, rows)


def in_effect(levels: list[list[tuple[str, str | None]]]) -> Iterable[tuple[str | None, str | None, str]]:
    """Yield key, what it is enforced for, and the policies; `levels` go from the root down."""
    names = ", ".join(sorted({name for level in levels for name, _ in level}))
    found: dict[str, Effective] = {}
    for level in levels:
        # What a level allows its children binds the levels below, not its own policies.
        allowed = {key: effective.allowed for key, effective in found.items()}
        for _, content in level:
            if content is None:
                yield None, None, names
            else:
                _apply(found, allowed, _tags(content))
    for _, effective in sorted(found.items()):
        yield effective.spelling, ", ".join(sorted(effective.enforced)) or None, names


def _tags(content: str) -> Mapping[str, Any]:
    tags = json.loads(content).get("tags")
    return tags if isinstance(tags, dict) else {}


def _apply(found: dict[str, Effective], allowed: Mapping[str, frozenset[str]], tags: Mapping[str, Any]) -> None:
    for name, body in tags.items():
        if name.startswith("@@") or not isinstance(body, dict):
            continue
        effective = found.setdefault(name.lower(), Effective(name))
        operators = allowed.get(name.lower(), OPERATORS)
        spelling = (body.get("tag_key") or {}).get("@@assign")
        if spelling and "@@assign" in operators:
            effective.spelling = spelling
        said = body.get("enforced_for") or {}
        if "@@assign" in said and "@@assign" in operators:
            effective.enforced = list(said["@@assign"])
        if "@@append" in operators:
            effective.enforced += [kind for kind in said.get("@@append", ()) if kind not in effective.enforced]
        if "@@remove" in operators:
            effective.enforced = [kind for kind in effective.enforced if kind not in said.get("@@remove", ())]
        for control in (tags.get(CONTROL), body.get(CONTROL), said.get(CONTROL)):
            if control is not None and "@@all" not in control:
                effective.allowed &= frozenset(control)
