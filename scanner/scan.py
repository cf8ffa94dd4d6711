"""The story on one screen: collect -> analyse -> evaluate -> score -> report."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scanner import __version__, derived, drill, score, vocabulary
from scanner.analysis import beside
from scanner.collect.api import Call
from scanner.collect.run import Chosen, Progress, all_calls, call_tables, collect
from scanner.config import Config
from scanner.engine import spark
from scanner.errors import NothingReadError, OutputError, UsageError
from scanner.findings import SEVERITIES, Account, Advice, CallCount, Finding, Gap, Reach, Result, Scan, Unit
from scanner.lasting import Comparison
from scanner.living import advise, history, saved, settle
from scanner.living import compare as comparing
from scanner.rule import elsewhere, evaluate, fates, kept, load
from scanner.snapshot.read import connect
from scanner.snapshot.store import Store, read_at, read_manifest

if TYPE_CHECKING:  # botocore is imported where AWS is asked
    from scanner.aws.security_hub import Imported, SecurityHub

OK, FINDINGS, LOW_COVERAGE = 0, 1, 3


@dataclass(frozen=True)
class Reading:
    """How a snapshot is made: live, or from `recorded`; `record` keeps the answers."""

    recorded: Path | None = None
    record: Path | None = None
    resume: bool = False
    workers: int = 64


def make_snapshot(
    target: Path,
    config: Config,
    reading: Reading,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Callable[[Progress], None] = lambda _: None,
) -> Path:
    """Collect into a snapshot at `target`; returns its path. Raises BulkheadError."""
    estate = _estate(config, reading)
    estate.caller()
    store = Store(target, resume=reading.resume)
    store.remember("started_at", store.recall("started_at") or _iso(now()))
    started = store.recall("started_at")
    chosen = Chosen(tuple(config.accounts), tuple(config.exclude_accounts), tuple(config.units), tuple(config.regions))
    try:
        facts = collect(
            estate, store, chosen, workers=reading.workers, progress=progress, config=config, now=_moment(started)
        )
    except NothingReadError:
        store.close()
        shutil.rmtree(store.partial, ignore_errors=True)
        raise
    except BaseException:
        store.flush()
        store.close()
        raise
    calls = facts.pop("api_calls")
    manifest = {
        **facts,
        "id": hashlib.sha256(f"{started}{facts['organization_id']}{target.name}".encode()).hexdigest()[:12],
        "started_at": started,
        "finished_at": _iso(now()),
        "tool_version": __version__,
        "source": config.source,
    }
    return store.publish(manifest, {"call_tables": call_tables(), "api_calls": calls})


def _estate(config: Config, reading: Reading) -> Any:
    if config.source == "aws":
        return _asked(config, reading)
    from scanner.aws.aggregator import CALLS, Aggregator

    return Aggregator(_asked(config, reading, CALLS), config.aggregator)


def _asked(config: Config, reading: Reading, more: tuple[Call, ...] = ()) -> Any:
    """AWS, or its recorded answers; `more` are calls beside those of collectors."""
    if reading.recorded:
        from scanner.aws.recording import Replay

        return Replay(reading.recorded)
    from scanner.aws.live import DEFAULT_ROLES, Access, Live
    from scanner.aws.scheduler import Scheduler

    access = Access(config.profile, tuple(config.role_names) or DEFAULT_ROLES, config.external_id)
    live = Live(access, all_calls() + more, Scheduler(config.max_api_share), connections=reading.workers)
    if reading.record:
        from scanner.aws.recording import Recorder

        return Recorder(live, reading.record)
    return live


def open_vocabulary(snapshot: Path, config: Config) -> tuple[Any, dict[str, vocabulary.View]]:
    """Open a snapshot with analyses and vocabulary computed; returns the connection and the views."""
    views = vocabulary.load(load.folders(config)[1:])
    connection = connect(snapshot)
    derived.compute(connection, snapshot, config, views)
    return connection, views


def judge(
    snapshot: Path, config: Config, now: Callable[[], datetime] = lambda: datetime.now(UTC), engine: str | None = None
) -> Result:
    """Evaluate the chosen rules over a snapshot; waivers have to hold today. Raises BulkheadError.

    `engine` is the address of a Spark Connect server (`spark://HOST:PORT`); None is DuckDB, in this process.
    """
    manifest = read_manifest(snapshot)
    known = load.configured(config)
    rules = load.choose(known, config.select, config.ignore)
    views = vocabulary.load(load.folders(config)[1:])
    with connect(snapshot) as connection:
        if engine is None:
            marks = derived.compute(connection, snapshot, config, views)
            was = kept.evaluation(connection, rules, config) if marks is None else None
            found = was or evaluate.evaluate(connection, rules, views, config)
            if marks is not None:
                derived.keep(connection, snapshot, config, views, marks, kept.contents(found, rules, config))
        else:
            moment = read_at(snapshot)
            beside.run_all(connection, snapshot, config, moment)
            found = elsewhere.evaluate_elsewhere(engine, snapshot, connection, rules, views, config, moment)
        if not any(rule.passed + rule.failed for rule in found.rules) and not _anything_read(connection):
            raise NothingReadError("not one call was answered when this snapshot was made: nothing can be said")
        coverage = score.coverage(found.tallies, found.rules, _gaps(connection))
        today = now().astimezone(UTC).date().isoformat()
        ids = [rule.id for rule in known]
        settled = settle.settle(connection, config, found.findings, found.rules, coverage, ids, today)
        units = tuple(Unit(*row) for row in connection.execute(_UNITS).fetchall())
        scores = score.score(found.tallies, found.rules, {unit.id: unit.parent_id for unit in units})
        return Result(
            scan=Scan(
                manifest["id"],
                manifest["started_at"],
                manifest["finished_at"],
                manifest.get("organization_id"),
                manifest["tool_version"],
            ),
            coverage=coverage,
            score=scores,
            findings=settled.findings,
            rules=settled.rules,
            accounts=_accounts(connection),
            units=units,
            calls=tuple(CallCount(*row) for row in connection.execute(_CALLS).fetchall()),
            advice=advise.advice(settled.findings, settled.rules, scores.overall, most=advise.SHOWN),
            matrix=tuple(connection.execute(_MATRIX).fetchall()),
            reach=_reach(connection),
            drills=drill.drills(connection),
            waivers=settled.waivers,
            baseline=settled.baseline,
            accepted=settled.accepted,
        )


def judged(path: Path, config: Config) -> saved.Judged:
    """What a snapshot (a directory, judged now) or a findings.json says. Raises BulkheadError."""
    return saved.of_result(judge(path, config)) if path.is_dir() else saved.read(path)


def compare(before: Path, after: Path, config: Config) -> Comparison:
    """How one snapshot or findings.json differs from an earlier one. Raises BulkheadError."""
    lookup = _became(after, config) if after.is_dir() else None
    return comparing.compare(judged(before, config), judged(after, config), lookup)


def compared(result: Result, snapshot: Path, before: Path, config: Config) -> Result:
    """Add how the result of a snapshot differs from an earlier snapshot or findings.json. Raises BulkheadError."""
    was, now = judged(before, config), saved.of_result(result)
    found = comparing.compare(was, now, _became(snapshot, config))
    return replace(result, comparison=found, since=comparing.since(found, was, now))


def _became(snapshot: Path, config: Config) -> comparing.Lookup:
    """Ask a snapshot what became of the subjects of findings."""

    def became(findings: Iterable[Finding]) -> dict[str, fates.Became]:
        asked = list(findings)
        if not asked:
            return {}
        connection, views = open_vocabulary(snapshot, config)
        with connection:
            return fates.fates(connection, load.configured(config), views, config, asked)

    return became


def advise_on(path: Path, config: Config, most: int | None) -> tuple[tuple[Advice, ...], float | None]:
    """The changes that lift the score of a snapshot or findings.json most, and that score. Raises BulkheadError."""
    found = judged(path, config)
    overall = score.whole(found.rules)
    return advise.advice(found.findings, found.rules, overall, most), overall


def remember(result: Result, config: Config, *, record: bool) -> Result:
    """Add what earlier scans say, and with `record` make this one part of the history. Raises HistoryError."""
    return history.remember(result, config, record=record)


def exit_code(result: Result, fail_on: str, min_coverage: float) -> int:
    """0 clean, 1 open findings at or above `fail_on`, 3 too little was evaluated (which makes a clean result worthless)."""
    ratio = result.coverage.ratio
    if (ratio is not None and ratio < min_coverage) or result.coverage.unevaluated_rules:
        return LOW_COVERAGE
    if fail_on == "never":
        return OK
    serious = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    failed = any(f.outcome == "fail" and f.status == "open" and f.severity in serious for f in result.findings)
    return FINDINGS if failed else OK


def too_little(result: Result, min_coverage: float) -> str:
    """Say why the exit code is 3."""
    ratio = result.coverage.ratio
    share = "nothing" if ratio is None else f"{ratio:.1%}"
    nowhere = result.coverage.unevaluated_rules
    rules = f"; rules that could be evaluated nowhere: {', '.join(nowhere)}" if nowhere else ""
    return f"{share} of what the rules apply to could be evaluated (wanted: {min_coverage:.1%}){rules}"


def write_reports(result: Result, config: Config) -> list[Path]:
    """Write every format and template asked for; returns the paths. Raises OutputError, UsageError."""
    import reports
    from reports import custom

    targets = _targets(config)
    for name in config.formats:
        reports.write(name, result, targets[name])
    for template in config.templates:
        custom.write(template, result, targets[template])
    return list(targets.values())


def security_hub(config: Config) -> SecurityHub:
    """Return where findings are imported, once it is known who imports. Raises UsageError, AccessError."""
    from scanner.aws.security_hub import SecurityHub

    hub = SecurityHub(config.profile)
    _ = hub.caller
    return hub


def push(result: Result, hub: SecurityHub) -> Imported:
    """Import the findings of a result into Security Hub. Raises DeliveryError where it takes none."""
    from reports import asff

    return hub.send(asff.records(result, asff.Home(hub.caller.account_id, hub.region, hub.caller.partition)))


def _targets(config: Config) -> dict[str | Path, Path]:
    """Return the file of every format and template. Raises UsageError where two have the same, or a template its own."""
    import reports
    from reports import custom

    named: dict[str | Path, str] = {name: reports.file_name(name) for name in config.formats}
    named |= {template: custom.file_name(template) for template in config.templates}
    targets = {asked: config.out / name for asked, name in named.items()}
    for asked, target in targets.items():
        if sum(other == target for other in targets.values()) > 1:
            raise UsageError(
                f"more than one of the formats and templates writes {target}; give the template another name"
            )
        if isinstance(asked, Path) and target.resolve() == asked.resolve():
            raise UsageError(f"{asked} would be written over; call it {asked.name}.j2, or choose another --out")
    return targets


def check_before(config: Config, engine: str | None = None) -> None:
    """Fail before anything is read. Raises UsageError: an unknown format or engine, broken templates, waivers or baseline.

    Raises EngineError when nobody answers at the address of the engine.
    """
    from reports import custom

    if engine is not None:
        spark.check(engine)
    _targets(config)
    for template in config.templates:
        custom.check(template)
    settle.check(config)


def check_writable(folder: Path) -> None:
    """Fail before hours of reading, not after. Raises OutputError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".bulkhead-probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise OutputError(f"cannot write to {folder}: {error.strerror}; choose another --out") from error


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _moment(text: str) -> datetime:
    """The time that `_iso` wrote."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _anything_read(connection: Any) -> bool:
    found = connection.execute("SELECT count(*) FROM coverage WHERE status = 'collected' AND requests > 0").fetchone()
    return bool(found[0])


def _gaps(connection: Any) -> list[Gap]:
    return [Gap(*row) for row in connection.execute(_GAPS).fetchall()]


def _reach(connection: Any) -> tuple[Reach, ...]:
    return tuple(
        Reach(source, target, verdict, administers, destroys, hops, tuple(chain or ()), tuple(conditions or ()))
        for source, target, verdict, administers, destroys, hops, chain, conditions in connection.execute(
            _REACH
        ).fetchall()
    )


def _accounts(connection: Any) -> tuple[Account, ...]:
    cursor = connection.execute(_ACCOUNTS)
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return tuple(
        Account(**{**row, "unit_path": tuple(row["unit_path"].split(" / ")) if row["unit_path"] else ()})
        for row in rows
    )


_GAPS = """
SELECT c.account_id, c.region, c.collector, c.call, c.status || coalesce('(' || c.cause || ')', ''), coalesce(c.reason, ''),
    greatest(c.failed, 1)
