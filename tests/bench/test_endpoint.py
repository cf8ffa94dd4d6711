"""The replay endpoint that benchmarks run against: real collection over it, every call answered."""

from __future__ import annotations

from pathlib import Path

from bench.__main__ import collect
from bench.estate import REGIONS
from scanner.snapshot.read import connect


def test_three_accounts_are_collected_whole(tmp_path: Path) -> None:
    run = collect(3, tmp_path / "s")
    found = connect(tmp_path / "s")
    assert found.execute("SELECT count(*) FROM accounts").fetchone() == (3,)
    gaps = found.execute(
        "SELECT call, reason FROM coverage WHERE status NOT IN ('collected', 'not_selected')"
    ).fetchall()
    assert gaps == []
    sent = found.execute("SELECT sum(requests) FROM api_calls").fetchone()
    assert sent[0] == run.calls > 0
    places = found.execute("SELECT count(DISTINCT account_id || region) FROM instances").fetchone()
    assert places == (3 * len(REGIONS),)
