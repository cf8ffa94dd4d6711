"""Whole recordings judged: the organizations that the demo cannot be at the same time."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner import scan
from scanner.config import Config

CASES = Path(__file__).parent / "cases"
SHARED = Path(__file__).parents[2] / "shared" / "cases"

EXPECTED = {
    # One account without an organization: an instance and a table of the shop.
    "standalone": {
        "account_slicing/business_unit_unclear",
        "account_slicing/environment_missing",
        "account_slicing/single_account",
        "environment_separation/environment_unknown",
        "governance/no_organization",
        "ownership_and_billing/tag_coverage_low",
    },
    # The same in the management account of an organization that only consolidates bills.
    "consolidated_billing": {
        "account_slicing/business_unit_unclear",
        "account_slicing/environment_missing",
        "account_slicing/single_account",
        "backup_isolation/cross_account_copies_disabled",
        "blast_radius/workloads_in_management_account",
        "governance/log_archive_missing",
        "ownership_and_billing/account_without_owner",
        "ownership_and_billing/billing_not_consolidated",
        "ownership_and_billing/budget_missing",
        "ownership_and_billing/contacts_missing",
        "ownership_and_billing/cost_tags_inactive",
        "ownership_and_billing/spend_unallocated",
        "ownership_and_billing/tag_policy_missing",
        "ownership_and_billing/tag_coverage_low",
    },
}


@pytest.mark.parametrize("case", EXPECTED)
def test_exactly_these_rules_fail(case: str, tmp_path: Path) -> None:
    scan.make_snapshot(tmp_path / "s", Config(), scan.Reading(recorded=CASES / case, workers=1))
    result = scan.judge(tmp_path / "s", Config())
    assert {one.rule_id for one in result.findings} == EXPECTED[case]
    assert result.coverage.ratio == 1.0


def test_the_same_recording_gives_the_same_bytes(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    written = []
    for name in ("one", "two"):
        config = Config(out=tmp_path / name, formats=["json", "html", "markdown", "csv"])
        reading = scan.Reading(recorded=CASES / "consolidated_billing", workers=2)
        target = scan.make_snapshot(
            tmp_path / name / "s", config, reading, now=lambda: datetime(2026, 1, 2, tzinfo=UTC)
        )
        paths = scan.write_reports(scan.judge(target, config), config)
        written.append([path.read_bytes() for path in paths])
    assert written[0] == written[1]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared cases do not lie beside this checkout")
def test_the_shared_trust_recording_is_read_and_what_it_lacks_is_said(tmp_path: Path) -> None:
    recording = SHARED / "trust" / "organization" / "recording"
    scan.make_snapshot(tmp_path / "s", Config(), scan.Reading(recorded=recording, workers=1))
    result = scan.judge(tmp_path / "s", Config())
    assert len(result.accounts) == 4
    assert scan.exit_code(result, "never", 0.95) == scan.LOW_COVERAGE
    assert "not_recorded" in {gap.status for gap in result.coverage.gaps}


def test_a_resource_is_classified_with_its_evidence(tmp_path: Path) -> None:
    from scanner.snapshot.query import ask

    scan.make_snapshot(tmp_path / "s", Config(), scan.Reading(recorded=CASES / "standalone", workers=1))
    connection, _ = scan.open_vocabulary(tmp_path / "s", Config())
    columns = (
        "environment, environment_source, environment_confidence, workload, workload_evidence, workload_confidence"
    )
    found = ask(connection, f"SELECT {columns} FROM resource_facts WHERE name = 'shop-web'")[1]
    assert found == [("production", "tag", "high", "shop", "product=shop", "high")]
