"""Rules of security groups, kept as columns: a group's rules become objects when somebody asks for them.

An organization has millions of rules, many of them alike; a question looks at a few.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.analysis.network.columns import Column
from scanner.analysis.network.kept import Kept
from scanner.analysis.network.model import Rule

NUMBERS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}

_COLUMNS = "direction, protocol, from_port, to_port, peer_type, peer, peer_account_id"
_RULES_SQL = f"SELECT {_COLUMNS} FROM security_group_rules ORDER BY group_id, {_COLUMNS}"
_SIZES_SQL = "SELECT group_id, count(*) FROM security_group_rules GROUP BY group_id ORDER BY group_id"
_RANGES_SQL = "SELECT DISTINCT peer FROM security_group_rules WHERE peer IS NOT NULL AND peer_type IN ('ipv4', 'ipv6')"


class RuleBook:
    """The rules of every group, and the ranges that any of them names."""

    def __init__(self, connection: Any = None):
        self._sets: dict[str, tuple[Rule, ...]] = Kept()
        self._place: dict[str, tuple[int, int]] = {}
        self._connection = connection
        if connection is not None:
            self._columns = [Column(column) for column in connection.sql(_RULES_SQL).to_arrow_table().columns]
            first = 0
            for group, size in connection.execute(_SIZES_SQL).fetchall():
                self._place[group] = (first, size)
                first += size

    def get(self, group: str) -> tuple[Rule, ...]:
        """The rules of a group, in an order that does not hang on that of the rows."""
        known = self._sets.get(group)
        if known is None:
            known = self._sets[group] = tuple(self._made(*self._place[group])) if group in self._place else ()
        return known

    def ranges(self) -> Iterator[str]:
        """Every range that some rule names, each once."""
        if self._connection is not None:
            yield from (peer for (peer,) in self._connection.execute(_RANGES_SQL).fetchall())

    def _made(self, first: int, size: int) -> Iterator[Rule]:
        """Rules that several accounts listed are one."""
        columns = (column.part(first, size) for column in self._columns)
        for direction, protocol, *rest in dict.fromkeys(zip(*columns, strict=True)):
            yield Rule(direction, NUMBERS.get(protocol, protocol or "-1"), *rest)
