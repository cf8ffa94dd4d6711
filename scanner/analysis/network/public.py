"""VPC Block Public Access, and route tables at an internet gateway: what overrides a path to or from the internet.

Facts: VPC user guide, "Block public access to VPCs and subnets": set per account and Region by the owner of the VPC.
`block-ingress` leaves only NAT and egress-only gateways; exclusions are for a VPC or a subnet, that of the NAT gateway where
there is one; an exclusion `allow-egress` counts where the mode is bidirectional.
"""

from __future__ import annotations

from scanner.analysis.network.addresses import Spot
from scanner.analysis.network.gaps import Gaps
from scanner.analysis.network.model import Estate
from scanner.analysis.network.packets import Exit
from scanner.analysis.network.tables import Tables
from scanner.analysis.network.verdicts import Finding, allow, conditional, deny, unknown

EXCLUSIONS = "ec2.describe_vpc_block_public_access_exclusions"
OPTIONS = "ec2.describe_vpc_block_public_access_options"


class PublicAccess:
    """What stands between a VPC and the internet besides routes and rules."""

    def __init__(self, estate: Estate, gaps: Gaps, tables: Tables):
        self._estate = estate
        self._gaps = gaps
        self._tables = tables

    def admit(self, left: Exit, direction: str) -> Finding:
        """Whether Block Public Access lets a connection through; `direction` is that of its first packet."""
        if left.kind == "service":
            return allow()
        vpc = self._estate.vpcs.get(left.vpc_id)
        subnet = self._estate.subnets.get(left.subnet_id)
        owner = vpc.owner if vpc else subnet.owner if subnet else None
        region = vpc.region if vpc else subnet.region if subnet else ""
        mode = self._estate.blocks.get((owner or "", region))
        if mode is None:
            unread = self._gaps.gap("public_access_blocks", owner, region, OPTIONS) or f"{OPTIONS} of {owner}"
            return unknown(f"whether VPC Block Public Access is on for {left.vpc_id} is not known: {unread}")
        if mode == "off" or (mode == "block-ingress" and direction == "egress" and left.kind != "igw"):
            return allow()
        if self._excluded(left, mode, direction):
            return allow(f"{left.vpc_id} or {left.subnet_id} is excluded from VPC Block Public Access")
        if gap := self._gaps.gap("public_access_exclusions", owner, region, EXCLUSIONS):
            return unknown(f"VPC Block Public Access is {mode}, and its exclusions are not known: {gap}")
        return deny(f"VPC Block Public Access of {owner} in {region} is {mode}, and {left.subnet_id} is not excluded")

    def _excluded(self, left: Exit, mode: str, direction: str) -> bool:
        modes = {self._estate.exclusions.get(one) for one in (left.vpc_id, left.subnet_id)}
        if "allow-bidirectional" in modes:
            return True
        return "allow-egress" in modes and mode == "block-bidirectional" and direction == "egress"

    def edge(self, gateway: str, where: Spot) -> list[Finding]:
        """What the route table of an internet gateway does with packets for `where` (edge association)."""
        table = self._estate.edge_tables.get(gateway)
        if table is None:
            return []
        found = []
        for choice in self._tables.lookup(table, where):
            route = choice.route
            if route is None or route.target_type == "local":
                found.append(unknown(choice.unread) if choice.unread else allow())
            elif not route.active:
                found.append(deny(f"{table} of {gateway}: {route}"))
            else:
                found.append(conditional(f"{table} of {gateway} leads to {route.target}: only if that passes it on"))
        return found
