"""The command line: exit codes, one clear message without a traceback, and nothing half-written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as parquet
import pytest

from scanner import __version__, cli
from tests.aws.servers import serving

RECORDING = Path(__file__).parent / "cases" / "standalone"


def bulkhead(*arguments: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command with no AWS settings but those given."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    clean |= {
        "HOME": str(cwd),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DEFAULT_REGION": "eu-central-1",
        **environment,
    }
    return subprocess.run(
        [sys.executable, "-m", "scanner", *map(str, arguments)],
        cwd=cwd, env=clean, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def says(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


def error_xml(code: str) -> str:
    return f"<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error><RequestId>1</RequestId></ErrorResponse>"


KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "x"}


def test_no_credentials(tmp_path: Path) -> None:
    says(bulkhead("scan", cwd=tmp_path), 4, "no AWS credentials")
    assert not list(tmp_path.glob("out/*"))


def test_unknown_profile(tmp_path: Path) -> None:
    says(bulkhead("scan", "--profile", "nobody", cwd=tmp_path), 2, "nobody", "--profile")


def test_no_network(tmp_path: Path) -> None:
    done = bulkhead("scan", cwd=tmp_path, AWS_ENDPOINT_URL="http://127.0.0.1:9", **KEYS)
    says(done, 4, "cannot be reached")
    assert not list(tmp_path.glob("out/*"))


@pytest.mark.parametrize(
    ("code", "words"), [("ExpiredToken", "expired"), ("InvalidClientTokenId", "refused the credentials")]
)
def test_credentials_that_are_no_good(tmp_path: Path, code: str, words: str) -> None:
    with serving(lambda *_: (403, "text/xml", error_xml(code))) as url:
        says(bulkhead("scan", cwd=tmp_path, AWS_ENDPOINT_URL=url, **KEYS), 4, words)
    assert not list(tmp_path.glob("out/*"))


def everything_denied(folder: Path) -> Path:
    """A recording in which AWS refuses every call."""
    import shutil

    target = folder / "denied"
    shutil.copytree(RECORDING, target)
    for path in target.glob("*/*/*/*.json"):
        path.write_text(json.dumps({"Error": {"Code": "AccessDenied", "Message": "no"}}))
    return target


def test_everything_denied_is_no_clean_result(tmp_path: Path) -> None:
    done = bulkhead("scan", "--recorded", everything_denied(tmp_path), cwd=tmp_path)
    says(done, 4, "not one call was answered")
    assert not list(tmp_path.glob("out/*")), "no findings, no score, no snapshot"


def test_findings_and_thresholds(tmp_path: Path) -> None:
    scan = ("scan", "--recorded", RECORDING, "--quiet", "--format", "json")
    assert bulkhead(*scan, cwd=tmp_path).returncode == 1
    assert bulkhead(*scan, "--fail-on", "critical", cwd=tmp_path).returncode == 0
    assert bulkhead(*scan, "--fail-on", "never", cwd=tmp_path).returncode == 0
    assert bulkhead(*scan, "--ignore", "account_slicing,governance", cwd=tmp_path).returncode == 0
    assert bulkhead(*scan, "--severity", "critical", cwd=tmp_path).returncode == 0


def test_a_gap_lowers_coverage_and_says_so(tmp_path: Path) -> None:
    import shutil

    shutil.copytree(RECORDING, tmp_path / "gap")
    for path in tmp_path.glob("gap/*/eu-central-1/rds/*.json"):
        path.unlink()
    done = bulkhead("scan", "--recorded", "gap", "--quiet", "--fail-on", "never", cwd=tmp_path)
    says(done, 3, "could be evaluated (wanted: 95.0%)")
    done = bulkhead("scan", "--recorded", "gap", "--quiet", "--fail-on", "never", "--min-coverage", "0", cwd=tmp_path)
    says(done, 3, "evaluated nowhere")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("scan", "--recorded", "nowhere"), 2, "nowhere is not a directory"),
        (("scan", "--recorded", "."), 2, "holds no recording"),
        (("scan", "--format", "pdf", "--recorded", str(RECORDING)), 2, "choose from asff, csv, gitlab, html, json, junit"),
        (("scan", "--select", "nonsense", "--recorded", str(RECORDING)), 2, "no rule matches nonsense"),
        (("scan", "--accounts", "999999999999", "--recorded", str(RECORDING)), 2, "no account matches"),
        (("scan", "--min-coverage", "7", "--recorded", str(RECORDING)), 2, "--min-coverage"),
        (("scan", "--resume", "--recorded", str(RECORDING)), 2, "nothing to resume"),
        (("scan", "--record", "x", "--recorded", str(RECORDING)), 2, "--record"),
        (("scan", "--config", "absent.yaml"), 2, "absent.yaml"),
        (("scan", "--no-such-option",), 2, "No such option"),
        (("evaluate",), 2, "there is no snapshot"),
        (("query", "SELECT 1", "--snapshot", str(RECORDING)), 2, "is not a snapshot"),
        (("rules", "show", "nothing/at_all"), 2, "no rule matches"),
        (("rules", "new", "Bad Id"), 2, "principle/problem"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, tuple) else "",
)  # fmt: skip
def test_wrong_usage(tmp_path: Path, arguments: tuple[str, ...], code: int, words: str) -> None:
    says(bulkhead(*arguments, cwd=tmp_path), code, words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("regions: [eu-central-1\n", "bulkhead.yaml:2: not YAML"),
        ("out: here\nnonsense: 1\n", "bulkhead.yaml:2: nonsense: is not a known key"),
        ("settings:\n  max_administrators: many\n", "bulkhead.yaml:2: settings.max_administrators"),
        ("classification:\n  accounts:\n    '1':\n      colour: red\n", "bulkhead.yaml:4"),
    ],
)
def test_a_broken_configuration_is_named_by_file_and_line(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "bulkhead.yaml").write_text(text)
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    says(bulkhead("scan", "--recorded", RECORDING, cwd=below), 2, words)


def test_a_broken_rule_is_named_by_file_and_line(tmp_path: Path) -> None:
    folder = tmp_path / "own" / "governance"
    folder.mkdir(parents=True)
    made = bulkhead("rules", "new", "governance/mine", "--directory", "own", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    rule = folder / "mine.yaml"
    scan = ("scan", "--recorded", RECORDING, "--rules", "own", "--quiet", "--fail-on", "never")
    assert bulkhead(*scan, cwd=tmp_path).returncode == 0, "a new rule works as it is"
    rule.write_text(rule.read_text().replace("fails_when: name = ", "fails_when: nmae = "))
    says(bulkhead(*scan, cwd=tmp_path), 2, "mine.yaml:7", "has no column nmae")


def test_snapshots_of_a_newer_version_and_damaged_ones(tmp_path: Path) -> None:
    assert bulkhead("collect", "--recorded", RECORDING, "--snapshot", "s", "--quiet", cwd=tmp_path).returncode == 0
    manifest = tmp_path / "s" / "manifest.json"
    data = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(data | {"schema_version": 99}))
    says(bulkhead("evaluate", "--snapshot", "s", cwd=tmp_path), 2, "schema version 99", "upgrade")
    older = {name: rows for name, rows in data["tables"].items() if name != "vpcs"}
    manifest.write_text(json.dumps(data | {"tables": older}))
    says(bulkhead("evaluate", "--snapshot", "s", cwd=tmp_path), 2, "another version", "there is no table vpcs")
    manifest.write_text(json.dumps(data))
    vpcs = tmp_path / "s" / "vpcs.parquet"
    parquet.write_table(parquet.read_table(vpcs).drop_columns(["name"]), vpcs)
    says(bulkhead("drill", "--snapshot", "s", cwd=tmp_path), 2, "another version", "vpcs has no column name")
    (tmp_path / "s" / "vpcs.parquet").write_bytes(b"nonsense")
    says(bulkhead("evaluate", "--snapshot", "s", cwd=tmp_path), 2, "is damaged")
    (tmp_path / "s" / "vpcs.parquet").unlink()
    says(bulkhead("evaluate", "--snapshot", "s", cwd=tmp_path), 2, "is damaged")


def test_output_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    says(bulkhead("scan", "--recorded", RECORDING, "--out", "file", cwd=tmp_path), 4, "cannot write to file")
    says(bulkhead("scan", "--recorded", RECORDING, "--out", "file/below", cwd=tmp_path), 4, "cannot write to")
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "precious").write_text("mine")
    says(bulkhead("collect", "--recorded", RECORDING, "--snapshot", "kept", cwd=tmp_path), 2, "is no snapshot")
    assert (tmp_path / "kept" / "precious").read_text() == "mine"


def test_query_and_permissions_print_results_only(tmp_path: Path) -> None:
    bulkhead("collect", "--recorded", RECORDING, "--snapshot", "s", "--quiet", cwd=tmp_path)
    asked = bulkhead("query", "SELECT name, type FROM data_store", "--snapshot", "s", "--format", "json", cwd=tmp_path)
    assert [json.loads(line) for line in asked.stdout.splitlines()] == [
        {"name": "shop-carts", "type": "dynamodb_table"}
    ]
    says(bulkhead("query", "DROP TABLE vpcs", "--snapshot", "s", cwd=tmp_path), 2, "exactly one SELECT")
    says(bulkhead("query", "SELECT nope FROM account", "--snapshot", "s", cwd=tmp_path), 2, "nope")
    says(bulkhead("query", "SELECT * FROM read_text('/etc/hostname')", "--snapshot", "s", cwd=tmp_path), 2)
    member = json.loads(bulkhead("permissions", cwd=tmp_path).stdout)
    assert "ec2:DescribeVpcs" in member["Statement"][0]["Action"]
    management = json.loads(bulkhead("permissions", "--management", "--role-name", "audit", cwd=tmp_path).stdout)
    assert management["Statement"][0]["Resource"] == ["arn:*:iam::*:role/audit"]
    module = bulkhead("permissions", "--format", "terraform", "--role-name", "audit", cwd=tmp_path).stdout
    assert 'name                 = "audit"' in module
    says(bulkhead("permissions", "--format", "yaml", cwd=tmp_path), 2, "policy, cloudformation, terraform")


def test_both_ways_to_ask_for_the_version(tmp_path: Path) -> None:
    said = bulkhead("--version", cwd=tmp_path)
    assert said.returncode == 0 and said.stdout == bulkhead("version", cwd=tmp_path).stdout == f"{__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "stopped", "words"),
    [
        (
            ["collect", "--recorded", str(RECORDING), "--snapshot", "s"],
            "scanner.scan.make_snapshot",
            "go on with --resume",
        ),
        (["gate", "plan.json"], "scanner.gate.judge.gate", "bulkhead: interrupted\n"),
    ],
)
def test_an_interrupt_says_what_is_left(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    stopped: str,
    words: str,
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    (tmp_path / "plan.json").write_text("{}")
    monkeypatch.setattr(stopped, stop)
    assert cli.main(arguments) == 130
    assert words in capsys.readouterr().err


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys; from scanner.cli import main; main(['--help']);"
        "heavy = {'boto3', 'botocore', 'checkov', 'duckdb', 'pyarrow', 'jinja2', 'sqlglot', 'pydantic', 'moto'};"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    root = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize(("said", "code"), [("Query interrupted", 130), ("something else", None)])
def test_an_interrupt_of_a_query_is_an_interrupt(
    said: str, code: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """DuckDB makes an error of it, and Python's exit code for that is the one for findings."""

    def stop(*_: object, **__: object) -> None:
        raise RuntimeError(said)

    (tmp_path / "plan.json").write_text("{}")
    monkeypatch.setattr("scanner.gate.judge.gate", stop)
    if code is None:
        with pytest.raises(RuntimeError, match=said):
            cli.main(["gate", str(tmp_path / "plan.json")])
    else:
        assert cli.main(["gate", str(tmp_path / "plan.json")]) == code
        assert capsys.readouterr().err == "bulkhead: interrupted\n"
