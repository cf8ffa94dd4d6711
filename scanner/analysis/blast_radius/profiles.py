"""What bears on one action of one actor, cut down to the statements that speak of it: equal cuts are decided once.

A million roles have a few thousand different sets of policies. Two actors whose cuts are the same get the same answer, unless a condition
or a variable looks at who they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from scanner.analysis.blast_radius.cuts import Cut, Policies, cut_of
from scanner.analysis.blast_radius.numbers import Numbers, opened
from scanner.analysis.blast_radius.paths import INTERESTING, LEADING
from scanner.analysis.policies import Document, Statement, glob
from scanner.analysis.trust import Trust
from scanner.analysis.trust.inventory import Holder
from scanner.analysis.trust.organization import SCP, Controls, Held, Level


@dataclass(frozen=True, slots=True)
class Profile:
    """What a principal's own policies say of actions that edges are made of, the number of its account left open.

    `covered` are the interesting actions that their allows speak of; None for all of them.
    """

    number: int
    covered: frozenset[str] | None


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
        self._same: dict[int, Cut] = {}
        self._halves: dict[int, Cut] = {}
        self._of_own: dict[tuple[int, str], int] = {}
        self._of_controls: dict[tuple[int, str], int] = {}
        self._sliced: dict[tuple[int, str], tuple[Document, Document]] = {}
        self._covered: dict[int, tuple[Document, frozenset[str]]] = {}
        self._sets: dict[frozenset[str], frozenset[str]] = {}
        self._controls: dict[str, tuple[int, Controls]] = {}
        self._alike: dict[tuple[int, int, tuple[str, ...]], bool] = {}
        self._last: tuple[Holder | None, Policies] = (None, Policies((), None, Controls()))

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
            said = self._said(own, holder, account, action), self._controlled(number, account, action)
            same = self.numbers.intern(said)
            if same not in self._same:
                self._same[same] = self._halves[said[0]].beside(self._halves[said[1]], same)
            found = self._cuts[key] = self._same[same]
        return found

    def _said(self, own: int, holder: Holder | None, account: str, action: str) -> int:
        """A number for what a principal's own policies say of an action."""
        found = self._of_own.get((own, action))
        if found is None:
            policies = self.sliced(holder, account, action, bound=False)
            boundary = (policies.boundary,) if policies.boundary else ()
            said = (self._key(policies.identity, account), self._key(boundary, account))
            found = self._of_own[own, action] = self._half(said, (*policies.identity, *boundary), account)
        return found

    def _controlled(self, number: int, account: str, action: str) -> int:
        """A number for what control policies say of an action; -1 for a principal that they do not bind."""
        found = self._of_controls.get((number, action))
        if found is None:
            controls = self.sliced(None, account, action, bound=number >= 0).controls
            said = self._key_of_controls(controls, account)
            held = (one for level in controls.levels for one in level.policies)
            found = self._of_controls[number, action] = self._half(said, held, account)
        return found

    def _half(self, said: object, held: Iterable[Held], account: str) -> int:
        """A number for policies, with what is to be told of them."""
        number = self.numbers.intern(said)
        if number not in self._halves:
            self._halves[number] = cut_of(number, held, account)
        return number

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
        if controls.levels:
            levels = (
                Level(one.label, tuple(self._slice(held, action) for held in one.policies)) for one in controls.levels
            )
            controls = replace(controls, levels=tuple(levels))
        if holder is None:
            return Policies((), None, controls)
        own = self._own(holder)
        boundary = self._slice(own.boundary, action) if own.boundary else None
        sliced = (self._slice(held, action) for held in own.identity)
        identity = tuple(held for held in sliced if held.document is None or held.document.statements)
        return Policies(identity, boundary, controls)

    def _own(self, holder: Holder) -> Policies:
        """Policies of a principal, named without it. Of the one asked about last they are kept: it is asked about again."""
        if self._last[0] is not holder:
            self._last = holder, self._named(holder)
        return self._last[1]

    def _named(self, holder: Holder) -> Policies:
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
