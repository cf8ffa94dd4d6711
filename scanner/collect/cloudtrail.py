"""CloudTrail: trails that an account has or sees, whether they log, and whether they log what is changed.

Asked in one Region: trails of all Regions and of the organization have a shadow there, in every member account; a trail of a
single other Region is not seen, and watches one Region only.
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html
A trail with event selectors of its own may log data events only, or reads only; any other one logs all calls to manage something.
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.collect.api import Api, Call
from scanner.collect.reading import known
from scanner.policy import Row

SCOPE = "account"
CALLS = (
    Call("cloudtrail.describe_trails", ("trails",)),
    Call("cloudtrail.get_trail_status", ("trails",)),
    Call("cloudtrail.get_event_selectors", ("trails",)),
)


def fetch(api: Api) -> Iterator[Row]:
    for trail in api.list("cloudtrail.describe_trails", "trailList"):
        # The status is that of one Region; a shadow is asked for by its ARN.
        status = known(api.get("cloudtrail.get_trail_status", region=trail["HomeRegion"], Name=trail["TrailARN"]))
        yield "trails", {**trail_row(trail, status), "records_changes": _records_changes(api, trail)}


def _records_changes(api: Api, trail: Mapping[str, Any]) -> bool | None:
    if not trail.get("HasCustomEventSelectors"):
        return True
    answer = known(api.get("cloudtrail.get_event_selectors", region=trail["HomeRegion"], TrailName=trail["TrailARN"]))
    return None if answer is None else selects_changes(answer)


def selects_changes(answer: Mapping[str, Any]) -> bool:
    """Whether a trail has one kind of selectors or the other, and one of them keeps calls that change something."""
    basic = (
        one.get("IncludeManagementEvents", True) and one.get("ReadWriteType", "All") != "ReadOnly"
        for one in answer.get("EventSelectors") or ()
    )
    return any(basic) or any(map(_keeps_changes, answer.get("AdvancedEventSelectors") or ()))


def _keeps_changes(selector: Mapping[str, Any]) -> bool:
    """Fields of an advanced selector all have to fit. Sources that are left out, such as KMS, are few."""
    fields = {one["Field"]: one for one in selector.get("FieldSelectors") or ()}
    category, reads = fields.get("eventCategory", {}), fields.get("readOnly", {})
    return "Management" in (category.get("Equals") or ()) and "true" not in (reads.get("Equals") or ())


def trail_row(trail: Mapping[str, Any], status: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        "arn": trail["TrailARN"],
        "name": trail.get("Name"),
        "home_region": trail["HomeRegion"],
        "owner_id": trail["TrailARN"].split(":")[4],
        "bucket_name": trail.get("S3BucketName"),
        "is_organization": bool(trail.get("IsOrganizationTrail")),
        "is_multi_region": bool(trail.get("IsMultiRegionTrail")),
        "validates_files": bool(trail.get("LogFileValidationEnabled")),
        "kms_key_arn": trail.get("KmsKeyId"),
        "is_logging": None if status is None else bool(status.get("IsLogging")),
    }
