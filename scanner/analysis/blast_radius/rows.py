"""Rows of `account_reach`: whom the compromise of an account reaches, how, and what can be done there."""

from __future__ import annotations

import heapq
from collections.abc import Container, Iterator
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
        self._ranked: dict[Reach, list[str]] = {}
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
        if isinstance(reached, ReachBeyond):
            others = [one for one in self._in_order(reached.common) if one not in reached.own][: self._most]
            every = reached.own.union(others)
        urgent = heapq.nsmallest(self._most, every - {account}, key=lambda one: self._urgency(reached, one))
        return sorted(urgent)

    def _in_order(self, common: Reach) -> list[str]:
        """What is reached in common, the most urgent first."""
        if common not in self._ranked:
            self._ranked[common] = sorted(common, key=lambda one: self._urgency(common, one))
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
