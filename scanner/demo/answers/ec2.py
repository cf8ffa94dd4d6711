"""EC2: the two Regions this organization uses, VPC block public access."""

from __future__ import annotations

from typing import Any

from scanner.demo.answers.account import REGIONS
from scanner.demo.store import Store
from scanner.demo.wire import Call

SERVICE = "ec2"


def describe_regions(call: Call, store: Store) -> dict[str, Any]:
    """moto has every Region of AWS switched on; the demo's organization uses two, so that a scan takes seconds."""
    regions = call.ask_moto()["Regions"]
    kept = [{**one, "OptInStatus": "opt-in-not-required"} for one in regions if one["RegionName"] in REGIONS]
    if not call.params.get("AllRegions"):
        return {"Regions": kept}
    off = [
        {**one, "OptInStatus": "not-opted-in"} for one in regions if one["RegionName"] in ("ap-east-1", "eu-south-1")
    ]
    return {"Regions": [*kept, *off]}


def describe_vpc_block_public_access_options(call: Call, store: Store) -> dict[str, Any]:
    options = {
        "AwsAccountId": call.account,
        "AwsRegion": call.region,
        "State": "default-state",
        "InternetGatewayBlockMode": "off",
    }
    return {"VpcBlockPublicAccessOptions": options}


def get_ebs_default_kms_key_id(call: Call, store: Store) -> dict[str, Any]:
    return {"KmsKeyId": "alias/aws/ebs"}
