"""VPCs, subnets, routes, network ACLs, gateways, peerings, endpoints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.collect.ec2_rules import GATEWAYS
from scanner.gate.identity import identity
from scanner.gate.shape import patch, shapes
from scanner.gate.shape.tagged import tags
from scanner.gate.values import Values, rows_of
from scanner.policy import Row

VPCS = "ec2.describe_vpcs"
SUBNETS = "ec2.describe_subnets"
ROUTES = "ec2.describe_route_tables"
ACLS = "ec2.describe_network_acls"
PEERINGS = "ec2.describe_vpc_peering_connections"
EVERYONE = (("0.0.0.0/0", 4), ("::/0", 6))
LAST = 32767
PROTOCOLS = {"all": "-1", "tcp": "6", "udp": "17", "icmp": "1", "icmpv6": "58"}

# Attribute of a route that names its target, and what that is; a gateway id is told apart below.
TARGETS = (
    ("nat_gateway_id", "nat_gateway"),
    ("vpc_peering_connection_id", "peering"),
    ("transit_gateway_id", "transit_gateway"),
    ("egress_only_gateway_id", "egress_only_gateway"),
    ("carrier_gateway_id", "carrier_gateway"),
    ("local_gateway_id", "local_gateway"),
    ("core_network_arn", "core_network"),
    ("vpc_endpoint_id", "vpc_endpoint"),
    ("network_interface_id", "network_interface"),
    ("instance_id", "instance"),
)
PLANNED_GATEWAYS = {
    "aws_internet_gateway": "internet_gateway",
    "aws_vpn_gateway": "vpn_gateway",
    "aws_vpc_endpoint": "vpc_endpoint",
    "aws_nat_gateway": "nat_gateway",
    "aws_egress_only_internet_gateway": "egress_only_gateway",
    "aws_ec2_carrier_gateway": "carrier_gateway",
}


@shapes("aws_vpc", "aws_default_vpc", call=VPCS)
def vpc(v: Values) -> Iterator[Row]:
    yield (
        "vpcs",
        {
            "vpc_id": v.id,
            "arn": v.arn,
            "owner_id": v.account,
            "name": name_tag(v),
            "is_default": v.resource.type == "aws_default_vpc",
            "state": "available",
        },
    )
    yield "vpc_cidrs", cidr(v, v.id, v.text("cidr_block", whole=True), 4)
    if v.has("ipv6_cidr_block") and v.get("assign_generated_ipv6_cidr_block"):
        yield "vpc_cidrs", cidr(v, v.id, v.text("ipv6_cidr_block", whole=True), 6)
    yield from tags(v)
    if v.is_new:
        yield from made_along(v)


def made_along(v: Values) -> Iterator[Row]:
    """What AWS makes with a VPC: main route table, default group, default network ACL.

    https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-best-practices.html and default-security-group.html,
    default-network-acl.html, VPC_Route_Tables.html
    """
    table, group, acl = (
        v.other(name) for name in ("main_route_table_id", "default_security_group_id", "default_network_acl_id")
    )
    here = {"vpc_id": v.id, "owner_id": v.account}
    yield "route_tables", {"route_table_id": table, "is_main": True, **here}
    yield "routes", local_route(table, v.text("cidr_block"))
    yield (
        "security_groups",
        {"group_id": group, "arn": v.arn_of("ec2", f"security-group/{group}"), "name": "default", **here},
    )
    yield from among_members(v, group)
    yield "network_acls", {"acl_id": acl, "is_default": True, **here}
    for direction in ("ingress", "egress"):
        yield "network_acl_entries", entry(acl, direction, 100, "allow", "-1", "0.0.0.0/0", 4)
        yield "network_acl_entries", entry(acl, direction, LAST, "deny", "-1", "0.0.0.0/0", 4)


def among_members(v: Values, group: str) -> Iterator[Row]:
    """The rules of a group as AWS makes it: it lets in its own members, and everything out."""
    rule = {"group_id": group, "protocol": "-1", "from_port": None, "to_port": None}
    own = {"peer_type": "group", "peer": group, "peer_account_id": v.account}
    yield "security_group_rules", {**rule, "direction": "ingress", **own}
    yield "security_group_rules", {**rule, "direction": "egress", "peer_type": "ipv4", "peer": "0.0.0.0/0"}


def local_route(table: str, destination: str | None) -> dict[str, Any]:
    return {
        "route_table_id": table,
        "destination": destination,
        "destination_type": "ipv4",
        "target_type": "local",
        "target_id": "local",
        "state": "active",
        "origin": "CreateRouteTable",
    }


def cidr(v: Values, vpc_id: str | None, block: str | None, family: int) -> dict[str, Any]:
    return {"vpc_id": vpc_id, "cidr": block, "family": family, "state": "associated"}


def name_tag(v: Values) -> str | None:
    found = v.get("tags_all") or v.get("tags") or {}
    return found.get("Name") if isinstance(found, dict) else None


@shapes("aws_vpc_ipv4_cidr_block_association", call=VPCS)
def more_ipv4(v: Values) -> Iterator[Row]:
    yield "vpc_cidrs", cidr(v, v.ref("vpc_id"), v.text("cidr_block", whole=True), 4)


@shapes("aws_subnet", "aws_default_subnet", call=SUBNETS)
def subnet(v: Values) -> Iterator[Row]:
    ipv6 = v.text("ipv6_cidr_block", whole=True)
    yield (
        "subnets",
        {
            "subnet_id": v.id,
            "arn": v.arn,
            "vpc_id": v.ref("vpc_id"),
            "owner_id": v.account,
            "name": name_tag(v),
            "cidr": v.text("cidr_block", whole=True),
            "ipv6_cidrs": [ipv6] if ipv6 else [],
            "zone_id": v.text("availability_zone_id"),
            "zone": v.text("availability_zone"),
            "is_default": v.resource.type == "aws_default_subnet",
            "map_public_ip": v.get("map_public_ip_on_launch", False),
        },
    )
    yield from tags(v)


@shapes("aws_route_table", "aws_default_route_table", call=ROUTES)
def route_table(v: Values) -> Iterator[Row]:
    table = v.id if v.resource.type == "aws_route_table" else (v.ref("default_route_table_id") or v.id)
    yield "route_tables", {"route_table_id": table, "vpc_id": v.ref("vpc_id"), "owner_id": v.account, **main(v)}
    for block in rows_of(v.blocks("route")):
        yield "routes", route_row(block, table)


def main(v: Values) -> dict[str, bool]:
    """A default route table is the main one; whether another one became it, only its association says."""
    if v.resource.type == "aws_default_route_table":
        return {"is_main": True}
    return {"is_main": False} if v.is_new else {}


@shapes("aws_route", call=ROUTES)
def route(v: Values) -> Iterator[Row]:
    table = v.ref("route_table_id")
    if table is not None:
        yield "routes", route_row(v, table)


def route_row(v: Values, table: str) -> dict[str, Any]:
    destination, kind = destination_of(v)
    target_type, target = target_of(v)
    return {
        "route_table_id": table,
        "destination": destination,
        "destination_type": kind,
        "target_type": target_type,
        "target_id": target,
        "state": "active",
        "origin": "CreateRoute",
    }


def destination_of(v: Values) -> tuple[str | None, str]:
    for name, kind in (
        ("cidr_block", "ipv4"),
        ("destination_cidr_block", "ipv4"),
        ("ipv6_cidr_block", "ipv6"),
        ("destination_ipv6_cidr_block", "ipv6"),
    ):
        if v.has(name):
            return v.text(name, whole=True), kind
    name = "destination_prefix_list_id"
    return v.ref(name), "prefix_list"


def target_of(v: Values) -> tuple[str, str | None]:
    """Type and id of what a route leads to; `none` where nothing is named."""
    gateway = gateway_of(v)
    if gateway is not None:
        return gateway
    for name, kind in TARGETS:
        if v.has(name):
            target = v.ref(name)
            if target is not None:
                return kind, target
    return "none", None


def gateway_of(v: Values) -> tuple[str, str | None] | None:
    if not v.has("gateway_id"):
        return None
    if v.is_known("gateway_id"):
        gateway = str(v.get("gateway_id"))
        if gateway == "local":
            return "local", "local"
        planned = next((kind for prefix, kind in GATEWAYS if gateway.startswith(prefix)), "none")
        return planned, gateway
    found = v.target("gateway_id")
    kind = PLANNED_GATEWAYS.get(found.type) if found else None
    if kind is None:
        if v.set("gateway_id"):
            v.note("gateway_id", whole=True)  # a route that leads nobody knows where
        return None
    return kind, v.ref("gateway_id")


@shapes("aws_route_table_association", call=ROUTES)
def association(v: Values) -> Iterator[Row]:
    yield (
        "route_table_associations",
        {
            "route_table_id": v.ref("route_table_id"),
            "subnet_id": v.ref("subnet_id"),
            "gateway_id": v.ref("gateway_id"),
            "state": "associated",
        },
    )


@shapes("aws_main_route_table_association", call=ROUTES)
def main_association(v: Values) -> Iterator[Row]:
    """Another table becomes the main one; when this goes, the former one is again."""
    table, former = v.ref("route_table_id"), v.text("original_route_table_id")
    vpc = v.target("vpc_id")
    if former is None and vpc is not None:
        former = identity(vpc, "main_route_table_id")
    if table:
        yield patch("route_tables", {"route_table_id": table, "is_main": not v.gone})
    if former:
        yield patch("route_tables", {"route_table_id": former, "is_main": v.gone})
    else:
        v.note("original_route_table_id", whole=True)


# ---------------------------------------------------------------------- network ACLs


@shapes("aws_network_acl", "aws_default_network_acl", call=ACLS)
def acl(v: Values) -> Iterator[Row]:
    default = v.resource.type == "aws_default_network_acl"
    acl_id = (v.ref("default_network_acl_id") or v.id) if default else v.id
    row = {"vpc_id": v.ref("vpc_id"), "owner_id": v.account, "is_default": default}
    yield "network_acls", {"acl_id": acl_id, **row}
    for subnet_id in v.refs("subnet_ids") or ():
        yield "network_acl_associations", {"acl_id": acl_id, "subnet_id": subnet_id}
    for direction in ("ingress", "egress"):
        yield "network_acl_entries", entry(acl_id, direction, LAST, "deny", "-1", "0.0.0.0/0", 4)
        for block in rows_of(v.blocks(direction)):
            yield "network_acl_entries", acl_entry(block, acl_id, direction, "rule_no", "action")


@shapes("aws_network_acl_rule", call=ACLS)
def acl_rule(v: Values) -> Iterator[Row]:
    acl_id = v.ref("network_acl_id")
    if acl_id is not None:
        direction = "egress" if v.get("egress", False) else "ingress"
        yield "network_acl_entries", acl_entry(v, acl_id, direction, "rule_number", "rule_action")


@shapes("aws_network_acl_association", call=ACLS)
def acl_association(v: Values) -> Iterator[Row]:
    yield "network_acl_associations", {"acl_id": v.ref("network_acl_id"), "subnet_id": v.ref("subnet_id")}


def acl_entry(v: Values, acl_id: str, direction: str, number: str, action: str) -> dict[str, Any]:
    block, family = v.text("cidr_block", whole=True), 4
    if not block and v.has("ipv6_cidr_block"):
        block, family = v.text("ipv6_cidr_block", whole=True), 6
    word = str(v.get("protocol", "-1", whole=True)).lower()
    protocol = PROTOCOLS.get(word, word)
    ports = protocol in ("6", "17")
    icmp = protocol in ("1", "58")
    return {
        **entry(acl_id, direction, v.get(number, whole=True), v.text(action, whole=True), protocol, block, family),
        "from_port": v.get("from_port", whole=True) if ports else None,
        "to_port": v.get("to_port", whole=True) if ports else None,
        "icmp_type": v.get("icmp_type") if icmp else None,
        "icmp_code": v.get("icmp_code") if icmp else None,
    }


def entry(
    acl_id: str, direction: str, number: Any, action: str | None, protocol: str, block: str | None, family: int
) -> dict[str, Any]:
    return {
        "acl_id": acl_id,
        "direction": direction,
        "number": number,
        "action": action.lower() if action else None,
        "protocol": protocol,
        "cidr": block,
        "family": family,
        "from_port": None,
        "to_port": None,
        "icmp_type": None,
        "icmp_code": None,
    }


# ---------------------------------------------------------------------- gateways, peerings, endpoints


@shapes("aws_internet_gateway", call="ec2.describe_internet_gateways")
def internet_gateway(v: Values) -> Iterator[Row]:
    yield gateway(v, "internet")


@shapes("aws_egress_only_internet_gateway", call="ec2.describe_egress_only_internet_gateways")
def egress_only_gateway(v: Values) -> Iterator[Row]:
    yield gateway(v, "egress_only")


@shapes("aws_vpn_gateway", call="ec2.describe_vpn_gateways")
def vpn_gateway(v: Values) -> Iterator[Row]:
    yield gateway(v, "vpn")


def gateway(v: Values, kind: str) -> Row:
    vpc_id = v.ref("vpc_id")
    attached = {"vpc_id": vpc_id, "state": "available" if vpc_id else None}
    return "internet_gateways", {"gateway_id": v.id, "type": kind, **attached}


@shapes("aws_internet_gateway_attachment", call="ec2.describe_internet_gateways")
def gateway_attachment(v: Values) -> Iterator[Row]:
    attached = {"vpc_id": None, "state": None} if v.gone else {"vpc_id": v.ref("vpc_id"), "state": "available"}
    yield patch("internet_gateways", {"gateway_id": v.ref("internet_gateway_id"), **attached})


@shapes("aws_nat_gateway", call="ec2.describe_nat_gateways")
def nat_gateway(v: Values) -> Iterator[Row]:
    private, public = v.text("private_ip"), v.text("public_ip")
    target = v.target("subnet_id")
    yield (
        "nat_gateways",
        {
            "nat_gateway_id": v.id,
            "vpc_id": (target.after or {}).get("vpc_id") if target else None,
            "subnet_id": v.ref("subnet_id"),
            "connectivity": v.text("connectivity_type", "public"),
            "state": "available",
            "private_ips": [private] if private else [],
            "public_ips": [public] if public else [],
        },
    )


@shapes("aws_vpc_peering_connection", call=PEERINGS)
def peering(v: Values) -> Iterator[Row]:
    """A peering, from the side that asks. It is active once the other side accepts, at once where Terraform may accept it.

    What was accepted stays so.
    """
    known = None if v.is_new else (v.resource.before or {}).get("accept_status")
    yield (
        "vpc_peerings",
        {
            "peering_id": v.id,
            "status": "active" if v.get("auto_accept", False) else known or "pending-acceptance",
            "requester_account_id": v.account,
            "requester_vpc_id": v.ref("vpc_id"),
            "requester_region": v.region,
            "requester_cidrs": None,
            "accepter_account_id": v.ref("peer_owner_id") or v.account,
            "accepter_vpc_id": v.ref("peer_vpc_id"),
            "accepter_region": v.text("peer_region") or v.region,
            "accepter_cidrs": None,
        },
    )
    yield from tags(v)


@shapes("aws_vpc_peering_connection_accepter", call=PEERINGS)
def accepter(v: Values) -> Iterator[Row]:
    """The other side accepts. When this goes, Terraform lets go of it and the peering stays."""
    peering_id = v.ref("vpc_peering_connection_id")
    if peering_id is not None and not v.gone and v.get("auto_accept", False):
        yield patch("vpc_peerings", {"peering_id": peering_id, "status": "active"})


@shapes("aws_ec2_managed_prefix_list", call="ec2.describe_managed_prefix_lists")
def prefix_list(v: Values) -> Iterator[Row]:
    blocks = v.blocks("entry")
    ranges = [block.text("cidr", whole=True) for block in blocks or ()] or [None]
    row = {"prefix_list_id": v.id, "name": v.text("name"), "owner_id": v.account, "entries_read": blocks is not None}
    for one in ranges:
        yield "prefix_lists", {**row, "cidr": one}
