"""The organization before and after a change, on one connection: what was comes first, then the change is laid over it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scanner import analysis, derived, score, vocabulary
from scanner.analysis import beside
from scanner.analysis.reads import reads
from scanner.collect import registry as collectors
from scanner.collect.run import call_tables
from scanner.config import Config
from scanner.findings import Finding, RuleResult
from scanner.gate import belongings, derive, identity, overlay, rerun, verdict
from scanner.gate.changes import VAULTS, Changes
from scanner.gate.plan import Plan
from scanner.gate.planned import Planned
from scanner.gate.seen import Seen, never_scanned, seen
from scanner.gate.verdict import Side
from scanner.living import settle
from scanner.rule import evaluate, kept, load
from scanner.rule.bind import bind, columns_of
from scanner.rule.evaluate import Evaluation
from scanner.snapshot.read import connect, connect_empty
from scanner.snapshot.store import read_at

SETTINGS = ("configuration_recorders",)
"""Tables that say how a place is set up beside what is in it. Where the scan never looked, a change that puts the first thing there
makes it a subject, and their emptiness says nothing."""


WORTH_ANOTHER = 50
"""Accounts from which on another process pays: it is there before there is something to do."""


@dataclass(frozen=True)
class _Ready:
    """Whether all that a snapshot keeps fits, what has to be computed again for a change, and what the rules came to without one."""

    brought: bool
    needed: rerun.Wanted
    was: Evaluation | None


class World:
    """A snapshot, or nothing, to judge one change over by `rules`; closed with the block. `known` are the ids of all rules, whose
    waivers are no mistakes.

    What needs no change is begun with the block, in another thread, and where it pays another process stands by from then on.
    `seen` is what the scan looked at. After `judge`, `rules` count the organization with the change, and `unmatched` says what belongs
    to something that is nowhere.
    """

    def __init__(
        self, snapshot: Path | None, config: Config, now: datetime, rules: Sequence[load.Rule], known: Sequence[str]
    ):
        moment = now.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
        self._snapshot = snapshot
        self._config = config
        self._today = moment[:10]
        self._read_at = read_at(snapshot) if snapshot is not None else moment
        self._rules = rules
        self._known = known
        self._views = vocabulary.load(load.folders(config)[1:])
        self._laid: set[str] = set()
        self._stack = ExitStack()
        self._other: beside.Other | None = None
        self._connection = connect(snapshot) if snapshot is not None else connect_empty()
        self.seen = seen(self._connection) if snapshot is not None else Seen()
        self.rules: tuple[RuleResult, ...] = ()
        self.unmatched: list[str] = []

    def __enter__(self) -> World:
        self._stack.callback(self._connection.close)
        if self._snapshot is not None and beside.pays(self._connection, WORTH_ANOTHER):
            self._other = self._stack.enter_context(beside.standing_by(self._snapshot, self._config, self._read_at))
        pool = self._stack.enter_context(ThreadPoolExecutor(1))
        self._ready = pool.submit(self._prepare)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def with_path(self, plans: Iterable[Plan]) -> Mapping[str, str]:
        """ARNs of users, roles, groups and instance profiles with a path, by what they would be without, in the accounts of plans."""
        accounts = sorted({one.account_id for plan in plans for one in plan.resources if one.account_id})
        sql = """
            SELECT regexp_replace(arn, '/.*/', '/'), arn FROM (SELECT arn, account_id FROM principals
            UNION ALL SELECT arn, account_id FROM instance_profiles) WHERE arn LIKE '%/%/%' AND list_contains(?, account_id)"""
        with self._connection.cursor() as own:  # the connection itself may be busy
            return dict(own.execute(sql, [accounts]).fetchall())

    def judge(self, change: Changes) -> tuple[Side, Side]:
        """Judge before and after."""
        connection, config, views, rules = self._connection, self._config, self._views, self._rules
        ready = self._ready.result()
        if self._snapshot is None:
            self._begin(change)
        self._compute(change, ready)
        was = ready.was if not self._laid else None
        was = was or evaluate.evaluate(connection, rules, views, config)
        before = self._side(change, was)
        touched = self._lay(change)
        self._laid |= touched
        over = rerun.Over(self._other, frozenset(self._laid)) if self._other is not None else None
        changed = rerun.again(connection, config, ready.needed, self._read_at, touched, over)
        run = rerun.affected(rules, changed)
        now = _joined(was, evaluate.evaluate(connection, run, views, config), rules, run)
        return before, self._side(change, now, _touched(connection, rules, views, config, change))

    def _prepare(self) -> _Ready:
        with self._connection.cursor() as own:
            brought = self._snapshot is not None and derived.bring(own, self._snapshot, self._config, self._views)
            needed = rerun.wanted(self._rules, self._views, derived.reads(own) if brought else reads())
            return _Ready(brought, needed, kept.evaluation(own, self._rules, self._config) if brought else None)

    def _begin(self, change: Changes) -> None:
        """Without a snapshot there are the accounts that the change names, and nobody has looked at them."""
        alone = sorted({one.account_id for plan in change.plans for one in plan.resources if one.account_id})
        laid = overlay.Overlay(self._connection, self._read_at)
        laid.rows("call_tables", [{"account_id": None, "region": None, **row} for row in call_tables()])
        laid.rows("scope", [{"account_id": one, "region": "global", "in_scope": True} for one in alone])
        laid.rows("accounts", [{"account_id": one, "region": "global"} for one in alone])
        laid.rows("coverage", [_gap(one, "*", "no --snapshot was given") for one in alone])

    def _compute(self, change: Changes, ready: _Ready) -> None:
        """Compute what rules stand on, as it was; what was brought only where the state of the plans adds something."""
        connection, config, read_at = self._connection, self._config, self._read_at
        laid = overlay.Overlay(connection, read_at)
        running = change.state.plain.get("compute", [])
        new = set(laid.missing("compute", "arn", {row["arn"] for row in running})) if running else set()
        laid.state(change.state)
        derive.derive(laid, {}, taken=[row for row in running if row["arn"] in new])
        self._laid |= laid.touched
        if ready.brought:
            rerun.again(connection, config, ready.needed, read_at, laid.touched)
            return
        analysis.run_all(connection, config, read_at, ready.needed.analyses)
        vocabulary.create(connection, ready.needed.views, config, read_at)

    def _lay(self, change: Changes) -> set[str]:
        """Lay the change over what is; returns the tables it touches."""
        laid = overlay.Overlay(self._connection, self._read_at)
        laid.change(change.gone, change.come)
        calls = {call.name: name for name, module in collectors().items() for call in module.CALLS}
        laid.gaps(change.unread, calls)
        if self._snapshot is not None:
            places = never_scanned(self.seen, change)
            reason = "it was not scanned when the snapshot was made"
            known = [row for row in call_tables() if row["table_name"] in SETTINGS]
            laid.rows(
                "coverage",
                [
                    {**_gap(*one, reason), "collector": row["collector"], "call": row["call"]}
                    for one in places
                    for row in known
                ],
            )
        vaults = [identity.identity(one, "arn", before=True) for one in change.deleted if one.type in VAULTS]
        left, taken = (rows.plain.get("compute", []) for rows in (change.gone, change.come))
        derive.derive(laid, change.new_accounts, vaults, change.closed_accounts, left, taken)
        lost = [*laid.unmatched, *(belongings.nowhere(laid, change.come) if self._snapshot is not None else ())]
        self.unmatched = [
            f"{label}: it, or what it belongs to, is in neither the snapshot nor the plans" for label in lost
        ]
        return laid.touched

    def _side(self, change: Changes, found: Evaluation, touched: Mapping[str, int] | None = None) -> Side:
        coverage = score.coverage(found.tallies, found.rules, [])
        settled = settle.settle(
            self._connection, self._config, found.findings, found.rules, coverage, self._known, self._today
        )
        self.rules = settled.rules
        findings = tuple(_explained(one, change) for one in settled.findings)
        return Side(findings, score.score(found.tallies, found.rules).overall, touched or {})


def _gap(account: str, region: str, reason: str) -> dict[str, Any]:
    """A line of the ledger for all of a place that nobody looked at."""
    return {
        "account_id": account, "region": region, "collector": "*", "call": "*", "status": "not_recorded", "reason": reason,
        "items": 0, "failed": 1, "requests": 0,
    }  # fmt: skip


def _joined(before: Evaluation, again: Evaluation, rules: Sequence[load.Rule], run: Sequence[load.Rule]) -> Evaluation:
    """What was judged again, and of the other rules what came out before."""
    names = {rule.id for rule in run}
    findings = [one for one in before.findings if one.rule_id not in names] + list(again.findings)
    results = {one.rule_id: one for one in (*before.rules, *again.rules)}
    tallies = [one for one in before.tallies if one.rule_id not in names] + list(again.tallies)
    return Evaluation(
        tuple(sorted(findings, key=evaluate.sort_key)), tuple(results[rule.id] for rule in rules), tuple(tallies)
    )


def _explained(finding: Finding, found: Changes) -> Finding:
    """Say which value of the plan a verdict hangs on, where that is why it could not be reached."""
    if finding.outcome == "fail":
        return finding
    resource = verdict.touching(finding, found)
    texts = [one.text for one in found.unread if resource is not None and one.address == resource.label]
    return replace(finding, message="; ".join(texts[:3])) if texts else finding


def _touched(
    connection: Any,
    rules: Sequence[load.Rule],
    views: Mapping[str, vocabulary.View],
    config: Config,
    found: Changes,
) -> Mapping[str, int]:
    """Outcomes over the subjects that the change makes or changes."""
    subjects = sorted(name for name, resource in found.subjects.items() if _exists(resource))
    analysis.load(connection, _subject_table(connection), [(name,) for name in subjects])
    counted: Counter[str] = Counter()
    there: dict[str, bool] = {}
    for rule in rules:
        when, fails, _ = bind(rule, views, config, connection)
        view = views[rule.body.for_each]
        tables = view.needs(columns_of(when) | columns_of(fails))
        found.needs[rule.id] = frozenset(one.partition("@")[0] for one in tables)
        arn = "OR arn IN (FROM touched_subjects)" if "arn" in {word.name for word in view.words} else ""
        chosen = f'SELECT * FROM "{view.name}" WHERE id IN (FROM touched_subjects) {arn}'
        if view.name not in there:
            there[view.name] = bool(connection.execute(f"{chosen} LIMIT 1").fetchall())
        if there[view.name]:
            rows = connection.execute(
                f"""SELECT CASE WHEN ({when}) IS NULL OR ({fails}) IS NULL THEN 'not_evaluated' WHEN ({fails}) THEN 'fail' ELSE 'pass' END
                AS outcome, count(*) FROM ({chosen}) s WHERE ({when}) IS DISTINCT FROM FALSE GROUP BY outcome"""
            ).fetchall()
            counted.update(dict(rows))
    return counted


def _subject_table(connection: Any) -> str:
    connection.execute("CREATE TABLE touched_subjects (name VARCHAR)")
    return "touched_subjects"


def _exists(resource: Planned) -> bool:
    return resource.touched and resource.after is not None
