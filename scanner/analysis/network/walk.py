"""Walks a packet from subnet to subnet, hop by hop. NACLs it crosses are collected; the caller judges them.

Facts: VPC user guide, "Route tables", "Routing to a middlebox appliance" (behind one, group references do not match);
VPC peering guide, "Unsupported configurations" (no transit, no edge-to-edge routing); Transit Gateway guide, "How transit
gateways work" and "Network ACLs for transit gateways"; VPC user guide, "NAT gateways" (public and private ones lead to other
VPCs too, through a transit gateway; a private one leads to no internet gateway).
"""

from __future__ import annotations

from dataclasses import replace

from scanner.analysis.network.acls import Crossing
from scanner.analysis.network.addresses import Spot, inside, shown
from scanner.analysis.network.gaps import Gaps
from scanner.analysis.network.model import Endpoint, Estate, Host, NatGateway, Peering, Route, Side
from scanner.analysis.network.packets import Exit, Packet, Place, Translation, Walk
from scanner.analysis.network.tables import Choice, Tables
from scanner.analysis.network.transit import Arrival, Transit
from scanner.analysis.network.verdicts import ALLOW, DENY, Finding, allow, along, conditional, deny, unknown

MOST_HOPS = 8
APPLIANCES = ("network_interface", "instance", "vpc_endpoint")


