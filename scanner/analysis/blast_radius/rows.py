"""Rows of `account_reach`: whom the compromise of an account reaches, how, and what can be done there."""

from __future__ import annotations

import heapq
from collections.abc import Container, Iterable, Iterator
from itertools import islice
from typing import Any

from scanner.analysis.blast_radius.beyond import Beyond
from scanner.analysis.blast_radius.held import Held
from scanner.analysis.blast_radius.radius import Radius
from scanner.analysis.blast_radius.reach import Reach, ReachBeyond

Row = tuple[Any, ...]


class Rows:
    """Makes them, one account at a time; what many accounts have in common is told once. One account gets no more than `most`."""

    def __init__(self, radius: Radius, production: Container[str], most: int):
        self._radius = radius
        self._production = production
        self._most = most
        self._ranked: dict[Reach, list[tuple[Any, ...]]] = {}
        self._said: dict[Reach, dict[str, Row]] = {}

    def of(self, account: str, reached: Reach) -> Iterator[Row]:
        """Yield the rows of an account that reaches this."""
        closure = reached.closure
        for target in self._nearest(account, reached):
            if not isinstance(reached, ReachBeyond) or not isinstance(closure, Beyond) or target in reached.own:
                yield account, "global", *self._row(reached[target])
            else:
                *said, chain, conditions = self._in_common(reached.common, target)
                yield account, "global", *said, closure.mine(chain), conditions

    def _nearest(self, account: str, reached: Reach) -> list[str]:
        """The other accounts reached, or the most urgent of them: those administered, of production and near come first."""
        every, _ = reached.found()
        if len(every) - (account in every) <= self._most:
            return sorted(every - {account})
        if not isinstance(reached, ReachBeyond):
            return sorted(urgency[-1] for urgency in self._urgent(reached, every - {account})[: self._most])
        own = self._urgent(reached, every & reached.own - {account})
        others = (one for one in self._in_order(reached.common) if one[-1] not in reached.own and one[-1] != account)
        nearest = islice(heapq.merge(own, others), self._most)
        return sorted(urgency[-1] for urgency in nearest)

    def _urgent(self, reached: Reach, accounts: Iterable[str]) -> list[tuple[Any, ...]]:
        """Accounts the most urgent first: what makes them so, and at last the account."""
        return sorted(self._urgency(reached, one) for one in accounts)

    def _in_order(self, common: Reach) -> list[tuple[Any, ...]]:
        """What is reached in common, the same way."""
        if common not in self._ranked:
            self._ranked[common] = self._urgent(common, common)
        return self._ranked[common]

    def _urgency(self, reached: Reach, target: str) -> tuple[Any, ...]:
        administered, rank, hops = reached.urgency(target)
        return administered, target not in self._production, rank, hops, target

    def _in_common(self, common: Reach, target: str) -> Row:
        known = self._said.setdefault(common, {})
        if target not in known:
            known[target] = self._row(common[target])
        return known[target]

    def _row(self, held: Held) -> Row:
        worst, destroys = self._radius.at_its_worst(held)
        return (
            held.account,
            held.verdict,
            worst.entered_as,
            held.administers,
            destroys,
            worst.hops,
            list(worst.chain),
            list(worst.conditions),
        )
