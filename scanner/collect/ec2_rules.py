"""EC2 rules: route tables, security groups, network ACLs, and the prefix lists that they name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.collect.api import Api, Call
from scanner.collect.reading import owned_arn, whole
from scanner.policy import Row

SCOPE = "region"
CALLS = (
    Call("ec2.describe_route_tables", ("route_tables", "route_table_associations", "routes")),
    Call("ec2.describe_security_groups", ("security_groups", "security_group_rules")),
    Call("ec2.describe_network_acls", ("network_acls", "network_acl_associations", "network_acl_entries")),
    Call("ec2.describe_managed_prefix_lists", ("prefix_lists",)),
    Call("ec2.get_managed_prefix_list_entries", ("prefix_lists",)),
)

# Where a route names its target, and what that is. A gateway id is told apart by its prefix.
TARGETS = (
    ("NatGatewayId", "nat_gateway"),
    ("VpcPeeringConnectionId", "peering"),
    ("TransitGatewayId", "transit_gateway"),
    ("EgressOnlyInternetGatewayId", "egress_only_gateway"),
    ("CarrierGatewayId", "carrier_gateway"),
    ("LocalGatewayId", "local_gateway"),
    ("CoreNetworkArn", "core_network"),
    # An instance route names the instance and its interface; the interface is what traffic goes to.
    ("NetworkInterfaceId", "network_interface"),
    ("InstanceId", "instance"),
)
GATEWAYS = (
    ("igw-", "internet_gateway"),
    ("vgw-", "vpn_gateway"),
    ("vpce-", "vpc_endpoint"),
    ("nat-", "nat_gateway"),
    ("eigw-", "egress_only_gateway"),
    ("cagw-", "carrier_gateway"),
    ("lgw-", "local_gateway"),
)
DESTINATIONS = (
    ("DestinationCidrBlock", "ipv4"),
    ("DestinationIpv6CidrBlock", "ipv6"),
    ("DestinationPrefixListId", "prefix_list"),
)
PEERS = (
    ("IpRanges", "CidrIp", "ipv4"),
    ("Ipv6Ranges", "CidrIpv6", "ipv6"),
    ("PrefixListIds", "PrefixListId", "prefix_list"),
    ("UserIdGroupPairs", "GroupId", "group"),
)


def fetch(api: Api) -> Iterator[Row]:
    named: set[str] = set()
    for route_table in api.list("ec2.describe_route_tables", "RouteTables"):
        yield from route_table_rows(route_table)
        named.update(route.get("DestinationPrefixListId", "") for route in route_table.get("Routes") or ())
    for group in api.list("ec2.describe_security_groups", "SecurityGroups"):
        arn = owned_arn(api, "ec2", group.get("OwnerId"), f"security-group/{group['GroupId']}")
        yield "security_groups", group_row(group, group.get("SecurityGroupArn") or arn)
        for row in rule_rows(group):
            yield "security_group_rules", row
            if row["peer_type"] == "prefix_list":
                named.add(row["peer"])
    for acl in api.list("ec2.describe_network_acls", "NetworkAcls"):
        yield from acl_rows(acl)
    for prefix_list in api.list("ec2.describe_managed_prefix_lists", "PrefixLists"):
        # Every Region has a dozen lists of AWS; reading those that nothing names would be most requests of this unit.
        wanted = prefix_list.get("OwnerId") != "AWS" or prefix_list["PrefixListId"] in named
        entries = _entries(api, prefix_list["PrefixListId"]) if wanted else None
        yield from prefix_list_rows(prefix_list, entries)


def _entries(api: Api, prefix_list_id: str) -> list[Any] | None:
    return whole(api, "ec2.get_managed_prefix_list_entries", "Entries", PrefixListId=prefix_list_id)


def route_table_rows(route_table: dict[str, Any]) -> Iterator[Row]:
    table_id = route_table["RouteTableId"]
    associations = route_table.get("Associations") or ()
    yield (
        "route_tables",
        {
            "route_table_id": table_id,
            "vpc_id": route_table.get("VpcId"),
            "owner_id": route_table.get("OwnerId"),
            "is_main": any(item.get("Main") for item in associations),
        },
    )
    for item in associations:
        if item.get("SubnetId") or item.get("GatewayId"):
            yield "route_table_associations", association_row(table_id, item)
    for route in route_table.get("Routes") or ():
        yield "routes", route_row(table_id, route)


def association_row(table_id: str, association: dict[str, Any]) -> dict[str, Any]:
    return {
        "route_table_id": table_id,
        "subnet_id": association.get("SubnetId"),
        "gateway_id": association.get("GatewayId"),
        "state": (association.get("AssociationState") or {}).get("State"),
    }


def route_row(table_id: str, route: dict[str, Any]) -> dict[str, Any]:
    destination, kind = next(((route[key], kind) for key, kind in DESTINATIONS if route.get(key)), (None, None))
    target_type, target_id = route_target(route)
    return {
        "route_table_id": table_id,
        "destination": destination,
        "destination_type": kind,
        "target_type": target_type,
        "target_id": target_id,
        "state": route.get("State"),
        "origin": route.get("Origin"),
    }


def route_target(route: dict[str, Any]) -> tuple[str, str | None]:
    """Return type and id of what a route leads to; `none` where AWS names nothing, as for a deleted target."""
    gateway = route.get("GatewayId")
    if gateway == "local":
        return "local", "local"
    if gateway:
        kind = next((kind for prefix, kind in GATEWAYS if gateway.startswith(prefix)), "none")
        return kind, gateway
    return next(((kind, route[key]) for key, kind in TARGETS if route.get(key)), ("none", None))


def group_row(group: dict[str, Any], arn: str) -> dict[str, Any]:
    return {
        "group_id": group["GroupId"],
        "arn": arn,
        "vpc_id": group.get("VpcId"),
        "owner_id": group.get("OwnerId"),
        "name": group.get("GroupName"),
    }


def rule_rows(group: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the rules of a group, one peer a row."""
    for key, direction in (("IpPermissions", "ingress"), ("IpPermissionsEgress", "egress")):
        for permission in group.get(key) or ():
            for listing, value, peer_type in PEERS:
                for peer in permission.get(listing) or ():
                    yield rule_row(group["GroupId"], direction, permission, peer, peer[value], peer_type)


