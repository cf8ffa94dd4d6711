"""Chains that lead from outside production to roles in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from scanner.analysis.blast_radius.graph import EVERYONE, HUB, Closure
from scanner.analysis.blast_radius.held import account_of
from scanner.analysis.blast_radius.radius import Radius
from scanner.analysis.blast_radius.weigh import VERDICTS

NONPRODUCTION = ("staging", "test", "development", "sandbox")
UNKNOWN = VERDICTS.index("unknown")


class Entries:
    """Makes rows of `role_entries`, one account at a time.

    Chains through whoever governs the organization are left out: they lead to every role, and are a matter of the management account.
    """

    def __init__(self, connection: Any, radius: Radius):
        facts = connection.execute("SELECT DISTINCT account_id, environment FROM account_facts ORDER BY ALL").fetchall()
        self._environments = dict(facts)
        self._production = {one for one in radius.accounts if self._environments.get(one) == "production"}
        self._perhaps = self._production | {one for one in radius.accounts if self._environments.get(one) is None}
        self._graph = radius.graph
        self._behind: dict[str, list[str]] = {}

    def rows(self, account: str, closure: Closure) -> Iterator[tuple[Any, ...]]:
        """Yield rows about the compromise of an account that reaches what the closure says."""
        environment = self._environments.get(account)
        known = environment in NONPRODUCTION
        if not known and environment not in (None, "unknown"):
            return
        if closure.governs:
            closure = self._graph.closure(account, governed=False)
        for arn in sorted(self._entered(closure)):
            target = account_of(arn)
            # Where nothing says what an account is for, a way into production is no more than possible.
            rank = closure.rank(arn) if known and target in self._production else UNKNOWN
            yield target, "global", arn, account, environment, VERDICTS[rank], closure.hops(arn), closure.chain(arn)

    def _entered(self, closure: Closure) -> set[str]:
        """Roles of production, or of what may be production, that somebody of another account assumes on the way."""
        found: set[str] = set()
        callers: dict[str, set[str]] = defaultdict(set)
        for node in closure:
            if node.startswith(HUB):
                continue
            for edge in self._graph.edges(node):
                if edge.kind != "assume":
                    continue
                if edge.target.startswith(EVERYONE):
                    callers[edge.target].add(account_of(node))
                elif account_of(edge.target) in self._perhaps and account_of(edge.target) != account_of(node):
                    found.add(edge.target)
        for hub, accounts in callers.items():
            roles = self._of_hub(hub)
            found.update(roles if len(accounts) > 1 else (arn for arn in roles if account_of(arn) not in accounts))
        return found

    def _of_hub(self, hub: str) -> list[str]:
        if hub not in self._behind:
            roles = (edge.target for edge in self._graph.edges(hub))
            self._behind[hub] = [arn for arn in roles if account_of(arn) in self._perhaps]
        return self._behind[hub]
