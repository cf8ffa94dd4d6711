"""Which VPCs can have a path to each other at all: by a peering, or by the route tables of transit gateways.

It may name too many (then the walk says no), never too few: a table that was not read leads everywhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from scanner.analysis.network.model import Attachment, Estate

APPLIANCES = ("network_interface", "instance", "vpc_endpoint")
Key = frozenset[tuple[str, str | None]]
"""How a VPC is attached: gateways, and the route tables its attachments are associated with."""


class Joins:
    """Neighbours of VPCs."""

    def __init__(self, estate: Estate):
        self._estate = estate
        self.peerings: dict[str | None, dict[str | None, list[str]]] = defaultdict(lambda: defaultdict(list))
        for peering in sorted(estate.peerings.values(), key=lambda one: one.peering_id):
            one, two = (side.vpc_id for side in peering.sides)
            self.peerings[one][two].append(peering.peering_id)
            self.peerings[two][one].append(peering.peering_id)
        self._island = {gateway: island for island in _islands(estate) for gateway in island}
        self._attachments: dict[str, list[Attachment]] = defaultdict(list)
        for listed in estate.attachments.values():
            for attachment in listed:
                if attachment.resource_type == "vpc":
                    self._attachments[attachment.resource].append(attachment)
        self._keys: dict[str, Key] = {
            vpc: frozenset((one.gateway, one.table) for one in found) for vpc, found in self._attachments.items()
        }
        self._members: dict[Key, set[str]] = defaultdict(set)
        for vpc, key in self._keys.items():
            self._members[key].add(vpc)
        self._appliances = _with_appliances(estate)
        self._leads: dict[Key, frozenset[str]] = {}
        self._known: dict[tuple[Key, frozenset[Key]], frozenset[str]] = {}

    def near(self, vpc: str | None) -> set[str | None]:
        """The VPC itself and every one that may have a path to it."""
        return {vpc, *self.peerings.get(vpc, {}), *self.over_transit(vpc)}

    def attached(self, vpc: str) -> tuple[str | None, str | None]:
        """A gateway that a VPC is attached to, and who owns the attachment."""
        found = [(one.gateway, one.owner) for one in self._attachments.get(vpc, ())]
        return min(found, key=str) if found else (None, None)

    def gateways(self, vpc: str | None) -> frozenset[str]:
        return frozenset(one.gateway for one in self._attachments.get(vpc or "", ()) if one.available)

    def entrances(self, vpc: str | None) -> frozenset[str]:
        """Subnets in which the gateways of a VPC have an interface."""
        return frozenset(subnet for one in self._attachments.get(vpc or "", ()) for subnet in one.subnets or ())

    def over_transit(self, vpc: str | None) -> frozenset[str]:
        """VPCs whose packets transit gateways may carry to this one, and back; it may be one of them."""
        key = self._keys.get(vpc or "")
        if key is None or vpc is None:
            return frozenset()
        senders = frozenset(other for other in self._members if vpc in self._all_led(other))
        if (key, senders) not in self._known:
            back = self._all_led(key)
            found = [one for other in senders for one in self._members[other] if one in back]
            self._known[key, senders] = frozenset(found)
        return self._known[key, senders]

    def _all_led(self, key: Key) -> frozenset[str]:
        """Where packets of a VPC get to, also through the appliances of VPCs on the way."""
        if key not in self._leads:
            found: set[str] = set()
            left = [key]
            seen = {key}
            while left:
                for table in left.pop():
                    found |= self._led(*table, frozenset())
                more = {self._keys[vpc] for vpc in found & self._appliances if vpc in self._keys} - seen
                seen |= more
                left += more
            self._leads[key] = frozenset(found)
        return self._leads[key]

    def _led(self, gateway: str, table: str | None, passed: frozenset[str]) -> set[str]:
        known = self._estate.transit_tables.get(table or "")
        if known is None or not known.complete or any(route.prefix_list for route in known.routes):
            return self._everywhere(gateway)
        found: set[str] = set()
        for _, kind, resource in {hop for route in known.routes if route.active for hop in route.hops}:
            if kind == "vpc":
                found.add(resource)
            elif kind == "peering" and gateway not in passed:
                found |= self._beyond(gateway, passed | {gateway})
        return found

    def _beyond(self, gateway: str, passed: frozenset[str]) -> set[str]:
        """What the peered gateways of an island lead to."""
        others = self._island.get(gateway, set()) - passed
        tables = {(name, one.table) for name in others for one in self._peered(name)}
        return {vpc for name, table in tables for vpc in self._led(name, table, passed)}

    def _peered(self, gateway: str) -> Iterable[Attachment]:
        return (one for one in self._estate.attachments.get(gateway, ()) if one.resource_type == "peering")

    def _everywhere(self, gateway: str) -> set[str]:
        gateways = self._island.get(gateway, {gateway})
        return {
            one.resource
            for name in gateways
            for one in self._estate.attachments.get(name, ())
            if one.resource_type == "vpc"
        }


def _with_appliances(estate: Estate) -> frozenset[str]:
    """VPCs with a route to something that may pass packets on."""
    passing = {table for table, routes in estate.routes.items() if any(one.target_type in APPLIANCES for one in routes)}
    vpcs = {vpc for vpc, table in estate.main_tables.items() if table in passing}
    subnets = [estate.subnets.get(subnet) for subnet, table in estate.table_of.items() if table in passing]
    return frozenset(vpcs | {subnet.vpc_id for subnet in subnets if subnet})


def _islands(estate: Estate) -> list[set[str]]:
    """Transit gateways, put together where peerings join them."""
    joined: dict[str, set[str]] = defaultdict(set)
    for gateway, listed in estate.attachments.items():
        joined[gateway].add(gateway)
        for one in listed:
            if one.resource_type == "peering":
                joined[gateway].add(one.resource)
                joined[one.resource].add(gateway)
    left, islands = set(joined), []
    while left:
        island, edge = set(), {min(left)}
        while edge:
            island |= edge
            edge = {other for name in edge for other in joined[name]} - island
        islands.append(island)
        left -= island
    return islands
