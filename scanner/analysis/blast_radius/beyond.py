"""Accounts whose steps into hubs that many share are the same: what lies behind these is searched once for all of them. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from scanner.analysis.blast_radius.backwards import shared
from scanner.analysis.blast_radius.closure import HUB, Closure, Edge, Ways
from scanner.analysis.blast_radius.graph import Graph, shortest

START = HUB + "start"
WHOSE = "\ue012"
"""Stand for the account that is compromised: as a node, and as sentences name it."""


class Common(Closure):
    """What lies behind the hubs that several accounts step into alike. Its sentences have `WHOSE` in them."""

    def __init__(self, graph: Graph, steps: Iterable[Edge], governed: bool):
        super().__init__(START)
        self.more: dict[str, list[Edge]] = {START: list(steps)}
        found = graph.closure(START, governed=governed, more=self.more)
        self._rank, self._ways = found._rank, found._ways
        self.givers: dict[str, list[str]] = defaultdict(list)
        for giver in graph.givers(self):
            for receiver in {growth.target for growth in graph.growths(giver)}:
                self.givers[receiver].append(giver)


class Beyond(Closure):
    """The closure of one of these accounts: the common one, but for nodes that its own steps lead to, or are a shorter way to."""

    def __init__(self, start: str, shown: str, common: Common):
        super().__init__(start)
        self.common = common
        self._shown = shown

    def add(self, rank: int, ways: Ways) -> None:
        self._ways[rank] = ways
        for node in ways:
            self._rank.setdefault(node, min(rank, self.common.rank(node)) if node in self.common else rank)

    @property
    def own(self) -> dict[str, int]:
        """The nodes that are not reached as in the common closure."""
        return self._rank

    def __iter__(self) -> Iterator[str]:
        others = (node for node in self.common if node not in self._rank and node != START)
        return iter(sorted([*self._rank, *others], key=self.rank))

    def __contains__(self, node: str) -> bool:
        return node in self._rank or (node in self.common and node != START)

    def rank(self, node: str) -> int:
        own = self._rank.get(node)
        return self.common.rank(node) if own is None else own

    def way(self, node: str, rank: int) -> tuple[int, Edge | None]:
        own = self.ways(rank).get(node)
        return self.common.way(node, rank) if own is None else own

    def steps(self, node: str, rank: int | None = None) -> list[Edge]:
        return [
            replace(step, source=self.start if step.source == START else step.source, says=self._mine(step.says))
            for step in super().steps(node, rank)
        ]

    def chain(self, node: str, rank: int | None = None) -> list[str]:
        return self.mine(super().chain(node, rank))

    def mine(self, chain: Iterable[str]) -> list[str]:
        """A chain of the common closure, with this account in it."""
        return [self._mine(text) for text in chain]

    def _mine(self, text: str) -> str:
        return text.replace(WHOSE, self._shown)


class Starts:
    """Closures of accounts."""

    def __init__(self, graph: Graph, accounts: Iterable[str], shown: Callable[[str], str]):
        self._graph, self._shown = graph, shown
        self._parts = {account: self._parted(account) for account in accounts}
        self._many = Counter(steps for steps, _ in self._parts.values())
        self._common: dict[tuple[tuple[Edge, ...], bool], Common] = {}

    def closure(self, account: str, *, governed: bool = True) -> Closure:
        """What is reached from an account; not `governed`: as if nobody governed the organization."""
        steps, own = self._parts[account]
        if self._many[steps] > 1:
            key = (steps, governed)
            if key not in self._common:
                self._common[key] = Common(self._graph, steps, governed)
            found = self._beyond(account, own, self._common[key], governed)
            if not self._grows(found):
                return found
        return self._graph.closure(account, governed=governed)

    def _parted(self, account: str) -> tuple[tuple[Edge, ...], list[Edge]]:
        """Its steps into shared hubs, as if they were anybody's, and its other ones."""
        alike, own = [], []
        for edge in self._graph.edges(account):
            step = replace(edge, source=START, says=edge.says.replace(self._shown(account), WHOSE))
            if shared(edge.target) and not any(account in text for text in (step.says, *step.conditions)):
                alike.append(step)
            else:
                own.append(edge)
        return tuple(alike), own

    def _beyond(self, start: str, own: list[Edge], common: Common, governed: bool) -> Beyond:
        found = Beyond(start, self._shown(start), common)
        out: dict[str, Sequence[Edge]] = {}

        def edges(node: str) -> Sequence[Edge]:
            steps: Sequence[Edge] = own if node == start else self._graph.edges(node)
            if node != start and node in common.more:
                steps = [*steps, *common.more[node]]
            return steps if governed else [edge for edge in steps if edge.kind != "govern"]

        for rank in range(3):
            if not rank or common.exact(rank) or any(edge.rank == rank for steps in out.values() for edge in steps):
                found.add(rank, shortest(start, rank, edges, out, known=common.ways(rank)))
        return found

    def _grows(self, found: Beyond) -> bool:
        """Whether somebody who may give permissions and who may receive them are only now held together."""
        common = (giver for node in found.own for giver in found.common.givers.get(node, ()))
        givers = {*self._graph.givers(found.own), *common}
        return any(self._graph.best(giver, found) for giver in sorted(givers))
