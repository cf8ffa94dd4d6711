"""Whether routes lead from one subnet to another and back, before anything else is asked: mostly they do not.

Ends of one subnet are alike to routes, but where some route is for a part of the subnet, or leads to one of its ends.
"""

from __future__ import annotations

from scanner.analysis.connections.clients import Clients
from scanner.analysis.network.classes import routed_ranges, split
from scanner.analysis.network.judge import Judge
from scanner.analysis.network.model import Estate, Host
from scanner.analysis.network.walk import APPLIANCES


class Led:
    """Asks about subnets, each pair once. It may say yes too often (then the walk says no), never no."""

    def __init__(self, estate: Estate, judge: Judge, clients: Clients):
        self._estate = estate
        self._judge = judge
        self._clients = clients
        self._parted = split(estate, routed_ranges(estate)) | _with_appliances(estate)
        self._known: dict[tuple[str | None, str], bool] = {}
        self._places: dict[str, str] = {}

    def stays(self, host: Host) -> bool:
        """Whether nothing gets from an end to another VPC, nor back."""
        return self._judge.stays(host.subnet_id, host.vpc_id)

    def toward(self, targets: tuple[Host, ...]) -> Toward:
        return Toward(self, self._clients, tuple({self._place(one): one for one in targets}.values()))

    def leads(self, number: int, target: Host) -> bool:
        subnet = self._clients.subnets[number]
        if subnet == target.subnet_id or subnet in self._parted:
            return True
        key = subnet, self._place(target)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._asked(number, target)
        return known

    def from_vpc(self, vpc: str | None, target: Host) -> bool:
        """Whether routes may lead from anybody in a VPC."""
        if vpc != target.vpc_id and self.stays(target):
            return False
        return any(self.leads(number, target) for number in self._clients.in_subnets(vpc))

    def _place(self, target: Host) -> str:
        """What a target has in common with those that routes do not tell from it: its subnet, or nothing."""
        place = self._places.get(target.host_id)
        if place is not None:
            return place
        alike = self._judge.alike(target) and all(one.single for one in target.addresses)
        versions = "".join(sorted({str(one.version) for one in target.addresses}))
        place = self._places[target.host_id] = f"{target.subnet_id} {versions}" if alike else target.host_id
        return place

    def _asked(self, number: int, target: Host) -> bool:
        if self._clients.vpcs[number] != target.vpc_id and self.stays(target):
            return False
        source = self._clients.get(number).host
        if source.vpc_id != target.vpc_id and self.stays(source):
            return False
        pairs = ((here, there) for here in source.addresses for there in target.addresses)
        return any(
            self._judge.leads(source, here, target, there) for here, there in pairs if here.version == there.version
        )


class Toward:
    """Whether routes may lead from a class to one of some targets, as far as its subnet tells."""

    def __init__(self, led: Led, clients: Clients, targets: tuple[Host, ...]):
        self._led = led
        self._subnets = clients.subnets
        self._targets = targets
        self._known: dict[str | None, bool] = {}
        self.home = all(led.stays(one) for one in targets)

    def __call__(self, number: int) -> bool:
        subnet = self._subnets[number]
        known = self._known.get(subnet)
        if known is None:
            known = self._known[subnet] = any(self._led.leads(number, target) for target in self._targets)
        return known


def _with_appliances(estate: Estate) -> set[str]:
    """Subnets of ends that routes lead to: they are not like their neighbours."""
    names = {route.target for listed in estate.routes.values() for route in listed if route.target_type in APPLIANCES}
    hosts = (estate.hosts[one] for name in names for one in estate.names.get(name, ()))
    return {host.subnet_id for host in hosts if host.subnet_id}
