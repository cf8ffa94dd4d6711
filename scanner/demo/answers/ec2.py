"""EC2: the two Regions this organization uses, VPC block public access, whose VPCs a transit gateway joins."""

from __future__ import annotations

from typing import Any

from moto.ec2.models import ec2_backends

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


def describe_transit_gateway_attachments(call: Call, store: Store) -> dict[str, Any]:
    """moto lets nobody but the owner of a gateway attach a VPC, takes every VPC for the owner's, and shows the first
    route table of an attachment for ever."""
    found = call.ask_moto()["TransitGatewayAttachments"]
    tables = {
        attachment: {"TransitGatewayRouteTableId": table.id, "State": link.state}
        for table in ec2_backends[call.account][call.region].transit_gateways_route_tables.values()
        for attachment, link in table.route_table_associations.items()
    }
    return {
        "TransitGatewayAttachments": [
            {
                **one,
                "ResourceOwnerId": _owner(one["ResourceId"], call),
                "Association": tables.get(one["TransitGatewayAttachmentId"], {}),
            }
            for one in found
        ]
    }


def search_transit_gateway_routes(call: Call, store: Store) -> dict[str, Any]:
    """moto writes the attachment of a route where no SDK looks for it, and filters by nothing that is asked for here."""
    tables = ec2_backends[call.account][call.region].transit_gateways_route_tables
    routes = tables[call.params["TransitGatewayRouteTableId"]].routes.values()
    return {"Routes": [_route(route) for route in routes], "AdditionalRoutesAvailable": False}


def _route(route: dict[str, Any]) -> dict[str, Any]:
    found = route.get("transitGatewayAttachments")
    shown = {key[0].upper() + key[1:]: value for key, value in (found or {}).items()}
    return {
        "DestinationCidrBlock": route["destinationCidrBlock"],
        "Type": route["type"],
        "State": route["state"],
        "TransitGatewayAttachments": [shown] if shown else [],
    }


def _owner(vpc_id: str, call: Call) -> str:
    owners = (account for account in sorted(ec2_backends) if vpc_id in ec2_backends[account][call.region].vpcs)
    return next(owners, call.account)
