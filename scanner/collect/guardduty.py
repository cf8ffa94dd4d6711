"""GuardDuty: where it is on, and whether it is kept on in every account of the organization.

Only the delegated administrator is told how members are enabled; AWS answers BadRequestException to everybody else.
https://docs.aws.amazon.com/guardduty/latest/APIReference/API_DescribeOrganizationConfiguration.html
"""

from __future__ import annotations

from collections.abc import Iterator

from scanner.collect.api import Api, Call
from scanner.collect.reading import known
from scanner.policy import Row

SCOPE = "region"
CALLS = (
    Call("guardduty.list_detectors", ("guardduty_detectors",)),
    Call("guardduty.describe_organization_configuration", ("guardduty_detectors",)),
)
NOT_ADMINISTRATOR = ("BadRequestException",)


def fetch(api: Api) -> Iterator[Row]:
    for detector in api.list("guardduty.list_detectors", "DetectorIds"):
        answer = known(
            api.get("guardduty.describe_organization_configuration", DetectorId=detector, absent=NOT_ADMINISTRATOR)
        )
        yield (
            "guardduty_detectors",
            {
                "arn": api.arn("guardduty", f"detector/{detector}"),
                "detector_id": detector,
                "auto_enables": (answer or {}).get("AutoEnableOrganizationMembers"),
            },
        )
