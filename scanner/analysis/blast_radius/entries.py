"""Chains that lead from outside production to roles in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from scanner.analysis.blast_radius.beyond import Beyond, Common
from scanner.analysis.blast_radius.closure import EVERYONE, HUB, Closure
from scanner.analysis.blast_radius.held import account_of
from scanner.analysis.blast_radius.radius import Radius
from scanner.analysis.blast_radius.weigh import VERDICTS

NONPRODUCTION = ("staging", "test", "development", "sandbox")
UNKNOWN = VERDICTS.index("unknown")

_Way = tuple[int, int, list[str]]
"""Rank, steps and chain of a way."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What many accounts have in common: roles that are entered, the accounts that step into hubs, and how roles are got hold of."""

    roles: set[str]
    callers: dict[str, set[str]]
    ways: dict[str, _Way] = field(default_factory=dict)


class Entries:
    """Makes rows of `role_entries`, one account at a time.

    Chains through whoever governs the organization are left out: they lead to every role, and are a matter of the management account.
    """

    def __init__(self, connection: Any, radius: Radius):
        facts = connection.execute("SELECT DISTINCT account_id, environment FROM account_facts ORDER BY ALL").fetchall()
        self._environments = dict(facts)
        self._production = {one for one in radius.accounts if self._environments.get(one) == "production"}
        self._perhaps = self._production | {one for one in radius.accounts if self._environments.get(one) is None}
        self._radius = radius
        self._graph = radius.graph
        self._behind: dict[str, list[str]] = {}
        self._common: dict[Common, _Found] = {}

    def rows(self, account: str, closure: Closure) -> Iterator[tuple[Any, ...]]:
        """Yield rows about the compromise of an account that reaches what the closure says."""
        environment = self._environments.get(account)
        known = environment in NONPRODUCTION
        if not known and environment not in (None, "unknown"):
            return
        if closure.governs:
            closure = self._radius.closure(account, governed=False)
        said = self._ways(closure)
        for arn in sorted(self._entered(closure)):
            target = account_of(arn)
            found, hops, chain = said(arn)
            # Where nothing says what an account is for, a way into production is no more than possible.
            rank = found if known and target in self._production else UNKNOWN
            yield target, "global", arn, account, environment, VERDICTS[rank], hops, chain

    def _ways(self, closure: Closure) -> Callable[[str], _Way]:
        """How roles are got hold of; what many accounts have in common is told once."""
        if not isinstance(closure, Beyond):
            return lambda arn: _way(closure, arn)
        ways = self._found(closure.common).ways

        def said(arn: str) -> _Way:
            if arn in closure.own:
                return _way(closure, arn)
            if arn not in ways:
                ways[arn] = _way(closure.common, arn)
            rank, hops, chain = ways[arn]
            return rank, hops, closure.mine(chain)

        return said

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


def _way(closure: Closure, arn: str) -> _Way:
    return closure.rank(arn), closure.hops(arn), closure.chain(arn)
