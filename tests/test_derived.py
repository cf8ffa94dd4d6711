"""What is kept in a snapshot is what would be computed, and is not believed once anything it stands on is another."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.gate import plan
from bench.organization import generate
from scanner import analysis, derived, drill, vocabulary
from scanner.analysis.reads import reads
from scanner.config import Config
from scanner.gate.judge import gate
from scanner.rule import load
from scanner.scan import judge
from scanner.snapshot.read import connect

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
    return {name: sorted(map(repr, connection.execute(f'FROM "{name}"').fetchall())) for name in names}


def test_what_is_kept_is_what_would_be_computed(fresh: Path, kept: Path) -> None:
    with connect(fresh) as one, connect(kept) as other:
        derived.compute(one, fresh, CONFIG, VIEWS)
        assert derived.bring(other, kept, CONFIG, VIEWS)
        assert everything(one) == everything(other)
        assert derived.reads(other) == reads()
    assert not (fresh / derived.FILE).exists()
    assert (kept / derived.FILE).stat().st_mode & 0o777 == 0o600
    assert not [path for path in kept.iterdir() if path.name.startswith(f"{derived.FILE}.")]


def test_findings_are_the_same(fresh: Path, kept: Path, tmp_path: Path) -> None:
    shutil.copytree(fresh, tmp_path / "copy")
    first, again = judge(tmp_path / "copy", CONFIG), judge(kept, CONFIG)
    assert first.findings and first == again


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


def test_other_code(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(derived, "HOME", Path(load.__file__).parent)
    derived._code.cache_clear()
    try:
        assert not brought(kept)
    finally:
        derived._code.cache_clear()


@pytest.mark.parametrize("content", [b"", b"no database", None], ids=["empty", "other", "truncated"])
def test_damaged_file_costs_time_only(kept: Path, tmp_path: Path, content: bytes | None) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(kept, copy)
    file = copy / derived.FILE
    file.write_bytes(file.read_bytes()[:9000] if content is None else content)
    assert not brought(copy)
    assert judge(copy, CONFIG) == judge(kept, CONFIG)
    assert brought(copy)


def test_the_gate_says_the_same(fresh: Path, kept: Path, tmp_path: Path) -> None:
    made = tmp_path / "made.json"
    made.write_text(json.dumps(plan([row["account_id"] for row in _accounts(fresh)], 60)))
    changed = Path(__file__).parent / "gate" / "plans" / "estate_change.json"
    for path in (made, changed):
        one, other = (gate([path], snapshot, CONFIG) for snapshot in (fresh, kept))
        assert one.judged and replace(one, snapshot=None) == replace(other, snapshot=None)
