"""Chains that lead from outside production to roles in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from scanner.analysis.blast_radius.alike import Alike
from scanner.analysis.blast_radius.beyond import Beyond, Common
from scanner.analysis.blast_radius.closure import EVERYONE, HUB, Closure
from scanner.analysis.blast_radius.held import account_of
from scanner.analysis.blast_radius.radius import Radius
from scanner.analysis.blast_radius.weigh import VERDICTS

NONPRODUCTION = ("staging", "test", "development", "sandbox")


@dataclass(frozen=True, slots=True)
class _Found:
    """What many accounts have in common: roles that are entered, and the accounts that step into hubs."""

    roles: set[str]
    callers: dict[str, set[str]]


class Entries:
    """Makes rows of `role_entries`, one account at a time.

    Chains through whoever governs the organization are left out: they lead to every role, and are a matter of the management account.
    """

    def __init__(self, connection: Any, radius: Radius, alike: Alike):
        facts = connection.execute("SELECT DISTINCT account_id, environment FROM account_facts ORDER BY ALL").fetchall()
        self._environments = dict(facts)
        self._production = {one for one in radius.accounts if self._environments.get(one) == "production"}
        self._perhaps = self._production | {one for one in radius.accounts if self._environments.get(one) is None}
        self._alike = alike
        self._radius = radius
        self._graph = radius.graph
        self._behind: dict[str, list[str]] = {}
        self._common: dict[Common, _Found] = {}

    def rows(self, account: str, closure: Closure) -> Iterator[tuple[Any, ...]]:
        """Yield rows about the compromise of an account that reaches what the closure says; those that it has in common with others
        go to `alike`."""
        environment = self._environments.get(account)
        if environment not in (*NONPRODUCTION, None, "unknown"):
            return
        if closure.governs:
            closure = self._radius.closure(account, governed=False)
        for arn in sorted(self._entered(closure)):
            if isinstance(closure, Beyond) and arn not in closure.own:
                tell = partial(self._row, account, environment, closure.common, arn)
                self._alike.add(account, (closure.common, arn, environment), tell)
            else:
                yield self._row(account, environment, closure, arn)

    def _row(self, account: str, environment: str | None, closure: Closure, arn: str) -> tuple[Any, ...]:
        target = account_of(arn)
        # Where nothing says what an account is for, a way into production is no more than possible.
        known = environment in NONPRODUCTION and target in self._production
        verdict = VERDICTS[closure.rank(arn)] if known else "unknown"
        return target, "global", arn, account, environment, verdict, closure.hops(arn), closure.chain(arn)

    def _entered(self, closure: Closure) -> set[str]:
        """Roles of production, or of what may be production, that somebody of another account assumes on the way."""
        if isinstance(closure, Beyond):
            common = self._found(closure.common)
            found, callers = self._assumed(closure.own)
            found |= common.roles
            for hub, accounts in common.callers.items():
                callers[hub] |= accounts
        else:
            found, callers = self._assumed(closure)
        for hub, accounts in callers.items():
            roles = self._of_hub(hub)
            found.update(roles if len(accounts) > 1 else (arn for arn in roles if account_of(arn) not in accounts))
        return found

    def _found(self, common: Common) -> _Found:
        if common not in self._common:
            self._common[common] = _Found(*self._assumed(common))
        return self._common[common]

    def _assumed(self, nodes: Iterable[str]) -> tuple[set[str], dict[str, set[str]]]:
        """Such roles that some nodes lead to directly, and the accounts that step into each hub of roles that trust everybody."""
        found: set[str] = set()
        callers: dict[str, set[str]] = defaultdict(set)
        for node in nodes:
            if node.startswith(HUB):
                continue
            for edge in self._graph.edges(node):
                if edge.kind != "assume":
                    continue
                if edge.target.startswith(EVERYONE):
                    callers[edge.target].add(account_of(node))
                elif account_of(edge.target) in self._perhaps and account_of(edge.target) != account_of(node):
                    found.add(edge.target)
        return found, callers

    def _of_hub(self, hub: str) -> list[str]:
        if hub not in self._behind:
            roles = (edge.target for edge in self._graph.edges(hub))
            self._behind[hub] = [arn for arn in roles if account_of(arn) in self._perhaps]
        return self._behind[hub]
