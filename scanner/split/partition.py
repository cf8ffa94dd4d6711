"""Whose is what says nothing itself: a cut of the couplings that costs little.

The resources that say what they are for are fixed. Where those of two or more kinds can be reached from one that says nothing, the
cheapest set of couplings to cut so that they fall apart is wanted: the multiterminal cut problem. It is NP-hard from three kinds on;
the isolating cuts of Dahlhaus, Johnson, Papadimitriou, Seymour and Yannakakis (SIAM J. Comput. 23, 1994) are at most 2 - 2/k times as
dear as the best one, and the best one for two kinds. Each is a minimum cut (networkx): of one kind from all the others. Algorithms
that look for communities (label propagation, modularity, Kernighan-Lin) do not keep to what is fixed, and hang on chance.

The same couplings give the same parts: the smallest side of a minimum cut is unique.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import TypeVar

import networkx as nx

Label = TypeVar("Label", bound=tuple[str, ...])
Edges = Iterable[tuple[str, str, int]]
"""Two ends and a weight above 0; of several between the same ends the weights add up."""


def partition(nodes: Collection[str], fixed: Mapping[str, Label], edges: Edges) -> dict[str, Label]:
    """Give every node that is not fixed, and that couplings connect with a fixed one, the label of one of those."""
    graph, ties = _contracted(nodes, fixed, edges)
    found: dict[str, Label] = {}
    for piece in _pieces(graph):
        near = sorted({label for node in piece for label in ties[node]})
        if len(near) == 1:
            found.update(dict.fromkeys(piece, near[0]))
        elif near:
            found.update(_cut(piece, near, graph, ties))
    return found


def _contracted(
    nodes: Collection[str], fixed: Mapping[str, Label], edges: Edges
) -> tuple[nx.Graph, dict[str, dict[Label, int]]]:
    """The graph of what is not fixed, and how strongly each node is tied to each label."""
    graph = nx.Graph()
    graph.add_nodes_from(sorted(set(nodes) - fixed.keys()))
    ties: dict[str, dict[Label, int]] = defaultdict(lambda: defaultdict(int))
    for one, other, weight in edges:
        for end, far in ((one, other), (other, one)):
            if end in graph and far in fixed:
                ties[end][fixed[far]] += weight
        if one in graph and other in graph:
            before = graph.get_edge_data(one, other, {"weight": 0})["weight"]
            graph.add_edge(one, other, weight=before + weight)
    return graph, ties


def _pieces(graph: nx.Graph) -> list[list[str]]:
    return sorted(sorted(piece) for piece in nx.connected_components(graph))


def _cut(
    piece: list[str], near: list[Label], graph: nx.Graph, ties: Mapping[str, Mapping[Label, int]]
) -> dict[str, Label]:
    found: dict[str, Label] = {}
    for label in near:
        found.update(dict.fromkeys(_isolated(piece, label, graph, ties), label))
    # What no isolating cut takes costs the same on several sides, or lies between: whole, to where it is tied most.
    for left in _pieces(graph.subgraph([node for node in piece if node not in found])):
        found.update(dict.fromkeys(left, _strongest(left, found, graph, ties)))
    return found


def _isolated(piece: list[str], label: Label, graph: nx.Graph, ties: Mapping[str, Mapping[Label, int]]) -> list[str]:
    """The nodes on the label's side of a minimum cut from all other labels; of several such cuts the smallest side.

    Numbers stand for nodes: the order of a set of texts is another one in every process.
    """
    number = {node: place for place, node in enumerate(piece)}
    rest, mine = len(piece), len(piece) + 1
    network = nx.DiGraph()
    network.add_nodes_from((rest, mine))
    for one, other, weight in graph.subgraph(piece).edges(data="weight"):
        _both_ways(network, number[one], number[other], weight)
    for node in piece:
        own = ties[node].get(label, 0)
        others = sum(ties[node].values()) - own
        for end, weight in ((mine, own), (rest, others)):
            if weight:
                _both_ways(network, number[node], end, weight)
    # networkx returns as the second part exactly what still reaches the sink: the smallest side, so the label is the sink.
    _, (_, side) = nx.minimum_cut(network, rest, mine)
    return [piece[place] for place in sorted(side) if place < len(piece)]


def _both_ways(network: nx.DiGraph, one: int, other: int, weight: int) -> None:
    network.add_edge(one, other, capacity=weight)
    network.add_edge(other, one, capacity=weight)


def _strongest(
    left: list[str], found: Mapping[str, Label], graph: nx.Graph, ties: Mapping[str, Mapping[Label, int]]
) -> Label:
    pull: dict[Label, int] = defaultdict(int)
    for node in left:
        for label, weight in ties[node].items():
            pull[label] += weight
        for neighbour in graph[node]:
            if neighbour in found:
                pull[found[neighbour]] += graph[node][neighbour]["weight"]
    return min(pull, key=lambda label: (-pull[label], label))
