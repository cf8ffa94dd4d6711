"""The snapshot while it is being made: batches of rows, and a journal of what is complete.

A unit of work (account, Region, collector) counts as complete only once its rows are durable, so a collection that is killed
resumes where it stopped, and rows of a half-read unit never reach the snapshot. Publishing is a rename.

    NAME.partial/journal.sqlite      units, and what the collection was asked to do
    NAME.partial/parts/<table>/      batches; each row carries the attempt that wrote it
    NAME.partial/tables/             the sorted tables, while being published
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scanner.errors import OutputError, SnapshotError, UsageError
from scanner.snapshot.schema import Table
from scanner.snapshot.tables import TABLES

SCHEMA_VERSION = 1
MANIFEST = "manifest.json"
FLUSH_ROWS = 20_000
FLUSH_SECONDS = 10.0
SORT_MEMORY = "128MB"
ATTEMPTS_PER_RUN = 10**12


@dataclass(frozen=True, slots=True)
class Unit:
    """One piece of work: a collector in one account and Region."""

    account_id: str
    region: str
    collector: str


class Attempt:
    """Rows of one run at one unit. They are kept only if the unit is completed."""

    def __init__(self, store: Store, number: int, unit: Unit):
        self._store = store
        self.number = number
        self.unit = unit

    def keep(self, table: str, row: Mapping[str, Any]) -> None:
        """Add a row. Raises ValueError when it has a column that the table lacks."""
        self._store.keep(self.number, self.unit, table, row)

    def complete(self, result: Any = None) -> None:
        """The unit is done. `result` is what a resumed collection needs to know of it (JSON)."""
        self._store.complete(self.number, result)


class Store:
    """Writes one snapshot. Safe to use from many threads."""

    def __init__(self, target: Path, *, resume: bool = False, clock: Callable[[], float] = time.monotonic):
        self.target = target
        self.partial = target.with_name(target.name + ".partial")
        self._clock = clock
        self._lock = threading.Lock()
        self._buffers: dict[str, list[tuple[Any, ...]]] = {}
        self._buffered = 0
        self._finished: list[tuple[str | None, int]] = []
        self._flushed_at = clock()
        try:
            self._prepare(resume)
        except OSError as error:
            raise OutputError(f"cannot write {self.partial}: {error.strerror}; choose another --snapshot") from error
        # Attempts of a run that was killed may have left rows without a line in the journal: no number is used twice.
        self._run = (self.recall("runs") or 0) + 1
        self.remember("runs", self._run)
        self._begun = 0
        self._batch = max((int(path.stem) for path in self.partial.glob("parts/*/*.parquet")), default=0)

    def _prepare(self, resume: bool) -> None:
        if self.target.exists() and not (self.target / MANIFEST).is_file():
            raise UsageError(f"{self.target} exists and is no snapshot; choose another --snapshot")
        if not resume:
            shutil.rmtree(self.partial, ignore_errors=True)
        elif not (self.partial / "journal.sqlite").is_file():
            raise UsageError(f"nothing to resume: {self.partial} is not there; run without --resume")
        self.partial.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._journal = sqlite3.connect(self.partial / "journal.sqlite", check_same_thread=False)
        (self.partial / "journal.sqlite").chmod(0o600)
        self._journal.executescript(
            """
            CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT);
            CREATE TABLE IF NOT EXISTS attempts (
                number INTEGER PRIMARY KEY, account_id TEXT, region TEXT, collector TEXT,
                complete INTEGER DEFAULT 0, result TEXT);
            """
        )

    def close(self) -> None:
        self._journal.close()

    # ------------------------------------------------------------------ what was asked, what is done

    def remember(self, key: str, value: Any) -> None:
        with self._lock, self._journal:
            self._journal.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value)))

    def recall(self, key: str) -> Any:
        """Return what was remembered under `key`, None without it."""
        with self._lock:
            found = self._journal.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return json.loads(found[0]) if found else None

    def done(self) -> dict[Unit, Any]:
        """Return the completed units and their results."""
        with self._lock:
            rows = self._journal.execute(
                "SELECT account_id, region, collector, result FROM attempts WHERE complete"
            ).fetchall()
        return {Unit(a, r, c): json.loads(result) if result else None for a, r, c, result in rows}

    # ------------------------------------------------------------------ writing

    def begin(self, unit: Unit) -> Attempt:
        with self._lock:
            self._begun += 1
            number = self._run * ATTEMPTS_PER_RUN + self._begun
            self._journal.execute(
                "INSERT INTO attempts (number, account_id, region, collector) VALUES (?, ?, ?, ?)",
                (number, unit.account_id, unit.region, unit.collector),
            )
            return Attempt(self, number, unit)

    def keep(self, attempt: int, unit: Unit, table: str, row: Mapping[str, Any]) -> None:
        declared = TABLES[table]
        if not row.keys() <= declared.known:
            raise ValueError(f"{table} has no column {', '.join(sorted(row.keys() - declared.known))}")
        full = {"account_id": unit.account_id, "region": unit.region, **row}
        values = (attempt, *map(full.get, declared.names))
        with self._lock:
            self._buffers.setdefault(table, []).append(values)
            self._buffered += 1
            if self._buffered >= FLUSH_ROWS:
                self._flush()

    def complete(self, attempt: int, result: Any = None) -> None:
        with self._lock:
            self._finished.append((None if result is None else json.dumps(result), attempt))
            if self._clock() - self._flushed_at >= FLUSH_SECONDS:
                self._flush()

    def flush(self) -> None:
        """Make durable what is buffered."""
        with self._lock:
            self._flush()

    def _flush(self) -> None:
        try:
            for table, rows in self._buffers.items():
                self._write_batch(TABLES[table], rows)
            with self._journal:
                self._journal.executemany(
                    "UPDATE attempts SET complete = 1, result = ? WHERE number = ?", self._finished
                )
        except OSError as error:
            raise OutputError(
                f"cannot write {self.partial}: {error.strerror}; free some space, then --resume"
            ) from error
        self._buffers.clear()
        self._finished.clear()
        self._buffered = 0
        self._flushed_at = self._clock()

    def _write_batch(self, table: Table, rows: list[tuple[Any, ...]]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        folder = self.partial / "parts" / table.name
        folder.mkdir(parents=True, exist_ok=True)
        self._batch += 1
        path = folder / f"{self._batch:06}.parquet"
        columns = list(zip(*rows, strict=True))
        arrays = [pa.array(columns[0], pa.int64())]
        arrays += [_array(values, kind.type) for values, kind in zip(columns[1:], table.arrow, strict=True)]
        schema = pa.schema([("_attempt", pa.int64()), *table.arrow])
        scratch = path.with_suffix(".tmp")  # a kill while writing leaves this, which nobody reads
        with open(scratch, "wb", opener=_private) as file:
            pq.write_table(pa.Table.from_arrays(arrays, schema=schema), file, compression="zstd")
            os.fsync(file.fileno())
        scratch.rename(path)

    # ------------------------------------------------------------------ publishing

    def publish(self, manifest: Mapping[str, Any], derived: Mapping[str, Iterable[Mapping[str, Any]]]) -> Path:
        """Sort every table into one file each, add the `derived` tables, write the manifest, and rename into place.

        `derived` maps table names to rows that belong to no unit (`call_tables`, `api_calls`).
        """
        for table, rows in derived.items():
            attempt = self.begin(Unit("", "", f"derived:{table}"))
            for row in rows:
                attempt.keep(table, {"account_id": None, "region": None, **row})
            attempt.complete()
        self.flush()
        ready = self.partial / "tables"
        shutil.rmtree(ready, ignore_errors=True)
        ready.mkdir(mode=0o700)
        counts = self._sort_into(ready)
        full = {"schema_version": SCHEMA_VERSION, **manifest, "tables": counts}
        (ready / MANIFEST).write_text(json.dumps(full, indent=1, sort_keys=True) + "\n")
        for path in ready.iterdir():
            path.chmod(0o600)
        self.close()
        _swap(ready, self.target)
        shutil.rmtree(self.partial, ignore_errors=True)
        return self.target

    def _sort_into(self, ready: Path) -> dict[str, int]:
        import duckdb

        complete = self._journal.execute("SELECT number FROM attempts WHERE complete").fetchall()
        counts = {}
        # Sorting spills to disk beyond this, so that memory does not grow with the organization.
        config: dict[str, Any] = {
            "threads": 2,
            "memory_limit": SORT_MEMORY,
            "temp_directory": str(self.partial / "spill"),
        }
        with duckdb.connect(":memory:", config=config) as connection:
            connection.execute("CREATE TABLE complete (number BIGINT)")
            if complete:
                connection.execute(
                    "INSERT INTO complete SELECT unnest(?::BIGINT[])", [[number for (number,) in complete]]
                )
            for table in TABLES.values():
                counts[table.name] = self._sort_table(connection, table, ready / f"{table.name}.parquet")
        return counts

    def _sort_table(self, connection: Any, table: Table, path: Path) -> int:
        """Write one table, sorted; returns its rows."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        parts = sorted(str(part) for part in (self.partial / "parts" / table.name).glob("*.parquet"))
        if not parts:
            pq.write_table(table.arrow.append(pa.field("row_hash", pa.string())).empty_table(), path)
            return 0
        columns = ", ".join(f'"{name}"' for name in table.names)
        text = ", ".join(f'coalesce(CAST("{name}" AS VARCHAR), chr(0))' for name in table.names)
        copied = connection.execute(
            f"COPY (SELECT {columns}, md5(concat_ws(chr(31), {text})) AS row_hash FROM read_parquet({parts!r}) "
            f"WHERE _attempt IN (SELECT number FROM complete) ORDER BY {columns}) "
            f"TO '{quoted(path)}' (FORMAT parquet, COMPRESSION zstd)"
        ).fetchone()
        return int(copied[0])


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def quoted(path: Path) -> str:
    """A path as it stands between the quotes of a statement."""
    return str(path).replace("'", "''")


