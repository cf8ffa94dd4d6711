"""The matrix of who reaches whom: rows are compromised accounts, columns what they reach.

Kinds of pairs differ in shape, so that no colour is needed: a full cell, a bar, a hollow square, a dot. Neighbours of the same
kind in a row are one mark, so that a mesh of 300 accounts stays small. Names stand in pictures of their own, which stay in
sight when the page scrolls the cells.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.pictures import board, draw, texts
from reports.reach import KINDS, MOST_IN_MATRIX, Group, Place, Radius, kind, ordered, shown_in_matrix
from reports.text import clipped, visible
from scanner.findings import Reach

CELL = 8
"""Units of the drawing per cell."""
HEAD, SIDE = 96, 224
"""Units for the names above and beside the cells."""
MOST_MARKS = 12_000
"""Past that the matrix shows fewer accounts: a page has to open at once."""
LABELLED_MARKS = 1_500
"""Past that marks have no text of their own for screen readers, who are better served by the table below."""

_SAYS = {
    "administers": "administers", "enters": "enters", "conditional": "enters under a condition", "unknown": "perhaps enters"
}  # fmt: skip
_SHAPES: Mapping[str, tuple[float, Mapping[str, Any]]] = {
    "administers": (0.0, {"fill": "var(--poor)"}),
    "enters": (0.25, {"fill": "var(--weak)"}),
    "conditional": (0.125, {"fill": None, "stroke": "var(--link)", "strokeWidth": 1.1}),
    "unknown": (0.375, {"fill": "var(--ink)"}),
}
"""Per kind, how far it keeps from the edges of its cell, and what it is drawn with."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """What the template shows. `of` counts the accounts that reach another one or are reached; the others are SVG."""

    accounts: list[Place]
    of: int
    groups: list[Group]
    columns: str
    rows: str
    cells: str


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbours in a row that are reached in the same way."""

    row: int
    start: int
    length: int


def matrix(ranked: Sequence[Radius], pairs: Sequence[Reach], where: Mapping[str, Place]) -> Matrix:
    """Return the matrix of the accounts that matter most."""
    most = MOST_IN_MATRIX
    ids, groups, runs = _arranged(ranked, pairs, where, most)
    while sum(map(len, runs.values())) > MOST_MARKS:
        most = most * 2 // 3
        ids, groups, runs = _arranged(ranked, pairs, where, most)
    places = [where[one] for one in ids]
    if not places:
        return Matrix([], len(ranked), [], "", "", "")
    return Matrix(places, len(ranked), groups, _columns(places), _rows(places, groups), _cells(places, groups, runs))


def _arranged(
    ranked: Sequence[Radius], pairs: Sequence[Reach], where: Mapping[str, Place], most: int
) -> tuple[list[str], list[Group], dict[str, list[Run]]]:
    chosen = set(shown_in_matrix(ranked, pairs, most))
    inside = [pair for pair in pairs if pair.source in chosen and pair.target in chosen]
    ids, groups = ordered(chosen, inside, where)
    return ids, groups, _runs(ids, inside)


def _runs(ids: Sequence[str], pairs: Iterable[Reach]) -> dict[str, list[Run]]:
    place = {one: number for number, one in enumerate(ids)}
    marked: dict[str, set[tuple[int, int]]] = defaultdict(set)
    for pair in pairs:
        marked[kind(pair)].add((place[pair.source], place[pair.target]))
    # A hollow square or a dot per cell: joined, they would be other shapes.
    return {name: _joined(sorted(marked[name]), name in ("administers", "enters")) for name in KINDS}


def _joined(cells: Iterable[tuple[int, int]], join: bool) -> list[Run]:
    runs: list[Run] = []
    for row, column in cells:
        last = runs[-1] if runs else None
        if join and last and last.row == row and last.start + last.length == column:
            runs[-1] = Run(row, last.start, last.length + 1)
        else:
            runs.append(Run(row, column, 1))
    return runs


