"""One client for all accounts, guarded, polite, and repeated only where that helps: over real HTTP."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.credentials import Credentials, ReadOnlyCredentials

from scanner.aws import clients, live
from scanner.aws.clients import Clients
from scanner.aws.guard import Guard
from scanner.aws.identity import Assumed, Own, entered
from scanner.aws.live import Access, Live
from scanner.aws.scheduler import Scheduler
from scanner.collect.api import Call, Place, ReadError
from scanner.collect.run import all_calls
from scanner.errors import AccessError, ForbiddenCall
from tests.aws.servers import Reply, refusal, regions, serving, slowly

REGIONS = Call("ec2.describe_regions", ("account_regions",))
PLACE = Place("111111111111", "eu-central-1")


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(clients.Politeness, "_pause", lambda self, attempts: 0.001)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDOWN")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")


def estate(monkeypatch: pytest.MonkeyPatch, url: str) -> Live:
    """A live estate that has already entered the account of PLACE."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    found = Live(Access(), (REGIONS,), Scheduler(1.0), connections=8)
    found._identities[PLACE.account_id] = Own(PLACE.account_id, Credentials("AKIDMEMBER", "x"))
    return found


def read(found: Live) -> list[str]:
    return [region["RegionName"] for page in found.pages(PLACE, REGIONS, {}) for region in page["Regions"]]


def test_four_hundred_interleaved_calls_are_each_signed_by_their_own_account(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda key, _: regions(key)) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        shared = Clients((REGIONS,), Scheduler(1.0), 16, "eu-central-1")

        def ask(number: int) -> tuple[str, str]:
            account = f"{number % 40:012}"
            with entered(Own(account, Credentials(f"AKID{account}", "x")), "eu-central-1"):
                answer = shared.get("ec2", "eu-central-1").describe_regions()
            return f"AKID{account}", answer["Regions"][0]["RegionName"]

        with ThreadPoolExecutor(16) as pool:
            pairs = list(pool.map(ask, range(400)))
    assert len(pairs) == 400
    assert all(expected == got for expected, got in pairs)


def test_nothing_is_signed_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda key, _: regions(key)) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        shared = Clients((REGIONS,), Scheduler(1.0), 4, "eu-central-1")
        with pytest.raises(LookupError):
            shared.get("ec2", "eu-central-1").describe_regions()


def test_a_role_session_is_renewed_before_it_ends() -> None:
    opened: list[str] = []

    def assume(role: str) -> dict[str, Any]:
        opened.append(role)
        lasts = timedelta(minutes=4 if len(opened) == 1 else 60)
        return {
            "AccessKeyId": f"A{len(opened)}",
            "SecretAccessKey": "x",
            "SessionToken": "t",
            "Expiration": datetime.now(UTC) + lasts,
        }

    session = Assumed("1", "role", assume)
    assert session.frozen() == ReadOnlyCredentials("A2", "x", "t")
    assert session.frozen().access_key == "A2"
    assert opened == ["role", "role"]


@pytest.mark.parametrize(
    ("service", "method"), [("ec2", "terminate_instances"), ("ec2", "describe_vpcs"), ("s3", "get_object")]
)
def test_the_guard_stops_what_nobody_declared_before_it_is_sent(
    monkeypatch: pytest.MonkeyPatch, service: str, method: str
) -> None:
    sent: list[str] = []

    def reply(key: str, body: str) -> Reply:
        sent.append(body)
        return regions()

    with serving(reply) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        shared = Clients((REGIONS,), Scheduler(1.0), 4, "eu-central-1")
        parameters = {"terminate_instances": {"InstanceIds": ["i-1"]}, "get_object": {"Bucket": "b", "Key": "k"}}
        with entered(Own("1", Credentials("A", "x")), "eu-central-1"), pytest.raises(ForbiddenCall):
            getattr(shared.get(service, "eu-central-1"), method)(**parameters.get(method, {}))
    assert sent == []


@pytest.mark.parametrize(
    "name", ["ec2.delete_vpc", "secretsmanager.get_secret_value", "ssm.get_parameter", "s3.get_object"]
)
def test_a_collector_cannot_declare_a_write_or_a_secret(name: str) -> None:
    with pytest.raises(ForbiddenCall):
        Guard([Call(name, ())])


def test_every_declared_call_passes_the_guard() -> None:
    Guard(all_calls())


def test_throttles_are_waited_out_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    left = [3]

    def reply(key: str, body: str) -> Reply:
        left[0] -= 1
        return refusal(503, "RequestLimitExceeded") if left[0] > 0 else regions("eu-central-1")

    with serving(reply) as url:
        found = estate(monkeypatch, url)
        assert read(found) == ["eu-central-1"]
        (sent,) = found.leave(PLACE.account_id)
    assert (sent.service, sent.requests, sent.throttled) == ("ec2", 3, 2)


