"""What the analysis knows about the network: plain records, each once, whoever listed it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from scanner.analysis.network.addresses import Spot


@dataclass(frozen=True, slots=True)
class Vpc:
    vpc_id: str
    owner: str | None
    region: str
    cidrs: tuple[Spot, ...]


@dataclass(frozen=True, slots=True)
class Subnet:
    """`readers` are the accounts that list it: its owner and, where it is shared, every participant."""

    subnet_id: str
    vpc_id: str
    owner: str | None
    region: str
    zone_id: str | None
    zone: str | None
    cidrs: tuple[Spot, ...]
    readers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Host:
    """One end of a connection: an interface, or what stands for one (see `certain`).

    `groups` None: not read. `addresses` may be a range, where the address is one of it.
    """

    host_id: str
    label: str
    account: str
    region: str
    vpc_id: str | None
    subnet_id: str | None
    groups: tuple[str, ...] | None
    addresses: tuple[Spot, ...]
    public: tuple[Spot, ...] = ()
    kind: str = "interface"
    forwards: bool | None = None
    instance_id: str | None = None
    description: str = ""
    requester: str = ""

    def spots(self, version: int) -> tuple[Spot, ...]:
        return tuple(one for one in self.addresses if one.version == version)


class Rule(NamedTuple):
    """A rule of a security group; `low` None: every port; `owner`: the account of a group it names."""

    direction: str
    protocol: str
    low: int | None
    high: int | None
    peer_type: str
    peer: str
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a network ACL; `low` None: every port."""

    number: int
    allows: bool
    protocol: str
    cidr: Spot
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Route:
    destination: str
    kind: str
    target_type: str
    target: str
    active: bool
    propagated: bool

    def __str__(self) -> str:
        state = "" if self.active else ", blackhole"
        return f"{self.destination} -> {self.target or self.target_type}{state}"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a peering; `cidrs` None: AWS did not show them."""

    account: str | None
    vpc_id: str | None
    region: str | None
    cidrs: tuple[Spot, ...] | None


@dataclass(frozen=True, slots=True)
class Peering:
    peering_id: str
    status: str
    sides: tuple[Side, Side]


@dataclass(frozen=True, slots=True)
class Attachment:
    """An attachment of a transit gateway; `subnets` None: not read."""

    attachment_id: str
    gateway: str
    resource_type: str
    resource: str
    owner: str | None
    available: bool
    table: str | None
    subnets: tuple[str, ...] | None
    referencing: bool | None


@dataclass(frozen=True, slots=True)
class TransitGateway:
    gateway_id: str
    owner: str | None
    region: str
    available: bool
    referencing: bool | None


@dataclass(frozen=True, slots=True)
class TransitRoute:
    """A route of a transit gateway. `hops`: (attachment, resource type, resource), several over equal paths."""

    destination: str | None
    prefix_list: str | None
    static: bool
    active: bool
    hops: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class TransitTable:
    table_id: str
    gateway: str | None
    complete: bool | None
    routes: tuple[TransitRoute, ...]


@dataclass(frozen=True, slots=True)
class NatGateway:
    nat_id: str
    vpc_id: str
    subnet_id: str
    public: bool
    state: str
    private_ips: tuple[Spot, ...]
    public_ips: tuple[Spot, ...]


@dataclass(frozen=True, slots=True)
class Endpoint:
    endpoint_id: str
    kind: str
    service: str
    state: str
    vpc_id: str | None
    account: str
    region: str
    enis: tuple[str, ...]


class Rules(Protocol):
    """Rules by security group, and every range that some rule names."""

    def get(self, group: str) -> tuple[Rule, ...]: ...
    def ranges(self) -> Iterator[str]: ...


class NoRules:
    """No group has any."""

    def get(self, group: str) -> tuple[Rule, ...]:
        return ()

    def ranges(self) -> Iterator[str]:
        yield from ()


@dataclass(slots=True)
class Estate:
    """Everything, by id. Nothing in it depends on the order of rows.

    `tenants`: account, Region, VPC and subnet of ends that `hosts` gives when they are asked for, and does not list.
    """

    vpcs: dict[str, Vpc] = field(default_factory=dict)
    subnets: dict[str, Subnet] = field(default_factory=dict)
    hosts: dict[str, Host] = field(default_factory=dict)
    tenants: tuple[tuple[str, str, str | None, str | None], ...] = ()
    groups: dict[str, str] = field(default_factory=dict)
    group_vpcs: dict[str, str | None] = field(default_factory=dict)
    rules: Rules = field(default_factory=NoRules)
    acls: dict[str, str] = field(default_factory=dict)
    entries: dict[tuple[str, str], tuple[Entry, ...]] = field(default_factory=dict)
    table_of: dict[str, str] = field(default_factory=dict)
    edge_tables: dict[str, str] = field(default_factory=dict)
    main_tables: dict[str, str] = field(default_factory=dict)
    routes: dict[str, tuple[Route, ...]] = field(default_factory=dict)
    prefix_lists: dict[str, tuple[Spot, ...] | None] = field(default_factory=dict)
    prefix_owners: dict[str, str] = field(default_factory=dict)
    peerings: dict[str, Peering] = field(default_factory=dict)
    gateways: dict[str, dict[str, bool]] = field(default_factory=dict)
    nats: dict[str, NatGateway] = field(default_factory=dict)
    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    services: dict[str, tuple[str, ...]] = field(default_factory=dict)
    blocks: dict[tuple[str, str], str | None] = field(default_factory=dict)
    exclusions: dict[str, str] = field(default_factory=dict)
    transit: dict[str, TransitGateway] = field(default_factory=dict)
    attachments: dict[str, tuple[Attachment, ...]] = field(default_factory=dict)
    transit_tables: dict[str, TransitTable] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
