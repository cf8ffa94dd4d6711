"""From what a user writes to the ends it means: names, ids, addresses, ARNs, databases, endpoints."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from scanner.analysis.network.addresses import INTERNET, Spot, inside, is_public, parsed_or_none, shown
from scanner.analysis.network.databases import Databases
from scanner.analysis.network.gaps import Gaps
from scanner.analysis.network.model import Estate, Host
from scanner.errors import UsageError

WORDS = {"internet": INTERNET[0], "the internet": INTERNET[0], "0.0.0.0/0": INTERNET[0], "::/0": INTERNET[1]}
TABLES = {
    "i-": "instances",
    "eni-": "network_interfaces",
    "vpce-": "vpc_endpoints",
    "nat-": "nat_gateways",
    "com.amazonaws.": "vpc_endpoints",
}
SHOWN = 4


@dataclass(frozen=True, slots=True)
class Party:
    """One end of a question. Without hosts it is `outside` (an address nobody here owns), or `missing` says why not.

    `only`: the address that was named. `one_of`: it is one of the hosts, and which one is not known.
    """

    label: str
    hosts: tuple[Host, ...] = ()
    only: Spot | None = None
    outside: Spot | None = None
    one_of: bool = False
    notes: tuple[str, ...] = ()
    port: int | None = None
    missing: str | None = None
    incomplete: str | None = None


class Parties:
    """Finds ends by what users call them."""

    def __init__(self, estate: Estate, gaps: Gaps, databases: Databases):
        self._estate = estate
        self._gaps = gaps
        self._databases = databases
        self._owners: dict[Spot, list[str]] = defaultdict(list)
        for host_id, host in sorted(estate.hosts.items()):
            for one in dict.fromkeys((*host.addresses, *host.public)):
                self._owners[one].append(host_id)
        self._ranges: dict[int, list[Spot]] = defaultdict(list)
        for vpc in estate.vpcs.values():
            for one in vpc.cidrs:
                self._ranges[one.version].append(one)

    def find(self, text: str) -> Party:
        """Return the end that `text` names. Raises UsageError for a name that is unknown or names several things."""
        text = text.strip()
        if text.lower() in WORDS:
            return Party(text, outside=WORDS[text.lower()])
        address = parsed_or_none(text)
        if address is not None:
            return self._address(text, address)
        listed = self._estate.names.get(text) or self._estate.names.get(_id_of(text))
        if listed:
            return self._hosts(text, listed)
        named = self._named(text)
        if len(named) > 1:
            ids = ", ".join(sorted(party.label for party in named)[:SHOWN])
            raise UsageError(f"{text} names {len(named)} things ({ids}); give the id or ARN of one")
        return named[0] if named else self._unknown(text)

    def _named(self, text: str) -> list[Party]:
        found = [self._endpoint(text)] if text in self._estate.endpoints else []
        found += [self._service(text)] if self._enis_of(text) or text in self._services() else []
        for database in self._databases.find(text):
            hosts, one_of, notes = self._databases.hosts(database)
            label = f"{database.name} ({database.arn})"
            placed = all(host.addresses for host in hosts)
            missing = None if placed else f"where {label} is, is not known: {self._databases.unplaced(database)}"
            found.append(Party(label, hosts, one_of=one_of, notes=notes, port=database.port, missing=missing))
        found += self._by_name(text)
        return found

    def _by_name(self, text: str) -> list[Party]:
        """Instances with this Name tag: one party each, so that several are ambiguous."""
        groups: dict[str, list[str]] = defaultdict(list)
        for host_id in self._estate.names.get(f"name:{text}", ()):
            groups[self._estate.hosts[host_id].instance_id or host_id].append(host_id)
        return [self._hosts(instance, listed) for instance, listed in sorted(groups.items())]

    def _hosts(self, text: str, listed: Iterable[str]) -> Party:
        hosts = tuple(self._estate.hosts[one] for one in sorted(listed))
        by_interface = text in self._estate.hosts and text.startswith(("eni-", "nat-"))
        by_interface = by_interface or ":network-interface/" in text
        gaps = [self._gaps.gap("network_interfaces", host.account, host.region) for host in hosts]
        incomplete = None if by_interface else next((gap for gap in gaps if gap), None)
        notes = tuple(dict.fromkeys(note for host in hosts if (note := self._estate.notes.get(host.instance_id or ""))))
        return Party(text, hosts, notes=notes, incomplete=incomplete)

    def _address(self, text: str, address: Spot) -> Party:
        if not address.single:
            raise UsageError(f"{text} is a range; name one address, or `internet`")
        listed = self._owners.get(address)
        if listed:
            return replace(self._hosts(text, listed), only=address, incomplete=None)
        return Party(text, outside=address)

    def is_internet(self, address: Spot) -> bool:
        """Whether nobody here can own it. A VPC may have public ranges of its own."""
        return address.prefixlen == 0 or (is_public(address) and not inside(address, self._ranges[address.version]))

    def _endpoint(self, text: str) -> Party:
        endpoint = self._estate.endpoints[text]
        if endpoint.kind == "Gateway":
            raise UsageError(
                f"{text} is a gateway endpoint: it has no address; ask for an address of {endpoint.service}"
            )
        hosts = tuple(self._estate.hosts[one] for one in endpoint.enis if one in self._estate.hosts)
        gap = self._gaps.gap("network_interfaces", endpoint.account, endpoint.region)
        missing = (
            None if hosts else f"the interfaces of {text} are not known: {gap or 'ec2.describe_network_interfaces'}"
        )
        return Party(text, hosts, missing=missing, incomplete=gap)

    def _enis_of(self, text: str) -> tuple[str, ...]:
        """Interfaces that lead to a load balancer (by ARN) or to an endpoint service (by name), endpoints included."""
        services = [name for name, balancers in self._estate.services.items() if text == name or text in balancers]
        services += [text] if text.startswith("com.amazonaws.") else []
        found = {eni for one in self._estate.endpoints.values() if one.service in services for eni in one.enis}
        found |= set(self._balancers(text))
        return tuple(sorted(found & self._estate.hosts.keys()))

    def _balancers(self, arn: str) -> list[str]:
        """Interfaces of a load balancer: AWS describes them as `ELB net/NAME/ID`."""
        tail = arn.partition(":loadbalancer/")[2]
        return [host.host_id for host in self._estate.hosts.values() if tail and host.description == f"ELB {tail}"]

    def _service(self, text: str) -> Party:
        hosts = tuple(self._estate.hosts[one] for one in self._enis_of(text))
        gap = self._gaps.anywhere("network_interfaces") or "ec2.describe_network_interfaces"
        return Party(text, hosts, missing=None if hosts else f"the interfaces of {text} are not known: {gap}")

    def _services(self) -> set[str]:
        return {*self._estate.services, *(one.service for one in self._estate.endpoints.values())}

    def hidden(self, source: Host, target: Host) -> str | None:
        """The gap that may hide a way over PrivateLink from `source` into the VPC of `target`."""
        balancers = {host.description for host in self._estate.hosts.values() if host.vpc_id == target.vpc_id}
        tails = {text.removeprefix("ELB ") for text in balancers if text.startswith("ELB ")}
        if not tails:
            return None
        offered = [one for name in self._estate.services.values() for one in name]
        if any(arn.partition(":loadbalancer/")[2] in tails for arn in offered):
            return self._gaps.gap("vpc_endpoints", source.account, source.region)
        foreign = [one for one in self._estate.endpoints.values() if one.service not in self._estate.services]
        if any(one.vpc_id == source.vpc_id and ".vpce-svc-" in one.service for one in foreign):
            return self._gaps.gap("endpoint_services", target.account, target.region)
        return None

    def behind(self, target: Host) -> list[tuple[tuple[Host, ...], tuple[Host, ...], str]]:
        """Ways over PrivateLink into the VPC of `target`: interfaces of endpoints, those of the balancer, and its ARN."""
        found = []
        for service, balancers in sorted(self._estate.services.items()):
            doors = {eni for one in self._estate.endpoints.values() if one.service == service for eni in one.enis}
            outer = tuple(self._estate.hosts[one] for one in sorted(doors & self._estate.hosts.keys()))
            for arn in balancers:
                inner = tuple(self._estate.hosts[one] for one in sorted(self._balancers(arn)))
                inner = tuple(one for one in inner if one.vpc_id == target.vpc_id and one.host_id != target.host_id)
                if outer and inner:
                    found.append((outer, inner, arn))
        return found

    def _unknown(self, text: str) -> Party:
        table = next((table for prefix, table in TABLES.items() if _id_of(text).startswith(prefix)), None)
        if ":rds:" in text or ".rds." in text:
            table = "databases"
        gap = table and (self._gaps.anywhere(table) or self._gaps.anywhere("network_interfaces"))
        if gap:
            return Party(text, missing=f"{text} is not among what was read: {gap}")
        raise UsageError(
            f"nothing in the snapshot is called {text}; give an id, ARN, address, Name tag or database name"
        )


def _id_of(text: str) -> str:
    """The id at the end of the ARN of an instance, an interface or an endpoint."""
    return text.rpartition("/")[2] if text.startswith("arn:") and ":ec2:" in text else text


def described(party: Party) -> str:
    return shown(party.outside) if party.outside is not None else party.label
