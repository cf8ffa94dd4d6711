"""From planned resources to rows of the snapshot's tables, one module a service.

A function here takes `Values` and yields `(table, row)` as collectors do; `@shapes` says for which resource types, and which call
reads that live (what is not known makes the answer of this call incomplete). What belongs to the row of another resource, such as the
versioning of a bucket, is a `patch` of it. Being in the folder is enough.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from scanner.gate.planned import Planned, Unread
from scanner.gate.references import References
from scanner.gate.values import Side, Values
from scanner.policy import Row

Shaper = Callable[[Values], Iterator[Row]]


PATCH = "patch of "


@dataclass(frozen=True, slots=True)
class Added:
    """In a patch: these join a list that is there."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Removed:
    """In a patch: these leave a list that is there."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """How one resource type becomes rows."""

    call: str
    shaper: Shaper


_SHAPES: dict[str, Shape] = {}


def shapes(*types: str, call: str) -> Callable[[Shaper], Shaper]:
    """Declare the resource types a function shapes, and the call that reads them in a live account."""

    def declare(shaper: Shaper) -> Shaper:
        for kind in types:
            if kind in _SHAPES:
                raise ValueError(f"{kind} is shaped twice")
            _SHAPES[kind] = Shape(call, shaper)
        return shaper

    return declare


def patch(table: str, row: dict[str, Any]) -> Row:
    """Columns of a row that another resource makes, or that is there already. Where its resource goes away (`v.gone`), the
    shaper says what they become then."""
    return PATCH + table, row


@cache
def registry() -> dict[str, Shape]:
    """Return how every known resource type is shaped."""
    for info in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{info.name}")
    return dict(sorted(_SHAPES.items()))


def rows(resource: Planned, side: Side, references: References | None, unread: list[Unread]) -> Iterable[Row]:
    """The rows of one side of a resource; none where it does not exist on that side. What is not known is added to `unread`."""
    shape = registry().get(resource.type)
    if shape is None or getattr(resource, side) is None:
        return ()
    values = Values(resource, side, references, shape.call, unread)
    return [(table, _placed(values, row)) for table, row in shape.shaper(values)]


def _placed(values: Values, row: dict[str, object]) -> dict[str, object]:
    return {"account_id": values.account, "region": values.region or "global", **row}
