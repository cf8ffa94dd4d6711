"""The same estate in Terraform and in CloudFormation: the same rows, the same findings. And nothing unknown vanishes from it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scanner.config import Config
from scanner.errors import GateError
from scanner.gate import accounts, changes, cloudformation, directory, judge
from scanner.gate.changes import Changes
from scanner.gate.cloudformation.stack import Stack
from scanner.gate.cloudformation.template import Template, load
from scanner.gate.plan import Plan
from scanner.gated import Gated
from tests.gate import small

HERE = Path(__file__).parent / "cloudformation"
EQUAL = HERE / "equal"
PLACE = f"{small.PRODUCTION}/{small.REGION}"
SAID = accounts.given([f"{HERE}/={PLACE}"], {})
_NAMES = re.compile(r"\b(?:estate|aws_\w+)\.([A-Z])")


def gathered(*plans: Plan) -> Changes:
    for plan in plans:
        accounts.place(plan, SAID)
    return changes.gather(plans)


def rows(found: Changes) -> dict[str, set[str]]:
    """Rows as text by table, the addresses of both spellings made one."""
    made: dict[str, set[str]] = {}
    for table, listed in found.come.plain.items():
        made[table] = {_text(row) for row in listed}
    for table, patched in found.come.patches.items():
        made[f"patch {table}"] = {_text(row) for _, row in patched}
    return made


def _text(row: dict[str, Any]) -> str:
    if row.get("document"):
        row = {**row, "document": json.loads(row["document"])}
    return _NAMES.sub(r"\1", json.dumps(row, sort_keys=True, default=str))


def test_the_same_rows() -> None:
    template = gathered(cloudformation.read(EQUAL / "estate.yaml"))
    terraform = gathered(directory.read(EQUAL))
    theirs, ours = rows(terraform), rows(template)
    assert sorted(ours) == sorted(theirs)
    for table in theirs:
        assert ours[table] == theirs[table], table
    assert template.strangers == {}
    assert {_NAMES.sub(r"\1", one.text) for one in template.unread} == {
        _NAMES.sub(r"\1", one.text) for one in terraform.unread
    }
    assert len(ours) > 40


def test_the_same_findings(snapshot: Path, tmp_path: Path) -> None:
    alone = tmp_path / "terraform"
    alone.mkdir()
    (alone / "estate.tf").write_text((EQUAL / "estate.tf").read_text())
    config = Config.model_validate({"gate": {"accounts": {f"{HERE}/": PLACE}}})
    template = judge.gate([EQUAL / "estate.yaml"], snapshot, config)
    terraform = judge.gate([alone], snapshot, config)
    assert told(template) == told(terraform)
    assert len([one for one in template.judged if one.kind == "new"]) >= 20
    assert (template.exit_code, template.coverage, template.scores) == (1, terraform.coverage, terraform.scores)
    assert (template.counted.touched, template.counted.understood) == (67, 67)


def told(found: Gated) -> set[tuple[str, ...]]:
    listed = [(one.kind, one.finding.rule_id, one.finding.subject.id, one.finding.message) for one in found.judged]
    return {tuple(_NAMES.sub(r"\1", part) for part in one) for one in listed}


# ---------------------------------------------------------------------- nothing unknown vanishes

STACKS = [*sorted((HERE / "stacks").iterdir()), EQUAL / "estate.yaml"]
UNSAID = {"Ref": "NobodySaysThis"}


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths to every value, functions and their arguments left whole."""
    yield path
    if isinstance(value, dict) and not any(key == "Ref" or key.startswith("Fn::") for key in value):
        for key, one in value.items():
            yield from leaves(one, (*path, key))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from leaves(one, (*path, number))


def replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    if not path:
        return by
    if isinstance(value, dict):
        return {key: replaced(one, path[1:], by) if key == path[0] else one for key, one in value.items()}
    return [replaced(one, path[1:], by) if number == path[0] else one for number, one in enumerate(value)]


def shaped(template: Template) -> Changes:
    stack = Stack(template, "estate", str(template.path))
    return gathered(cloudformation.plan_of(stack))


@pytest.mark.parametrize("path", STACKS, ids=lambda one: one.stem)
def test_a_value_that_nobody_says_changes_nothing_or_is_told(path: Path) -> None:
    template = load(path)
    parameters = {**template.section("Parameters"), "NobodySaysThis": {"Type": "String"}}
    before = shaped(template)
    known = {one.text for one in before.unread}
    tried = 0
    for name, block in template.section("Resources").items():
        for place in leaves(block.get("Properties") or {}):
            if not place:
                continue
            resources = replaced(template.section("Resources"), (name, "Properties", *place), UNSAID)
            sections = {**template.sections, "Parameters": parameters, "Resources": resources}
            after = shaped(Template(template.path, sections, template.written))
            tried += 1
            if rows(after) != rows(before):
                told = [one.text for one in after.unread if one.text not in known]
                assert told or after.lost or after.unplaced, (name, place)
    assert tried > 20


ODD: tuple[Any, ...] = ([], "x", -1, {"a": 1}, [{}], {"Ref": "AWS::NoValue"})


@pytest.mark.parametrize("path", STACKS, ids=lambda one: one.stem)
def test_a_value_of_another_type_is_taken_or_refused_by_name(path: Path) -> None:
    template = load(path)
    for number, (name, block) in enumerate(template.section("Resources").items()):
        for place in leaves(block.get("Properties") or {}):
            odd = ODD[(number + len(place)) % len(ODD)] if place else {}
            resources = replaced(template.section("Resources"), (name, "Properties", *place), odd)
            try:
                shaped(Template(template.path, {**template.sections, "Resources": resources}, template.written))
            except GateError as error:
                assert name in str(error)
