"""The catalogue over Spark Connect, spoken by Sail in this process: the same findings, byte for byte."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scanner import scan
from scanner.cli import main
from scanner.config import Config
from scanner.engine import QueryError, spark
from scanner.errors import EngineError
from scanner.snapshot.read import connect_empty
from tests.engine.sail import serving
from tests.rule import organization


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving() as found:
        yield found


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("organization")
    recording = organization.write(folder / "recording")
    return scan.make_snapshot(folder / "s", Config(), scan.Reading(recorded=recording, workers=1))


def evaluated(snapshot: Path, out: Path, *more: str) -> bytes:
    arguments = [
        "evaluate",
        "--snapshot",
        str(snapshot),
        "--out",
        str(out),
        "--format",
        "json",
        "--no-history",
        "--quiet",
    ]
    assert main([*arguments, *more]) == 1
    return (out / "findings.json").read_bytes()


def test_findings_are_those_of_duckdb_byte_for_byte(address: str, snapshot: Path, tmp_path: Path) -> None:
    there = evaluated(snapshot, tmp_path / "there", "--engine", address)
    assert there == evaluated(snapshot, tmp_path / "here", "--engine", "duckdb")
    assert there.count(b'"outcome": "fail"') > 100
    # What was handed over and computed is gone.
    assert {path.name for path in snapshot.parent.iterdir()} == {"recording", "s"}


def test_engine_that_does_not_see_the_snapshot_is_told(address: str, tmp_path: Path) -> None:
    with (
        pytest.raises(EngineError, match=r"cannot read .*nowhere.*put the snapshot where both see it"),
        spark.connect(address, tmp_path / "nowhere", connect_empty(), ()),
    ):
        pass


def test_statement_that_the_engine_refuses_is_told(address: str, snapshot: Path) -> None:
    with spark.connect(address, snapshot, connect_empty(), ()) as engine:
        with pytest.raises(QueryError, match="no_such_column"):
            engine.rows("SELECT no_such_column FROM accounts")
        with pytest.raises(QueryError, match=r"LIST_SORT.*not in the SQL that runs on every engine"):
            engine.keep("own_view", "SELECT list_sort(shared_with) AS id FROM snapshots")


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    said = capsys.readouterr().err
    assert said.count("\n") == 1, said
    return said


def refused(snapshot: Path, out: Path, engine: str) -> int:
    return main(["evaluate", "--snapshot", str(snapshot), "--out", str(out), "--no-history", "--engine", engine])


def test_nobody_answers(snapshot: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(snapshot, tmp_path, "spark://127.0.0.1:9/;token=secret") == 4
    said = one_line(capsys)
    assert "no engine answers at spark://127.0.0.1:9/" in said and "secret" not in said


@pytest.mark.parametrize("engine", ["presto://here", "spark://", "sparks", "spark://here:port", "databricks"])
def test_engine_that_is_none(snapshot: Path, tmp_path: Path, engine: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(snapshot, tmp_path, engine) == 2
    assert "choose duckdb or spark://HOST:PORT" in one_line(capsys)


def test_client_is_not_installed(
    snapshot: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql.connect.session", None)
    assert refused(snapshot, tmp_path, "spark://127.0.0.1:9") == 2
    assert "pip install 'aws-bulkhead[spark]'" in one_line(capsys)
