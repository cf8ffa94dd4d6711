"""What a closure holds, account by account, and everybody in it: those who lead on, and roles that lead nowhere. Pure."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from scanner.analysis.blast_radius.closure import GROWN, Closure, Edge
from scanner.analysis.blast_radius.weigh import VERDICTS

Chain = tuple[str, ...]
_LAST = "\uffff"  # leaves come behind others that are as near


@dataclass(frozen=True, slots=True)
class Person:
    """A user, role, or account as a whole that is got hold of; `leaf` is the last step to a role that is no node of the closure."""

    node: str
    rank: int
    hops: int
    leaf: Edge | None = None

    @property
    def order(self) -> tuple[int, int, str]:
        return self.rank, self.hops, self.node


@dataclass(frozen=True)
class Held:
    """What is got hold of in one account: `nodes` of a closure, the best first.

    `verdict` is that of the first thing got hold of there, which `entered_as` names, with its `chain` and `conditions`.
    `administered` is the verdict with which all of the account is held, `deny` when it is not. `hubs` stand for roles of which
    nothing leads on: `people` names these too.
    """

    account: str
    nodes: tuple[str, ...]
    closure: Closure
    hubs: tuple[str, ...] = ()
    leaves: Callable[[str], list[Edge]] | None = field(default=None, compare=False, repr=False)
    shown: Person | None = None
    """Whom the chain leads to; the first of all where nobody is chosen."""

    @property
    def rank(self) -> int:
        return self.closure.rank(self.nodes[0])

    @property
    def verdict(self) -> str:
        return VERDICTS[self.rank]

    @property
    def administered(self) -> str:
        return self.closure.verdict(self.account) if self.account in self.closure else "deny"

    @property
    def administers(self) -> bool | None:
        """Whether all of the account is held; None when that hangs on something that the rest does not hang on."""
        return certain(self.administered, self.verdict)

    @property
    def first(self) -> Person:
        return self.person(self.nodes[0])

    def person(self, node: str) -> Person:
        return Person(node, self.closure.rank(node), self.closure.hops(node))

    def people(self) -> Iterator[Person]:
        """Everybody got hold of, the surest and nearest first. Leaves are only asked for when their turn comes."""
        if not self.hubs:
            yield from map(self.person, self.nodes)
            return
        count = itertools.count()
        waiting: list[tuple[tuple[int, int, str], int, Person | str]] = [
            (one.order, next(count), one) for one in map(self.person, self.nodes)
        ]
        for hub in self.hubs:
            waiting.append(((self.closure.rank(hub), self.closure.hops(hub), _LAST), next(count), hub))
        heapq.heapify(waiting)
        seen = set()
        while waiting:
            _, _, one = heapq.heappop(waiting)
            if isinstance(one, Person):
                if one.node not in seen:
                    seen.add(one.node)
                    yield one
                continue
            for edge in self.leaves(one) if self.leaves is not None else ():
                leaf = Person(edge.target, *self.closure.behind(edge), edge)
                heapq.heappush(waiting, (leaf.order, next(count), leaf))

    def way_to(self, person: Person) -> Chain:
        """How somebody is got hold of, a sentence a step. The step from a hub to a leaf has none of its own."""
        if person.leaf is None:
            return tuple(self.closure.chain(person.node))
        return tuple(self.closure.chain(person.leaf.source, person.rank))

    @property
    def principals(self) -> tuple[tuple[str, str, Chain], ...]:
        """`(arn, verdict, chain)` of every user and role got hold of, beside what administration brings with it."""
        found: dict[str, tuple[str, Chain]] = {}
        for one in self.people():
            if one.node != self.account:
                found.setdefault(one.node.removesuffix(GROWN), (VERDICTS[one.rank], self.way_to(one)))
        return tuple((arn, verdict, chain) for arn, (verdict, chain) in sorted(found.items()))

    @property
    def entered_as(self) -> str:
        first = (self.shown or self.first).node.removesuffix(GROWN)
        return first if first.startswith("arn:") else f"arn:aws:iam::{self.account}:root"

    @property
    def hops(self) -> int:
        return (self.shown or self.first).hops

    @property
    def chain(self) -> Chain:
        return self.way_to(self.shown or self.first)

    @property
    def conditions(self) -> tuple[str, ...]:
        one = self.shown or self.first
        if one.leaf is None:
            return tuple(self.closure.conditions(one.node))
        return tuple(dict.fromkeys((*self.closure.conditions(one.leaf.source, one.rank), *one.leaf.conditions)))


def certain(verdict: str, beside: str) -> bool | None:
    """A verdict as yes, no or not known: what is no less certain than what it stands beside counts as yes."""
    if verdict == "deny":
        return False
    return True if verdict != "unknown" and VERDICTS.index(verdict) <= VERDICTS.index(beside) else None


def account_of(node: str) -> str:
    """The account a node of a closure lies in."""
    if node.startswith(_USUAL):
        return node[len(_USUAL) : len(_USUAL) + 12]
    return node.split(":")[4] if node.startswith("arn:") else node


_USUAL = "arn:aws:iam::"
