"""Resources whose ARNs are written in different ways."""

from __future__ import annotations

from typing import Any

ANSWERS: dict[str, Any] = {
    "resourcegroupstaggingapi.get_resources": {
        "ResourceTagMappingList": [
            {
                "ResourceARN": "arn:aws:ec2:eu-west-1:111122223333:instance/i-1",
                "Tags": [{"Key": "team", "Value": "orders"}],
            },
            {"ResourceARN": "arn:aws:s3:::full", "Tags": []},
        ]
    }
}
