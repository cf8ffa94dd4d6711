"""The demo organization through the ordinary code path: every planted problem is found, and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scanner import drill, scan
from scanner.collect.run import all_calls
from scanner.config import Config
from scanner.demo.organization import DemoOrganization
from scanner.demo.run import environment
from scanner.findings import Result
from scanner.rule import load
from scanner.split import plan
from tests.engine.sail import serving


@dataclass
class Demo:
    organization: DemoOrganization
    snapshot: Path
    result: Result


@pytest.fixture(scope="module")
def demo(built: DemoOrganization, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    target = tmp_path_factory.mktemp("demo") / "bulkhead.snapshot"
    with environment(built.server.url):
        scan.make_snapshot(target, Config(), scan.Reading(workers=8))
    return Demo(built, target, scan.judge(target, Config()))


def planted(demo: Demo) -> set[tuple[str, str, str | None]]:
    return {(one.rule, one.arn, one.region) for one in demo.organization.planted()}


def found(demo: Demo, result: Result | None = None) -> set[tuple[str, str, str | None]]:
    failures = [one for one in (result or demo.result).findings if one.outcome == "fail"]
    by_region = {one.rule for one in demo.organization.planted() if one.region}
    accounts = {
        account.id: demo.organization.arn_of(name, name) for name, account in demo.organization.accounts.items()
    }
    return {
        (
            one.rule_id,
            one.subject.arn or (one.subject.id if one.subject.type == "workload" else accounts[one.account_id or ""]),
            one.region if one.rule_id in by_region else None,
        )
        for one in failures
    }


def test_every_planted_problem_is_found_and_nothing_else(demo: Demo) -> None:
    assert found(demo) - planted(demo) == set(), "found, but not planted"
    assert planted(demo) - found(demo) == set(), "planted, but not found"


def test_it_is_read_whole(demo: Demo) -> None:
    assert demo.result.coverage.gaps == ()
    assert demo.result.coverage.ratio == 1.0
    assert not [one for one in demo.result.findings if one.outcome == "not_evaluated"]


def test_every_rule_has_something_to_judge_and_most_are_planted(demo: Demo) -> None:
    """`single_account`, `no_organization`, ... cannot fail in an organization of many accounts; recordings make them."""
    nowhere = {rule.rule_id for rule in demo.result.rules if not rule.passed + rule.failed}
    assert nowhere == set()
    never_planted = {rule.rule_id for rule in demo.result.rules} - {rule for rule, _, _ in planted(demo)}
    assert never_planted <= {
        "account_slicing/single_account",
        "backup_isolation/cross_account_copies_disabled",
        "governance/administration_not_delegated",
        "governance/changes_gathered_nowhere",
        "governance/log_archive_missing",
        "governance/no_organization",
        "limits/organization_limit_near",
        "ownership_and_billing/billing_not_consolidated",
    }


def test_another_engine_finds_the_same_byte_for_byte(demo: Demo, tmp_path: Path) -> None:
    with serving() as address:
        there = scan.judge(demo.snapshot, Config(), engine=address)
    written = [
        scan.write_reports(result, Config(out=tmp_path / name, formats=["json"]))[0].read_bytes()
        for name, result in (("here", demo.result), ("there", there))
    ]
    assert written[0] == written[1] and b'"outcome": "fail"' in written[0]


def test_the_drill_tells_the_same_story(demo: Demo) -> None:
    accounts = demo.organization.accounts
    connection = drill.open_snapshot(demo.snapshot, Config())
    found = {one.account: one for one in drill.drills(connection)}
    assert set(found) == {account.id for account in accounts.values()}
    catalog = found[accounts["catalog-production"].id]
    assert {"catalog-history", "catalog-suppliers", "catalog-reviews"} <= {one.name for one in catalog.lost}
    assert {one.name for one in catalog.survives} == {"catalog", "catalog-prices"}
    assert [one.account_id for one in catalog.falls_too] == [accounts["backup-vaults"].id]
    assert [one.unknown for one in found.values()] == [()] * len(found)
    ledger = found[accounts["orders-production"].id]
    assert "orders-ledger" in {one.name for one in ledger.lost}, "every copy is at home"
    assert "orders-us-ledger" in {one.name for one in ledger.survives}


def test_a_mixed_account_is_split_by_workload_and_environment(demo: Demo) -> None:
    split = plan.of_snapshot(demo.snapshot, Config(), "legacy-shop-production")
    cells = {cell.name: (cell.account, cell.stays) for cell in split.cells}
    assert cells == {
        "newsletter / production": ("newsletter-production", False),
        "shop / production": ("legacy-shop-production", True),
        "shop / test": ("shop-test", False),
    }
    dearest = split.crossings[0]
    assert (dearest.coupling.kind, dearest.source_cell) == ("connection", "newsletter / production")
    assert "shop offers an API" in dearest.instead
    assert [step.cell for step in split.steps][:2] == ["shop / test"] * 2, "what costs least comes first"
    assert split.not_seen == ()
    whole = plan.of_snapshot(demo.snapshot, Config(), "checkout-production")
    assert (whole.verdict, whole.cells) == ("whole", ())


def test_a_planted_rule_also_passes_somewhere(demo: Demo) -> None:
    """Every anti-pattern has a clean counterpart of the same kind; of management accounts and organizations there is only one."""
    never_clean = {rule.rule_id for rule in demo.result.rules if not rule.passed}
    assert never_clean == {
        "blast_radius/workloads_in_management_account",
        "governance/new_account_unwatched",
        "ownership_and_billing/cost_tags_inactive",
        "ownership_and_billing/tag_values_inconsistent",
    }


def test_the_catalogue_is_at_least_twenty_rules_and_two_of_each_principle() -> None:
    rules = load.load([load.BUILT_IN])
    principles = {rule.principle for rule in rules}
    assert len(rules) >= 20
    assert principles == {
        "account_slicing",
        "backup_isolation",
        "blast_radius",
        "database_integration",
        "environment_separation",
        "governance",
        "least_privilege",
        "limits",
        "ownership_and_billing",
    }
    assert all(sum(rule.principle == name for rule in rules) >= 2 for name in principles)


@pytest.fixture(scope="module")
def recording(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recording")
    with environment(demo.organization.server.url):
        scan.make_snapshot(folder / "live", Config(), scan.Reading(record=folder / "answers", workers=8))
    assert found(demo, scan.judge(folder / "live", Config())) == planted(demo)
    return folder / "answers"


def replayed(recording: Path, target: Path) -> Result:
    scan.make_snapshot(target, Config(), scan.Reading(recorded=recording, workers=1))
    return scan.judge(target, Config())


def test_recorded_and_replayed_it_says_the_same(demo: Demo, recording: Path, tmp_path: Path) -> None:
    result = replayed(recording, tmp_path / "s")
    assert found(demo, result) == planted(demo)
    assert result.coverage.ratio == 1.0


def assert_only_gaps_added(demo: Demo, result: Result) -> None:
    """No failure appears, nothing comes to pass, and whatever is no longer judged is said to be not evaluated."""
    before = {one.fingerprint for one in demo.result.findings}
    new = [one for one in result.findings if one.outcome == "fail" and one.fingerprint not in before]
    assert [(one.rule_id, one.subject.id, one.message) for one in new] == [], "a gap made something fail"
    whole = {rule.rule_id: rule for rule in demo.result.rules}
    gaps = {one.rule_id for one in result.findings if one.outcome == "not_evaluated"}
    for rule in result.rules:
        assert rule.passed <= whole[rule.rule_id].passed, f"a gap made {rule.rule_id} pass"
        judged = whole[rule.rule_id].passed + whole[rule.rule_id].failed
        assert rule.passed + rule.failed == judged or rule.rule_id in gaps, f"subjects of {rule.rule_id} vanished"


CLIENTS = sorted({call.client for call in all_calls()})


@pytest.mark.parametrize(
    ("client", "how"), [*((client, "denied") for client in CLIENTS), ("ec2", "missing"), ("iam", "missing")]
)
def test_a_service_that_cannot_be_read_is_a_gap_and_nothing_else_changes(
    demo: Demo, recording: Path, tmp_path: Path, client: str, how: str
) -> None:
    answers = tmp_path / "answers"
    shutil.copytree(recording, answers, copy_function=os.link)
    for path in list(answers.glob(f"*/*/{client}/*.json")):
        path.unlink()
        if how == "denied":
            path.write_text(
                json.dumps({"Error": {"Code": "AccessDenied", "Message": "no identity-based policy allows it"}})
            )
    result = replayed(answers, tmp_path / "s")
    assert result.coverage.gaps
    assert_only_gaps_added(demo, result)
    # No verdict hangs on these alone: no stack made anything here, and GuardDuty leaves new accounts out already.
    expected = scan.OK if client in ("cloudformation", "securityhub") else scan.LOW_COVERAGE
    assert scan.exit_code(result, "never", 1.0) == expected


@contextmanager
def faulty(demo: Demo) -> Iterator[Any]:
    """The layer of the demo's server, mended afterwards."""
    layer = demo.organization.server.layer
    with environment(demo.organization.server.url):
        try:
            yield layer
        finally:
            layer.clear_faults()


