"""What guards a copy where it lies: vault locks, air-gapped vaults, policies of vaults and buckets.

Locks: https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html (a compliance lock can be taken back until its grace time
is over, a governance lock by whoever has the permission). Air-gapped vaults are locked in compliance mode from the start, and their
data lies in an account of the service: https://docs.aws.amazon.com/aws-backup/latest/devguide/logicallyairgappedvault.html.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scanner.analysis.policies import Document, Statement, parse
from scanner.analysis.trust.conditions import Fact, hold

AT_BEST = {"aws:securetransport": Fact(("true",)), "s3:tlsversion": Fact(("1.3",))}
"""What nobody has to do without: https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html"""
AIR_GAPPED = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"


@dataclass(frozen=True, slots=True)
class Vault:
    """`lock` is compliance, governance (or within the grace time), none, or None when not known.

    `shared_with` are those it is shared with through RAM, None when shares of its account were not read.
    """

    arn: str
    account: str
    air_gapped: bool
    lock: str | None
    shared_with: frozenset[str] | None

    @property
    def immutable(self) -> bool:
        return self.air_gapped or self.lock == "compliance"


@dataclass(frozen=True, slots=True)
class Policy:
    """The policy of a vault or bucket; `document` is None without one. Not `read`: nothing is known of it."""

    document: Document | None
    read: bool

    def denies(self, action: str) -> bool | None:
        """Whether it denies an action (lower case) to everybody; None when that is not certain."""
        if not self.read:
            return None
        about = [s for s in self._statements("Deny") if s.covers_action(action) and self._may_hold(s)]
        if any(_to_everybody(statement) for statement in about):
            return True
        return None if about else False

    def admits(self, action: str, accounts: frozenset[str]) -> bool | None:
        """Whether it lets somebody of these accounts do it; None when a condition decides, or it was not read."""
        if not self.read:
            return None
        about = [s for s in self._statements("Allow") if s.covers_action(action) and _names(s, accounts)]
        if any(not statement.conditions for statement in about):
            return True
        return None if about else False

    def named(self, action: str) -> frozenset[str]:
        """Accounts of which it lets somebody do an action (lower case), as far as it names them."""
        about = [s for s in self._statements("Allow") if s.covers_action(action)]
        return frozenset(p.account for s in about for p in s.principals if p.account is not None)

    def names_whole(self, action: str, account: str) -> bool:
        """Whether it lets everybody of an account do an action (lower case), or everybody at all."""
        about = (s for s in self._statements("Allow") if s.covers_action(action))
        return any(
            p.kind == "everyone" or (p.kind, p.account) == ("account", account) for s in about for p in s.principals
        )

    def _may_hold(self, statement: Statement) -> bool:
        """Whether its conditions can hold for whoever comes as suits him: not those that only old or no TLS fulfils."""
        variables = self.document is not None and self.document.variables
        return hold(statement.conditions, lambda key: AT_BEST.get(key, Fact()), variables) is not None

    def _statements(self, effect: str) -> list[Statement]:
        document = self.document.statements if self.document else ()
        return [s for s in document if s.effect == effect and not s.malformed]


def _to_everybody(statement: Statement) -> bool:
    everybody = any(principal.kind == "everyone" for principal in statement.principals)
    all_of_it = not statement.resources_negated and "*" in statement.resources
    return everybody and all_of_it and not statement.conditions and not statement.principals_negated


def _names(statement: Statement, accounts: frozenset[str]) -> bool:
    if statement.principals_negated:
        return True
    return any(p.kind == "everyone" or p.account in accounts for p in statement.principals)


def vaults(connection: Any, now: datetime) -> dict[str, Vault]:
    """Return every vault by ARN."""
    shares = _shares(connection)
    unread = {row[0] for row in connection.execute(_SHARES_UNREAD).fetchall()}
    found = {}
    for account, arn, kind, locked, lock_date in connection.execute(_VAULTS).fetchall():
        lock = None if locked is None else _lock(locked, lock_date, now)
        shared = frozenset(shares.get(arn, ()))
        known = shared if shared or account not in unread else None
        found[arn] = Vault(arn, account, kind == AIR_GAPPED, lock, known)
    return found


def _lock(locked: bool, lock_date: datetime | None, now: datetime) -> str:
    if not locked:
        return "none"
    return "compliance" if lock_date is not None and lock_date <= now else "governance"


def _shares(connection: Any) -> dict[str, set[str]]:
    shares: dict[str, set[str]] = defaultdict(set)
    for arn, principal in connection.execute(_SHARES).fetchall():
        shares[arn].add(principal)
    return shares


def policies(connection: Any) -> dict[str, Policy]:
    """Return the policies of vaults and buckets by ARN, those without one included."""
    texts = dict(connection.execute(_TEXTS).fetchall())
    return {
        arn: Policy(parse(texts[arn]) if arn in texts else None, bool(read))
        for arn, read in connection.execute(_GUARDED).fetchall()
    }


_VAULTS = "SELECT DISTINCT account_id, arn, type, locked, lock_date FROM backup_vaults ORDER BY ALL"
_SHARES = """
SELECT DISTINCT r.arn, p.principal FROM share_resources r JOIN share_principals p ON p.share_arn = r.share_arn
JOIN resource_shares s ON s.arn = r.share_arn
WHERE coalesce(s.status, 'ACTIVE') = 'ACTIVE' AND r.arn LIKE '%:backup-vault:%' AND p.principal IS NOT NULL ORDER BY ALL"""
_SHARES_UNREAD = """
SELECT DISTINCT account_id FROM unread
WHERE table_name IN ('resource_shares', 'share_resources', 'share_principals')"""
_TEXTS = """
SELECT holder_arn, min(document) FROM policy_documents WHERE kind = 'resource' AND readable
  AND (holder_arn LIKE '%:backup-vault:%' OR holder_arn LIKE 'arn:%:s3:::%') GROUP BY holder_arn"""
_GUARDED = """
SELECT arn, bool_and(coalesce(policy_read, FALSE)) FROM (
  SELECT arn, policy_read FROM backup_vaults UNION ALL SELECT arn, policy_read FROM buckets) GROUP BY arn"""
