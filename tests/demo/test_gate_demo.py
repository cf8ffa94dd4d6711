"""`bulkhead gate --demo`: three changes fail for the right reason, and one makes the organization better and passes."""

from __future__ import annotations

from pathlib import Path

import pytest

import reports
from scanner import scan
from scanner.config import Config
from scanner.demo.gate import CHANGES, PLANS, fill
from scanner.demo.organization import DemoOrganization
from scanner.demo.run import environment
from scanner.gate import judge
from scanner.gated import Gated, as_result
from tests.reports.machine_schemas import check_gitlab, check_junit, check_sarif


@pytest.fixture(scope="module")
def gated(built: DemoOrganization, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Gated]:
    folder = tmp_path_factory.mktemp("gate")
    snapshot = folder / "bulkhead.snapshot"
    with environment(built.server.url):
        scan.make_snapshot(snapshot, Config(), scan.Reading(workers=8))
    paths = {change.name: fill(change.name, snapshot, folder / "plans") for change in CHANGES}
    return {name: judge.gate([path], snapshot, Config(), source=PLANS / name) for name, path in paths.items()}


def new(found: Gated) -> dict[str, str | None]:
    return {one.finding.rule_id: one.address for one in found.of("new")}


def test_each_ends_as_told(gated: dict[str, Gated]) -> None:
    assert {name: one.exit_code for name, one in gated.items()} == {one.name: one.exit_code for one in CHANGES}
    assert {one.coverage for one in gated.values() if one is not gated["account"]} == {1.0}


def test_peering_opens_production_to_test(gated: dict[str, Gated]) -> None:
    rules = new(gated["peering"])
    assert rules["environment_separation/network_path_to_production"] == "aws_vpc_peering_connection.test"
    assert rules["database_integration/open_to_whole_network"] == "aws_vpc_security_group_ingress_rule.from_test"
    place = gated["peering"].of("new")[0].finding
    assert place.file and place.file.endswith("main.tf") and place.line


def test_the_new_account_is_nobodys_and_in_no_unit(gated: dict[str, Gated]) -> None:
    rules = new(gated["account"])
    assert {
        "governance/account_under_root",
        "ownership_and_billing/account_without_owner",
        "governance/no_guardrail",
    } <= rules.keys()
    assert set(rules.values()) == {"aws_organizations_account.wishlist"}


def test_the_vault_takes_the_last_copy_elsewhere_along(gated: dict[str, Gated]) -> None:
    assert new(gated["vault"]).keys() == {"backup_isolation/copies_share_account"}
    assert gated["vault"].of("new")[0].finding.subject.name == "catalog"
    assert new(gated["vault"]) == {"backup_isolation/copies_share_account": "aws_backup_vault.copies"}


def test_guardrails_make_it_better(gated: dict[str, Gated]) -> None:
    found = gated["guardrails"]
    assert not new(found)
    assert "governance/can_leave_organization" in {one.finding.rule_id for one in found.of("resolved")}
    assert (found.scores[1] or 0) > (found.scores[0] or 0)


@pytest.mark.parametrize("name", [one.name for one in CHANGES])
def test_formats_of_code_scanning_and_ci(gated: dict[str, Gated], name: str, tmp_path: Path) -> None:
    found = as_result(gated[name])
    for format, check in {"sarif": check_sarif, "junit": check_junit, "gitlab": check_gitlab}.items():
        reports.write(format, found, tmp_path / format)
        assert len(check((tmp_path / format).read_text())) == len(found.findings)
    places = [one["locations"][0]["physicalLocation"] for one in check_sarif((tmp_path / "sarif").read_text())]
    failing = [one for one in found.findings if one.outcome == "fail" and one.severity in ("critical", "high")]
    assert bool(failing) == (name != "guardrails")
    written = {(one["artifactLocation"]["uri"], one["region"]["startLine"]) for one in places}
    assert {(one.file, one.line) for one in failing} <= written
    # What is deleted is written nowhere any more, so the plan itself is where it stands.
    file = gated[name].inputs[0] if name == "vault" else f"scanner/demo/plans/{name}/main.tf"
    assert all(one.file == file and (name == "vault" or (one.line or 0) > 1) for one in failing)
