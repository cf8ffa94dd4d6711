"""The gate in GitHub, GitLab and pre-commit: the files follow their schemas, and what they run is run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.gate import small
from tests.gate.test_gate import OPEN, OPENED, RULE
from tests.reports.machine_schemas import check_gitlab, check_junit, check_sarif

ROOT = Path(__file__).parents[2]
ACTION = ROOT / "deploy" / "github" / "action.yml"
TEMPLATE = ROOT / "deploy" / "gitlab" / "gate.yml"
HOOKS = ROOT / ".pre-commit-hooks.yaml"
BIN = Path(sys.executable).parent
WIDE = {**OPENED, "cidr_ipv4": "10.0.0.0/8"}


def run(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "GITHUB_", "GIT_", "CI_"))}
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, env={**clean, **environment}, capture_output=True, text=True, timeout=300, check=False
    )  # fmt: skip


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two plans, one of which opens a database, and a configuration that asks about nothing else."""
    path = tmp_path / "repository"
    (path / "plans").mkdir(parents=True)
    small.plan(path / "plans" / "fine.json", small.change("aws_cloudwatch_log_group.l", {"name": "/l"}))
    small.plan(path / "plans" / "open.json", small.change(RULE, WIDE))
    (path / "bulkhead.yaml").write_text(f"select: [{OPEN}]\nfail_on: medium\n")
    return path


@pytest.mark.parametrize(
    ("schema", "file"), [("vendor.github-actions", ACTION), ("vendor.gitlab-ci", TEMPLATE)], ids=["github", "gitlab"]
)
def test_each_follows_its_schema(schema: str, file: Path) -> None:
    done = run(BIN / "check-jsonschema", "--builtin-schema", schema, file, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_hooks_follow_their_schema() -> None:
    done = run(BIN / "pre-commit", "validate-manifest", HOOKS, cwd=ROOT)
    assert done.returncode == 0, done.stdout


def example(start: str) -> str:
    """The block of YAML in docs/gate.md that begins so."""
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "gate.md").read_text(), re.DOTALL)
    (found,) = [block for block in blocks if block.startswith(start)]
    return str(found)


