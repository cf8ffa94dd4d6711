"""Who opens connections: instances, functions and tasks, put together where the network cannot tell them apart.

There are a million ends in a large organization and a question is about few: they are kept as columns, in the order of
their numbers, and become objects when somebody asks for them.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from scanner.analysis.connections.ends import number_of
from scanner.analysis.network.addresses import Spot, spots
from scanner.analysis.network.columns import Column
from scanner.analysis.network.kept import Kept
from scanner.analysis.network.load_hosts import Listed
from scanner.analysis.network.model import Host

PRODUCTION = "production"
OTHERS = ("staging", "test", "development", "sandbox")


@dataclass(frozen=True, slots=True)
class Facts:
    """Members of a class that are for the same: `arn` is the first of them. None: not read, or nothing says it."""

    arn: str
    workload: str | None
    environment: str | None
    members: int


@dataclass(frozen=True, slots=True, eq=False)
class Client:
    """A class of ends that the network cannot tell apart; `host` stands for all of them."""

    number: int
    host: Host
    facts: tuple[Facts, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Arm:
    """VPCs around a target: its own, those behind peerings, or those behind transit gateways."""

    vpcs: tuple[str | None, ...]
    members: frozenset[str | None]


@dataclass(slots=True)
class Places:
    """Addresses in order, as numbers, and the class that has each."""

    addresses: Any
    numbers: Any

    def cut(self, where: Spot, first: int = 0, last: int | None = None) -> tuple[int, int]:
        """The stretch of places, within a stretch, whose addresses are in a range."""
        end = len(self.addresses) if last is None else last
        low = bisect_left(self.addresses, where.first, first, end)
        return low, bisect_right(self.addresses, where.last, low, end)


Block = tuple[str | None, str | None]
"""A VPC and an environment."""


class Clients:
    """Every class, and those that a group or a range stands for."""

    def __init__(self, connection: Any):
        rows = connection.sql(_ROWS_SQL).to_arrow_table()
        self.hosts = Listed(rows)
        self.vpcs, self.subnets, self._names = map(self.hosts.column, ("vpc_id", "subnet_id", "group_names"))
        self.accounts, self.kinds = Column(rows.column("holder")), Column(rows.column("kind"))
        facts = connection.sql(_FACTS_SQL).to_arrow_table()
        self._arns = facts.column(0).combine_chunks()
        self._workloads, self._environments = Column(facts.column(1)), Column(facts.column(2))
        self._members = array("L", facts.column(3).to_pylist())
        self._sets: dict[str, tuple[str, ...]] = {}
        counts = [count for (count,) in connection.execute(_COUNTS_SQL).fetchall()]
        self._starts = array("L", accumulate(counts, initial=0))
        self.environments = sorted(set(facts.column(2).unique().to_pylist()), key=str)
        self._made: dict[int, Client] = Kept()
        self._carrying: dict[str, dict[str | None, list[tuple[str | None, int]]]] = Kept()
        self._said: dict[Block, frozenset[tuple[str | None, str]]] = Kept()
        self._one_each: dict[str | None, tuple[int, ...]] = {}
        self._listed: dict[tuple[Arm, str | None], list[str | None]] = {}
        self._carriers = _Slices(connection.sql(_CARRIERS_SQL).to_arrow_table().combine_chunks())
        self._place(connection)

    def __len__(self) -> int:
        return len(self.hosts)

    def get(self, number: int) -> Client:
        known = self._made.get(number)
        if known is None:
            facts = tuple(self._fact(place) for place in range(self._starts[number], self._starts[number + 1]))
            known = self._made[number] = Client(number, self.hosts[number], facts)
        return known

    def _fact(self, place: int) -> Facts:
        arn, members = self._arns[place].as_py(), self._members[place]
        return Facts(arn, self._workloads[place], self._environments[place], members)

    def of(self, number: int) -> set[str | None]:
        """The environments of the members of a class."""
        return {self._environments[place] for place in range(self._starts[number], self._starts[number + 1])}

    def groups(self, number: int) -> tuple[str, ...]:
        """The groups of a class; none where they were not read."""
        names = self._names[number] or ""
        if names not in self._sets:
            self._sets[names] = tuple(names.split())
        return self._sets[names]

    def numbers(self, vpcs: set[str | None]) -> Iterator[int]:
        """The classes in some VPCs, in order."""
        return (number for number in range(len(self)) if self.vpcs[number] in vpcs)

    def in_subnets(self, vpc: str | None) -> tuple[int, ...]:
        """One class for each subnet of a VPC."""
        if not self._one_each:
            places = {(self.vpcs[number], self.subnets[number]): number for number in range(len(self))}
            for (where, _), number in places.items():
                self._one_each[where] = (*self._one_each.get(where, ()), number)
        return self._one_each.get(vpc, ())

    def said(self, vpc: str | None, environment: str | None) -> frozenset[tuple[str | None, str]]:
        """Workloads, each with its account, that clients of a VPC and an environment are for."""
        block = (vpc, environment)
        if block not in self._said:
            found = {
                number for places, first, last in self._blocks.get(block, ()) for number in places.numbers[first:last]
            }
            self._said[block] = frozenset(one for number in found for one in self.pairs(number, environment))
        return self._said[block]

    def pairs(self, number: int, environment: str | None) -> Iterator[tuple[str | None, str]]:
        """Workloads, each with its account, that members of a class in an environment are for."""
        for place in range(self._starts[number], self._starts[number + 1]):
            if self._environments[place] == environment:
                yield self._workloads[place], self.accounts[number]

    def carrying(self, group: str, arm: Arm, environment: str | None) -> Iterator[int]:
        """The classes of some VPCs and one environment whose ends carry a group."""
        known = self._carrying.get(group)
        if known is None:
            known = self._carrying[group] = defaultdict(list)
            for number in self._carriers.get(group):
                for one in self.of(number):
                    known[one].append((self.vpcs[number], number))
        return (number for vpc, number in known.get(environment, ()) if vpc in arm.members)

    def carried(self, group: str) -> bool:
        """Whether anybody carries a group."""
        return group in self._carriers

    def anywhere(self, where: Spot) -> bool:
        """Whether anybody has an address in a range."""
        first, last = self._everywhere[where.version].cut(where)
        return first < last

    def _is_of(self, number: int, environment: str | None) -> bool:
        first, last = self._starts[number], self._starts[number + 1]
        return any(self._environments[place] == environment for place in range(first, last))

    def inside(self, where: Spot, arm: Arm, environment: str | None) -> Iterator[tuple[str | None, Iterator[int]]]:
        """Yield VPCs of an arm, each with its classes of one environment that have an address in a range."""
        everywhere = self._everywhere[where.version]
        first, last = everywhere.cut(where)
        vpcs = self._in_use(arm, environment) if first < last else []
        if last - first > 4 * len(vpcs):
            for vpc in vpcs:
                yield vpc, self._cut(where, (vpc, environment))
            return
        found: dict[str | None, list[int]] = defaultdict(list)
        for number in everywhere.numbers[first:last]:
            if self.vpcs[number] in arm.members and self._is_of(number, environment):
                found[self.vpcs[number]].append(number)
        for vpc in sorted(found, key=str):
            yield vpc, iter(dict.fromkeys(found[vpc]))

    def _in_use(self, arm: Arm, environment: str | None) -> list[str | None]:
        """The VPCs of an arm in which there is somebody of an environment."""
        key = (arm, environment)
        if key not in self._listed:
            self._listed[key] = [vpc for vpc in arm.vpcs if (vpc, environment) in self._blocks]
        return self._listed[key]

    def _cut(self, where: Spot, block: Block) -> Iterator[int]:
        for places, first, last in self._blocks[block]:
            if places is self._by_block[where.version]:
                low, high = places.cut(where, first, last)
                yield from dict.fromkeys(places.numbers[low:high])

    def _place(self, connection: Any) -> None:
        """Put addresses in order: all of one family, and those of every VPC and environment together."""
        connection.execute(_ADDRESSES_SQL)
        self._everywhere, self._by_block = {}, {}
        self._blocks: dict[Block, list[tuple[Places, int, int]]] = defaultdict(list)
        self._everywhere[4] = _places(connection.sql(_EVERYWHERE_SQL).to_arrow_table())
        self._by_block[4] = _places(connection.sql(_PLACED_SQL).to_arrow_table())
        first = 0
        for vpc, environment, count in connection.execute(_BLOCKS_SQL).fetchall():
            self._blocks[vpc, environment].append((self._by_block[4], first, first + count))
            first += count
        connection.execute("DROP TABLE client_addresses")
        self._place_six(connection)

    def _place_six(self, connection: Any) -> None:
        """The few IPv6 addresses: they are wider than the numbers of a database."""
        listed = connection.execute(_SIXES_SQL).fetchall()
        found = sorted((one.first, number) for number, text in listed for one in spots([text]))
        self._everywhere[6] = Places([one for one, _ in found], [number for _, number in found])
        blocks: dict[Block, list[tuple[int, int]]] = defaultdict(list)
        for address, number in found:
            for environment in self.of(number):
                blocks[self.vpcs[number], environment].append((address, number))
        places = self._by_block[6] = Places([], [])
        for block, members in blocks.items():
            self._blocks[block].append((places, len(places.numbers), len(places.numbers) + len(members)))
            places.addresses += [one for one, _ in members]
            places.numbers += [number for _, number in members]


class _Slices:
    """Numbers by a name, kept in one column; rows come sorted by name."""

    def __init__(self, rows: Any):
        self._numbers = _numbers(rows.column(1), "I")
        self._place: dict[str, tuple[int, int]] = {}
        first, names = 0, rows.column(0).to_pylist()
        for place, name in enumerate(names):
            if place + 1 == len(names) or names[place + 1] != name:
                self._place[name] = (first, place + 1)
                first = place + 1

    def __contains__(self, name: str) -> bool:
        return name in self._place

    def get(self, name: str) -> Any:
        first, last = self._place.get(name, (0, 0))
        return self._numbers[first:last]


def _places(rows: Any) -> Places:
    return Places(_numbers(rows.column(0), "Q"), _numbers(rows.column(1), "I"))


def _numbers(column: Any, kind: str) -> Any:
    found = array(kind)
    found.extend(column.to_pylist())
    return found


_ROWS_SQL = """
SELECT host_id, vpc_id, subnet_id, owner_id, account_id, region, description, interface_type, requester_id, instance_id,
  array_to_string(ips, ' ') AS ip_names, six_names, public_names, group_names, source_dest_check,
  coalesce(owner_id, account_id) AS holder, coalesce(interface_type, 'interface') AS kind
