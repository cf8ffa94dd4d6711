"""What bears on one action of one actor, cut down to the statements that speak of it: equal cuts are decided once.

A million roles have a few thousand different sets of policies. Two actors whose cuts are the same get the same answer, unless a condition
or a variable looks at who they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from scanner.analysis.blast_radius.numbers import PLACES, Numbers, exact, named, opened
from scanner.analysis.blast_radius.paths import INTERESTING, LEADING
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


_ROLE = f"iam::{PLACES[0]}:role/"
_ALL_ROLES = re.compile(rf"arn:(aws|\*):iam::({PLACES[0]}|\*):(role/)?\*")


@dataclass(frozen=True, slots=True)
class Profile:
    """What a principal's own policies say of actions that edges are made of, the number of its account left open.

    `covered` are the interesting actions that their allows speak of; None for all of them.
    """

    number: int
    covered: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Cut:
    """The statements about one action, the number of the account left open.

    `anything`: the answer is the same for every resource; `roles`: for every role of the account; `anybody`: for every caller with the same policies; `plain`: no condition
    is looked at; `tags`: those of the resource are. `numbers` are of accounts that it names, and `text` is all of it where there are some;
    not `exact`: a wildcard could match a part of a number.
    """

    number: int
    anything: bool
    roles: bool
    anybody: bool
    plain: bool
    tags: bool
    numbers: frozenset[str]
    text: str
    exact: bool


@dataclass(frozen=True, slots=True)
class Policies:
    """What binds one principal: its own policies, its boundary, and the control policies of its account."""

    identity: tuple[Held, ...]
    boundary: Held | None
    controls: Controls


class Profiles:
    """Policies of principals and of accounts, numbered."""

    def __init__(self, trust: Trust):
        self.numbers = Numbers()
        self._trust = trust
        self._of: dict[str, Profile] = {}
        self._profiles: dict[object, Profile] = {}
        self._wholes: dict[str, int] = {}
        self._led: dict[int, tuple[Document, Document]] = {}
        self._cuts: dict[tuple[int, int, str], Cut] = {}
        self._sliced: dict[tuple[int, str], tuple[Document, Document]] = {}
        self._covered: dict[int, tuple[Document, frozenset[str]]] = {}
        self._sets: dict[frozenset[str], frozenset[str]] = {}
        self._controls: dict[str, tuple[int, Controls]] = {}
        self._alike: dict[tuple[int, int, tuple[str, ...]], bool] = {}

    def of(self, holder: Holder) -> Profile:
        found = self._of.get(holder.arn)
        if found is None:
            policies = self._own(holder)
            covered = self._all_covered(policies.identity)
            number = self._number(policies, holder.account, self._leading)
            found = self._of[holder.arn] = self._profiles.setdefault((number, covered), Profile(number, covered))
        return found

    def _whole(self, holder: Holder) -> int:
        """A number for all that a principal's own policies say."""
        found = self._wholes.get(holder.arn)
        if found is None:
            found = self._wholes[holder.arn] = self._number(self._own(holder), holder.account, lambda held: held)
        return found

    def _number(self, policies: Policies, account: str, reduced: Callable[[Held], Held | None]) -> int:
        identity = [kept for held in policies.identity if (kept := reduced(held)) is not None]
        boundary = reduced(policies.boundary) if policies.boundary else None
        said = self._key((boundary,), account) if boundary else policies.boundary and ()
        return self.numbers.intern((self._key(identity, account), said))

    def _leading(self, held: Held) -> Held | None:
        """The statements of a policy that speak of actions that edges are made of; None without any."""
        if held.document is None:
            return held
        found = self._led.get(id(held.document))
        if found is None:
            kept = tuple(one for one in held.document.statements if not one.malformed and _covers(one) & LEADING)
            found = self._led[id(held.document)] = (held.document, replace(held.document, statements=kept, _about={}))
        return Held(held.label, found[1], held.settle) if found[1].statements else None

    def cut(self, holder: Holder | None, account: str, action: str, *, bound: bool = True) -> Cut:
        """What can be told of an action (lower case) for a principal and the control policies of its account, unless not `bound` by
        these."""
        number = self._controls_of(account)[0] if bound else -1
        own = -1 if holder is None else self.of(holder).number if action in LEADING else self._whole(holder)
        key = (own, number, action)
        found = self._cuts.get(key)
        if found is None:
            policies = self.sliced(holder, account, action, bound=bound)
            key_of_it = (
                self._key(policies.identity, account),
                self._key((policies.boundary,) if policies.boundary else (), account),
                self._key_of_controls(policies.controls, account),
            )
            found = self._cuts[key] = _cut(self.numbers.intern(key_of_it), policies, account)
        return found

    def likeness(self, holder: Holder, actions: tuple[str, ...]) -> tuple[object, ...] | None:
        """The same for all whose answers about some actions (lower case) are the same; None where these look at who asks."""
        key = (self.of(holder).number, self._controls_of(holder.account)[0], actions)
        found = self._alike.get(key)
        if found is None:
            found = self._alike[key] = all(self.cut(holder, holder.account, action).anybody for action in actions)
        return key if found else None

    def sliced(self, holder: Holder | None, account: str, action: str, *, bound: bool = True) -> Policies:
        """The statements about an action (lower case)."""
        controls = self._controls_of(account)[1] if bound else Controls()
        levels = tuple(
            Level(level.label, tuple(self._slice(held, action) for held in level.policies)) for level in controls.levels
        )
        controls = replace(controls, levels=levels)
        if holder is None:
            return Policies((), None, controls)
        own = self._own(holder)
        boundary = self._slice(own.boundary, action) if own.boundary else None
        sliced = (self._slice(held, action) for held in own.identity)
        identity = tuple(held for held in sliced if held.document is None or held.document.statements)
        return Policies(identity, boundary, controls)

    def _own(self, holder: Holder) -> Policies:
        """Policies of a principal, named without it."""
        mine = f" of {holder.short}"
        identity = tuple(
            Held(held.label.removesuffix(mine), held.document, held.settle)
            for held in self._trust.inventory.identity_policies(holder)
        )
        boundary = self._trust.inventory.boundary(holder)
        if boundary is not None:
            boundary = replace(boundary, label="its permissions boundary")
        return Policies(identity, boundary, Controls())

    def _controls_of(self, account: str) -> tuple[int, Controls]:
        found = self._controls.get(account)
        if found is None:
            controls = self._trust.organization.controls(account, SCP)
            number = self.numbers.intern(self._key_of_controls(controls, account))
            found = self._controls[account] = (number, controls)
        return found

    def _key_of_controls(self, controls: Controls, account: str) -> object:
        levels = tuple(
            (opened(level.label, (account,)), self._key(level.policies, account)) for level in controls.levels
        )
        return ("controls", controls.gap, levels)

    def _key(self, policies: Iterable[Held], account: str) -> tuple[object, ...]:
        """What tells policies apart."""
        own = (account,)
        return tuple(
            (held.label, "", opened(held.settle, own))
            if held.document is None
            else (held.label, self.numbers.of(held.document, own))
            for held in policies
        )

    def _slice(self, held: Held, action: str) -> Held:
        document = held.document
        if document is None:
            return held
        found = self._sliced.get((id(document), action))
        if found is None:
            kept = tuple(one for one in document.statements if not one.malformed and one.covers_action(action))
            found = self._sliced[id(document), action] = (document, replace(document, statements=kept, _about={}))
        return Held(held.label, found[1], held.settle)

    def _all_covered(self, identity: Iterable[Held]) -> frozenset[str] | None:
        documents = [held.document for held in identity]
        if None in documents:
            return None
        covered = frozenset[str]().union(*(self._allowing(one) for one in documents if one is not None))
        return self._sets.setdefault(
            covered, covered
        )  # one object for equal sets: what is remembered of it is found faster

    def _allowing(self, document: Document) -> frozenset[str]:
        """Interesting actions that a document's allows speak of. The document is kept, so that its id stays its own."""
        found = self._covered.get(id(document))
        if found is None:
            found = self._covered[id(document)] = (document, allowing(document))
        return found[1]


