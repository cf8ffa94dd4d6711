"""EC2 gateways: what leads out of a VPC - peerings, gateways, endpoints - and the endpoint services it offers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.collect.api import Api, Call
from scanner.collect.reading import ids, owned_arn
from scanner.policy import Row

SCOPE = "region"
CALLS = (
    Call("ec2.describe_vpc_peering_connections", ("vpc_peerings",)),
    Call("ec2.describe_internet_gateways", ("internet_gateways",)),
    Call("ec2.describe_egress_only_internet_gateways", ("internet_gateways",)),
    Call("ec2.describe_vpn_gateways", ("internet_gateways",)),
    Call("ec2.describe_nat_gateways", ("nat_gateways",)),
    Call("ec2.describe_vpc_endpoints", ("vpc_endpoints",)),
    Call("ec2.describe_vpc_endpoint_service_configurations", ("endpoint_services",)),
)

# Call, key of its list, key of the id, key of the attachments, and our word.
GATEWAYS = (
    ("ec2.describe_internet_gateways", "InternetGateways", "InternetGatewayId", "Attachments", "internet"),
    (
        "ec2.describe_egress_only_internet_gateways",
        "EgressOnlyInternetGateways",
        "EgressOnlyInternetGatewayId",
        "Attachments",
        "egress_only",
    ),
    ("ec2.describe_vpn_gateways", "VpnGateways", "VpnGatewayId", "VpcAttachments", "vpn"),
)


def fetch(api: Api) -> Iterator[Row]:
    for peering in api.list("ec2.describe_vpc_peering_connections", "VpcPeeringConnections"):
        yield "vpc_peerings", peering_row(peering)
    for call, listing, key, attachments, kind in GATEWAYS:
        for gateway in api.list(call, listing):
            yield from gateway_rows(gateway[key], kind, gateway.get(attachments))
    for nat in api.list("ec2.describe_nat_gateways", "NatGateways"):
        yield "nat_gateways", nat_row(nat)
    for endpoint in api.list("ec2.describe_vpc_endpoints", "VpcEndpoints"):
        arn = owned_arn(api, "ec2", endpoint.get("OwnerId"), f"vpc-endpoint/{endpoint['VpcEndpointId']}")
        yield "vpc_endpoints", endpoint_row(endpoint, arn)
    for service in api.list("ec2.describe_vpc_endpoint_service_configurations", "ServiceConfigurations"):
        yield "endpoint_services", service_row(service)


def peering_row(peering: dict[str, Any]) -> dict[str, Any]:
    row = {"peering_id": peering["VpcPeeringConnectionId"], "status": (peering.get("Status") or {}).get("Code")}
    for side, key in (("requester", "RequesterVpcInfo"), ("accepter", "AccepterVpcInfo")):
        vpc = peering.get(key) or {}
        row[f"{side}_account_id"] = vpc.get("OwnerId")
        row[f"{side}_vpc_id"] = vpc.get("VpcId")
        row[f"{side}_region"] = vpc.get("Region")
        row[f"{side}_cidrs"] = peer_cidrs(vpc)
    return row


def peer_cidrs(vpc: dict[str, Any]) -> list[str] | None:
    """Return the ranges of one side, None where AWS hides them (the other side, unless the peering is active)."""
    ipv4 = ids([vpc, *(vpc.get("CidrBlockSet") or ())], "CidrBlock")
    return [*ipv4, *ids(vpc.get("Ipv6CidrBlockSet"), "Ipv6CidrBlock")] or None


def gateway_rows(gateway_id: str, kind: str, attachments: list[dict[str, Any]] | None) -> Iterator[Row]:
    """Yield one row an attachment; one without VPC for a detached gateway."""
    for attachment in attachments or [{}]:
        row = {"vpc_id": attachment.get("VpcId"), "state": attachment.get("State")}
        yield "internet_gateways", {"gateway_id": gateway_id, "type": kind, **row}


def nat_row(nat: dict[str, Any]) -> dict[str, Any]:
    addresses = nat.get("NatGatewayAddresses")
    return {
        "nat_gateway_id": nat["NatGatewayId"],
        "vpc_id": nat.get("VpcId"),
        "subnet_id": nat.get("SubnetId"),
        "connectivity": nat.get("ConnectivityType") or ("public" if ids(addresses, "PublicIp") else None),
        "state": nat.get("State"),
        "private_ips": ids(addresses, "PrivateIp"),
        "public_ips": ids(addresses, "PublicIp"),
    }


def endpoint_row(endpoint: dict[str, Any], arn: str) -> dict[str, Any]:
    return {
        "endpoint_id": endpoint["VpcEndpointId"],
        "arn": arn,
        "vpc_id": endpoint.get("VpcId"),
        "type": endpoint.get("VpcEndpointType"),
        "service_name": endpoint.get("ServiceName"),
        "state": endpoint.get("State"),
        "owner_id": endpoint.get("OwnerId"),
        "subnet_ids": list(endpoint.get("SubnetIds") or ()),
        "route_table_ids": list(endpoint.get("RouteTableIds") or ()),
        "group_ids": ids(endpoint.get("Groups"), "GroupId"),
        "eni_ids": list(endpoint.get("NetworkInterfaceIds") or ()),
    }


def service_row(service: dict[str, Any]) -> dict[str, Any]:
    balancers = [*service.get("NetworkLoadBalancerArns", ()), *service.get("GatewayLoadBalancerArns", ())]
    return {
        "service_id": service["ServiceId"],
        "service_name": service.get("ServiceName"),
        "acceptance_required": service.get("AcceptanceRequired"),
        "load_balancer_arns": balancers,
    }
