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
from scanner.analysis.blast_radius import counts, entries, escalations
from scanner.analysis.blast_radius.alike import Alike
from scanner.analysis.blast_radius.held import Held
from scanner.analysis.blast_radius.radius import Radius
from scanner.analysis.blast_radius.rows import Rows
from scanner.config import Config
from scanner.snapshot.schema import table

USES: tuple[str, ...] = ("unread", "classification")

REACH = table(
    "account_reach",
    "What the compromise of one account reaches: one row per other account. In organizations of more than 1,000 accounts only the"
    " nearest, 1,000,000 rows altogether: those administered and of production first. `account_radius` counts all of them.",
    """
        account_id string The compromised account: somebody holds all of it.
        region string Always global.
        target_account_id string The account reached.
        verdict string allow, conditional (see conditions) or unknown (the chain names the call that settles it).
        entered_as string Whom the chain leads to: a principal there, or its root where all of the account is got hold of.
        administers bool All of the account is got hold of; NULL when that is not known.
        destroys bool Data stores, copies or their keys may be deleted there; NULL when that is not known.
        hops int Steps of the chain.
        chain strings The shortest way to the most that can be done there: administer it, else delete data, else enter; a sentence a step.
        conditions strings What has to hold for a conditional verdict.
    """,
)
RADII = table(
    "account_radius",
    "How far the compromise of an account reaches, in numbers. Ways that hang on a condition, or on what was not read, are counted apart.",
    """
        account_id string The compromised account.
        region string Always global.
        reached int Other accounts that somebody is got hold of in for certain.
        maybe_reached int Further ones, conditional or unknown.
        production_reached int Those of production.
        maybe_production_reached int Further ones of production, or of an environment that is not known.
        production int Accounts of production beside itself.
        maybe_production int Other accounts whose environment is not known.
        data_stores int Databases, clusters and tables in the accounts reached.
        copies int Recovery points and snapshots in the accounts reached.
        governs string Verdict of becoming an administrator of the management account, or of every member through it.
        governs_chain strings How, a sentence a step.
    """,
)
ENTRIES = table(
    "role_entries",
    "Roles of production, or of what may be production, that a compromised non-production account gets hold of over some chain.",
    """
        account_id string Account of the role.
        region string Always global.
        role_arn string The role.
        from_account_id string The non-production account, or one whose environment is not known.
        from_environment string Its environment; NULL when it is not known.
        verdict string allow, conditional or unknown.
        hops int Steps of the chain.
        chain strings The shortest way, a sentence a step.
    """,
)
ESCALATIONS = table(
    "escalations",
    "Users and roles that may make themselves administrators of their account by a privilege path of their own.",
    """
        principal_arn string The user or role.
        verdict string allow, conditional or unknown.
        chain strings The shortest way, a sentence a step.
        conditions strings What has to hold for a conditional verdict.
    """,
)
TABLES = (REACH, RADII, ENTRIES, ESCALATIONS)

ROWS, FEWEST, BATCH = 1_000_000, 100, 200

CUT = """
SELECT n.account_id FROM account_radius n LEFT JOIN account_reach w ON w.account_id = n.account_id
GROUP BY n.account_id HAVING count(w.target_account_id) < max(n.reached + n.maybe_reached)"""
"""Accounts that reach more than they have rows of `account_reach`."""

__all__ = ["CUT", "Held", "Radius"]


def run(connection: Any, config: Config) -> None:
    radius = Radius.load(connection, config)
    radius.leave(connection)
    shown = {account: radius.estate.shown(account) for account in radius.accounts}
    alike = Alike(REACH, "account_id", shown), Alike(ENTRIES, "from_account_id", shown)
    entered, found = entries.Entries(connection, radius, alike[1]), counts.Counts(connection, radius)
    reaching = Rows(radius, found.production, rows_each(len(radius.accounts)), alike[0])
    for accounts in _batches(radius.accounts):
        rows: list[tuple[Any, ...]] = []
        numbers: list[tuple[Any, ...]] = []
        roles: list[tuple[Any, ...]] = []
        for account in accounts:
            reached = radius.of_account(account)
            numbers.append(found.row(account, reached))
            roles += entered.rows(account, reached.closure)
            rows += reaching.of(account, reached)
        insert(connection, REACH, rows)
        insert(connection, RADII, numbers)
        insert(connection, ENTRIES, roles)
    for one in alike:
        one.write(connection)
    insert(connection, ESCALATIONS, list(escalations.rows(radius)))


def rows_each(accounts: int) -> int:
    """How many rows of `account_reach` one compromised account gets, by the number of accounts."""
    return max(FEWEST, ROWS // max(accounts, 1))


def _batches(accounts: list[str]) -> Iterator[list[str]]:
    return (accounts[start : start + BATCH] for start in range(0, len(accounts), BATCH))