class Walker:
    """Follows packets. More than one walk means that nobody knows which one holds."""

    def __init__(self, estate: Estate, gaps: Gaps, tables: Tables):
        self._estate = estate
        self._gaps = gaps
        self._tables = tables
        self._transit = Transit(estate, gaps, tables)
        self._accounts: dict[str | None, set[str | None]] = {}
        self._nats = {nat.vpc_id: nat for _, nat in sorted(estate.nats.items(), reverse=True)}
        self._subnets: dict[str, list[str]] = {}
        for subnet_id, subnet in sorted(estate.subnets.items()):
            self._subnets.setdefault(subnet.vpc_id, []).append(subnet_id)

    def start(self, packet: Packet) -> list[Walk]:
        """Walk from the sender. In one subnet neither routes nor NACLs count."""
        sender, target = packet.sender, packet.target
        if sender is None or sender.subnet_id is None or sender.vpc_id is None:
            return [Walk(unknown("the subnet of the sender is not known: ec2.describe_network_interfaces"))]
        if target and not packet.outward and target.subnet_id == sender.subnet_id:
            return [Walk(allow(f"both are in {sender.subnet_id}: no route and no network ACL on the way"))]
        return self.go(Place(sender.vpc_id, sender.subnet_id), packet)

    def go(self, place: Place, packet: Packet) -> list[Walk]:
        if place.hops > MOST_HOPS:
            return [Walk(deny(f"routes lead in a circle at {place.subnet_id}"))]
        found: list[Walk] = []
        for choice in self._tables.from_subnet(place.subnet_id, place.vpc_id, packet.where):
            found += [self._led(place, packet, choice, walk) for walk in self._hop(place, packet, choice)]
        return list(dict.fromkeys(found))

    def _led(self, place: Place, packet: Packet, choice: Choice, walk: Walk) -> Walk:
        """Put the route before what it led to, and the border of the subnet before the borders behind it."""
        target = packet.target
        stays = choice.route is not None and choice.route.target_type == "local" and target is not None
        stays = stays and target is not None and target.subnet_id == place.subnet_id
        first = () if stays else (Crossing(place.subnet_id, "egress", packet.where),)
        said = self._tables.described(choice, packet.where) if choice.route else None
        finding = Finding(walk.finding.verdict, ((said,) if said else ()) + walk.finding.reasons)
        return replace(walk, finding=finding, crossings=first + walk.crossings)

    def _hop(self, place: Place, packet: Packet, choice: Choice) -> list[Walk]:
        route = choice.route
        if route is None:
            no_route = f"{choice.table} of {place.subnet_id} has no route to {shown(packet.where)}"
            if choice.unread:
                return [Walk(unknown(choice.unread), nats=self._perhaps_translated(place, packet))]
            return [Walk(deny(no_route))]
        if not route.active:
            return [Walk(deny("that route is a blackhole"))]
        match route.target_type:
            case "local":
                return [self._local(place, packet)]
            case "peering":
                return [replace(self._peering(place, packet, route.target), via=("peering", route.target))]
            case "transit_gateway":
                walks = self._over_transit(place, packet, route.target)
                return [replace(walk, via=("transit_gateway", route.target)) for walk in walks]
            case "network_interface" | "instance" | "vpc_endpoint":
                return [self._appliance(place, packet, route)]
            case "nat_gateway":
                return self._nat(place, packet, route.target)
            case "internet_gateway" | "egress_only_gateway":
                return [self._outside(place, packet, route)]
        return [self._elsewhere(packet, route)]

    def _local(self, place: Place, packet: Packet) -> Walk:
        target = packet.target
        if target is not None and target.vpc_id == place.vpc_id:
            return self._delivered(place, packet, target)
        if target is None or packet.addressed:
            return Walk(self._nobody(place.vpc_id, packet))
        text = f"{shown(packet.where)} is {place.vpc_id}'s own range, and {target.label} is in {target.vpc_id}"
        return Walk(deny(text))

    def _nobody(self, vpc_id: str, packet: Packet) -> Finding:
        """No interface of a VPC is known to have the address; every account that may have one there must be read."""
        text = f"no interface in {vpc_id} is known to have {shown(packet.where)}"
        gaps = [self._gaps.gap("network_interfaces", one, self._region(vpc_id)) for one in self._present(vpc_id)]
        found = sorted(gap for gap in gaps if gap)
        return unknown(f"{text}: {found[0]}") if found else deny(text)

    def _present(self, vpc_id: str) -> set[str | None]:
        """Accounts with interfaces in a VPC: its owner and those that its subnets are shared with."""
        if not self._accounts:
            for subnet in self._estate.subnets.values():
                self._accounts.setdefault(subnet.vpc_id, set()).update(subnet.readers)
            for host in self._estate.hosts.values():
                self._accounts.setdefault(host.vpc_id, set()).add(host.account)
            for account, _, vpc, _ in self._estate.tenants:
                self._accounts.setdefault(vpc, set()).add(account)
        return self._accounts.get(vpc_id, set()) | {self._owner(vpc_id)}

    def _delivered(self, place: Place, packet: Packet, target: Host) -> Walk:
        if target.subnet_id is None:
            return Walk(unknown(f"the subnet of {target.label} is not known: ec2.describe_network_interfaces"))
        crossings = (
            () if target.subnet_id == place.subnet_id else (Crossing(target.subnet_id, "ingress", packet.source),)
        )
        return Walk(allow(), crossings)

    def _peering(self, place: Place, packet: Packet, peering_id: str) -> Walk:
        peering = self._estate.peerings.get(peering_id)
        if peering is None or not peering.status:
            gap = self._gaps.gap("vpc_peerings", self._owner(place.vpc_id), self._region(place.vpc_id))
            return Walk(unknown(f"{peering_id} is not known: {gap or 'ec2.describe_vpc_peering_connections'}"))
        if peering.status != "active":
            return Walk(deny(f"{peering_id} is {peering.status}"))
        stop = self._through(place, packet, peering)
        if stop.verdict == ALLOW and place.nat is not None:
            stop = unknown(f"whether {peering_id} carries what {place.nat.nat_id} translated AWS does not document")
        if stop.verdict != ALLOW or packet.target is None:
            return Walk(stop)
        return self._delivered(replace(place, subnet_id="", entered="peering"), packet, packet.target)

    def _through(self, place: Place, packet: Packet, peering: Peering) -> Finding:
        """A peering carries only what comes from its own VPC and goes to the other one."""
        mine, other = sorted(peering.sides, key=lambda side: side.vpc_id != place.vpc_id)
        if mine.vpc_id != place.vpc_id:
            return deny(f"{peering.peering_id} does not join {place.vpc_id}")
        found = [self._carries(peering, mine, packet.source), self._carries(peering, other, packet.where)]
        target = packet.target
        if target is None or (packet.addressed and target.vpc_id != other.vpc_id):
            found.append(self._nobody(other.vpc_id or "", packet))
        elif target.vpc_id != other.vpc_id:
            text = f"{peering.peering_id} ends in {other.vpc_id}, and a peering is no way through to {target.vpc_id}"
            found.append(deny(text) if target.vpc_id and other.vpc_id else unknown(text))
        return along(found)

    def _carries(self, peering: Peering, side: Side, where: Spot) -> Finding:
        """Whether `where` is an address of that side's VPC."""
        vpc = self._estate.vpcs.get(side.vpc_id or "")
        ranges = (vpc.cidrs if vpc else ()) or side.cidrs or ()
        if inside(where, ranges):
            return allow()
        # What a peering says of an account that is not ours is all there is to know; of ours, it may be less.
        ours = self._gaps.knows(side.account) and not (vpc and vpc.cidrs)
        gap = self._gaps.gap("vpcs", side.account, side.region or "") if ours else None
        if gap or not ranges:
            return unknown(f"the ranges of {side.vpc_id} are not known: {gap or 'ec2.describe_vpcs of its owner'}")
        return deny(f"{peering.peering_id} does not carry {shown(where)}: it is no address of {side.vpc_id}")

    def _over_transit(self, place: Place, packet: Packet, gateway: str) -> list[Walk]:
        return [
            walk
            for arrival in self._transit.carry(gateway, place.vpc_id, place.subnet_id, packet.where)
            for walk in self._arrived(place, packet, arrival)
        ]

    def _arrived(self, place: Place, packet: Packet, arrival: Arrival) -> list[Walk]:
        # Also where sender and attachment share a subnet: inbound rules are evaluated with the address of the source.
        into = tuple(Crossing(subnet, "ingress", packet.source) for subnet in arrival.entry_subnets)
        if arrival.vpc_id is None or arrival.subnet_id is None:
            return [Walk(arrival.finding, into)]
        target = packet.target
        if target and not packet.outward and target.subnet_id == arrival.subnet_id:
            # In the attachment's own subnet no route table has a part in it, and neither has the network ACL.
            walks = [self._delivered(Place(arrival.vpc_id, arrival.subnet_id, "transit"), packet, target)]
        else:
            there = Place(arrival.vpc_id, arrival.subnet_id, "transit", place.hops + 1)
            walks = self.go(there, packet)
        return [
            replace(walk, finding=along([arrival.finding, walk.finding]), crossings=into + walk.crossings)
            for walk in walks
        ]

    def _appliance(self, place: Place, packet: Packet, route: Route) -> Walk:
        target = packet.target
        endpoint = self._estate.endpoints.get(route.target)
        gap = self._gaps.gap("vpc_endpoints", self._owner(place.vpc_id), self._region(place.vpc_id))
        if endpoint is None and route.target_type == "vpc_endpoint" and gap:
            return Walk(unknown(f"what {route.target} is, is not known: {gap}"))
        if endpoint is not None and endpoint.kind == "Gateway":
            return self._gateway_endpoint(place, packet, endpoint)
        if target and route.target in (target.host_id, target.instance_id):
            return self._delivered(replace(place, subnet_id=""), packet, target)
        crosses = target and target.subnet_id and not packet.outward
        into = (
            (Crossing(target.subnet_id, "ingress", packet.source),) if target and crosses and target.subnet_id else ()
        )
        return Walk(self._forwards(place, route), into, identity=False)

    def _gateway_endpoint(self, place: Place, packet: Packet, endpoint: Endpoint) -> Walk:
        said = f"{endpoint.endpoint_id} leads to {endpoint.service}"
        if not packet.outward:
            return Walk(deny(said))
        return Walk(allow(said), left=Exit("service", place.vpc_id, place.subnet_id, endpoint.endpoint_id))

    def _forwards(self, place: Place, route: Route) -> Finding:
        """Whether an interface passes on what is not its own (VPC user guide, "Source/destination checking")."""
        name = route.target
        hosts = [self._estate.hosts[one] for one in self._estate.names.get(name, ())]
        if any(host.forwards is False for host in hosts):
            return deny(f"{name} drops what is not its own: its source/destination check is on")
        checked = hosts and all(host.forwards for host in hosts)
        gap = self._gaps.gap("network_interfaces", self._owner(place.vpc_id), self._region(place.vpc_id))
        if route.target_type != "vpc_endpoint" and gap and not checked:
            return unknown(f"whether {name} passes on what is not its own is not known: {gap}")
        return conditional(f"only if the appliance behind {name} passes it on; group references do not match behind it")

    def _outside(self, place: Place, packet: Packet, route: Route) -> Walk:
        if not packet.outward:
            return Walk(deny(f"{route.target} leads to the internet, and {shown(packet.where)} is a private end"))
        if route.target_type == "internet_gateway":
            return self._internet(place, packet, route.target)
        if packet.where.version != 6 or place.entered != "host":
            return Walk(deny(f"{route.target} carries IPv6 of its own VPC only"))
        return Walk(allow(), left=Exit("egress_only", place.vpc_id, place.subnet_id, route.target))

    def _internet(self, place: Place, packet: Packet, gateway: str) -> Walk:
        attached = self._estate.gateways.get(gateway)
        if attached is not None and not attached.get(place.vpc_id, False):
            return Walk(deny(f"{gateway} is not attached to {place.vpc_id}"))
        if place.nat is not None and not place.nat.public:
            return Walk(deny(f"{place.nat.nat_id} is private: {gateway} drops what comes from it"))
        if place.nat is not None:
            return Walk(allow(), left=Exit("nat", place.vpc_id, place.subnet_id, gateway, place.nat))
        if place.entered != "host" or packet.sender is None:
            return Walk(deny(f"{gateway} carries nothing that entered {place.vpc_id} from outside it"))
        if not any(one.version == packet.where.version for one in packet.sender.public):
            return Walk(deny(f"{packet.sender.label} has no public address, which {gateway} needs"))
        return Walk(allow(), left=Exit("igw", place.vpc_id, place.subnet_id, gateway))

    def _nat(self, place: Place, packet: Packet, nat_id: str) -> list[Walk]:
        if packet.where.version != 4:
            return [Walk(deny(f"{nat_id} is IPv4"))]
        if place.nat is not None and place.nat.nat_id == nat_id:
            return [Walk(deny(f"routes lead in a circle at {nat_id}"))]
        nat = self._estate.nats.get(nat_id)
        if nat is None:
            return [self._unread_nat(place, packet, nat_id)]
        if nat.state not in ("available", ""):
            return [Walk(deny(f"{nat_id} is {nat.state}"))]
        into = () if nat.subnet_id == place.subnet_id else (Crossing(nat.subnet_id, "ingress", packet.source),)
        return [
            replace(walk, crossings=into + walk.crossings, nats=(one, *walk.nats) if _passes(walk) else ())
            for one in [Translation(nat, address) for address in nat.private_ips or (packet.source,)]
            for walk in self._translated(place, packet, one)
        ]

    def _translated(self, place: Place, packet: Packet, one: Translation) -> list[Walk]:
        """Go on from a NAT gateway, with its address. One whose address nobody knows leads to the internet at most."""
        there = Place(one.nat.vpc_id, one.nat.subnet_id, "nat", place.hops + 1, one.nat)
        walks = self.go(there, replace(packet, source=one.address, sender=None))
        if one.nat.private_ips or packet.outward:
            return walks
        doubt = unknown(f"the private address of {one.nat.nat_id} is not known: ec2.describe_nat_gateways")
        return [replace(walk, finding=along([walk.finding, doubt])) for walk in walks]

    def _perhaps_translated(self, place: Place, packet: Packet) -> tuple[Translation, ...]:
        """What may change the sender's address where routes were not read: any NAT gateway of the VPC."""
        if packet.target is None or packet.target.vpc_id == place.vpc_id or packet.outward or packet.where.version != 4:
            return ()
        nat = self._nats.get(place.vpc_id)
        return (Translation(replace(nat, private_ips=()), packet.source),) if nat else ()

    def _unread_nat(self, place: Place, packet: Packet, nat_id: str) -> Walk:
        """A NAT gateway may be in any subnet of the VPC; where none of them leads on, neither does it."""
        gap = self._gaps.gap("nat_gateways", self._owner(place.vpc_id), self._region(place.vpc_id))
        doubt = unknown(f"{nat_id} is not known: {gap or 'ec2.describe_nat_gateways'}")
        unlisted = self._gaps.gap("subnets", self._owner(place.vpc_id), self._region(place.vpc_id))
        if packet.outward or place.nat is not None or unlisted:
            return Walk(doubt)
        stand_in = NatGateway(nat_id, place.vpc_id, "", True, "", (), ())
        subnets = self._subnets.get(place.vpc_id, ())
        there = [Place(place.vpc_id, one, "nat", place.hops + 1, stand_in) for one in subnets]
        walks = [walk for one in there for walk in self.go(one, packet)]
        if any(_passes(walk) for walk in walks):
            return Walk(doubt, nats=(Translation(stand_in, packet.source),))
        text = f"{nat_id} leads out of {place.vpc_id}, and no route of its subnets goes on to {shown(packet.where)}"
        return Walk(deny(text))

    def _elsewhere(self, packet: Packet, route: Route) -> Walk:
        if route.target_type == "core_network":
            return Walk(unknown("Cloud WAN is not read: networkmanager.get_network_routes"))
        if packet.target is not None and not packet.outward:
            return Walk(deny(f"{route.target or route.target_type} leaves AWS and never reaches an interface of a VPC"))
        return Walk(
            unknown(f"{route.target or route.target_type} leads out of AWS; what is behind it AWS does not tell")
        )

    def _owner(self, vpc_id: str) -> str | None:
        vpc = self._estate.vpcs.get(vpc_id)
        return vpc.owner if vpc else None

    def _region(self, vpc_id: str) -> str:
        vpc = self._estate.vpcs.get(vpc_id)
        return vpc.region if vpc else ""


def _passes(walk: Walk) -> bool:
    return walk.finding.verdict != DENY
