"""Two images: one that is lent to an account and an organization, and one for everybody."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

LENT, PUBLIC = "ami-0a1b2c3d4e5f60718", "ami-0a1b2c3d4e5f60719"

ANSWERS: dict[str, Any] = {
    "ec2.describe_images": {
        "Images": [
            {
                "ImageId": LENT,
                "Name": "shop-base",
                "OwnerId": "111122223333",
                "Public": False,
                "State": "available",
                "CreationDate": "2026-01-02T03:04:05.000Z",
                "SourceInstanceId": "i-0123456789abcdef0",
                "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": "snap-0123456789abcdef0"}}],
                "Tags": [{"Key": "product", "Value": "shop"}],
            },
            {
                "ImageId": PUBLIC,
                "Name": "demo",
                "OwnerId": "111122223333",
                "Public": True,
                "State": "available",
                "CreationDate": datetime(2026, 1, 2, tzinfo=UTC).isoformat(),
            },
        ]
    },
    "ec2.describe_image_attribute": [
        (
            {"ImageId": LENT},
            {
                "ImageId": LENT,
                "LaunchPermissions": [
                    {"UserId": "444455556666"},
                    {"OrganizationArn": "arn:aws:organizations::444455556666:organization/o-acme"},
                ],
            },
        ),
        ({"ImageId": PUBLIC}, {"ImageId": PUBLIC, "LaunchPermissions": [{"Group": "all"}]}),
    ],
}
