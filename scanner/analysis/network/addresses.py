"""Addresses and ranges. A `Spot` is where a packet comes from or goes to: one address, or a range somebody is in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import IntEnum
from functools import lru_cache
from ipaddress import IPv6Address, ip_network
from socket import AF_INET, inet_ntoa, inet_pton
from typing import NamedTuple

Ports = tuple[int, int]


class Spot(NamedTuple):
    """A range by its first address, as a number. Objects of `ipaddress` are ten times as dear, and there are millions."""

    version: int
    first: int
    prefixlen: int

    @property
    def max_prefixlen(self) -> int:
        return 32 if self.version == 4 else 128

    @property
    def last(self) -> int:
        return self.first | ((1 << self.max_prefixlen - self.prefixlen) - 1)

    @property
    def single(self) -> bool:
        """Whether it is one address."""
        return self.prefixlen == self.max_prefixlen

    def widened(self, prefixlen: int) -> Spot:
        """The range of another length, or of its own where that is wider, that it is in."""
        gone = self.max_prefixlen - min(prefixlen, self.prefixlen)
        return Spot(self.version, self.first >> gone << gone, self.max_prefixlen - gone)

    @property
    def address(self) -> str:
        return inet_ntoa(self.first.to_bytes(4, "big")) if self.version == 4 else str(IPv6Address(self.first))

    def __str__(self) -> str:
        return f"{self.address}/{self.prefixlen}"


class Match(IntEnum):
    """How a range of a rule meets a spot."""

    NONE = 0
    PART = 1
    FULL = 2


@lru_cache(maxsize=500_000)
def spot(text: str) -> Spot:
    """Parse an address or a range; host bits are ignored, as AWS does. Raises ValueError."""
    address, slash, length = text.partition("/")
    if ":" in address or (slash and not (length.isascii() and length.isdecimal())):
        known = ip_network(text, strict=False)
        return Spot(known.version, int(known.network_address), known.prefixlen)
    try:
        number, bits = int.from_bytes(inet_pton(AF_INET, address), "big"), int(length or 32)
    except OSError as error:
        raise ValueError(f"{text} is no address") from error
    if bits > 32:
        raise ValueError(f"{text} is no range")
    return Spot(4, number >> 32 - bits << 32 - bits, bits)


INTERNET = (spot("0.0.0.0/0"), spot("::/0"))
"""Any host of the internet, for questions that name none."""
NOT_INTERNET = tuple(
    spot(cidr)
    for cidr in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8",
                 "224.0.0.0/3", "fc00::/7", "fe80::/10", "ff00::/8")
)  # fmt: skip


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
    version, first, prefixlen = rule
    if version != where[0]:
        return Match.NONE
    length = 32 if version == 4 else 128
    if prefixlen <= where[2]:
        return Match.FULL if (first ^ where[1]) >> (length - prefixlen) == 0 else Match.NONE
    if (first ^ where[1]) >> (length - where[2]):
        return Match.NONE
    return Match.PART if where[2] or is_public(rule) else Match.NONE


def head(where: Spot, bits: int) -> int:
    """The first bits of an address."""
    return where.first >> (where.max_prefixlen - bits)


def deepest(ranges: Iterable[Spot], version: int) -> int:
    """The longest prefix among ranges of one family."""
    return max((one.prefixlen for one in ranges if one.version == version), default=0)


def inside(where: Spot, ranges: Iterable[Spot]) -> bool:
    version, first, prefixlen = where
    length = 32 if version == 4 else 128
    return any(
        one[0] == version and one[2] <= prefixlen and (one[1] ^ first) >> (length - one[2]) == 0 for one in ranges
    )


def is_public(where: Spot) -> bool:
    """Whether it is an address of the internet. 100.64.0.0/10 (RFC 6598) is not; documentation ranges count as public."""
    return not inside(where, NOT_INTERNET)


@lru_cache(maxsize=100_000)
def shown(where: Spot) -> str:
    if where.prefixlen == 0:
        return "the internet"
    return where.address if where.single else str(where)


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
