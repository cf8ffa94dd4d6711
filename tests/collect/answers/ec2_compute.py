"""A running and a terminated instance, and their volumes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

ANSWERS: dict[str, Any] = {
    "ec2.describe_instances": {
        "Reservations": [
            {
                "ReservationId": "r-1",
                "OwnerId": "111122223333",
                "Instances": [
                    {
                        "InstanceId": "i-1",
                        "State": {"Code": 16, "Name": "running"},
                        "VpcId": "vpc-1",
                        "SubnetId": "subnet-1",
                        "PrivateIpAddress": "10.0.1.9",
                        "PublicIpAddress": "",
                        "SecurityGroups": [{"GroupId": "sg-1", "GroupName": "database"}],
                        "IamInstanceProfile": {"Arn": "arn:aws:iam::111122223333:instance-profile/web", "Id": "AIPA1"},
                        "LaunchTime": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
                        "Tags": [{"Key": "Name", "Value": "web"}],
                    },
                    {"InstanceId": "i-2", "State": {"Code": 48, "Name": "terminated"}},
                ],
            }
        ]
    },
    "ec2.describe_volumes": {
        "Volumes": [
            {
                "VolumeId": "vol-1",
                "State": "in-use",
                "Encrypted": True,
                "KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/k1",
                "CreateTime": datetime(2026, 1, 2, tzinfo=UTC),
                "Attachments": [{"InstanceId": "i-1", "State": "attached", "Device": "/dev/xvda"}],
                "Tags": [{"Key": "team", "Value": "orders"}],
            },
            {"VolumeId": "vol-2", "State": "available", "Encrypted": False, "Attachments": []},
        ]
    },
}
