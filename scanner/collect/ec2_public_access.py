"""VPC Block Public Access: the mode of the account and Region, and what it leaves out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.collect.api import Api, Call
from scanner.collect.reading import known
from scanner.policy import Row

SCOPE = "region"
CALLS = (
    Call("ec2.describe_vpc_block_public_access_options", ("public_access_blocks",)),
    Call("ec2.describe_vpc_block_public_access_exclusions", ("public_access_exclusions",)),
)


def fetch(api: Api) -> Iterator[Row]:
    response = known(api.get("ec2.describe_vpc_block_public_access_options"))
    if response is None:
        return
    mode = (response.get("VpcBlockPublicAccessOptions") or {}).get("InternetGatewayBlockMode")
    yield "public_access_blocks", {"mode": mode}
    if mode == "off":
        return  # What a block that is off leaves out has no effect: one request less in most Regions.
    listing = api.list("ec2.describe_vpc_block_public_access_exclusions", "VpcBlockPublicAccessExclusions")
    for exclusion in listing:
        yield "public_access_exclusions", exclusion_row(exclusion)


def exclusion_row(exclusion: dict[str, Any]) -> dict[str, Any]:
    return {
        "exclusion_id": exclusion["ExclusionId"],
        "resource_arn": exclusion.get("ResourceArn"),
        "mode": exclusion.get("InternetGatewayExclusionMode"),
        "state": exclusion.get("State"),
    }
