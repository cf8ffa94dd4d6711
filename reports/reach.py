"""Who reaches whom, prepared for people: what a pair is called, how far each account reaches, the order of the matrix.

The order is that of SlashBurn (Lim, Kang, Faloutsos, IEEE TKDE 26, 2014), made for graphs like these: the accounts that
reach, or are reached by, most others are taken out first, round by round, until what remains falls into pieces; each piece is a
cluster. Within one, production first, then by workload and name. The same pairs give the same order.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import rustworkx

from reports.summary import ENVIRONMENTS
from scanner.findings import Account, Reach, Result

KINDS = ("administers", "enters", "conditional", "unknown")
"""What a pair is drawn as, worst first."""

MOST_IN_MATRIX = 300
_LARGEST_CLUSTER = 0.15
_MESH = 0.75
_ROUNDS = 60
_NEIGHBOURS = 30


@dataclass(frozen=True, slots=True)
class Place:
    """An account as the pictures show it; one nobody listed has its id for a name and environment `unknown`."""

    id: str
    name: str
    environment: str
    workload: str
    management: bool = False

    @property
    def production(self) -> bool:
        return self.environment == "production"


@dataclass(slots=True)
class Radius:
    """How far the compromise of one account spreads, in accounts.

    `reaches`, `production`, `administers` and `destroys` count pairs without a condition; of the latter two, `…_unknown` were
    not decided. `reached_by` counts certain and conditional pairs, `perhaps_reached_by` those that are not known.
    """

    id: str
    reaches: int = 0
    production: int = 0
    administers: int = 0
    administers_unknown: int = 0
    destroys: int = 0
    destroys_unknown: int = 0
    conditional: int = 0
    unknown: int = 0
    reached_by: int = 0
    perhaps_reached_by: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbours in the matrix: `hubs`, or a cluster; `start` is the place of its first account."""

    label: str
    start: int
    size: int


def kind(pair: Reach) -> str:
    """Return one of KINDS. A way in under a condition is `conditional` whatever it leads to."""
    if pair.verdict != "allow":
        return "conditional" if pair.verdict == "conditional" else "unknown"
    return "administers" if pair.administers else "enters"


def note(pair: Reach) -> str:
    """Return what a pair means in a few words, e.g. `administrator, may delete data`."""
    if kind(pair) == "unknown":
        return "not known whether it enters"
    words = [{True: "administrator", False: "enters", None: "enters, perhaps as administrator"}[pair.administers]]
    words += [{True: "may delete data", False: "", None: "perhaps may delete data"}[pair.destroys]]
    words += ["under a condition"] if pair.verdict == "conditional" else []
    return ", ".join(filter(None, words))


def places(result: Result) -> dict[str, Place]:
    """Return every account of the result, and every other one that a pair or a drill names."""
    known = {account.id: _place(account) for account in result.accounts}
    named = {end for pair in result.reach for end in (pair.source, pair.target)}
    for drill in result.drills:
        named.add(drill.account)
        named.update(fallen.account_id for fallen in drill.falls_too)
    for account_id in sorted(named - known.keys()):
        known[account_id] = Place(account_id, account_id, "unknown", "")
    return known


def radii(result: Result, where: Mapping[str, Place]) -> list[Radius]:
    """Return the radius of every account that reaches another one or is reached, worst first."""
    found: dict[str, Radius] = {}
    for pair in result.reach:
        _count(pair, found.setdefault(pair.source, Radius(pair.source)), where[pair.target].production)
        target = found.setdefault(pair.target, Radius(pair.target))
        certain = kind(pair) != "unknown"
        target.reached_by += certain
        target.perhaps_reached_by += not certain
    return sorted(found.values(), key=lambda radius: (*_badness(radius), where[radius.id].name, radius.id))


def members_first(ranked: Iterable[Radius], where: Mapping[str, Place]) -> list[Radius]:
    """Return radii, that of the management account last: it governs every account, which is no news."""
    return sorted(ranked, key=lambda radius: where[radius.id].management)


def worst_pairs_first(pairs: Iterable[Reach], where: Mapping[str, Place]) -> list[Reach]:
    """Return the pairs of one account: into production first, then by kind, shortest way, and the names of both ends."""

    def order(pair: Reach) -> tuple[object, ...]:
        target, source = where[pair.target], where[pair.source]
        names = (target.name, target.id, source.name, source.id)
        return (not target.production, KINDS.index(kind(pair)), pair.hops, *names)

    return sorted(pairs, key=order)