def _cells(places: Sequence[Place], groups: Iterable[Group], runs: Mapping[str, Sequence[Run]]) -> str:
    side = len(places)
    labelled = sum(map(len, runs.values())) <= LABELLED_MARKS
    production = [_box(x, 0, 1, side) for x, place in enumerate(places) if place.production]
    layers = [
        _boxes("prodcolumn", production, {"fill": "var(--raised)"}),
        _boxes("grid", [_box(at, 0, 1, side) for at in range(side)] + [_box(0, at, side, 1) for at in range(side)],
               {"fill": None, "stroke": "var(--line)", "strokeWidth": 0.3}),
        _boxes("diagonal", [_box(at, at, 1, 1) for at in range(side)], {"fill": "var(--line)"}),
        *(_boxes(name, [_mark(name, run, places, labelled) for run in found], _SHAPES[name][1], labelled)
          for name, found in runs.items()),
        _boxes("frames", [_box(group.start, group.start, group.size, group.size) for group in groups if group.size > 1],
               {"fill": None, "stroke": "var(--edge)", "strokeWidth": 1}),
    ]  # fmt: skip
    label = f"Who reaches whom among {side} accounts; the table below has the numbers"
    return draw({**board(CELL * side, CELL * side, (side, side)), "layer": layers}, label, "cells")


def _mark(name: str, run: Run, places: Sequence[Place], labelled: bool) -> dict[str, Any]:
    edge = _SHAPES[name][0]
    inset = edge if run.length == 1 and name in ("conditional", "unknown") else 0.0
    made = _box(run.start + inset, run.row + edge, run.length - 2 * inset, 1 - 2 * edge)
    if labelled:
        reached = [visible(place.name) for place in places[run.start : run.start + run.length]]
        rest = f" and {len(reached) - 3} more" if len(reached) > 3 else ""
        made["says"] = f"{visible(places[run.row].name)} {_SAYS[name]} {', '.join(reached[:3])}{rest}"
    return made


def _rows(places: Sequence[Place], groups: Iterable[Group]) -> str:
    bars = [_box(SIDE - 5, at + 0.125, 4, 0.75) for at, place in enumerate(places) if place.production]
    names = [_name(place, x=SIDE - 7, y=at + 0.5) for at, place in enumerate(places)]
    labels = [
        {"x": SIDE - 10, "y": group.start + group.size / 2, "text": clipped(visible(group.label), 20)}
        for group in groups
        if group.size > 2
    ]
    layers = [
        _boxes("prodbar", bars, {"fill": "var(--ink)"}),
        *_names(names, {"align": "right", "baseline": "middle"}),
        texts(labels, {"align": "right", "baseline": "middle", "fontSize": 19, "color": "var(--quiet)"}, "group"),
    ]
    spec = {**board(SIDE, CELL * len(places), (SIDE, len(places))), "layer": layers}
    return draw(spec, "Names of the rows", "rows", "xMaxYMin slice")


def _columns(places: Sequence[Place]) -> str:
    bars = [_box(at + 0.125, HEAD - 5, 0.75, 4) for at, place in enumerate(places) if place.production]
    names = [_name(place, x=at + 0.5, y=HEAD - 7) for at, place in enumerate(places)]
    layers = [
        _boxes("prodbar", bars, {"fill": "var(--ink)"}),
        *_names(names, {"align": "left", "baseline": "middle", "angle": 270}),
    ]
    spec = {**board(CELL * len(places), HEAD, (len(places), HEAD)), "layer": layers}
    return draw(spec, "Names of the columns", "columns", "xMinYMax slice")


def _names(names: Sequence[dict[str, Any]], style: Mapping[str, Any]) -> list[dict[str, Any]]:
    others = [one for one in names if not one["production"]]
    production = [one for one in names if one["production"]]
    return [
        texts(others, {**style, "fontSize": 6, "color": "var(--quiet)"}, "name"),
        texts(production, {**style, "fontSize": 6, "color": "var(--ink)", "fontWeight": 600}, "prodname"),
    ]


def _name(place: Place, x: float, y: float) -> dict[str, Any]:
    return {"x": x, "y": y, "text": clipped(visible(place.name), 22), "production": place.production}


def _box(x: float, y: float, wide: float, high: float) -> dict[str, Any]:
    return {"x": x, "y": y, "x2": x + wide, "y2": y + high}


def _boxes(name: str, rows: Sequence[Any], style: Mapping[str, Any], labelled: bool = False) -> dict[str, Any]:
    says = {"description": {"field": "says"}} if labelled else {}
    return {
        "name": name,
        "data": {"values": list(rows)},
        "mark": {"type": "rect", "aria": labelled, **style},
        "encoding": {"x2": {"field": "x2"}, "y2": {"field": "y2"}, **says},
    }
