"""Who opens connections: instances, functions and tasks, put together where the network cannot tell them apart.

Alike are those in one subnet with the same groups, kind and families of addresses. Where some range of a rule, an ACL or
a route is narrower than a subnet, every interface of that subnet stands for itself.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scanner.analysis.network.addresses import Spot
from scanner.analysis.network.classes import named_ranges, split
from scanner.analysis.network.model import Estate, Host

PRODUCTION = "production"
OTHERS = ("staging", "test", "development", "sandbox")
FEW = 200
NARROW = {4: 16, 6: 48}
Places = list[tuple[int, int]]
"""Addresses as numbers, each with the number of a class."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Members of a class that are for the same: `arn` is the first of them. None: not read, or nothing says it."""

    arn: str
    workload: str | None
    environment: str | None
    members: int


@dataclass(frozen=True, slots=True)
class Client:
    """A class of ends that the network cannot tell apart; `host` stands for all of them."""

    number: int
    host: Host
    facts: tuple[Facts, ...]


@dataclass(frozen=True, slots=True)
class Arm:
    """VPCs around a target: its own, those behind peerings, or those behind transit gateways."""

    vpcs: tuple[str | None, ...]
    members: frozenset[str | None]


class Clients:
    """Every class, and those that a group or a range stands for."""

    def __init__(self, connection: Any, estate: Estate):
        found = connection.execute(_FACTS_SQL).fetchall()
        gathered: dict[str, list[Facts]] = defaultdict(list)
        for host_id, *facts in found:
            gathered[host_id].append(Facts(*facts))
        self.all = tuple(
            Client(number, estate.hosts[host_id], tuple(facts))
            for number, (host_id, facts) in enumerate(sorted(gathered.items()))
        )
        self.all_ids = frozenset(gathered)
        self.environments = sorted({one.environment for found in gathered.values() for one in found}, key=str)
        self._by_group: dict[tuple[str, str | None], list[Client]] = defaultdict(list)
        self._by_vpc: dict[tuple[str | None, str | None, int], Places] = defaultdict(list)
        self._everywhere: dict[tuple[str | None, int], Places] = defaultdict(list)
        self._known: dict[tuple[Spot, str | None], list[Client]] = {}
        for client in self.all:
            for environment in {one.environment for one in client.facts}:
                self._place(client, environment)
        for listed in (*self._by_vpc.values(), *self._everywhere.values()):
            listed.sort()

    def _place(self, client: Client, environment: str | None) -> None:
        for group in client.host.groups or ():
            self._by_group[group, environment].append(client)
        for one in client.host.addresses:
            place = (int(one.network_address), client.number)
            self._by_vpc[client.host.vpc_id, environment, one.version].append(place)
            self._everywhere[environment, one.version].append(place)

    def carrying(self, group: str, environment: str | None) -> list[Client]:
        return self._by_group.get((group, environment), [])

    def inside(self, where: Spot, arm: Arm, environment: str | None) -> Iterator[Client]:
        """Yield the classes of some VPCs and one environment with an address in a range, as they are asked for."""
        if len(arm.vpcs) > FEW and where.prefixlen >= NARROW[where.version]:
            key = (where, environment)
            if key not in self._known:
                self._known[key] = list(self._cut(self._everywhere.get((environment, where.version), []), where))
            yield from (client for client in self._known[key] if client.host.vpc_id in arm.members)
            return
        for vpc in arm.vpcs:
            yield from self._cut(self._by_vpc.get((vpc, environment, where.version), []), where)

    def _cut(self, listed: Places, where: Spot) -> Iterator[Client]:
        first, last = int(where.network_address), int(where.broadcast_address)
        cut = listed[bisect_left(listed, (first,)) : bisect_right(listed, (last, len(self.all)))] if listed else ()
        return (self.all[number] for number in dict.fromkeys(number for _, number in cut))


