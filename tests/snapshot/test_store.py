"""The store: what is complete is kept, what is not is not, and nothing is half-written."""

from __future__ import annotations

import json
import stat
from datetime import datetime
from pathlib import Path

import pytest

from scanner.errors import SnapshotError, UsageError
from scanner.snapshot.query import ask
from scanner.snapshot.read import connect, connect_empty
from scanner.snapshot.store import Store, Unit
from scanner.snapshot.tables import TABLES

UNIT = Unit("111111111111", "eu-central-1", "ec2_network")


def published(store: Store) -> Path:
    return store.publish({"id": "x"}, {})


def test_rows_come_back_with_where_they_were_read(tmp_path: Path) -> None:
    store = Store(tmp_path / "s")
    attempt = store.begin(UNIT)
    attempt.keep("vpcs", {"vpc_id": "vpc-1", "is_default": False})
    attempt.keep("accounts", {"account_id": "222222222222", "joined_at": datetime(2026, 1, 2)})
    attempt.complete()
    found = connect(published(store))
    assert found.execute("SELECT account_id, region, vpc_id, is_default, name FROM vpcs").fetchall() == [
        ("111111111111", "eu-central-1", "vpc-1", False, None)
    ]
    assert found.execute("SELECT account_id, joined_at FROM accounts").fetchall() == [
        ("222222222222", datetime(2026, 1, 2))
    ]
    assert {name for (name,) in found.execute("SHOW TABLES").fetchall()} == TABLES.keys()


def test_rows_of_a_half_read_unit_are_never_published(tmp_path: Path) -> None:
    store = Store(tmp_path / "s")
    half = store.begin(UNIT)
    half.keep("vpcs", {"vpc_id": "half"})
    store.flush()  # durable, but not complete
    again = store.begin(UNIT)
    again.keep("vpcs", {"vpc_id": "whole"})
    again.complete()
    assert connect(published(store)).execute("SELECT vpc_id FROM vpcs").fetchall() == [("whole",)]


def test_a_unit_is_done_only_once_its_rows_are_durable(tmp_path: Path) -> None:
    store = Store(tmp_path / "s", clock=lambda: 0.0)
    attempt = store.begin(UNIT)
    attempt.keep("vpcs", {"vpc_id": "vpc-1"})
    attempt.complete({"regions": ["eu"]})
    assert store.done() == {}
    store.flush()
    assert store.done() == {UNIT: {"regions": ["eu"]}}
    store.close()
    resumed = Store(tmp_path / "s", resume=True)
    assert resumed.done() == {UNIT: {"regions": ["eu"]}}
    assert connect(published(resumed)).execute("SELECT vpc_id FROM vpcs").fetchall() == [("vpc-1",)]


def test_an_unknown_column_is_an_error_and_a_wrong_type_is_null(tmp_path: Path) -> None:
    store = Store(tmp_path / "s")
    attempt = store.begin(UNIT)
    with pytest.raises(ValueError, match="no column colour"):
        attempt.keep("vpcs", {"vpc_id": "vpc-1", "colour": "red"})
    attempt.keep("vpcs", {"vpc_id": "vpc-1", "is_default": "perhaps"})
    attempt.keep("vpcs", {"vpc_id": "vpc-2", "is_default": True})
    attempt.complete()
    found = connect(published(store)).execute("SELECT vpc_id, is_default FROM vpcs ORDER BY 1").fetchall()
    assert found == [("vpc-1", None), ("vpc-2", True)]


def test_the_same_rows_in_any_order_give_the_same_bytes(tmp_path: Path) -> None:
    for name, order in (("one", range(50)), ("two", range(49, -1, -1))):
        store = Store(tmp_path / name)
        for number in order:
            attempt = store.begin(Unit("1", "eu", f"c{number}"))
            attempt.keep("vpcs", {"vpc_id": f"vpc-{number % 7}", "name": f"n{number}"})
            attempt.complete()
        published(store)
    assert (tmp_path / "one" / "vpcs.parquet").read_bytes() == (tmp_path / "two" / "vpcs.parquet").read_bytes()
    hashes = "SELECT row_hash FROM vpcs ORDER BY 1"
    assert len(set(connect(tmp_path / "one").execute(hashes).fetchall())) == 50


def test_files_are_private_and_the_partial_directory_is_gone(tmp_path: Path) -> None:
    target = published(Store(tmp_path / "s"))
    assert {stat.S_IMODE(path.stat().st_mode) for path in target.iterdir()} == {0o600}
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


def test_an_older_snapshot_is_replaced_and_anything_else_is_not(tmp_path: Path) -> None:
    published(Store(tmp_path / "s"))
    store = Store(tmp_path / "s")
    attempt = store.begin(UNIT)
    attempt.keep("vpcs", {"vpc_id": "new"})
    attempt.complete()
    published(store)
    assert connect(tmp_path / "s").execute("SELECT vpc_id FROM vpcs").fetchall() == [("new",)]
    (tmp_path / "mine").mkdir()
    with pytest.raises(UsageError, match="is no snapshot"):
        Store(tmp_path / "mine")
    with pytest.raises(UsageError, match="nothing to resume"):
        Store(tmp_path / "other", resume=True)


def test_what_is_no_snapshot_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="is not a snapshot"):
        connect(tmp_path)
    with pytest.raises(SnapshotError, match=r"there is no snapshot .*/nowhere$"):
        connect(tmp_path / "nowhere")
    (tmp_path / "findings.json").write_text("{}")
    with pytest.raises(SnapshotError, match=r"findings\.json is a file; a snapshot is a directory"):
        connect(tmp_path / "findings.json")
    target = published(Store(tmp_path / "s"))
    manifest = target / "manifest.json"
    manifest.write_text("[]")
    with pytest.raises(SnapshotError, match="not the manifest"):
        connect(target)
    manifest.write_text(json.dumps({"schema_version": 1000}))
    with pytest.raises(SnapshotError, match="upgrade"):
        connect(target)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM glob('/etc/*')",
        "COPY vpcs TO '/tmp/bulkhead-leak.csv'",
        "ATTACH '/tmp/bulkhead-leak.db'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SELECT 1; SELECT 2",
        "CREATE TABLE x AS SELECT 1",
    ],
)
def test_a_query_reaches_the_snapshot_and_nothing_else(tmp_path: Path, sql: str) -> None:
    connection = connect(published(Store(tmp_path / "s")))
    assert ask(connection, "SELECT count(*) AS n FROM vpcs") == (["n"], [(0,)])
    with pytest.raises(UsageError):
        ask(connection, sql)
    assert not Path("/tmp/bulkhead-leak.csv").exists()


def test_a_column_that_is_null_throughout_can_be_cut_and_compared() -> None:
    """DuckDB 2.0.0 fails to bind this."""
    with connect_empty() as connection:
        connection.execute("INSERT INTO share_resources (share_arn) VALUES ('share')")
        assert connection.execute("FROM share_resources WHERE split_part(arn, ':', 6) = 'subgrp'").fetchall() == []
