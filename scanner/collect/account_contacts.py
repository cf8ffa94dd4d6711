"""Alternate contacts of an account: whether there is one of each kind. Who it is, is not kept.

Every account is asked for its own: that needs no trusted access for Account Management, which asking for a member from the
management account does, and the management account cannot ask for itself by number either.
https://docs.aws.amazon.com/accounts/latest/reference/API_GetAlternateContact.html
"""

from __future__ import annotations

from collections.abc import Iterator

from scanner.collect.api import Api, Call, Unread
from scanner.policy import Row

SCOPE = "account"
PERSON = ("EmailAddress", "Name", "PhoneNumber", "Title")
CALLS = (Call("account.get_alternate_contact", ("account_contacts",), hides=PERSON),)

KINDS = ("BILLING", "OPERATIONS", "SECURITY")
NONE = ("ResourceNotFoundException",)


def fetch(api: Api) -> Iterator[Row]:
    for kind in KINDS:
        answer = api.get("account.get_alternate_contact", absent=NONE, AlternateContactType=kind)
        if answer is None:
            yield "account_contacts", {"kind": kind, "present": False}
        elif not isinstance(answer, Unread) and answer.get("AlternateContact"):
            yield "account_contacts", {"kind": kind, "present": True}