def sort_out(connection: Any, estate: Estate) -> None:
    """Make the tables `client_ends`, `client_classes` and `client_spares` (those that a class can do without)."""
    connection.execute(_ENDS_SQL)
    connection.execute("CREATE OR REPLACE TEMP TABLE split_subnets (subnet_id VARCHAR)")
    found = sorted(split(estate, named_ranges(estate)))
    connection.execute("INSERT INTO split_subnets SELECT unnest(?::VARCHAR[])", [found])
    for sql in (_CLASSES_SQL, _SPARES_SQL):
        connection.execute(sql)


def forget(connection: Any) -> None:
    for name in ("client_ends", "client_classes", "client_spares", "split_subnets"):
        connection.execute(f"DROP TABLE {name}")


_ENDS_SQL = """
CREATE OR REPLACE TEMP TABLE client_ends AS
WITH listed AS (
  SELECT n.*, coalesce(n.owner_id, n.account_id) AS holder, row_number() OVER (PARTITION BY n.eni_id
    ORDER BY CASE WHEN n.account_id = n.owner_id THEN 0 ELSE 1 END, n.account_id) AS place
  FROM network_interfaces n
),
machines AS (
  SELECT i.instance_id, min(i.arn) AS arn FROM instances i GROUP BY i.instance_id
),
facts AS (SELECT arn, min(workload) AS workload, min(environment) AS environment FROM resource_facts GROUP BY arn)
SELECT n.eni_id AS host_id, coalesce(i.arn, n.arn, n.eni_id) AS arn, n.holder AS account_id, n.vpc_id, n.subnet_id,
  list_sort(n.group_ids) AS group_ids, coalesce(n.interface_type, 'interface') AS kind,
  coalesce(len(n.private_ips), 0) > 0 AS four, coalesce(len(n.ipv6_ips), 0) > 0 AS six,
  CASE WHEN n.instance_id IS NOT NULL THEN f.workload ELSE a.workload END AS workload,
  CASE WHEN n.instance_id IS NOT NULL THEN f.environment ELSE a.environment END AS environment
FROM listed n
LEFT JOIN machines i ON i.instance_id = n.instance_id
LEFT JOIN facts f ON f.arn = i.arn
LEFT JOIN account_facts a ON a.account_id = n.holder
WHERE n.place = 1
  AND (n.instance_id IS NOT NULL OR n.interface_type = 'lambda' OR n.description LIKE 'arn:aws%:ecs:%')
UNION ALL
SELECT i.instance_id, i.arn, i.account_id, i.vpc_id, i.subnet_id, list_sort(i.group_ids), 'interface', TRUE, FALSE,
  f.workload, f.environment
FROM (SELECT * FROM instances QUALIFY row_number() OVER (PARTITION BY instance_id ORDER BY account_id) = 1) i
LEFT JOIN facts f ON f.arn = i.arn
WHERE NOT EXISTS (SELECT 1 FROM network_interfaces n WHERE n.instance_id = i.instance_id)
"""

_CLASSES_SQL = """
CREATE OR REPLACE TEMP TABLE client_classes AS
SELECT e.*, min(e.host_id) OVER (PARTITION BY e.account_id, e.vpc_id, e.subnet_id, e.group_ids, e.kind, e.four, e.six,
  CASE WHEN s.subnet_id IS NOT NULL THEN e.host_id END) AS first_id
FROM client_ends e LEFT JOIN split_subnets s ON s.subnet_id = e.subnet_id
"""

# What routes lead to is kept: whether it passes packets on counts.
_SPARES_SQL = """
CREATE OR REPLACE TEMP TABLE client_spares AS
WITH routed AS (SELECT DISTINCT target_id FROM routes WHERE target_id IS NOT NULL)
SELECT c.host_id FROM client_classes c WHERE c.host_id <> c.first_id
  AND c.host_id NOT IN (SELECT target_id FROM routed)
  AND c.host_id NOT IN (SELECT n.eni_id FROM network_interfaces n WHERE n.instance_id IN (SELECT target_id FROM routed))
"""

_FACTS_SQL = """
SELECT first_id, min(arn), workload, environment, count(DISTINCT arn) FROM client_classes
GROUP BY first_id, workload, environment ORDER BY ALL
"""
