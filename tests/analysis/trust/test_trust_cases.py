"""Recordings with known answers: our own, and those of ../shared/cases where that folder lies beside the checkout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scanner import analysis
from scanner.analysis.trust import Trust
from scanner.config import Config
from scanner.scan import Reading, make_snapshot
from scanner.snapshot.read import connect

HERE = Path(__file__).parent / "cases"
SHARED = Path(__file__).parents[4] / "shared" / "cases" / "trust"
CASES = [path.parent for home in (HERE, SHARED) for path in sorted(home.glob("*/expected.json"))]


@pytest.fixture(scope="module", params=CASES, ids=[f"{case.parent.name}/{case.name}" for case in CASES])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Trust, dict[str, Any]]:
    target = tmp_path_factory.mktemp("trust") / "snapshot"
    make_snapshot(target, Config(), Reading(recorded=request.param / "recording", workers=1))
    connection = connect(target)
    analysis.run_all(connection, Config(), wanted=["unread"])
    return Trust.load(connection), json.loads((request.param / "expected.json").read_text())


def test_questions(case: tuple[Trust, dict[str, Any]]) -> None:
    trust, expected = case
    wrong = []
    for row in expected["trust"]:
        answer = trust.ask(row["from"], row["to"])
        assert answer.reasons
        assert bool(answer.conditions) == (answer.verdict in ("conditional", "unknown"))
        if answer.verdict not in (row["verdict"], *row.get("accept", ())):
            wrong.append(f"{row['from']} -> {row['to']}: {row['verdict']} ({row['why']}), not {answer}")
    assert not wrong, "\n".join(wrong)


def test_lists(case: tuple[Trust, dict[str, Any]]) -> None:
    trust, expected = case
    for row in expected["who_can_assume"]:
        found = {one["arn"]: one["verdict"] for one in trust.who_can_assume(row["role"])["principals"]}
        wanted = {one["arn"]: one for one in row["principals"]}
        for arn, one in wanted.items():
            assert found.get(arn, "deny") in (one["verdict"], *one.get("accept", ())), (row["role"], arn)
        extra = {arn for arn in found.keys() - wanted.keys() if arn != "*" and not arn.endswith(":root")}
        assert not extra, (row["role"], extra)


def test_a_list_agrees_with_the_questions(case: tuple[Trust, dict[str, Any]]) -> None:
    trust, expected = case
    for row in expected["who_can_assume"]:
        for one in trust.who_can_assume(row["role"])["principals"]:
            assert trust.ask(one["arn"], row["role"]).verdict == one["verdict"], (row["role"], one)


@pytest.mark.parametrize("name", sorted(case.name for case in CASES if case.parent == HERE))
def test_own_expectations_name_where_they_come_from(name: str) -> None:
    expected = json.loads((HERE / name / "expected.json").read_text())
    rows = [*expected["trust"], *expected["who_can_assume"]]
    assert rows and all(row["why"] for row in rows)
    if "source" in expected:  # the older ones only say why
        assert all(
            row["source"].startswith(("https://docs.aws.amazon.com/", "https://aws.amazon.com/", "this project:"))
            for row in rows
        )
