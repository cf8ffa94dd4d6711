"""Walks between two ends, each once for a pair of subnets where no route tells the ends of a subnet apart."""

from __future__ import annotations

from dataclasses import replace

from scanner.analysis.network.acls import Crossing
from scanner.analysis.network.addresses import NOT_INTERNET, Spot, inside, shown
from scanner.analysis.network.classes import routed_ranges, split
from scanner.analysis.network.kept import Kept
from scanner.analysis.network.model import Estate, Host
from scanner.analysis.network.packets import Packet, Walk
from scanner.analysis.network.verdicts import DENY, named
from scanner.analysis.network.walk import APPLIANCES, Walker

Key = tuple[str | None, str | None, int, int]


class Ways:
    """Asks the walker. Sentences that name an end are never given for another one."""

    def __init__(self, estate: Estate, walker: Walker):
        self._estate = estate
        self._walker = walker
        self._known: dict[Key, list[Walk]] = Kept()
        self._refused: dict[Key, bool] = Kept()
        self._alike: dict[str, bool] = Kept()
        self._parted: set[str] | None = None
        self._passing: set[str] = set()

    def between(self, source: Host, here: Spot, target: Host, there: Spot) -> list[Walk]:
        """Walk from one end to the other, as `Walker.start` does."""
        if not self.plain(source) or not self.plain(target):
            return self._walker.start(Packet(here, there, source, target))
        key = (source.subnet_id, target.subnet_id, here.prefixlen, there.prefixlen)
        known = self._known.get(key)
        if known is None:
            walks = self._walker.start(Packet(here, there, source, target))
            self._refused[key] = all(walk.finding.verdict == DENY for walk in walks)
            texts = (shown(here), shown(there), source.label, target.label)
            if not any(walk.nats for walk in walks) and not any(
                named(walk.finding, text) for walk in walks for text in texts
            ):
                self._known[key] = walks
            return walks
        return [_moved(walk, here, there) for walk in known]

    def refuses(self, source: Host, here: Spot, target: Host, there: Spot) -> bool:
        """Whether no route leads there; nobody asks why."""
        key = (source.subnet_id, target.subnet_id, here.prefixlen, there.prefixlen)
        if self.plain(source) and self.plain(target) and (found := self._refused.get(key)) is not None:
            return found
        return all(walk.finding.verdict == DENY for walk in self.between(source, here, target, there))

    def plain(self, host: Host) -> bool:
        """Whether to all routes an end is like any other of its subnet."""
        known = self._alike.get(host.host_id)
        if known is None:
            known = self._alike[host.host_id] = self._is_plain(host)
        return known

    def _is_plain(self, host: Host) -> bool:
        if self._parted is None:
            self._learn()
        if host.subnet_id in (self._parted or ()) or host.host_id in self._passing or host.instance_id in self._passing:
            return False
        subnet = self._estate.subnets.get(host.subnet_id or "")
        if subnet is None or subnet.vpc_id != host.vpc_id:
            return False
        return all(inside(one, subnet.cidrs) for one in host.addresses)

    def _learn(self) -> None:
        vpcs = (one for vpc in self._estate.vpcs.values() for one in vpc.cidrs)
        sides = (
            one for peering in self._estate.peerings.values() for side in peering.sides for one in side.cidrs or ()
        )
        self._parted = split(self._estate, {*routed_ranges(self._estate), *vpcs, *sides, *NOT_INTERNET})
        routes = (route for listed in self._estate.routes.values() for route in listed)
        self._passing = {route.target for route in routes if route.target_type in APPLIANCES}


def _moved(walk: Walk, source: Spot, where: Spot) -> Walk:
    """The same walk for other ends: requests leave for `where` and arrive from `source`."""
    crossings = tuple(
        Crossing(one.subnet_id, one.direction, where if one.direction == "egress" else source) for one in walk.crossings
    )
    return replace(walk, crossings=crossings)
