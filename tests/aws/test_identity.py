from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.credentials import Credentials

from scanner.aws.identity import RENEW_BEFORE, Assumed, ContextCredentials, Own, current, entered
from scanner.aws.live import Access, Live
from scanner.aws.scheduler import Scheduler
from scanner.collect.api import Call, Place
from tests.aws.servers import Reply, serving

LIST_TABLES = Call("dynamodb.list_tables", ("dynamodb_tables",))


def session(key: str, lasts: timedelta) -> dict[str, Any]:
    return {"AccessKeyId": key, "SecretAccessKey": "s", "SessionToken": "t", "Expiration": datetime.now(UTC) + lasts}


def test_pages_of_two_accounts_read_in_turns_keep_their_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    def reply(key: str, body: str) -> Reply:
        more = "" if "Exclusive" in body else f', "LastEvaluatedTableName": "{key}"'
        return 200, "application/x-amz-json-1.0", f'{{"TableNames": ["{key}"]{more}}}'

    with serving(reply) as url:
        for name, value in {"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "OWN", "AWS_SECRET_ACCESS_KEY": "x"}.items():
            monkeypatch.setenv(name, value)
        estate = Live(Access(), (LIST_TABLES,), Scheduler(1), connections=4)
        for account in ("1", "2"):
            estate._identities[account] = Own(account, Credentials(f"KEY{account}", "x"))
        one, two = (estate.pages(Place(account, "eu-west-1"), LIST_TABLES, {}) for account in ("1", "2"))
        found = [page["TableNames"] for pair in zip(one, two, strict=True) for page in pair]
    assert found == [["KEY1"], ["KEY2"]] * 2


def test_leaving_restores_who_was_entered_before() -> None:
    outer = Assumed("1", "r", lambda _: session("outer", timedelta(hours=1)))
    inner = Assumed("2", "r", lambda _: session("inner", timedelta(hours=1)))
    with entered(outer, "a"):
        with pytest.raises(RuntimeError), entered(inner, "b"):
            assert ContextCredentials().access_key == "inner"
            raise RuntimeError
        assert (ContextCredentials().access_key, current().region) == ("outer", "a")


def test_threads_that_find_a_session_ending_renew_it_once() -> None:
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
