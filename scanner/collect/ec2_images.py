"""Images of machines of the account, and who may launch them: whoever may, reads all that their snapshots hold.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/sharingamis-explicit.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.collect.api import Api, Call, moment, tag_rows
from scanner.collect.reading import known
from scanner.policy import Row

SCOPE = "region"
CALLS = (
    Call("ec2.describe_images", ("images", "tags")),
    Call("ec2.describe_image_attribute", ("images",)),
)


def fetch(api: Api) -> Iterator[Row]:
    for image in api.list("ec2.describe_images", "Images", Owners=["self"]):
        image_id, instance_id = image["ImageId"], image.get("SourceInstanceId")
        arn = f"arn:{api.place.partition}:ec2:{api.region}::image/{image_id}"
        source = api.arn("ec2", f"instance/{instance_id}") if instance_id else None
        yield "images", {**image_row(image, arn, source), "shared_with": _shared_with(api, image_id)}
        yield from tag_rows(arn, image.get("Tags"))


def _shared_with(api: Api, image_id: str) -> list[str] | None:
    answer = known(api.get("ec2.describe_image_attribute", Attribute="launchPermission", ImageId=image_id))
    return None if answer is None else launchers(answer.get("LaunchPermissions") or [])


def image_row(image: dict[str, Any], arn: str, source_arn: str | None) -> dict[str, Any]:
    return {
        "arn": arn,
        "image_id": image["ImageId"],
        "name": image.get("Name") or image["ImageId"],
        "state": image.get("State"),
        "source_arn": source_arn,
        "created_at": moment(image.get("CreationDate")),
    }


def launchers(permissions: list[dict[str, Any]]) -> list[str]:
    """Return accounts, ARNs of organizations and units, and `all` for everyone."""
    keys = ("UserId", "OrganizationArn", "OrganizationalUnitArn", "Group")
    return sorted({next(item[key] for key in keys if item.get(key)) for item in permissions})
