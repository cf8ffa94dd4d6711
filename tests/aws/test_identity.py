from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scanner.aws.identity import RENEW_BEFORE, Assumed, ContextCredentials, current, entered
from scanner.aws.live import Access, Live
from scanner.aws.scheduler import Scheduler
from scanner.collect.api import Call, Place, ReadError
from scanner.errors import AccessError
from tests.aws.server import Answer, Request, as_json, point_at, serving, sts, xml_problem

OWN = "111111111111"
MEMBERS = [f"2222222222{n:02}" for n in range(20)]
LIST_TABLES = Call("dynamodb.list_tables", ("dynamodb_tables",))


def session(key: str, lasts: timedelta) -> dict[str, Any]:
    return {"AccessKeyId": key, "SecretAccessKey": "s", "SessionToken": "t", "Expiration": datetime.now(UTC) + lasts}


def echo(request: Request) -> Answer:
    """Tell who signed, in two pages."""
    if request.action in ("GetCallerIdentity", "AssumeRole"):
        return sts(request, OWN)
    more = {} if "Exclusive" in request.body else {"LastEvaluatedTableName": request.key}
    return as_json({"TableNames": [request.key]} | more)


def live(**access: Any) -> Live:
    found = Live(Access(**access), (LIST_TABLES,), Scheduler(1, sleep=lambda _: None), connections=8)
    found.caller()
    return found


def test_four_hundred_interleaved_calls_are_never_signed_with_another_accounts_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serving(echo) as server:
        point_at(server.url, monkeypatch)
        estate = live()
        for member in MEMBERS:
            estate.enter(member)

        def ask(account: str) -> tuple[str, list[str]]:
            pages = estate.pages(Place(account, "eu-west-1"), LIST_TABLES, {})
            return account, [name for page in pages for name in page["TableNames"]]

        accounts = [*MEMBERS, OWN] * 10
        random.Random(1).shuffle(accounts)
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(ask, accounts))
    assert len(answers) * 2 == 420
    for account, keys in answers:
        assert keys == [("OWNKEY" if account == OWN else f"KEY{account}")] * 2


def test_pages_of_two_accounts_read_in_turns_keep_their_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(echo) as server:
        point_at(server.url, monkeypatch)
        estate = live()
        for member in MEMBERS[:2]:
            estate.enter(member)
        one, two = (estate.pages(Place(member, "eu-west-1"), LIST_TABLES, {}) for member in MEMBERS[:2])
        found = [page["TableNames"][0] for pair in zip(one, two, strict=True) for page in pair]
    assert found == [f"KEY{member}" for member in MEMBERS[:2]] * 2


def test_nothing_is_signed_outside_an_account() -> None:
    with pytest.raises(LookupError):
        _ = ContextCredentials().access_key


def test_leaving_restores_who_was_entered_before() -> None:
    outer = Assumed("1", "r", lambda _: session("outer", timedelta(hours=1)))
    inner = Assumed("2", "r", lambda _: session("inner", timedelta(hours=1)))
    with entered(outer, "a"):
        with pytest.raises(RuntimeError), entered(inner, "b"):
            assert ContextCredentials().access_key == "inner"
            raise RuntimeError
        assert (ContextCredentials().access_key, current().region) == ("outer", "a")


def test_a_session_is_renewed_before_it_ends_and_only_once() -> None:
    opened: list[str] = []

    def assume(role: str) -> dict[str, Any]:
        opened.append(role)
        lasts = RENEW_BEFORE - timedelta(seconds=5) if len(opened) == 1 else timedelta(hours=1)
        return session(f"key{len(opened)}", lasts)

    identity = Assumed("1", "arn:role", assume)
    with ThreadPoolExecutor(8) as pool:
        keys = {one.access_key for one in pool.map(lambda _: identity.frozen(), range(64))}
    assert keys == {"key2"}
    assert opened == ["arn:role"] * 2


def test_roles_are_tried_in_order_with_the_external_id(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(request: Request) -> Answer:
        if request.form.get("RoleArn", "").endswith("/first"):
            return xml_problem("AccessDenied", message="not authorized to perform: sts:AssumeRole")
        return sts(request, OWN)

    with serving(answer) as server:
        point_at(server.url, monkeypatch)
        estate = live(roles=("first", "second"), external_id="x-1")
        estate.enter(MEMBERS[0])
        estate.enter(OWN)  # no role in the own account
        estate.enter(MEMBERS[0])  # nor twice
    assumed = [request.form for request in server.requests if request.action == "AssumeRole"]
    assert [form["RoleArn"].rpartition("/")[2] for form in assumed] == ["first", "second"]
    assert {form["ExternalId"] for form in assumed} == {"x-1"}


def test_an_account_without_any_role_names_every_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(request: Request) -> Answer:
        return xml_problem("AccessDenied") if request.action == "AssumeRole" else sts(request, OWN)

    with serving(answer) as server:
        point_at(server.url, monkeypatch)
        estate = live(roles=("first", "second"))
        with pytest.raises(ReadError) as caught:
            estate.enter(MEMBERS[0])
    assert caught.value.status == "no_role"
    assert "first: AccessDenied" in caught.value.reason
    assert "second: AccessDenied" in caught.value.reason


def test_a_session_that_expires_in_the_middle_ends_the_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = threading.Event()

    def answer(request: Request) -> Answer:
        if gone.is_set():
            return (
                xml_problem("ExpiredToken")
                if request.action == "AssumeRole"
                else as_json({"__type": "ExpiredTokenException"}, 400)
            )
        return echo(request)

    with serving(answer) as server:
        point_at(server.url, monkeypatch)
        estate = live()
        gone.set()
        with pytest.raises(AccessError, match="go on with --resume"):
            list(estate.pages(Place(OWN, "eu-west-1"), LIST_TABLES, {}))
        with pytest.raises(AccessError, match="go on with --resume"):
            estate.enter(MEMBERS[0])
