"""Whom a compromise reaches: the radius of an account or of one principal.

radius = Radius.load(connection, config)
radius.of_account(account)          -> Held by target account, its own account included
radius.of_principal(arn)            the same, from one principal alone
radius.may(held, action, resource)  the best verdict anybody it got hold of there has
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from scanner.analysis.blast_radius import estate, people
from scanner.analysis.blast_radius.backwards import shared
from scanner.analysis.blast_radius.explore import Explorer
from scanner.analysis.blast_radius.graph import GROWN, HUB, Closure, Edge, Graph
from scanner.analysis.blast_radius.paths import DESTROYS
from scanner.analysis.blast_radius.rights import Actor, Rights
from scanner.analysis.blast_radius.weigh import DENY, VERDICTS, Outcome, loosest
from scanner.analysis.trust import Answer, Trust
from scanner.config import Config
from scanner.errors import UsageError

Chain = tuple[str, ...]
_left: list[tuple[Any, Radius]] = []  # the connection asked last, and its answers: never more than one


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


class Reach(Mapping[str, Held]):
    """What a closure holds, by account. What is held in one account is only sorted out when somebody asks."""

    def __init__(self, closure: Closure, leaves: Callable[[str], list[Edge]]):
        self.closure = closure
        self._leaves = leaves
        self._nodes: dict[str, list[str]] = {}
        self._hubs: dict[str, list[str]] = {}
        for node in closure:
            if not node.startswith(HUB):
                self._nodes.setdefault(account_of(node), []).append(node)
            elif not shared(node):
                self._hubs.setdefault(node[len(HUB) :].partition(":")[0], []).append(node)

    def __getitem__(self, account: str) -> Held:
        closure, nodes = self.closure, self._nodes[account]
        if len(nodes) > 1:
            nodes = sorted(nodes, key=lambda node: (closure.rank(node), closure.hops(node), node))
        return Held(account, tuple(nodes), closure, tuple(self._hubs.get(account, ())), self._leaves)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._nodes))

    def __len__(self) -> int:
        return len(self._nodes)

    def rank(self, account: str) -> int:
        """How certainly somebody is got hold of in an account."""
        return self.closure.rank(self._nodes[account][0])  # a closure names its nodes in the order of ranks

    def urgency(self, account: str) -> tuple[int, int, int]:
        """Ranks of getting hold of all of an account and of somebody in it, and the steps to that one."""
        closure, rank = self.closure, self.rank(account)
        whole = closure.rank(account) if account in closure else DENY.rank
        return whole, rank, min(closure.hops(node) for node in self._nodes[account] if closure.rank(node) == rank)


class Radius:
    """Answers for one snapshot."""

    def __init__(self, rights: Rights):
        self.rights = rights
        self.estate = rights.estate
        self._destroyers: dict[str, Outcome] = {}
        self._explorer = Explorer(rights)
        self._explorer.accounts()

    @classmethod
    def load(cls, connection: Any, config: Config) -> Radius:
        """Find every edge that matters, on a connection with the tables of a snapshot."""
        trust = Trust.load(connection)
        known = estate.load(connection, trust.inventory, trust.organization)
        people.choose(connection, trust.inventory, known)
        return cls(Rights(trust, known))

    @classmethod
    def shared(cls, connection: Any, config: Config) -> Radius:
        """The one that the analysis left for this connection; a new one where it did not run."""
        found = [radius for known, radius in _left if known is connection]
        return found[0] if found else cls.load(connection, config)

    def leave(self, connection: Any) -> None:
        """Let others of this connection share it, until another connection's comes."""
        _left[:] = [(connection, self)]

    @property
    def accounts(self) -> list[str]:
        """Accounts that have a radius: those known that are not closed."""
        return sorted(self.estate.members)

    @property
    def graph(self) -> Graph:
        return self._explorer.graph

    def of_account(self, account: str) -> Reach:
        """What whoever holds all of an account gets, by account. Raises UsageError for an account that is not known."""
        if account not in self.estate.members:
            raise UsageError(f"account {account} is not in this snapshot, or closed")
        return Reach(self.graph.closure(account), self._explorer.leaves)

    def of_principal(self, arn: str) -> Reach:
        """What whoever holds one user or role gets, by account. Raises UsageError for what is not known."""
        self.explore(arn)
        return Reach(self.graph.closure(arn), self._explorer.leaves)

    def explore(self, arn: str) -> None:
        """Find the edges that start at a user or role, or at what it gets. Raises UsageError for what is not known."""
        if not self._explorer.principal(arn):
            raise UsageError(f"{arn} is no user or role of this snapshot")

    def may(self, held: Held, action: str, resource: str) -> Answer:
        """The best verdict with which anybody got hold of may do something, as far as its own side goes."""
        found = [
            (one, Outcome(VERDICTS[one.rank]).also(self._may(actor, action, resource)))
            for one, actor in self._actors(held)
        ]
        best = loosest(outcome for _, outcome in found)
        if best.verdict == "deny":
            return Answer("deny", (f"nobody got hold of in account {held.account} may call {action} on {resource}",))
        who = next(one for one, outcome in found if outcome == best)
        trail = (*held.way_to(who), *(f"{where} allows {action}" for where in best.named))
        return Answer(best.verdict, (*trail, *(f"only if {text}" for text in best.conditions)))

    def destroys(self, held: Held) -> bool | None:
        """Whether anybody got hold of may delete data, copies or their keys there."""
        return self._destroyer(held)[0]

    def at_its_worst(self, held: Held) -> tuple[Held, bool | None]:
        """What is got hold of, with the way to the most that can be done there first; and whether it destroys.

        A chain has to prove what is said of it: it leads to administration, else to somebody who may delete data, else in.
        """
        destroys, destroyer = self._destroyer(held)
        worst = held.person(held.account) if held.administers else destroyer if destroys else None
        return (held if worst is None else replace(held, shown=worst)), destroys

    def _destroyer(self, held: Held) -> tuple[bool | None, Person | None]:
        """Whether somebody may destroy data there, and who."""
        best, who = DENY.rank, None
        for one, actor in self._actors(held):
            if best <= held.rank:
                break
            rank = max(one.rank, self._destroying(actor).rank)
            if rank < best:
                best, who = rank, one
        return certain(VERDICTS[best], held.verdict), who

    # ------------------------------------------------------------------ from nodes to people

    def _actors(self, held: Held) -> Iterator[tuple[Person, Actor | None]]:
        """Everybody got hold of; no actor for somebody of whom nothing is known."""
        for one in held.people():
            yield one, Actor(one.node) if one.node == held.account else self._explorer.actor(one.node)

    def _may(self, actor: Actor | None, action: str, resource: str) -> Outcome:
        return _NOT_READ if actor is None else self.rights.may(actor, action, resource)

    def _destroying(self, actor: Actor | None) -> Outcome:
        """The best of the calls that destroy, for one actor."""
        if actor is None:
            return _NOT_READ
        if actor.key not in self._destroyers:
            self._destroyers[actor.key] = loosest(self._some(actor, action) for action in DESTROYS)
        return self._destroyers[actor.key]

    def _some(self, actor: Actor, action: str) -> Outcome:
        return self.rights.some(actor, action) if self.rights.covers(actor, (action.lower(),)) else DENY


_LAST = "\uffff"  # leaves come behind others that are as near
_NOT_READ = Outcome("unknown", (), ("its permissions were not read",))


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
