"""VPCs, subnets, routes, network ACLs, gateways, peerings, endpoints, transit gateways."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.gate.cloudformation.kinds import Block, Part, attributes_of, declare, dig, plain
from scanner.gate.cloudformation.leaves import Unknown
from scanner.gate.cloudformation.tree import truth

FROM_POOL = Unknown("is drawn from an address pool")
VPC = {
    "VpcId": "id",
    "DefaultSecurityGroup": "default_security_group_id",
    "DefaultNetworkAcl": "default_network_acl_id",
}


@declare("AWS::EC2::VPC", "aws_vpc", attributes=VPC)
def vpc(block: Block) -> Iterator[Part]:
    yield "aws_vpc", {"cidr_block": FROM_POOL, **attributes_of(block)}


@declare("AWS::EC2::VPCCidrBlock", "aws_vpc_ipv4_cidr_block_association")
def more_ranges(block: Block) -> Iterator[Part]:
    """A further range; one of IPv6, or from a pool, is not known."""
    yield "aws_vpc_ipv4_cidr_block_association", {"cidr_block": FROM_POOL, **attributes_of(block)}


@declare("AWS::EC2::Subnet", "aws_subnet", attributes={"SubnetId": "id"})
def subnet(block: Block) -> Iterator[Part]:
    made = attributes_of(block)
    if made.get("ipv6_native") is not True:
        made.setdefault("cidr_block", FROM_POOL)
    if "ipv6_ipam_pool_id" in made or "ipv6_netmask_length" in made:
        made.setdefault("ipv6_cidr_block", FROM_POOL)
    yield "aws_subnet", made


plain("AWS::EC2::RouteTable", "aws_route_table", attributes={"RouteTableId": "id"})
plain("AWS::EC2::Route", "aws_route", {"EgressOnlyInternetGatewayId": "egress_only_gateway_id"})
plain("AWS::EC2::SubnetRouteTableAssociation", "aws_route_table_association")
plain("AWS::EC2::GatewayRouteTableAssociation", "aws_route_table_association")
plain("AWS::EC2::NetworkAcl", "aws_network_acl")
plain("AWS::EC2::SubnetNetworkAclAssociation", "aws_network_acl_association")


@declare("AWS::EC2::NetworkAclEntry", "aws_network_acl_rule")
def acl_entry(block: Block) -> Iterator[Part]:
    made = {**attributes_of(block), "egress": truth(block.get("Egress") or False)}
    for name, path in (
        ("from_port", ("PortRange", "From")),
        ("to_port", ("PortRange", "To")),
        ("icmp_type", ("Icmp", "Type")),
        ("icmp_code", ("Icmp", "Code")),
    ):
        value = block.get(*path)
        if value is not None:
            made[name] = value
    yield "aws_network_acl_rule", made


plain("AWS::EC2::InternetGateway", "aws_internet_gateway", attributes={"InternetGatewayId": "id"})
plain("AWS::EC2::EgressOnlyInternetGateway", "aws_egress_only_internet_gateway")
plain("AWS::EC2::VPNGateway", "aws_vpn_gateway", attributes={"VPNGatewayId": "id"})
plain(
    "AWS::EC2::VPCGatewayAttachment",
    "aws_internet_gateway_attachment",
    {"VpnGatewayId": "internet_gateway_id"},  # the table of gateways holds both
)
plain("AWS::EC2::NatGateway", "aws_nat_gateway", {"PrivateIpAddress": "private_ip"}, attributes={"NatGatewayId": "id"})


@declare("AWS::EC2::VPCPeeringConnection", "aws_vpc_peering_connection")
def peering(block: Block) -> Iterator[Part]:
    """A peering. CloudFormation accepts it too: within the account, or with a role of the other one.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/peer-with-vpc-in-another-account.html
    """
    made, owner = attributes_of(block), block.get("PeerOwnerId")
    if block.get("PeerRoleArn") is not None or owner is None or str(owner) == block.account_id:
        made["auto_accept"] = True
    elif isinstance(owner, Unknown):
        made["auto_accept"] = owner
    yield "aws_vpc_peering_connection", made


@declare("AWS::EC2::VPCEndpoint", "aws_vpc_endpoint")
def endpoint(block: Block) -> Iterator[Part]:
    yield "aws_vpc_endpoint", attributes_of(block, documents=("PolicyDocument",))


plain("AWS::EC2::VPCEndpointService", "aws_vpc_endpoint_service", attributes={"ServiceId": "id"})


@declare("AWS::EC2::PrefixList", "aws_ec2_managed_prefix_list", attributes={"PrefixListId": "id"})
def prefix_list(block: Block) -> Iterator[Part]:
    yield "aws_ec2_managed_prefix_list", attributes_of(block, {"PrefixListName": "name", "Entries": "entry"})


# ---------------------------------------------------------------------- transit gateways

plain("AWS::EC2::TransitGateway", "aws_ec2_transit_gateway", attributes={"TransitGatewayArn": "arn"})
plain(
    "AWS::EC2::TransitGatewayRouteTable",
    "aws_ec2_transit_gateway_route_table",
    attributes={"TransitGatewayRouteTableId": "id"},
)
plain("AWS::EC2::TransitGatewayRoute", "aws_ec2_transit_gateway_route")
plain("AWS::EC2::TransitGatewayRouteTableAssociation", "aws_ec2_transit_gateway_route_table_association")
plain("AWS::EC2::TransitGatewayRouteTablePropagation", "aws_ec2_transit_gateway_route_table_propagation")
plain(
    "AWS::EC2::TransitGatewayPeeringAttachment",
    "aws_ec2_transit_gateway_peering_attachment",
    attributes={"TransitGatewayAttachmentId": "id"},
)


@declare("AWS::EC2::TransitGatewayAttachment", "aws_ec2_transit_gateway_vpc_attachment")
@declare("AWS::EC2::TransitGatewayVpcAttachment", "aws_ec2_transit_gateway_vpc_attachment")
def attachment(block: Block) -> Iterator[Part]:
    made, says = attributes_of(block), dig(block.properties, "Options", "SecurityGroupReferencingSupport")
    if says is not None:
        made["security_group_referencing_support"] = says
    yield "aws_ec2_transit_gateway_vpc_attachment", made
