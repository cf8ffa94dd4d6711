"""What bears on one action of one actor, cut down to the statements that speak of it: equal cuts are decided once.

A million roles have a few thousand different sets of policies. Two actors whose cuts are the same get the same answer, unless a condition
or a variable looks at who they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from scanner.analysis.blast_radius.paths import INTERESTING
from scanner.analysis.policies import Document, Statement, glob
from scanner.analysis.trust import Trust
from scanner.analysis.trust.inventory import Holder
from scanner.analysis.trust.organization import SCP, Controls, Held, Level

SAME_FOR_ALL = frozenset(
    "aws:requestedregion aws:multifactorauthpresent aws:multifactorauthage aws:sourceip aws:sourcevpc aws:sourcevpce aws:currenttime"
    " aws:epochtime aws:securetransport aws:viaawsservice aws:calledvia aws:tagkeys iam:passedtoservice iam:permissionsboundary"
    " iam:policyarn iam:awsservicename sts:externalid sts:rolesessionname sts:sourceidentity sts:transitivetagkeys".split()
)
"""Condition keys of which as much is known for one caller as for any other."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A principal's own policies."""

    number: int
    identity: tuple[Held, ...]
    boundary: Held | None


@dataclass(frozen=True, slots=True)
class Cut:
    """The statements about one action. `anything`: the answer is the same for every resource; `anybody`: for every caller with
    the same policies; `plain`: no condition is looked at."""

    number: int
    identity: tuple[Held, ...]
    boundary: Held | None
    controls: Controls
    anything: bool
    anybody: bool
    plain: bool


class Profiles:
    """Policies of principals and of accounts, interned."""

    def __init__(self, trust: Trust):
        self._trust = trust
        self._of: dict[str, Profile] = {}
        self._profiles: dict[object, Profile] = {}
        self._numbers: dict[object, int] = {}
        self._cuts: dict[tuple[int, int, str], Cut] = {}
        self._sliced: dict[tuple[int, str], tuple[Document, Document]] = {}
        self._covered: dict[int, tuple[Document, frozenset[str]]] = {}
        self._covered_by: dict[tuple[int, ...], frozenset[str]] = {}
        self._sets: dict[frozenset[str], frozenset[str]] = {}
        self._known_covered: dict[str, frozenset[str] | None] = {}
        self._controls: dict[str, tuple[int, Controls]] = {}

    def of(self, holder: Holder) -> Profile:
        found = self._of.get(holder.arn)
        if found is None:
            mine = f" of {holder.short}"
            identity = tuple(
                replace(held, label=held.label.removesuffix(mine))
                for held in self._trust.inventory.identity_policies(holder)
            )
            boundary = self._trust.inventory.boundary(holder)
            if boundary is not None:
                boundary = replace(boundary, label="its permissions boundary")
            key = (_key(identity), boundary and _key([boundary]))
            found = self._profiles.get(key)
            if found is None:
                number = self._number(key)
                found = self._profiles[key] = Profile(number, identity, boundary)
            self._of[holder.arn] = found
        return found

    def covered(self, holder: Holder) -> frozenset[str] | None:
        """The interesting actions that the allows of a principal's own policies speak of; None for all."""
        if holder.arn not in self._known_covered:
            self._known_covered[holder.arn] = self._all_covered(self._trust.inventory.identity_policies(holder))
        return self._known_covered[holder.arn]

    def cut(self, profile: Profile | None, account: str, action: str) -> Cut:
        """Everything about an action (lower case) in a profile and the control policies of its account."""
        number, controls = self._controls_of(account)
        key = (profile.number if profile else -1, number, action)
        found = self._cuts.get(key)
        if found is None:
            identity = tuple(self._slice(held, action) for held in profile.identity) if profile else ()
            boundary = self._slice(profile.boundary, action) if profile and profile.boundary else None
            bound = replace(
                controls,
                levels=tuple(
                    Level(level.label, tuple(self._slice(held, action) for held in level.policies))
                    for level in controls.levels
                ),
            )
            found = self._cuts[key] = _cut(len(self._cuts), identity, boundary, bound)
        return found

    def _controls_of(self, account: str) -> tuple[int, Controls]:
        found = self._controls.get(account)
        if found is None:
            controls = self._trust.organization.controls(account, SCP)
            key = ("scp", controls.gap, tuple(_key(level.policies) for level in controls.levels))
            found = self._controls[account] = (self._number(key), controls)
        return found

    def _number(self, key: object) -> int:
        return self._numbers.setdefault(key, len(self._numbers))

    def _slice(self, held: Held, action: str) -> Held:
        document = held.document
        if document is None:
            return held
        found = self._sliced.get((id(document), action))
        if found is None:
            kept = tuple(one for one in document.statements if not one.malformed and one.covers_action(action))
            found = self._sliced[id(document), action] = (document, replace(document, statements=kept))
        return replace(held, document=found[1])

    def _all_covered(self, identity: Iterable[Held]) -> frozenset[str] | None:
        documents = [held.document for held in identity]
        key = tuple(map(id, documents))
        if key not in self._covered_by:
            if None in documents:
                return None
            covered = frozenset[str]().union(*(self._allowing(one) for one in documents if one is not None))
            self._covered_by[key] = self._same(covered)
        return self._covered_by[key]

    def _same(self, covered: frozenset[str]) -> frozenset[str]:
        """One object for equal sets: what is remembered of it is found faster."""
        return self._sets.setdefault(covered, covered)

    def _allowing(self, document: Document) -> frozenset[str]:
        """Interesting actions that a document's allows speak of. The document is kept, so that its id stays its own."""
        found = self._covered.get(id(document))
        if found is None:
            allows = (_covers(one) for one in document.statements if one.effect == "Allow" and not one.malformed)
            found = self._covered[id(document)] = (document, frozenset[str]().union(*allows))
        return found[1]


