"""EC2: what AWS Config holds of networks and machines, as the calls that describe them."""

from __future__ import annotations

from typing import Any

from scanner.aws.aggregator.held import Asked, Held, described, listing
from scanner.collect.api import Response


def _groups(asked: Asked) -> Response:
    needs = ("GroupId", "IpPermissions", "IpPermissionsEgress")
    return {"SecurityGroups": [_group(described(item, *needs)) for item in asked.items]}


def _group(found: dict[str, Any]) -> dict[str, Any]:
    """Ranges are kept twice: as bare text in `ipRanges`, and with their descriptions in `ipv4Ranges`."""
    for key in ("IpPermissions", "IpPermissionsEgress"):
        found[key] = [{**one, "IpRanges": _ranges(one)} for one in found[key]]
    return found


def _ranges(permission: dict[str, Any]) -> list[dict[str, Any]]:
    if "Ipv4Ranges" in permission:
        ranges: list[dict[str, Any]] = permission["Ipv4Ranges"]
        return ranges
    return [one if isinstance(one, dict) else {"CidrIp": one} for one in permission.get("IpRanges") or ()]


def _instances(asked: Asked) -> Response:
    needs = ("InstanceId", "State", "SecurityGroups")
    return {"Reservations": [{"Instances": [described(item, *needs)]} for item in asked.items]}


def _peerings(asked: Asked) -> Response:
    needs = ("VpcPeeringConnectionId", "Status", "RequesterVpcInfo", "AccepterVpcInfo")
    found = [described(item, *needs) for item in asked.items]
    for one in found:
        if isinstance(one["Status"], str):
            one["Status"] = {"Code": one["Status"]}
    return {"VpcPeeringConnections": found}


def _held(kind: str, answer: Any) -> Held:
    return Held((f"AWS::EC2::{kind}",), answer)


HELD = {
    "ec2.describe_vpcs": _held("VPC", listing("Vpcs", "VpcId", "OwnerId", "CidrBlockAssociationSet")),
    "ec2.describe_subnets": _held("Subnet", listing("Subnets", "SubnetId", "OwnerId", "VpcId", "CidrBlock")),
    "ec2.describe_network_interfaces": _held(
        "NetworkInterface",
        listing("NetworkInterfaces", "NetworkInterfaceId", "VpcId", "Groups", "PrivateIpAddresses", tagged="TagSet"),
    ),
    "ec2.describe_route_tables": _held(
        "RouteTable", listing("RouteTables", "RouteTableId", "VpcId", "Routes", "Associations")
    ),
    "ec2.describe_security_groups": _held("SecurityGroup", _groups),
    "ec2.describe_network_acls": _held(
        "NetworkAcl", listing("NetworkAcls", "NetworkAclId", "VpcId", "Entries", "Associations")
    ),
    "ec2.describe_instances": _held("Instance", _instances),
    "ec2.describe_volumes": _held("Volume", listing("Volumes", "VolumeId", "Encrypted", "State", "Attachments")),
    "ec2.describe_vpc_peering_connections": _held("VPCPeeringConnection", _peerings),
    "ec2.describe_internet_gateways": _held(
        "InternetGateway", listing("InternetGateways", "InternetGatewayId", "Attachments")
    ),
    "ec2.describe_nat_gateways": _held("NatGateway", listing("NatGateways", "NatGatewayId", "VpcId", "State")),
    "ec2.describe_vpc_endpoints": _held(
        "VPCEndpoint", listing("VpcEndpoints", "VpcEndpointId", "VpcId", "VpcEndpointType", "ServiceName")
    ),
}
