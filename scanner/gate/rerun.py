"""After a change, only what can come out otherwise is computed again - analyses, views and rules - and nothing else is believed.

An analysis is taken to read what `scanner.analysis.reads` says; a view every table that its SQL names. What reads a changed table runs
again; where it gives the same rows as before, what reads those does not have to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from threading import Condition
from typing import Any

from scanner import analysis, vocabulary
from scanner.analysis import beside
from scanner.analysis.reads import Reads
from scanner.config import Config
from scanner.engine.duck import Duck
from scanner.rule.load import Rule
from scanner.snapshot.tables import TABLES
from scanner.vocabulary import View

EVERYWHERE = frozenset({"scope", "accounts", "unread"})
"""Tables that every evaluation looks at: who is in scope, under which unit, and what was not read."""


def view_reads(views: Mapping[str, View]) -> dict[str, frozenset[str]]:
    """The tables and views that each view may read: those whose name stands in its SQL, in capitals or not."""
    known = {*TABLES, *(table.name for table in analysis.tables()), *views}
    return {name: frozenset(_named(view.sql.lower(), known)) - {name} for name, view in views.items()}


def _named(sql: str, known: Iterable[str]) -> Iterator[str]:
    words = set(re.findall(r"\w+", sql))
    yield from (name for name in known if name in words or (" " in name and name in sql))


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
    """A process that stands by, and the tables that were laid over the snapshot it reads."""

    other: beside.Other
    laid: frozenset[str]


def again(
    connection: Any, config: Config, needed: Wanted, read_at: str, touched: Iterable[str], over: Over | None = None
) -> frozenset[str]:
    """Bring analyses and views up to date after `touched` tables changed; returns all that came out otherwise.

    Analyses run in this thread, views in another; where there is another process, it takes its share.
    """
    touched = frozenset(touched)
    if not touched:
        return touched
    other = None
    if over is not None and beside.NAME in needed.analyses and needed.reads[beside.NAME] & touched:
        other = over.other
        uses = (needed.reads[name] for name in analysis.with_what_they_use([beside.NAME]))
        other.begin(connection, over.laid & frozenset[str]().union(*uses))
    jobs = _Jobs([*_analyses(needed, config, other), *_views(needed, config, read_at)], touched, _kept(connection))
    with connection.cursor() as second, ThreadPoolExecutor(1) as pool:
        views = pool.submit(jobs.work, second, views_only=True)
        jobs.work(connection)
        views.result()
    return frozenset(jobs.changed)


@dataclass(frozen=True)
class _Job:
    """An analysis, or a view where it is none: what it reads and makes, and which tables others have to make before."""

    makes: tuple[str, ...]
    reads: frozenset[str]
    after: frozenset[str]
    run: Callable[[Any], object]
    is_view: bool = False


def _analyses(needed: Wanted, config: Config, other: beside.Other | None) -> Iterator[_Job]:
    made: set[str] = set()
    for name in sorted(needed.analyses, key=lambda name: other is not None and name == beside.NAME):  # waits last
        makes = tuple(table.name for table in analysis.registry()[name].TABLES)
        run: Callable[[Any], object] = partial(analysis.run_one, name=name, config=config)
        if name == beside.NAME and other is not None:
            run = partial(other.finish, config=config)
        yield _Job(makes, needed.reads[name] & (TABLES.keys() | made), needed.reads[name] & made, run)
        made |= {*makes}


def _views(needed: Wanted, config: Config, read_at: str) -> Iterator[_Job]:
    made = {table.name for name in needed.analyses for table in analysis.registry()[name].TABLES}
    for view in needed.views.values():
        reads = needed.used[view.name]
        yield _Job(
            (view.name,), reads & (TABLES.keys() | made), reads & made, partial(_make, view, config, read_at), True
        )
        made.add(view.name)


def _make(view: View, config: Config, read_at: str, connection: Any) -> None:
    vocabulary.make(Duck(connection), view, config, read_at)


class _Jobs:
    """Jobs that are done once each, by whichever threads `work`, and each after those that make what it reads.

    A job is skipped where nothing that it reads has `changed`.
    """

    def __init__(self, jobs: Sequence[_Job], touched: Iterable[str], kept: frozenset[str]):
        self.changed = set(touched)
        self._kept = kept
        self._waiting = list(jobs)
        self._missing = {name for job in jobs for name in job.makes}
        self._turn = Condition()  # its lock may be taken again by who has it

    def work(self, connection: Any, *, views_only: bool = False) -> None:
        """Do jobs until none is left. After an error in one thread the others stop."""
        try:
            while job := self._next(views_only):
                self._done(job, _again(connection, job, self._kept))
        except BaseException:
            with self._turn:
                self._waiting.clear()
                self._turn.notify_all()
            raise

    def _next(self, views_only: bool) -> _Job | None:
        with self._turn:
            while mine := [job for job in self._waiting if job.is_view or not views_only]:
                ready = next((job for job in mine if not job.after & self._missing), None)
                if ready is None:
                    self._turn.wait()
                    continue
                self._waiting.remove(ready)
                if ready.reads & self.changed:
                    return ready
                self._done(ready, set())
        return None

    def _done(self, job: _Job, changed: set[str]) -> None:
        with self._turn:
            self.changed |= changed
            self._missing -= {*job.makes}
            self._turn.notify_all()


def _again(connection: Any, job: _Job, kept: frozenset[str]) -> set[str]:
    for name in job.makes:
        connection.execute(f'ALTER {_kind(name, kept)} "{name}" RENAME TO "{name}_before"')
    job.run(connection)
    changed = {name for name in job.makes if _differ(connection, name)}
    for name in job.makes:
        connection.execute(f'DROP {_kind(name, kept)} "{name}_before"')
    return changed


def _kind(name: str, kept: frozenset[str]) -> str:
    """What a snapshot keeps of an analysis or a view is a view of its file."""
    return "VIEW" if name in kept else "TABLE"


def _kept(connection: Any) -> frozenset[str]:
    return frozenset(name for (name,) in connection.execute("SELECT view_name FROM duckdb_views()").fetchall())


def _differ(connection: Any, name: str) -> bool:
    """Whether some row is there more or less often than before. No column has the name that stands for the whole row."""
    sql = f"""
        SELECT 1 FROM (SELECT "=row", 1 AS times FROM "{name}" "=row" UNION ALL SELECT "=row", -1 FROM "{name}_before" "=row")
        GROUP BY "=row" HAVING sum(times) <> 0 LIMIT 1"""
    return connection.execute(sql).fetchone() is not None


def affected(rules: Sequence[Rule], changed: frozenset[str]) -> list[Rule]:
    """The rules whose verdicts may be others now."""
    if changed & EVERYWHERE:
        return list(rules)
    return [rule for rule in rules if rule.body.for_each in changed]
