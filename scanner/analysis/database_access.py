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
        whole_network bool It admits a whole VPC or more instead of named groups.
        public bool It admits addresses of the internet.
    """,
)
CLIENTS = table(
    "database_clients",
    "Instances that these rules let in.",
    """
        database_arn string Database.
        client_arn string Instance.
        client_account_id string Its account.
        client_workload string Its workload.
        client_environment string Its environment.
        via string Group or range that admits it.
    """,
)
TABLES = (ADMISSIONS, CLIENTS)

Network = IPv4Network | IPv6Network


def run(connection: Any, config: Config) -> None:
    vpc_ranges: dict[str, set[str]] = defaultdict(set)
    for vpc, cidr in connection.execute("SELECT DISTINCT vpc_id, cidr FROM vpc_cidrs ORDER BY ALL").fetchall():
        vpc_ranges[vpc].add(cidr)
    ranges = frozenset(network(cidr) for cidrs in vpc_ranges.values() for cidr in cidrs)
    reader = _Instances(connection)
    admissions: list[tuple[Any, ...]] = []
    clients: dict[tuple[str, str], tuple[Any, ...]] = {}
    widest = config.settings.whole_network_prefix
    for row in connection.execute(_RULES_SQL).fetchall():
        account, region, arn, vpc, group, kind, peer = row
        wide = kind in ("ipv4", "ipv6") and is_whole_network(peer, ranges, widest)
        public = kind in ("ipv4", "ipv6") and admits_internet(peer)
        admissions.append((account, region, arn, group, kind, peer, wide, public))
        for client in reader.admitted(kind, peer, vpc):
            clients.setdefault((arn, client[0]), (account, region, arn, *client, peer))
    insert(connection, ADMISSIONS, admissions)
    insert(connection, CLIENTS, [clients[key] for key in sorted(clients)])


class _Instances:
    """Instances by the groups they carry and by VPC: `(arn, account, workload, environment)`."""

    def __init__(self, connection: Any):
        self._by_group: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        self._by_vpc: dict[str, list[tuple[Any, tuple[Any, ...]]]] = defaultdict(list)
        for *client, vpc, address, groups in connection.execute(_INSTANCES_SQL).fetchall():
            for group in groups or ():
                self._by_group[group].append(tuple(client))
            if address:
                self._by_vpc[vpc].append((ip_address(address), tuple(client)))

    def admitted(self, kind: str, peer: str, vpc: str | None) -> Iterator[tuple[Any, ...]]:
        if kind == "group":
            yield from self._by_group.get(peer, ())
        elif kind in ("ipv4", "ipv6") and vpc:
            wanted = network(peer)
            for address, client in self._by_vpc.get(vpc, ()):
                if address in wanted:
                    yield client


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
JOIN security_group_rules r ON r.group_id = d.group_id AND r.account_id = d.account_id AND r.region = d.region
LEFT JOIN security_groups g ON g.group_id = r.group_id AND g.account_id = d.account_id
WHERE r.direction = 'ingress' AND r.protocol IN ('tcp', '6', '-1')
  AND (d.port IS NULL OR r.from_port IS NULL OR d.port BETWEEN r.from_port AND r.to_port)
ORDER BY ALL
"""

_INSTANCES_SQL = """
SELECT i.arn, i.account_id, f.workload, f.environment, i.vpc_id, i.private_ip, i.group_ids
FROM instances i LEFT JOIN resource_facts f ON f.arn = i.arn ORDER BY i.arn
"""
