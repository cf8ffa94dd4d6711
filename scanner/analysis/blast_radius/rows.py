"""Rows of `account_reach`: whom the compromise of an account reaches, how, and what can be done there."""

from __future__ import annotations

import heapq
from collections.abc import Container, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Any

from scanner.analysis.blast_radius.alike import Alike
from scanner.analysis.blast_radius.radius import Radius
from scanner.analysis.blast_radius.reach import Reach, ReachBeyond

Row = tuple[Any, ...]


class Rows:
    """Makes them, one account at a time; what many accounts have in common is told once. One account gets no more than `most`."""

    def __init__(self, radius: Radius, production: Container[str], most: int, alike: Alike):
        self._radius = radius
        self._alike = alike
        self._production = production
        self._most = most
        self._ranked: dict[Reach, list[tuple[Any, ...]]] = {}

    def of(self, account: str, reached: Reach) -> Iterator[Row]:
        """Yield the rows of an account that reaches this; those that it has in common with others go to `alike`."""
        for target in self._nearest(account, reached):
            if isinstance(reached, ReachBeyond) and target not in reached.own:
                common = reached.common
                self._alike.add(account, (common, target), partial(self._row, account, common, target))
            else:
                yield self._row(account, reached, target)

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

    def _row(self, account: str, reached: Reach, target: str) -> Row:
        held = reached[target]
        worst, destroys = self._radius.at_its_worst(held)
        return (
            account,
            "global",
            target,
            held.verdict,
            worst.entered_as,
            held.administers,
            destroys,
            worst.hops,
            list(worst.chain),
            list(worst.conditions),
        )
