"""Chains that lead from outside production to roles in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.analysis.blast_radius.graph import Closure, Graph
from scanner.analysis.blast_radius.radius import Radius, account_of, said

NONPRODUCTION = ("staging", "test", "development", "sandbox")


def rows(connection: Any, radius: Radius) -> Iterator[tuple[Any, ...]]:
    """Yield rows of `role_entries`.

    Chains through whoever governs the organization are left out: they lead to every role, and are a matter of the management account.
    """
    facts = connection.execute("SELECT DISTINCT account_id, environment FROM account_facts ORDER BY ALL").fetchall()
    environments = dict(facts)
    production = {account for account, environment in environments.items() if environment == "production"}
    for account in radius.accounts:
        environment = environments.get(account)
        if environment is None or environment in NONPRODUCTION:
            closure = radius.graph.closure(account, governed=False)
            for arn in sorted(_entered(closure, radius.graph, production)):
                # From where nothing says what it is for, a way into production is no more than possible.
                verdict = "unknown" if environment is None else closure.verdict(arn)
                chain = list(said(closure.chain(arn)))
                yield account_of(arn), "global", arn, account, environment, verdict, closure.hops(arn), chain


def _entered(closure: Closure, graph: Graph, production: set[str]) -> set[str]:
    """Roles of production that somebody of another account assumes on the way."""
    return {
        edge.target
        for node in closure
        for edge in graph.edges(node)
        if edge.kind == "assume"
        and account_of(edge.target) in production
        and account_of(edge.target) != account_of(node)
    }
