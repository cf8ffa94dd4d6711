"""Reading tables: distinct rows in an order of their own, grouped by id."""

from __future__ import annotations

from collections import defaultdict, namedtuple
from collections.abc import Iterable
from typing import Any


def rows(connection: Any, columns: str, table: str, where: str = "TRUE") -> list[Any]:
    """Return distinct rows as named tuples, the same for any order in which they were collected."""
    kind = namedtuple("Row", [name.strip() for name in columns.split(",")])  # type: ignore[misc]
    found = connection.execute(f"SELECT DISTINCT {columns} FROM {table} WHERE {where} ORDER BY ALL").fetchall()
    return [kind(*row) for row in found]


def best(values: Iterable[Any]) -> Any:
    """The first value that was read."""
    return next((value for value in values if value is not None), None)


def by(found: Iterable[Any], name: str) -> dict[Any, list[Any]]:
    grouped: dict[Any, list[Any]] = defaultdict(list)
    for row in found:
        grouped[getattr(row, name)].append(row)
    return grouped
