"""A trail of the account, and a shadow of the organization's that was stopped."""

from __future__ import annotations

from typing import Any

OWN = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/own"
OURS = "arn:aws:cloudtrail:us-east-1:444455556666:trail/ours"

ANSWERS: dict[str, Any] = {
    "cloudtrail.describe_trails": {
        "trailList": [
            {
                "Name": "own",
                "S3BucketName": "own-logs",
                "IsMultiRegionTrail": False,
                "HomeRegion": "eu-west-1",
                "TrailARN": OWN,
                "LogFileValidationEnabled": True,
                "KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/k1",
                "IsOrganizationTrail": False,
                "HasCustomEventSelectors": True,
            },
            {
                "Name": "ours",
                "S3BucketName": "our-logs",
                "IsMultiRegionTrail": True,
                "HomeRegion": "us-east-1",
                "TrailARN": OURS,
                "IsOrganizationTrail": True,
            },
        ]
    },
    "cloudtrail.get_event_selectors": {
        "TrailARN": OWN,
        "EventSelectors": [{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True}],
    },
    "cloudtrail.get_trail_status": [({"Name": OWN}, {"IsLogging": True}), ({"Name": OURS}, {"IsLogging": False})],
}
