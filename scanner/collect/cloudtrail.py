"""CloudTrail: trails that an account has or sees, and whether they log.

Asked in one Region: trails of all Regions and of the organization have a shadow there, in every member account; a trail of a
single other Region is not seen, and watches one Region only.
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html
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
)


def fetch(api: Api) -> Iterator[Row]:
    for trail in api.list("cloudtrail.describe_trails", "trailList"):
        # The status is that of one Region; a shadow is asked for by its ARN.
        status = known(api.get("cloudtrail.get_trail_status", region=trail["HomeRegion"], Name=trail["TrailARN"]))
        yield "trails", trail_row(trail, status)


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
