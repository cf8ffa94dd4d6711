"""The cheapest order of moves: first what has no state and few couplings, data later, and nothing before what it needs.

A step moves what is one thing (an instance with its volumes, a cluster with its members and copies) or needs each other in a circle.
Among the steps whose needs are met the cheapest comes next. Network, roles and keys are not moved but made anew: the first step of
each new account.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import rustworkx

from scanner.split import remedies
from scanner.split.kinds import KINDS, POINTS, TOGETHER
from scanner.split.model import Cell, Coupling, Crossing, Effort, Placement, Step

_DAYS, _WEEKS = 5, 10
"""From how many points on a step takes days, and weeks: new code in place of a connection takes weeks."""


@dataclass
class Unit:
    """What moves in one step; `ground`: the network, roles and keys of its cell, which are made anew."""

    cell: Cell
    members: list[Placement]
    ground: bool = False
    cuts: list[Crossing] = field(default_factory=list)

    @property
    def data(self) -> bool:
        """It holds data, and not only on the volumes of its instances."""
        booted = any(one.resource.kind == "instance" for one in self.members)
        return any(
            one.resource.nature in ("data", "copy") and not (booted and one.resource.kind == "volume")
            for one in self.members
        )

    @property
    def own(self) -> int:
        """Points for moving the dearest of it."""
        points = POINTS if self.data else {**POINTS, "data": POINTS["stateless"]}
        return max((points[one.resource.nature] for one in self.members), default=1)

    @property
    def cost(self) -> int:
        return self.own + sum(cut.coupling.weight for cut in self.cuts)

    @property
    def alike(self) -> tuple[object, ...]:
        """Steps that follow each other and are alike become one, as long as nothing has to be cut."""
        return (self.cell.key, self.ground, self.data, bool(self.cuts))


def steps(
    cells: Iterable[Cell],
    placements: Sequence[Placement],
    couplings: Sequence[Coupling],
    crossings: Sequence[Crossing],
    keyed_by_aws: frozenset[str],
) -> list[Step]:
    """Every move out of the account, in order."""
    moving = {cell.key: cell for cell in cells if not cell.stays}
    units = _units(moving, placements, couplings)
    place = {one.resource.arn: number for number, unit in enumerate(units) for one in unit.members}
    lent = {cell.key for cell in cells if cell.sort == "shared"}
    needed = set(_needed(units, place, couplings, lent))
    owed = _Owed(units, place, couplings, crossings)
    found = [_step(unit, keyed_by_aws) for unit in _merged(_ordered(units, needed, owed))]
    return [replace(step, number=number) for number, step in enumerate(found, 1)]


def _units(
    moving: Mapping[tuple[str, str], Cell], placements: Sequence[Placement], couplings: Sequence[Coupling]
) -> list[Unit]:
    """What is made anew, a unit a cell, and what moves: by what moves together."""
    mine = [one for one in placements if one.key in moving]
    movers = [one for one in mine if one.resource.nature != "ground"]
    number = {one.resource.arn: place for place, one in enumerate(movers)}
    graph: rustworkx.PyGraph[int, None] = rustworkx.PyGraph()
    graph.add_nodes_from(range(len(movers)))
    for one in couplings:
        source, target = number.get(one.source), number.get(one.target)
        together = one.weight >= TOGETHER or one.kind == "copy"
        if together and source is not None and target is not None and movers[source].key == movers[target].key:
            graph.add_edge(source, target, None)
    ground = [
        Unit(cell, [one for one in mine if one.key == key and one.resource.nature == "ground"], ground=True)
        for key, cell in moving.items()
    ]
    pieces = sorted(sorted(piece) for piece in rustworkx.connected_components(graph))
    return ground + [Unit(moving[movers[piece[0]].key], [movers[place] for place in piece]) for piece in pieces]


def _needed(
    units: Sequence[Unit], place: Mapping[str, int], couplings: Iterable[Coupling], lent: set[tuple[str, str]]
) -> Iterator[tuple[int, int]]:
    """Pairs of units (first, then): what is made anew before all else of its account, what is needed before what needs it."""
    ground = {unit.cell.key: number for number, unit in enumerate(units) if unit.ground}
    for number, unit in enumerate(units):
        if unit.cell.key in ground and not unit.ground:
            yield ground[unit.cell.key], number
    for one in couplings:
        first, then = place.get(one.target), place.get(one.source)
        if first is None or then is None or first == then or not KINDS[one.kind].needed or units[then].ground:
            continue
        # What crosses a wall is cut, so nobody waits for it; what serves several workloads is waited for.
        if units[first].cell == units[then].cell or units[first].cell.key in lent:
            yield first, then


class _Owed:
    """Which crossing ends with which move: with the first of its ends that is gone from where it was.

    A resource is gone when its unit has moved. A network, role or key is when all have moved that used it; one that nothing uses
    directly waits for the other end, or for its account to be opened.
    """

    def __init__(
        self,
        units: Sequence[Unit],
        place: Mapping[str, int],
        couplings: Iterable[Coupling],
        crossings: Iterable[Crossing],
    ):
        self._place = place
        self._ground = {number for number, unit in enumerate(units) if unit.ground}
        self._users: dict[str, set[int]] = defaultdict(set)
        for one in couplings:
            for end, far in ((one.source, one.target), (one.target, one.source)):
                ground, user = place.get(end), place.get(far)
                if ground is None or user is None or ground not in self._ground or user in self._ground:
                    continue
                if units[ground].cell == units[user].cell:
                    self._users[end].add(user)
        self.ends = [(one, self._of(one)) for one in crossings]
        self.by_unit: dict[int, list[Crossing]] = defaultdict(list)
        for crossing, ends in self.ends:
            for number in sorted(set().union(*ends)):
                self.by_unit[number].append(crossing)

    def _of(self, crossing: Crossing) -> list[set[int]]:
        moved = [arn for arn in (crossing.coupling.source, crossing.coupling.target) if arn in self._place]
        ends = [self._users[arn] if self._place[arn] in self._ground else {self._place[arn]} for arn in moved]
        return [end for end in ends if end] or [{self._place[arn]} for arn in moved[:1]]

    def cut_at(self, position: Mapping[int, int]) -> Iterator[tuple[int, Crossing]]:
        """For every crossing that a move ends, the position of that move."""
        for crossing, ends in self.ends:
            if ends:
                yield min(max(position[number] for number in end) for end in ends), crossing


def _ordered(units: Sequence[Unit], needed: set[tuple[int, int]], owed: _Owed) -> list[Unit]:
    """The units in order, those that need each other in a circle as one, each with the crossings that end with it."""
    graph: rustworkx.PyDiGraph[int | None, None] = rustworkx.PyDiGraph()
    graph.add_nodes_from(range(len(units)))
    graph.extend_from_edge_list(sorted(needed))
    circles = sorted(sorted(circle) for circle in rustworkx.strongly_connected_components(graph))
    circle_of = {place: number for number, circle in enumerate(circles) for place in circle}
    below: rustworkx.PyDiGraph[int | None, None] = rustworkx.PyDiGraph()
    below.add_nodes_from(range(len(circles)))
    between = {(circle_of[first], circle_of[then]) for first, then in needed}
    below.extend_from_edge_list(sorted((first, then) for first, then in between if first != then))
    found = [_as_one([units[place] for place in circle]) for circle in circles]
    ranks = [
        _rank(unit, [owed.by_unit[place] for place in circle]) for unit, circle in zip(found, circles, strict=True)
    ]
    ranked = rustworkx.lexicographical_topological_sort(below, key=lambda number: f"{ranks[number or 0]} {number:09d}")
    in_order = _opened_late([number for number in ranked if number is not None], found, between)
    at = {number: place for place, number in enumerate(in_order)}
    ordered = [found[number] for number in in_order]
    for position, crossing in owed.cut_at({place: at[number] for place, number in circle_of.items()}):
        ordered[position].cuts.append(crossing)
    return ordered


def _opened_late(in_order: list[int], units: Sequence[Unit], between: Iterable[tuple[int, int]]) -> list[int]:
    """The same order, but every account is opened when something is to move into it, not before."""
    at = {number: place for place, number in enumerate(in_order)}
    wanted: dict[int, int] = {}
    for first, then in between:
        if units[first].ground and first != then:
            wanted[first] = min(at[then], wanted.get(first, at[then]))
    return sorted(in_order, key=lambda number: (wanted.get(number, at[number]), not units[number].ground, at[number]))


def _as_one(units: Sequence[Unit]) -> Unit:
    return Unit(units[0].cell, [one for unit in units for one in unit.members], units[0].ground)


def _rank(unit: Unit, crossings: Iterable[Iterable[Crossing]]) -> str:
    """Without state before data, then the cheapest, each with all that might have to be cut for it."""
    weights = {id(one): one.coupling.weight for some in crossings for one in some}
    return f"{unit.data:d} {unit.own + sum(weights.values()):09d} {unit.cell.name}"


def _merged(units: Sequence[Unit]) -> list[Unit]:
    found: list[Unit] = []
    for unit in units:
        if found and not unit.cuts and not found[-1].cuts and found[-1].alike == unit.alike:
            found[-1].members += unit.members
        else:
            found.append(unit)
    return found


def _step(unit: Unit, keyed_by_aws: frozenset[str]) -> Step:
    moved = [one.resource for one in unit.members]
    if unit.ground:
        wants = [] if unit.cell.account_id else [f"an organizational unit for accounts of {unit.cell.environment}"]
    else:
        wants = remedies.needs(unit.cell, moved, unit.cuts, keyed_by_aws)
    arns = tuple(sorted(one.arn for one in moved))
    return Step(0, unit.cell.name, _title(unit), arns, tuple(unit.cuts), tuple(wants), _effort(unit), unit.cost)


def _title(unit: Unit) -> str:
    if unit.ground:
        verb = "Prepare" if unit.cell.account_id else "Open"
        return f"{verb} account {unit.cell.account}: network, roles and keys anew"
    order = ("data", "stateless", "secret", "copy", "ground")
    ranked = sorted(
        unit.members,
        key=lambda one: (one.resource.kind == "volume", order.index(one.resource.nature), one.resource.arn),
    )
    first = ranked[0].resource
    more = f" and {len(ranked) - 1} more" if len(ranked) > 1 else ""
    return f"Move {first.kind.replace('_', ' ')} {first.name}{more} to {unit.cell.account}"


def _effort(unit: Unit) -> Effort:
    points = unit.cost + (len(unit.members) // 10 if not unit.ground else 0)
    return "weeks" if points >= _WEEKS else "days" if points >= _DAYS else "hours"
