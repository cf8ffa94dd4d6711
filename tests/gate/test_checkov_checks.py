"""Bulkhead's rules inside the real `checkov`: what fails, what is skipped with a reason, and that nothing is lost in silence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scanner.cli import main
from scanner.findings import Finding, Subject
from scanner.gate import checkov
from scanner.gate.answers import COVERAGE, Resource, answers, check_id
from scanner.gated import Counted, Gated, Judged
from scanner.lasting import Acceptance
from tests.gate import small
from tests.gate.test_gate import OPEN, OPENED, RULE

ROOT = Path(__file__).parents[2]
WIDE = {**OPENED, "cidr_ipv4": "10.0.0.0/8"}
FAILS, COVERED = check_id(OPEN), check_id(COVERAGE)
PROVIDER = f"""
provider "aws" {{
  alias  = "production"
  region = "{small.REGION}"
  assume_role {{
    role_arn = "arn:aws:iam::{small.PRODUCTION}:role/deploy"
  }}
}}
"""


OPENS = """
resource "aws_vpc_security_group_ingress_rule" "{name}" {{
  provider          = aws.production
  security_group_id = "sg-1-db"
  ip_protocol       = "tcp"
  from_port         = 5432
  to_port           = 5432
  cidr_ipv4         = "10.0.0.0/8"
}}
"""
TRUSTS = """
resource "aws_iam_role" "{name}" {{
  {comment}
  provider = aws.production
  name     = "{name}"
  assume_role_policy = jsonencode({{
    Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = "*" }}]
  }})
}}
"""
EVERYONE = check_id("blast_radius/trusts_everyone")


@pytest.fixture(scope="module")
def folder() -> Path:
    return ROOT / "scanner" / "checkov_checks"


def plan(path: Path, *changes: dict[str, Any]) -> Path:
    """A plan with what Checkov reads of it: the planned values."""
    kept = ("address", "mode", "type", "name")
    values = [
        {**{key: one["change"][key] for key in kept}, "provider_name": "registry.terraform.io/hashicorp/aws", "schema_version": 0, "values": after}
        for one in changes
        if (after := one["change"]["change"]["after"]) is not None
    ]  # fmt: skip
    return small.plan(path, *changes, planned_values={"root_module": {"resources": values}})


def checked(folder: Path, cwd: Path, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Checkov offline with our checks only."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "BULKHEAD_", "CHECKOV_"))}
    environment = {**clean, "PYTHONPATH": str(ROOT), "BC_SKIP_MAPPING": "TRUE", **environment}
    command = [
        Path(sys.executable).with_name("checkov"),
        "--external-checks-dir",
        folder,
        "--output",
        "json",
        *arguments,
    ]
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, timeout=300, check=False
    )  # fmt: skip


Results = dict[tuple[str, str], dict[str, Any]]


def results(done: subprocess.CompletedProcess[str], outcome: str) -> Results:
    """Records of our checks by check and resource."""
    said = json.loads(done.stdout)
    parts = said if isinstance(said, list) else [said]
    records = [one for part in parts for one in part["results"][f"{outcome}_checks"]]
    return {(one["check_id"], one["resource"]): one for one in records if one["check_id"].startswith("CKV_BULKHEAD_")}


def test_the_command_prints_the_directory(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["checkov-dir"]) == 0
    assert Path(capsys.readouterr().out.strip()) == folder
    assert {one.suffix for one in folder.iterdir() if one.is_file()} == {".py"}, (
        "Checkov reads YAML and JSON as its own"
    )


def test_a_plan_fails_in_checkov_as_in_the_gate(folder: Path, snapshot: Path, tmp_path: Path) -> None:
    plan(tmp_path / "p.json", small.change(RULE, WIDE))
    done = checked(folder, tmp_path, "-f", "p.json", "--framework", "terraform_plan", BULKHEAD_SNAPSHOT=str(snapshot))
    assert done.returncode == 1, done.stderr
    failed = results(done, "failed")
    assert failed.keys() == {(FAILS, RULE)}
    assert "admits 10.0.0.0/8" in failed[FAILS, RULE]["details"][0]
    assert failed[FAILS, RULE]["severity"] == "MEDIUM"
    assert results(done, "passed").keys() == {(COVERED, RULE)}, "nothing passes but that enough could be judged"


def test_what_cannot_be_judged_is_skipped_with_the_reason_and_fails_the_coverage(
    folder: Path, snapshot: Path, tmp_path: Path
) -> None:
    plan(tmp_path / "p.json", small.change(RULE, dict(OPENED), unknown={"cidr_ipv4": True}, refs={"cidr_ipv4": ["local.range"]}))  # fmt: skip
    arguments = ("-f", "p.json", "--framework", "terraform_plan", "--check", "CKV_BULKHEAD_*", "--hard-fail-on", "HIGH")
    done = checked(folder, tmp_path, *arguments, BULKHEAD_SNAPSHOT=str(snapshot))
    assert done.returncode == 1, "whatever severity is asked for"
    assert results(done, "failed").keys() == {(COVERED, RULE)}
    skipped = results(done, "skipped")[FAILS, RULE]["check_result"]["suppress_comment"]
    assert skipped.startswith("not evaluated: ") and "cidr_ipv4 is known after apply only" in skipped
    assert not results(done, "passed")


def test_directories_are_judged_together_and_comments_are_honoured(
    folder: Path, snapshot: Path, tmp_path: Path
) -> None:
    """Two root modules; the second calls the module of a third directory, which is no root then."""
    comments = f"# checkov:skip={EVERYONE}: the fair of May\n  # checkov:skip={FAILS}: not mine to waive"
    call = 'module "inner" {\n  source = "../inner"\n  providers = { aws.production = aws.production }\n}\n'
    bad, accepted = TRUSTS.format(name="bad", comment=""), TRUSTS.format(name="accepted", comment=comments)
    for name, text in {
        "one/main.tf": PROVIDER + bad + accepted + OPENS.format(name="a") + OPENS.format(name="b"),
        "two/main.tf": PROVIDER + call,
        "inner/main.tf": TRUSTS.format(name="inner", comment=""),
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    chosen = f"select: [{OPEN}, blast_radius/trusts_everyone]\nmin_coverage: 0\n"
    (tmp_path / "bulkhead.yaml").write_text(chosen)
    done = checked(folder, tmp_path, "-d", ".", "--check", "CKV_BULKHEAD_*", BULKHEAD_SNAPSHOT=str(snapshot))
    assert done.returncode == 1, done.stderr
    failed, skipped = results(done, "failed"), results(done, "skipped")
    inner = (EVERYONE, "module.inner.aws_iam_role.inner")
    # Two resources open the database, so none of them is blamed: the first resource keeps it, and cannot waive it.
    assert failed.keys() == {(EVERYONE, "aws_iam_role.bad"), inner, (FAILS, "aws_iam_role.accepted")}
    assert failed[inner]["file_path"] == "/inner/main.tf"
    assert skipped.keys() == {(EVERYONE, "aws_iam_role.accepted")}
    (one,) = skipped.values()
    assert one["check_result"]["suppress_comment"] == "the fair of May"
    assert results(done, "passed").keys() == {(COVERED, "aws_iam_role.accepted")}


ALONE, BESIDE = ("--framework", "terraform_plan"), ("--skip-framework", "secrets")
"""One framework; several, each in a process of its own."""


@pytest.mark.parametrize(
    ("framework", "environment", "said"),
    [
        (ALONE, {"PYTHONPATH": "broken"}, "bulkhead_checks.py cannot be used (ImportError: half an installation)"),
        (BESIDE, {"PYTHONPATH": "broken"}, "bulkhead_checks.py cannot be used (ImportError: half an installation)"),
        (BESIDE, {"BULKHEAD_SNAPSHOT": "nothing"}, "there is no snapshot nothing"),
        (ALONE, {"BULKHEAD_CONFIG": "nothing.yaml"}, "there is no configuration nothing.yaml"),
    ],
    ids=["import", "import-beside-others", "snapshot-beside-others", "configuration"],
)
def test_what_cannot_run_ends_checkov_with_2(
    folder: Path, tmp_path: Path, framework: Sequence[str], environment: dict[str, str], said: str
) -> None:
    """Checkov runs frameworks in processes of their own where there are several, and takes a silent one for clean."""
    (tmp_path / "broken" / "scanner").mkdir(parents=True)
    (tmp_path / "broken" / "scanner" / "__init__.py").write_text("raise ImportError('half an installation')")
    plan(tmp_path / "p.json", small.change(RULE, WIDE))
    done = checked(folder, tmp_path, "-f", "p.json", *framework, **environment)
    assert done.returncode == 2, done.stdout
    assert said in done.stderr


def test_a_broken_file_beside_a_whole_one_ends_checkov_with_2(folder: Path, tmp_path: Path) -> None:
    """Checkov alone leaves the broken one out, and the exit code is that of the rest."""
    (tmp_path / "main.tf").write_text(PROVIDER + TRUSTS.format(name="r", comment=""))
    (tmp_path / "broken.tf").write_text("resource {")
    done = checked(folder, tmp_path, "-d", ".", "--framework", "terraform")
    assert done.returncode == 2 and "broken.tf: not HCL" in done.stderr, done.stdout


def test_no_check_of_ours_costs_nothing(folder: Path, tmp_path: Path) -> None:
    """Nothing is judged, so that the snapshot is not there does not matter."""
    plan(tmp_path / "p.json", small.change(RULE, WIDE))
    arguments = ("-f", "p.json", "--framework", "terraform_plan", "--check", "CKV_AWS_23")
    done = checked(folder, tmp_path, *arguments, BULKHEAD_SNAPSHOT="nothing")
    assert done.returncode in (0, 1), done.stderr


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The module in this process, as if Checkov ran in a folder of its own."""
    with checkov.quiet():
        from scanner.gate import checks
    monkeypatch.chdir(tmp_path)
    return checks