def _covers(statement: Statement) -> frozenset[str]:
    """Interesting actions that a statement speaks of."""
    named = frozenset[str]().union(*map(_meant, statement.actions))
    return INTERESTING - named if statement.actions_negated else named


@lru_cache(maxsize=100_000)
def _meant(pattern: str) -> frozenset[str]:
    if "*" not in pattern and "?" not in pattern:
        return INTERESTING & {pattern}
    return frozenset(action for action in INTERESTING if glob(pattern, action))


def _key(policies: Iterable[Held]) -> tuple[tuple[str, int, str], ...]:
    """What tells policies apart; the call that settles an unread one names its account, and is of no matter for others."""
    return tuple(
        (held.label, 0, held.settle) if held.document is None else (held.label, id(held.document), "")
        for held in policies
    )


def _cut(number: int, identity: tuple[Held, ...], boundary: Held | None, controls: Controls) -> Cut:
    held = [*identity, *([boundary] if boundary else ()), *(one for level in controls.levels for one in level.policies)]
    statements = list(_statements(held))
    keys = {condition.key for one in statements for condition in one.conditions}
    patterns = [pattern for one in statements for pattern in one.resources]
    return Cut(
        number,
        identity,
        boundary,
        controls,
        all(pattern == "*" for pattern in patterns) and not any("resource" in key for key in keys),
        all(indifferent(key) for key in keys) and not any("${" in text for text in _texts(statements)),
        not keys,
    )


def indifferent(key: str) -> bool:
    """Whether nothing about the caller shows in what is known of a condition key."""
    return key in SAME_FOR_ALL or key.startswith("aws:requesttag/")


def _statements(policies: Iterable[Held]) -> Iterator[Statement]:
    return (one for held in policies if held.document is not None for one in held.document.statements)


def _texts(statements: Iterable[Statement]) -> Iterator[str]:
    for one in statements:
        yield from one.resources
        for condition in one.conditions:
            yield from condition.values
