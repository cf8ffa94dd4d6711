"""Rules of one's own: the worked example of docs/custom-rules.md, settings of a rule, and names that do not exist."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scanner import vocabulary
from scanner.cli import app
from scanner.config import Config
from scanner.errors import UsageError
from scanner.rule import load
from scanner.rule.examples import run
from tests.rule import organization

ROOT = Path(__file__).parents[2]
PACK = ROOT / "docs" / "examples" / "acme-rules"
RULE = "acme/public_entry_outside_edge"


def test_the_examples_of_the_worked_example_hold() -> None:
    outcomes = list(run(load.load([PACK]), vocabulary.load([PACK]), Config()))
    assert [one.ok for one in outcomes] == [True] * 3


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("custom")
    recording = organization.write(folder / "recording")
    listing = next(recording.glob(f"{organization.TEST}/{organization.THERE}/elbv2/describe_load_balancers.json"))
    content = json.loads(listing.read_text())
    content["LoadBalancers"][0]["Scheme"] = "internet-facing"
    listing.write_text(json.dumps(content))
    ask("collect", "--recorded", str(recording), "--snapshot", str(folder / "snapshot"))
    return folder / "snapshot"


def ask(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code in (0, 1, 3), result.output
    return result.output


def judged(snapshot: Path, tmp_path: Path, configuration: str) -> list[dict[str, str]]:
    (tmp_path / "bulkhead.yaml").write_text(configuration)
    given = (
        "--config",
        str(tmp_path / "bulkhead.yaml"),
        "--select",
        "acme",
        "--format",
        "json",
        "--out",
        str(tmp_path),
    )
    ask("evaluate", "--snapshot", str(snapshot), *given)
    findings = json.loads((tmp_path / "findings.json").read_text())["findings"]
    return [one for one in findings if one["outcome"] == "fail"]


def test_a_pack_judges_subjects_of_its_own(snapshot: Path, tmp_path: Path) -> None:
    (found,) = judged(snapshot, tmp_path, f"rules: [{PACK}]\n")
    assert found["rule_id"] == RULE
    assert found["message"] == "The load balancer front in orders-two faces the internet"


def test_settings_and_severity_of_a_rule_are_the_configurations_to_change(snapshot: Path, tmp_path: Path) -> None:
    severe = f"rules: [{PACK}]\nseverity: {{{RULE}: critical}}\n"
    (found,) = judged(snapshot, tmp_path, severe)
    assert found["severity"] == "critical"
    assert judged(snapshot, tmp_path, severe + f"rule_settings: {{{RULE}: {{edge_accounts: 'orders-%'}}}}\n") == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"severity": {"acme/typo": "low"}}, "severity names acme/typo"),
        ({"rule_settings": {"acme/typo": {}}}, "rule_settings names acme/typo"),
        ({"rule_settings": {RULE: {"edge": "x"}}}, f"{RULE} has no setting edge; it has edge_accounts"),
    ],
)
def test_what_does_not_exist_is_an_error(changed: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=re.escape(words)):
        load.configured(Config.model_validate({"rules": [PACK], **changed}))


def test_the_page_shows_the_files_as_they_are() -> None:
    page = (ROOT / "docs" / "custom-rules.md").read_text()
    rule = (PACK / f"{RULE}.yaml").read_text()
    assert re.search(r"settings: \{edge_accounts: \"edge-%\"\}", page)
    assert re.search(r"^settings: \{edge_accounts: \"edge-%\"\}$", rule, re.M)
