"""Steps between accounts and principals, and the ways that are made of them. Pure.

A node is a text: an account id for "all of this account", the ARN of a principal, that ARN with `GROWN` behind it for a principal that
has been given whatever its boundary leaves, and `hub:...` for what many edges share, so that no edge is drawn per pair.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from scanner.analysis.blast_radius.weigh import RANKS, VERDICTS

HUB = "hub:"
GROWN = "#grown"
ANYBODY, MEMBERS, ALL = HUB + "anybody", HUB + "members", HUB + "all"
EVERYONE = HUB + "everyone:"
WHATEVER = "{role}"
"""In the sentence of a step into a hub of roles that trust everybody: the role that the next step goes to."""


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
        object.__setattr__(self, "rank", RANKS[self.verdict])


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
        return ALL in self or MEMBERS in self

    def rank(self, node: str) -> int:
        return self._rank[node]

    def verdict(self, node: str) -> str:
        """The weakest link of the best way to a node."""
        return VERDICTS[self.rank(node)]

    def hops(self, node: str) -> int:
        return self.way(node, self.rank(node))[0]

    def behind(self, edge: Edge) -> tuple[int, int]:
        """Rank and length of the way over an edge that starts at a node of the closure and is none of the graph."""
        rank = max(self.rank(edge.source), edge.rank)
        return rank, self.way(edge.source, rank)[0] + (1 if edge.says else 0)

    def steps(self, node: str, rank: int | None = None) -> list[Edge]:
        """The steps of the shortest of the best ways, first one first; of the ways of a weaker `rank` where one is given."""
        rank = self.rank(node) if rank is None else rank
        steps: list[Edge] = []
        while (edge := self.way(node, rank)[1]) is not None:
            steps.append(edge)
            node = edge.source
        return steps[::-1]

    def chain(self, node: str, rank: int | None = None) -> list[str]:
        """The same as sentences; that of a step into a hub of roles that trust everybody names the role that comes out of it."""
        rank = self.rank(node) if rank is None else rank
        said: list[str] = []
        role = ""
        while (edge := self.way(node, rank)[1]) is not None:
            if edge.source.startswith(EVERYONE):
                role = edge.target
            elif edge.says:
                said.append(edge.says.replace(WHATEVER, role) if edge.target.startswith(EVERYONE) else edge.says)
            node = edge.source
        return said[::-1]

    def conditions(self, node: str, rank: int | None = None) -> list[str]:
        """What has to hold on this way."""
        return list(dict.fromkeys(text for step in self.steps(node, rank) for text in step.conditions))

    def way(self, node: str, rank: int) -> tuple[int, Edge | None]:
        """The length of the shortest way over steps no weaker than `rank`, and its last one."""
        return self.ways(rank)[node]

    def exact(self, rank: int) -> bool:
        """Whether ways with a step of this rank were looked for: there is one to take."""
        return rank in self._ways

    def ways(self, rank: int) -> Ways:
        return self._ways.get(rank) or self._ways[max(known for known in self._ways if known <= rank)]
