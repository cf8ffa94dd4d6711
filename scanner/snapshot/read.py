"""A published snapshot, opened for queries: a DuckDB connection with one view per table, and nothing else to reach."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path
from typing import Any

from scanner.errors import SnapshotError
from scanner.snapshot.store import quoted, read_manifest
from scanner.snapshot.tables import TABLES

MEMORY = "800MB"
"""What DuckDB keeps in memory; the rest goes to files that only this user can read. Enough for 10,000 accounts."""


def connect(path: Path, *, lock: bool = True) -> Any:
    """Open the snapshot at `path`; returns a DuckDB connection that can read that directory and no other file.

    With `lock`, settings cannot be changed afterwards. Raises SnapshotError.
    """
    import duckdb

    counted = read_manifest(path).get("tables") or {}
    for name in TABLES:
        if counted and name not in counted:
            raise SnapshotError(_other_version(path, f"there is no table {name}"))
    folder = path.resolve()
    spill = tempfile.mkdtemp(prefix="bulkhead-")
    connection = duckdb.connect(":memory:", config={"threads": 2, "memory_limit": MEMORY, "temp_directory": spill})
    weakref.finalize(connection, shutil.rmtree, spill, ignore_errors=True)
    try:
        connection.execute("SET GLOBAL TimeZone = 'UTC'")
        connection.execute(f"SET allowed_directories = ['{quoted(folder)}/']")
        connection.execute("SET enable_external_access = false")
        for table in TABLES.values():
            file = folder / f"{table.name}.parquet"
            connection.execute(f"CREATE VIEW {table.name} AS SELECT * FROM read_parquet('{quoted(file)}')")
    except duckdb.Error as error:
        connection.close()
        raise SnapshotError(f"{path} is damaged: {str(error).splitlines()[0]}") from error
    _complete(connection, path)
    if lock:
        connection.execute("SET lock_configuration = true")
    return connection


def _complete(connection: Any, path: Path) -> None:
    """A column that is missing would stop an analysis half-way: say it here. Raises SnapshotError."""
    there = set(
        connection.execute("SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal").fetchall()
    )
    for table in TABLES.values():
        for column in table.columns:
            if (table.name, column.name) not in there:
                connection.close()
                raise SnapshotError(_other_version(path, f"table {table.name} has no column {column.name}"))


def _other_version(path: Path, lacks: str) -> str:
    return f"{path} was made by another version of Bulkhead ({lacks}); collect it again"


def connect_empty() -> Any:
    """Return a connection with every table of a snapshot, empty: to bind rules against, and for tests."""
    import duckdb

    connection = duckdb.connect(":memory:", config={"threads": 2})
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    connection.execute("SET enable_external_access = false")
    for table in TABLES.values():
        columns = ", ".join(f'"{column.name}" {column.sql_type}' for column in table.columns)
        connection.execute(f"CREATE TABLE {table.name} ({columns}, row_hash VARCHAR)")
    return connection
