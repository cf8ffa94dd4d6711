"""Whom a compromise reaches: the radius of an account or of one principal.

radius = Radius.load(connection, config)
radius.of_account(account)          -> Held by target account, its own account included
radius.of_principal(arn)            the same, from one principal alone
radius.may(held, action, resource)  the best verdict anybody it got hold of there has
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from scanner.analysis.blast_radius import estate, people
from scanner.analysis.blast_radius.beyond import Beyond, Common, Starts
from scanner.analysis.blast_radius.closure import Closure
from scanner.analysis.blast_radius.explore import Explorer
from scanner.analysis.blast_radius.graph import Graph
from scanner.analysis.blast_radius.held import Held, Person, certain
from scanner.analysis.blast_radius.paths import DESTROYS
from scanner.analysis.blast_radius.reach import Reach, ReachBeyond
from scanner.analysis.blast_radius.rights import Actor, Rights
from scanner.analysis.blast_radius.weigh import DENY, VERDICTS, Outcome, loosest
from scanner.analysis.trust import Answer, Trust
from scanner.config import Config
from scanner.errors import UsageError

_left: list[tuple[Any, Radius]] = []  # the connection asked last, and its answers: never more than one


class Radius:
    """Answers for one snapshot."""

    def __init__(self, rights: Rights):
        self.rights = rights
        self.estate = rights.estate
        self._destroyers: dict[str, Outcome] = {}
        self._explorer = Explorer(rights)
        self._explorer.accounts()
        self._starts = Starts(self.graph, self.accounts, self.estate.shown)
        self._common: dict[Common, Reach] = {}

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
        closure = self.closure(account)
        if not isinstance(closure, Beyond):
            return Reach(closure, self._explorer.leaves)
        common = self._common.get(closure.common)
        if common is None:
            common = self._common[closure.common] = Reach(closure.common, self._explorer.leaves)
        return ReachBeyond(closure, self._explorer.leaves, common)

    def closure(self, account: str, *, governed: bool = True) -> Closure:
        """Nodes that whoever holds all of an account gets; not `governed`: as if nobody governed the organization."""
        return self._starts.closure(account, governed=governed)

    def of_principal(self, arn: str) -> Reach:
        """What whoever holds one user or role gets, by account. Raises UsageError for what is not known."""
        self.explore(arn)
        return Reach(self.graph.closure(arn), self._explorer.leaves)

    def explore(self, arn: str) -> None:
        """Find the edges that start at a user or role, or at what it gets. Raises UsageError for what is not known."""
        if not self._explorer.principal(arn):
            raise UsageError(f"{arn} is no user or role of this snapshot")

    def explore_without_assuming(self, arn: str) -> None:
        """The same, but for the roles that it can assume itself."""
        self._explorer.without_assuming(arn)

    def may(self, held: Held, action: str, resource: str) -> Answer:
        """The best verdict with which anybody got hold of may do something, as far as its own side goes."""
        found = [
            (one, Outcome(VERDICTS[one.rank]).also(self._may(actor, action, resource)))
            for one, actor in self._actors(held)
        ]
        best = loosest(outcome for _, outcome in found)
        if best.verdict != "allow":
            found += self._unbound(held, action, resource)
            best = loosest(outcome for _, outcome in found)
        if best.verdict == "deny":
            return Answer("deny", (f"nobody got hold of in account {held.account} may call {action} on {resource}",))
        who = next(one for one, outcome in found if outcome == best)
        trail = (*held.way_to(who), *(f"{where} allows {action}" for where in best.named))
        return Answer(best.verdict, (*trail, *(f"only if {text}" for text in best.conditions)))

    def _unbound(self, held: Held, action: str, resource: str) -> Iterator[tuple[Person, Outcome]]:
        """The same for whoever holds the management account as well, and takes service control policies away first.

        https://docs.aws.amazon.com/organizations/latest/userguide/orgs_policies_detach.html
        """
        management = self.estate.management
        if management is None or management not in held.closure or held.account == management:
            return
        lifting = Outcome(VERDICTS[held.closure.rank(management)])
        for one, actor in self._actors(held):
            free = _NOT_READ if actor is None else self.rights.may(actor, action, resource, bound=False)
            found = lifting.also(Outcome(VERDICTS[one.rank])).also(free)
            yield one, replace(found, wheres=(*found.wheres, _WITHOUT_CONTROLS))

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


_WITHOUT_CONTROLS = "the management account, which may take service control policies away,"
_NOT_READ = Outcome("unknown", (), ("its permissions were not read",))
