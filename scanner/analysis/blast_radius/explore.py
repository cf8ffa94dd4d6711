"""Finds every edge that starts at an account or at somebody got hold of from one, and nothing else.

Only principals that somebody of another account can become are looked at, and what those reach inside their account: of a million
roles most are never asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scanner.analysis.blast_radius.aims import Aims
from scanner.analysis.blast_radius.closure import (
    ANYBODY,
    EVERYONE,
    GROWN,
    HUB,
    WHATEVER,
    Edge,
    Growth,
)
from scanner.analysis.blast_radius.estate import Estate
from scanner.analysis.blast_radius.everyone import Everyone, Group
from scanner.analysis.blast_radius.governing import governing, governs
from scanner.analysis.blast_radius.graph import Graph
from scanner.analysis.blast_radius.made import lifts, makes
from scanner.analysis.blast_radius.paths import ASSUME
from scanner.analysis.blast_radius.powers import Powers, covers_assume
from scanner.analysis.blast_radius.rights import Actor, Rights
from scanner.analysis.blast_radius.weigh import Outcome
from scanner.analysis.policies import arn_kind
from scanner.analysis.trust.inventory import Holder

DETAILS = "iam.get_account_authorization_details"


class Explorer:
    """Collects edges until no new principal turns up."""

    def __init__(self, rights: Rights):
        self.rights = rights
        self.estate: Estate = rights.estate
        self._powers = Powers(rights)
        self.graph = Graph()
        self.actors: dict[str, Actor] = {}
        self._begun: set[str] = set()
        self._bounded: list[Growth] = []
        self._hubs: set[str] = set()
        self._known_alike: dict[object, Outcome | None] = {}
        self._waiting: list[str] = []
        self._everyone = Everyone(self.estate.everyone, self._role, rights.bound)

    def accounts(self) -> None:
        """Explore from every account as a whole."""
        self.graph.add(governing(self.rights))
        for account in self.estate.members:
            self.graph.add_one(Edge(account, ANYBODY, "allow"))
            if (gap := self.estate.gaps.get(account)) is not None:
                says = f"who of another account enters account {account} is not known: {gap.text} of it settles that"
                self.graph.add_one(Edge(ANYBODY, account, "unknown", says))
        for arn in self.estate.untold:
            says = f"whom {arn} trusts was not read: {DETAILS} of account {arn.split(':')[4]} settles that"
            self._found([Edge(ANYBODY, arn, "unknown", says)])
        for account in self.estate.members:
            self._found(self._assumes(Actor(account), account))
        self._exhaust()

    def principal(self, arn: str) -> bool:
        """Explore from one principal; False when it is not known."""
        if arn not in self.actors:
            self._meet(arn)
            self._exhaust()
        return arn in self.actors

    def without_assuming(self, arn: str) -> None:
        """Explore from one principal as if it itself could assume no role."""
        if arn in self.actors or arn in self._begun or (holder := self._known(arn)) is None:
            return
        self._begun.add(arn)
        self._act(Actor(holder.account, holder), holder)
        self._exhaust()

    def leaves(self, hub: str) -> list[Edge]:
        """Edges from a hub of one account to roles that lead nowhere, which are no nodes of the graph."""
        return self._powers.leaves(hub)

    def actor(self, node: str) -> Actor | None:
        """Who stands behind a node; None for somebody who is not known."""
        if node not in self.actors and (holder := self._known(node)) is not None:
            return Actor(holder.account, holder)
        return self.actors.get(node)

    # ------------------------------------------------------------------ working it off

    def _exhaust(self) -> None:
        while self._waiting or self._met_by_growth():
            while self._waiting:
                self._explore(self.actors[self._waiting.pop()])

    def _met_by_growth(self) -> bool:
        """Look at those whom growth gives new permissions but not the whole account."""
        before = len(self.actors)
        for growth in self._bounded:
            if self._met(growth.target):
                self._meet(growth.target, grown=True)
        self._bounded = [one for one in self._bounded if not self._met(one.target)]
        return len(self.actors) > before

    def _met(self, arn: str) -> bool:
        return arn in self.actors or arn in self._begun

    def _found(self, edges: Iterable[Edge]) -> None:
        for edge in edges:
            self.graph.add_one(edge)
            self._meet(edge.target)

    def _meet(self, node: str, grown: bool = False) -> None:
        key = node + GROWN if grown else node
        if key in self.actors or not node.startswith("arn:"):
            return
        holder = self._known(node)
        if holder is not None:
            self.actors[key] = Actor(holder.account, holder, grown)
            if grown or node not in self.estate.idle:
                self._waiting.append(key)

    def _known(self, node: str) -> Holder | None:
        account = node.split(":")[4] if node.startswith("arn:") else ""
        if account not in self.estate.members:
            return None
        return self.rights.trust.inventory.find(node, account)

    def _explore(self, actor: Actor) -> None:
        """Add what one principal gets. Who administers its account has all that account's edges, and needs none of its own."""
        assert actor.holder is not None
        if actor.holder.kind != "group":
            self._found(self._assumes(actor, actor.account))
        if actor.key not in self._begun:
            self._act(actor, actor.holder)

    def _act(self, actor: Actor, holder: Holder) -> None:
        """Add what one principal gets without assuming a role."""
        if self._powers.none(actor) and holder.kind != "group":
            return
        self.graph.add(governs(self.rights, actor))
        administers = list(self._powers.administers(actor))
        self.graph.add(administers)
        if any(edge.verdict == "allow" for edge in administers):
            return
        home = self.rights.trust.inventory.account(actor.account)
        growths = list(self._powers.growths(actor, home))
        self._bounded += [growth for growth in growths if growth.becomes.endswith(GROWN)]
        self.graph.grow([*growths, *lifts(self.rights, actor, home)])
        made = list(makes(self.rights, actor))
        self.graph.add(made)
        if any(_whole(growth, actor) for growth in growths) or any(edge.verdict == "allow" for edge in made):
            return
        self._found(self._powers.enters(actor, home))
        for edge in self._powers.passes(actor, home):
            self._found([edge])
            if edge.target.startswith(HUB) and edge.target not in self._hubs:
                self._hubs.add(edge.target)
                self._found(self._powers.hubs[edge.target])

    # ------------------------------------------------------------------ assuming roles

    def _assumes(self, actor: Actor, account: str) -> Iterator[Edge]:
        """Roles an actor can assume: those that name its account, or everybody."""
        speaks = covers_assume(self.rights, actor)
        holder = actor.holder
        named = (
            set(self.estate.trusting.get(account, ()))
            if holder is None
            else self.estate.naming(account, holder.arn, speaks)
        )
        named.update(self._everyone.of(account))
        aims = self.rights.aims(actor) if speaks else None
        for arn in sorted(named):
            whose = arn.split(":")[4]
            if whose == account:
                if holder is not None:
                    yield from self._assuming(actor, arn)
            elif speaks and (aims is None or aims.at(arn, whose)):
                yield from self._assuming(actor, arn)
        if speaks:
            for group in self._everyone.groups:
                yield from self._assumes_alike(actor, group, aims)

    def _assumes_alike(self, actor: Actor, group: Group, aims: Aims | None) -> Iterator[Edge]:
        """An edge to each role of a group in other accounts; where all are the same to the actor, one to a hub of theirs."""
        first = next(group.outside(actor.account), None)
        if first is None:
            return
        outcome = self._alike(actor, group, first)
        if outcome is None:
            for role in group.meant(aims, actor.account):
                yield from self._assuming(actor, role.arn)
            return
        if outcome.verdict != "deny":
            hub = f"{EVERYONE}{group.number}:{outcome.verdict}"
            says = self._may_assume(actor, WHATEVER, outcome)
            yield Edge(actor.key, hub, outcome.verdict, says, outcome.conditions, "assume")
            if hub not in self._hubs:
                self._hubs.add(hub)
                yield from (Edge(hub, role.arn, outcome.verdict, kind="assume") for role in group.roles)

    def _alike(self, actor: Actor, group: Group, first: Holder) -> Outcome | None:
        """Whether an actor can assume the roles of a group, of which this is the first; None where they are not all the same to it."""
        kind = (actor.holder.kind, actor.holder.arn.split(":")[1]) if actor.holder is not None else None
        key = (group.number, kind, self.rights.likeness(actor, (ASSUME,)))
        if key not in self._known_alike:
            found = self.rights.assume(actor, first) if self.rights.alike(actor, first) else None
            if found is not None and any(actor.account in text for text in (*found.wheres, *found.conditions)):
                return found
            self._known_alike[key] = found
        return self._known_alike[key]

    def _assuming(self, actor: Actor, arn: str) -> Iterator[Edge]:
        role = self._role(arn)
        if role is None or role is actor.holder:
            return
        outcome = self.rights.assume(actor, role)
        if outcome.verdict != "deny":
            says = self._may_assume(actor, arn, outcome)
            yield Edge(actor.key, arn, outcome.verdict, says, outcome.conditions, "assume")

    def _may_assume(self, actor: Actor, arn: str, outcome: Outcome) -> str:
        who = self.estate.shown(actor.account) if actor.holder is None else actor.holder.arn
        return f"{who} may assume {arn}{outcome.because}"

    def _role(self, arn: str) -> Holder | None:
        account = arn.split(":")[4]
        if account not in self.estate.members or arn_kind(arn) != "role":
            return None
        return self.rights.trust.inventory.find(arn, account)


def _whole(growth: Growth, actor: Actor) -> bool:
    """Whether it gives the actor itself the whole account, for certain."""
    edge = growth.edge
    mine = actor.holder is not None and growth.target == actor.holder.arn
    return mine and edge.verdict == "allow" and edge.target == actor.account
