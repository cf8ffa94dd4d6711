"""Couplings that policies make: which principal names which resource, and which resource names which principal.

A pattern without any fixed part (`*`, `arn:aws:s3:::*`) names no resource: principals that have one reach everything of a service, on
both sides of every wall. They are told apart, as `wide`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from scanner.analysis.policies import glob
from scanner.collect.tagging import UNTYPED
from scanner.split.facts import Ends
from scanner.wording import some

_ANYTHING = re.compile(r"[*?]+")
_HARMLESS = re.compile(r"(logs|xray|cloudwatch|ssmmessages|ec2messages):|[a-z0-9-]+:(describe|list)")
"""Actions that mostly cannot be allowed in another way than on everything, and act on nobody else's data."""
_INSIDE = {"s3": "/", "dynamodb": "/", "logs": ":", "sqs": "/", "kinesis": "/"}
"""What separates a resource from what lies in it, by service."""


@dataclass(frozen=True, slots=True)
class Wide:
    """A principal that a statement allows something on every resource of a service, or on every one at all."""

    principal: str
    pattern: str
    actions: tuple[str, ...]


def of_policies(connection: Any, account_id: str, arns: Iterable[str]) -> tuple[list[Ends], list[Wide]]:
    """Couplings of users and roles with the resources they name, and those who name everything."""
    databases = dict(connection.execute(_DATABASE_IDS_SQL, [account_id]).fetchall())
    targets = Targets(arns, databases)
    ends: dict[tuple[str, str], set[str]] = defaultdict(set)
    wide: dict[tuple[str, str], set[str]] = defaultdict(set)
    for holder, pattern, actions in connection.execute(_GRANTS_SQL, {"account": account_id}).fetchall():
        if is_wide(pattern):
            reaching = [action for action in actions if not _HARMLESS.match(action)]
            if reaching:
                wide[holder, pattern].update(reaching)
            continue
        useful = [action for action in actions if _fits(action, pattern)]
        for arn in targets.matching(pattern) if useful else ():
            if arn != holder:
                ends[holder, arn].update(useful)
    spoken: list[Ends] = [
        ("policy", holder, arn, f" ({some(sorted(said), 3)})", True) for (holder, arn), said in sorted(ends.items())
    ]
    return spoken, [Wide(who, pattern, tuple(sorted(said))) for (who, pattern), said in sorted(wide.items())]


def of_resources(connection: Any, account_id: str) -> list[Ends]:
    """Couplings of resources with the principals of the account that their policies, or trust policies, name one by one."""
    found: dict[tuple[str, str, str], Ends] = {}
    for kind, holder, principal in connection.execute(_ADMITTED_SQL, {"account": account_id}).fetchall():
        if holder != principal:
            found[kind, holder, principal] = (kind, holder, principal, "", True)
    return list(found.values())


def _fits(action: str, pattern: str) -> bool:
    """Whether an action is one of the service that a pattern is about; those of others do nothing there."""
    service, prefix = pattern.split(":", 5)[2] if pattern.count(":") > 4 else "", action.partition(":")[0]
    return (
        ":" not in action or prefix == service or _has_wildcard(prefix + service) or (prefix, service) == ("sts", "iam")
    )


def is_wide(pattern: str) -> bool:
    """Whether a pattern names everything, or everything of a service or of one of its types."""
    parts = pattern.split(":", 5)
    if len(parts) < 6:
        return _has_wildcard(pattern)
    segments = [segment for segment in re.split("[:/]", parts[5]) if segment]
    typed = len(segments) > 1 and parts[2] not in UNTYPED
    return bool(segments) and bool(_ANYTHING.fullmatch(segments[typed]))


