"""The story of the gate on one screen: read, place, shape, lay over, judge twice, compare.

What is known to fail decides even where other things are not known: 1 comes before 3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scanner import __version__, analysis, derived, score, vocabulary
from scanner.analysis.reads import reads
from scanner.collect import registry as collectors
from scanner.collect.run import call_tables
from scanner.config import Config
from scanner.findings import Finding, RuleResult
from scanner.gate import accounts, belongings, changes, derive, identity, inputs, overlay, rerun, verdict
from scanner.gate.changes import Changes
from scanner.gate.planned import Planned
from scanner.gate.verdict import Side
from scanner.gated import Counted, Gated
from scanner.living import settle
from scanner.rule import evaluate, kept, load
from scanner.rule.bind import bind, columns_of
from scanner.rule.evaluate import Evaluation
from scanner.snapshot.read import connect, connect_empty
from scanner.snapshot.store import read_manifest

OK, FINDINGS, LOW_COVERAGE = 0, 1, 3
LEFT_OUT = ("not_selected", "suspended")


def gate(
    paths: Sequence[Path],
    snapshot: Path | None,
    config: Config,
    *,
    said: Iterable[str] = (),
    source: Path | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Gated:
    """Judge what inputs change. Raises BulkheadError; GateError for an input that cannot be judged whole."""
    known = load.configured(config)
    rules = load.choose(known, config.select, config.ignore)
    given = accounts.given(said, config.gate.accounts)
    manifest: Mapping[str, Any] = read_manifest(snapshot) if snapshot else {}
    opened = connect(snapshot) if snapshot else None
    seen = _seen(opened) if opened is not None else Seen()
    plans = inputs.read_all(paths)
    homes: dict[str, str] = {}
    for plan in plans:
        for key, home in accounts.place(plan, given, seen.management).items():
            if home.account_id:
                homes[key] = f"{home.account_id} ({home.source})"
    found = changes.gather(plans)
    inputs.locate(found, source)
    read_at = str(manifest.get("finished_at") or now().astimezone(UTC).isoformat(timespec="seconds")).rstrip("Z")
    read_at = read_at.replace("+00:00", "")
    today = now().astimezone(UTC).date().isoformat()
    world = World(snapshot, opened, found, config, read_at, today, [rule.id for rule in known])
    before, after = world.judge(rules)
    judged = verdict.failing(verdict.compare(before, after, found), config.fail_on)
    lost = [f"{one.label}: {one.unplaced}" for one in found.unplaced] + found.lost + found.twice + world.unmatched
    if snapshot:
        lost += _unseen(seen, found)
    share = verdict.coverage(after, judged, len(lost), found)
    shortfalls = tuple(_shortfalls(lost, share, config.min_coverage, snapshot is not None))
    return Gated(
        inputs=tuple(str(path) for path in paths),
        snapshot=str(snapshot) if snapshot else None,
        snapshot_at=manifest.get("finished_at"),
        organization_id=manifest.get("organization_id"),
        counted=Counted(found.looked_at, found.understood, found.touched, dict(sorted(found.strangers.items()))),
        judged=judged,
        rules=world.rules,
        coverage=share,
        scores=(before.score, after.score),
        unread=tuple(one.text for one in found.unread),
        shortfalls=shortfalls,
        homes=homes,
        exit_code=FINDINGS if any(one.fails for one in judged) else LOW_COVERAGE if shortfalls else OK,
        fail_on=config.fail_on,
        tool_version=__version__,
    )


def _shortfalls(lost: Sequence[str], share: float | None, wanted: float, with_snapshot: bool) -> Iterator[str]:
    """Say why a clean result would be worth nothing. Whoever asks for no coverage at all is told nothing."""
    if wanted <= 0:
        return
    yield from lost
    if share is not None and share < wanted:
        hint = "" if with_snapshot else "; --snapshot says what is there already"
        yield f"{share:.1%} of what the rules ask of this change could be judged (wanted: {wanted:.1%}){hint}"


@dataclass(frozen=True)
class Seen:
    """What the gate asks a snapshot before anything is laid over it: the management account, and what was looked at in which account."""

    management: str | None = None
    places: tuple[tuple[str, str, bool, str], ...] = ()


def _seen(connection: Any) -> Seen:
    found = connection.execute("SELECT min(management_account_id) FROM organizations").fetchone()
    places = connection.execute("SELECT DISTINCT account_id, region, call = '*', status FROM coverage").fetchall()
    return Seen(found[0], tuple(places))


def _unseen(seen: Seen, found: Changes) -> list[str]:
    """Accounts and Regions that the change touches and the scan of the snapshot never looked at: what is there is not known.

    What it looked at in vain has lines in the ledger, on which verdicts hang already.
    """
    left_out = {(account, region) for account, region, whole, status in seen.places if whole and status in LEFT_OUT}
    looked_at = {(account, region) for account, region, _, status in seen.places if status not in LEFT_OUT}
    accounts = {account for account, _ in looked_at}
    everywhere = {account for account, region in looked_at if region == "*"}
    new = _new_accounts(found)
    touched = {(one.account_id, one.region) for one in found.subjects.values() if one.touched and one.account_id}
    texts = []
    for account, region in sorted(touched, key=str):
        if account in new or account in everywhere:
            continue
        if account not in accounts or (account, "*") in left_out:
            texts.append(f"account {account} was not scanned when the snapshot was made")
        elif region not in (None, "global") and (account, region) not in looked_at:
            texts.append(f"{region} of account {account} was not scanned when the snapshot was made")
    return sorted(set(texts))


class World:
    """The organization before and after, on one connection (`opened`, to the snapshot): what was comes first, then the change is laid
    over it."""

    def __init__(
        self,
        snapshot: Path | None,
        opened: Any,
        found: Changes,
        config: Config,
        read_at: str,
        today: str,
        known: Sequence[str],
    ):
        self._snapshot = snapshot
        self._opened = opened
        self._changes = found
        self._config = config
        self._read_at = read_at
        self._today = today
        self._known = known
        self._views = vocabulary.load(load.folders(config)[1:])
        self._laid: set[str] = set()
        self.rules: tuple[RuleResult, ...] = ()
        self.unmatched: list[str] = []

    def judge(self, rules: Sequence[load.Rule]) -> tuple[Side, Side]:
        """Judge before and after."""
        with self._open() as connection:
            brought = self._snapshot is not None and derived.bring(
                connection, self._snapshot, self._config, self._views
            )
            needed = rerun.wanted(rules, self._views, derived.reads(connection) if brought else reads())
            self._compute(connection, needed, brought)
            known = kept.evaluation(connection, rules, self._config) if brought and not self._laid else None
            was = known or evaluate.evaluate(connection, rules, self._views, self._config)
            before = self._side(connection, was)
            changed = self._again(connection, needed, self._change(connection))
            run = rerun.affected(rules, changed)
            now = _joined(was, evaluate.evaluate(connection, run, self._views, self._config), rules, run)
            touched = _touched(connection, rules, self._views, self._config, self._changes)
            return before, self._side(connection, now, touched)

    def _compute(self, connection: Any, needed: rerun.Wanted, brought: bool) -> None:
        """Compute what rules stand on, as it was; what was `brought` only where the state of the plans adds something."""
        laid = overlay.Overlay(connection, self._read_at)
        laid.state(self._changes.state)
        derive.derive(laid, {})
        if brought:
            self._again(connection, needed, laid.touched)
            return
        self._laid |= laid.touched
        analysis.run_all(connection, self._config, self._read_at, needed.analyses)
        vocabulary.create(connection, needed.views, self._config, self._read_at)

    def _again(self, connection: Any, needed: rerun.Wanted, touched: set[str]) -> frozenset[str]:
        self._laid |= touched
        over = rerun.Over(self._snapshot, frozenset(self._laid)) if self._snapshot is not None else None
        return rerun.again(connection, self._config, needed, self._read_at, touched, over)

    def _side(self, connection: Any, found: Evaluation, touched: Mapping[str, int] | None = None) -> Side:
        coverage = score.coverage(found.tallies, found.rules, [])
        settled = settle.settle(
            connection, self._config, found.findings, found.rules, coverage, self._known, self._today
        )
        self.rules = settled.rules
        findings = tuple(_explained(one, self._changes) for one in settled.findings)
        return Side(findings, score.score(found.tallies, found.rules).overall, touched or {})

    def _open(self) -> Any:
        if self._opened is not None:
            return self._opened
        connection = connect_empty()
        alone = sorted({one.account_id for plan in self._changes.plans for one in plan.resources if one.account_id})
        rows = [{"account_id": one, "region": "global", "in_scope": True} for one in alone]
        laid = overlay.Overlay(connection, self._read_at)
        laid.rows("call_tables", [{"account_id": None, "region": None, **row} for row in call_tables()])
        laid.rows("scope", rows)
        laid.rows("accounts", [{"account_id": one, "region": "global"} for one in alone])
        gap = {
            "region": "*",
            "collector": "*",
            "call": "*",
            "status": "not_recorded",
            "reason": "no --snapshot was given",
        }
        laid.rows("coverage", [{"account_id": one, **gap, "items": 0, "failed": 1, "requests": 0} for one in alone])
        return connection

    def _change(self, connection: Any) -> set[str]:
        """Lay the change over what is; returns the tables it touches."""
        laid = overlay.Overlay(connection, self._read_at)
        laid.change(self._changes.gone, self._changes.come)
        calls = {call.name: name for name, module in collectors().items() for call in module.CALLS}
        laid.gaps(self._changes.unread, calls)
        vaults = [identity.identity(one, "arn") for one in self._changes.deleted if one.type == "aws_backup_vault"]
        derive.derive(laid, _new_accounts(self._changes), vaults)
        lost = [*laid.unmatched, *(belongings.nowhere(laid, self._changes.come) if self._snapshot is not None else ())]
        self.unmatched = [
            f"{label}: it, or what it belongs to, is in neither the snapshot nor the plans" for label in lost
        ]
        return laid.touched


def _joined(before: Evaluation, again: Evaluation, rules: Sequence[load.Rule], run: Sequence[load.Rule]) -> Evaluation:
    """What was judged again, and of the other rules what came out before."""
    names = {rule.id for rule in run}
    findings = [one for one in before.findings if one.rule_id not in names] + list(again.findings)
    results = {one.rule_id: one for one in (*before.rules, *again.rules)}
    tallies = [one for one in before.tallies if one.rule_id not in names] + list(again.tallies)
    return Evaluation(
        tuple(sorted(findings, key=evaluate.sort_key)), tuple(results[rule.id] for rule in rules), tuple(tallies)
    )


def _new_accounts(found: Changes) -> dict[str, str]:
    return {
        identity.identity(one): one.label
        for plan in found.plans
        for one in plan.resources
        if one.type == "aws_organizations_account" and one.deed == "create" and not one.unplaced
    }


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
