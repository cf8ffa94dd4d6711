"""A store that keeps rows in memory: collection as it is, without the disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.analysis import load
from scanner.collect.api import Call, Place, ReadError, Response
from scanner.collect.run import Chosen, Collection, call_tables
from scanner.snapshot.read import connect_empty
from scanner.snapshot.store import Unit
from scanner.snapshot.tables import TABLES

Rows = dict[str, list[tuple[Any, ...]]]


class Memory:
    """What `Collection` needs of a store. `units` are the completed ones: rows and result."""

    def __init__(self, units: Mapping[Unit, tuple[list[Any], Any]] = {}):
        self.units = dict(units)

    def done(self) -> dict[Unit, Any]:
        return {unit: result for unit, (_, result) in self.units.items()}

    def begin(self, unit: Unit) -> MemoryAttempt:
        return MemoryAttempt(self, unit)

    def recall(self, key: str) -> None:
        return None

    def remember(self, key: str, value: Any) -> None:
        return None

    def flush(self) -> None:
        return None

    def tables(self) -> Rows:
        found: Rows = {name: [] for name in TABLES}
        found["call_tables"] = [(None, None, *row.values()) for row in call_tables()]
        for unit, (rows, _) in self.units.items():
            for table, row in rows:
                full = {"account_id": unit.account_id, "region": unit.region, **row}
                found[table].append(tuple(map(full.get, TABLES[table].names)))
        return found


class MemoryAttempt:
    def __init__(self, store: Memory, unit: Unit):
        self._store, self._unit = store, unit
        self._rows: list[Any] = []

    def keep(self, table: str, row: Mapping[str, Any]) -> None:
        self._rows.append((table, dict(row)))

    def complete(self, result: Any = None) -> None:
        self._store.units[self._unit] = (self._rows, result)


class Refusing:
    """An estate that refuses some calls of another one, from page `after` on."""

    def __init__(self, inner: Any, refused: set[tuple[str, str]] = frozenset(), entering: str | None = None):
        self._inner = inner
        self._refused = refused
        self._entering = entering

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def enter(self, account_id: str) -> None:
        if account_id == self._entering:
            raise ReadError("no_role", "no role could be assumed")
        self._inner.enter(account_id)

    def pages(self, place: Place, call: Call, params: Mapping[str, Any]) -> Iterator[Response]:
        if (place.account_id, call.name) in self._refused:
            raise ReadError("access_denied", "AccessDenied: refused", "iam", "AccessDenied")
        yield from self._inner.pages(place, call, params)


def collected(estate: Any, units: Mapping[Unit, tuple[list[Any], Any]] = {}, chosen: Chosen | None = None) -> Memory:
    """Collect what is not in `units` yet."""
    memory = Memory(units)
    Collection(estate, memory, chosen or Chosen(), 1, lambda _: None).run()
    return memory


def connection_of(rows: Rows) -> Any:
    connection = connect_empty()
    for table in rows:
        fill(connection, table, rows[table])
    return connection


def fill(connection: Any, table: str, rows: list[tuple[Any, ...]]) -> None:
    """Replace the rows of a table."""
    connection.execute(f"DELETE FROM {table}")
    schema = TABLES[table].arrow
    if rows:
        import pyarrow as pa

        schema = schema.append(pa.field("row_hash", pa.string()))
        load(connection, table, [(*row, None) for row in rows], schema)
