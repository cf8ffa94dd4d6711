"""Who the security groups of a database let in: rule by rule, and workload by workload.

Security-group and subnet level: a referenced group stands for the instances that carry it, a range for the instances of
the database's VPC with an address in it. Routes and network ACLs are not looked at.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any, NamedTuple

from scanner.analysis import insert
from scanner.classify import UNKNOWN
from scanner.config import Config
from scanner.snapshot.schema import table

USES = ("classification",)

ADMISSIONS = table(
    "database_admissions",
    "Ingress rules that let somebody open a connection to a database's port.",
    """
        database_arn string Database.
        group_id string Security group that has the rule.
        peer_type string ipv4, ipv6, prefix_list or group.
        peer string CIDR, prefix list id or group id.
        whole_network bool It admits a whole VPC or more instead of named groups; NULL for a prefix list that was not read.
        public bool It admits addresses of the internet; NULL for a prefix list that was not read.
    """,
)
CLIENTS = table(
    "database_clients",
    "Instances, functions and tasks that these rules let in: one row for those of a workload and environment that one rule admits.",
    """
        database_arn string Database.
        client_arn string First instance, or network interface of a function or task.
        client_account_id string Its account.
        client_workload string Workload of them all.
        client_environment string Environment of them all.
        clients int How many there are; one that two rules admit counts once for each.
        via string Group or range that admits them.
        certain bool FALSE: their VPC is another one, joined by peering or transit gateway, and routes were not looked at; a few of these rows stand for all.
    """,
)
TABLES = (ADMISSIONS, CLIENTS)

Network = IPv4Network | IPv6Network
FEW = 10
"""How many workloads of joined networks are named per rule: a hub joins thousands, and two are already undecided."""


class Client(NamedTuple):
    """What may connect."""

    arn: str
    account_id: str
    workload: str | None
    environment: str | None


class Alike(NamedTuple):
    """Clients of one workload and environment: the first of them, and how many."""

    first: Client
    clients: int


def run(connection: Any, config: Config) -> None:
    cidrs = connection.execute("SELECT DISTINCT cidr FROM vpc_cidrs WHERE cidr IS NOT NULL").fetchall()
    vpc_ranges = Ranges(network(cidr) for (cidr,) in cidrs)
    reader = _Clients(connection)
    lists = _prefix_lists(connection)
    admissions: list[tuple[Any, ...]] = []
    clients: list[tuple[Any, ...]] = []
    for account, region, arn, vpc, group, kind, peer in connection.execute(_RULES_SQL).fetchall():
        head = (account, region, arn)
        for admitted in [peer] if kind != "prefix_list" else lists.get(peer, [None]):
            wide = public = False if kind == "group" else None
            if kind != "group" and admitted is not None:
                wide = is_whole_network(network(admitted), vpc_ranges, config.settings.whole_network_prefix)
                public = admits_internet(admitted)
            admissions.append((*head, group, kind, admitted or peer, wide, public))
            for certain, alike in reader.admitted(kind, admitted, vpc):
                clients.append((*head, *alike.first, alike.clients, peer, certain))
    insert(connection, ADMISSIONS, admissions)
    insert(connection, CLIENTS, clients)


def _prefix_lists(connection: Any) -> dict[str, list[str]]:
    """Entries of the prefix lists whose entries were read."""
    entries: dict[str, list[str]] = {}
    rows = connection.execute("SELECT DISTINCT prefix_list_id, cidr FROM prefix_lists WHERE entries_read ORDER BY ALL")
    for prefix_list, cidr in rows.fetchall():
        entries.setdefault(prefix_list, []).extend([cidr] if cidr else [])
    return entries


class _Addresses:
    """Clients by address: what has one in a range is a slice."""

    def __init__(self, clients: Iterable[tuple[int, Client]]):
        ordered = sorted(clients)
        self._numbers = [number for number, _ in ordered]
        self._clients = [client for _, client in ordered]
        self._known: dict[tuple[int, int], tuple[Alike, ...]] = {}

    def within(self, admitted: Network) -> tuple[Alike, ...]:
        first = bisect_left(self._numbers, int(admitted.network_address))
        last = bisect_right(self._numbers, int(admitted.broadcast_address))
        if first == last:
            return ()
        if (first, last) not in self._known:
            self._known[first, last] = alike(self._clients[first:last])
        return self._known[first, last]


class _Clients:
    """What may connect, by the groups it carries, by VPC, and by what VPCs are joined to."""

    def __init__(self, connection: Any):
        by_group: dict[str, list[Client]] = defaultdict(list)
        by_vpc: dict[str, list[tuple[int, Client]]] = defaultdict(list)
        for *columns, vpc, address, groups in connection.execute(_CLIENTS_SQL).fetchall():
            client = Client(*columns)
            for group in groups or ():
                by_group[group].append(client)
            if address and ip_address(address).version == 4:
                by_vpc[vpc].append((int(ip_address(address)), client))
        self._by_group = {group: alike(found) for group, found in by_group.items()}
        self._by_vpc = {vpc: _Addresses(found) for vpc, found in by_vpc.items()}
        self._by_hub, self._hubs = _hubs(connection, by_vpc)

    def admitted(self, kind: str, peer: str | None, vpc: str | None) -> Iterator[tuple[bool, Alike]]:
        """Yield whether it is certain, and the clients."""
        if kind == "group":
            yield from ((True, found) for found in self._by_group.get(peer or "", ()))
        elif peer and vpc and network(peer).version == 4:
            own = self._by_vpc[vpc].within(network(peer)) if vpc in self._by_vpc else ()
            yield from ((True, found) for found in own)
            for hub in self._hubs.get(vpc, ()):
                # Those of the VPC itself are certain, wherever it is joined to as well.
                others = (found for found in self._by_hub[hub].within(network(peer)) if not _among(found, own))
                yield from ((False, found) for found, _ in zip(others, range(FEW), strict=False))


def _hubs(
    connection: Any, by_vpc: dict[str, list[tuple[int, Client]]]
) -> tuple[dict[str, _Addresses], dict[str, list[str]]]:
    """Clients of all VPCs that something joins, by what joins them; and by VPC, what it is joined by."""
    joined: dict[str, list[tuple[int, Client]]] = defaultdict(list)
    hubs: dict[str, list[str]] = defaultdict(list)
    for vpc, hub in connection.execute(_JOINED_SQL).fetchall():
        hubs[vpc].append(hub)
        joined[hub] += by_vpc.get(vpc, ())
    return {hub: _Addresses(clients) for hub, clients in joined.items()}, hubs


def alike(clients: Iterable[Client]) -> tuple[Alike, ...]:
    """Put together those of one workload and environment, those of an unknown workload first."""
    found: dict[tuple[bool, str, str], list[Client]] = defaultdict(list)
    for client in clients:
        known = client.workload not in (None, UNKNOWN)
        found[known, client.workload or "", client.environment or ""].append(client)
    return tuple(Alike(min(found[key]), len(found[key])) for key in sorted(found))


def _among(found: Alike, own: tuple[Alike, ...]) -> bool:
    """Whether clients of a hub are all in the VPC itself."""
    key = (found.first.workload, found.first.environment)
    return any(key == (mine.first.workload, mine.first.environment) and mine.clients == found.clients for mine in own)


class Ranges:
    """Address ranges, to ask whether one of them lies in another. Two CIDRs are nested or apart."""

    def __init__(self, ranges: Iterable[Network]):
        longest: dict[tuple[int, int], int] = {}
        for one in ranges:
            start = (one.version, int(one.network_address))
            longest[start] = max(one.prefixlen, longest.get(start, 0))
        self._starts = sorted(longest)
        self._longest = longest

    def any_in(self, outer: Network) -> bool:
        low, high = (outer.version, int(outer.network_address)), (outer.version, int(outer.broadcast_address))
        at = bisect_left(self._starts, low)
        if at < len(self._starts) and self._starts[at] == low:
            if self._longest[low] >= outer.prefixlen:
                return True
            at += 1
        # What begins further inside cannot be larger than the outer range.
        return at < len(self._starts) and self._starts[at] <= high


@lru_cache(maxsize=100_000)
def network(cidr: str) -> Network:
    return ip_network(cidr, strict=False)


def is_whole_network(admitted: Network, vpc_ranges: Ranges, widest: int) -> bool:
    """Whether a range admits the whole of some VPC, or is as wide as `widest` bits (IPv6: half an address)."""
    return admitted.prefixlen <= (widest if admitted.version == 4 else 64) or vpc_ranges.any_in(admitted)


@lru_cache(maxsize=100_000)
def admits_internet(cidr: str) -> bool:
    """Whether a range holds an address of the internet: anything but private, shared and link-local space."""
    admitted = network(cidr)
    return admitted.prefixlen == 0 or admitted.is_global


_RULES_SQL = """
SELECT DISTINCT d.account_id, d.region, d.arn, coalesce(d.vpc_id, g.vpc_id), r.group_id, r.peer_type, r.peer
FROM (SELECT account_id, region, arn, vpc_id, port, unnest(group_ids) AS group_id FROM databases) d
JOIN security_group_rules r ON r.group_id = d.group_id
LEFT JOIN security_groups g ON g.group_id = r.group_id
WHERE r.direction = 'ingress' AND r.protocol IN ('tcp', '6', '-1')
  AND (d.port IS NULL OR r.from_port IS NULL OR d.port BETWEEN r.from_port AND r.to_port)
ORDER BY ALL
"""

# Functions and tasks have no resource of their own yet: they are of their account's workload.
_CLIENTS_SQL = """
SELECT i.arn, i.account_id, f.workload, f.environment, i.vpc_id, i.private_ip, i.group_ids
FROM instances i LEFT JOIN resource_facts f ON f.arn = i.arn
UNION ALL
SELECT n.arn, n.account_id, a.workload, a.environment, n.vpc_id, n.private_ips[1], n.group_ids
FROM network_interfaces n LEFT JOIN account_facts a ON a.account_id = n.owner_id
WHERE n.account_id = n.owner_id AND (n.interface_type = 'lambda' OR n.description LIKE 'arn:aws%:ecs:%')
ORDER BY ALL
"""

# What joins VPCs, and the VPCs it joins.
_JOINED_SQL = """
SELECT requester_vpc_id AS vpc, peering_id AS hub FROM vpc_peerings WHERE status = 'active'
UNION SELECT accepter_vpc_id, peering_id FROM vpc_peerings WHERE status = 'active'
UNION SELECT resource_id, transit_gateway_id FROM transit_gateway_attachments
WHERE resource_type = 'vpc' AND state = 'available'
ORDER BY ALL
"""