def test_a_denied_call_in_one_region_is_a_gap_there(demo: Demo, tmp_path: Path) -> None:
    account = demo.organization.accounts["catalog-production"].id
    with faulty(demo) as layer:
        layer.deny(service="rds", operation="describe_db_instances", account=account, region="us-east-1")
        scan.make_snapshot(tmp_path / "s", Config(), scan.Reading(workers=8))
    result = scan.judge(tmp_path / "s", Config())
    assert {
        (gap.account_id, gap.region, gap.call) for gap in result.coverage.gaps if "not asked" not in gap.reason
    } == {(account, "us-east-1", "rds.describe_db_instances")}
    assert_only_gaps_added(demo, result)


def test_a_denied_account_is_a_gap_with_its_reason(demo: Demo, tmp_path: Path) -> None:
    account = demo.organization.accounts["checkout-test"].id
    with faulty(demo) as layer:
        layer.deny_assume_role(account=account)
        scan.make_snapshot(tmp_path / "s", Config(), scan.Reading(workers=8))
    result = scan.judge(tmp_path / "s", Config())
    assert {gap.account_id for gap in result.coverage.gaps} == {account}
    assert "no_role" in {gap.status for gap in result.coverage.gaps}
    assert_only_gaps_added(demo, result)
    kept = {one.fingerprint for one in result.findings if one.outcome == "fail"}
    lost = [one for one in demo.result.findings if one.account_id != account and one.fingerprint not in kept]
    # What is said of a whole workload or organization may hang on every account.
    assert {one.subject.type for one in lost} <= {"workload", "organization"}, "everything else is judged as before"
    assert {one.rule_id for one in lost} <= {one.rule_id for one in result.findings if one.outcome == "not_evaluated"}


def test_the_command_line_against_a_server_of_its_own(demo: Demo, tmp_path: Path) -> None:
    with environment(demo.organization.server.url):
        done = subprocess.run(
            [sys.executable, "-m", "scanner", "scan", "--out", str(tmp_path), "--quiet"],
            env=dict(os.environ), capture_output=True, text=True, timeout=180, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (scan.FINDINGS, "")
    findings = json.loads((tmp_path / "findings.json").read_text())
    assert findings["coverage"]["ratio"] == 1.0
    assert len([one for one in findings["findings"] if one["outcome"] == "fail"]) == len(planted(demo))
    assert "<script>alert(1)" not in (tmp_path / "report.html").read_text()