def rule_row(
    group_id: str, direction: str, permission: dict[str, Any], peer: dict[str, Any], value: str, peer_type: str
) -> dict[str, Any]:
    return {
        "group_id": group_id,
        "direction": direction,
        "protocol": permission.get("IpProtocol"),
        "from_port": _port(permission.get("FromPort")),
        "to_port": _port(permission.get("ToPort")),
        "peer_type": peer_type,
        "peer": value,
        "peer_account_id": peer.get("UserId"),
        "peer_vpc_id": peer.get("VpcId"),
        "peering_id": peer.get("VpcPeeringConnectionId"),
    }


def _port(value: int | None) -> int | None:
    """AWS writes -1 for all ICMP types or codes."""
    return None if value == -1 else value


def acl_rows(acl: dict[str, Any]) -> Iterator[Row]:
    acl_id = acl["NetworkAclId"]
    row = {"vpc_id": acl.get("VpcId"), "owner_id": acl.get("OwnerId"), "is_default": acl.get("IsDefault")}
    yield "network_acls", {"acl_id": acl_id, **row}
    for association in acl.get("Associations") or ():
        yield "network_acl_associations", {"acl_id": acl_id, "subnet_id": association.get("SubnetId")}
    for entry in acl.get("Entries") or ():
        yield "network_acl_entries", entry_row(acl_id, entry)


def entry_row(acl_id: str, entry: dict[str, Any]) -> dict[str, Any]:
    ports, icmp = entry.get("PortRange") or {}, entry.get("IcmpTypeCode") or {}
    return {
        "acl_id": acl_id,
        "direction": "egress" if entry["Egress"] else "ingress",
        "number": entry["RuleNumber"],
        "action": entry.get("RuleAction"),
        "protocol": entry.get("Protocol"),
        "cidr": entry.get("CidrBlock") or entry.get("Ipv6CidrBlock"),
        "family": 4 if entry.get("CidrBlock") else 6,
        "from_port": ports.get("From"),
        "to_port": ports.get("To"),
        "icmp_type": icmp.get("Type"),
        "icmp_code": icmp.get("Code"),
    }


def prefix_list_rows(prefix_list: dict[str, Any], entries: list[Any] | None) -> Iterator[Row]:
    """Yield one row an entry; one row without range where there is none, or where they were not read (None)."""
    row = {
        "prefix_list_id": prefix_list["PrefixListId"],
        "name": prefix_list.get("PrefixListName"),
        "owner_id": prefix_list.get("OwnerId"),
        "entries_read": entries is not None,
    }
    for cidr in [entry["Cidr"] for entry in entries or ()] or [None]:
        yield "prefix_lists", {**row, "cidr": cidr}
