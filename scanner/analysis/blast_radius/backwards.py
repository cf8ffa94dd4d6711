"""Whence a node can be reached at all, however uncertain the way. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container
from dataclasses import dataclass

from scanner.analysis.blast_radius.closure import HUB
from scanner.analysis.blast_radius.graph import Graph


@dataclass(frozen=True, slots=True)
class Either:
    """Nodes in one of several sets, none of which is copied."""

    sets: tuple[Container[str], ...]

    def __contains__(self, node: object) -> bool:
        for one in self.sets:  # noqa: SIM110 - asked millions of times
            if node in one:
                return True
        return False


class Backwards:
    """Searches against the direction of the edges that a graph has by now. What leads to hubs of more than one account is looked
    for once."""

    def __init__(self, graph: Graph):
        self._sources: dict[str, list[str]] = defaultdict(list)
        for source, target in graph.links():
            self._sources[target].append(source)
        self._of_hub: dict[str, set[str]] = {}

    def leading_to(self, goal: str) -> Container[str]:
        """Every node with a way to `goal`, itself included; with a node always all that lead to it."""
        own = self._search(goal, through=False)
        hubs = sorted(node for node in own if shared(node))
        return Either((own, *map(self._hub, hubs))) if hubs else own

    def _hub(self, hub: str) -> set[str]:
        if hub not in self._of_hub:
            self._of_hub[hub] = self._search(hub, through=True)
        return self._of_hub[hub]

    def _search(self, start: str, *, through: bool) -> set[str]:
        """Nodes that lead to the start; what leads to shared hubs only if `through` them."""
        found = {start}
        left = [start]
        while left:
            node = left.pop()
            if not through and shared(node):
                continue
            for source in self._sources.get(node, ()):
                if source not in found:
                    found.add(source)
                    left.append(source)
        return found


def shared(node: str) -> bool:
    """Whether a node is a hub that edges of many accounts meet in; hubs of one account begin with its number."""
    return node.startswith(HUB) and not node[len(HUB)].isdigit()
