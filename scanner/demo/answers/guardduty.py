"""GuardDuty: how its administrator enrols the accounts of the organization. moto lacks the call."""

from __future__ import annotations

from typing import Any

from scanner.demo.store import Store
from scanner.demo.wire import Call, Refusal

SERVICE = "guardduty"


def describe_organization_configuration(call: Call, store: Store) -> dict[str, Any]:
    """AWS's answer to everybody but the delegated administrator."""
    enrols = store.enrolment.get((call.account, call.region))
    if enrols is None:
        message = "The request is rejected because the current account is not the delegated administrator."
        raise Refusal("BadRequestException", message)
    return {"MemberAccountLimitReached": False, "AutoEnableOrganizationMembers": enrols}
