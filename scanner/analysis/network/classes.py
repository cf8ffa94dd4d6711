"""Equivalence classes of interfaces: alike in subnet, groups and kind, and in every range that any rule tells apart.

A range wider than the subnet holds for all of its addresses, so only narrower ones split a class. Questions about a target
then cost one evaluation a class, not one an interface.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from scanner.analysis.network.addresses import Spot, spots
from scanner.analysis.network.model import Estate, Host


class Classes:
    """Classes of interfaces by VPC, and which VPCs can have a path to each other at all."""

    def __init__(self, estate: Estate):
        self._estate = estate
        self._narrow = _ranges(estate)
        self._lengths = {version: sorted(found) for version, found in _lengths(self._narrow).items()}
        grouped: dict[str | None, dict[Any, list[str]]] = defaultdict(lambda: defaultdict(list))
        for host_id, host in sorted(estate.hosts.items()):
            grouped[host.vpc_id][self._key(host)].append(host_id)
        self._by_vpc = {vpc: [tuple(found) for found in keys.values()] for vpc, keys in grouped.items()}
        self._joined = _joined(estate)

    def near(self, targets: Iterable[Host]) -> Iterator[tuple[str, ...]]:
        """Yield the classes in VPCs that may have a path to the targets, sorted by VPC."""
        vpcs: set[str | None] = set()
        for target in targets:
            vpcs.add(target.vpc_id)
            vpcs |= self._joined.get(target.vpc_id, set())
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
                one = address.supernet(new_prefix=length) if length < address.prefixlen else address
                if one in self._narrow:
                    yield one


def _ranges(estate: Estate) -> frozenset[Spot]:
    """Every range that a rule, a NACL, a route or a prefix list names."""
    found = {entry.cidr for listed in estate.entries.values() for entry in listed}
    texts = {rule.peer for listed in estate.rules.values() for rule in listed if rule.peer_type.startswith("ipv")}
    texts |= {route.destination for listed in estate.routes.values() for route in listed}
    texts |= {route.destination or "" for table in estate.transit_tables.values() for route in table.routes}
    found.update(spots(texts), *(listed for listed in estate.prefix_lists.values() if listed))
    return frozenset(found)


def _lengths(found: Iterable[Spot]) -> dict[int, set[int]]:
    lengths: dict[int, set[int]] = defaultdict(set)
    for one in found:
        lengths[one.version].add(one.prefixlen)
    return lengths


def _joined(estate: Estate) -> dict[str | None, set[str | None]]:
    """VPCs that a peering or transit gateways join, directly or through peered gateways."""
    joined: dict[str | None, set[str | None]] = defaultdict(set)
    for peering in estate.peerings.values():
        one, two = peering.sides
        joined[one.vpc_id].add(two.vpc_id)
        joined[two.vpc_id].add(one.vpc_id)
    for gateways in _islands(estate):
        vpcs: set[str | None] = {
            one.resource for name in gateways for one in estate.attachments.get(name, ()) if one.resource_type == "vpc"
        }
        for vpc in vpcs:
            joined[vpc] = joined[vpc] | vpcs if joined[vpc] else vpcs
    return joined


def _islands(estate: Estate) -> list[set[str]]:
    """Transit gateways, put together where peerings join them."""
    left, islands = set(estate.attachments), []
    while left:
        island, edge = set(), {min(left)}
        while edge:
            island |= edge
            edge = {
                one.resource
                for name in edge
                for one in estate.attachments.get(name, ())
                if one.resource_type == "peering"
            } - island
        islands.append(island)
        left -= island
    return islands
