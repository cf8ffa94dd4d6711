"""EC2 compute: instances and EBS volumes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.collect.api import Api, Call, moment, tag_rows, tag_value
from scanner.collect.reading import ids
from scanner.policy import Row

SCOPE = "region"
CALLS = (
    Call("ec2.describe_instances", ("instances", "tags")),
    Call("ec2.describe_volumes", ("volumes", "tags")),
)


def fetch(api: Api) -> Iterator[Row]:
    for reservation in api.list("ec2.describe_instances", "Reservations"):
        for instance in reservation.get("Instances") or ():
            yield from _instance(api, instance)
    for volume in api.list("ec2.describe_volumes", "Volumes"):
        arn = api.arn("ec2", f"volume/{volume['VolumeId']}")
        yield "volumes", volume_row(volume, arn)
        yield from tag_rows(arn, volume.get("Tags"))


def _instance(api: Api, instance: dict[str, Any]) -> Iterator[Row]:
    if (instance.get("State") or {}).get("Name") == "terminated":
        return
    arn = api.arn("ec2", f"instance/{instance['InstanceId']}")
    yield "instances", instance_row(instance, arn)
    yield from tag_rows(arn, instance.get("Tags"))


def instance_row(instance: dict[str, Any], arn: str) -> dict[str, Any]:
    return {
        "instance_id": instance["InstanceId"],
        "arn": arn,
        "name": tag_value(instance.get("Tags"), "Name"),
        "state": (instance.get("State") or {}).get("Name"),
        "vpc_id": instance.get("VpcId"),
        "subnet_id": instance.get("SubnetId"),
        "private_ip": instance.get("PrivateIpAddress") or None,
        "public_ip": instance.get("PublicIpAddress") or None,
        "group_ids": ids(instance.get("SecurityGroups"), "GroupId"),
        "instance_profile_arn": (instance.get("IamInstanceProfile") or {}).get("Arn"),
        "launched_at": moment(instance.get("LaunchTime")),
    }


def volume_row(volume: dict[str, Any], arn: str) -> dict[str, Any]:
    attached = sorted(ids(volume.get("Attachments"), "InstanceId"))
    return {
        "volume_id": volume["VolumeId"],
        "arn": arn,
        "encrypted": volume.get("Encrypted"),
        "kms_key_arn": volume.get("KmsKeyId"),
        "state": volume.get("State"),
        "instance_id": attached[0] if attached else None,
    }
