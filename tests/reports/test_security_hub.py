"""Importing into Security Hub: against moto's server, and against answers that moto does not give."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from reports import asff
from scanner.aws import security_hub
from scanner.aws.security_hub import Failure, SecurityHub, batches
from scanner.demo.run import environment
from scanner.demo.server import MANAGEMENT_ACCOUNT
from scanner.errors import AccessError, DeliveryError, ForbiddenCall, UsageError
from tests.apart import server_apart
from tests.reports import results


@pytest.fixture
def hub() -> Iterator[SecurityHub]:
    with server_apart() as url, environment(url):
        yield SecurityHub(None)


def home(hub: SecurityHub) -> asff.Home:
    return asff.Home(hub.caller.account_id, hub.region, hub.caller.partition)


def kept(hub: SecurityHub) -> list[dict[str, Any]]:
    client = boto3.client("securityhub", hub.region)
    return [one for page in client.get_paginator("get_findings").paginate() for one in page["Findings"]]


def test_every_finding_arrives_once_however_often_it_is_sent(hub: SecurityHub) -> None:
    result = results.make(60)
    for _ in range(2):
        imported = hub.send(asff.records(result, home(hub)))
        assert imported == security_hub.Imported(len(result.findings), ())
    found = {one["Id"]: one for one in kept(hub)}
    assert len(kept(hub)) == len(found) == len(result.findings) == 180
    assert {one["AwsAccountId"] for one in found.values()} == {MANAGEMENT_ACCOUNT}


def test_what_is_refused_is_named_and_the_others_are_in(hub: SecurityHub) -> None:
    records = [dict(one) for one in asff.records(results.make(12), home(hub))]
    records[3]["Resources"] = []
    imported = hub.send(records)
    assert imported.count == len(records) - 1
    assert [(one.id, one.code) for one in imported.failures] == [(records[3]["Id"], "InvalidInput")]
    assert "at least one resource" in imported.failures[0].message


def test_it_can_do_nothing_but_import(hub: SecurityHub) -> None:
    session = hub._session
    with pytest.raises(ForbiddenCall):
        session.create_client("securityhub", hub.region).get_findings()
    with pytest.raises(ForbiddenCall):
        session.create_client("securityhub", hub.region).delete_insight(InsightArn="arn")
    with pytest.raises(ForbiddenCall):
        session.create_client("iam", hub.region).list_roles()


def test_a_region_has_to_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with environment("http://127.0.0.1:1"):
        for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
        with pytest.raises(UsageError, match="set AWS_DEFAULT_REGION"):
            SecurityHub(None)


def test_a_profile_has_to_exist() -> None:
    with pytest.raises(UsageError, match="nobody"):
        SecurityHub("nobody")


def test_batches_hold_a_hundred_and_so_many_bytes() -> None:
    assert [len(batch) for batch in batches([{"Id": str(n)} for n in range(250)])] == [100, 100, 50]
    assert list(batches([])) == []
    large = [{"Id": "x" * (security_hub.LARGEST // 3)}] * 7
    assert [len(batch) for batch in batches(large)] == [2, 2, 2, 1]


def refusal(code: str, message: str = "no") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 400}}, "BatchImportFindings")  # fmt: skip


def test_one_bad_finding_does_not_take_its_batch_along() -> None:
    asked: list[int] = []

    def call(Findings: list[dict[str, str]]) -> dict[str, Any]:
        asked.append(len(Findings))
        if any(one["Id"] == "37" for one in Findings):
            raise refusal("InvalidInputException", "Invalid parameter")
        return {"SuccessCount": len(Findings), "FailedFindings": []}

    found = list(security_hub._import(call, [{"Id": str(number)} for number in range(100)], "eu-west-1", 0))
    assert sum(one.count for one in found) == 99
    failures = [failure for one in found for failure in one.failures]
    assert failures == [Failure("37", "InvalidInputException", "InvalidInputException: Invalid parameter")]
    assert len(asked) < 20


@pytest.mark.parametrize("code", ["InvalidAccessException", "AccessDeniedException", "ExpiredTokenException", "LimitExceededException"])  # fmt: skip
def test_where_nothing_is_taken_it_says_how_far_it_came(code: str) -> None:
    def call(Findings: list[Any]) -> dict[str, Any]:
        raise refusal(code, "not subscribed")

    with pytest.raises(DeliveryError, match=rf"took 1,200 findings and no more \({code}: not subscribed\)") as caught:
        list(security_hub._import(call, [{"Id": "1"}], "eu-west-1", 1200))
    assert caught.value.exit_code == 4


def test_who_cannot_be_asked_is_told_before_anything_is_sent() -> None:
    with environment("http://127.0.0.1:1"), pytest.raises(AccessError, match="AWS cannot be reached"):
        _ = SecurityHub(None).caller