def shown_in_matrix(ranked: Sequence[Radius], pairs: Iterable[Reach], most: int = MOST_IN_MATRIX) -> list[str]:
    """Return the accounts that a matrix of at most `most` shows.

    In turn the next widest radius with the accounts it reaches, and the next most reached with those that reach it, so that
    clusters stay whole; of an account with many neighbours only itself.
    """
    if len(ranked) <= most:
        return [radius.id for radius in ranked]
    outward, inward = by_account(pairs)
    reached = sorted(ranked, key=lambda radius: (-radius.reached_by, radius.id))
    chosen: dict[str, None] = {}
    for one, other in zip(ranked, reached, strict=True):
        targets = [pair.target for pair in outward.get(one.id, [])]
        sources = [pair.source for pair in inward.get(other.id, [])]
        for account_id, around in ((one.id, targets), (other.id, sources)):
            chosen[account_id] = None
            chosen.update(dict.fromkeys(around if len(around) <= _NEIGHBOURS else []))
        if len(chosen) >= most:
            break
    return list(chosen)[:most]


def ordered(ids: Iterable[str], pairs: Iterable[Reach], where: Mapping[str, Place]) -> tuple[list[str], list[Group]]:
    """Return accounts in the order of the matrix, and the groups they form."""
    names = sorted(set(ids))
    number = {name: place for place, name in enumerate(names)}
    edges = {(number[p.source], number[p.target]) for p in pairs if p.source in number and p.target in number}
    hubs, clusters = _slash_and_burn(len(names), edges)
    clusters.sort(key=lambda members: (-len(members), min(_order(where[names[one]]) for one in members)))
    result = [names[hub] for hub in hubs]
    groups = [Group("hubs", 0, len(hubs))] if hubs else []
    for members in clusters:
        inside = sorted((where[names[one]] for one in members), key=_order)
        groups.append(Group(_label(inside), len(result), len(inside)))
        result += [place.id for place in inside]
    return result, groups


def _slash_and_burn(count: int, edges: set[tuple[int, int]]) -> tuple[list[int], list[set[int]]]:
    """Return hubs, most connected first, and the clusters that remain without them."""
    degree = Counter(end for edge in edges for end in edge)
    graph = rustworkx.PyGraph(multigraph=False)
    graph.add_nodes_from(range(count))
    graph.extend_from_edge_list(sorted(edges))
    hubs: list[int] = []
    enough = max(6.0, _LARGEST_CLUSTER * count)
    for _ in range(_ROUNDS):
        pieces = rustworkx.connected_components(graph)
        giant = max(pieces, key=lambda piece: (len(piece), -min(piece)), default=set())
        if len(giant) <= enough or _is_mesh(giant, graph):
            break
        gone = sorted(giant, key=lambda node: (-graph.degree(node), node))[: max(1, count // 100)]
        hubs += gone
        graph.remove_nodes_from(gone)
    hubs.sort(key=lambda hub: (-degree[hub], hub))
    return hubs, list(rustworkx.connected_components(graph))


def _is_mesh(piece: set[int], graph: rustworkx.PyGraph) -> bool:
    ends = sum(graph.degree(node) for node in piece)
    return ends >= _MESH * len(piece) * (len(piece) - 1)


def _count(pair: Reach, radius: Radius, production: bool) -> None:
    if pair.verdict != "allow":
        radius.conditional += pair.verdict == "conditional"
        radius.unknown += pair.verdict != "conditional"
        return
    radius.reaches += 1
    radius.production += production
    radius.administers += pair.administers is True
    radius.administers_unknown += pair.administers is None
    radius.destroys += pair.destroys is True
    radius.destroys_unknown += pair.destroys is None


def _badness(radius: Radius) -> tuple[int, ...]:
    return (
        -radius.reaches, -radius.production, -radius.administers, -radius.conditional, -radius.unknown, -radius.reached_by
    )  # fmt: skip


def _place(account: Account) -> Place:
    return Place(account.id, account.name, account.environment, account.workload or "", account.is_management)


def _order(place: Place) -> tuple[int, str, str, str, str]:
    known = ENVIRONMENTS.index(place.environment) if place.environment in ENVIRONMENTS else len(ENVIRONMENTS)
    return (known, place.environment, place.workload, place.name, place.id)


def _label(members: Sequence[Place]) -> str:
    """Return the workloads of a cluster, the commonest first, and how many more there are."""
    workloads = [name for name, _ in Counter(place.workload for place in members if place.workload).most_common()]
    if not workloads:
        return members[0].name if len(members) == 1 else f"{len(members)} accounts"
    return ", ".join(workloads[:2]) + (f" + {len(workloads) - 2}" if len(workloads) > 2 else "")


def by_account(pairs: Iterable[Reach]) -> tuple[dict[str, list[Reach]], dict[str, list[Reach]]]:
    """Return the pairs by source and by target."""
    outward: dict[str, list[Reach]] = defaultdict(list)
    inward: dict[str, list[Reach]] = defaultdict(list)
    for pair in pairs:
        outward[pair.source].append(pair)
        inward[pair.target].append(pair)
    return outward, inward
