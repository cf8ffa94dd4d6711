"""The reasoning behind environment, workload and owner: the conclusions of the tables, and all the evidence."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner import analysis
from scanner.cli import main
from scanner.config import Config
from scanner.errors import UsageError
from scanner.explain.classification import PARTS, QUESTIONS, explain, spoken_classification
from scanner.scan import Reading, make_snapshot

CONFIG = Config()


def facts(connection: Any, table: str) -> list[dict[str, Any]]:
    cursor = connection.execute(f"SELECT * FROM {table}")
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return rows


@pytest.fixture
def classified(tables: Callable[..., Any]) -> Callable[..., Any]:
    def read(*refused: tuple[str, str]) -> Any:
        connection = tables(*refused)
        analysis.run_all(connection, CONFIG, wanted=["classification"])
        return connection

    return read


def asked(connection: Any, text: str) -> dict[str, Any]:
    return explain(connection, CONFIG, text)


def test_accounts_as_the_table_has_them(classified: Callable[..., Any]) -> None:
    connection = classified()
    rows = facts(connection, "account_facts")
    assert len(rows) > 5
    for row in rows:
        said = asked(connection, row["account_id"])
        for question in QUESTIONS:
            assert said[question]["value"] == row[question]
            assert [said[question][part] for part in PARTS] == [row[f"{question}_{part}"] for part in PARTS]
            assert said[question]["against"] == row[f"{question}_against"]


def test_resources_as_the_table_has_them(classified: Callable[..., Any]) -> None:
    connection = classified()
    rows = facts(connection, "resource_facts")
    assert len(rows) > 20
    sources = set()
    for row in rows:
        said = asked(connection, row["arn"])
        for question in ("environment", "workload"):
            assert said[question]["value"] == row[question]
            if row[question] not in (None, "unknown"):
                assert [said[question][part] for part in PARTS] == [row[f"{question}_{part}"] for part in PARTS]
            sources.add(said[question]["source"])
        assert row["owner"] is None or (said["owner"]["value"], said["owner"]["source"]) == (row["owner"], "tag")
    assert {"tag", "inherited"} <= sources


def test_what_was_not_read_names_the_call(classified: Callable[..., Any]) -> None:
    from tests.rule import organization

    connection = classified((organization.MANAGEMENT, "organizations.list_tags_for_resource"))
    unread = [row for row in facts(connection, "account_facts") if row["owner"] is None]
    assert unread
    said = asked(connection, unread[0]["account_id"])
    assert said["owner"]["value"] is None
    assert any("organizations.list_tags_for_resource" in call for call in said["not_read"])
    assert "not read" in spoken_classification(said)


INSTANCE = "i-0123456789abcdef0"


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    """One account in which an instance says three different things, in text that wants to be more than text."""
    account = "123456789012"
    home = tmp_path / "recording" / account
    (home / "global" / "organizations").mkdir(parents=True)
    alone = {"Error": {"Code": "AWSOrganizationsNotInUseException", "Message": "no"}}
    (home / "global" / "organizations" / "describe_organization.json").write_text(json.dumps(alone))
    (home / "global" / "ec2").mkdir()
    regions = {"Regions": [{"RegionName": "eu-west-1", "OptInStatus": "opt-in-not-required"}]}
    (home / "global" / "ec2" / "describe_regions.json").write_text(json.dumps(regions))
    tags = {"Environment": "production", "aws:cloudformation:stack-name": "shop-staging", "Name": "web-dev",
            "Owner": "\x1b[31mjane\nroot"}  # fmt: skip
    instance = {"InstanceId": INSTANCE, "State": {"Name": "running"}, "VpcId": "vpc-1", "SubnetId": "subnet-1",
                "NetworkInterfaces": [], "SecurityGroups": [], "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}  # fmt: skip
    (home / "eu-west-1" / "ec2").mkdir(parents=True)
    answer = {"Reservations": [{"OwnerId": account, "Instances": [instance]}]}
    (home / "eu-west-1" / "ec2" / "describe_instances.json").write_text(json.dumps(answer))
    return make_snapshot(tmp_path / "s", CONFIG, Reading(recorded=tmp_path / "recording", workers=1))


@pytest.mark.parametrize(
    "text", [INSTANCE, "web-dev", f"arn:aws:ec2:eu-west-1:123456789012:instance/{INSTANCE}"], ids=["id", "name", "arn"]
)
def test_disagreeing_evidence_is_shown(snapshot: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "classification", text, "--snapshot", str(snapshot), "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["environment"] == {
        "value": "production", "source": "tag", "evidence": "Environment=production", "confidence": "high",
        "against": "stack aws:cloudformation:stack-name=shop-staging says staging; name web-dev says development",
    }  # fmt: skip
    assert (said["workload"]["value"], said["workload"]["source"]) == ("shop", "stack")
    assert main(["explain", "classification", text, "--snapshot", str(snapshot)]) == 0
    out = capsys.readouterr().out
    assert "but stack aws:cloudformation:stack-name=shop-staging says staging" in out
    assert out.replace("\n", "").isprintable() and "\nroot" not in out


def test_nobody_and_many(classified: Callable[..., Any]) -> None:
    connection = classified()
    with pytest.raises(UsageError, match=r"^there is no account or resource .* nobody in this snapshot"):
        asked(connection, "nobody")
    connection.execute("UPDATE account_facts SET name = 'twin'")
    with pytest.raises(UsageError, match=r"^twin is ambiguous: \d{12}, \d{12}, \d{12} and \d+ more"):
        asked(connection, "twin")
