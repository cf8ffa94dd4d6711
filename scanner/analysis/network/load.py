"""From the tables of a snapshot to an `Estate`: rows that several accounts listed become one record."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from scanner.analysis.network import load_hosts, load_transit
from scanner.analysis.network.addresses import Spot, spot, spots
from scanner.analysis.network.book import NUMBERS, RuleBook
from scanner.analysis.network.model import Endpoint, Entry, Estate, NatGateway, Peering, Route, Side, Subnet, Vpc
from scanner.analysis.network.rows import best, by, rows

GONE = ("disassociated", "disassociating", "failed")


def load(connection: Any) -> Estate:
    """Read every table the analysis stands on."""
    estate = load_network(connection)
    load_hosts.load(connection, estate)
    return estate


def load_network(connection: Any) -> Estate:
    """Read everything but the ends of connections."""
    estate = Estate()
    for part in (_vpcs, _subnets, _routes, _groups, _acls, _prefix_lists, _peerings, _gateways, _public_access):
        part(connection, estate)
    load_transit.load(connection, estate)
    return estate


def _vpcs(connection: Any, estate: Estate) -> None:
    ranges: dict[str, list[Spot]] = defaultdict(list)
    for vpc_id, cidr, state in rows(connection, "vpc_id, cidr, state", "vpc_cidrs", "cidr IS NOT NULL"):
        if (state or "associated") == "associated":
            ranges[vpc_id] += [one for one in spots([cidr]) if one not in ranges[vpc_id]]
    found = rows(connection, "vpc_id, owner_id, region, account_id", "vpcs")
    for vpc_id, listed in by(found, "vpc_id").items():
        owner = best(row.owner_id for row in listed) or listed[0].account_id
        estate.vpcs[vpc_id] = Vpc(vpc_id, owner, listed[0].region, tuple(ranges[vpc_id]))


def _subnets(connection: Any, estate: Estate) -> None:
    columns = "subnet_id, vpc_id, owner_id, region, zone_id, zone, cidr, ipv6_cidrs, account_id"
    for subnet_id, listed in by(rows(connection, columns, "subnets"), "subnet_id").items():
        first = listed[0]
        owner = best(row.owner_id for row in listed)
        vpc = estate.vpcs.get(first.vpc_id)
        owned = next((row for row in listed if row.account_id == owner), first)
        estate.subnets[subnet_id] = Subnet(
            subnet_id,
            first.vpc_id,
            owner or (vpc.owner if vpc else None),
            first.region,
            best(row.zone_id for row in listed),
            owned.zone,
            spots([first.cidr, *(first.ipv6_cidrs or ())]),
            frozenset(row.account_id for row in listed),
        )


def _routes(connection: Any, estate: Estate) -> None:
    for row in rows(connection, "route_table_id, vpc_id, is_main", "route_tables", "is_main"):
        estate.main_tables[row.vpc_id] = row.route_table_id
    columns = "route_table_id, subnet_id, gateway_id, state"
    for table, subnet, gateway, state in rows(connection, columns, "route_table_associations"):
        if state not in GONE:
            (estate.table_of if subnet else estate.edge_tables)[subnet or gateway] = table
    columns = "route_table_id, destination, destination_type, target_type, target_id, state, origin"
    for table, listed in by(rows(connection, columns, "routes", "destination IS NOT NULL"), "route_table_id").items():
        estate.routes[table] = tuple(_route(row) for row in listed)
    for row in rows(connection, "route_table_id", "route_tables"):
        estate.routes.setdefault(row.route_table_id, ())


def _route(row: Any) -> Route:
    propagated = row.origin == "EnableVgwRoutePropagation"
    active = (row.state or "active") == "active"
    return Route(row.destination, row.destination_type, row.target_type, row.target_id or "", active, propagated)


def _groups(connection: Any, estate: Estate) -> None:
    sql = "SELECT group_id, min(name) AS name, min(vpc_id) AS vpc_id FROM security_groups GROUP BY group_id"
    found = connection.sql(f"{sql} ORDER BY group_id").to_arrow_table()
    groups, names, vpcs = (column.to_pylist() for column in found.columns)
    estate.groups = {group: name or "" for group, name in zip(groups, names, strict=True)}
    estate.group_vpcs = dict(zip(groups, vpcs, strict=True))
    estate.rules = RuleBook(connection)


def _acls(connection: Any, estate: Estate) -> None:
    for row in rows(connection, "subnet_id, acl_id", "network_acl_associations"):
        estate.acls[row.subnet_id] = row.acl_id
    gathered: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    columns = "acl_id, direction, number, action, protocol, cidr, from_port, to_port"
    for acl, direction, number, action, protocol, cidr, low, high in rows(connection, columns, "network_acl_entries"):
        if cidr:
            word = NUMBERS.get(protocol, protocol or "-1")
            gathered[acl, direction].append(Entry(number, action == "allow", word, spot(cidr), low, high))
    estate.entries = {key: tuple(sorted(listed, key=lambda one: one.number)) for key, listed in gathered.items()}
    for row in rows(connection, "acl_id", "network_acls"):
        for direction in ("ingress", "egress"):
            estate.entries.setdefault((row.acl_id, direction), ())


def _prefix_lists(connection: Any, estate: Estate) -> None:
    found = rows(connection, "prefix_list_id, cidr, entries_read, owner_id", "prefix_lists")
    for list_id, listed in by(found, "prefix_list_id").items():
        read = any(row.entries_read for row in listed)
        estate.prefix_lists[list_id] = spots(row.cidr for row in listed) if read else None
        estate.prefix_owners[list_id] = best(row.owner_id for row in listed) or ""


def _peerings(connection: Any, estate: Estate) -> None:
    """Each side lists a peering, and AWS may show the other side's ranges to one of them only."""
    names = ("account_id", "vpc_id", "region", "cidrs")
    columns = ", ".join(["peering_id", "status", *(f"{side}_{name}" for side in SIDES for name in names)])
    for peering_id, listed in by(rows(connection, columns, "vpc_peerings"), "peering_id").items():
        sides = tuple(Side(*_side(listed, side)) for side in SIDES)
        # Two accounts that were read at different times may disagree: then it is not certain that it is active.
        states = sorted({row.status or "" for row in listed} - {"active"}) or ["active"]
        estate.peerings[peering_id] = Peering(peering_id, states[0], (sides[0], sides[1]))