def graph(folder: Path, *files: str) -> Any:
    """A graph of Checkov with `aws_vpc.x` in each of these files."""
    same = {"block_type_": "resource", "__address__": "aws_vpc.x", "resource_type": "aws_vpc"}
    nodes = [(number, {**same, "file_path_": str(folder / file)}) for number, file in enumerate(files)]
    return SimpleNamespace(nodes=lambda: nodes)


def test_a_graph_is_judged_once(checks: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    judged: list[Sequence[Path]] = []

    def gate(paths: Sequence[Path], *_: Any) -> Any:
        judged.append(paths)
        return verdict()

    monkeypatch.setattr(checks.judge, "gate", gate)
    for one in (graph(tmp_path, "p.json"), graph(tmp_path, "p.json")):
        monkeypatch.setattr(checks.resource_registry, "graph", one)
        for _ in range(3):
            checks.prepare("/p.json", {}, [], checks.RunnerFilter(), "terraform_plan")
    assert judged == [[Path("p.json")]] * 2


def test_one_address_in_several_files_is_several_resources(
    checks: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    one = graph(tmp_path, "main.tf", "a/main.tf", "b/a/main.tf")
    failing = Judged("new", finding(message="it is \x1b[31mopen"), "a:aws_vpc.x", fails=True)
    monkeypatch.setattr(checks.judge, "gate", lambda *_: verdict(failing))
    monkeypatch.setattr(checks.resource_registry, "graph", one)
    checks.prepare("/main.tf", {}, [], checks.RunnerFilter(), "terraform")
    check = checks._checks[OPEN]
    check.graph = one
    answers = {
        file: check.run(file, {"__address__": "aws_vpc.x"}, "x", "aws_vpc", {})["result"].name
        for file in ("/main.tf", "/a/main.tf", "/b/a/main.tf")
    }
    assert answers == {"/main.tf": "UNKNOWN", "/a/main.tf": "FAILED", "/b/a/main.tf": "UNKNOWN"}
    check.run("/a/main.tf", {"__address__": "aws_vpc.x"}, "x", "aws_vpc", {})
    assert check.details == [r"it is \x1b[31mopen (a:aws_vpc.x)"], "a name writes nothing to a terminal"


# ---------------------------------------------------------------------- which resource is told what


def finding(rule: str = OPEN, outcome: Any = "fail", status: Any = "open", message: str = "it is open") -> Finding:
    return Finding(
        f"{rule}/{message}", rule, rule.partition("/")[0], "high", "high", outcome, status,
        Subject("data_store", "db", None, "db"), "1", "one", None, None, None, message, {}, "mend it",
        waiver=Acceptance("the migration", "o", "") if status == "waived" else None,
    )  # fmt: skip


def verdict(*judged: Judged, shortfalls: tuple[str, ...] = ()) -> Gated:
    return Gated(
        ("a", "b"), "s", None, None, Counted(1, 1, 1, {}), judged, (), 1.0, (None, None), (), shortfalls, {}, 0, "low", "0",
    )  # fmt: skip


VPC = Resource("/repo/a/main.tf", "aws_vpc.x", "aws_vpc", "a")
OTHER = Resource("/repo/b/main.tf", "aws_vpc.x", "aws_vpc", "b")
MODULE = Resource("/repo/m/main.tf", 'module.m["k"].aws_subnet.y[0]', "aws_subnet", "a")
NOISE = Resource("/repo/a/a.tf", "aws_cloudwatch_log_group.l", "aws_cloudwatch_log_group", "a")
ALL = (NOISE, MODULE, OTHER, VPC)


def test_a_finding_goes_to_its_resource() -> None:
    found = answers(
        verdict(
            Judged("new", finding("a/a"), "b:aws_vpc.x", fails=True),
            Judged("new", finding("b/b"), 'module.m["k"].aws_subnet.y["0"]', fails=True),
        ),
        ALL,
    )
    assert found["a/a"].keys() == {OTHER}
    assert found["b/b"].keys() == {MODULE}


def test_a_failure_that_no_resource_is_blamed_for_is_not_lost() -> None:
    gone = Judged("new", finding("a/a"), "aws_backup_vault.deleted", fails=True)
    nobodys = Judged("new", finding("b/b"), None, fails=True)
    found = answers(verdict(gone, nobodys), ALL)
    assert found["a/a"][VPC][0].details == ("it is open (aws_backup_vault.deleted)",)
    assert found["b/b"][VPC][0].outcome == "failed"
    assert not found["b/b"][VPC][0].own, "a comment in that resource does not waive it"


def test_only_that_enough_was_judged_passes() -> None:
    judged = (
        Judged("unread", finding("a/unread", "not_evaluated", message="it was not read"), "a:aws_vpc.x"),
        Judged("new", finding("a/waived", status="waived"), "a:aws_vpc.x"),
        Judged("unchanged", finding("a/before"), "a:aws_vpc.x"),
        Judged("worse", finding("a/worse"), "a:aws_vpc.x"),
        Judged("resolved", finding("a/resolved"), "a:aws_vpc.x"),
        Judged("unread", finding("a/elsewhere", "not_evaluated", message="a call was refused"), None),
    )
    found = answers(verdict(*judged), ALL)
    outcomes = {rule: one[VPC][0] for rule, one in found.items()}
    assert Counter(one.outcome for one in outcomes.values()) == {"skipped": 4, "passed": 1}
    assert outcomes["a/unread"].reason == "not evaluated: it was not read"
    assert outcomes["a/waived"].reason == "waived: the migration"
    assert outcomes["a/before"].reason == "fails as before: it is open"
    assert "not evaluated: a/elsewhere: a call was refused" in outcomes[COVERAGE].details
    short = answers(replace(verdict(*judged, shortfalls=("too little",)), snapshot=None), ALL)[COVERAGE][VPC][0]
    assert short.outcome == "failed"
    assert short.details[:1] == ("too little",) and "BULKHEAD_SNAPSHOT" in short.details[1]


def test_one_failure_beats_what_else_is_said_of_a_rule() -> None:
    judged = (
        Judged("unread", finding(outcome="not_evaluated", message="not read"), "a:aws_vpc.x"),
        Judged("new", finding(message="open"), "a:aws_vpc.x", fails=True),
    )
    assert answers(verdict(*judged), ALL)[OPEN][VPC][0].details == ("open (a:aws_vpc.x)",)
