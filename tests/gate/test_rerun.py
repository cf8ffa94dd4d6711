"""Computing only what a change bears on gives what computing everything gives."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from scanner import analysis, vocabulary
from scanner.analysis import beside
from scanner.analysis.reads import reads
from scanner.config import Config
from scanner.gate import rerun
from scanner.gate.changes import Rows
from scanner.gate.derive import derive
from scanner.gate.overlay import Overlay
from scanner.rule import load
from scanner.snapshot.read import connect
from scanner.snapshot.tables import TABLES
from tests.contents import contents
from tests.gate import small

NOW = "2026-06-01T01:00:00"
_WORD = re.compile(r"[a-z][a-z0-9_]*")


class Listening:
    """A connection that remembers every SQL text it is given."""

    def __init__(self, connection: Any):
        self._connection = connection
        self.heard: set[str] = set()

    def execute(self, sql: Any, *more: Any) -> Any:
        self.heard |= set(_WORD.findall(str(sql)))
        return self._connection.execute(sql, *more)

    def sql(self, sql: str, *more: Any, **others: Any) -> Any:
        self.heard |= set(_WORD.findall(sql))
        return self._connection.sql(sql, *more, **others)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def test_no_analysis_reads_a_table_that_its_source_does_not_name(snapshot: Path) -> None:
    known = {*TABLES, *(table.name for table in analysis.tables())}
    with connect(snapshot) as connection:
        connection.execute(f"CREATE TABLE read_at AS SELECT TIMESTAMP '{NOW}' AS moment")
        for name, module in analysis.registry().items():
            analysis.create(connection, module.TABLES)
            listening = Listening(connection)
            module.run(listening, Config())
            assert listening.heard & known <= reads()[name], name


@pytest.mark.parametrize("processes", [1, 2])
def test_again_is_as_good_as_from_scratch(snapshot: Path, processes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    codes: list[int] = []
    finish = beside.Other.finish
    monkeypatch.setattr(beside.Other, "finish", lambda *given, **named: codes.append(finish(*given, **named)))
    rule = {
        "account_id": small.PRODUCTION,
        "region": small.REGION,
        "group_id": "sg-1-db",
        "direction": "ingress",
        "protocol": "tcp",
    }
    rows = Rows()
    rows.add(
        [
            (
                "security_group_rules",
                {**rule, "from_port": 5432, "to_port": 5432, "peer_type": "ipv4", "peer": "10.0.0.0/8"},
            )
        ]
    )
    rows.add([("tags", {"account_id": small.PRODUCTION, "arn": small.DATABASE, "key": "environment", "value": "test"})])
    views = vocabulary.load()
    needed = rerun.wanted(load.configured(Config()), views, reads())
    with connect(snapshot) as one, connect(snapshot) as two:
        analysis.run_all(one, Config(), NOW)
        vocabulary.create(one, views, Config(), NOW)
        touched = _lay(one, rows)
        with beside.standing_by(snapshot, Config(), NOW) as other:
            over = rerun.Over(other, frozenset(touched)) if processes == 2 else None
            changed = rerun.again(one, Config(), needed, NOW, touched, over)
        _lay(two, rows)
        analysis.run_all(two, Config(), NOW)
        vocabulary.create(two, views, Config(), NOW)
        made = [*(table.name for table in analysis.tables()), *views]
        assert contents(one, made) == contents(two, made)
    assert {"database_admissions", "data_store"} <= changed
    assert not changed & {"account_reach", "trust_edges", "account_guardrails"}
    assert codes == [0] * (processes - 1)


def _lay(connection: Any, rows: Rows) -> set[str]:
    laid = Overlay(connection, NOW)
    laid.change(Rows(), rows)
    derive(laid, {})
    return laid.touched


ODD = """-- odd: A bucket.
-- listed from: buckets
-- id: ARN.
-- bad: It is. {{buckets}}
SELECT arn AS id, name = 'bad' AS bad FROM {}
"""


@pytest.mark.parametrize("name", ["buckets", "Buckets", '"BUCKETS"'])
def test_views_of_packs_may_write_names_in_capitals(name: str, tmp_path: Path) -> None:
    (tmp_path / "odd.sql").write_text(ODD.format(name))
    view = vocabulary.parse(tmp_path / "odd.sql")
    assert rerun.view_reads({"odd": view})["odd"] == {"buckets"}


@pytest.mark.parametrize(
    ("name", "written"), [("second", "Second"), ("_second", "_second"), ("a second", '"a second"')]
)
def test_views_of_packs_may_read_each_other(name: str, written: str, tmp_path: Path) -> None:
    (tmp_path / "odd.sql").write_text(ODD.format(written))
    (tmp_path / f"{name}.sql").write_text(ODD.format("buckets").replace("-- odd:", f"-- {name}:"))
    views = {one: vocabulary.parse(tmp_path / f"{one}.sql") for one in ("odd", name)}
    assert [view.name for view in vocabulary.in_order(views)] == [name, "odd"]
    assert rerun.view_reads(views)["odd"] == {name}


@pytest.mark.parametrize("error", [RuntimeError("odd"), KeyboardInterrupt()])
@pytest.mark.parametrize("where", ["analysis", "view"])
def test_an_error_in_one_thread_ends_both(
    snapshot: Path, where: str, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    views = vocabulary.load()
    needed = rerun.wanted(load.configured(Config()), views, reads())
    with connect(snapshot) as connection:
        analysis.run_all(connection, Config(), NOW)
        vocabulary.create(connection, views, Config(), NOW)

        def broken(*_: Any, **__: Any) -> None:
            raise error

        monkeypatch.setattr(*((analysis, "run_one") if where == "analysis" else (vocabulary, "make")), broken)
        with pytest.raises(type(error)):
            rerun.again(connection, Config(), needed, NOW, TABLES)
