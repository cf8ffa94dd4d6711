"""Edges between accounts and principals, and what is reached over them. Pure."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Container, Iterable, Iterator, Sequence

from scanner.analysis.blast_radius.closure import Closure, Edge, Growth, Ways
from scanner.analysis.blast_radius.weigh import VERDICTS

EdgesOf = Callable[[str], Sequence[Edge]]
NONE: Ways = {}


class Graph:
    """Edges, sorted: the order in which they were found never shows."""

    def __init__(self) -> None:
        self._out: dict[str, list[Edge]] = defaultdict(list)
        self._growths: dict[str, list[Growth]] = defaultdict(list)
        self._unsorted: set[str] = set()
        self._ungrown: set[str] = set()

    def add(self, edges: Iterable[Edge]) -> None:
        for edge in edges:
            self.add_one(edge)

    def add_one(self, edge: Edge) -> None:
        if edge.verdict != "deny" and edge.source != edge.target:
            self._out[edge.source].append(edge)
            self._unsorted.add(edge.source)

    def grow(self, growths: Iterable[Growth]) -> None:
        for growth in growths:
            self._growths[growth.edge.source].append(growth)
            self._ungrown.add(growth.edge.source)

    def growths(self, source: str) -> Sequence[Growth]:
        if source in self._ungrown:
            self._growths[source].sort(key=lambda one: (_order(one.edge), one.target))
            self._ungrown.remove(source)
        return self._growths[source]

    def edges(self, source: str) -> Sequence[Edge]:
        if source in self._unsorted:
            self._out[source] = sorted(set(self._out[source]), key=_order)
            self._unsorted.remove(source)
        return self._out.get(source, ())

    def __len__(self) -> int:
        return sum(map(len, self._out.values()))

    def links(self) -> Iterator[tuple[str, str]]:
        """Yield source and target of whatever could be a step; a growth hangs on its giver and on its receiver."""
        for source, edges in self._out.items():
            for edge in edges:
                yield source, edge.target
        for source, growths in self._growths.items():
            for growth in growths:
                yield source, growth.becomes
                yield growth.target, growth.becomes

    def closure(
        self,
        start: str,
        *,
        governed: bool = True,
        assuming: bool = True,
        within: Container[str] | None = None,
        more: dict[str, list[Edge]] | None = None,
        goal: str | None = None,
    ) -> Closure:
        """What is reached from a node: certain ways first, then conditional ones, then those that hang on something unread.

        Not `governed`: as if nobody governed the organization. Not `assuming`: the start itself assumes no role. `within` holds
        the nodes to look at, every source of one of them among them. `more` are further edges; those of growths come into it.
        With a `goal` nothing beyond it is looked for: only the way to it is told.
        """
        more = {} if more is None else more

        def edges(node: str) -> Sequence[Edge]:
            found = self.edges(node)
            if node in more:
                found = [*found, *more[node]]
            if not found or (governed and assuming and within is None):
                return found
            barred = "assume" if node == start and not assuming else None
            return [
                edge
                for edge in found
                if edge.kind != barred
                and (governed or edge.kind != "govern")
                and (within is None or edge.target in within)
            ]

        while True:
            found, whole = self._closure(start, edges, goal)
            if not whole or not self._grow(found, more):
                return found

    def _closure(self, start: str, edges: EdgesOf, goal: str | None) -> tuple[Closure, bool]:
        """A closure without growths, and whether it is a whole one."""
        found = Closure(start)
        out: dict[str, Sequence[Edge]] = {}
        for rank in range(3):
            if not rank or any(edge.rank == rank for steps in out.values() for edge in steps):
                ways = shortest(start, rank, edges, out, goal=goal)
                if goal is not None and goal in ways:
                    if not self._hastens(found, ways, ways[goal][0]):
                        found.add(rank, ways)
                        return found, False
                    ways, goal = shortest(start, rank, edges, out), None
                found.add(rank, ways)
        return found, True

    def _hastens(self, surer: Closure, ways: Ways, hops: int) -> bool:
        """Whether there is somebody who may give permissions, and whose doing so could be surer or shorter than a way of some hops."""
        return bool(self.givers([*surer, *(node for node, (steps, _) in ways.items() if steps + 1 < hops)]))

    def _grow(self, found: Closure, more: dict[str, list[Edge]]) -> bool:
        """Add the edges of growths whose giver and receiver are both held; False when there are no new ones.

        One edge to each node, the first of the strongest: a giver often may give to a hundred receivers.
        """
        added = False
        for node in self.givers(found):
            best = self.best(node, found)
            if best:
                more[node] = sorted(
                    [*more.get(node, ()), *(_held_too(one, found) for _, one in best.values())], key=_order
                )
                added = True
        return added

    def begins(self, start: str, within: Container[str]) -> bool:
        """Whether a step from a node, other than assuming a role, could lead to one of these."""
        own = any(edge.kind != "assume" and edge.target in within for edge in self.edges(start))
        return own or any(growth.becomes in within for growth in self._growths.get(start, ()))

    def givers(self, nodes: Iterable[str]) -> list[str]:
        """Those of some nodes whose edges may hang on who else is held."""
        return [node for node in nodes if node in self._growths]

    def best(self, node: str, found: Closure) -> dict[str, tuple[int, Growth]]:
        """The best growth of a giver to each node that it makes more certain."""
        best: dict[str, tuple[int, Growth]] = {}
        given = found.rank(node)
        for growth in self.growths(node):
            becomes = growth.becomes
            known = found.rank(becomes) if becomes in found else 3
            beaten = best[becomes][0] if becomes in best else 3
            if given < known and growth.edge.rank < beaten and growth.target in found:
                rank = growth.edge.rank if growth.own else max(growth.edge.rank, found.rank(growth.target))
                if max(rank, given) < known and rank < beaten:
                    best[becomes] = (rank, growth)
        return best


def shortest(
    start: str,
    rank: int,
    edges: EdgesOf,
    out: dict[str, Sequence[Edge]],
    *,
    known: Ways = NONE,
    goal: str | None = None,
) -> Ways:
    """Shortest ways over edges that are no weaker than `rank`, where they are shorter than those `known`: a node on a shorter way has
    one itself. A step into or out of a hub may count nothing. `out` keeps the edges of the nodes that were looked at; beyond a `goal`
    nothing is looked for.
    """
    ways: Ways = {start: (0, None)}
    queue = deque([start])
    done = set()
    while queue:
        node = queue.popleft()
        if node in done:
            continue
        if node == goal:
            break
        done.add(node)
        found = out.get(node)
        if found is None:
            found = out[node] = edges(node)
        hops = ways[node][0]
        for edge in found:
            if edge.rank > rank:
                continue
            target = edge.target
            steps = hops + 1 if edge.says else hops
            before = ways.get(target) or known.get(target)
            if before is None or steps < before[0]:
                ways[target] = (steps, edge)
                if edge.says:
                    queue.append(target)
                else:
                    queue.appendleft(target)
    return ways


def _held_too(growth: Growth, found: Closure) -> Edge:
    """The edge of a growth, no better than the receiver is held, with how that is."""
    edge = growth.edge
    if growth.own:
        return edge
    how = "; ".join(found.chain(growth.target))
    verdict = VERDICTS[max(edge.rank, found.rank(growth.target))]
    conditions = dict.fromkeys((*edge.conditions, *found.conditions(growth.target)))
    says = f"{edge.says}, which is got hold of as well: {how}"
    return Edge(edge.source, edge.target, verdict, says, tuple(conditions), edge.kind)


def _order(edge: Edge) -> tuple[object, ...]:
    return (edge.source, edge.rank, edge.target, edge.says, edge.conditions, edge.kind)