FROM client_hosts ORDER BY number
"""

_FACTS_SQL = """
SELECT arn, workload, environment, members FROM client_facts ORDER BY number, arn, workload, environment, members
"""

_COUNTS_SQL = "SELECT count(*) FROM client_facts GROUP BY number ORDER BY number"

_CARRIERS_SQL = "SELECT unnest(group_ids) AS name, number FROM client_hosts ORDER BY name, number"

_ADDRESSES_SQL = f"""
CREATE OR REPLACE TEMP TABLE client_addresses AS
SELECT vpc_id, number, {number_of("ip")} AS address
FROM (SELECT vpc_id, number, unnest(ips) AS ip FROM client_hosts) WHERE ip NOT LIKE '%:%'
"""

_EVERYWHERE_SQL = "SELECT address, number FROM client_addresses WHERE address IS NOT NULL ORDER BY address, number"

_OF_BLOCKS = """
(SELECT DISTINCT a.vpc_id, f.environment, a.address, a.number
FROM client_addresses a JOIN client_facts f ON f.number = a.number WHERE a.address IS NOT NULL)
"""

_PLACED_SQL = f"SELECT address, number FROM {_OF_BLOCKS} ORDER BY vpc_id, environment, address, number"

_BLOCKS_SQL = f"SELECT vpc_id, environment, count(*) FROM {_OF_BLOCKS} GROUP BY ALL ORDER BY vpc_id, environment"

_SIXES_SQL = "SELECT number, ip FROM (SELECT number, unnest(ips) AS ip FROM client_hosts) WHERE ip LIKE '%:%'"
