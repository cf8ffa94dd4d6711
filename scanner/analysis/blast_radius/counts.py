"""The radius of every account in numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from scanner.analysis.blast_radius.closure import ALL
from scanner.analysis.blast_radius.radius import Radius
from scanner.analysis.blast_radius.reach import Reach, ReachBeyond


class Counts:
    """Makes rows of `account_radius`, one account at a time."""

    def __init__(self, connection: Any, radius: Radius):
        self._radius = radius
        facts = connection.execute("SELECT DISTINCT account_id, environment FROM account_facts ORDER BY ALL").fetchall()
        environments = dict(facts)
        self.production = {account for account in radius.accounts if environments.get(account) == "production"}
        self._unclear = {account for account in radius.accounts if environments.get(account) is None}
        self._perhaps = self.production | self._unclear
        self._stores = _Numbers(dict(connection.execute(_STORES_SQL).fetchall()))
        self._copies = _Numbers(dict(connection.execute(_COPIES_SQL).fetchall()))

    def row(self, account: str, reached: Reach) -> tuple[Any, ...]:
        every, sure = reached.found()
        others, certain = every - {account}, sure - {account}
        in_production = certain & self.production
        maybe = (others & self._perhaps) - in_production
        verdict, chain = _governs(self._radius, account, reached)
        return (
            account,
            "global",
            len(certain),
            len(others) - len(certain),
            len(in_production),
            len(maybe),
            len(self.production) - (account in self.production),
            len(self._unclear) - (account in self._unclear),
            self._stores.among(certain, reached),
            self._copies.among(certain, reached),
            verdict,
            chain,
        )


class _Numbers:
    """What there is in each account. What many reach in common is added up once."""

    def __init__(self, of: dict[str, int]):
        self._of = of
        self._common: dict[Reach, int] = {}

    def among(self, accounts: set[str], reached: Reach) -> int:
        """How much there is in some accounts: those reached for certain, but for the one it starts from."""
        if not isinstance(reached, ReachBeyond):
            return self._sum(accounts)
        _, common = reached.common.found()
        if reached.common not in self._common:
            self._common[reached.common] = self._sum(common)
        return self._common[reached.common] + self._sum(accounts - common) - self._sum(common - accounts)

    def _sum(self, accounts: Iterable[str]) -> int:
        return sum(self._of.get(account, 0) for account in accounts)


def _governs(radius: Radius, account: str, reached: Reach) -> tuple[str, list[str]]:
    """Whether it gets all of the management account, or what governs every member through it."""
    closure = reached.closure
    management = radius.estate.management
    nodes = [node for node in (management, ALL) if node is not None and node in closure and node != account]
    if account == management or not nodes:
        return "deny", []
    best = min(nodes, key=lambda node: (closure.rank(node), closure.hops(node), node))
    return closure.verdict(best), closure.chain(best)


_STORES_SQL = """
SELECT account_id, count(*)::BIGINT FROM (
  SELECT DISTINCT account_id, arn FROM databases WHERE cluster_name IS NULL AND source_arn IS NULL
  UNION SELECT DISTINCT account_id, arn FROM dynamodb_tables) GROUP BY account_id"""
_COPIES_SQL = """
SELECT account_id, count(*)::BIGINT FROM (
  SELECT DISTINCT account_id, arn FROM recovery_points WHERE status = 'COMPLETED'
  UNION SELECT DISTINCT account_id, arn FROM snapshots) GROUP BY account_id"""
