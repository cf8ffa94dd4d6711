"""A split as one SVG picture: workloads are rows, environments columns, each box is an account; lines are what has to be cut.

The place of a box follows from what it is, so that two pictures can be laid side by side.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

from reports.pictures import board, document, texts
from reports.split.prepared import SORTS, Link, holds, links, where
from reports.summary import ENVIRONMENTS
from reports.text import clipped, visible
from scanner.split.model import Cell, Split

WIDE, HIGH, GAP_X, GAP_Y, LEFT, TOP = 250, 96, 160, 84, 30, 110
NARROWEST = 820
"""What the sentences above the boxes need."""
INK, CUT, EDGE = "#1b2026", "#7c2306", "#47596b"
_HOW = (
    "Boxes are accounts, the one with the thick frame is the account as it is. Lines are couplings that have to be cut."
)
_LOOKS: Mapping[str, Mapping[str, Any]] = {
    "product": {"fill": "#f4f6f8"},
    "shared": {"fill": "#cfe3f7"},
    "undecided": {"fill": "#ffffff", "strokeDash": [5, 5]},
}

Places = Mapping[str, tuple[int, int]]
Rows = list[dict[str, Any]]


def write(split: Split, stream: TextIO) -> None:
    """Write the picture as a whole SVG document."""
    places = _places(split)
    columns = max((x for x, _ in places.values()), default=0) + 1
    rows = max((y for _, y in places.values()), default=0) + 1
    wide = max(NARROWEST, 2 * LEFT + columns * WIDE + (columns - 1) * GAP_X)
    high = TOP + rows * HIGH + (rows - 1) * GAP_Y + 40
    title = _shown(f"Split of {split.account_name} ({split.account_id})", 80)
    why = _shown(split.why, 100)
    ties = [_Tie(link, places, number) for number, link in enumerate(links(split))]
    spec = {
        **board(wide, high),
        "background": "#ffffff",
        "layer": [
            _texts([_line(title, LEFT, 40)], {"fontSize": 18, "fontWeight": 600}),
            _texts([_line(why, LEFT, 62), _line(_HOW, LEFT, 82)], {}),
            _lines(ties),
            *_boxes(split, places),
            *_labels(ties),
        ],
    }  # fmt: skip
    stream.write(document(spec, f"{title}: {why}") + "\n")


def _places(split: Split) -> Places:
    """Column and row of every cell; what serves several and what is not decided have rows of their own below."""
    products = [cell for cell in split.cells if cell.sort == "product"]
    environments = sorted({cell.environment for cell in products}, key=_rank)
    workloads = sorted({cell.workload for cell in products})
    found = {cell.name: (environments.index(cell.environment), workloads.index(cell.workload)) for cell in products}
    row = len(workloads)
    for sort in ("shared", "undecided"):
        others = [cell.name for cell in split.cells if cell.sort == sort]
        wide = max(len(environments), 2)
        found |= {name: (place % wide, row + place // wide) for place, name in enumerate(others)}
        row += -(-len(others) // wide)
    return found


def _rank(environment: str) -> tuple[int, str]:
    known = ENVIRONMENTS.index(environment) if environment in ENVIRONMENTS else len(ENVIRONMENTS)
    return (known, environment)


def _boxes(split: Split, places: Places) -> list[dict[str, Any]]:
    boxes: dict[str, Rows] = {sort: [] for sort in _LOOKS}
    names: Rows = []
    contents: Rows = []
    for cell in split.cells:
        x, y = _corner(*places[cell.name])
        lines = _content(split, cell)
        frame = 4 if cell.stays else 1.5
        boxes[cell.sort].append(
            {"x": x, "y": y, "x2": x + WIDE, "y2": y + HIGH, "frame": frame, "says": "; ".join(lines)}
        )
        names.append(_line(lines[0], x + 14, y + 24))
        contents += [_line(text, x + 14, y + 24 + 20 * number) for number, text in enumerate(lines[1:], 1)]
    encoding = {
        "x2": {"field": "x2"}, "y2": {"field": "y2"}, "description": {"field": "says"},
        "strokeWidth": {"field": "frame", "type": "quantitative", "scale": None},
    }  # fmt: skip
    layers = [
        {
            "data": {"values": boxes[sort]},
            "mark": {"type": "rect", "cornerRadius": 6, "stroke": EDGE, **look},
            "encoding": encoding,
        }
        for sort, look in _LOOKS.items()
    ]
    return [*layers, _texts(names, {"fontSize": 14, "fontWeight": 600}), _texts(contents, {})]


def _content(split: Split, cell: Cell) -> list[str]:
    """Its name, its account, what it holds, and what is to be known of it."""
    members = split.members(cell)
    guessed = sum(one.basis == "guessed" for one in members)
    said = SORTS[cell.sort] or (f"{guessed} guessed" if guessed else "")
    content = textwrap.wrap(visible(holds(members, 5)), 36, max_lines=1 if said else 2, placeholder=" …")
    return [line for line in (_shown(cell.name, 28), _shown(where(cell), 36), *content, said) if line]


class _Tie:
    """A curve between the middles of two boxes, bent a little more for each, so that lines do not cover each other."""

    def __init__(self, link: Link, places: Places, number: int):
        one, other = (_middle(*places[cell.name]) for cell in (link.one, link.other))
        bend = 48 + 28 * (number % 4)
        far = abs(other[0] - one[0]) > WIDE + GAP_X or abs(other[1] - one[1]) > HIGH + GAP_Y
        aside = ((one[0] + other[0]) / 2 + bend * far, (one[1] + other[1]) / 2 - bend * far)
        shared = {"tie": number, "wide": min(8.0, 1 + link.weight / 6)}
        self.points: Rows = [{"x": x, "y": y, "at": at, **shared} for at, (x, y) in enumerate((one, aside, other))]
        # Where a B-spline over three points is half of its way.
        self.label = _line(link.text, *((a + 4 * b + c) / 6 for a, b, c in zip(one, aside, other, strict=True)))


def _lines(ties: Iterable[_Tie]) -> dict[str, Any]:
    return {
        "name": "tie",
        "data": {"values": [point for tie in ties for point in tie.points]},
        "mark": {"type": "line", "interpolate": "basis", "stroke": "#a62f08", "strokeOpacity": 0.75, "aria": False},
        "encoding": {
            "detail": {"field": "tie", "type": "nominal"},
            "order": {"field": "at", "type": "quantitative"},
            "strokeWidth": {"field": "wide", "type": "quantitative", "scale": None},
        },
    }


def _labels(ties: Sequence[_Tie]) -> list[dict[str, Any]]:
    """Over everything else, on a halo of paper."""
    rows = [tie.label for tie in ties]
    style = {"align": "center", "dy": -5}
    halo = {"stroke": "#ffffff", "strokeWidth": 4, "strokeJoin": "round", "color": "#ffffff"}
    return [_texts(rows, {**style, **halo}), _texts(rows, {**style, "color": CUT})]


def _texts(rows: Rows, style: Mapping[str, Any]) -> dict[str, Any]:
    return texts(rows, {"align": "left", "baseline": "alphabetic", "fontSize": 12, "color": INK, **style})


def _line(text: str, x: float, y: float) -> dict[str, Any]:
    return {"x": x, "y": y, "text": text}


def _corner(column: int, row: int) -> tuple[int, int]:
    return (LEFT + column * (WIDE + GAP_X), TOP + row * (HIGH + GAP_Y))


def _middle(column: int, row: int) -> tuple[float, float]:
    x, y = _corner(column, row)
    return (x + WIDE / 2, y + HIGH / 2)


def _shown(text: str, width: int) -> str:
    return clipped(visible(text), width)
