"""The reports get whom an account reaches, and every account's drill, as the analyses found them."""

from __future__ import annotations

from pathlib import Path

from scanner import drill, scan
from scanner.config import Config
from tests.rule import organization


def test_a_result_holds_reach_and_drills(tmp_path: Path) -> None:
    organization.write(tmp_path / "recording")
    scan.make_snapshot(tmp_path / "s", Config(), scan.Reading(recorded=tmp_path / "recording", workers=1))
    result = scan.judge(tmp_path / "s", Config())
    connection, _ = scan.open_vocabulary(tmp_path / "s", Config())
    pairs = [(pair.source, pair.target, pair.verdict, pair.administers) for pair in result.reach]
    table = connection.execute(
        "SELECT account_id, target_account_id, verdict, administers FROM account_reach"
    ).fetchall()
    assert pairs == sorted(table, key=lambda row: row[:2])
    assert any(pair.administers and pair.chain for pair in result.reach)
    assert result.drills == drill.drills(connection)
    assert {one.account for one in result.drills} == {account.id for account in result.accounts}
    assert any(one.lost for one in result.drills)
    assert any(one.survives for one in result.drills)
