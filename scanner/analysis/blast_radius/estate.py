"""What the closure starts from: accounts, who governs them, and which roles trust somebody of which account."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from scanner.analysis.policies import SESSION
from scanner.analysis.trust.gaps import Gap, gaps_of
from scanner.analysis.trust.inventory import Inventory
from scanner.analysis.trust.organization import Organization

CLOSED = ("SUSPENDED", "PENDING_CLOSURE", "CLOSED")


@dataclass
class Estate:
    """Accounts by id with their names, and everything that decides who enters them from outside.

    `trusting` lists, by account, roles whose trust policy names it or somebody in it; `by_whom` the same by whom it names: an account
    as a whole, an ARN, or a role's account and name for sessions; `everyone`, roles that trust `*`;
    `untold`, roles whose trust policy was not read; `dead`, principals named by trust policies that do not exist any more;
    `idle`, roles at which no edge starts, as far as their own policies go.
    """

    names: dict[str, str]
    members: dict[str, bool | None]
    management: str | None
    delegates: dict[str, list[str | None]]
    gaps: dict[str, Gap]
    organization_gap: Gap | None
    delegates_gap: Gap | None
    trusting: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    by_whom: dict[object, list[str]] = field(default_factory=lambda: defaultdict(list))
    everyone: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)
    dead: frozenset[str] = frozenset()
    running: frozenset[str] = frozenset()
    idle: frozenset[str] = frozenset()

    def shown(self, account: str) -> str:
        """An account as sentences name it."""
        name = self.names.get(account)
        return f"account {name} ({account})" if name else f"account {account}"

    def naming(self, account: str, arn: str, whole: bool) -> set[str]:
        """Roles whose trust policy names a user or role, or, with `whole`, its account."""
        named = {*self.by_whom.get(arn, ()), *self.by_whom.get((account, arn.rsplit("/", 1)[-1]), ())}
        return named.union(self.by_whom.get(account, ())) if whole else named

    @property
    def governed(self) -> list[str]:
        """Accounts that the organization governs, as far as known."""
        return [account for account, member in sorted(self.members.items()) if member is not False]


def load(connection: Any, inventory: Inventory, organization: Organization) -> Estate:
    """Read it from a connection with the tables of a snapshot."""
    ask = connection.execute
    rows = ask("SELECT DISTINCT account_id, name, status FROM accounts ORDER BY ALL").fetchall()
    closed = {row[0] for row in rows if row[2] in CLOSED}
    known = {row[0]: row[1] for row in rows if row[0] not in closed}
    for account in inventory.readable():
        known.setdefault(account, None)
    names = {account: name for account, name in sorted(known.items()) if name}
    accounts = sorted(known.keys() - closed)
    delegates = defaultdict(list)
    for account, service in ask(_DELEGATES_SQL).fetchall():
        delegates[account].append(service)
    gaps = gaps_of(connection, "organizations", ("organizations", "accounts", "delegated_administrators"))
    estate = Estate(
        names,
        {account: organization.member(account) for account in accounts},
        organization.management,
        dict(delegates),
        {account: gap for account in accounts if (gap := inventory.gap(account)) is not None},
        gaps.get("organizations") if organization.id is None else None,
        gaps.get("delegated_administrators") if organization.exists is not False else None,
    )
    _trusts(connection, estate, closed)
    estate.running = frozenset(row[0] for row in ask(_RUNNING_SQL).fetchall())
    return estate


def _trusts(connection: Any, estate: Estate, closed: set[str]) -> None:
    ask = connection.execute
    for account, arn, whole, value in ask(_TRUSTING_SQL).fetchall():
        estate.trusting[account].append(arn)
        session = SESSION.fullmatch(value)
        whom = account if whole else (session[1], session[2]) if session else value
        estate.by_whom[whom].append(arn)
    estate.everyone = [row[0] for row in ask(_EVERYONE_SQL).fetchall()]
    estate.untold = [row[0] for row in ask(_UNTOLD_SQL).fetchall()]
    gone = (row[0] for row in ask(_DEAD_SQL).fetchall())
    estate.dead = frozenset(arn for arn in gone if arn.split(":")[4] not in estate.gaps or arn.split(":")[4] in closed)


_DELEGATES_SQL = "SELECT DISTINCT delegate_account_id, service_principal FROM delegated_administrators ORDER BY ALL"
_TRUSTING_SQL = """
SELECT DISTINCT p.principal_account, s.holder_arn, coalesce(p.whole_account, FALSE), p.value FROM policy_statements s
JOIN statement_principals p ON p.statement_id = s.statement_id
WHERE s.kind = 'trust' AND s.effect = 'Allow' AND NOT s.principals_negated AND p.principal_account IS NOT NULL ORDER BY ALL"""
_EVERYONE_SQL = """
SELECT DISTINCT s.holder_arn FROM policy_statements s JOIN statement_principals p ON p.statement_id = s.statement_id
WHERE s.kind = 'trust' AND s.effect = 'Allow' AND NOT s.principals_negated AND p.type = '*' ORDER BY ALL"""
_UNTOLD_SQL = """
SELECT DISTINCT r.arn FROM principals r WHERE r.type = 'role' AND NOT coalesce(r.service_linked, FALSE) AND NOT EXISTS (
  SELECT 1 FROM policy_documents d WHERE d.holder_arn = r.arn AND d.kind = 'trust' AND d.document IS NOT NULL) ORDER BY ALL"""
_DEAD_SQL = """
SELECT DISTINCT p.value FROM statement_principals p
WHERE p.principal_account IS NOT NULL AND NOT p.whole_account AND p.value LIKE 'arn:%:iam::%:%/%'
  AND NOT EXISTS (SELECT 1 FROM principals x WHERE x.arn = p.value) ORDER BY ALL"""
_RUNNING_SQL = """
SELECT DISTINCT p.role_arn FROM instances i JOIN instance_profiles p ON p.arn = i.instance_profile_arn
WHERE p.role_arn IS NOT NULL ORDER BY ALL"""
