"""Judges one pair of ends: request and reply, groups, NACLs and routes together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from scanner.analysis.network.acls import Acls, Crossing, Load, reply, request
from scanner.analysis.network.addresses import INTERNET, Spot, inside, shown
from scanner.analysis.network.gaps import Gaps
from scanner.analysis.network.groups import Ask, Groups, Remote
from scanner.analysis.network.model import Endpoint, Estate, Host
from scanner.analysis.network.packets import Packet, Place, Translation, Walk
from scanner.analysis.network.public import PublicAccess
from scanner.analysis.network.tables import Tables
from scanner.analysis.network.verdicts import DENY, Finding, allow, along, among, deny, either, unknown
from scanner.analysis.network.walk import Walker
from scanner.analysis.network.ways import Ways

WHICH = "which of several ways applies is not known"
NO_CLIENTS = frozenset(
    "nat_gateway vpc_endpoint gateway_load_balancer_endpoint gateway_load_balancer transit_gateway".split()
)
"""Interfaces that open no connection of their own."""
NO_SERVERS = {
    "nat_gateway": "a NAT gateway is no destination, and admits no connection from outside",
    "transit_gateway": "an interface of a transit gateway is no destination",
    "gateway_load_balancer_endpoint": "an endpoint of a Gateway Load Balancer is no destination",
    "lambda": "Lambda admits no connection through its network interface",
}
ENDPOINT_TEXT = "VPC Endpoint Interface "


class Judge:
    """Judges pairs. `quick` stops at the first refusal of the groups, for questions about many pairs."""

    def __init__(self, estate: Estate, gaps: Gaps):
        self.estate = estate
        self.groups = Groups(estate, gaps)
        self._gaps = gaps
        self._tables = Tables(estate, gaps)
        self._walker = Walker(estate, gaps, self._tables)
        self._ways = Ways(estate, self._walker)
        self._acls = Acls(estate, gaps)
        self._public = PublicAccess(estate, gaps, self._tables)
        self._endpoints = {eni: endpoint for endpoint in estate.endpoints.values() for eni in endpoint.enis}

    def ends(self, source: Host | None, target: Host | None) -> Finding:
        """Whether the ends are of a kind that opens and accepts connections."""
        found = [allow()]
        if source is not None and (source.kind in NO_CLIENTS or self.is_endpoint(source)):
            found.append(deny(f"{source.label} ({source.kind}) opens no connections"))
        if target is not None and target.kind in NO_SERVERS:
            found.append(deny(f"{target.label}: {NO_SERVERS[target.kind]}"))
        if target is not None and self.is_endpoint(target):
            found.append(self._service(target))
        return along(found)

    def is_endpoint(self, host: Host) -> bool:
        return (
            host.kind == "vpc_endpoint" or host.host_id in self._endpoints or host.description.startswith(ENDPOINT_TEXT)
        )

    def _service(self, host: Host) -> Finding:
        """An interface endpoint leads to its service once the connection is accepted (PrivateLink guide)."""
        endpoint = self._endpoints.get(host.host_id)
        endpoint = endpoint or self.estate.endpoints.get(host.description.removeprefix(ENDPOINT_TEXT))
        if endpoint is None:
            gap = self._gaps.gap("vpc_endpoints", host.account, host.region) or "ec2.describe_vpc_endpoints"
            return unknown(f"which endpoint {host.label} belongs to, and its state, is not known: {gap}")
        if endpoint.state not in ("available", ""):
            return deny(f"{endpoint.endpoint_id} is {endpoint.state}")
        return allow(f"{endpoint.endpoint_id} leads to {endpoint.service}, which sees its load balancer as the client")

    def private(
        self, source: Host, here: Spot, target: Host, there: Spot, ask: Ask, named: bool = False, quick: bool = False
    ) -> Finding:
        """Judge a connection between two private addresses. `named`: the question names the target's address."""
        kinds = self.ends(source, target)
        out = self.groups.admit(source, "egress", Remote(there, target), ask)
        into = self.groups.admit(target, "ingress", Remote(here, source), ask)
        if quick and DENY in (kinds.verdict, out.verdict):
            return along([kinds, out, into])
        forward = self._forward(source, here, target, there, named)
        if quick and into.verdict == DENY and not any(forth.nats for forth in forward):
            return along([kinds, out, into])
        found = []
        backward = self._ways.between(target, there, source, here)
        for forth in forward:
            if forth.nats:
                found.append(along([kinds, out, self._translated(forth, source, here, target, there, ask)]))
                continue
            if not forth.identity:
                out = self.groups.admit(source, "egress", Remote(there, target, False), ask)
                into = self.groups.admit(target, "ingress", Remote(here, source, False), ask)
            request_parts = [out, forth.finding, *self._crossed(forth.crossings, request(ask.protocol, ask.port)), into]
            for back in backward:
                found.append(along([*request_parts, kinds, *self._reply(back, ask, source)]))
        return either(found, WHICH)

    def _translated(self, forth: Walk, source: Host, here: Spot, target: Host, there: Spot, ask: Ask) -> Finding:
        """A way through NAT gateways: the target sees the last one, and every reply goes back by the same gateways."""
        if not all(one.nat.private_ips for one in forth.nats):
            return forth.finding  # whom the target sees is not known
        last = forth.nats[-1].client
        into = self.groups.admit(target, "ingress", Remote(last.addresses[0], last, forth.identity), ask)
        back = self._walker.start(Packet(there, last.addresses[0], target, last))
        parts = [forth.finding, *self._crossed(forth.crossings, request(ask.protocol, ask.port)), into]
        parts += [either([along(self._reply(walk, ask, last)) for walk in back], WHICH)]
        return along([*parts, *self._back_through(forth.nats, source, here, there, ask)])

    def _back_through(
        self, nats: Sequence[Translation], source: Host, here: Spot, there: Spot, ask: Ask
    ) -> Iterator[Finding]:
        """Replies from each NAT gateway to the one before it, and from the first to the sender."""
        clients = [(source, here), *((one.client, one.address) for one in nats)]
        for (client, address), one in zip(clients, nats, strict=False):
            place = Place(one.nat.vpc_id, one.nat.subnet_id, "nat")
            walks = self._walker.go(place, Packet(there, address, None, client))
            yield either([along(self._reply(walk, ask, client)) for walk in walks], WHICH)

    def _forward(self, source: Host, here: Spot, target: Host, there: Spot, named: bool) -> list[Walk]:
        if named:
            return self._walker.start(Packet(here, there, source, target, addressed=True))
        return self._ways.between(source, here, target, there)

    def class_meets(
        self, source: Host, targets: Sequence[Host], one_of: str | None, ask: Ask, only: Spot | None = None
    ) -> Finding:
        """Judge a class of clients by one of it. `one_of`: the target is one of several hosts, and why."""
        found = []
        for host in targets:
            there = (only,) if only is not None and only in host.addresses else host.addresses
            pairs = [
                self.private(source, here, host, spot, ask, quick=True)
                for here in source.addresses
                for spot in there
                if here.version == spot.version and source.host_id != host.host_id
            ]
            found.append(among(pairs))
        return either(found, one_of) if one_of else among(found)

    def leads(self, source: Host, here: Spot, target: Host, there: Spot) -> bool:
        """Whether routes may lead there and back; groups and ACLs are not looked at."""
        if self._ways.refuses(source, here, target, there):
            return False
        # Through a NAT gateway the way back is another one.
        translated = any(walk.nats for walk in self._ways.between(source, here, target, there))
        return translated or not self._ways.refuses(target, there, source, here)

    def key(self, source: Host, target: Host, ask: Ask) -> Any:
        """Targets with the same key get the same verdict from a source."""
        if not self.alike(target) or target.host_id == source.host_id or self.is_endpoint(target):
            return target.host_id
        heads = []
        for one in target.addresses:
            depth = max(self._acls.depth(one.version), self.groups.depth(source.groups or (), ask, one.version))
            heads.append(one if one.prefixlen < depth else one.widened(depth))
        return target.subnet_id, target.groups, target.kind, tuple(heads)

    def stays(self, subnet_id: str | None, vpc_id: str | None) -> bool:
        """Whether no route of a subnet leads to another VPC."""
        return subnet_id is not None and vpc_id is not None and self._tables.stays(subnet_id, vpc_id)

    def translated(self) -> tuple[tuple[Spot, str], ...]:
        """Private addresses of NAT gateways that may lead to other VPCs, each with its VPC: whoever is in it may come by them."""
        found = [nat for _, nat in sorted(self.estate.nats.items()) if self._tables.leaves_by_nat(nat.nat_id)]
        return tuple((address, nat.vpc_id) for nat in found for address in nat.private_ips)

    def alike(self, host: Host) -> bool:
        """Whether to routes an end is like any other of its subnet."""
        return self._ways.plain(host)

    def taken(self, source: Host, here: Spot, target: Host, there: Spot) -> tuple[str, str] | None:
        """The connection of VPCs, kind and id, that a packet takes first."""
        walks = self._ways.between(source, here, target, there)
        return next((walk.via for walk in walks if walk.via and walk.finding.verdict != DENY), None)

    def to_nobody(self, source: Host, here: Spot, there: Spot, ask: Ask) -> Finding:
        """Judge a connection to a private address that no known interface has: denied, or not known."""
        out = self.groups.admit(source, "egress", Remote(there, None), ask)
        doubt = unknown(f"who has {shown(there)} is not known: nothing that was read does")
        found = []
        for walk in self._walker.start(Packet(here, there, source, None)):
            crossings = () if self._in_subnet(source, there) else walk.crossings
            crossed = self._crossed(crossings, request(ask.protocol, ask.port))
            found.append(along([self.ends(source, None), out, walk.finding, *crossed, doubt]))
        return either(found, WHICH)

    def from_nobody(self, here: Spot, target: Host, there: Spot, ask: Ask) -> Finding:
        """Judge a connection from a private address that no known interface has."""
        into = self.groups.admit(target, "ingress", Remote(here, None), ask)
        doubt = unknown(f"who has {shown(here)} is not known: nothing that was read does")
        found = []
        for walk in self._walker.start(Packet(there, here, target, None)):
            parts = [self.ends(None, target), into, doubt]
            if not self._in_subnet(target, here) and target.subnet_id:
                border = Crossing(target.subnet_id, "ingress", here)
                parts += [*self._crossed([border], request(ask.protocol, ask.port)), *self._reply(walk, ask, None)]
            else:
                parts += [_as_reply(walk.finding)]
            found.append(along(parts))
        return either(found, WHICH)

    def outbound(self, source: Host, here: Spot, there: Spot, ask: Ask) -> list[tuple[Finding, tuple[Spot, ...]]]:
        """Judge a connection to the internet; with each finding, the addresses the other side sees."""
        out = self.groups.admit(source, "egress", Remote(there, None), ask)
        found = []
        for walk in self._walker.start(Packet(here, there, source, None, outward=True)):
            crossed = self._crossed(walk.crossings, request(ask.protocol, ask.port))
            parts = [self.ends(source, None), out, walk.finding, *crossed]
            if walk.left is not None:
                parts += [self._public.admit(walk.left, "egress"), self._answered(walk, source, here, there, ask)]
            found.append((along(parts), _seen(walk, source, here)))
        return found

    def _answered(self, walk: Walk, source: Host, here: Spot, there: Spot, ask: Ask) -> Finding:
        """Whether replies from the internet come back to the sender."""
        left = walk.left
        if left is None:
            return allow()
        nat = left.nat
        border = Crossing(left.subnet_id, "ingress", there)
        if nat is None:
            edge = self._public.edge(left.gateway, here)
            return _as_reply(along([*edge, *self._crossed([border], reply(ask.protocol, source))]))
        parts = self._crossed([border], reply(ask.protocol, walk.nats[-1].client))
        for private in nat.private_ips:
            parts += self._public.edge(left.gateway, private)
        return along([_as_reply(along(parts)), *self._back_through(walk.nats, source, here, there, ask)])

    def inbound(self, here: Spot, target: Host, ask: Ask) -> Finding:
        """Judge a connection from the internet: a public address, and the internet gateway both ways."""
        into = self.groups.admit(target, "ingress", Remote(here, None), ask)
        public = [one for one in target.public if one.version == here.version]
        if not public:
            return along(
                [self.ends(None, target), into, deny(f"{target.label} has no public IPv{here.version} address")]
            )
        private = target.spots(here.version)
        if not private or not target.subnet_id:
            return along([into, unknown(f"the subnet or address of {target.label} is not known")])
        found = []
        for walk in self._walker.start(Packet(private[0], here, target, None, outward=True)):
            border = Crossing(target.subnet_id, "ingress", here)
            parts = [self.ends(None, target), *self._crossed([border], request(ask.protocol, ask.port)), into]
            found.append(along([*parts, *self._entered(walk, private[0]), *self._reply(walk, ask, None)]))
        return either(found, WHICH)

    def _entered(self, walk: Walk, where: Spot) -> list[Finding]:
        left = walk.left
        if left is None:
            return []
        if left.kind != "igw":
            return [deny(f"replies leave through {left.nat.nat_id if left.nat else left.gateway}, not the way it came")]
        return [self._public.admit(left, "ingress"), *self._public.edge(left.gateway, where)]

    def over_internet(self, source: Host, here: Spot, target: Host, there: Spot, ask: Ask) -> Finding:
        """Judge a connection to the public address of an end that is ours."""
        found = []
        for sent, seen in self.outbound(source, here, there, ask):
            if sent.verdict == DENY:
                found.append(sent)
                continue
            seen_as = [one for one in seen if one.version == there.version] or [INTERNET[there.version == 6]]
            arrived = either([self.inbound(one, target, ask) for one in seen_as], WHICH)
            found.append(along([sent, arrived]))
        return either(found, WHICH)

    def _reply(self, walk: Walk, ask: Ask, client: Host | None) -> list[Finding]:
        crossed = self._crossed(walk.crossings, reply(ask.protocol, client))
        return [_as_reply(one) for one in (walk.finding, *crossed)]

    def _crossed(self, crossings: Iterable[Crossing], load: Load) -> list[Finding]:
        return [self._acls.admit(crossing, load) for crossing in crossings]

    def _in_subnet(self, host: Host, where: Spot) -> bool:
        subnet = self.estate.subnets.get(host.subnet_id or "")
        return subnet is not None and inside(where, subnet.cidrs)

    def endpoints_of(self, service: str) -> list[Endpoint]:
        return [one for _, one in sorted(self.estate.endpoints.items()) if one.service == service]


def _as_reply(finding: Finding) -> Finding:
    return Finding(finding.verdict, tuple(f"reply: {reason}" for reason in finding.reasons))


def _seen(walk: Walk, source: Host, here: Spot) -> tuple[Spot, ...]:
    if walk.left is None:
        return ()
    if walk.left.nat is not None:
        return walk.left.nat.public_ips
    return (here,) if here.version == 6 else tuple(one for one in source.public if one.version == 4)
