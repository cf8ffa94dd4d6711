"""Whence a node can be reached at all, however uncertain the way. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass
from functools import cached_property

from scanner.analysis.blast_radius.graph import HUB, Graph


@dataclass(frozen=True, slots=True)
class Either:
    """Nodes in either of two sets; neither is copied."""

    own: Container[str]
    shared: Container[str]

    def __contains__(self, node: object) -> bool:
        return node in self.own or node in self.shared


class Backwards:
    """Searches against the direction of the edges that a graph has by now.

    What leads to hubs of more than one account is looked for once, and taken to lead to whatever such a hub leads to.
    """

    def __init__(self, graph: Graph):
        self._sources: dict[str, list[str]] = defaultdict(list)
        for source, target in graph.links():
            self._sources[target].append(source)

    def leading_to(self, goal: str) -> Container[str]:
        """Every node with a way to `goal`, itself included, and maybe others; with a node always all that lead to it."""
        own = self._search([goal], through=False)
        return Either(own, self._shared) if any(map(_shared, own)) else own

    @cached_property
    def _shared(self) -> set[str]:
        return self._search([node for node in self._sources if _shared(node)], through=True)

    def _search(self, starts: Iterable[str], *, through: bool) -> set[str]:
        """Nodes that lead to the starts; what leads to shared hubs only if `through` them."""
        found = set(starts)
        left = list(found)
        while left:
            node = left.pop()
            if not through and _shared(node):
                continue
            for source in self._sources.get(node, ()):
                if source not in found:
                    found.add(source)
                    left.append(source)
        return found


def _shared(node: str) -> bool:
    """Whether a node is a hub that edges of many accounts meet in; hubs of one account begin with its number."""
    return node.startswith(HUB) and not node[len(HUB)].isdigit()
