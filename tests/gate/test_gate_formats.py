"""Findings of the gate in the formats of code scanning and CI: by their schemas, with a file and a line, whatever names say."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt

import reports
from reports import gate as papers
from reports.markdown import LONGEST
from scanner.cli import main
from scanner.config import Config
from scanner.gate import judge
from scanner.gated import Gated, as_result
from tests.gate import small
from tests.gate.test_gate import OPEN, OPENED, RULE
from tests.reports.machine_schemas import check_gitlab, check_junit, check_sarif

CHECKS = {"sarif": check_sarif, "gitlab": check_gitlab, "junit": check_junit}
HOSTILE = '"]]>\x1b[31m</failure><script>\u202e](javascript:1){0} @everyone\r\n|=1+1'
UNKNOWN = small.change(
    "aws_vpc_security_group_ingress_rule.range",
    {**OPENED, "security_group_id": "sg-2-db"},
    unknown={"cidr_ipv4": True},
    refs={"cidr_ipv4": ["local.range"]},
    provider="aws.test",
)


def hostile_role() -> dict[str, Any]:
    trust = json.dumps({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}]})
    made = small.change(
        "aws_iam_role.r", {"name": HOSTILE, "path": "/", "assume_role_policy": trust}, unknown={"arn": True}
    )
    made["change"] |= {"address": f'aws_iam_role.r["{HOSTILE}"]', "index": HOSTILE}
    return made


@pytest.fixture(scope="module")
def gated(snapshot: Path, tmp_path_factory: pytest.TempPathFactory) -> Gated:
    """Two plans: a range that is known, one that is not, a role with a hostile name; two rules open one database, so nobody is blamed."""
    folder = tmp_path_factory.mktemp("plans")
    wide = {**OPENED, "cidr_ipv4": "10.0.0.0/8"}
    one = small.plan(folder / "one.json", small.change(RULE, wide), hostile_role())
    two = small.plan(folder / "two.json", small.change("aws_vpc_security_group_ingress_rule.too", wide), UNKNOWN)
    rules = [OPEN, "blast_radius/trusts_everyone"]
    return judge.gate([one, two], snapshot, Config(select=rules))


def written(format: str, gated: Gated, path: Path) -> str:
    reports.write(format, as_result(gated), path)
    return path.read_text()


@pytest.mark.parametrize("format", CHECKS)
def test_each_follows_its_schema(format: str, gated: Gated, tmp_path: Path) -> None:
    kept = [one for one in gated.judged if one.kind in ("new", "worse", "unread")]
    assert len(kept) >= 2
    assert len(CHECKS[format](written(format, gated, tmp_path / "r"))) == len(kept)


def test_every_finding_has_a_file_and_a_line(gated: Gated, tmp_path: Path) -> None:
    """GitHub refuses a whole report with one result that has none."""
    assert any(one.finding.file is None for one in gated.judged), "two plans open the database; neither is blamed"
    for one in check_sarif(written("sarif", gated, tmp_path / "r")):
        (where,) = one["locations"]
        assert where["physicalLocation"]["artifactLocation"]["uri"].endswith((".json", ".tf"))
        assert where["physicalLocation"]["region"]["startLine"] >= 1
        assert where["logicalLocations"]
    found = check_gitlab(written("gitlab", gated, tmp_path / "r"))
    assert all(one["location"]["start_line"] >= 1 for one in found)


def test_names_are_text_and_nothing_acts(gated: Gated, tmp_path: Path) -> None:
    for format in CHECKS:
        text = written(format, gated, tmp_path / "r")
        assert r"\\u202e" in text or r"\u202e" in text, "the name is shown"
        assert not any(bad in text for bad in ("\x1b", "\u202e"))
    messages = [one["message"]["text"] for one in check_sarif(written("sarif", gated, tmp_path / "r"))]
    assert any("javascript" in one for one in messages) and not any("](" in one for one in messages)
    assert "\x1b" not in papers.text(gated) and "\u202e" not in papers.markdown(gated)
    inline = [
        token for block in MarkdownIt("commonmark").parse(papers.markdown(gated)) for token in block.children or ()
    ]
    assert not {token.type for token in inline} & {"html_inline", "link_open", "image"}


def test_the_rule_and_the_tool_are_told_and_a_finding_is_known_again(gated: Gated, tmp_path: Path) -> None:
    first = json.loads(written("sarif", gated, tmp_path / "1"))["runs"][0]
    second = json.loads(written("sarif", replace(gated, snapshot_at="2027-01-01T00:00:00Z"), tmp_path / "2"))["runs"][0]
    assert first["tool"]["driver"]["name"] == "Bulkhead"
    rules = {one["id"]: one for one in first["tool"]["driver"]["rules"]}
    assert rules[OPEN]["helpUri"].startswith("https://") and rules[OPEN]["properties"]["security-severity"] == "5.5"
    assert all(rules[one["ruleId"]] for one in first["results"])
    marks = [[one["partialFingerprints"] for one in run["results"]] for run in (first, second)]
    assert marks[0] == marks[1] and len({one["bulkhead/v1"] for one in marks[0]}) == len(marks[0])


def test_what_is_not_known_before_apply_is_told(gated: Gated, tmp_path: Path) -> None:
    said = "aws_vpc_security_group_ingress_rule.range: cidr_ipv4 is known after apply only"
    assert said in gated.unread
    run = json.loads(written("sarif", gated, tmp_path / "r"))["runs"][0]
    notes = [one["message"]["text"] for one in run["invocations"][0]["toolExecutionNotifications"]]
    assert said in notes
    assert f"Not read: {said}" in [
        one["value"] for one in json.loads(written("gitlab", gated, tmp_path / "r"))["scan"]["messages"]
    ]
    unread = [
        one
        for one in ElementTree.fromstring(written("junit", gated, tmp_path / "r"))
        if one.attrib["name"] == "not read"
    ]
    assert said in [case.attrib["name"] for case in unread[0].iter("testcase")]


def test_a_change_that_is_fine_is_a_valid_report_with_nothing_in_it(snapshot: Path, tmp_path: Path) -> None:
    log = small.plan(tmp_path / "p.json", small.change("aws_cloudwatch_log_group.l", {"name": "/l"}))
    found = judge.gate([log], snapshot, Config(select=[OPEN]))
    assert {format: CHECKS[format](written(format, found, tmp_path / "r")) for format in CHECKS} == {
        format: [] for format in CHECKS
    }


def test_a_comment_fits_whatever_fails(gated: Gated) -> None:
    one = gated.judged[0]
    many = tuple(
        replace(
            one, kind=kind, why="@" * 300, finding=replace(one.finding, fingerprint=f"{kind}{n}", message="é<" * 400)
        )
        for kind in ("new", "worse", "unread", "resolved", "unchanged")
        for n in range(60)
    )
    text = papers.markdown(replace(gated, judged=many, unread=("x" * 900,) * 90))
    assert len(text) <= LONGEST
    assert text.endswith("has all")


# ---------------------------------------------------------------------- the command line


def test_many_formats_at_once(
    snapshot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plans").mkdir()
    path = small.plan(tmp_path / "plans" / "p.json", small.change(RULE, {**OPENED, "cidr_ipv4": "10.0.0.0/8"}))
    arguments = ["gate", str(path), "--snapshot", str(snapshot), "--select", OPEN, "--fail-on", "medium"]
    assert main([*arguments, "--format", "sarif,markdown", "--format", "junit", "--format", "json", "--out", "o"]) == 1
    assert "the change fails" in capsys.readouterr().out
    assert {one.name for one in (tmp_path / "o" / "gate").iterdir()} == {
        "report.sarif",
        "gate.md",
        "report.junit.xml",
        "gate.json",
    }
    (one,) = check_sarif((tmp_path / "o" / "gate" / "report.sarif").read_text())
    place = one["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "plans/p.json", "as the repository names it, whatever was typed"
    assert main([*arguments, "--format", "sarif,junit", "--output", "x"]) == 2
    assert "--output names the file of one --format" in capsys.readouterr().err
    assert main([*arguments, "--format", "sarif,nonsense"]) == 2
    assert "choose" in capsys.readouterr().err


def test_one_report_goes_through_a_pipe(snapshot: Path, tmp_path: Path) -> None:
    path = small.plan(tmp_path / "p.json", small.change(RULE, {**OPENED, "cidr_ipv4": "10.0.0.0/8"}))
    command = [
        sys.executable,
        "-m",
        "scanner",
        "gate",
        path,
        "--snapshot",
        snapshot,
        "--select",
        OPEN,
        "--format",
        "sarif",
    ]
    done = subprocess.run([str(one) for one in command], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert len(check_sarif(done.stdout)) == 1
