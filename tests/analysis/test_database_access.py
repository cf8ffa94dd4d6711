"""Ranges that databases admit: what was made fast says what the slow way says."""

from __future__ import annotations

from ipaddress import ip_network
from random import Random

from scanner.analysis.database_access import Ranges, is_whole_network


def some_range(chance: Random) -> str:
    length = chance.choice((8, 12, 16, 20, 22, 24, 28, 32))
    return str(ip_network((0x0A000000 + chance.randrange(2**18) * 64, length), strict=False))


def test_a_range_holds_another_exactly_when_it_contains_it() -> None:
    chance = Random(5)
    for _ in range(300):
        inner = [ip_network(some_range(chance)) for _ in range(chance.randrange(6))]
        outer = ip_network(some_range(chance))
        wanted = any(one.subnet_of(outer) for one in inner)
        assert Ranges(inner).any_in(outer) == wanted
        assert is_whole_network(outer, Ranges(inner), 0) == wanted


def test_versions_do_not_mix() -> None:
    ranges = Ranges([ip_network("10.0.0.0/16"), ip_network("2600:1f18::/56")])
    assert ranges.any_in(ip_network("2600::/16"))
    assert not ranges.any_in(ip_network("::/97"))
    assert not Ranges([ip_network("2600:1f18::/56")]).any_in(ip_network("0.0.0.0/0"))