def allowing(document: Document) -> frozenset[str]:
    """The interesting actions that the allows of a document speak of."""
    allows = (_covers(one) for one in document.statements if one.effect == "Allow" and not one.malformed)
    return frozenset[str]().union(*allows)


def _covers(statement: Statement) -> frozenset[str]:
    """Interesting actions that a statement speaks of."""
    named = frozenset[str]().union(*map(_meant, statement.actions))
    return INTERESTING - named if statement.actions_negated else named


@lru_cache(maxsize=100_000)
def _meant(pattern: str) -> frozenset[str]:
    if "*" not in pattern and "?" not in pattern:
        return INTERESTING & {pattern}
    return frozenset(action for action in INTERESTING if glob(pattern, action))


def _cut(number: int, policies: Policies, account: str) -> Cut:
    boundary = (policies.boundary,) if policies.boundary else ()
    held = [*policies.identity, *boundary, *(one for level in policies.controls.levels for one in level.policies)]
    statements = list(_statements(held))
    keys = {condition.key for one in statements for condition in one.conditions}
    patterns = [pattern for one in statements for pattern in one.resources]
    text = opened(repr(held), (account,))
    numbers = named(text)
    blind = not any("resource" in key for key in keys)
    return Cut(
        number,
        blind and all(pattern == "*" for pattern in patterns),
        blind and all(_all_or_none(opened(pattern, (account,))) for pattern in patterns),
        all(indifferent(key) for key in keys) and not any("${" in text for text in _texts(statements)),
        not keys,
        any("resourcetag" in key for key in keys),
        numbers,
        text if numbers else "",
        exact(text),
    )


def _all_or_none(pattern: str) -> bool:
    """Whether a pattern matches every role of the account, or none."""
    if pattern == "*" or _ALL_ROLES.fullmatch(pattern):
        return True
    head = re.split(r"[*?$]", pattern, maxsplit=1)[0].split(":", 2)
    return len(head) > 2 and not (head[2].startswith(_ROLE) or _ROLE.startswith(head[2]))


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
