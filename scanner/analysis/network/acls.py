"""Network ACLs: stateless, at the border of a subnet, the lowest number that matches decides.

Facts: VPC user guide, "Network ACL rules" and "Ephemeral ports": replies go to a port the client chose. Linux chooses
32768-60999, Windows 49152-65535, NAT gateways, Lambda and load balancers 1024-65535.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from scanner.analysis.network.addresses import Match, PortSet, Spot, deepest, head, met, shown
from scanner.analysis.network.gaps import Gaps
from scanner.analysis.network.kept import Kept
from scanner.analysis.network.model import Entry, Estate, Host
from scanner.analysis.network.verdicts import ALLOW, CONDITIONAL, DENY, UNKNOWN, Finding, Verdict

Said = tuple[Verdict, str, str | None]
"""A verdict and its sentence: what is before the address of the other side, and behind it; None: it names none."""

EPHEMERAL = (1024, 65535)
OF_SYSTEMS = (32768, 65535)
WIDE_CLIENTS = frozenset("nat_gateway lambda network_load_balancer load_balancer".split())
CLOSED = 32767


class Crossing(NamedTuple):
    """A packet crosses the border of a subnet. `other`: where it goes (egress) or comes from (ingress)."""

    subnet_id: str
    direction: str
    other: Spot


class Load(NamedTuple):
    """What crosses: a request to one port, or a reply to whichever port the client has.

    `enough` are the ports clients choose by default: all of them admitted is enough, none of them is too little.
    """

    protocol: str
    low: int
    high: int
    enough: tuple[int, int]


def request(protocol: str, port: int) -> Load:
    return Load(protocol, port, port, (port, port))


def reply(protocol: str, client: Host | None) -> Load:
    wide = client is not None and client.kind in WIDE_CLIENTS
    return Load(protocol, *EPHEMERAL, EPHEMERAL if wide else OF_SYSTEMS)


class Acls:
    """Evaluates network ACLs, each question once."""

    def __init__(self, estate: Estate, gaps: Gaps):
        self._estate = estate
        self._gaps = gaps
        self._known: dict[tuple[Any, ...], Said] = Kept()
        self._deepest: dict[int, int] = {}
        self._depths: dict[tuple[str, str, int], int] = {}

    def admit(self, crossing: Crossing, load: Load) -> Finding:
        other, subnet = crossing.other, crossing.subnet_id
        single = other.single
        alike = head(other, self._depth(subnet, crossing.direction, other.version)) if single else other
        key = (subnet, crossing.direction, other.version, alike, load.protocol, load.low, load.high, load.enough)
        said = self._known.get(key)
        if said is None:
            said = self._known[key] = self._judge(crossing, load)
        verdict, before, after = said
        return Finding(verdict, (before if after is None else before + shown(other) + after,))

    def depth(self, version: int) -> int:
        """The longest prefix of any ACL."""
        if version not in self._deepest:
            cidrs = (entry.cidr for listed in self._estate.entries.values() for entry in listed)
            self._deepest[version] = deepest(cidrs, version)
        return self._deepest[version]

    def _depth(self, subnet_id: str, direction: str, version: int) -> int:
        """The longest prefix of an ACL: to it, addresses that begin alike are alike."""
        key = (subnet_id, direction, version)
        if key not in self._depths:
            entries = self._estate.entries.get((self._estate.acls.get(subnet_id, ""), direction), ())
            self._depths[key] = deepest((one.cidr for one in entries), version)
        return self._depths[key]

    def _judge(self, crossing: Crossing, load: Load) -> Said:
        acl = self._estate.acls.get(crossing.subnet_id)
        entries = self._estate.entries.get((acl, crossing.direction)) if acl else None
        if acl is None or entries is None:
            return UNKNOWN, self._unread(crossing.subnet_id), None
        text = f"{acl} of {crossing.subnet_id} ({crossing.direction})"
        return _verdict(text, crossing, load, *admitted(entries, crossing.other, load))

    def _unread(self, subnet_id: str) -> str:
        subnet = self._estate.subnets.get(subnet_id)
        text = f"the network ACL of {subnet_id} is not known: "
        if subnet is None:
            return text + (self._gaps.anywhere("network_acls") or "ec2.describe_network_acls of its owner")
        readers = [subnet.owner, *sorted(subnet.readers)]
        gap = self._gaps.complete_in_one("network_acls", readers, subnet.region)
        return text + (gap or f"ec2.describe_network_acls of {subnet.owner} would settle it")


def admitted(entries: tuple[Entry, ...], other: Spot, load: Load) -> tuple[PortSet, PortSet]:
    """Return the ports that surely pass, and those that pass for some address of a range."""
    left, sure, maybe, doubtful = PortSet([(load.low, load.high)]), PortSet(), PortSet(), PortSet()
    for entry in entries:
        match = met(entry.cidr, other)
        if match == Match.NONE or entry.protocol not in ("-1", load.protocol):
            continue
        here = left.cut(*_ports(entry))
        if match == Match.PART:
            doubtful |= here
            maybe = maybe | here if entry.allows else maybe
            continue
        if entry.allows:
            sure |= here.without(doubtful)
            maybe |= here
        left = left.without(here)
    return sure, maybe


def _ports(entry: Entry) -> tuple[int, int]:
    if entry.low is None or entry.protocol == "-1":
        return 0, 65535
    return entry.low, entry.high if entry.high is not None else entry.low


def _verdict(text: str, crossing: Crossing, load: Load, sure: PortSet, maybe: PortSet) -> Said:
    way = "to" if crossing.direction == "egress" else "from"
    what = (
        f"{load.protocol} {load.low}"
        if load.low == load.high
        else f"{load.protocol} replies to ports {load.low}-{load.high}"
    )
    if not PortSet([load.enough]).without(sure):
        return ALLOW, f"{text} admits {what} {way} ", ""
    likely = sure.cut(*load.enough)
    if likely:
        return CONDITIONAL, f"{text} admits replies {way} ", f" only where the client uses ports {likely}"
    if not maybe.cut(*load.enough):
        return DENY, f"{text} denies {what} {way} ", ""
    if crossing.other.prefixlen == 0:
        return CONDITIONAL, f"{text} admits {what} {way} some addresses only", None
    return UNKNOWN, f"{text} admits {what} {way} part of ", " only"