def test_the_examples_of_the_page_are_valid(tmp_path: Path) -> None:
    check = (BIN / "check-jsonschema", "--builtin-schema")
    for start, command in {
        "on: pull_request": (*check, "vendor.github-workflows"),
        "include:": (*check, "vendor.gitlab-ci"),
        "- repo:": (BIN / "pre-commit", "validate-config"),
    }.items():
        text = example(start)
        path = tmp_path / "example.yaml"
        path.write_text("repos:\n" + text if start == "- repo:" else text)
        done = run(*command, path, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
    steps = yaml.safe_load(example("on: pull_request"))["jobs"]["gate"]["steps"]
    (step,) = [one for one in steps if "bulkhead" in one.get("uses", "")]
    assert step["with"].keys() <= action()["inputs"].keys()
    named = set(re.findall(r"steps\.gate\.outputs\.([\w-]+)", example("on: pull_request")))
    assert named and named <= action()["outputs"].keys()
    assert not any("${{" in one.get("run", "") for one in steps)
    assert yaml.safe_load(example("include:"))["gate"]["extends"] in yaml.safe_load(TEMPLATE.read_text())


# ---------------------------------------------------------------------- the GitHub action


def action() -> Any:
    return yaml.safe_load(ACTION.read_text())


def test_no_script_of_the_action_holds_an_expression() -> None:
    """`${{ }}` in a script is text of the script: whoever names a branch or a file could write commands."""
    steps = action()["runs"]["steps"]
    assert all(step.keys() >= {"name", "shell", "run", "env"} and "${{" not in step["run"] for step in steps)
    assert {name for step in steps for name in re.findall(r"inputs\.([\w-]+)", str(step["env"]))} == action()[
        "inputs"
    ].keys()


class Runner:
    """Runs the steps of the action as GitHub's runner does: bash, inputs as variables, files for outputs and summary."""

    def __init__(self, folder: Path, cwd: Path, inputs: Mapping[str, str]):
        self.cwd, self.temp = cwd, folder / "runner"
        self.temp.mkdir()
        self.files = {name: folder / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in self.files.values():
            file.touch()
        declared = action()["inputs"]
        assert inputs.keys() <= declared.keys()
        self.values = {f"inputs.{name}": inputs.get(name, one.get("default", "")) for name, one in declared.items()}
        self.values["github.action_path"] = str(ACTION.parent)

    def step(self, number: int, **more: str) -> subprocess.CompletedProcess[str]:
        step = action()["runs"]["steps"][number]
        said = {
            key: re.sub(r"\$\{\{ (.*?) \}\}", lambda match: self.values[match[1]], text)
            for key, text in step["env"].items()
        }
        script = self.temp / f"{number}.sh"
        script.write_text(step["run"])
        environment = {
            **said,
            **{name: str(file) for name, file in self.files.items()},
            "RUNNER_TEMP": str(self.temp),
            **more,
        }
        return run("bash", "--noprofile", "--norc", "-eo", "pipefail", script, cwd=self.cwd, **environment)

    def installed(self) -> Runner:
        """Without installing: the command of this environment."""
        there = self.temp / "bulkhead" / "bin"
        there.mkdir(parents=True)
        (there / "bulkhead").write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m scanner "$@"\n')
        (there / "bulkhead").chmod(0o755)
        return self

    def outputs(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in self.files["GITHUB_OUTPUT"].read_text().splitlines())


def with_packages(path: Path) -> Path:
    """A Python whose new environments see the packages of this one, so that pip has nothing to fetch but what it builds with."""
    packages = sysconfig.get_path("purelib")
    known = f'for there in "$3"/lib/python*/site-packages; do echo "{packages}" > "$there/known.pth"; done'
    path.write_text(f'#!/bin/sh\nset -e\n"{sys.executable}" "$@"\n{known}\n')
    path.chmod(0o755)
    return path


def test_both_steps_run_and_the_change_fails(snapshot: Path, repository: Path, tmp_path: Path) -> None:
    python = str(with_packages(tmp_path / "python"))
    runner = Runner(tmp_path, repository, {"plans": "plans/*.json", "snapshot": str(snapshot), "python": python})
    done = runner.step(0)
    assert done.returncode == 0, done.stderr
    (packages,) = (runner.temp / "bulkhead").glob("lib/python*/site-packages")
    assert (packages / "scanner" / "checkov_checks").is_dir()
    done = runner.step(1)
    assert done.returncode == 1, done.stdout + done.stderr
    outputs = runner.outputs()
    assert outputs["exit-code"] == "1"
    (one,) = check_sarif(Path(outputs["sarif"]).read_text())
    assert one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "plans/open.json"
    assert len(check_junit(Path(outputs["junit"]).read_text())) == 1
    assert json.loads(Path(outputs["json"]).read_text())["resources"]["looked_at"] == 2
    assert Path(outputs["comment"]).read_text() == runner.files["GITHUB_STEP_SUMMARY"].read_text()
    assert "admits 10.0.0.0/8" in Path(outputs["comment"]).read_text().replace("\\", "")


def test_nothing_new_passes_and_options_arrive(snapshot: Path, repository: Path, tmp_path: Path) -> None:
    elsewhere = small.change(RULE, WIDE, provider="aws.elsewhere")
    small.plan(repository / "there.json", elsewhere)
    trusted = tmp_path / "trusted"
    trusted.mkdir()
    (trusted / "bulkhead.yaml").write_text(f"select: [{OPEN}]\n")
    given = {
        "plans": "there.json\nplans/fine.json\n",
        "snapshot": str(snapshot),
        "config": str(trusted / "bulkhead.yaml"),
    }
    given |= {
        "fail-on": "high",
        "accounts": f"aws.elsewhere={small.PRODUCTION}/{small.REGION}\n",
        "min-coverage": "0.9",
    }
    runner = Runner(tmp_path, repository, given).installed()
    done = runner.step(1)
    assert done.returncode == 0, done.stdout + done.stderr
    assert runner.outputs()["exit-code"] == "0"
    assert "medium" in Path(runner.outputs()["comment"]).read_text()


TEMPLATE_WITH_PARAMETER = """
Parameters:
  Range: {Type: String, Default: 10.0.0.0/32}
Resources:
  Opens:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: {GroupId: sg-1-db, IpProtocol: tcp, FromPort: 5432, ToPort: 5432, CidrIp: {Ref: Range}}
"""


def test_parameters_of_templates_arrive(snapshot: Path, repository: Path, tmp_path: Path) -> None:
    (repository / "open.yaml").write_text(TEMPLATE_WITH_PARAMETER)
    (repository / "wide.json").write_text('{"Parameters": {"Range": "10.0.0.0/8"}}')
    place = f"open.yaml={small.PRODUCTION}/{small.REGION}"
    given = {"plans": "open.yaml", "snapshot": str(snapshot), "accounts": place}
    for number, (said, code) in enumerate({"": 0, "Range=10.0.0.0/8\n": 1, "wide.json": 1}.items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        done = Runner(folder, repository, {**given, "parameters": said}).installed().step(1)
        assert done.returncode == code, done.stdout + done.stderr
    job = yaml.safe_load(TEMPLATE.read_text())[".bulkhead-gate"]
    (repository / "bulkhead.yaml").write_text(
        f"select: [{OPEN}]\ngate: {{accounts: {{open.yaml: {small.PRODUCTION}/{small.REGION}}}}}\n"
    )
    variables = {**job["variables"], "BULKHEAD_SNAPSHOT": str(snapshot), "BULKHEAD_PLANS": "open.yaml"}
    variables |= {"BULKHEAD_FAIL_ON": "medium", "PATH": on_path(tmp_path / "bin")}
    for file, code in {"": 0, "wide.json": 1}.items():
        done = run("sh", "-ec", "\n".join(job["script"]), cwd=repository, **{**variables, "BULKHEAD_PARAMETERS": file})
        assert done.returncode == code, done.stdout + done.stderr


def test_names_of_files_and_resources_are_no_commands(snapshot: Path, repository: Path, tmp_path: Path) -> None:
    trust = json.dumps({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}]})
    role = small.change("aws_iam_role.r", {"name": "\n::add-mask::e", "path": "/", "assume_role_policy": trust})
    small.plan(repository / "--fail-on=never $(touch pwned) .json", role, small.change(RULE, WIDE))
    (repository / "bulkhead.yaml").write_text(f"select: [{OPEN}, blast_radius/trusts_everyone]\n")
    runner = Runner(tmp_path, repository, {"plans": "*.json", "snapshot": str(snapshot)}).installed()
    done = runner.step(1)
    assert done.returncode == 1, done.stdout + done.stderr
    assert not list(repository.rglob("pwned"))
    lines = done.stdout.splitlines()
    token = lines[0].removeprefix("::stop-commands::")
    assert len(token) == 32 and lines[-1] == f"::{token}::"


def test_what_is_broken_or_missing_ends_with_2_and_says_so(snapshot: Path, repository: Path, tmp_path: Path) -> None:
    (repository / "plans" / "cut.json").write_text('{"format_version": "1.2", ')
    for number, pattern in enumerate(("plans/*.json", "nothing/*.json", "")):
        folder = tmp_path / str(number)
        folder.mkdir()
        runner = Runner(folder, repository, {"plans": pattern, "snapshot": str(snapshot)}).installed()
        done = runner.step(1)
        assert done.returncode == 2, done.stdout
        assert ("cut.json", "nothing/*.json", "at least one plan")[number] in done.stderr
        assert runner.outputs() == {"exit-code": "2"}


# ---------------------------------------------------------------------- GitLab


def on_path(folder: Path) -> str:
    """A PATH on which `bulkhead` is this checkout."""
    folder.mkdir()
    (folder / "bulkhead").write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m scanner "$@"\n')
    (folder / "bulkhead").chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_the_script_of_the_template_runs(shell: str, snapshot: Path, repository: Path, tmp_path: Path) -> None:
    job = yaml.safe_load(TEMPLATE.read_text())[".bulkhead-gate"]
    variables = {**job["variables"], "BULKHEAD_SNAPSHOT": str(snapshot), "BULKHEAD_PLANS": "plans/*.json"}
    variables |= {"BULKHEAD_FAIL_ON": "medium", "PATH": on_path(tmp_path / "bin")}
    done = run(shell, "-ec", "\n".join(job["script"]), cwd=repository, **variables)
    assert done.returncode == 1, done.stdout + done.stderr
    wanted = {"sast": check_gitlab, "junit": check_junit}
    assert job["artifacts"]["reports"].keys() == wanted.keys() and job["artifacts"]["when"] == "always"
    for name, check in wanted.items():
        assert len(check((repository / job["artifacts"]["reports"][name]).read_text())) == 1
    none = run(shell, "-ec", "\n".join(job["before_script"]), cwd=repository, PATH=os.environ["PATH"])
    assert none.returncode != 0 and "say what pip installs" in none.stderr


# ---------------------------------------------------------------------- pre-commit


def test_the_hook_runs_in_pre_commit(snapshot: Path, repository: Path, tmp_path: Path) -> None:
    """As pre-commit runs it, but for the environment that `language: python` would make first."""
    (hook,) = yaml.safe_load(HOOKS.read_text())
    assert (hook["language"], hook["entry"]) == ("python", "bulkhead gate")
    hook |= {"language": "unsupported", "args": ["live", "--snapshot", str(snapshot), "--fail-on", "medium"]}
    (repository / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [{"repo": "local", "hooks": [hook]}]}))
    (repository / "live").mkdir()
    provider = f'provider "aws" {{\n  region = "{small.REGION}"\n  allowed_account_ids = ["{small.PRODUCTION}"]\n}}\n'
    opening = "".join(f"  {name} = {json.dumps(value)}\n" for name, value in WIDE.items())
    main = repository / "live" / "main.tf"
    environment = {"PATH": on_path(tmp_path / "bin"), "PRE_COMMIT_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path)}

    def committed(text: str) -> subprocess.CompletedProcess[str]:
        main.write_text(text)
        assert run("git", "add", "-A", cwd=repository, **environment).returncode == 0
        return run(BIN / "pre-commit", "run", "--verbose", cwd=repository, **environment)

    assert run("git", "init", "--quiet", cwd=repository, **environment).returncode == 0
    bad = committed(provider + f'resource "aws_vpc_security_group_ingress_rule" "db" {{\n{opening}}}\n')
    assert bad.returncode == 1, bad.stdout + bad.stderr
    assert "the change fails: 1 finding at or above medium" in bad.stdout and "live/main.tf:5" in bad.stdout
    good = committed(provider)
    assert good.returncode == 0 and "the change passes" in good.stdout, good.stdout
    broken = committed(provider + "resource {")
    assert broken.returncode == 1 and "main.tf" in broken.stdout and "exit code: 2" in broken.stdout, broken.stdout
