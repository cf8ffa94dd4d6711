"""Chains that lead from outside production to roles in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from scanner.analysis.blast_radius.graph import EVERYONE, Closure, Edge, Graph
from scanner.analysis.blast_radius.radius import Radius, account_of, said

NONPRODUCTION = ("staging", "test", "development", "sandbox")


def rows(connection: Any, radius: Radius) -> Iterator[tuple[Any, ...]]:
    """Yield rows of `role_entries`.

    Chains through whoever governs the organization are left out: they lead to every role, and are a matter of the management account.
    """
    facts = connection.execute("SELECT DISTINCT account_id, environment FROM account_facts ORDER BY ALL").fetchall()
    environments = dict(facts)
    production = {account for account in radius.accounts if environments.get(account) == "production"}
    unclear = {account for account in radius.accounts if environments.get(account) is None}
    for account in radius.accounts:
        environment = environments.get(account)
        known = environment in NONPRODUCTION
        if known or environment in (None, "unknown"):
            closure = radius.graph.closure(account, governed=False)
            for arn in sorted(_entered(closure, radius.graph, production | unclear)):
                # Where nothing says what an account is for, a way into production is no more than possible.
                certain = known and account_of(arn) in production
                verdict = closure.verdict(arn) if certain else "unknown"
                chain = list(said(closure.chain(arn)))
                yield account_of(arn), "global", arn, account, environment, verdict, closure.hops(arn), chain


def _entered(closure: Closure, graph: Graph, production: set[str]) -> set[str]:
    """Roles of production, or of what may be production, that somebody of another account assumes on the way."""
    steps = [edge for node in closure for edge in graph.edges(node) if edge.kind == "assume"]
    callers: dict[str, set[str]] = defaultdict(set)
    for edge in steps:
        callers[edge.target].add(account_of(edge.source))

    def from_elsewhere(edge: Edge) -> bool:
        whence = callers[edge.source] if edge.source.startswith(EVERYONE) else {account_of(edge.source)}
        return bool(whence - {account_of(edge.target)})

    return {edge.target for edge in steps if account_of(edge.target) in production and from_elsewhere(edge)}
