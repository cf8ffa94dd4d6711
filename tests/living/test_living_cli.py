"""The commands end to end: what is written where, what fails the run, and what two real snapshots say of each other."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner.cli import main
from scanner.living.history import FILE_NAME

ACCOUNT = "123456789012"
SINGLE = "account_slicing/single_account"
WAIVERS = f"""\
waivers:
  - rule: {SINGLE}
    subject: o-*
    reason: the second account opens in May
    owner: platform
    expiry: 2999-12-31
  - rule: governance/account_under_root
    account: harbour-*
    reason: none left
    owner: platform
    expiry: 2999-12-31
  - rule: ownership_and_billing/*
    account: "{ACCOUNT}"
    reason: was to be done
    owner: finance
    expiry: 2020-01-01
"""
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)

    def ask(*arguments: object) -> tuple[int, str, str]:
        code = main([str(one) for one in arguments])
        done = capsys.readouterr()
        assert "Traceback" not in done.err
        return code, done.out, done.err

    return ask


def findings(folder: Path) -> Any:
    return json.loads((folder / "out" / "findings.json").read_text())


def failing(document: Any) -> list[dict[str, Any]]:
    return [one for one in document["findings"] if one["outcome"] == "fail"]


def by_rule(document: Any) -> dict[str, Any]:
    return {one["rule_id"]: one for one in document["findings"]}


def test_waivers_beside_the_configuration(run: Run, tmp_path: Path, small: Path) -> None:
    (tmp_path / "bulkhead-waivers.yaml").write_text(WAIVERS)
    (tmp_path / "bulkhead.yaml").write_text("fail_on: low\n")
    assert run("scan", "--recorded", small, "-q", "--no-history")[0] == 1
    found = findings(tmp_path)
    waived = by_rule(found)[SINGLE]
    assert waived["status"] == "waived"
    assert waived["waiver"] == {
        "reason": "the second account opens in May",
        "owner": "platform",
        "expiry": "2999-12-31",
    }
    assert [(one["status"], one["findings"], one["line"]) for one in found["waivers"]] == [
        ("active", 1, 2),
        ("unmatched", 0, 7),
        ("expired", sum(one["principle"] == "ownership_and_billing" for one in failing(found)), 12),
    ]
    assert {one["rule_id"]: one["waived"] for one in found["rules"]}[SINGLE] == 1
    assert found["accepted"]["waived"] == 1 and found["accepted"]["points"] > 0
    for name in ("report.html", "report.md"):
        assert "the second account opens in May" in (tmp_path / "out" / name).read_text()
    (tmp_path / "bulkhead-waivers.yaml").unlink()
    run("evaluate", "-q", "--no-history")
    assert findings(tmp_path)["score"] == found["score"], "a waiver changes no score"
    assert not (tmp_path / "out" / FILE_NAME).exists()


def test_what_is_waived_does_not_fail_the_run(run: Run, tmp_path: Path, small: Path) -> None:
    (tmp_path / "w.yaml").write_text(
        WAIVERS.replace(f"rule: {SINGLE}\n    subject: o-*", 'rule: "*"\n    account: "*"')
    )
    assert run("scan", "--recorded", small, "-q", "--fail-on", "low", "--waivers", "w.yaml")[0] == 0
    code, _, told = run("evaluate", "--fail-on", "low", "--waivers", "w.yaml", "--no-color")
    waived = len(failing(findings(tmp_path)))
    assert code == 0 and f"{waived} waived are not among them; they still cost" in " ".join(told.split())


def test_broken_waivers_stop_before_anything_is_read(run: Run, tmp_path: Path, small: Path) -> None:
    (tmp_path / "bulkhead-waivers.yaml").write_text(WAIVERS.replace("    owner: finance\n", ""))
    code, _, told = run("scan", "--recorded", small)
    assert code == 2 and "bulkhead-waivers.yaml:12: waivers.2.owner: is missing" in told
    assert not (tmp_path / "out").exists()


def test_what_is_not_read_leaves_a_waiver_in_doubt(run: Run, tmp_path: Path, small: Path) -> None:
    shutil.copytree(small, tmp_path / "recording")
    for file in tmp_path.joinpath("recording").rglob("list_accounts.json"):
        file.unlink()
    (tmp_path / "bulkhead-waivers.yaml").write_text(WAIVERS)
    run("scan", "--recorded", "recording", "-q", "--no-history")
    statuses = {one["rule"]: one["status"] for one in findings(tmp_path)["waivers"]}
    assert statuses["governance/account_under_root"] == "unseen"


def test_baseline_from_a_snapshot_and_from_findings(run: Run, tmp_path: Path, small: Path) -> None:
    run("scan", "--recorded", small, "-q")
    assert run("baseline", "--output", "baseline.json")[0] == 0
    assert run("evaluate", "-q", "--fail-on", "low", "--baseline", "baseline.json")[0] == 0
    found = findings(tmp_path)
    assert {one["status"] for one in found["findings"]} == {"baseline"}
    known = len(failing(found))
    assert found["baseline"] == {"findings": known, "failing": known, "unseen": 0, "gone": 0}
    shutil.copy(tmp_path / "out" / "findings.json", tmp_path / "before.json")
    assert run("evaluate", "-q", "--fail-on", "low", "--baseline", "before.json")[0] == 0
    text = (tmp_path / "baseline.json").read_text().splitlines()
    (tmp_path / "less.json").write_text("\n".join(line for line in text if SINGLE not in line))
    assert run("evaluate", "-q", "--fail-on", "low", "--baseline", "less.json")[0] == 1
    assert run("evaluate", "--baseline", "none.json")[0] == 2


def test_history_trend_and_the_change_since(run: Run, tmp_path: Path, small: Path) -> None:
    run("scan", "--recorded", small, "-q", "--snapshot", "one")
    first = findings(tmp_path)
    assert first["since"] is None and len(first["trend"]) == 1
    assert {one["first_seen"] for one in first["findings"]} == {first["scan"]["finished_at"]}
    later(tmp_path / "one", tmp_path / "two", "two", "2999-01-01T00:00:00Z")
    _, _, told = run("evaluate", "--snapshot", "two", "--no-color")
    assert "Score unchanged since" in told and "0 new, 0 fixed" in " ".join(told.split())
    second = findings(tmp_path)
    assert second["since"]["scan_id"] == first["scan"]["id"] and len(second["trend"]) == 2
    assert {one["first_seen"] for one in second["findings"]} == {first["scan"]["finished_at"]}
    code, text, _ = run("trend")
    assert code == 0 and "2999-01-01" in text.splitlines()[-1] and "+0.0" in text.splitlines()[-1]
    document = json.loads(run("trend", "--account", ACCOUNT, "--format", "json")[1])
    assert [one["asked"]["score"] for one in document["scans"]] == [first["score"]["accounts"][ACCOUNT]] * 2
    assert run("trend", "--history", "elsewhere")[0] == 2
    before = (tmp_path / "out" / FILE_NAME).read_bytes()
    run("report", "two")
    assert (tmp_path / "out" / FILE_NAME).read_bytes() == before


def later(source: Path, target: Path, scan_id: str, finished: str) -> None:
    """A copy of a snapshot that was made later."""
    shutil.copytree(source, target)
    manifest = json.loads((target / "manifest.json").read_text())
    (target / "manifest.json").write_text(json.dumps({**manifest, "id": scan_id, "finished_at": finished}))


def test_diff_of_a_snapshot_that_lacks_a_call(run: Run, tmp_path: Path, small: Path) -> None:
    shutil.copytree(small, tmp_path / "recording")
    run("collect", "--recorded", "recording", "--snapshot", "one", "-q")
    table = next(tmp_path.joinpath("recording").rglob("dynamodb/list_tables.json"))
    table.unlink()
    run("collect", "--recorded", "recording", "--snapshot", "two", "-q")
    document = json.loads(run("diff", "one", "two", "--format", "json")[1])
    assert document["fixed"] == []
    lost = {
        one["rule_id"] for one in (*document["changed"], *document["unseen"]) if one["after"].get("outcome") != "fail"
    }
    assert "ownership_and_billing/tag_coverage_low" in lost
    assert run("diff", "two", "one", "--fail-on", "low")[0] == 1
    assert run("diff", "one", "two", "--fail-on", "low")[0] == 0


def test_diff_says_how_something_was_fixed(run: Run, tmp_path: Path, small: Path) -> None:
    recording = tmp_path / "recording"
    shutil.copytree(small, recording)
    run("collect", "--recorded", "recording", "--snapshot", "one", "-q")
    organization = next(recording.rglob("describe_organization.json"))
    organization.write_text(organization.read_text().replace("CONSOLIDATED_BILLING", "ALL"))
    run("collect", "--recorded", "recording", "--snapshot", "two", "-q")
    run("evaluate", "--snapshot", "two", "-q")
    document = json.loads(run("diff", "one", "two", "--format", "json")[1])
    assert [(one["rule_id"], one["reason"]) for one in document["fixed"]] == [
        ("ownership_and_billing/billing_not_consolidated", "passes")
    ]
    papers = json.loads(run("diff", "one", "out/findings.json", "--format", "json")[1])
    assert [one["reason"] for one in papers["fixed"]] == ["passes_or_gone"]
    assert "## Fixed: 1" in run("diff", "one", "two", "--format", "markdown")[1]
    assert run("diff", "one", "nothing")[0] == 2
    assert run("report", "two", "--compare", "one", "--format", "html")[0] == 0
    changed = (tmp_path / "out" / "report.html").read_text().partition('id="changes"')[2].partition("</section>")[0]
    assert "Fixed: <b>1</b>" in changed and "it passes now" in changed
    assert run("report", "two", "--compare", "nothing", "--format", "html")[0] == 2
    assert run("diff", "one", "two", "--format", "html")[0] == 2


def test_advise_and_its_backlog(run: Run, tmp_path: Path, small: Path) -> None:
    run("scan", "--recorded", small, "-q")
    code, text, _ = run("advise", "--top", "2", "--backlog", "backlog.csv")
    assert code == 0 and text.count(" -> ") == 2
    with (tmp_path / "backlog.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 and rows[0]["Summary"] and rows[0]["Priority"] in ("Highest", "High", "Medium", "Low")
    document = json.loads(run("advise", "out/findings.json", "--format", "json")[1])
    assert document == json.loads(run("advise", "--format", "json")[1])
    assert document["changes"][-1]["after"] > 99
    assert run("advise", "--format", "pdf")[0] == 2


def test_import_of_a_mutelist(run: Run, tmp_path: Path, small: Path) -> None:
    (tmp_path / "mute.yaml").write_text(
        "Mutelist:\n  Accounts:\n    '*':\n      Checks:\n        organizations_account_part_of_organizations:\n"
        "          Regions: ['*']\n          Resources: ['*']\n        iam_avoid_root_usage:\n"
        "          Regions: ['*']\n          Resources: ['*']\n"
    )
    code, _, told = run(
        "waivers", "import", "mute.yaml", "--owner", "o", "--expiry", "2999-01-01", "--output", "w.yaml"
    )
    assert code == 0 and "iam_avoid_root_usage" in told
    assert run("scan", "--recorded", small, "-q", "--fail-on", "never", "--waivers", "w.yaml")[0] == 0
    assert findings(tmp_path)["waivers"][0]["rule"] == "governance/no_organization"
    assert run("waivers", "import", "mute.yaml", "--owner", "o", "--expiry", "soon")[0] == 2
