"""Transit gateways: from the attachment of one VPC to that of another.

Facts: Transit Gateway guide, "How transit gateways work" (route evaluation order, zones: a resource reaches the gateway only
where the attachment has a subnet in its zone), "Peering attachments" (static routes only), "Routing".
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

from scanner.analysis.network.addresses import NOT_INTERNET, Spot, deepest, head, shown, spots
from scanner.analysis.network.gaps import Gaps
from scanner.analysis.network.index import RouteIndex
from scanner.analysis.network.kept import Kept
from scanner.analysis.network.model import Attachment, Estate, Subnet, TransitRoute, TransitTable
from scanner.analysis.network.tables import Tables
from scanner.analysis.network.verdicts import Finding, allow, along, deny, named, unknown

ORDER = {"vpc": 5, "direct-connect-gateway": 4, "connect": 3, "vpn": 2}
MOST_GATEWAYS = 6
LISTING = "ec2.describe_transit_gateway_attachments"
DETAILS = "ec2.describe_transit_gateway_vpc_attachments"


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where a packet comes out; without VPC, the finding says why it does not. `entry_subnets`: where it went in."""

    finding: Finding
    vpc_id: str | None = None
    subnet_id: str | None = None
    entry_subnets: tuple[str, ...] = ()


class Transit:
    """Carries packets over transit gateways."""

    def __init__(self, estate: Estate, gaps: Gaps, tables: Tables):
        self._estate = estate
        self._gaps = gaps
        self._tables = tables
        self._known: dict[tuple[str, str, str, int, int | Spot], tuple[Arrival, ...]] = Kept()
        self._depths: dict[int, int] = {}
        self._indexes: dict[str, RouteIndex] = {}
        self._mine: dict[tuple[str, str], list[Attachment]] = defaultdict(list)
        self._named: dict[tuple[str, str], list[Attachment]] = defaultdict(list)
        for gateway, listed in estate.attachments.items():
            for one in listed:
                self._mine[gateway, one.resource].append(one)
                self._named[gateway, one.attachment_id].append(one)

    def carry(self, gateway: str, vpc_id: str, subnet_id: str, where: Spot) -> tuple[Arrival, ...]:
        """Return where a packet from a subnet comes out; several where that is not known, or AWS chooses."""
        single = where.single
        # Addresses that begin alike are alike to route tables that know no longer prefix, unless a sentence names one.
        key = (gateway, vpc_id, subnet_id, where.version, head(where, self._depth(where.version)) if single else where)
        known = self._known.get(key)
        if known is None:
            known = self._carry(gateway, vpc_id, subnet_id, where)
            if not single or not any(named(one.finding, shown(where)) for one in known):
                self._known[key] = known
        return known

    def _depth(self, version: int) -> int:
        if version not in self._depths:
            routes = (route for table in self._estate.transit_tables.values() for route in table.routes)
            lists = (one for entries in self._estate.prefix_lists.values() for one in entries or ())
            found = {*spots({route.destination for route in routes}), *lists, *NOT_INTERNET}
            self._depths[version] = deepest(found, version)
        return self._depths[version]

    def _carry(self, gateway: str, vpc_id: str, subnet_id: str, where: Spot) -> tuple[Arrival, ...]:
        mine = self._mine.get((gateway, vpc_id), [])
        live = [one for one in mine if one.available]
        if not live:
            return (Arrival(self._no_attachment(gateway, vpc_id, bool(mine))),)
        zone = self._entry(live[0], subnet_id)
        if isinstance(zone, Finding):
            return (Arrival(zone),)
        found = self._next(live[0], where, subnet_id, 0)
        return tuple(replace(one, entry_subnets=zone) for one in found)

    def _no_attachment(self, gateway: str, vpc_id: str, gone: bool) -> Finding:
        text = f"{vpc_id} has no available attachment to {gateway}"
        vpc, known = self._estate.vpcs.get(vpc_id), self._estate.transit.get(gateway)
        owners = [vpc.owner if vpc else None, known.owner if known else None]
        region = vpc.region if vpc else known.region if known else ""
        gap = self._gaps.complete_in_one("transit_gateway_attachments", [one for one in owners if one], region)
        return deny(text) if gone or not gap else unknown(f"{text}, as far as is known: {gap}")

    def _entry(self, attachment: Attachment, subnet_id: str) -> tuple[str, ...] | Finding:
        """The attachment's subnet in the zone of `subnet_id`."""
        if attachment.subnets is None:
            text = f"the subnets of {attachment.attachment_id} were not read"
            return unknown(f"{text}: {DETAILS} of {attachment.owner}")
        if subnet_id in attachment.subnets:
            return (subnet_id,)
        here = self._estate.subnets.get(subnet_id)
        found = [(one, self._estate.subnets.get(one)) for one in attachment.subnets]
        same = [name for name, one in found if here and one and same_zone(here, one)]
        if same:
            return tuple(same[:1])
        if here is None or any(one is None for _, one in found):
            return unknown(
                f"the zones of {attachment.attachment_id} are not known: ec2.describe_subnets of {attachment.owner}"
            )
        return deny(f"{attachment.attachment_id} has no subnet in {here.zone or here.zone_id}, the zone of {subnet_id}")

    def _next(self, attachment: Attachment, where: Spot, origin: str, depth: int) -> list[Arrival]:
        """Look `where` up in the table an attachment is associated with, and go on from there."""
        known = self._estate.transit.get(attachment.gateway)
        if known is not None and not known.available:
            return [Arrival(deny(f"{attachment.gateway} is not available"))]
        if attachment.table is None:
            return [Arrival(self._not_associated(attachment))]
        table = self._estate.transit_tables.get(attachment.table)
        if table is None or table.complete is None:
            return [
                Arrival(unknown(f"the routes of {attachment.table} were not read: {self._routes_call(attachment)}"))
            ]
        if not table.complete:
            why = "AWS returned 1,000 of them, and there are more (ec2.export_transit_gateway_routes has all)"
            return [Arrival(unknown(f"the routes of {attachment.table} are not complete: {why}"))]
        found: list[Arrival] = []
        for route in self._chosen(table, where):
            if isinstance(route, Finding):
                found.append(Arrival(route))
            elif route is None:
                found.append(
                    Arrival(deny(f"{attachment.table} of {attachment.gateway} has no route to {shown(where)}"))
                )
            else:
                found += self._follow(attachment, route, where, origin, depth)
        return found

    def _chosen(self, table: TransitTable, where: Spot) -> list[TransitRoute | Finding | None]:
        if table.table_id not in self._indexes:
            self._indexes[table.table_id] = RouteIndex(table.routes)
        ranked: list[tuple[tuple[int, int], str, TransitRoute]] = []
        doubts: list[TransitRoute | Finding | None] = []
        for route in self._indexes[table.table_id].near(where):
            kind = "prefix_list" if route.prefix_list else "ipv4"
            destination = route.prefix_list or route.destination or ""
            length, doubt = self._tables.covers(destination, kind, where) if destination else (None, False)
            if length is not None:
                ranked.append(((length, _rank(route)), str(route), route))
            elif doubt and route.prefix_list and self._estate.prefix_lists.get(route.prefix_list) is None:
                call = "ec2.get_managed_prefix_list_entries"
                doubts.append(unknown(f"the entries of {route.prefix_list} were not read: {call}"))
            elif doubt:
                doubts.append(route)
        chosen = max(ranked, key=lambda one: one[:2])[2] if ranked else None
        return [chosen, *doubts]

    def _follow(
        self, attachment: Attachment, route: TransitRoute, where: Spot, origin: str, depth: int
    ) -> list[Arrival]:
        said = f"{attachment.table} of {attachment.gateway}: {route.destination or route.prefix_list}"
        if not route.active or not route.hops:
            return [Arrival(deny(f"{said} is a blackhole"))]
        found: list[Arrival] = []
        for name, kind, resource in route.hops:
            text = allow(f"{said} -> {resource or name}")
            for one in self._out(attachment, (name, kind, resource), route, where, origin, depth):
                found.append(replace(one, finding=along([text, one.finding]) if one.vpc_id else one.finding))
        return found

    def _out(
        self,
        attachment: Attachment,
        hop: tuple[str, str, str],
        route: TransitRoute,
        where: Spot,
        origin: str,
        depth: int,
    ) -> list[Arrival]:
        name, kind, resource = hop
        if kind == "vpc":
            return self._into_vpc(attachment.gateway, name, resource, origin)
        if kind != "peering":
            text = f"{attachment.gateway} leads to {kind} {resource}"
            return [Arrival(unknown(f"{text}; what is behind it AWS does not tell"))]
        if not route.static or depth >= MOST_GATEWAYS:
            return [Arrival(deny(f"{name} is a peering, which carries static routes only, and no circles"))]
        return self._into_gateway(attachment.gateway, name, resource, where, origin, depth)

    def _into_vpc(self, gateway: str, name: str, vpc_id: str, origin: str) -> list[Arrival]:
        listed = self._named.get((gateway, name), [])
        if not listed:
            call = f"{LISTING} of the owner of {gateway}"
            return [Arrival(unknown(f"{name} to {vpc_id} is not known: {call}"))]
        if not listed[0].available:
            return [Arrival(deny(f"{name} to {vpc_id} is not available"))]
        subnets = listed[0].subnets
        if not subnets:
            return [Arrival(unknown(f"the subnets of {name} were not read: {DETAILS} of {listed[0].owner}"))]
        here = self._estate.subnets.get(origin)
        same = [one for one in subnets if here and (two := self._estate.subnets.get(one)) and same_zone(here, two)]
        return [Arrival(allow(), vpc_id, one) for one in (same or subnets)]

    def _into_gateway(self, gateway: str, name: str, other: str, where: Spot, origin: str, depth: int) -> list[Arrival]:
        """Cross a peering: the route names the other gateway, which lists the same attachment, or us as its resource."""
        if other == gateway:
            other = next(
                (one for one, listed in self._estate.attachments.items() if one != gateway and _holds(listed, name)),
                other,
            )
        sides = [
            [
                one
                for one in self._estate.attachments.get(here, ())
                if one.attachment_id == name or one.resource == there
            ]
            for here, there in ((gateway, other), (other, gateway))
        ]
        ends = [[one for one in listed if one.resource_type == "peering"] for listed in sides]
        if any(listed and not any(one.available for one in listed) for listed in ends):
            return [Arrival(deny(f"peering {name} between {gateway} and {other} is not available"))]
        live = [one for one in ends[1] if one.available]
        if not live:
            return [
                Arrival(unknown(f"the other side of peering {name}, {other}, is not known: {LISTING} of its owner"))
            ]
        return self._next(live[0], where, origin, depth + 1)

    def _not_associated(self, attachment: Attachment) -> Finding:
        text = f"{attachment.attachment_id} is associated with no route table of {attachment.gateway}"
        known = self._estate.transit.get(attachment.gateway)
        owner, region = (known.owner, known.region) if known else (None, "")
        for table in ("transit_gateway_attachments", "transit_gateway_associations"):
            if (gap := self._gaps.gap(table, owner, region)) is not None:
                return unknown(f"{text}, as far as is known: {gap}")
        return deny(text)

    def _routes_call(self, attachment: Attachment) -> str:
        known = self._estate.transit.get(attachment.gateway)
        return f"ec2.search_transit_gateway_routes of {known.owner if known else 'its owner'}"


def same_zone(one: Subnet, two: Subnet) -> bool:
    """Zone ids name the same place in every account; zone names only within one (RAM user guide, "AZ IDs")."""
    if one.zone_id and two.zone_id:
        return one.zone_id == two.zone_id
    return one.zone is not None and one.zone == two.zone


def _rank(route: TransitRoute) -> int:
    if route.static:
        return 6 if route.prefix_list else 7
    return max((ORDER.get(kind, 1) for _, kind, _ in route.hops), default=0)


def _holds(listed: tuple[Attachment, ...], name: str) -> bool:
    return any(one.attachment_id == name for one in listed)
