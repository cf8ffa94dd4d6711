from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.collect import organizations
from scanner.collect.api import Api, Call, Place, Response
from tests.collect.fake import ACCOUNT, Fake

ROOT = {"Id": "r-1", "Arn": "arn:aws:organizations::1:root/o-1/r-1", "Name": "Root", "PolicyTypes": []}


def member(number: str) -> dict[str, Any]:
    return {"Id": number, "Arn": f"arn:aws:organizations::{ACCOUNT}:account/o-1/{number}", "Name": number}


class Growing(Fake):
    """An organization that an account joins as soon as its root was looked into."""

    def __init__(self) -> None:
        self.accounts = [member(ACCOUNT)]
        super().__init__(
            {
                "organizations.describe_organization": {"Organization": {"Id": "o-1", "MasterAccountId": ACCOUNT}},
                "organizations.list_roots": {"Roots": [ROOT]},
                "organizations.list_accounts": {"Accounts": self.accounts},
                "organizations.list_accounts_for_parent": {"Accounts": [member(ACCOUNT)]},
            }
        )

    def pages(self, place: Place, call: Call, params: Mapping[str, Any]) -> Iterator[Response]:
        yield from super().pages(place, call, params)
        if call.name == "organizations.list_accounts_for_parent":
            self.accounts.append(member("444455556666"))


def test_an_account_that_joins_during_the_scan_is_not_said_to_be_under_no_policy() -> None:
    api = Api(Growing(), Place(ACCOUNT, "global"), {call.name: call for call in organizations.CALLS})
    rows = list(organizations.fetch(api))
    assert [row["parent_id"] for table, row in rows if table == "accounts"] == ["r-1"]
