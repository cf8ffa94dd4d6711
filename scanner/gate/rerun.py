"""After a change, only what can come out otherwise is computed again - analyses, views and rules - and nothing else is believed.

An analysis is taken to read what `scanner.analysis.reads` says; a view every table that its SQL names. What reads a changed table runs
again; where it gives the same rows as before, what reads those does not have to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from scanner import analysis, vocabulary
from scanner.analysis import beside
from scanner.analysis.reads import WORD, Reads
from scanner.config import Config
from scanner.engine.duck import Duck
from scanner.rule.load import Rule
from scanner.snapshot.tables import TABLES
from scanner.vocabulary import View

EVERYWHERE = frozenset({"scope", "accounts", "unread"})
"""Tables that every evaluation looks at: who is in scope, under which unit, and what was not read."""


def view_reads(views: Mapping[str, View]) -> dict[str, frozenset[str]]:
    """The tables and views that each view may read: every word of its SQL that is one's name."""
    known = {*TABLES, *(table.name for table in analysis.tables()), *views}
    return {name: frozenset(set(WORD.findall(view.sql)) & known) - {name} for name, view in views.items()}


@dataclass(frozen=True)
class Wanted:
    """The analyses and views that some rules stand on, in the order they have to be made; nothing else is computed.

    What each may read is in `reads` for analyses, in `used` for views.
    """

    analyses: tuple[str, ...]
    views: Mapping[str, View]
    reads: Reads
    used: Reads


def wanted(rules: Sequence[Rule], views: Mapping[str, View], reads: Reads) -> Wanted:
    """What rules need: their subjects, whatever those read, and what every evaluation looks at."""
    made_by = {table.name: name for name, module in analysis.registry().items() for table in module.TABLES}
    used = view_reads(views)
    left = [*(rule.body.for_each for rule in rules), *EVERYWHERE]
    seen: set[str] = set()
    while left:
        name = left.pop()
        if name in seen:
            continue
        seen.add(name)
        maker = made_by.get(name)
        if name in views:
            left += used[name]
        elif maker is not None:
            left += reads[maker]
            left += [table.name for one in analysis.registry()[maker].USES for table in analysis.registry()[one].TABLES]
    makers = {made_by[name] for name in seen if name in made_by}
    ordered = vocabulary.in_order({name: view for name, view in views.items() if name in seen})
    return Wanted(
        tuple(name for name in analysis.registry() if name in makers),
        {view.name: view for view in ordered},
        reads,
        used,
    )


@dataclass(frozen=True)
class Over:
    """The published snapshot under a connection, and the tables that were laid over it."""

    snapshot: Path
    laid: frozenset[str]


def again(
    connection: Any, config: Config, needed: Wanted, read_at: str, touched: Iterable[str], over: Over | None = None
) -> frozenset[str]:
    """Bring analyses and views up to date after `touched` tables changed; returns all that came out otherwise.

    Knowing what lies `over` what, a process beside this one takes its share where that pays.
    """
    changed = set(touched)
    if not changed:
        return frozenset()
    runs: dict[str, Callable[[], Any]] = {
        name: partial(analysis.run_one, connection, name, config) for name in needed.analyses
    }
    with ExitStack() as stack:
        if over is not None and beside.NAME in runs and needed.reads[beside.NAME] & changed:
            del runs[beside.NAME]  # it comes last
            runs[beside.NAME] = _beside(stack, connection, config, needed, read_at, over)
        for name, run in runs.items():
            if needed.reads[name] & changed:
                changed |= _again(connection, [table.name for table in analysis.registry()[name].TABLES], run)
    for view in needed.views.values():
        if needed.used[view.name] & changed:
            changed |= _again(
                connection, [view.name], partial(vocabulary.make, Duck(connection), view, config, read_at)
            )
    return frozenset(changed)


def _beside(
    stack: ExitStack, connection: Any, config: Config, needed: Wanted, read_at: str, over: Over
) -> Callable[[], Any]:
    """Start the other process, where that pays; returns what finishes the analysis."""
    if not beside.pays(connection):
        return partial(analysis.run_one, connection, beside.NAME, config)
    uses = frozenset[str]().union(*(needed.reads[name] for name in analysis.with_what_they_use([beside.NAME])))
    other = stack.enter_context(beside.started(connection, over.snapshot, config, read_at, over.laid & uses))
    return partial(other.finish, connection, config)


def _again(connection: Any, outputs: Sequence[str], run: Callable[[], Any]) -> set[str]:
    kinds = {name: _kind(connection, name) for name in outputs}
    for name, kind in kinds.items():
        connection.execute(f'ALTER {kind} "{name}" RENAME TO "{name}_before"')
    run()
    changed = {name for name in outputs if _differ(connection, name)}
    for name, kind in kinds.items():
        connection.execute(f'DROP {kind} "{name}_before"')
    return changed


def _kind(connection: Any, name: str) -> str:
    """What a snapshot keeps of an analysis or a view is a view of its file."""
    sql = "SELECT count(*) FROM duckdb_views() WHERE view_name = ? AND NOT internal"
    return "VIEW" if connection.execute(sql, [name]).fetchone()[0] else "TABLE"


def _differ(connection: Any, name: str) -> bool:
    now, before = (
        connection.execute(f'SELECT count(*) FROM "{one}"').fetchone()[0] for one in (name, f"{name}_before")
    )
    if now != before:
        return True
    sql = f'SELECT 1 FROM (FROM "{name}" EXCEPT ALL FROM "{name}_before") LIMIT 1'
    return connection.execute(sql).fetchone() is not None


def affected(rules: Sequence[Rule], changed: frozenset[str]) -> list[Rule]:
    """The rules whose verdicts may be others now."""
    if changed & EVERYWHERE:
        return list(rules)
    return [rule for rule in rules if rule.body.for_each in changed]
