"""Which copies policies tell apart: one question serves for all copies of a kind that no statement names.

Names of recovery points and snapshots are mostly random and there are many of them, so most policies speak of all of them at once. Where
a statement about a call that destroys names some, those have to be asked about by their own ARN.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from scanner.analysis.policies import glob

EVERYWHERE = "everywhere"
NAMED_BY_CHANCE = re.compile(
    r":(recovery-point|snapshot|cluster-snapshot|auto-backup|cluster-auto-backup):|::(snapshot|image)/"
)


@dataclass(frozen=True, slots=True)
class Scope:
    """Patterns that match some copies of a kind and not others. Variables stand for anything."""

    exact: frozenset[str]
    patterns: tuple[str, ...]

    def names(self, resource: str, any_one: str) -> bool:
        """Whether statements tell a resource from `any_one` of its kind."""
        return resource in self.exact or any(glob(one, resource) != glob(one, any_one) for one in self.patterns)


class Scopes:
    """What statements about destruction name, by the account whose principals they bind."""

    def __init__(self, connection: Any):
        self._connection = connection
        self._scopes: dict[tuple[str, str], Scope] = {}

    def standing_for(self, account: str, resource: str) -> str:
        """The resource to ask about: `any` of its kind, as long as no statement tells this one from others."""
        if not NAMED_BY_CHANCE.search(resource):
            return resource
        any_one = any_of_its_kind(resource)
        key = (account, any_one)
        if key not in self._scopes:
            self._scopes[key] = self._scope(account, any_one)
        return resource if self._scopes[key].names(resource, any_one) else any_one

    def inside(self, account: str, bucket_arn: str) -> list[str]:
        """One object of a bucket for each pattern that names only some of them."""
        found = set()
        for pattern in self._patterns(account):
            bucket, slash, objects = pattern.partition("/")
            if slash and objects != "*" and ":s3:" in bucket and glob(bucket, bucket_arn):
                found.add(f"{bucket_arn}/{objects.replace('*', 'any').replace('?', 'a')}")
        return sorted(found)

    def _scope(self, account: str, any_one: str) -> Scope:
        head = any_one.removesuffix("any")
        telling = [one for one in self._patterns(account) if not (one.endswith("*") and glob(one[:-1], head))]
        exact = frozenset(one for one in telling if not re.search(r"[*?]", one))
        patterns = sorted(one for one in telling if one not in exact and _may_match(one, head))
        return Scope(exact, tuple(patterns))

    def _patterns(self, account: str) -> set[str]:
        return self._of_account[account] | self._of_account[EVERYWHERE]

    @cached_property
    def _of_account(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for account, resource in self._connection.execute(_PATTERNS).fetchall():
            found[account].add(re.sub(r"\$\{[^}]*\}", "*", resource))
        return found


def _may_match(pattern: str, head: str) -> bool:
    """Whether a pattern can match anything that begins so: what stands before its first star or question mark agrees."""
    start = re.split(r"[*?]", pattern, maxsplit=1)[0]
    return start.startswith(head) or head.startswith(start)


def any_of_its_kind(arn: str) -> str:
    """The ARN of some copy of the same kind in the same place."""
    head, colon, name = arn.rpartition(":")
    prefix = name.rpartition("/")[0]
    return f"{head}{colon}{prefix}/any" if prefix else f"{head}{colon}any"


# Policies of principals lie in their account; service control policies bind everywhere. Only keepers of copies matter.
_PATTERNS = f"""
WITH keepers AS (SELECT DISTINCT account_id FROM store_copies),
destroying AS (
  SELECT DISTINCT account_id, statement_id FROM statement_actions
  WHERE action LIKE '*%' OR action LIKE '%*:%' OR action LIKE '%?%' OR split_part(action, ':', 1) IN ('backup', 'rds', 'ec2', 'dynamodb', 's3')
)
SELECT DISTINCT CASE WHEN s.kind = 'scp' THEN '{EVERYWHERE}' ELSE s.account_id END, r.resource
FROM policy_statements s
JOIN statement_resources r ON r.statement_id = s.statement_id AND r.account_id = s.account_id AND r.resource <> '*'
LEFT JOIN destroying d ON d.statement_id = s.statement_id AND d.account_id = s.account_id
WHERE (s.kind = 'scp' OR s.kind IN ('inline', 'managed') AND s.account_id IN (SELECT account_id FROM keepers))
  AND (s.actions_negated OR d.statement_id IS NOT NULL)"""
