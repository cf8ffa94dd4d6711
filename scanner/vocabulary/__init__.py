"""The vocabulary: one SQL view per subject, the words that rules are written in.

A file begins with comment lines: `name: sentence`, `listed from: tables` (a gap in one of these hides whole subjects),
and one line per column, `column: sentence {tables}` (a gap in one of these makes it NULL; `table@collector` where several
collectors fill a table and only one matters). A view may read tables of the
snapshot, tables of analyses (`unread` is one), other views, `allowed_names`, `expected_environments`, and `{name}` settings.

Views are computed once per evaluation, in the order in which they use each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from scanner.config import Config
from scanner.engine import Engine, QueryError
from scanner.engine.duck import Duck
from scanner.errors import RuleError

HOME = Path(__file__).parent
_NEEDS = re.compile(r"\s*\{([a-z0-9_, @]+)\}$")
_HEADER = re.compile(r"-- ([a-z_ ]+): (.+)")


@dataclass(frozen=True)
class Word:
    """One column of a view. `needs` are the tables whose gaps make it NULL."""

    name: str
    meaning: str
    needs: tuple[str, ...]


@dataclass(frozen=True)
class View:
    """One subject."""

    name: str
    meaning: str
    listed_from: tuple[str, ...]
    words: tuple[Word, ...]
    sql: str
    path: Path

    def needs(self, columns: Iterable[str]) -> frozenset[str]:
        """Tables that the named columns hang on; those the subject is listed from when they name none."""
        wanted = set(columns)
        found = {table for word in self.words if word.name in wanted for table in word.needs}
        return frozenset(found or self.listed_from)


def load(folders: Iterable[Path] = ()) -> dict[str, View]:
    """Read the built-in views and those of packs (`FOLDER/vocabulary/*.sql`). Raises RuleError."""
    views: dict[str, View] = {}
    for folder in (HOME, *(folder / "vocabulary" for folder in folders)):
        for path in sorted(folder.glob("*.sql")):
            view = parse(path)
            if view.name in views:
                raise RuleError(f"{path}:1: {view.name} is already defined in {views[view.name].path}")
            views[view.name] = view
    return views


def parse(path: Path) -> View:
    """Read one view. Raises RuleError naming file and line."""
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(f"cannot read {path}: {error}") from error
    head: list[tuple[str, str]] = []
    for number, line in enumerate(lines, 1):
        if not line.startswith("--"):
            break
        match = _HEADER.fullmatch(line)
        if not match:
            raise RuleError(f"{path}:{number}: a comment at the top reads `-- name: sentence`")
        head.append((match[1], match[2]))
    if len(head) < 3 or head[1][0] != "listed from" or head[0][0] != path.stem:
        raise RuleError(
            f"{path}:1: the top wants `-- {path.stem}: sentence`, `-- listed from: tables`, then the columns"
        )
    words = tuple(_word(name, text) for name, text in head[2:])
    tables = tuple(part.strip() for part in head[1][1].split(","))
    return View(path.stem, head[0][1], tables, words, "\n".join(lines[len(head) :]), path)


def _word(name: str, text: str) -> Word:
    match = _NEEDS.search(text)
    needs = tuple(part.strip() for part in match[1].split(",")) if match else ()
    return Word(name, _NEEDS.sub("", text), needs)


def create(connection: Any, views: Mapping[str, View], config: Config, scanned_at: str = "1970-01-01") -> None:
    """Compute `allowed_names`, `expected_environments` and every view as tables of a DuckDB connection. Raises RuleError.

    `scanned_at` is the time the snapshot was made (ISO 8601, UTC): the only "now" that a view knows.
    """
    compute(Duck(connection), views, config, scanned_at)


def compute(engine: Engine, views: Mapping[str, View], config: Config, scanned_at: str) -> None:
    """The same on any engine."""
    names = [("break_glass", glob) for glob in config.break_glass] + [("scanner", glob) for glob in config.role_names]
    engine.load(
        "allowed_names", {"list": [name for name, _ in names], "pattern": [like_pattern(glob) for _, glob in names]}
    )
    engine.load("expected_environments", {"alternatives": config.expected_environments})
    for view in in_order(views):
        make(engine, view, config, scanned_at)


def make(engine: Engine, view: View, config: Config, scanned_at: str) -> None:
    """Compute one view, after those it reads. Raises RuleError."""
    sql = fill(view.sql, {**view_settings(config), "scanned_at": scanned_at}, f"{view.path}:1")
    try:
        found = engine.keep(view.name, sql)
    except QueryError as error:
        raise RuleError(f"{view.path}:1: {error}") from error
    named = [word.name for word in view.words]
    if sorted(found) != sorted(named):
        odd = sorted(set(found) ^ set(named))
        raise RuleError(f"{view.path}:1: columns and comments differ in {', '.join(odd)}")


def in_order(views: Mapping[str, View]) -> list[View]:
    """Sort views so that each comes after those it reads."""
    import duckdb

    uses: dict[str, set[str]] = {}
    with duckdb.connect() as parser:
        for view in views.values():
            try:
                named = parser.get_table_names(fill(view.sql, None, str(view.path)))
            except duckdb.Error as error:
                raise RuleError(f"{view.path}:1: {' '.join(str(error).split())[:400]}") from error
            uses[view.name] = {name.lower() for name in named} & (views.keys() - {view.name})
    try:
        return [
            views[name] for name in TopologicalSorter({k: sorted(v) for k, v in sorted(uses.items())}).static_order()
        ]
    except CycleError as error:
        raise RuleError(f"views read each other in a circle: {' -> '.join(error.args[1])}") from error


def view_settings(config: Config) -> dict[str, Any]:
    """What views may name in braces, beside the settings."""
    return {**config.settings.model_dump(), "required_resource_tags": len(config.required_resource_tags)}


def fill(sql: str, settings: Mapping[str, Any] | None, where: str) -> str:
    """Put settings in place of `{name}` and `{settings.name}`; with None, a neutral number. Raises RuleError."""

    def value(match: re.Match[str]) -> str:
        if settings is None:
            return "1"
        name = match[1].removeprefix("settings.")
        if name not in settings:
            raise RuleError(f"{where}: there is no setting {name}; known are {', '.join(sorted(settings))}")
        found = settings[name]
        return "'" + found.replace("'", "''") + "'" if isinstance(found, str) else str(found)

    return re.sub(r"\{([a-z_.]+)\}", value, sql)


def like_pattern(glob: str) -> str:
    """`break-glass*` -> `break-glass%`, with `^` as the escape character."""
    escaped = re.sub(r"([%_^])", r"^\1", glob)
    return escaped.replace("*", "%").replace("?", "_")
