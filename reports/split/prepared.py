"""A split prepared for people: what a cell holds in a few words, what goes where by name, what ties two cells."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from reports.values import counted
from scanner.split.model import Cell, Crossing, Placement, Split

SORTS = {"product": "", "shared": "serves several workloads", "undecided": "not decided, stays where it is"}


@dataclass(frozen=True, slots=True)
class Link:
    """All crossings between two cells, in either direction."""

    one: Cell
    other: Cell
    count: int
    weight: int

    @property
    def text(self) -> str:
        return f"{counted(self.count, 'coupling')}, {counted(self.weight, 'point')}"


def holds(members: Iterable[Placement], most: int = 6) -> str:
    """`2 instances, 1 database, 4 security groups`: what moves first, then what is made anew."""
    counts: Counter[tuple[bool, str]] = Counter()
    for one in members:
        counts[one.resource.nature == "ground", one.resource.kind] += 1
    ordered = sorted(counts.items(), key=lambda item: (item[0][0], -item[1], item[0][1]))
    parts = [counted(number, kind.replace("_", " "), plural(kind)) for (_, kind), number in ordered]
    more = f" and {len(parts) - most} more kinds" if len(parts) > most + 1 else ""
    return ", ".join(parts[:most] if more else parts) + more


def plural(kind: str) -> str:
    text = kind.replace("_", " ")
    if text.endswith("y"):
        return text[:-1] + "ies"
    return text if text.endswith("s") else text + "s"


def where(cell: Cell) -> str:
    """Which account a cell is."""
    if cell.sort == "undecided":
        return f"{cell.account} (until decided)"
    return f"{cell.account} ({'as it is' if cell.stays else 'exists' if cell.account_id else 'new'})"


def movers(split: Split, cell: Cell) -> list[Placement]:
    """What a reader looks for by name: everything but network, roles and keys, data first."""
    order = ("data", "secret", "stateless", "copy")
    found = [one for one in split.members(cell) if one.resource.nature != "ground"]
    return sorted(found, key=lambda one: (order.index(one.resource.nature), one.resource.name, one.resource.arn))


def guesses(split: Split) -> list[Placement]:
    """What is not certain: the undecided first, then the weakest guesses."""
    order = ("none", "low", "medium", "high")
    found = [one for one in split.placements if one.basis in ("guessed", "undecided")]
    return sorted(found, key=lambda one: (order.index(one.confidence), one.key, one.resource.name, one.resource.arn))


def links(split: Split) -> list[Link]:
    """Pairs of cells that crossings tie, the strongest first."""
    named = {cell.name: cell for cell in split.cells}
    pairs: dict[tuple[str, str], list[Crossing]] = defaultdict(list)
    for one in split.crossings:
        first, second = sorted((one.source_cell, one.target_cell))
        pairs[first, second].append(one)
    found = [
        Link(named[one], named[other], len(cuts), sum(cut.coupling.weight for cut in cuts))
        for (one, other), cuts in pairs.items()
    ]
    return sorted(found, key=lambda link: (-link.weight, link.one.name, link.other.name))
