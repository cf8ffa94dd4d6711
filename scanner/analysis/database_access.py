"""Who the security groups of a database let in: rule by rule, and workload by workload.

Security-group and subnet level: a referenced group stands for the instances that carry it, a range for the instances of
the database's VPC with an address in it. Routes and network ACLs are not looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from scanner.analysis import insert
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
    "Instances, functions and tasks that these rules let in.",
    """
        database_arn string Database.
        client_arn string Instance, or network interface of a function or task.
        client_account_id string Its account.
        client_workload string Its workload.
        client_environment string Its environment.
        via string Group or range that admits it.
        certain bool FALSE: its VPC is another one, joined by peering or transit gateway, and routes were not looked at.
    """,
)
TABLES = (ADMISSIONS, CLIENTS)

Network = IPv4Network | IPv6Network


def run(connection: Any, config: Config) -> None:
    cidrs = connection.execute("SELECT DISTINCT cidr FROM vpc_cidrs WHERE cidr IS NOT NULL").fetchall()
    ranges = frozenset(network(cidr) for (cidr,) in cidrs)
    reader = _Clients(connection)
    lists = _prefix_lists(connection)
    admissions: list[tuple[Any, ...]] = []
    clients: dict[tuple[str, str], tuple[Any, ...]] = {}
    for account, region, arn, vpc, group, kind, peer in connection.execute(_RULES_SQL).fetchall():
        head = (account, region, arn)
        for admitted in [peer] if kind != "prefix_list" else lists.get(peer, [None]):
            wide = public = False if kind == "group" else None
            if kind != "group" and admitted is not None:
                wide = is_whole_network(admitted, ranges, config.settings.whole_network_prefix)
                public = admits_internet(admitted)
            admissions.append((*head, group, kind, admitted or peer, wide, public))
            for certain, client in reader.admitted(kind, admitted, vpc):
                known = clients.get((arn, client[0]))
                if known is None or (certain and not known[-1]):
                    clients[arn, client[0]] = (*head, *client, peer, certain)
    insert(connection, ADMISSIONS, admissions)
    insert(connection, CLIENTS, [clients[key] for key in sorted(clients)])


def _prefix_lists(connection: Any) -> dict[str, list[str]]:
    """Entries of the prefix lists whose entries were read."""
    entries: dict[str, list[str]] = {}
    rows = connection.execute("SELECT DISTINCT prefix_list_id, cidr FROM prefix_lists WHERE entries_read ORDER BY ALL")
    for prefix_list, cidr in rows.fetchall():
        entries.setdefault(prefix_list, []).extend([cidr] if cidr else [])
    return entries


class _Clients:
    """What may connect, by the groups it carries and by VPC: `(arn, account, workload, environment)`."""

    def __init__(self, connection: Any):
        self._by_group: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        self._by_vpc: dict[str, list[tuple[Any, tuple[Any, ...]]]] = defaultdict(list)
        self._joined: dict[str, set[str]] = defaultdict(set)
        for *client, vpc, address, groups in connection.execute(_CLIENTS_SQL).fetchall():
            for group in groups or ():
                self._by_group[group].append(tuple(client))
            if address:
                self._by_vpc[vpc].append((ip_address(address), tuple(client)))
        for one, other in connection.execute(_JOINED_SQL).fetchall():
            self._joined[one].add(other)

    def admitted(self, kind: str, peer: str | None, vpc: str | None) -> Iterator[tuple[bool, tuple[Any, ...]]]:
        """Yield whether it is certain, and the client."""
        if kind == "group":
            yield from ((True, client) for client in self._by_group.get(peer or "", ()))
        elif peer and vpc:
            wanted = network(peer)
            for where in (vpc, *sorted(self._joined.get(vpc, ()))):
                for address, client in self._by_vpc.get(where, ()):
                    if address in wanted:
                        yield where == vpc, client


@lru_cache(maxsize=100_000)
def network(cidr: str) -> Network:
    return ip_network(cidr, strict=False)


@lru_cache(maxsize=100_000)
def is_whole_network(cidr: str, vpc_ranges: frozenset[Network], widest: int) -> bool:
    """Whether a range admits the whole of some VPC, or is as wide as `widest` bits (IPv6: half an address)."""
    admitted = network(cidr)
    if admitted.prefixlen <= (widest if admitted.version == 4 else 64):
        return True
    return any(
        inner.version == admitted.version and inner.subnet_of(admitted)  # type: ignore[arg-type]
        for inner in vpc_ranges
    )


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

_JOINED_SQL = """
WITH peered AS (
  SELECT requester_vpc_id AS one, accepter_vpc_id AS other FROM vpc_peerings WHERE status = 'active'
),
attached AS (
  SELECT DISTINCT transit_gateway_id, resource_id FROM transit_gateway_attachments
  WHERE resource_type = 'vpc' AND state = 'available'
)
SELECT one, other FROM peered
UNION SELECT other, one FROM peered
UNION SELECT a.resource_id, b.resource_id FROM attached a JOIN attached b
  ON b.transit_gateway_id = a.transit_gateway_id AND b.resource_id <> a.resource_id
"""