class Targets:
    """ARNs, to be asked which of them a pattern of a policy names."""

    def __init__(self, arns: Iterable[str], databases: dict[str, str]):
        self._by_service: dict[str, list[str]] = defaultdict(list)
        for arn in sorted(arns):
            self._by_service[arn.split(":")[2]].append(arn)
        self._databases = databases
        self._known: dict[str, list[str]] = {}

    def matching(self, pattern: str) -> list[str]:
        if pattern not in self._known:
            self._known[pattern] = list(self._matching(pattern))
        return self._known[pattern]

    def _matching(self, pattern: str) -> Iterator[str]:
        parts = pattern.split(":", 5)
        if len(parts) < 6:
            return  # no ARN: it names nothing
        service = parts[2]
        if service == "rds-db":  # arn:aws:rds-db:REGION:ACCOUNT:dbuser:RESOURCE-ID/USER
            wanted = parts[5].partition(":")[2].partition("/")[0]
            yield from sorted(arn for key, arn in self._databases.items() if glob(wanted, key))
            return
        known = self._by_service
        candidates = chain.from_iterable(known.values()) if _has_wildcard(service) else known.get(service, ())
        inside = _INSIDE.get(service)
        outer = _container(pattern, service, inside) if inside else None
        for arn in candidates:
            if glob(pattern, arn) or (outer is not None and glob(outer, arn)):
                yield arn


def _container(pattern: str, service: str, inside: str | None) -> str:
    """`arn:aws:s3:::bucket/*` -> `arn:aws:s3:::bucket`; `...:table/orders/index/*` -> `...:table/orders`."""
    head, _, resource = pattern.rpartition(":") if inside == "/" else ("", "", pattern)
    if inside != "/":
        return pattern.removesuffix(":*")
    kept = resource.split("/")[: 2 if service == "dynamodb" else 1]
    return f"{head}:{'/'.join(kept)}"


def _has_wildcard(text: str) -> bool:
    return "*" in text or "?" in text


_DATABASE_IDS_SQL = """
SELECT resource_id, min(arn) FROM databases WHERE account_id = ? AND resource_id IS NOT NULL GROUP BY resource_id"""

# Who may what on which resources: inline policies, attached ones, and those of the groups of a user.
_GRANTS_SQL = """
WITH holders AS (
  SELECT p.arn AS principal, p.arn AS holder FROM principals p WHERE p.account_id = $account AND p.type IN ('role', 'user')
    AND NOT coalesce(p.service_linked, FALSE)
  UNION SELECT a.principal_arn, a.policy_arn FROM policy_attachments a WHERE a.account_id = $account
  UNION SELECT m.user_arn, g.arn FROM group_members m JOIN principals g ON g.account_id = m.account_id AND g.type = 'group'
    AND g.name = m.group_name WHERE m.account_id = $account
  UNION SELECT m.user_arn, a.policy_arn FROM group_members m JOIN principals g ON g.account_id = m.account_id AND g.type = 'group'
    AND g.name = m.group_name JOIN policy_attachments a ON a.principal_arn = g.arn WHERE m.account_id = $account
), granted AS (
  SELECT DISTINCT h.principal, s.statement_id, s.actions_negated FROM holders h
  JOIN principals o ON o.arn = h.principal AND o.type IN ('role', 'user') AND NOT coalesce(o.service_linked, FALSE)
  -- Policies of AWS are read in every account: one reading is enough.
  JOIN policy_statements s ON s.holder_arn = h.holder AND s.account_id = $account AND s.kind IN ('inline', 'managed')
  WHERE s.effect = 'Allow' AND NOT s.resources_negated
)
SELECT g.principal, r.resource, list_distinct(list(CASE WHEN g.actions_negated THEN 'all but ' || a.action ELSE a.action END))
FROM granted g JOIN statement_resources r ON r.statement_id = g.statement_id AND r.account_id = $account
JOIN statement_actions a ON a.statement_id = g.statement_id AND a.account_id = $account
WHERE r.resource IS NOT NULL GROUP BY ALL ORDER BY ALL"""

_ADMITTED_SQL = """
SELECT DISTINCT CASE WHEN s.kind = 'trust' THEN 'trust' ELSE 'resource_policy' END, s.holder_arn, p.value
FROM policy_statements s JOIN statement_principals p ON p.statement_id = s.statement_id AND p.account_id = s.account_id
JOIN principals o ON o.arn = p.value AND o.account_id = $account AND o.type IN ('role', 'user')
WHERE s.account_id = $account AND s.kind IN ('trust', 'resource') AND s.effect = 'Allow' AND NOT s.principals_negated
  AND s.holder_arn LIKE 'arn:%' ORDER BY ALL"""
