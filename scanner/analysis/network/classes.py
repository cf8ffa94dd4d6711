"""Equivalence classes of interfaces: alike in subnet, groups and kind, and in every range that any rule tells apart.

A range wider than the subnet holds for all of its addresses, so only narrower ones split a class. Questions about a target
then cost one evaluation a class, not one an interface.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from scanner.analysis.network.addresses import Spot, spots
from scanner.analysis.network.joins import Joins
from scanner.analysis.network.model import Estate, Host


class Classes:
    """Classes of interfaces by VPC."""

    def __init__(self, estate: Estate):
        self._estate = estate
        self._narrow = named_ranges(estate)
        self._lengths = {version: sorted(found) for version, found in _lengths(self._narrow).items()}
        grouped: dict[str | None, dict[Any, list[str]]] = defaultdict(lambda: defaultdict(list))
        for host_id, host in sorted(estate.hosts.items()):
            grouped[host.vpc_id][self._key(host)].append(host_id)
        self._by_vpc = {vpc: [tuple(found) for found in keys.values()] for vpc, keys in grouped.items()}
        self._joins = Joins(estate)

    def near(self, targets: Iterable[Host]) -> Iterator[tuple[str, ...]]:
        """Yield the classes in VPCs that may have a path to the targets, sorted by VPC."""
        vpcs: set[str | None] = set()
        for target in targets:
            vpcs |= self._joins.near(target.vpc_id)
        for vpc in sorted(vpcs, key=str):
            yield from self._by_vpc.get(vpc, ())

    def _key(self, host: Host) -> tuple[Any, ...]:
        subnet = self._estate.subnets.get(host.subnet_id or "")
        kept = tuple(one for address in host.addresses for one in self._inside(address, subnet.cidrs if subnet else ()))
        versions = tuple(sorted({one.version for one in host.addresses}))
        return host.subnet_id, host.groups, host.kind, bool(host.public), versions, kept

    def _inside(self, address: Spot, around: tuple[Spot, ...]) -> Iterator[Spot]:
        """The ranges of rules that hold `address` and not all of its subnet."""
        whole = max((one.prefixlen for one in around if one.version == address.version), default=-1)
        for length in self._lengths.get(address.version, ()):
            if length > whole:
                one = address.widened(length)
                if one in self._narrow:
                    yield one


def named_ranges(estate: Estate) -> frozenset[Spot]:
    """Every range that a rule, a NACL, a route or a prefix list names."""
    return routed_ranges(estate) | acl_ranges(estate) | frozenset(spots(estate.rules.ranges()))


def acl_ranges(estate: Estate) -> frozenset[Spot]:
    """Every range that a NACL names."""
    return frozenset(entry.cidr for listed in estate.entries.values() for entry in listed)


def routed_ranges(estate: Estate) -> frozenset[Spot]:
    """Every range that a route or a prefix list names."""
    texts = {route.destination for listed in estate.routes.values() for route in listed}
    texts |= {route.destination or "" for table in estate.transit_tables.values() for route in table.routes}
    listed = (one for entries in estate.prefix_lists.values() for one in entries or ())
    return frozenset((*spots(texts), *listed))


def split(estate: Estate, ranges: Iterable[Spot]) -> set[str]:
    """Subnets of which some range holds a part only."""
    by_place: dict[tuple[int, int, int], list[str]] = defaultdict(list)
    lengths: dict[int, set[int]] = defaultdict(set)
    for subnet_id, subnet in estate.subnets.items():
        for one in subnet.cidrs:
            lengths[one.version].add(one.prefixlen)
            by_place[one.version, one.prefixlen, one.first].append(subnet_id)
    found: set[str] = set()
    for one in ranges:
        first = one.first
        for length in lengths[one.version]:
            if length < one.prefixlen:
                gone = one.max_prefixlen - length
                found.update(by_place.get((one.version, length, first >> gone << gone), ()))
    return found


def _lengths(found: Iterable[Spot]) -> dict[int, set[int]]:
    lengths: dict[int, set[int]] = defaultdict(set)
    for one in found:
        lengths[one.version].add(one.prefixlen)
    return lengths