def read_at(path: Path) -> str:
    """Return when a snapshot was made (ISO 8601, UTC, without Z): the only "now" of what is made of it. Raises SnapshotError."""
    return str(read_manifest(path)["finished_at"]).rstrip("Z")


def _swap(ready: Path, target: Path) -> None:
    """Put `ready` at `target`; a snapshot that was there disappears only once the new one is complete."""
    try:
        if target.exists():
            old = target.with_name(target.name + ".old")
            shutil.rmtree(old, ignore_errors=True)
            target.rename(old)
            ready.rename(target)
            shutil.rmtree(old, ignore_errors=True)  # what somebody still writes there goes next time
        else:
            ready.rename(target)
    except OSError as error:
        raise OutputError(f"cannot put the snapshot at {target}: {error.strerror}; it is in {ready}") from error


_HALF_PAIR = re.compile("[\ud800-\udfff]")


def _array(values: tuple[Any, ...], kind: Any) -> Any:
    """An Arrow array; a value of the wrong type (AWS or a recording surprised us) becomes NULL: not read.

    Half a surrogate pair, which JSON can carry and UTF-8 cannot, becomes a replacement character.
    """
    import pyarrow as pa

    try:
        return pa.array(values, kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, UnicodeEncodeError):
        return pa.array([_fitting(value, kind) for value in values], kind)


