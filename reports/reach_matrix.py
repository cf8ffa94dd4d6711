"""The matrix of who reaches whom as SVG paths: rows are compromised accounts, columns what they reach.

A kind of pair is one path, and neighbours of the same kind in a row are one piece of it, so that a mesh of 300 accounts stays
some kilobytes. Kinds differ in shape, so that no colour is needed: a full cell, a bar, a hollow square, a dot.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reports.reach import KINDS, Group, Place, Radius, kind, ordered, shown_in_matrix
from scanner.findings import Reach

CELL = 8
"""Units of the drawing per cell."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """What the template draws. `of` counts the accounts that reach another one or are reached; `paths` are `d` attributes."""

    accounts: list[Place]
    of: int
    groups: list[Group]
    paths: Mapping[str, str]
    production: str
    diagonal: str
    frames: str
    grid: str

    @property
    def size(self) -> int:
        return CELL * len(self.accounts)


def matrix(ranked: Sequence[Radius], pairs: Sequence[Reach], where: Mapping[str, Place]) -> Matrix:
    """Return the matrix of the accounts that matter most."""
    chosen = set(shown_in_matrix(ranked, pairs))
    inside = [pair for pair in pairs if pair.source in chosen and pair.target in chosen]
    ids, groups = ordered(chosen, inside, where)
    side = CELL * len(ids)
    return Matrix(
        accounts=[where[one] for one in ids],
        of=len(ranked),
        groups=groups,
        paths=_paths(ids, inside),
        production="".join(
            f"M{CELL * x} 0h{CELL}v{side}h-{CELL}z" for x, one in enumerate(ids) if where[one].production
        ),
        diagonal="".join(f"M{CELL * x} {CELL * x}h{CELL}v{CELL}h-{CELL}z" for x in range(len(ids))),
        frames="".join(_square(CELL * group.start, CELL * group.size) for group in groups if group.size > 1),
        grid="".join(f"M0 {at}h{side}M{at} 0v{side}" for at in range(0, side + 1, CELL)),
    )


def _paths(ids: Sequence[str], pairs: Iterable[Reach]) -> dict[str, str]:
    place = {one: number for number, one in enumerate(ids)}
    rows: dict[str, dict[int, list[int]]] = {name: defaultdict(list) for name in KINDS}
    for pair in pairs:
        rows[kind(pair)][place[pair.source]].append(place[pair.target])
    return {
        name: "".join(
            _piece(name, row, start, length)
            for row in sorted(marked)
            for start, length in _runs(sorted(marked[row]))
        )
        for name, marked in rows.items()
    }  # fmt: skip


def _runs(columns: Sequence[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for column in columns:
        if runs and sum(runs[-1]) == column:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((column, 1))
    return runs


def _piece(name: str, row: int, start: int, length: int) -> str:
    x, y, wide = CELL * start, CELL * row, CELL * length
    if name == "administers":
        return f"M{x} {y}h{wide}v{CELL}h-{wide}z"
    if name == "enters":
        return f"M{x} {y + 2}h{wide}v4h-{wide}z"
    each = (x + CELL * place for place in range(length))
    if name == "conditional":
        return "".join(f"M{at + 1} {y + 1}h6v6h-6z" for at in each)
    return "".join(f"M{at + 3} {y + 3}h2v2h-2z" for at in each)


def _square(at: int, side: int) -> str:
    return f"M{at} {at}h{side}v{side}h-{side}z"
