"""Ranges as numbers say what the standard library says of them."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.network.addresses import INTERNET, Match, Spot, met, shown, spot

NETWORKS = st.one_of(
    st.builds(
        lambda number, bits: ip_network((number, bits), strict=False), st.integers(0, 2**32 - 1), st.integers(0, 32)
    ),
    st.builds(
        lambda number, bits: ip_network((number, bits), strict=False), st.integers(0, 2**128 - 1), st.integers(0, 128)
    ),
)


def same(one: Spot, known: IPv4Network | IPv6Network) -> bool:
    ends = int(known.network_address), int(known.broadcast_address)
    return (one.version, one.first, one.last, one.prefixlen) == (known.version, *ends, known.prefixlen)


@given(NETWORKS, st.integers(0, 128))
def test_a_range_is_read_and_written(known: IPv4Network | IPv6Network, bits: int) -> None:
    one = spot(str(known))
    assert same(one, known) and str(one) == str(known)
    assert same(one.widened(bits), known.supernet(new_prefix=min(bits, known.prefixlen)))
    if known.prefixlen:
        assert shown(one) == (str(known.network_address) if one.single else str(known))


@given(NETWORKS, st.integers(0, 2**32 - 1))
def test_host_bits_are_ignored(known: IPv4Network | IPv6Network, offset: int) -> None:
    inside = known.network_address + offset % known.num_addresses
    assert spot(f"{inside}/{known.prefixlen}") == spot(str(known))


@given(NETWORKS, NETWORKS)
def test_ranges_meet_where_one_holds_the_other(
    rule: IPv4Network | IPv6Network, where: IPv4Network | IPv6Network
) -> None:
    found = met(spot(str(rule)), spot(str(where)))
    holds = rule.version == where.version and where.subnet_of(rule)
    part = rule.version == where.version and not holds and rule.subnet_of(where)
    assert (found == Match.FULL) == holds
    if where.prefixlen:
        assert (found == Match.PART) == part


def test_a_private_range_is_no_part_of_the_internet() -> None:
    assert met(spot("10.0.0.0/8"), INTERNET[0]) == Match.NONE
    assert met(spot("8.8.8.0/24"), INTERNET[0]) == Match.PART


@pytest.mark.parametrize(
    "text", ["", "10.0.0", "10.0.0.256", "10.0.0.0/33", "10.0.0.0/", "010.0.0.1", "10.0.0.0/x", "fe80::/129", "sg-1"]
)
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        spot(text)
    with pytest.raises(ValueError):
        ip_network(text, strict=False)
