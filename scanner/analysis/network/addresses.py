"""Addresses and ranges. A `Spot` is where a packet comes from or goes to: one address, or a range somebody is in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import IntEnum
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network

Spot = IPv4Network | IPv6Network
Ports = tuple[int, int]

INTERNET = (ip_network("0.0.0.0/0"), ip_network("::/0"))
"""Any host of the internet, for questions that name none."""
NOT_INTERNET = tuple(
    ip_network(cidr)
    for cidr in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8",
                 "224.0.0.0/3", "fc00::/7", "fe80::/10", "ff00::/8")
)  # fmt: skip


class Match(IntEnum):
    """How a range of a rule meets a spot."""

    NONE = 0
    PART = 1
    FULL = 2


@lru_cache(maxsize=500_000)
def spot(text: str) -> Spot:
    """Parse an address or a range; host bits are ignored, as AWS does. Raises ValueError."""
    return ip_network(text, strict=False)


def spots(texts: Iterable[str | None]) -> tuple[Spot, ...]:
    """Parse what can be parsed, in order, each once."""
    found = (parsed for text in texts if text and (parsed := parsed_or_none(text)) is not None)
    return tuple(dict.fromkeys(found))


def parsed_or_none(text: str) -> Spot | None:
    try:
        return spot(text)
    except ValueError:
        return None


def met(rule: Spot, where: Spot) -> Match:
    """How much of `where` a rule's range covers. Private ranges are no part of the internet."""
    if rule.version != where.version:
        return Match.NONE
    if rule.prefixlen <= where.prefixlen:
        return Match.FULL if head(where, rule.prefixlen) == head(rule, rule.prefixlen) else Match.NONE
    if head(rule, where.prefixlen) != head(where, where.prefixlen):
        return Match.NONE
    return Match.PART if where.prefixlen or is_public(rule) else Match.NONE


def head(where: Spot, bits: int) -> int:
    """The first bits of an address."""
    return int(where.network_address) >> (where.max_prefixlen - bits)


def deepest(ranges: Iterable[Spot], version: int) -> int:
    """The longest prefix among ranges of one family."""
    return max((one.prefixlen for one in ranges if one.version == version), default=0)


def inside(where: Spot, ranges: Iterable[Spot]) -> bool:
    return any(met(one, where) == Match.FULL for one in ranges)


def is_public(where: Spot) -> bool:
    """Whether it is an address of the internet. 100.64.0.0/10 (RFC 6598) is not; documentation ranges count as public."""
    return all(met(one, where) != Match.FULL for one in NOT_INTERNET if one.version == where.version)


@lru_cache(maxsize=100_000)
def shown(where: Spot) -> str:
    if where.prefixlen == 0:
        return "the internet"
    return str(where.network_address) if where.prefixlen == where.max_prefixlen else str(where)


class PortSet:
    """Ports as disjoint ranges in order."""

    __slots__ = ("ranges",)

    def __init__(self, ranges: Iterable[Ports] = ()):
        self.ranges = tuple(_merged(ranges))

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def __or__(self, other: PortSet) -> PortSet:
        return PortSet((*self.ranges, *other.ranges))

    def cut(self, low: int, high: int) -> PortSet:
        """The part of it between two ports."""
        return PortSet((max(low, a), min(high, b)) for a, b in self.ranges if a <= high and low <= b)

    def without(self, other: PortSet) -> PortSet:
        left = list(self.ranges)
        for low, high in other.ranges:
            left = [piece for one in left for piece in _pieces(one, low, high)]
        return PortSet(left)

    def __str__(self) -> str:
        return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in self.ranges)


def _pieces(one: Ports, low: int, high: int) -> Iterator[Ports]:
    if one[0] < low:
        yield one[0], min(one[1], low - 1)
    if one[1] > high:
        yield max(one[0], high + 1), one[1]


def _merged(ranges: Iterable[Ports]) -> Iterator[Ports]:
    current: Ports | None = None
    for low, high in sorted(ranges):
        if current and low <= current[1] + 1:
            current = current[0], max(current[1], high)
            continue
        if current:
            yield current
        current = low, high
    if current:
        yield current