def _fitting(value: Any, kind: Any) -> Any:
    import pyarrow as pa

    if isinstance(value, str):
        value = _HALF_PAIR.sub("\N{REPLACEMENT CHARACTER}", value)
    elif isinstance(value, list | tuple):
        value = [_HALF_PAIR.sub("\N{REPLACEMENT CHARACTER}", one) if isinstance(one, str) else one for one in value]
    try:
        pa.scalar(value, kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return None
    return value


def read_manifest(path: Path) -> dict[str, Any]:
    """Return the manifest of a snapshot. Raises SnapshotError when it is none, or of a newer version."""
    file = path / MANIFEST
    try:
        manifest = json.loads(file.read_text())
    except FileNotFoundError as error:
        hint = f"; {path}.partial was not finished: go on with --resume" if Path(f"{path}.partial").exists() else ""
        told = f"{path} is not a snapshot (no {MANIFEST})" if path.exists() else f"there is no snapshot {path}"
        raise SnapshotError(f"{told}{hint}") from error
    except NotADirectoryError as error:
        raise SnapshotError(f"{path} is a file; a snapshot is a directory") from error
    except (OSError, ValueError) as error:
        raise SnapshotError(f"cannot read {file}: {error}") from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("schema_version"), int):
        raise SnapshotError(f"{file} is not the manifest of a snapshot")
    if manifest["schema_version"] > SCHEMA_VERSION:
        raise SnapshotError(
            f"{path} has schema version {manifest['schema_version']}, this bulkhead reads up to {SCHEMA_VERSION}; "
            "upgrade aws-bulkhead"
        )
    return manifest
