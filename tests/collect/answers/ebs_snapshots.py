"""A private snapshot of AWS Backup, one shared with an account, and a copy shared with everyone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

ANSWERS: dict[str, Any] = {
    "ec2.describe_snapshots": [
        (
            {"OwnerIds": ["self"]},
            {
                "Snapshots": [
                    {
                        "SnapshotId": "snap-1",
                        "VolumeId": "vol-1",
                        "OwnerId": "111122223333",
                        "State": "completed",
                        "StartTime": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
                        "Encrypted": True,
                        "KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/k1",
                        "Description": "This snapshot is created by the AWS Backup service.",
                        "Tags": [{"Key": "team", "Value": "orders"}],
                    },
                    {
                        "SnapshotId": "snap-2",
                        "VolumeId": "vol-1",
                        "OwnerId": "111122223333",
                        "State": "completed",
                        "StartTime": datetime(2026, 1, 3, tzinfo=UTC),
                        "Encrypted": False,
                    },
                    {
                        "SnapshotId": "snap-3",
                        "VolumeId": "vol-ffffffff",
                        "OwnerId": "111122223333",
                        "State": "completed",
                        "Encrypted": False,
                        "Tags": [{"Key": "aws:backup:source-resource", "Value": "vol-1"}],
                    },
                ]
            },
        )
    ],
    "ec2.describe_snapshot_attribute": [
        ({"SnapshotId": "snap-1"}, {"SnapshotId": "snap-1", "CreateVolumePermissions": []}),
        (
            {"SnapshotId": "snap-2", "Attribute": "createVolumePermission"},
            {"CreateVolumePermissions": [{"UserId": "444455556666"}, {"UserId": "222233334444"}]},
        ),
        ({"SnapshotId": "snap-3"}, {"CreateVolumePermissions": [{"Group": "all"}]}),
    ],
}
