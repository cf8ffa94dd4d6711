"""Edges between accounts and principals, and what is reached over them. Pure.

A node is a text: an account id for "all of this account", the ARN of a principal, that ARN with `GROWN` behind it for a principal that
has been given whatever its boundary leaves, and `hub:...` for what many edges share, so that no edge is drawn per pair.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from scanner.analysis.blast_radius.weigh import VERDICTS

HUB = "hub:"
GROWN = "#grown"
ANYBODY, MEMBERS, ALL = HUB + "anybody", HUB + "members", HUB + "all"
EVERYONE = HUB + "everyone:"
WHATEVER = "{role}"
"""In the sentence of a step into a hub of roles that trust everybody: the role that the next step goes to."""
_RANKS = {verdict: rank for rank, verdict in enumerate(VERDICTS)}


@dataclass(frozen=True, slots=True)
class Edge:
    """Who holds `source` gets `target`; `says` is the sentence of this step, empty for a step that is none (into a hub).

    Kinds: `assume` (a role), `path` (a privilege path), `all` (it may do everything), `govern` (the organization), or nothing.
    """

    source: str
    target: str
    verdict: str
    says: str = ""
    conditions: tuple[str, ...] = ()
    kind: str = ""
    rank: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rank", _RANKS[self.verdict])


@dataclass(frozen=True, slots=True)
class Growth:
    """An edge that only exists for whoever holds `target` as well: its source may give that one permissions."""

    edge: Edge
    target: str

    @property
    def becomes(self) -> str:
        return self.edge.target

    @property
    def own(self) -> bool:
        """Whether the receiver is the giver itself."""
        return self.target == self.edge.source or self.edge.source == self.target + GROWN


Ways = dict[str, tuple[int, Edge | None]]
"""Nodes with the length of the shortest way to them and its last step."""


class Closure:
    """Everything that whoever holds `start` gets, itself included, in the order of verdicts."""

    def __init__(self, start: str):
        self.start = start
        self._rank: dict[str, int] = {}
        self._ways: dict[int, Ways] = {}

    def add(self, rank: int, ways: Ways) -> None:
        self._ways[rank] = ways
        for node in ways:
            self._rank.setdefault(node, rank)

    def __iter__(self) -> Iterator[str]:
        return iter(self._rank)

    def __contains__(self, node: str) -> bool:
        return node in self._rank

    @property
    def governs(self) -> bool:
        """Whether it holds what governs accounts of the organization."""
        return ALL in self._rank or MEMBERS in self._rank

    def rank(self, node: str) -> int:
        return self._rank[node]

    def verdict(self, node: str) -> str:
        """The weakest link of the best way to a node."""
        return VERDICTS[self._rank[node]]

    def hops(self, node: str) -> int:
        return self._ways[self._rank[node]][node][0]

    def behind(self, edge: Edge) -> tuple[int, int]:
        """Rank and length of the way over an edge that starts at a node of the closure and is none of the graph."""
        rank = max(self._rank[edge.source], edge.rank)
        return rank, self._best_ways(rank)[edge.source][0] + (1 if edge.says else 0)

    def steps(self, node: str, rank: int | None = None) -> list[Edge]:
        """The steps of the shortest of the best ways, first one first; of the ways of a weaker `rank` where one is given."""
        ways = self._best_ways(self._rank[node] if rank is None else rank)
        steps: list[Edge] = []
        while (edge := ways[node][1]) is not None:
            steps.append(edge)
            node = edge.source
        return steps[::-1]

    def chain(self, node: str, rank: int | None = None) -> list[str]:
        """The same as sentences; that of a step into a hub of roles that trust everybody names the role that comes out of it."""
        ways = self._best_ways(self._rank[node] if rank is None else rank)
        said: list[str] = []
        role = ""
        while (edge := ways[node][1]) is not None:
            if edge.source.startswith(EVERYONE):
                role = edge.target
            elif edge.says:
                said.append(edge.says.replace(WHATEVER, role) if edge.target.startswith(EVERYONE) else edge.says)
            node = edge.source
        return said[::-1]

    def conditions(self, node: str, rank: int | None = None) -> list[str]:
        """What has to hold on this way."""
        return list(dict.fromkeys(text for step in self.steps(node, rank) for text in step.conditions))

    def _best_ways(self, rank: int) -> Ways:
        return self._ways.get(rank) or self._ways[max(known for known in self._ways if known <= rank)]


class Graph:
    """Edges, sorted: the order in which they were found never shows."""

    def __init__(self) -> None:
        self._out: dict[str, list[Edge]] = defaultdict(list)
        self._growths: dict[str, list[Growth]] = defaultdict(list)
        self._unsorted: set[str] = set()
        self._ungrown: set[str] = set()

    def add(self, edges: Iterable[Edge]) -> None:
        for edge in edges:
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
        self, start: str, *, governed: bool = True, assuming: bool = True, within: Container[str] | None = None
    ) -> Closure:
        """What is reached from a node: certain ways first, then conditional ones, then those that hang on something unread.

        Not `governed`: as if nobody governed the organization. Not `assuming`: the start itself assumes no role. `within` holds
        the nodes to look at, every source of one of them among them.
        """
        more: dict[str, list[Edge]] = {}

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
            found = _closure(start, edges)
            if not self._grow(found, more):
                return found

    def _grow(self, found: Closure, more: dict[str, list[Edge]]) -> bool:
        """Add the edges of growths whose giver and receiver are both held; False when there are no new ones.

        One edge to each node, the first of the strongest: a giver often may give to a hundred receivers.
        """
        added = False
        for node in [node for node in found if node in self._growths]:
            best = self._best(node, found)
            if best:
                more[node] = sorted(
                    [*more.get(node, ()), *(_held_too(one, found) for _, one in best.values())], key=_order
                )
                added = True
        return added

    def _best(self, node: str, found: Closure) -> dict[str, tuple[int, Growth]]:
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


EdgesOf = Callable[[str], Sequence[Edge]]


def _closure(start: str, edges: EdgesOf) -> Closure:
    found = Closure(start)
    out: dict[str, Sequence[Edge]] = {}
    for rank in range(3):
        if not rank or any(edge.rank == rank for node in found if node in out for edge in out[node]):
            found.add(rank, _within(start, rank, edges, out))
    return found


def _within(start: str, rank: int, edges: EdgesOf, out: dict[str, Sequence[Edge]]) -> Ways:
    """Shortest ways over edges that are no weaker than `rank`; a step into or out of a hub may count nothing. `out` keeps the edges
    of the nodes that have some."""
    ways: Ways = {start: (0, None)}
    queue = deque([start])
    done = set()
    while queue:
        node = queue.popleft()
        if node in done:
            continue
        done.add(node)
        if node not in out and (found := edges(node)):
            out[node] = found
        hops = ways[node][0]
        for edge in out.get(node, ()):
            if edge.rank > rank:
                continue
            steps = hops + 1 if edge.says else hops
            known = ways.get(edge.target)
            if known is None or steps < known[0]:
                ways[edge.target] = (steps, edge)
                if edge.says:
                    queue.append(edge.target)
                else:
                    queue.appendleft(edge.target)
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
