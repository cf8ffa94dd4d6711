"""A split as one SVG picture: workloads are rows, environments columns, each box is an account; lines are what has to be cut.

The place of a box follows from what it is, so that two pictures can be laid side by side. Jinja escapes what AWS named.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from reports.split.prepared import SORTS, Link, holds, links, where
from reports.summary import ENVIRONMENTS
from reports.text import clipped, visible
from scanner.split.model import Cell, Split

WIDE, HIGH, GAP_X, GAP_Y, LEFT, TOP = 250, 96, 160, 84, 30, 110
NARROWEST = 820
"""What the sentences above the boxes need."""
_TEMPLATES = Path(__file__).parent.parent / "templates"


@dataclass(frozen=True, slots=True)
class Box:
    """A cell, where it stands and what it says."""

    x: int
    y: int
    lines: tuple[str, ...]
    sort: str
    stays: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A tie between two boxes: `d` of its path, its label and where that stands."""

    d: str
    x: float
    y: float
    label: str
    width: float


@dataclass(frozen=True, slots=True)
class Picture:
    width: int
    height: int
    title: str
    why: str
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def write(split: Split, stream: TextIO) -> None:
    """Write the picture as a whole SVG document."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )  # fmt: skip
    stream.write(environment.get_template("split.svg.j2").render(picture=drawn(split)))


def drawn(split: Split) -> Picture:
    """Return what the template draws."""
    places = _places(split)
    columns = max((x for x, _ in places.values()), default=0) + 1
    rows = max((y for _, y in places.values()), default=0) + 1
    title = f"Split of {split.account_name} ({split.account_id})"
    return Picture(
        width=max(NARROWEST, 2 * LEFT + columns * WIDE + (columns - 1) * GAP_X),
        height=TOP + rows * HIGH + (rows - 1) * GAP_Y + 40,
        title=_shown(title, 80),
        why=_shown(split.why, 100),
        boxes=tuple(_box(split, cell, *places[cell.name]) for cell in split.cells),
        lines=tuple(_line(link, places, number) for number, link in enumerate(links(split))),
    )


def _places(split: Split) -> dict[str, tuple[int, int]]:
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


def _box(split: Split, cell: Cell, column: int, row: int) -> Box:
    members = split.members(cell)
    guessed = sum(one.basis == "guessed" for one in members)
    said = SORTS[cell.sort] or (f"{guessed} guessed" if guessed else "")
    content = textwrap.wrap(visible(holds(members, 5)), 36, max_lines=1 if said else 2, placeholder=" …")
    shown = (_shown(cell.name, 28), _shown(where(cell), 36), *content, said)
    return Box(
        LEFT + column * (WIDE + GAP_X),
        TOP + row * (HIGH + GAP_Y),
        tuple(line for line in shown if line),
        cell.sort,
        cell.stays,
    )


def _line(link: Link, places: dict[str, tuple[int, int]], number: int) -> Line:
    """A curve between the middles of two boxes, bent a little more for each, so that lines do not cover each other."""
    (x1, y1), (x2, y2) = (_middle(*places[cell.name]) for cell in (link.one, link.other))
    bend = 24 + 14 * (number % 4)
    far = abs(x2 - x1) > WIDE + GAP_X or abs(y2 - y1) > HIGH + GAP_Y
    dx, dy = (bend, -bend) if far else (0, 0)
    cx, cy = (x1 + x2) / 2 + 2 * dx, (y1 + y2) / 2 + 2 * dy
    width = min(8.0, 1 + link.weight / 6)
    label_x, label_y = (x1 + 2 * cx + x2) / 4, (y1 + 2 * cy + y2) / 4
    return Line(f"M{x1} {y1}Q{cx} {cy} {x2} {y2}", label_x, label_y, link.text, width)


def _middle(column: int, row: int) -> tuple[int, int]:
    return (LEFT + column * (WIDE + GAP_X) + WIDE // 2, TOP + row * (HIGH + GAP_Y) + HIGH // 2)


def _shown(text: str, width: int) -> str:
    return clipped(visible(text), width)
