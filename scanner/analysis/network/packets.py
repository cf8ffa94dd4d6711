"""A packet on its way: where it is, what it looks like, and the walk it has made."""

from __future__ import annotations

from dataclasses import dataclass

from scanner.analysis.network.acls import Crossing
from scanner.analysis.network.addresses import Spot
from scanner.analysis.network.model import Host, NatGateway
from scanner.analysis.network.verdicts import Finding


@dataclass(frozen=True, slots=True)
class Place:
    """Where a packet is: in a subnet, entered from a host, a transit gateway or a NAT gateway."""

    vpc_id: str
    subnet_id: str
    entered: str = "host"
    hops: int = 0
    nat: NatGateway | None = None


@dataclass(frozen=True, slots=True)
class Packet:
    """`target` None: an address that no known interface has. `outward`: it is meant to leave to the internet.

    `addressed`: the question names the address, so that whoever has it counts, not only `target`.
    """

    source: Spot
    where: Spot
    sender: Host | None
    target: Host | None
    outward: bool = False
    addressed: bool = False


@dataclass(frozen=True, slots=True)
class Exit:
    """How a packet left to the internet: kind is igw, nat, egress_only or service."""

    kind: str
    vpc_id: str
    subnet_id: str
    gateway: str
    nat: NatGateway | None = None


@dataclass(frozen=True, slots=True)
class Translation:
    """A NAT gateway on the way, and the private address it puts in the place of the sender's."""

    nat: NatGateway
    address: Spot

    @property
    def client(self) -> Host:
        """The gateway, as those behind it see their client: without groups, at one address."""
        nat = self.nat
        return Host(nat.nat_id, nat.nat_id, "", "", nat.vpc_id, nat.subnet_id, (), (self.address,), kind="nat_gateway")


@dataclass(frozen=True, slots=True)
class Walk:
    """One way a packet may take. `identity`: group references still match at its end; `via`: the first connection
    of VPCs it takes, kind and id; `nats`: what changes the sender's address on the way, in order."""

    finding: Finding
    crossings: tuple[Crossing, ...] = ()
    identity: bool = True
    left: Exit | None = None
    via: tuple[str, str] | None = None
    nats: tuple[Translation, ...] = ()
