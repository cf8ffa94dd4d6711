"""Inputs that cannot be judged whole are exit 2, with the file and the reason; never a pass."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner.cli import main
from scanner.errors import GateError
from scanner.gate import changes, inputs, plan

HERE = Path(__file__).parent
PLANS = HERE / "plans"

Edit = Callable[[dict[str, Any]], Any]


def edited(tmp_path: Path, edit: Edit) -> Path:
    document = json.loads((PLANS / "estate_change.json").read_text())
    edit(document)
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (lambda d: d.update(format_version="2.0"), "plan format 2.0"),
        (lambda d: d.update(format_version="0.2"), "plan format 0.2"),
        (lambda d: d.pop("format_version"), "no plan"),
        (lambda d: d.update(errored=True), "planning ended with an error"),
        (lambda d: d.pop("resource_changes"), "no resource_changes"),
        (lambda d: d.update(resource_changes={}), "is no list"),
        (lambda d: d.pop("configuration"), "no configuration"),
        (lambda d: (d.pop("planned_values"), d.update(values={})), "a state"),
        (lambda d: d["resource_changes"][0].pop("change"), "not whole"),
        (lambda d: d["resource_changes"][0]["change"].update(actions=["explode"]), "unknown actions explode"),
        (lambda d: d["resource_changes"].append(None), "not whole"),
    ],
)
def test_a_broken_plan_is_refused(tmp_path: Path, edit: Edit, reason: str) -> None:
    path = edited(tmp_path, edit)
    with pytest.raises(GateError) as caught:
        plan.read(path)
    assert reason in str(caught.value) and str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no whole JSON"),
        (b"[]", "is no plan"),
        (b"PK\x03\x04", "binary plan"),
        (b"\xff\xfe{}", "no whole JSON"),
        ((PLANS / "estate_change.json").read_bytes()[:50_000], "no whole JSON"),
    ],
)
def test_what_is_no_plan_exits_2(
    tmp_path: Path, content: bytes, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(content)
    assert main(["gate", str(path)]) == 2
    said = capsys.readouterr().err
    assert reason in said and str(path) in said


def test_files_that_are_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gate", str(tmp_path / "no.json")]) == 2
    assert main(["gate"]) == 2
    assert main(["gate", str(PLANS / "estate_new.json"), "--snapshot", str(tmp_path)]) == 2
    assert main(["gate", str(PLANS / "estate_new.json"), "--account", "aws"]) == 2
    assert "PROVIDER=ACCOUNT" in capsys.readouterr().err


def test_a_real_plan_is_read_whole() -> None:
    found = plan.read(PLANS / "estate_change.json")
    deeds = {one.address: one.deed for one in found.resources}
    assert deeds["module.test_network.aws_vpc.this"] == "replace"
    assert deeds["aws_s3_bucket_versioning.exports[0]"] == "delete"
    assert deeds["module.service.aws_security_group.db"] == "update"
    assert deeds["aws_vpc_peering_connection.across[0]"] == "create"
    providers = {one.address: one.provider for one in found.resources}
    assert providers['module.network["checkout"].aws_vpc.this'] == "aws.production"
    assert providers["module.service.aws_iam_role.reader"] == "aws.data"
    assert {one.address for one in found.data} >= {"data.aws_organizations_organization.this"}


def test_what_a_plan_puts_off_is_not_read(tmp_path: Path) -> None:
    deferred = [{"reason": "resource_config_unknown", "resource_change": {"address": "aws_vpc.later"}}]
    path = edited(tmp_path, lambda d: d.update(deferred_changes=deferred, complete=False))
    assert plan.read(path).lost == ("aws_vpc.later is put off to a later plan (resource_config_unknown)",)


def test_the_line_of_every_change_in_a_plan_that_was_indented() -> None:
    path = PLANS / "estate_change.json"
    found = changes.gather([plan.read(path)])
    inputs.locate(found, None)
    text = path.read_text().splitlines()
    for one in found.plans[0].resources:
        assert one.location.line is not None
        assert json.loads("{" + text[one.location.line - 1].strip().rstrip(",") + "}") == {"address": one.address}
