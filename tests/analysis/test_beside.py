"""Two processes come to the same tables as one, and what the other cannot finish is finished here."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from bench.organization import generate
from scanner import analysis
from scanner.analysis import beside
from scanner.config import Config
from scanner.snapshot.read import connect
from tests.contents import contents

AT = "2026-01-01"


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("beside") / "snapshot"
    generate(target, accounts=12, seed=7)
    return target


def tables(connection: Any) -> dict[str, list[str]]:
    return contents(connection, [table.name for table in analysis.tables()])


@pytest.fixture(scope="module")
def alone(snapshot: Path) -> dict[str, list[str]]:
    with connect(snapshot) as connection:
        analysis.run_all(connection, Config(), AT)
        return tables(connection)


def test_same_tables(snapshot: Path, alone: dict[str, list[str]]) -> None:
    assert alone["network_paths"] and alone["account_reach"]
    with connect(snapshot) as connection:
        assert beside.run_all(connection, snapshot, Config(), AT, large=1) == 0
        assert tables(connection) == alone


def test_one_process_for_a_small_organization(snapshot: Path, alone: dict[str, list[str]]) -> None:
    with connect(snapshot) as connection:
        assert beside.run_all(connection, snapshot, Config(), AT) is None
        assert tables(connection) == alone


def test_reads_what_is_laid_over_the_snapshot(snapshot: Path) -> None:
    with connect(snapshot) as one, connect(snapshot) as two:
        for connection in (one, two):
            connection.execute("ALTER VIEW security_group_rules RENAME TO all_rules")
            connection.execute("CREATE VIEW security_group_rules AS FROM all_rules LIMIT 0")
        analysis.run_all(one, Config(), AT)
        with beside.standing_by(snapshot, Config(), AT) as other:
            other.begin(two, ["security_group_rules"])
            analysis.run_all(two, Config(), AT, without=[beside.NAME])
            assert other.finish(two, Config()) == 0
        assert tables(one) == tables(two)


def test_killed_process_is_made_up_for(
    snapshot: Path, alone: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    start = subprocess.Popen

    def doomed(*command: Any, **more: Any) -> Any:
        process = start(*command, **more)
        process.kill()
        return process

    monkeypatch.setattr(subprocess, "Popen", doomed)
    with connect(snapshot) as connection:
        assert beside.run_all(connection, snapshot, Config(), AT, large=1) == -9
        assert tables(connection) == alone


def test_process_that_cannot_be_started_is_made_up_for(
    snapshot: Path, alone: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any, **__: Any) -> Any:
        raise BlockingIOError("no more processes")

    monkeypatch.setattr(subprocess, "Popen", refused)
    with connect(snapshot) as connection:
        assert beside.run_all(connection, snapshot, Config(), AT, large=1) == beside.NOT_STARTED
        assert tables(connection) == alone


def test_no_module_is_taken_from_the_folder_it_is_started_in(
    snapshot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pickle.py").write_text("open('taken', 'w').close()\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [place for place in sys.path if place])
    with connect(snapshot) as connection:
        assert beside.run_all(connection, snapshot, Config(), AT, large=1) == 0
    assert not (tmp_path / "taken").exists()


KILLED = f"""
import os, signal, sys
from pathlib import Path
from scanner.analysis import beside
from scanner.config import Config
from scanner.snapshot.read import connect
with beside.standing_by(Path(sys.argv[1]), Config(), "{AT}") as other:
    if sys.argv[2] == "begun":
        other.begin(connect(Path(sys.argv[1])), ["tags"])
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("when", ["begun", "standing by"])
def test_nothing_is_left_when_this_process_is_killed(snapshot: Path, tmp_path: Path, when: str) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "TMPDIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", KILLED, str(snapshot), when], env=environment, check=False)
    last = time.monotonic() + 20
    while list(tmp_path.iterdir()) and time.monotonic() < last:
        time.sleep(0.05)
    assert not list(tmp_path.iterdir())


def test_no_analysis_uses_what_runs_beside() -> None:
    assert not [name for name, module in analysis.registry().items() if beside.NAME in module.USES]
