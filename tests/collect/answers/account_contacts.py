"""Somebody for billing and security, nobody for operations."""

from __future__ import annotations

from typing import Any

from scanner.collect.api import ReadError


def contact(kind: str) -> dict[str, Any]:
    person = {"Name": "A Person", "Title": "Head", "EmailAddress": "person@example.com", "PhoneNumber": "+1 555 0100"}
    return {"AlternateContact": {"AlternateContactType": kind, **person}}


ANSWERS: dict[str, Any] = {
    "account.get_alternate_contact": [
        ({"AlternateContactType": "BILLING"}, contact("BILLING")),
        ({"AlternateContactType": "OPERATIONS"}, ReadError("failed", "no contact", code="ResourceNotFoundException")),
        ({"AlternateContactType": "SECURITY"}, contact("SECURITY")),
    ]
}
