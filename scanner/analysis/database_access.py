"""What the ingress rules of databases admit, one by one: named groups, ranges, whole networks.

Security groups only; who has a path is in `scanner.analysis.connections`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from scanner.analysis import insert
from scanner.config import Config
from scanner.snapshot.schema import table

USES: tuple[str, ...] = ()

ADMISSIONS = table(
    "database_admissions",
    "Ingress rules that let somebody open a connection to a database's port.",
    """
        database_arn string Database.
        group_id string Security group that has the rule.
        peer_type string ipv4, ipv6, prefix_list or group.
        peer string CIDR, prefix list id or group id.
        whole_network bool It admits a whole VPC or more instead of named groups; NULL for a prefix list that was not read.
        public bool It admits addresses of the internet; NULL for a prefix list that was not read.
    """,
)
TABLES = (ADMISSIONS,)

Network = IPv4Network | IPv6Network


def run(connection: Any, config: Config) -> None:
    cidrs = connection.execute("SELECT DISTINCT cidr FROM vpc_cidrs WHERE cidr IS NOT NULL").fetchall()
    vpc_ranges = Ranges(network(cidr) for (cidr,) in cidrs)
    lists = _prefix_lists(connection)
    admissions: list[tuple[Any, ...]] = []
    for account, region, arn, group, kind, peer in connection.execute(_RULES_SQL).fetchall():
        head = (account, region, arn)
        for admitted in [peer] if kind != "prefix_list" else lists.get(peer, [None]):
            wide = public = False if kind == "group" else None
            if kind != "group" and admitted is not None:
                wide = is_whole_network(network(admitted), vpc_ranges, config.settings.whole_network_prefix)
                public = admits_internet(admitted)
            admissions.append((*head, group, kind, admitted or peer, wide, public))
    insert(connection, ADMISSIONS, admissions)


def _prefix_lists(connection: Any) -> dict[str, list[str]]:
    """Entries of the prefix lists whose entries were read."""
    entries: dict[str, list[str]] = {}
    rows = connection.execute("SELECT DISTINCT prefix_list_id, cidr FROM prefix_lists WHERE entries_read ORDER BY ALL")
    for prefix_list, cidr in rows.fetchall():
        entries.setdefault(prefix_list, []).extend([cidr] if cidr else [])
    return entries


class Ranges:
    """Address ranges, to ask whether one of them lies in another. Two CIDRs are nested or apart."""

    def __init__(self, ranges: Iterable[Network]):
        longest: dict[tuple[int, int], int] = {}
        for one in ranges:
            start = (one.version, int(one.network_address))
            longest[start] = max(one.prefixlen, longest.get(start, 0))
        self._starts = sorted(longest)
        self._longest = longest

    def any_in(self, outer: Network) -> bool:
        low, high = (outer.version, int(outer.network_address)), (outer.version, int(outer.broadcast_address))
        at = bisect_left(self._starts, low)
        if at < len(self._starts) and self._starts[at] == low:
            if self._longest[low] >= outer.prefixlen:
                return True
            at += 1
        # What begins further inside cannot be larger than the outer range.
        return at < len(self._starts) and self._starts[at] <= high


@lru_cache(maxsize=100_000)
def network(cidr: str) -> Network:
    return ip_network(cidr, strict=False)


def is_whole_network(admitted: Network, vpc_ranges: Ranges, widest: int) -> bool:
    """Whether a range admits the whole of some VPC, or is as wide as `widest` bits (IPv6: half an address)."""
    return admitted.prefixlen <= (widest if admitted.version == 4 else 64) or vpc_ranges.any_in(admitted)


@lru_cache(maxsize=100_000)
def admits_internet(cidr: str) -> bool:
    """Whether a range holds an address of the internet: anything but private, shared and link-local space."""
    admitted = network(cidr)
    return admitted.prefixlen == 0 or admitted.is_global


_RULES_SQL = """
SELECT DISTINCT d.account_id, d.region, d.arn, r.group_id, r.peer_type, r.peer
FROM (SELECT account_id, region, arn, port, unnest(group_ids) AS group_id FROM databases) d
JOIN security_group_rules r ON r.group_id = d.group_id
WHERE r.direction = 'ingress' AND r.protocol IN ('tcp', '6', '-1')
  AND (d.port IS NULL OR r.from_port IS NULL OR d.port BETWEEN r.from_port AND r.to_port)
ORDER BY ALL
"""
