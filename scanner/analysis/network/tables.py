"""Route tables of subnets: which one applies, and which of its routes.

Facts: VPC user guide, "Route priority": the longest prefix; among equals static before propagated; a CIDR before a prefix
list; a local route before propagated ones, even more specific. A route whose target is gone is a blackhole: it still wins.
"""

from __future__ import annotations

from dataclasses import dataclass

from scanner.analysis.network.addresses import NOT_INTERNET, Match, Spot, deepest, head, is_public, met, shown, spot
from scanner.analysis.network.gaps import Gaps
from scanner.analysis.network.kept import Kept
from scanner.analysis.network.model import Estate, Route

LEAVING = frozenset("peering transit_gateway core_network network_interface instance vpc_endpoint".split())
"""What may lead to another VPC, beside NAT gateways; everything else is local, or leads out of AWS."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A route that may apply; `route` None: there is none, or (with `unread`) nobody knows."""

    table: str
    route: Route | None
    unread: str | None = None


class Tables:
    """Looks routes up, each question once."""

    def __init__(self, estate: Estate, gaps: Gaps):
        self._estate = estate
        self._gaps = gaps
        self._tables: dict[str, tuple[str | None, str]] = {}
        self._known: dict[tuple[str, int, int | Spot], tuple[Choice, ...]] = Kept()
        self._depths: dict[tuple[str, int], int] = {}
        self._accounts: dict[str, set[str]] = {}
        self._regions: dict[str, str] = {}
        listed = ((host.account, host.region, host.vpc_id, host.subnet_id) for host in estate.hosts.values())
        for account, region, _, subnet in (*listed, *estate.tenants):
            if subnet:
                self._accounts.setdefault(subnet, set()).add(account)
                self._regions.setdefault(subnet, region)

    def from_subnet(self, subnet_id: str, vpc_id: str, where: Spot) -> tuple[Choice, ...]:
        """Return the routes of a subnet's table that may apply to `where`: one, unless something was not read."""
        if subnet_id not in self._tables:
            self._tables[subnet_id] = self._table(subnet_id, vpc_id)
        table, why = self._tables[subnet_id]
        if table is None:
            return (Choice("", None, why),)
        return self.lookup(table, where)

    def stays(self, subnet_id: str, vpc_id: str) -> bool:
        """Whether no route of a subnet leads to another VPC."""
        if subnet_id not in self._tables:
            self._tables[subnet_id] = self._table(subnet_id, vpc_id)
        table, _ = self._tables[subnet_id]
        routes = self._estate.routes.get(table or "")
        return routes is not None and not any(self._may_leave(route) for route in routes)

    def _may_leave(self, route: Route) -> bool:
        if route.active and route.target_type == "nat_gateway":
            return self.leaves_by_nat(route.target)
        if not route.active or route.target_type not in LEAVING:
            return False
        endpoint = self._estate.endpoints.get(route.target)
        return endpoint is None or endpoint.kind != "Gateway"

    def leaves_by_nat(self, nat_id: str) -> bool:
        """Whether routes lead to another VPC from where a NAT gateway is; one that was not read may be anywhere."""
        nat = self._estate.nats.get(nat_id)
        table = self._table(nat.subnet_id, nat.vpc_id)[0] if nat else None
        routes = self._estate.routes.get(table or "")
        return routes is None or any(one.target_type != "nat_gateway" and self._may_leave(one) for one in routes)

    def lookup(self, table: str, where: Spot) -> tuple[Choice, ...]:
        version, single = where.version, where.single
        # Addresses that begin alike are alike to a table that knows no longer prefix.
        key = (table, version, head(where, self._depth(table, version)) if single else where)
        if key not in self._known:
            self._known[key] = self._choices(table, where)
        return self._known[key]

    def _depth(self, table: str, version: int) -> int:
        """The longest prefix that tells addresses apart in a route table, or in what counts as public."""
        key = (table, version)
        if key not in self._depths:
            ranges = [*NOT_INTERNET]
            for route in self._estate.routes.get(table, ()):
                if route.kind == "prefix_list":
                    ranges += self._estate.prefix_lists.get(route.destination) or ()
                else:
                    ranges.append(spot(route.destination))
            self._depths[key] = deepest(ranges, version)
        return self._depths[key]

    def _table(self, subnet_id: str, vpc_id: str) -> tuple[str | None, str]:
        explicit = self._estate.table_of.get(subnet_id)
        if explicit:
            return explicit, ""
        gap = self._missing(subnet_id, vpc_id)
        main = self._estate.main_tables.get(vpc_id)
        if gap is None and main:
            return main, ""
        return None, f"the route table of {subnet_id} is not known: {gap or 'ec2.describe_route_tables of its owner'}"

    def _missing(self, subnet_id: str, vpc_id: str) -> str | None:
        """None where somebody who sees the subnet has read all its route tables."""
        subnet, vpc = self._estate.subnets.get(subnet_id), self._estate.vpcs.get(vpc_id)
        region = subnet.region if subnet else vpc.region if vpc else ""
        region = region or self._regions.get(subnet_id, "")
        owners = [subnet.owner if subnet else None, vpc.owner if vpc else None]
        readers = [one for one in owners if one] + sorted(subnet.readers if subnet else ())
        readers += sorted(self._accounts.get(subnet_id, ()))
        return self._gaps.complete_in_one("route_tables", readers, region)

    def _choices(self, table: str, where: Spot) -> tuple[Choice, ...]:
        routes = self._estate.routes.get(table)
        if routes is None:
            return (Choice(table, None, f"the routes of {table} were not read: ec2.describe_route_tables"),)
        ranked: list[tuple[tuple[int, int, int], Route]] = []
        doubtful: list[Choice] = []
        for route in routes:
            length, doubt = self.covers(route.destination, route.kind, where)
            if length is not None:
                ranked.append(((length, not route.propagated, route.kind != "prefix_list"), route))
            elif doubt and not self._only_public(route, where):
                doubtful.append(Choice(table, route, None))
        chosen = Choice(table, _first(ranked))
        if any(rank[0] == where.max_prefixlen for rank, _ in ranked):
            return (chosen,)
        return (chosen, *(one for one in doubtful if not _same_target(one, chosen)))

    def covers(self, destination: str, kind: str, where: Spot) -> tuple[int | None, bool]:
        """Return the prefix length with which a destination covers `where` (None: not), and whether that is in doubt."""
        if kind != "prefix_list":
            one = spot(destination)
            match = met(one, where)
            return (
                (one.prefixlen, False) if match == Match.FULL else (None, match == Match.PART and where.prefixlen > 0)
            )
        entries = self._estate.prefix_lists.get(destination)
        if entries is None:
            return None, is_public(where) or self._estate.prefix_owners.get(destination) != "AWS"
        lengths = [one.prefixlen for one in entries if met(one, where) == Match.FULL]
        partly = where.prefixlen > 0 and any(met(one, where) == Match.PART for one in entries)
        return (max(lengths), False) if lengths else (None, partly)

    def _only_public(self, route: Route, where: Spot) -> bool:
        """Gateway endpoints lead to public addresses of S3 and DynamoDB, whatever their unread prefix list holds."""
        endpoint = self._estate.endpoints.get(route.target)
        return endpoint is not None and endpoint.kind == "Gateway" and not is_public(where)

    def described(self, choice: Choice, where: Spot) -> str:
        if choice.route is None:
            return f"{choice.table} has no route to {shown(where)}"
        return f"{choice.table}: {choice.route}"


def _first(ranked: list[tuple[tuple[int, int, int], Route]]) -> Route | None:
    if not ranked:
        return None
    local = [one for one in ranked if one[1].target_type == "local"]
    if local:
        ranked = [one for one in ranked if not one[1].propagated]
    return max(ranked, key=lambda one: (one[0], one[1].active, str(one[1])))[1]


def _same_target(one: Choice, other: Choice) -> bool:
    a, b = one.route, other.route
    return bool(a and b and (a.target_type, a.target, a.active) == (b.target_type, b.target, b.active))
