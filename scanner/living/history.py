"""The history of scans: one small SQLite file that remembers scores, and when each finding was first seen.

Scans that cannot be compared (other rules chosen, other accounts or Regions read) are kept apart as series. Judging a
snapshot again replaces what was kept of it. Names of subjects are not kept; ids of accounts are. The file is readable by
its owner only.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from scanner.config import Config
from scanner.errors import HistoryError
from scanner.findings import SEVERITIES, Result
from scanner.lasting import THE_ORGANIZATION, Point, Since
from scanner.living.sight import Sight, Spot
from scanner.wording import some

FILE_NAME = "bulkhead.history"
VERSION = 1
KEPT_WHOLE = 3
"""Scans of a series of which the failing findings are kept, to say what changed since; older ones keep their numbers."""
SHOWN = 60
"""Points of the trend that a report gets."""

Failing = dict[str, Spot]


@dataclass(frozen=True)
class Series:
    """Scans that compare: `id` names them, `label` says what was left out, empty for nothing."""

    id: str
    label: str


def path_of(config: Config) -> Path:
    return config.history or config.out / FILE_NAME


def series_of(result: Result, config: Config) -> Series:
    """What a scan may be compared with: the same organization, the same choice of rules, accounts and Regions."""
    skipped = [gap for gap in result.coverage.gaps if gap.status == "not_selected"]
    accounts = sorted({gap.account_id for gap in skipped if gap.region == "*"})
    regions = sorted({gap.region for gap in skipped if gap.region != "*"})
    whose = result.scan.organization_id or ",".join(sorted(account.id for account in result.accounts))
    said = [whose, sorted(config.select), sorted(config.ignore), accounts, regions]
    parts = (
        ("select", config.select),
        ("ignore", config.ignore),
        ("accounts left out", accounts),
        ("Regions left out", regions),
    )
    label = "; ".join(f"{name}: {some(list(values), 3)}" for name, values in parts if values)
    return Series(hashlib.sha256(json.dumps(said).encode()).hexdigest()[:12], label)


def remember(result: Result, config: Config, *, record: bool) -> Result:
    """Return the result with what the history knows: first seen, the change since the scan before, the trend.

    With `record` the scan becomes part of the history. Raises HistoryError.
    """
    path = path_of(config)
    if not record and not path.is_file():
        return result
    series, point = series_of(result, config), point_of(result)
    with _open(path, write=record) as store:
        if record:
            _record(store, series, point, result)
        first = _first_seen(store, result)
        earlier = [
            one
            for one in _points(store, series.id)
            if one.scan_id != point.scan_id and one.finished_at < point.finished_at
        ]
        before = _failing(store, series.id, earlier[-1].scan_id) if earlier else None
    findings = tuple(replace(one, first_seen=first.get(one.fingerprint)) for one in result.findings)
    since = _since(earlier[-1], before, result, point) if earlier and before is not None else None
    return replace(result, findings=findings, since=since, trend=(*earlier, point)[-SHOWN:])


def points(path: Path, wanted: str | None = None) -> tuple[Series, list[Point], list[tuple[Series, int]]]:
    """Read a series (its id or the start of it; else that of the newest scan): its scans, oldest first, and the other series.

    Raises HistoryError.
    """
    if not path.is_file():
        raise HistoryError(f"there is no history {path}; `bulkhead scan` begins one")
    with _open(path, write=False) as store:
        rows = store.execute(
            "SELECT series, max(label), count(*), max(finished_at) FROM scans GROUP BY series ORDER BY 4 DESC, 1"
        ).fetchall()
        found = [(Series(row[0], row[1]), row[2]) for row in rows if wanted is None or row[0].startswith(wanted)]
        if not found:
            raise HistoryError(f"{path} has no scan" + (f" of a series {wanted}" if wanted else ""))
        chosen = found[0][0]
        others = [(Series(row[0], row[1]), row[2]) for row in rows if row[0] != chosen.id]
        return chosen, _points(store, chosen.id), others


Pair = tuple[float | None, float | None]


def asked(points: Sequence[Point], account: str | None, principle: str | None) -> tuple[str, list[Pair | None]]:
    """Return what is asked about, and its score and coverage in every scan: None where it was not there.

    Raises HistoryError for an account or principle that no scan has.
    """
    if not account and not principle:
        return THE_ORGANIZATION, [(point.score, point.coverage) for point in points]
    values = [
        point.account_scores.get(account) if account else point.principles.get(principle or "") for point in points
    ]
    if not any(value is not None for value in values):
        hint = " (accounts go by their twelve digits: a history has no names)"
        raise HistoryError(
            f"no scan of this history has the account {account}{'' if account.isdigit() else hint}"
            if account
            else f"no scan of this history has the principle {principle}; it has {', '.join(sorted(points[-1].principles))}"
        )
    return str(account or principle), values


def point_of(result: Result) -> Point:
    """One scan in numbers."""
    failing = dict.fromkeys((str(severity) for severity in SEVERITIES), 0)
    for one in result.findings:
        if one.outcome == "fail" and one.status == "open":
            failing[one.severity] += 1
    rules = hashlib.sha256(json.dumps(sorted((rule.rule_id, rule.severity) for rule in result.rules)).encode())
    return Point(
        scan_id=result.scan.id,
        finished_at=result.scan.finished_at,
        score=result.score.overall,
        coverage=result.coverage.ratio,
        failing=failing,
        accepted=sum(one.outcome == "fail" and one.status != "open" for one in result.findings),
        not_evaluated=sum(one.outcome == "not_evaluated" for one in result.findings),
        accounts=len(result.accounts),
        rules=rules.hexdigest()[:8],
        principles=_pairs(result.score.principles, result.coverage.principles),
        account_scores=_pairs(result.score.accounts, result.coverage.accounts),
    )


def _pairs(
    scores: Mapping[str, float | None], shares: Mapping[str, float | None]
) -> dict[str, tuple[float | None, float | None]]:
    return {name: (scores.get(name), shares.get(name)) for name in sorted({*scores, *shares})}


def _since(before: Point, failing: Failing, result: Result, point: Point) -> Since:
    now = {one.fingerprint: one.outcome for one in result.findings}
    sight = Sight(result.findings, result.rules, result.coverage.gaps, result.coverage.accounts)
    lost = {mark: where for mark, where in failing.items() if now.get(mark) != "fail"}
    unseen = sum(mark in now or sight.obstacle(where) is not None for mark, where in lost.items())
    return Since(
        before.scan_id,
        before.finished_at,
        before.score,
        before.coverage,
        new=sum(outcome == "fail" and mark not in failing for mark, outcome in now.items()),
        fixed=len(lost) - unseen,
        unseen=unseen,
        same_rules=before.rules == point.rules,
    )


@contextmanager
def _open(path: Path, *, write: bool) -> Iterator[sqlite3.Connection]:
    """Open the file, making it when it may be written. Raises HistoryError."""
    try:
        if write:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        address = f"{path.resolve().as_uri()}?mode={'rw' if write else 'ro'}"
        with closing(sqlite3.connect(address, uri=True, timeout=30)) as store, store:
            _prepare(store, path, write)
            yield store
    except sqlite3.DatabaseError as error:
        raise HistoryError(f"the history {path} cannot be used: {error}; name another --history") from error
    except OSError as error:
        raise HistoryError(f"the history {path} cannot be written: {error.strerror}; name another --history") from error


def _prepare(store: sqlite3.Connection, path: Path, write: bool) -> None:
    with path.open("rb") as file:
        begins = file.read(len(_MAGIC))
    if begins not in (b"", _MAGIC):  # SQLite would take a few stray bytes for an empty database
        raise HistoryError(f"{path} is no history; name another --history")
    version = store.execute("PRAGMA user_version").fetchone()[0]
    tables = store.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if version == 0 and tables == 0 and write:
        store.executescript(_SCHEMA)
    elif version != VERSION:
        raise HistoryError(f"{path} is no history of this version of Bulkhead; name another --history")


def _record(store: sqlite3.Connection, series: Series, point: Point, result: Result) -> None:
    failing = [one for one in result.findings if one.outcome == "fail"]
    numbers = {name: getattr(point, name) for name in _NUMBERS}
    detail = {"principles": point.principles, "account_scores": point.account_scores}
    rows = [[one.fingerprint, one.rule_id, one.account_id, one.region] for one in failing]
    store.execute("DELETE FROM scans WHERE series = ? AND scan_id = ?", (series.id, point.scan_id))
    store.execute(
        "INSERT INTO scans VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            series.id,
            series.label,
            point.scan_id,
            point.finished_at,
            json.dumps(numbers),
            _packed(detail),
            _packed(rows),
        ),
    )
    store.execute(_FORGET, {"series": series.id, "kept": KEPT_WHOLE})
    store.executemany(_SEEN, [(one.fingerprint, point.finished_at) for one in failing])


def _points(store: sqlite3.Connection, series: str) -> list[Point]:
    rows = store.execute(
        "SELECT scan_id, finished_at, numbers, detail FROM scans WHERE series = ? ORDER BY finished_at, scan_id",
        (series,),
    )
    return [_point(*row) for row in rows]


def _point(scan_id: str, finished_at: str, numbers: str, detail: bytes) -> Point:
    more: dict[str, Any] = {
        name: {key: tuple(pair) for key, pair in value.items()} for name, value in _unpacked(detail).items()
    }
    return Point(scan_id=scan_id, finished_at=finished_at, **json.loads(numbers), **more)


def _failing(store: sqlite3.Connection, series: str, scan_id: str) -> Failing | None:
    found = store.execute("SELECT failing FROM scans WHERE series = ? AND scan_id = ?", (series, scan_id)).fetchone()
    if found is None or found[0] is None:
        return None
    return {mark: Spot(rule, account, region) for mark, rule, account, region in _unpacked(found[0])}


def _first_seen(store: sqlite3.Connection, result: Result) -> dict[str, str]:
    wanted = [one.fingerprint for one in result.findings]
    return dict(_looked_up(store, wanted))


def _looked_up(store: sqlite3.Connection, marks: Sequence[str], step: int = 500) -> Iterable[tuple[str, str]]:
    for start in range(0, len(marks), step):
        some = marks[start : start + step]
        places = ", ".join("?" for _ in some)
        yield from store.execute(f"SELECT fingerprint, first_seen FROM seen WHERE fingerprint IN ({places})", some)


def _packed(value: Any) -> bytes:
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode())


def _unpacked(value: bytes) -> Any:
    return json.loads(zlib.decompress(value))


_MAGIC = b"SQLite format 3\x00"
_NUMBERS = ("score", "coverage", "failing", "accepted", "not_evaluated", "accounts", "rules")
_SCHEMA = f"""
CREATE TABLE scans (
    series TEXT NOT NULL, label TEXT NOT NULL, scan_id TEXT NOT NULL, finished_at TEXT NOT NULL, numbers TEXT NOT NULL,
    detail BLOB NOT NULL, failing BLOB, PRIMARY KEY (series, scan_id)
);
CREATE TABLE seen (fingerprint TEXT PRIMARY KEY, first_seen TEXT NOT NULL) WITHOUT ROWID;
PRAGMA user_version = {VERSION};"""
_FORGET = """
UPDATE scans SET failing = NULL WHERE series = :series AND failing IS NOT NULL AND scan_id NOT IN (
    SELECT scan_id FROM scans WHERE series = :series ORDER BY finished_at DESC, scan_id DESC LIMIT :kept)"""
_SEEN = """
INSERT INTO seen VALUES (?, ?)
ON CONFLICT (fingerprint) DO UPDATE SET first_seen = min(first_seen, excluded.first_seen)"""
