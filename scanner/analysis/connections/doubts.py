"""What may hide somebody from sight whom the rules of a target admit.

Facts: VPC user guide, "Share your VPC subnets with other accounts": the owner of a VPC sees the interfaces of every participant.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from scanner.analysis.connections.admission import Admission, ordered
from scanner.analysis.network.addresses import Match, Spot, inside, is_public, met
from scanner.analysis.network.gaps import Gaps
from scanner.analysis.network.joins import Joins
from scanner.analysis.network.kept import Kept
from scanner.analysis.network.model import Estate, Host, Rule

JOINING = ("vpc_peerings", "transit_gateway_attachments")


@dataclass(frozen=True, slots=True)
class Doubt:
    """Somebody may be there whom nobody has read. `account`: whose clients are not known; None: anybody's."""

    account: str | None
    via: str | None
    via_id: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A VPC behind a connection, as far as it is not known what is in it; `ranges` None: anywhere."""

    vpc: str | None
    ranges: tuple[Spot, ...] | None
    doubt: Doubt


class Doubts:
    """Tells why somebody may be admitted whom nobody has read."""

    def __init__(self, estate: Estate, gaps: Gaps, joins: Joins, admission: Admission):
        self._estate = estate
        self._gaps = gaps
        self._joins = joins
        self._admission = admission
        self._blind: dict[str, tuple[Rule, ...]] = Kept()
        self._unread: dict[str | None, tuple[str | None, str] | None] = {}
        self._neighbours: dict[str | None, tuple[Neighbour, ...]] = {}
        self._behind: dict[int, tuple[Neighbour, ...]] = {}
        self._present: dict[str | None, set[str]] = defaultdict(set)
        for subnet in estate.subnets.values():
            self._present[subnet.vpc_id] |= subnet.readers

    def of(self, host: Host, counts: Callable[[Rule], Any]) -> Iterator[Doubt]:
        """Yield why somebody may be admitted whom nobody has read, by the rules that count."""
        yield from self._unread_groups(host)
        groups = host.groups or ()
        if host.vpc_id is None and any(counts(rule) for rule in self._admission.rules(groups)):
            yield Doubt(None, None, None, f"the VPC of {host.label} is not known: {self._where(host)}")
            return
        for rule in self._unsure(groups) if self._quiet(host.vpc_id) else self._admission.rules(groups):
            if counts(rule):
                yield from self._of_rule(host, rule)

    def certain(self, groups: tuple[str, ...], vpc: str | None) -> bool:
        """Whether there is no doubt about ends of a VPC with some groups."""
        known = vpc is not None and all(group in self._estate.groups for group in groups)
        return known and self._quiet(vpc) and not self._unsure(groups)

    def _quiet(self, vpc: str | None) -> bool:
        return self._gap_in(vpc) is None and not self._beyond(vpc)

    def _unsure(self, groups: tuple[str, ...]) -> tuple[Rule, ...]:
        """Rules that leave a doubt even where everybody around was read: they name what nobody has read."""
        return ordered(rule for group in groups for rule in self._naming_unread(group))

    def _naming_unread(self, group: str) -> tuple[Rule, ...]:
        if group not in self._blind:
            self._blind[group] = tuple(rule for rule in self._admission.rules((group,)) if self._names_unread(rule))
        return self._blind[group]

    def _names_unread(self, rule: Rule) -> bool:
        if rule.peer_type == "group":
            return rule.peer not in self._estate.groups
        return self._admission.ranges(rule) is None

    def _where(self, host: Host) -> str:
        tables = ("subnet_groups", "subnets", "vpcs", "network_interfaces")
        found = [self._gaps.gap(table, host.account, host.region) for table in tables]
        return next((gap for gap in found if gap), "rds.describe_db_subnet_groups")

    def _unread_groups(self, host: Host) -> Iterator[Doubt]:
        if host.groups is None:
            yield Doubt(None, None, None, f"the security groups of {host.label} were not read")
        for group in host.groups or ():
            if group not in self._estate.groups:
                gap = self._gaps.gap("security_groups", host.account, host.region)
                why = gap or "ec2.describe_security_groups of its owner"
                yield Doubt(None, None, None, f"the rules of {group} of {host.label} were not read: {why}")

    def _of_rule(self, host: Host, rule: Rule) -> Iterator[Doubt]:
        if rule.peer_type == "group":
            yield from self._of_group(host, rule)
            return
        ranges = self._admission.ranges(rule)
        if ranges is None:
            why = f"the entries of {rule.peer}, which it admits, were not read: ec2.get_managed_prefix_list_entries"
            yield Doubt(None, None, None, why)
        vpc = self._estate.vpcs.get(host.vpc_id or "")
        here = vpc.cidrs if vpc else ()
        if ranges is None or not here or _overlap(ranges, here):
            yield from self._own(host)
        if ranges is None or any(not inside(one, here) and _private(one) for one in ranges):
            for neighbour in self._beyond(host.vpc_id):
                if ranges is None or neighbour.ranges is None or _overlap(ranges, neighbour.ranges):
                    yield neighbour.doubt

    def _of_group(self, host: Host, rule: Rule) -> Iterator[Doubt]:
        vpc = self._estate.group_vpcs.get(rule.peer)
        if rule.peer not in self._estate.groups:
            gap = self._gaps.gap("security_groups", rule.owner or host.account, host.region)
            if gap:
                yield Doubt(rule.owner, None, None, f"who carries {rule.peer} is not known: {gap}")
        elif vpc == host.vpc_id:
            yield from self._own(host)
        else:
            joined = any(vpc in one.members for one in self._admission.arms(host.vpc_id))
            for neighbour in self._beyond(host.vpc_id):
                if neighbour.vpc == vpc or (neighbour.ranges is None and not joined):
                    yield neighbour.doubt

    def _own(self, host: Host) -> Iterator[Doubt]:
        found = self._gap_in(host.vpc_id)
        if found:
            account, gap = found
            shared = account != host.account
            yield Doubt(account, "shared_subnet" if shared else None, host.vpc_id if shared else None, gap)

    def _gap_in(self, vpc_id: str | None) -> tuple[str | None, str] | None:
        """Whose interfaces in a VPC were not read, and the call."""
        if vpc_id not in self._unread:
            known = self._estate.vpcs.get(vpc_id or "")
            region = known.region if known else ""
            accounts = [known.owner if known else None, *sorted(self._present.get(vpc_id, ()))]
            found = [(one, self._gaps.gap("network_interfaces", one, region)) for one in dict.fromkeys(accounts) if one]
            self._unread[vpc_id] = next(((one, gap) for one, gap in found if gap), None)
        return self._unread[vpc_id]

    def _beyond(self, vpc_id: str | None) -> tuple[Neighbour, ...]:
        """What is not known about the VPCs around one."""
        if vpc_id not in self._neighbours:
            found = (*self._joining(vpc_id), *self._peers(vpc_id), *self._over_transit(vpc_id))
            self._neighbours[vpc_id] = tuple(found)
        return self._neighbours[vpc_id]

    def _joining(self, vpc_id: str | None) -> Iterator[Neighbour]:
        """Connections of a VPC that nobody listed."""
        vpc = self._estate.vpcs.get(vpc_id or "")
        owner, region = (vpc.owner, vpc.region) if vpc else (None, "")
        for table in JOINING:
            gap = self._gaps.gap(table, owner, region)
            if gap:
                yield Neighbour(None, None, Doubt(None, None, None, f"what joins {vpc_id} is not known: {gap}"))

    def _peers(self, vpc_id: str | None) -> Iterator[Neighbour]:
        for other, peerings in sorted(self._joins.peerings.get(vpc_id, {}).items(), key=str):
            for peering in (self._estate.peerings[one] for one in peerings):
                if peering.status not in ("active", ""):
                    continue
                side = next(one for one in peering.sides if one.vpc_id == other)
                gap = self._gap_in(other) if other in self._estate.vpcs else self._unseen(side.account, side.region)
                if gap:
                    doubt = Doubt(gap[0], "peering", peering.peering_id, f"what runs in {other} is not known: {gap[1]}")
                    yield Neighbour(other, side.cidrs, doubt)

    def _unseen(self, account: str | None, region: str | None) -> tuple[str | None, str]:
        gap = self._gaps.gap("network_interfaces", account, region or "")
        return account, gap or f"ec2.describe_vpcs in account {account}"

    def _over_transit(self, vpc_id: str | None) -> tuple[Neighbour, ...]:
        vpcs = self._joins.over_transit(vpc_id)
        if id(vpcs) not in self._behind:
            self._behind[id(vpcs)] = tuple(self._hidden(vpcs))
        return tuple(one for one in self._behind[id(vpcs)] if one.vpc != vpc_id)

    def _hidden(self, vpcs: frozenset[str]) -> Iterator[Neighbour]:
        for vpc_id in sorted(vpcs):
            known = self._estate.vpcs.get(vpc_id)
            gateway, owner = self._joins.attached(vpc_id)
            gap = self._gap_in(vpc_id) if known else self._unseen(owner, None)
            if gap:
                doubt = Doubt(gap[0], "transit_gateway", gateway, f"what runs in {vpc_id} is not known: {gap[1]}")
                yield Neighbour(vpc_id, known.cidrs if known else None, doubt)


def _overlap(some: Iterable[Spot], others: tuple[Spot, ...]) -> bool:
    return any(met(one, two) != Match.NONE or met(two, one) != Match.NONE for one in some for two in others)


def _private(where: Spot) -> bool:
    """Whether it may hold addresses of VPCs. One of the internet may be a range that a VPC uses for its own."""
    return not where.single or not is_public(where)
