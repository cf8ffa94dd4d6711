"""The detector of a delegated administrator, who keeps GuardDuty on everywhere."""

from __future__ import annotations

from typing import Any

ANSWERS: dict[str, Any] = {
    "guardduty.list_detectors": {"DetectorIds": ["12abc34d567e8fa901bc2d34e56789f0"]},
    "guardduty.describe_organization_configuration": {
        "MemberAccountLimitReached": False,
        "AutoEnableOrganizationMembers": "ALL",
    },
}
