"""Security groups: stateful, allow rules only, the union of all groups of an interface.

Facts: VPC user guide, "Security group rules" (references, also over a peering) and "Update your security groups to
reference peer security groups" (active peering of one Region); Transit Gateway guide, "Security group referencing"
(inbound rules only, off by default on the gateway, on by default on the attachment).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from scanner.analysis.network.addresses import Match, Spot, deepest, is_public, met, shown, spot
from scanner.analysis.network.gaps import Gaps
from scanner.analysis.network.kept import Kept
from scanner.analysis.network.model import Attachment, Estate, Host, Peering, Rule, Side
from scanner.analysis.network.verdicts import ALLOW, Finding, allow, along, among, conditional, deny, unknown

WITHOUT_GROUPS = frozenset(
    "network_load_balancer load_balancer gateway_load_balancer nat_gateway transit_gateway gateway_load_balancer_endpoint "
    "global_accelerator_managed".split()
)
"""Interface types that may carry no security group: then nothing is filtered there."""
ALL = ("-1", "all")


@dataclass(frozen=True, slots=True)
class Ask:
    """Protocol and port of a question."""

    protocol: str
    port: int

    def __str__(self) -> str:
        return f"{self.protocol} {self.port}"


@dataclass(frozen=True, slots=True)
class Remote:
    """The other side, as a group sees it. `host` None: nobody we know; `identity`: group references still match."""

    where: Spot
    host: Host | None
    identity: bool = True


@dataclass(frozen=True, slots=True)
class Opened:
    """Rules of some groups for one protocol and port: ranges with what is said where they admit, groups, prefix lists."""

    ranges: list[tuple[Spot, Finding]]
    members: dict[str, list[tuple[str, Rule]]]
    lists: list[tuple[str, Rule]]

    def add(self, group: str, rule: Rule, named: str) -> None:
        if rule.peer_type == "group":
            self.members[rule.peer].append((group, rule))
        elif rule.peer_type == "prefix_list":
            self.lists.append((group, rule))
        else:
            self.ranges.append((spot(rule.peer), allow(_admits(rule, rule.peer, named))))


class Groups:
    """Evaluates security groups."""

    def __init__(self, estate: Estate, gaps: Gaps):
        self._estate = estate
        self._gaps = gaps
        self._open: dict[tuple[str, str, Ask], tuple[Rule, ...]] = Kept()
        self._sets: dict[tuple[tuple[str, ...], str, Ask], Opened] = Kept()
        self._depths: dict[tuple[tuple[str, ...], Ask, int], int] = Kept()
        self._valid: dict[tuple[str, str, str], Finding] = {}
        self._peered: dict[frozenset[str | None], list[Peering]] = defaultdict(list)
        for _, peering in sorted(estate.peerings.items()):
            self._peered[frozenset(side.vpc_id for side in peering.sides)].append(peering)
        self._attached: dict[str, dict[str, Attachment]] = defaultdict(dict)
        for gateway, listed in sorted(estate.attachments.items()):
            for one in listed:
                if one.resource_type == "vpc" and one.available:
                    self._attached[one.resource].setdefault(gateway, one)

    def admit(self, host: Host, direction: str, remote: Remote, ask: Ask) -> Finding:
        """Whether the groups of `host` let a connection out (egress) or in (ingress)."""
        if host.groups and (sure := self._sure(host, direction, remote, ask)):
            return sure
        if host.groups is None:
            return unknown(f"the security groups of {host.label} were not read: ec2.describe_network_interfaces")
        if not host.groups:
            if host.kind in WITHOUT_GROUPS:
                return allow(f"{host.label} carries no security group")
            return unknown(f"{host.label} is listed without any security group")
        found = among([self._group(host, group, direction, remote, ask) for group in host.groups])
        return found if found.reasons else deny(self._refused(host, direction, remote, ask))

    def _sure(self, host: Host, direction: str, remote: Remote, ask: Ask) -> Finding | None:
        """What certainly admits; of several rules the one whose sentence is first, as `among` has it."""
        known = self._opened(host.groups or (), direction, ask)
        found = [next((said for where, said in known.ranges if met(where, remote.where) == Match.FULL), None)]
        if remote.host is not None:
            named = (one for group in remote.host.groups or () for one in known.members.get(group, ()))
            found += [self._rule(host, group, rule, remote) for group, rule in named]
        found += [self._rule(host, group, rule, remote) for group, rule in known.lists]
        return min((one for one in found if one and one.verdict == ALLOW), key=_shortest, default=None)

    def depth(self, groups: tuple[str, ...], ask: Ask, version: int) -> int:
        """The longest prefix to which egress rules of some groups tell addresses apart."""
        key = (groups, ask, version)
        if key not in self._depths:
            known = self._opened(groups, "egress", ask)
            lists = (one for _, rule in known.lists for one in self._estate.prefix_lists.get(rule.peer) or ())
            self._depths[key] = deepest((*(where for where, _ in known.ranges), *lists), version)
        return self._depths[key]

    def _opened(self, groups: tuple[str, ...], direction: str, ask: Ask) -> Opened:
        key = (groups, direction, ask)
        if key not in self._sets:
            known = self._sets[key] = Opened([], defaultdict(list), [])
            for group in groups:
                for rule in self.rules(group, direction, ask) if group in self._estate.groups else ():
                    known.add(group, rule, self._named(group))
            known.ranges.sort(key=lambda one: one[1].reasons)
        return self._sets[key]

    def rules(self, group: str, direction: str, ask: Ask) -> tuple[Rule, ...]:
        """The rules of a group for this protocol and port."""
        key = (group, direction, ask)
        if key not in self._open:
            found = self._estate.rules.get(group)
            self._open[key] = tuple(rule for rule in found if rule.direction == direction and opens(rule, ask))
        return self._open[key]

    def _refused(self, host: Host, direction: str, remote: Remote, ask: Ask) -> str:
        way = "to" if direction == "egress" else "from"
        other = shown(remote.where) + (f" ({remote.host.label})" if remote.host else "")
        named = ", ".join(self._named(group) for group in host.groups or ())
        lost = "" if remote.identity else "; group references do not match behind an appliance"
        return f"no {direction} rule of {named} on {host.label} admits {ask} {way} {other}{lost}"

    def _named(self, group: str) -> str:
        name = self._estate.groups.get(group)
        return f"{group} ({name})" if name else group

    def _group(self, host: Host, group: str, direction: str, remote: Remote, ask: Ask) -> Finding:
        if group not in self._estate.groups:
            gap = self._gaps.gap("security_groups", host.account, host.region)
            return unknown(f"{group} of {host.label} is not among the groups that were read; {_settle(gap)}")
        return among([self._rule(host, group, rule, remote) for rule in self.rules(group, direction, ask)])

    def _rule(self, host: Host, group: str, rule: Rule, remote: Remote) -> Finding:
        if rule.peer_type == "group":
            return self._reference(host, group, rule, remote)
        if rule.peer_type == "prefix_list":
            return self._prefix_list(host, group, rule, remote)
        return _range(rule.peer, met(spot(rule.peer), remote.where), rule, self._named(group), remote)

    def _prefix_list(self, host: Host, group: str, rule: Rule, remote: Remote) -> Finding:
        entries = self._estate.prefix_lists.get(rule.peer)
        if entries is None:
            if self._estate.prefix_owners.get(rule.peer) == "AWS" and not is_public(remote.where):
                return deny()  # Lists of AWS hold addresses of its public services.
            call = "ec2.get_managed_prefix_list_entries"
            return unknown(f"{group} names {rule.peer}, whose entries were not read: {call} of {host.account}")
        match = max((met(one, remote.where) for one in entries), default=Match.NONE)
        return _range(rule.peer, match, rule, self._named(group), remote)

    def _reference(self, host: Host, group: str, rule: Rule, remote: Remote) -> Finding:
        if not remote.identity or (remote.host is None and is_public(remote.where)):
            return deny()
        if remote.host is None:
            return unknown(f"{group} admits members of {rule.peer}; who has {shown(remote.where)} is not known")
        if remote.host.groups is None:
            return unknown(f"{group} admits members of {rule.peer}; the groups of {remote.host.label} were not read")
        if rule.peer not in remote.host.groups:
            return deny()
        text = f"{self._named(group)} admits members of {self._named(rule.peer)}"
        return _explained(text, self.valid(host.vpc_id, remote.host.vpc_id, rule.direction))

    def valid(self, here: str | None, there: str | None, direction: str) -> Finding:
        """Whether a group of VPC `here` may name members of a group of VPC `there`."""
        if here is None or there is None:
            return unknown("the VPC of one side is not known: ec2.describe_network_interfaces")
        if here == there:
            return allow()
        key = (here, there, direction)
        if key not in self._valid:
            self._valid[key] = among([self._over_peering(here, there), self._over_transit(here, there, direction)])
        return self._valid[key]

    def _over_peering(self, here: str, there: str) -> Finding:
        for peering in self._peered.get(frozenset((here, there)), ()):
            if peering.status == "active" and _same_region(*peering.sides):
                return allow(f"valid over peering {peering.peering_id}")
        vpcs = [self._estate.vpcs.get(one) for one in (here, there)]
        region = next((vpc.region for vpc in vpcs if vpc), "")
        owners = [vpc.owner for vpc in vpcs if vpc and vpc.owner]
        gap = self._gaps.complete_in_one("vpc_peerings", owners, region)
        return unknown(f"whether {here} and {there} are peered is not known: {gap}") if gap else deny()

    def _over_transit(self, here: str, there: str, direction: str) -> Finding:
        if direction == "egress":
            return deny()
        mine, other = self._attached.get(here, {}), self._attached.get(there, {})
        found = [
            self._referencing(gateway, mine[gateway], other[gateway]) for gateway in sorted(mine.keys() & other.keys())
        ]
        if found:
            return among(found)
        for vpc_id in (here, there):
            vpc = self._estate.vpcs.get(vpc_id)
            gap = vpc and self._gaps.gap("transit_gateway_attachments", vpc.owner, vpc.region, ATTACHMENTS_CALL)
            if gap or vpc is None:
                return unknown(f"whether a transit gateway joins {here} and {there} is not known: {gap or vpc_id}")
        return deny()

    def _referencing(self, gateway: str, mine: Attachment, other: Attachment) -> Finding:
        known = self._estate.transit.get(gateway)
        flags = (known.referencing if known else None, mine.referencing, other.referencing)
        if False in flags:
            return deny()
        if None in flags:
            calls = "ec2.describe_transit_gateways and ec2.describe_transit_gateway_vpc_attachments"
            return unknown(f"whether {gateway} supports security group referencing was not read: {calls}")
        return allow(f"valid over transit gateway {gateway}")


ATTACHMENTS_CALL = "ec2.describe_transit_gateway_attachments"


def opens(rule: Rule, ask: Ask) -> bool:
    if rule.protocol in ALL:
        return True
    low, high = rule.low, rule.high
    if rule.protocol != ask.protocol:
        return False
    return low is None or low <= ask.port <= (high if high is not None else low)


def _range(peer: str, match: Match, rule: Rule, group: str, remote: Remote) -> Finding:
    way = "to" if rule.direction == "egress" else "from"
    if match == Match.FULL:
        return allow(_admits(rule, peer, group))
    if match == Match.NONE:
        return deny()
    if remote.where.prefixlen == 0:
        return conditional(f"{group} admits {_ports(rule)} {way} {peer} only ({rule.direction})")
    return unknown(f"{group} admits {peer}; which address of {shown(remote.where)} it is, is not known")


def _admits(rule: Rule, peer: str, group: str) -> str:
    way = "to" if rule.direction == "egress" else "from"
    return f"{group} admits {_ports(rule)} {way} {peer} ({rule.direction})"


def _shortest(finding: Finding) -> tuple[int, tuple[str, ...]]:
    return len(finding.reasons), finding.reasons


def _ports(rule: Rule) -> str:
    if rule.protocol in ALL:
        return "everything"
    if rule.low is None:
        return f"all {rule.protocol}"
    return f"{rule.protocol} {rule.low}" + (f"-{rule.high}" if rule.high not in (None, rule.low) else "")


def _explained(text: str, validity: Finding) -> Finding:
    return along([Finding(validity.verdict, (text,)), validity]) if validity.verdict != "deny" else deny()


def _same_region(one: Side, two: Side) -> bool:
    return one.region == two.region or None in (one.region, two.region)


def _settle(gap: str | None) -> str:
    return gap or "ec2.describe_security_groups of its owner would settle it"
