"""Formats, templates and Security Hub from the command line, over a recording."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

import reports
from scanner.cli.options import FORMATS
from scanner.demo.run import REGION
from tests.apart import server_apart
from tests.test_cli import KEYS, RECORDING, bulkhead, says


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scanned")
    done = bulkhead("collect", "--recorded", RECORDING, "--snapshot", "s", "--quiet", cwd=folder)
    says(done, 0)
    return folder


def test_the_help_names_every_format() -> None:
    assert sorted(FORMATS.split(", ")) == list(reports.formats())


def test_every_format_at_once_and_the_same_bytes_again(scanned: Path) -> None:
    (scanned / "own.txt.j2").write_text("{{ findings | length }} {{ scan.id }}")
    asked = [word for name in reports.formats() for word in ("--format", name)]
    for out in ("one", "two"):
        done = bulkhead("report", "s", *asked, "--template", "own.txt.j2", "--out", out, cwd=scanned)
        says(done, 0)
        assert len(done.stdout.splitlines()) == len(reports.formats()) + 1
    for name in [*map(reports.file_name, reports.formats()), "own.txt"]:
        assert (scanned / "one" / name).read_bytes() == (scanned / "two" / name).read_bytes()
    findings = json.loads((scanned / "one/findings.json").read_text())["findings"]
    assert (scanned / "one/own.txt").read_text().split()[0] == str(len(findings))
    run = json.loads((scanned / "one/report.sarif").read_text())["runs"][0]
    assert len(run["results"]) == len(findings) > 0


def test_a_broken_template_is_told_before_anything_is_read(scanned: Path) -> None:
    (scanned / "bad.md.j2").write_text("# x\n\n{% for finding in findings %}\n")
    for command in (("scan", "--recorded", RECORDING), ("evaluate", "--snapshot", "s"), ("report", "s")):
        done = bulkhead(*command, "--template", "bad.md.j2", "--out", "bad", cwd=scanned)
        says(done, 2, "bad.md.j2:3: ")
        assert not (scanned / "bad").exists()
    says(bulkhead("report", "s", "--template", "none.md.j2", cwd=scanned), 2, "none.md.j2 cannot be read")


def test_findings_go_to_security_hub(scanned: Path) -> None:
    with server_apart() as url:
        aws = {"AWS_ENDPOINT_URL": url, **KEYS}
        push = ("evaluate", "--snapshot", "s", "--format", "json,sarif", "--push-security-hub", "-q")
        says(
            bulkhead(*push, cwd=scanned, **aws), 1, f"findings are in Security Hub of account 123456789012 in {REGION}"
        )
        assert {path.name for path in (scanned / "out").glob("*.*")} >= {"report.sarif", "findings.json"}
        findings = json.loads((scanned / "out/findings.json").read_text())["findings"]
        kept = imported(url)
    assert {one["ProductFields"]["bulkhead/fingerprint"] for one in kept} == {one["fingerprint"] for one in findings}


def imported(url: str) -> list[dict[str, Any]]:
    import boto3

    client = boto3.client("securityhub", REGION, endpoint_url=url, aws_access_key_id="AKIAEXAMPLE", aws_secret_access_key="x")  # fmt: skip
    return [one for page in client.get_paginator("get_findings").paginate() for one in page["Findings"]]


def test_nothing_is_judged_where_security_hub_cannot_be_entered(scanned: Path) -> None:
    says(bulkhead("report", "s", "--push-security-hub", "--out", "off", cwd=scanned), 4, "no AWS credentials")
    nowhere = bulkhead("report", "s", "--push-security-hub", "--out", "off", cwd=scanned, AWS_DEFAULT_REGION="", **KEYS)
    says(nowhere, 2, "set AWS_DEFAULT_REGION")
    assert not (scanned / "off").exists()


def test_a_live_scan_is_not_started_without_a_way_out(scanned: Path) -> None:
    done: subprocess.CompletedProcess[str] = bulkhead(
        "scan", "--push-security-hub", "--out", "live", cwd=scanned, AWS_ENDPOINT_URL="http://127.0.0.1:9", **KEYS
    )
    says(done, 4, "cannot be reached")
    assert not (scanned / "live").exists()
