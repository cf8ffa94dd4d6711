"""Who is in the organization, and which control policies are in effect where.

Inheritance: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
Who is not bound: .../orgs_manage_policies_scps.html and .../orgs_manage_policies_rcps.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from scanner.analysis.policies import ALLOW_ALL, FULL_AWS_ACCESS, Document, parse
from scanner.analysis.trust.gaps import Gap, organization_gaps

SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
SHORT = {SCP: "SCP", RCP: "RCP"}


@dataclass(frozen=True, slots=True)
class Held:
    """A policy that applies. `document` is None when it was not read; `settle` is the call that would."""

    label: str
    document: Document | None
    settle: str = ""


@dataclass(frozen=True, slots=True)
class Level:
    """Policies attached at one root, unit or account."""

    label: str
    policies: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class Controls:
    """Policies of one type that bind an account: root first. Without levels nothing binds it, and `free` says why.

    `gap` is set when there may be more than is listed.
    """

    levels: tuple[Level, ...] = ()
    free: str = ""
    gap: Gap | None = None


class Organization:
    """The organization as the snapshot has it. `id` is None when there is none, or it was not read."""

    def __init__(self, connection: Any):
        self._gaps = organization_gaps(connection)
        row = connection.execute(
            "SELECT organization_id, management_account_id, feature_set FROM organizations LIMIT 1"
        ).fetchone()
        self.id: str | None = row[0] if row else None
        self.management: str | None = row[1] if row else None
        self._all_features = not row or row[2] != "CONSOLIDATED_BILLING"
        self._members = dict(connection.execute("SELECT account_id, is_member FROM accounts").fetchall())
        self.names = dict(connection.execute("SELECT account_id, name FROM accounts WHERE name IS NOT NULL").fetchall())
        self._chains = _chains(connection)
        self._units = dict(connection.execute("SELECT unit_id, path FROM organizational_units").fetchall())
        self._roots = {
            row[0] for row in connection.execute("SELECT unit_id FROM organizational_units WHERE is_root").fetchall()
        }
        self._enabled = {
            row[0] for row in connection.execute("SELECT type FROM policy_types WHERE status = 'ENABLED'").fetchall()
        }
        self._attached = _attached(connection)
        self._controls: dict[tuple[str, str], Controls] = {}

    @property
    def accounts(self) -> Collection[str]:
        """Every account the snapshot knows, members or not."""
        return self._members.keys()

    @property
    def exists(self) -> bool | None:
        """Whether there is an organization; None when that was not read."""
        if self.id is not None:
            return True
        return None if "organizations" in self._gaps else False

    def member(self, account: str) -> bool | None:
        """Whether an account belongs to the organization; None when that was not read."""
        if self.exists is not True:
            return self.exists
        if self._members.get(account) or account == self.management:
            return True
        return None if "accounts" in self._gaps else False

    @property
    def settles_membership(self) -> str:
        gap = self._gaps.get("organizations") or self._gaps.get("accounts")
        return gap.call if gap else "organizations.list_accounts"

    @property
    def settles_tree(self) -> str:
        gap = self._gaps.get("unit_ancestors")
        return gap.call if gap else "organizations.list_parents"

    def chain(self, account: str) -> tuple[str, ...] | None:
        """Root, units and the account itself; None when the way up to the root was not read."""
        chain = self._chains.get(account, ())
        return chain if chain and chain[0] in self._roots else None

    def path(self, account: str) -> str | None:
        """The value of `aws:PrincipalOrgPaths`: organization, root and units, each followed by a slash."""
        chain = self.chain(account)
        return None if chain is None else "/".join([self.id or "", *chain[:-1], ""])

    def controls(self, account: str, kind: str) -> Controls:
        """Return the control policies of a type (`SCP`, `RCP`) that bind an account."""
        key = (account, kind)
        if key not in self._controls:
            self._controls[key] = self._work_out(account, kind)
        return self._controls[key]

    def _work_out(self, account: str, kind: str) -> Controls:
        short = SHORT[kind]
        member = self.member(account)
        if member is None:
            return Controls(gap=self._gap("organizations", "accounts"))
        if not member:
            return Controls(free=f"no {short} of this organization binds account {account}: it is no member")
        if account == self.management:
            return Controls(free=f"{short}s do not bind the management account")
        if not self._all_features:
            return Controls(free=f"the organization has no {short}s: it only consolidates billing")
        if kind not in self._enabled:
            gap = self._gaps.get("policy_types")
            return Controls(gap=gap) if gap else Controls(free=f"{short}s are not enabled on the root")
        return self._levels(account, kind)

    def _levels(self, account: str, kind: str) -> Controls:
        chain = self.chain(account)
        gap = self._gaps.get("organization_policies") or self._gaps.get("policy_targets")
        if chain is None:
            gap = gap or self._gap("unit_ancestors")
        levels = [
            Level(f"{self._name(target)}", self._attached.get((target, kind), ()))
            for target in chain or self._chains.get(account, (account,))
        ]
        return Controls(tuple(levels), gap=gap)

    def _name(self, target: str) -> str:
        if target in self._roots:
            return f"the root {target}"
        path = self._units.get(target)
        return f"unit {path} ({target})" if path else f"account {target}"

    def _gap(self, *tables: str) -> Gap:
        found = (self._gaps[table] for table in tables if table in self._gaps)
        return next(found, Gap(_CALLS[tables[-1]], "not read"))


_CALLS = {
    "organizations": "organizations.describe_organization",
    "accounts": "organizations.list_accounts",
    "unit_ancestors": "organizations.list_accounts_for_parent",
}


def _chains(connection: Any) -> dict[str, tuple[str, ...]]:
    """Per account, its ancestors from the top down, itself last."""
    chains: dict[str, list[str]] = defaultdict(list)
    rows = connection.execute(
        "SELECT DISTINCT u.target_id, u.ancestor_id, u.distance FROM unit_ancestors u "
        "JOIN accounts a ON a.account_id = u.target_id ORDER BY u.target_id, u.distance DESC"
    ).fetchall()
    for target, ancestor, _ in rows:
        chains[target].append(ancestor)
    return {target: tuple(chain) for target, chain in chains.items()}


def _attached(connection: Any) -> dict[tuple[str, str], tuple[Held, ...]]:
    """Policies by target and type."""
    found: dict[tuple[str, str], list[Held]] = defaultdict(list)
    rows = connection.execute(
        "SELECT DISTINCT t.target_id, p.type, p.policy_id, p.name, p.content FROM policy_targets t "
        "JOIN organization_policies p ON p.policy_id = t.policy_id "
        "WHERE p.type IN ('SERVICE_CONTROL_POLICY', 'RESOURCE_CONTROL_POLICY') ORDER BY ALL"
    ).fetchall()
    for target, kind, policy_id, name, content in rows:
        text = content if content is not None else ALLOW_ALL if policy_id == FULL_AWS_ACCESS else None
        document = None if text is None else parse(text)
        held = Held(f"{SHORT[kind]} {name} ({policy_id})", document, f"organizations.describe_policy of {policy_id}")
        found[target, kind].append(held)
    return {key: tuple(policies) for key, policies in found.items()}