@pytest.mark.parametrize(
    ("reply", "requests", "status"),
    [
        (refusal(503, "RequestLimitExceeded"), clients.THROTTLE_ATTEMPTS, "throttled"),
        (refusal(500, "InternalError"), clients.TRANSIENT_ATTEMPTS, "failed"),
        (refusal(403, "UnauthorizedOperation"), 1, "access_denied"),
        (refusal(401, "AuthFailure"), 1, "failed"),
        ((500, "text/html", "<!doctype html><h1>no such call</h1>"), 1, "failed"),
        ((404, "text/html", "<!doctype html><h1>no such call</h1>"), 1, "failed"),
    ],
    ids=["throttled", "server error", "denied", "key not accepted", "html 500", "html 404"],
)
def test_what_is_repeated_and_what_it_becomes(
    monkeypatch: pytest.MonkeyPatch, reply: Reply, requests: int, status: str
) -> None:
    count = [0]

    def answer(key: str, body: str) -> Reply:
        count[0] += 1
        return reply

    with serving(answer) as url:
        found = estate(monkeypatch, url)
        with pytest.raises(ReadError) as problem:
            read(found)
    assert (count[0], problem.value.status) == (requests, status)


def test_a_hanging_endpoint_ends_only_its_own_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "READ_SECONDS", 0.2)
    hanging = threading.Event()

    def reply(key: str, body: str) -> Reply:
        return slowly(1.0, regions()) if hanging.is_set() else regions("eu-central-1")

    with serving(reply) as url:
        found = estate(monkeypatch, url)
        hanging.set()
        with pytest.raises(ReadError) as problem:
            read(found)
        assert problem.value.status == "failed" and "in time" in problem.value.reason
        hanging.clear()
        assert read(found) == ["eu-central-1"]


def test_an_expired_session_stops_the_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda key, body: refusal(400, "RequestExpired")) as url:
        found = estate(monkeypatch, url)
        with pytest.raises(AccessError, match="--resume"):
            read(found)


def test_roles_are_tried_in_order_and_refusals_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def reply(key: str, body: str) -> Reply:
        if "GetCallerIdentity" in body:
            text = "<GetCallerIdentityResult><Account>999999999999</Account><Arn>arn:aws:iam::999999999999:user/x</Arn></GetCallerIdentityResult>"
            return 200, "text/xml", f"<GetCallerIdentityResponse>{text}</GetCallerIdentityResponse>"
        asked.append(body)
        return (
            403,
            "text/xml",
            "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>",
        )

    with serving(reply) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        found = Live(Access(roles=("First", "Second"), external_id="secret-id"), (), Scheduler(1.0), 4)
        with pytest.raises(ReadError) as problem:
            found.enter("222222222222")
        found.enter("999999999999")  # the account we are in needs no role
    assert ["First" in asked[0], "Second" in asked[1], len(asked)] == [True, True, 2]
    assert all("ExternalId=secret-id" in body for body in asked)
    assert problem.value.status == "no_role"
    assert "First: AccessDenied" in problem.value.reason and "Second" in problem.value.reason


def test_page_sizes_are_sent_to_ec2(monkeypatch: pytest.MonkeyPatch) -> None:
    bodies: list[str] = []

    def reply(key: str, body: str) -> Reply:
        bodies.append(body)
        return 200, "text/xml", "<DescribeVpcsResponse><vpcSet/></DescribeVpcsResponse>"

    assert live.PAGE_SIZES["ec2"] == 1000
    with serving(reply) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        call = Call("ec2.describe_vpcs", ("vpcs",))
        found = Live(Access(), (call,), Scheduler(1.0), 4)
        found._identities["1"] = Own("1", Credentials("A", "x"))
        assert next(iter(found.pages(Place("1", "eu-central-1"), call, {})))["Vpcs"] == []
    assert "MaxResults=1000" in bodies[0]


def test_calls_without_a_paginator_are_read_to_their_last_page(monkeypatch: pytest.MonkeyPatch) -> None:
    call = Call("ce.get_cost_and_usage", ("spend",))

    def reply(_: str, body: str) -> Reply:
        token = json.loads(body).get("NextPageToken", "0")
        after = {"NextPageToken": str(int(token) + 1)} if token < "2" else {}
        return 200, "application/x-amz-json-1.1", json.dumps({"ResultsByTime": [{"Estimated": token == "0"}], **after})

    with serving(reply) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        found = Live(Access(), (call,), Scheduler(1.0), connections=8)
        found._identities[PLACE.account_id] = Own(PLACE.account_id, Credentials("AKIDMEMBER", "x"))
        pages = list(found.pages(Place(PLACE.account_id, "global"), call, {"Granularity": "MONTHLY"}))
    assert [page["ResultsByTime"][0]["Estimated"] for page in pages] == [True, False, False]


def test_queues_beyond_the_first_thousand_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS gives a token only to who names a page size (API_ListQueues)."""

    def reply(key: str, body: str) -> Reply:
        asked = json.loads(body)
        if asked.get("NextToken") == "more":
            return 200, "application/x-amz-json-1.0", json.dumps({"QueueUrls": ["https://sqs/1/second"]})
        token = {"NextToken": "more"} if asked.get("MaxResults") else {}
        return 200, "application/x-amz-json-1.0", json.dumps({"QueueUrls": ["https://sqs/1/first"], **token})

    with serving(reply) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        call = Call("sqs.list_queues", ("queues",))
        found = Live(Access(), (call,), Scheduler(1.0), 4)
        found._identities["1"] = Own("1", Credentials("A", "x"))
        pages = list(found.pages(Place("1", "eu-central-1"), call, {}))
    assert [page["QueueUrls"] for page in pages] == [["https://sqs/1/first"], ["https://sqs/1/second"]]
