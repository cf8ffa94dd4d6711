"""Killed in the middle and started again: the same snapshot, and nothing read twice that was complete."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scanner import scan
from scanner.config import Config
from scanner.errors import UsageError
from scanner.snapshot.read import connect
from scanner.snapshot.tables import TABLES

STANDALONE = Path(__file__).parents[1] / "cases" / "standalone"
ACCOUNTS = 12

# Reads a recording slowly, makes every unit durable at once, and notes each unit it reads.
SLOW = """
import sys, time
from pathlib import Path
from scanner import scan
from scanner.aws.recording import Replay
from scanner.collect.run import Collection
from scanner.config import Config
from scanner.snapshot import store

store.FLUSH_SECONDS = 0.0
recording, target, log, pause, resume = sys.argv[1:]
pages, unit = Replay.pages, Collection._unit

def slow(self, place, call, params):
    time.sleep(float(pause))
    return pages(self, place, call, params)

def noted(self, name, module, place, facts=None):
    done = store.Unit(place.account_id, place.region, name) in self._done
    found = unit(self, name, module, place, facts)
    if not done:
        with open(log, "a") as file:
            print(place.account_id, place.region, name, file=file)
    return found

Replay.pages, Collection._unit = slow, noted
reading = scan.Reading(recorded=Path(recording), resume=resume == "resume", workers=2)
scan.make_snapshot(Path(target), Config(), reading)
"""


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The standalone account, a dozen times."""
    folder = tmp_path_factory.mktemp("recording")
    (account,) = STANDALONE.iterdir()
    for number in range(ACCOUNTS):
        shutil.copytree(account, folder / f"{number + 100000000000}")
    return folder


def start(recording: Path, target: Path, log: Path, pause: float, resume: str = "no") -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", SLOW, recording, target, log, str(pause), resume])


def contents(snapshot: Path) -> dict[str, list[tuple[str, ...]]]:
    connection = connect(snapshot)
    return {name: connection.execute(f"SELECT row_hash FROM {name} ORDER BY 1").fetchall() for name in TABLES}


def test_killed_twice_and_resumed_it_is_the_same(recording: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    target = tmp_path / "s"
    for resume in ("no", "resume"):
        before = len(log.read_text().splitlines()) if log.exists() else 0
        process = start(recording, target, log, 0.004, resume)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and (not log.exists() or len(log.read_text().splitlines()) < before + 60):
            assert process.poll() is None, "it was over before it could be killed"
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert not target.exists()
    assert start(recording, target, log, 0.0, "resume").wait() == 0

    whole = tmp_path / "whole"
    scan.make_snapshot(whole, Config(), scan.Reading(recorded=recording, workers=2))
    assert contents(target) == contents(whole)

    units = log.read_text().splitlines()
    # A kill can hit between a unit's commit and its line in the log, or before the commit: at most those in flight.
    assert len(units) - len(set(units)) <= 4
    assert len(set(units)) >= ACCOUNTS * 20
    assert not target.with_name("s.partial").exists()


def test_another_choice_cannot_be_resumed(recording: Path, tmp_path: Path) -> None:
    process = start(recording, tmp_path / "s", tmp_path / "log", 0.05)
    while not (tmp_path / "log").exists():
        time.sleep(0.01)
    process.kill()
    process.wait()
    reading = scan.Reading(recorded=recording, resume=True, workers=2)
    with pytest.raises(UsageError, match="same choice as before"):
        scan.make_snapshot(tmp_path / "s", Config(regions=["us-east-1"]), reading)
