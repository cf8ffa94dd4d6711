"""The blast radius: which accounts the compromise of another one reaches, how, and what can be done there.

    radius = Radius.load(connection, config)
    radius.of_account(account)           what whoever holds all of an account gets, by account, itself included
    radius.of_principal(arn)             the same, from one user or role alone
    radius.may(held, action, resource)   the best verdict anybody got hold of in one of these accounts has

Edges: assuming roles (the trust engine, every layer), the privilege paths, administration of an account, and governing: the
management account and delegated administrators. A chain is as certain as its weakest link.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.analysis import insert
from scanner.analysis.blast_radius.radius import Held, Radius
from scanner.config import Config
from scanner.snapshot.schema import table

USES: tuple[str, ...] = ("classification",)

REACH = table(
    "account_reach",
    "What the compromise of one account reaches: one row per other account.",
    """
        account_id string The compromised account: somebody holds all of it.
        region string Always global.
        target_account_id string The account reached.
        verdict string allow, conditional (see conditions) or unknown (the chain names the call that settles it).
        entered_as string First principal got hold of there; its root where it is governed from outside.
        administers bool All of the account is got hold of; NULL when that is not known.
        destroys bool Data stores, copies or their keys may be deleted there; NULL when that is not known.
        hops int Steps of the chain.
        chain strings The shortest way, a sentence a step.
        conditions strings What has to hold for a conditional verdict.
    """,
)
TABLES = (REACH,)

__all__ = ["Held", "Radius"]


def run(connection: Any, config: Config) -> None:
    insert(connection, REACH, list(_rows(Radius.load(connection, config))))


def _rows(radius: Radius) -> Iterator[tuple[Any, ...]]:
    for account in radius.accounts:
        for target, held in radius.of_account(account).items():
            if target != account:
                yield (
                    account,
                    "global",
                    target,
                    held.verdict,
                    held.entered_as,
                    held.administers,
                    radius.destroys(held),
                    held.hops,
                    list(held.chain),
                    list(held.conditions),
                )