FROM coverage c LEFT JOIN scope s ON s.account_id = c.account_id
WHERE c.status NOT IN ('collected', 'not_in_use', 'region_off') AND (coalesce(s.in_scope, TRUE) OR c.call = '*')
ORDER BY ALL"""
_UNITS = "SELECT unit_id, name, parent_id FROM organizational_units ORDER BY path, unit_id"
_CALLS = "SELECT service, requests, throttled FROM api_calls ORDER BY requests DESC, service"
_REACH = """
SELECT account_id, target_account_id, verdict, administers, destroys, hops, chain, conditions
FROM account_reach JOIN scope USING (account_id) WHERE in_scope ORDER BY account_id, target_account_id"""
_MATRIX = """
SELECT DISTINCT f.workload, f.environment, f.account_id
FROM (
    SELECT workload, environment, account_id FROM resource_facts WHERE kind NOT IN ('secret', 'other')
    UNION ALL SELECT workload, environment, account_id FROM account_facts a WHERE NOT EXISTS (
        SELECT 1 FROM resource_facts r WHERE r.account_id = a.account_id AND r.kind NOT IN ('secret', 'other'))
) f JOIN scope s ON s.account_id = f.account_id AND s.in_scope
WHERE f.workload <> 'unknown' AND f.environment <> 'unknown' ORDER BY ALL"""
_ACCOUNTS = """
SELECT a.id, coalesce(a.name, a.id) AS name, coalesce(a.status, 'unknown') AS status, p.parent_id AS unit_id, a.unit_path,
    coalesce(a.environment, 'unknown') AS environment, CASE WHEN a.workload <> 'unknown' THEN a.workload END AS workload,
    CASE WHEN a.owner <> 'unknown' THEN a.owner END AS owner, coalesce(a.is_management, FALSE) AS is_management,
    EXISTS (SELECT 1 FROM coverage c WHERE c.account_id = a.id AND c.status = 'collected' AND c.collector <> 'organizations'
        AND c.requests > 0) AS read,
    coalesce(r.resources, 0) AS resources
FROM account a
JOIN scope s ON s.account_id = a.id AND s.in_scope
LEFT JOIN accounts p ON p.account_id = a.id
LEFT JOIN (SELECT account_id, count(*) AS resources FROM resource_facts GROUP BY account_id) r ON r.account_id = a.id
ORDER BY coalesce(a.name, a.id), a.id"""
