"""Whom a compromise reaches: the radius of an account or of one principal.

radius = Radius.load(connection, config)
radius.of_account(account)          -> Held by target account, its own account included
radius.of_principal(arn)            the same, from one principal alone
radius.may(held, action, resource)  the best verdict anybody it got hold of there has
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from scanner.analysis.blast_radius import estate
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


@dataclass(frozen=True)
class Held:
    """What is got hold of in one account: `nodes` of a closure, the best first.

    `verdict` is that of the first thing got hold of there, which `entered_as` names, with its `chain` and `conditions`.
    `administered` is the verdict with which all of the account is held, `deny` when it is not.
    """

    account: str
    nodes: tuple[str, ...]
    closure: Closure

    @property
    def verdict(self) -> str:
        return self.closure.verdict(self.nodes[0])

    @property
    def administered(self) -> str:
        return self.closure.verdict(self.account) if self.account in self.closure else "deny"

    @property
    def administers(self) -> bool | None:
        """Whether all of the account is held; None when that hangs on something that the rest does not hang on."""
        return certain(self.administered, self.verdict)

    @property
    def principals(self) -> tuple[tuple[str, str, Chain], ...]:
        """`(arn, verdict, chain)` of every user and role got hold of, beside what administration brings with it."""
        found: dict[str, tuple[str, Chain]] = {}
        for node in self.nodes:
            if node != self.account:
                found.setdefault(node.removesuffix(GROWN), (self.closure.verdict(node), said(self.closure.chain(node))))
        return tuple((arn, verdict, chain) for arn, (verdict, chain) in sorted(found.items()))

    @property
    def entered_as(self) -> str:
        first = self.nodes[0].removesuffix(GROWN)
        return first if first.startswith("arn:") else f"arn:aws:iam::{self.account}:root"

    @property
    def hops(self) -> int:
        return self.closure.hops(self.nodes[0])

    @property
    def chain(self) -> Chain:
        return said(self.closure.chain(self.nodes[0]))

    @property
    def conditions(self) -> tuple[str, ...]:
        steps = self.closure.chain(self.nodes[0])
        return tuple(dict.fromkeys(text for step in steps for text in step.conditions))


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
        return cls(Rights(trust, estate.load(connection, trust.inventory, trust.organization)))

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

    def of_account(self, account: str) -> dict[str, Held]:
        """What whoever holds all of an account gets, by account. Raises UsageError for an account that is not known."""
        if account not in self.estate.members:
            raise UsageError(f"account {account} is not in this snapshot, or closed")
        return self._held(self.graph.closure(account))

    def of_principal(self, arn: str) -> dict[str, Held]:
        """What whoever holds one user or role gets, by account. Raises UsageError for what is not known."""
        self.explore(arn)
        return self._held(self.graph.closure(arn))

    def explore(self, arn: str) -> None:
        """Find the edges that start at a user or role, or at what it gets. Raises UsageError for what is not known."""
        if not self._explorer.principal(arn):
            raise UsageError(f"{arn} is no user or role of this snapshot")

    def may(self, held: Held, action: str, resource: str) -> Answer:
        """The best verdict with which anybody got hold of may do something, as far as its own side goes."""
        found = {node: way.also(self._may(actor, action, resource)) for node, actor, way in self._actors(held)}
        best = loosest(found.values())
        if best.verdict == "deny":
            return Answer("deny", (f"nobody got hold of in account {held.account} may call {action} on {resource}",))
        node = next(node for node, outcome in found.items() if outcome == best)
        trail = (*said(held.closure.chain(node)), *(f"{where} allows {action}" for where in best.named))
        return Answer(best.verdict, (*trail, *(f"only if {text}" for text in best.conditions)))

    def destroys(self, held: Held) -> bool | None:
        """Whether anybody got hold of may delete data, copies or their keys there."""
        return self._destroyer(held)[0]

    def at_its_worst(self, held: Held) -> tuple[Held, bool | None]:
        """What is got hold of, with the way to the most that can be done there first; and whether it destroys.

        A chain has to prove what is said of it: it leads to administration, else to somebody who may delete data, else in.
        """
        destroys, destroyer = self._destroyer(held)
        worst = held.account if held.administers else destroyer if destroys else held.nodes[0]
        if worst == held.nodes[0]:
            return held, destroys
        return replace(held, nodes=(worst, *(node for node in held.nodes if node != worst))), destroys

    def _destroyer(self, held: Held) -> tuple[bool | None, str]:
        """Whether somebody may destroy data there, and who."""
        best, who = DENY, held.nodes[0]
        for node, actor, way in self._actors(held):
            if best.rank <= VERDICTS.index(held.verdict):
                break
            found = way.also(self._destroying(actor))
            if found.rank < best.rank:
                best, who = found, node
        return certain(best.verdict, held.verdict), who

    # ------------------------------------------------------------------ from nodes to people

    def _held(self, closure: Closure) -> dict[str, Held]:
        nodes: dict[str, list[str]] = defaultdict(list)
        for node in closure:
            if not node.startswith(HUB):
                nodes[account_of(node)].append(node)
        return {
            account: Held(account, tuple(sorted(found, key=lambda one: _first(closure, one))), closure)
            for account, found in sorted(nodes.items())
        }

    def _actors(self, held: Held) -> Iterator[tuple[str, Actor | None, Outcome]]:
        """Everybody got hold of as node and actor, with how certainly; None for somebody of whom nothing is known."""
        for node in held.nodes:
            way = Outcome(held.closure.verdict(node))
            yield node, (Actor(node) if node == held.account else self._explorer.actors.get(node)), way

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


_NOT_READ = Outcome("unknown", (), ("its permissions were not read",))


def certain(verdict: str, beside: str) -> bool | None:
    """A verdict as yes, no or not known: what is no less certain than what it stands beside counts as yes."""
    if verdict == "deny":
        return False
    return True if verdict != "unknown" and VERDICTS.index(verdict) <= VERDICTS.index(beside) else None


def account_of(node: str) -> str:
    """The account a node of a closure lies in."""
    return node.split(":")[4] if node.startswith("arn:") else node


def said(steps: list[Edge]) -> Chain:
    """A sentence a step."""
    return tuple(step.says for step in steps if step.says)


def _first(closure: Closure, node: str) -> tuple[int, int, str]:
    return closure.rank(node), closure.hops(node), node