SIDES = ("requester", "accepter")


def _side(listed: list[Any], side: str) -> list[Any]:
    cidrs = best(getattr(row, f"{side}_cidrs") for row in listed)
    plain = [best(getattr(row, f"{side}_{name}") for row in listed) for name in ("account_id", "vpc_id", "region")]
    return [*plain, spots(cidrs) if cidrs is not None else None]


def _gateways(connection: Any, estate: Estate) -> None:
    for row in rows(connection, "gateway_id, vpc_id, state", "internet_gateways"):
        attached = (row.state or "available") in ("available", "attached", "attaching")
        estate.gateways.setdefault(row.gateway_id, {})[row.vpc_id or ""] = attached
    columns = "nat_gateway_id, vpc_id, subnet_id, connectivity, state, private_ips, public_ips"
    for nat_id, vpc, subnet, connectivity, state, private, public in rows(connection, columns, "nat_gateways"):
        known = NatGateway(nat_id, vpc, subnet, connectivity != "private", state or "", spots(private), spots(public))
        estate.nats[nat_id] = known
    columns = "endpoint_id, type, service_name, state, vpc_id, owner_id, account_id, region, eni_ids"
    for row in rows(connection, columns, "vpc_endpoints"):
        owner, enis = row.owner_id or row.account_id, tuple(sorted(row.eni_ids or ()))
        kind, service, state = row.type or "Gateway", row.service_name or "", (row.state or "").lower()
        known_as = Endpoint(row.endpoint_id, kind, service, state, row.vpc_id, owner, row.region, enis)
        estate.endpoints[row.endpoint_id] = known_as
    for row in rows(connection, "service_name, load_balancer_arns", "endpoint_services"):
        estate.services[row.service_name] = tuple(sorted(row.load_balancer_arns or ()))


def _public_access(connection: Any, estate: Estate) -> None:
    for row in rows(connection, "account_id, region, mode", "public_access_blocks"):
        estate.blocks[row.account_id, row.region] = row.mode
    for row in rows(connection, "resource_arn, mode, state", "public_access_exclusions"):
        if row.state in ("create-complete", "update-complete", "update-in-progress", "delete-in-progress", None):
            estate.exclusions[(row.resource_arn or "").rpartition("/")[2]] = row.mode or ""
