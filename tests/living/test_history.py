"""The history: when a finding was first seen, what changed since, which scans compare, and a file that cannot be used."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reports import trend as paper
from scanner.config import Config
from scanner.errors import HistoryError
from scanner.findings import Coverage, Finding, Gap, Result, Scan, Score
from scanner.living import history
from tests.living.findings import LAB, SHOP, failing, hidden, rule_of, shut, unjudged


def scanned(day: int, *findings: Finding, score: float = 50.0, gaps: tuple[Gap, ...] = (), **more: Any) -> Result:
    accounts = {SHOP: 1.0, LAB: 1.0}
    rules = more.pop("rules", (rule_of(),))
    return Result(
        Scan(f"scan-{day}", "2026-01-01T00:00:00Z", f"2026-01-{day:02d}T00:00:00Z", "o-acme", "0"),
        Coverage(0.9, {"backup_isolation": 1.0}, accounts, gaps, ()),
        Score(score, {"backup_isolation": score}, {SHOP: score, LAB: 100.0}),
        findings, rules, (), (), (), (), (),
    )  # fmt: skip


def config(tmp_path: Path, **more: Any) -> Config:
    return Config(out=tmp_path, **more)


def remembered(tmp_path: Path, result: Result, record: bool = True, **more: Any) -> Result:
    return history.remember(result, config(tmp_path, **more), record=record)


def first_seen(result: Result) -> dict[str | None, str | None]:
    return {one.subject.name: one.first_seen and one.first_seen[8:10] for one in result.findings}


def test_first_seen_is_the_first_scan_and_stays_through_gaps_and_returns(tmp_path: Path) -> None:
    assert first_seen(remembered(tmp_path, scanned(1, failing("a")))) == {"a": "01"}
    assert first_seen(remembered(tmp_path, scanned(2, unjudged("a"), failing("b")))) == {"a": "01", "b": "02"}
    assert first_seen(remembered(tmp_path, scanned(3, unjudged("c")))) == {"c": None}
    assert first_seen(remembered(tmp_path, scanned(4, failing("a"), failing("b")))) == {"a": "01", "b": "02"}


def test_an_older_snapshot_judged_later_moves_first_seen_back(tmp_path: Path) -> None:
    remembered(tmp_path, scanned(5, failing("a")))
    assert first_seen(remembered(tmp_path, scanned(2, failing("a")))) == {"a": "02"}
    found = remembered(tmp_path, scanned(5, failing("a")))
    assert first_seen(found) == {"a": "02"}
    assert [point.scan_id for point in found.trend] == ["scan-2", "scan-5"]


def test_the_change_since_the_scan_before(tmp_path: Path) -> None:
    assert remembered(tmp_path, scanned(1, failing("a"), failing("b"), failing("c"), score=50)).since is None
    found = remembered(tmp_path, scanned(2, failing("a"), unjudged("b"), failing("d"), score=60)).since
    assert found is not None
    assert (found.new, found.fixed, found.unseen, found.score, found.scan_id) == (1, 1, 1, 50.0, "scan-1")
    # Judged once more, it is compared with the same scan and not with itself.
    again = remembered(tmp_path, scanned(2, failing("a"), unjudged("b"), failing("d"), score=60))
    assert again.since == found and len(again.trend) == 2


def test_hidden_and_unread_is_not_fixed(tmp_path: Path) -> None:
    remembered(tmp_path, scanned(1, failing("a"), failing("b", account=LAB)))
    found = remembered(tmp_path, scanned(2, hidden(SHOP), gaps=(shut(LAB),))).since
    assert found is not None and (found.fixed, found.unseen) == (0, 2)


def test_other_rules_are_told_and_other_choices_kept_apart(tmp_path: Path) -> None:
    remembered(tmp_path, scanned(1, failing("a")))
    found = remembered(tmp_path, scanned(2, failing("a"), rules=(rule_of(severity="low"),))).since
    assert found is not None and not found.same_rules
    assert remembered(tmp_path, scanned(3), select=["limits/*"]).since is None
    assert remembered(tmp_path, scanned(4, gaps=(shut(LAB, "not_selected"),))).since is None
    chosen, points, others = history.points(tmp_path / history.FILE_NAME)
    assert chosen.label == f"accounts left out: {LAB}" and len(points) == 1
    assert sorted((one.label, number) for one, number in others) == [("", 2), ("select: limits/*", 1)]
    whole = next(one for one, _ in others if not one.label)
    assert [p.scan_id for p in history.points(tmp_path / history.FILE_NAME, whole.id[:5])[1]] == ["scan-1", "scan-2"]


def test_reading_writes_nothing(tmp_path: Path) -> None:
    assert remembered(tmp_path, scanned(1, failing("a")), record=False).trend == ()
    assert list(tmp_path.iterdir()) == []
    remembered(tmp_path, scanned(1, failing("a")))
    before = (tmp_path / history.FILE_NAME).read_bytes()
    found = remembered(tmp_path, scanned(2, failing("a"), failing("b")), record=False)
    assert first_seen(found) == {"a": "01", "b": None} and found.since is not None and found.since.new == 1
    assert (tmp_path / history.FILE_NAME).read_bytes() == before
    assert (tmp_path / history.FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_only_the_newest_scans_keep_their_findings(tmp_path: Path) -> None:
    for day in range(1, 8):
        remembered(tmp_path, scanned(day, failing(f"n{day}")))
    with sqlite3.connect(tmp_path / history.FILE_NAME) as store:
        kept = store.execute("SELECT scan_id FROM scans WHERE failing IS NOT NULL ORDER BY 1").fetchall()
    assert kept == [("scan-5",), ("scan-6",), ("scan-7",)]
    assert len(remembered(tmp_path, scanned(8)).trend) == 8


@pytest.mark.parametrize("content", [b"no database at all, but long enough to be read as one" * 40, b"x"])
def test_a_file_that_is_no_history_is_left_alone(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / history.FILE_NAME
    file.write_bytes(content)
    with pytest.raises(HistoryError):
        remembered(tmp_path, scanned(1))
    assert file.read_bytes() == content


def test_another_database_and_another_version_are_refused(tmp_path: Path) -> None:
    file = tmp_path / history.FILE_NAME
    with sqlite3.connect(file) as store:
        store.execute("CREATE TABLE precious (x)")
    with pytest.raises(HistoryError, match="no history of this version"):
        remembered(tmp_path, scanned(1))
    file.unlink()
    remembered(tmp_path, scanned(1))
    with sqlite3.connect(file) as store:
        store.execute("PRAGMA user_version = 99")
    with pytest.raises(HistoryError, match="no history of this version"):
        history.points(file)


def test_no_history_yet(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="begins one"):
        history.points(tmp_path / "none")


def test_the_trend_of_an_account_and_of_a_principle(tmp_path: Path) -> None:
    remembered(tmp_path, scanned(1, failing("a"), score=50))
    only_shop = scanned(2, score=75.04)
    remembered(
        tmp_path,
        replace(
            only_shop, score=Score(75.04, {}, {SHOP: 75.04}), coverage=replace(only_shop.coverage, accounts={SHOP: 1.0})
        ),
    )
    chosen, points, _ = history.points(tmp_path / history.FILE_NAME)
    about, values = history.asked(points, LAB, None)
    assert values == [(100.0, 1.0), None]
    text = paper.text(points, about, values, chosen.label, [])
    assert "not there" in text.splitlines()[-1] and "100" in text.splitlines()[-2]
    assert "0/1/0/0" not in text and "accepted" not in text, "these are counts of the whole organization"
    assert history.asked(points, None, "backup_isolation")[1][0] == (50.0, 1.0)
    whole = paper.text(points, *history.asked(points, None, None), chosen.label, ["3 more"])
    assert "+25.0" in whole and "0/1/0/0" in whole and whole.endswith("3 more")
    with pytest.raises(HistoryError, match=r"no scan of this history has the account 9$"):
        history.asked(points, "9", None)
    with pytest.raises(HistoryError, match=r"the account shop-production \(accounts go by their twelve digits"):
        history.asked(points, "shop-production", None)
    with pytest.raises(HistoryError, match="no scan of this history has the principle backup; it has backup_isolation"):
        history.asked(points, None, "backup")
