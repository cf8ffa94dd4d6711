"""Rules of security groups, kept as columns: a group's rules become objects when somebody asks for them.

An organization has millions of rules, many of them alike; a question looks at a few.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.analysis.network.kept import Kept
from scanner.analysis.network.model import Rule

NUMBERS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}

_KINDS_SQL = """
CREATE OR REPLACE TEMP TABLE rule_kinds AS
SELECT row_number() OVER (ORDER BY direction, protocol, from_port, to_port, peer_type, peer, peer_account_id) - 1 AS number, * FROM (
  SELECT DISTINCT direction, protocol, from_port, to_port, peer_type, peer, peer_account_id FROM security_group_rules)
"""
_SETS_SQL = """
SELECT r.group_id, list(DISTINCT k.number ORDER BY k.number) AS numbers
FROM security_group_rules r JOIN rule_kinds k
  ON k.direction = r.direction AND k.protocol IS NOT DISTINCT FROM r.protocol AND k.peer IS NOT DISTINCT FROM r.peer
  AND k.peer_type = r.peer_type AND k.from_port IS NOT DISTINCT FROM r.from_port
  AND k.to_port IS NOT DISTINCT FROM r.to_port AND k.peer_account_id IS NOT DISTINCT FROM r.peer_account_id
GROUP BY r.group_id
"""


class RuleBook:
    """The rules of every group, and the ranges that any of them names."""

    def __init__(self, connection: Any = None):
        self._known: dict[int, Rule] = Kept()
        self._sets: dict[str, tuple[Rule, ...]] = Kept()
        self._columns: list[list[Any]] = []
        self._place: dict[str, int] = {}
        self._offsets: list[int] = [0]
        self._numbers: list[int] = []
        if connection is not None:
            self._load(connection)

    def _load(self, connection: Any) -> None:
        connection.execute(_KINDS_SQL)
        names = "direction, protocol, from_port, to_port, peer_type, peer, peer_account_id"
        kinds = connection.sql(f"SELECT {names} FROM rule_kinds ORDER BY number").to_arrow_table()
        self._columns = [column.to_pylist() for column in kinds.columns]
        sets = connection.sql(_SETS_SQL).to_arrow_table().combine_chunks()
        connection.execute("DROP TABLE rule_kinds")
        if sets.num_rows:
            self._place = {group: place for place, group in enumerate(sets.column(0).to_pylist())}
            lists = sets.column(1).chunk(0)
            self._offsets, self._numbers = lists.offsets.to_pylist(), lists.values.to_pylist()

    def get(self, group: str) -> tuple[Rule, ...]:
        """The rules of a group, in an order that does not hang on that of the rows."""
        known = self._sets.get(group)
        if known is None:
            place = self._place.get(group)
            numbers = () if place is None else self._numbers[self._offsets[place] : self._offsets[place + 1]]
            known = self._sets[group] = tuple(map(self._rule, numbers))
        return known

    def ranges(self) -> Iterator[str]:
        """Every range that some rule names, each once."""
        if self._columns:
            kinds, peers = self._columns[4], self._columns[5]
            yield from dict.fromkeys(p for k, p in zip(kinds, peers, strict=True) if p and k in ("ipv4", "ipv6"))

    def _rule(self, number: int) -> Rule:
        known = self._known.get(number)
        if known is None:
            direction, protocol, *rest = (column[number] for column in self._columns)
            known = self._known[number] = Rule(direction, NUMBERS.get(protocol, protocol or "-1"), *rest)
        return known
