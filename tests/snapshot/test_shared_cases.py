"""Other people's recordings: whatever is in them, collection makes a snapshot of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner import scan
from scanner.config import Config
from scanner.snapshot.read import connect

CASES = Path(__file__).parents[3] / "shared" / "cases"
RECORDINGS = sorted(CASES.glob("*/*/recording"))


@pytest.mark.skipif(not RECORDINGS, reason="the shared cases do not lie beside this checkout")
def test_every_shared_recording_is_collected(tmp_path: Path) -> None:
    for number, recording in enumerate(RECORDINGS):
        target = scan.make_snapshot(tmp_path / str(number), Config(), scan.Reading(recorded=recording, workers=2))
        connection = connect(target)
        read = "SELECT DISTINCT account_id FROM coverage WHERE status = 'collected' AND requests > 0 ORDER BY 1"
        accounts = [account for (account,) in connection.execute(read).fetchall()]
        assert accounts == sorted(path.name for path in recording.iterdir() if path.is_dir()), recording
        odd = "SELECT call, status, reason FROM coverage WHERE status NOT IN ('collected', 'not_recorded', 'region_off', 'not_in_use', 'suspended')"
        assert connection.execute(odd).fetchall() == [], recording
        files = {path.stem for path in recording.rglob("*.json")}
        rows = connection.execute("SELECT count(*) FROM vpcs").fetchone()[0]
        assert ("describe_vpcs" in files) == bool(rows), recording
