"""EC2 network: VPCs, subnets and network interfaces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.collect.api import Api, Call, tag_rows, tag_value
from scanner.collect.reading import ids, owned_arn
from scanner.policy import Row

SCOPE = "region"
CALLS = (
    Call("ec2.describe_vpcs", ("vpcs", "vpc_cidrs", "tags")),
    Call("ec2.describe_subnets", ("subnets", "tags")),
    Call("ec2.describe_network_interfaces", ("network_interfaces",)),
)

# The API documents one spelling and answers another.
SPELLINGS = {"natGateway": "nat_gateway"}


def fetch(api: Api) -> Iterator[Row]:
    for vpc in api.list("ec2.describe_vpcs", "Vpcs"):
        arn = owned_arn(api, "ec2", vpc.get("OwnerId"), f"vpc/{vpc['VpcId']}")
        yield "vpcs", vpc_row(vpc, arn)
        yield from cidr_rows(vpc)
        yield from tag_rows(arn, vpc.get("Tags"))
    for subnet in api.list("ec2.describe_subnets", "Subnets"):
        made = owned_arn(api, "ec2", subnet.get("OwnerId"), f"subnet/{subnet['SubnetId']}")
        arn = subnet.get("SubnetArn") or made
        yield "subnets", subnet_row(subnet, arn)
        yield from tag_rows(arn, subnet.get("Tags"))
    for interface in api.list("ec2.describe_network_interfaces", "NetworkInterfaces"):
        eni = interface["NetworkInterfaceId"]
        arn = owned_arn(api, "ec2", interface.get("OwnerId"), f"network-interface/{eni}")
        yield "network_interfaces", interface_row(interface, arn)


def vpc_row(vpc: dict[str, Any], arn: str) -> dict[str, Any]:
    return {
        "vpc_id": vpc["VpcId"],
        "arn": arn,
        "owner_id": vpc.get("OwnerId"),
        "name": tag_value(vpc.get("Tags"), "Name"),
        "is_default": vpc.get("IsDefault"),
        "state": vpc.get("State"),
    }


def cidr_rows(vpc: dict[str, Any]) -> Iterator[Row]:
    """Yield the ranges of a VPC. Dumps from before 2017 have only the primary range, without associations."""
    ipv4 = vpc.get("CidrBlockAssociationSet")
    if ipv4 is None and vpc.get("CidrBlock"):
        ipv4 = [{"CidrBlock": vpc["CidrBlock"], "CidrBlockState": {"State": "associated"}}]
    for item in ipv4 or ():
        yield "vpc_cidrs", _cidr(vpc, item["CidrBlock"], 4, item.get("CidrBlockState"))
    for item in vpc.get("Ipv6CidrBlockAssociationSet") or ():
        yield "vpc_cidrs", _cidr(vpc, item["Ipv6CidrBlock"], 6, item.get("Ipv6CidrBlockState"))


def _cidr(vpc: dict[str, Any], cidr: str, family: int, state: dict[str, Any] | None) -> dict[str, Any]:
    return {"vpc_id": vpc["VpcId"], "cidr": cidr, "family": family, "state": (state or {}).get("State")}


def subnet_row(subnet: dict[str, Any], arn: str) -> dict[str, Any]:
    ipv6 = [
        item
        for item in subnet.get("Ipv6CidrBlockAssociationSet") or ()
        if (item.get("Ipv6CidrBlockState") or {}).get("State", "associated") == "associated"
    ]
    return {
        "subnet_id": subnet["SubnetId"],
        "arn": arn,
        "vpc_id": subnet.get("VpcId"),
        "owner_id": subnet.get("OwnerId"),
        "name": tag_value(subnet.get("Tags"), "Name"),
        "cidr": subnet.get("CidrBlock"),
        "ipv6_cidrs": ids(ipv6, "Ipv6CidrBlock"),
        "zone_id": subnet.get("AvailabilityZoneId"),
        "zone": subnet.get("AvailabilityZone"),
        "is_default": subnet.get("DefaultForAz"),
        "map_public_ip": subnet.get("MapPublicIpOnLaunch"),
    }


def interface_row(interface: dict[str, Any], arn: str) -> dict[str, Any]:
    attachment = interface.get("Attachment") or {}
    return {
        "eni_id": interface["NetworkInterfaceId"],
        "arn": arn,
        "vpc_id": interface.get("VpcId"),
        "subnet_id": interface.get("SubnetId"),
        "owner_id": interface.get("OwnerId"),
        "description": interface.get("Description"),
        "interface_type": SPELLINGS.get(interface.get("InterfaceType", ""), interface.get("InterfaceType")),
        "requester_id": interface.get("RequesterId"),
        "requester_managed": interface.get("RequesterManaged"),
        "status": interface.get("Status"),
        "instance_id": attachment.get("InstanceId"),
        "attachment_owner_id": attachment.get("InstanceOwnerId"),
        "private_ips": private_ips(interface),
        "ipv6_ips": ids(interface.get("Ipv6Addresses"), "Ipv6Address"),
        "public_ips": public_ips(interface),
        "group_ids": ids(interface.get("Groups"), "GroupId"),
        "source_dest_check": interface.get("SourceDestCheck"),
    }


def private_ips(interface: dict[str, Any]) -> list[str]:
    """Return the private IPv4 addresses, the primary one first."""
    primary = [{"PrivateIpAddress": interface.get("PrivateIpAddress")}]
    return ids(primary + list(interface.get("PrivateIpAddresses") or ()), "PrivateIpAddress")


def public_ips(interface: dict[str, Any]) -> list[str]:
    addresses = interface.get("PrivateIpAddresses") or ()
    associations = [item.get("Association") or {} for item in (interface, *addresses)]
    return ids(associations, "PublicIp")
