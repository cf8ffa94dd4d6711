"""The root user of an account: what it can log in with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.collect.api import Api, Call
from scanner.collect.reading import known
from scanner.policy import Row

SCOPE = "account"
CALLS = (Call("iam.get_account_summary", ("root_users",)),)


def fetch(api: Api) -> Iterator[Row]:
    answer = known(api.get("iam.get_account_summary"))
    if answer and answer.get("SummaryMap"):
        yield "root_users", root_row(answer["SummaryMap"])


def root_row(summary: Mapping[str, Any]) -> dict[str, Any]:
    """What AWS leaves out, as old recordings do, is not known."""
    return {
        "has_password": flag(summary, "AccountPasswordPresent"),
        "has_access_keys": flag(summary, "AccountAccessKeysPresent"),
        "has_certificates": flag(summary, "AccountSigningCertificatesPresent"),
        "has_mfa": flag(summary, "AccountMFAEnabled"),
    }


def flag(summary: Mapping[str, Any], key: str) -> bool | None:
    value = summary.get(key)
    return None if value is None else bool(value)
