"""Analyses: functions from tables to tables, for what SQL cannot say well. Results are tables like any other.

An analysis is one module of this package with

- `TABLES`: the tables it makes, declared like those of a snapshot;
- `USES`: names of analyses that have to run before it;
- `run(connection, config)`: reads tables of the connection and returns rows per table.
"""

from __future__ import annotations

import gc
import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from graphlib import TopologicalSorter
from types import ModuleType
from typing import Any

from scanner.config import Config
from scanner.snapshot.schema import Table


@cache
def registry() -> dict[str, ModuleType]:
    """Return every analysis by name, in the order they have to run."""
    names = [info.name for info in pkgutil.iter_modules(__path__)]
    modules = {name: importlib.import_module(f"{__name__}.{name}") for name in sorted(names)}
    analyses = {name: module for name, module in modules.items() if hasattr(module, "run")}
    order = TopologicalSorter({name: module.USES for name, module in analyses.items()}).static_order()
    return {name: analyses[name] for name in order}


def tables() -> Iterator[Table]:
    """Yield every table that analyses make."""
    for module in registry().values():
        yield from module.TABLES


def run_all(
    connection: Any,
    config: Config,
    read_at: str = "1970-01-01",
    wanted: Iterable[str] | None = None,
    *,
    without: Iterable[str] = (),
) -> None:
    """Run every analysis, or the `wanted` ones and what they use, and leave their tables in the connection.

    Those `without` are run elsewhere; no other may use them.
    `read_at` is the time the snapshot was made (ISO 8601, UTC), kept in the table `read_at`: the only "now" that an analysis knows.
    """
    connection.execute("CREATE OR REPLACE TABLE read_at AS SELECT CAST(? AS TIMESTAMP) AS moment", [read_at])
    for name in registry() if wanted is None else with_what_they_use(wanted):
        if name not in without:
            run_one(connection, name, config)


def run_one(connection: Any, name: str, config: Config) -> None:
    """Run one analysis; what it uses has run before."""
    module = registry()[name]
    create(connection, module.TABLES)
    with keeping():
        module.run(connection, config)


def with_what_they_use(wanted: Iterable[str]) -> list[str]:
    """Names of analyses and of those they use, in the order they have to run."""
    known = registry()
    needed, left = set(), list(wanted)
    while left:
        name = left.pop()
        if name not in needed:
            needed.add(name)
            left += known[name].USES
    return [name for name in known if name in needed]


@contextmanager
def keeping() -> Iterator[None]:
    """Analyses make millions of objects, keep them, share them with later ones, and tie none into a circle: looking for circles
    among them, as Python does again and again, would take a quarter of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def create(connection: Any, declared: tuple[Table, ...]) -> None:
    for table in declared:
        columns = ", ".join(f'"{column.name}" {column.sql_type}' for column in table.columns)
        connection.execute(f"CREATE TABLE {table.name} ({columns})")


def insert(connection: Any, table: Table, rows: list[tuple[Any, ...]]) -> None:
    """Add rows, each a tuple in the order of the table's columns."""
    load(connection, table.name, rows, table.arrow)


def load(connection: Any, name: str, rows: list[tuple[Any, ...]], schema: Any = None) -> None:
    """Add rows to a table in one batch; types are inferred without a schema."""
    if not rows:
        return
    import pyarrow as pa

    columns = list(zip(*rows, strict=True))
    kinds = schema.types if schema is not None else [None] * len(columns)
    names = schema.names if schema is not None else [f"c{number}" for number in range(len(columns))]
    arrays = [pa.array(values, kind) for values, kind in zip(columns, kinds, strict=True)]
    connection.register("rows_to_load", pa.Table.from_arrays(arrays, names))
    connection.execute(f"INSERT INTO {name} SELECT * FROM rows_to_load")
    connection.unregister("rows_to_load")
