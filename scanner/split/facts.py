"""The resources of an account: those of `resource_facts` with their evidence, and the network, roles, keys and copies around them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from scanner.classify import Classifier
from scanner.collect.tagging import service_and_type
from scanner.config import Config
from scanner.split.kinds import nature
from scanner.split.model import SHARED, UNKNOWN, Resource

Rows = list[dict[str, Any]]
Ends = tuple[str, str, str, str, bool]
"""A coupling before its resources are known: kind, source, target, what more is to be said, and whether it is certain."""


@dataclass(frozen=True)
class Account:
    """The account that is split, and what its own name and tags say of it; None where they say nothing."""

    id: str
    name: str
    workload: str | None
    environment: str | None
    is_management: bool


def account_of(connection: Any, account_id: str) -> Account:
    """The account; the mere name of one whose resources name workloads themselves is no workload beside theirs."""
    row = rows(connection, _ACCOUNT_SQL, [account_id])[0]
    said = {key: None if row[key] in (UNKNOWN, SHARED) else row[key] for key in ("workload", "environment")}
    if row["workload_source"] == "name" and row["tells"]:
        said["workload"] = None
    return Account(account_id, row["name"] or account_id, is_management=bool(row["is_management"]), **said)


def resources(connection: Any, config: Config, account: Account, coupled: Iterable[Ends]) -> dict[str, Resource]:
    """Everything that is placed, by ARN: what `resource_facts` has of the account, and what is coupled to anything."""
    known = {row["arn"]: row for row in rows(connection, _AROUND_SQL, [account.id])}
    found = {row["arn"]: _of_facts(row, known) for row in rows(connection, _FACTS_SQL, [account.id])}
    more = sorted({end for one in coupled for end in one[1:3]} - found.keys())
    tags: dict[str, dict[str, str]] = {}
    for arn, key, value in connection.execute(_TAGS_SQL, [more]).fetchall():
        tags.setdefault(arn, {})[key] = value or ""
    judge = Classifier(config.classification)
    for arn in more:
        found[arn] = _around(arn, known.get(arn, {}), tags.get(arn, {}), judge)
    used = _used(found, set(more), coupled)
    return {arn: one for arn, one in sorted(found.items()) if arn in used}


def _used(found: Mapping[str, Resource], more: set[str], coupled: Iterable[Ends]) -> set[str]:
    """Without networks and roles that hang on nothing but each other, as those that AWS makes with every account."""
    near: dict[str, set[str]] = defaultdict(set)
    for _, source, target, _, _ in coupled:
        near[source].add(target)
        near[target].add(source)
    used = {arn for arn, one in found.items() if arn not in more or one.nature != "ground"}
    left = list(used)
    while left:
        fresh = near[left.pop()] - used
        used |= fresh
        left += fresh
    return used


def _of_facts(row: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> Resource:
    arn, around = row["arn"], known.get(row["arn"], {})
    kind = row["kind"] if row["kind"] != "other" else around.get("kind") or kind_of(arn)
    name = row["name"] or around.get("name") or row["tag_name"] or short(arn)
    # What an account says of all its resources is NULL for a bucket or table whose tags were not read.
    untold = row["environment"] is None and row["workload"] is None
    return Resource(
        arn, kind, name, row["region"] or "", nature(kind, arn), row["own_workload"], row["own_environment"],
        _told(row, "workload"), _told(row, "environment"), untold,
    )  # fmt: skip


def _told(row: Mapping[str, Any], question: str) -> str | None:
    if row[f"own_{question}"] is None:
        return None
    return f"{row[f'{question}_source']} {row[f'{question}_evidence']}"


def _around(arn: str, row: Mapping[str, Any], tags: Mapping[str, str], judge: Classifier) -> Resource:
    """What the vocabulary does not list as a resource: its tags, stack and name are read as those of any other one."""
    said = judge.resource(row.get("name"), tags, {})
    workload, environment = (next(iter(said[question]), None) for question in ("workload", "environment"))
    kind = row.get("kind") or kind_of(arn)
    name = row.get("name") or tags.get("Name") or short(arn)
    return Resource(
        arn, kind, name, row.get("region") or region_of(arn), nature(kind, arn),
        workload.value if workload else None, environment.value if environment else None,
        f"{workload.source} {workload.evidence}" if workload else None,
        f"{environment.source} {environment.evidence}" if environment else None,
    )  # fmt: skip


_NAMED = {"sqs": "queue", "sns": "topic", "s3": "bucket"}
"""Services whose ARNs say no type."""


def kind_of(arn: str) -> str:
    """`arn:aws:ec2:...:security-group/sg-1` -> `security_group`."""
    service, kind = service_and_type(arn)
    if service in _NAMED:
        return _NAMED[service]
    return (kind or service or "other").replace("-", "_") if service == "ec2" else kind or service or "other"


def region_of(arn: str) -> str:
    return arn.split(":")[3] if arn.count(":") >= 5 else ""


def owner_of(arn: str) -> str:
    """The account an ARN names; empty for buckets."""
    return arn.split(":")[4] if arn.count(":") >= 5 else ""


def short(arn: str) -> str:
    return arn.rpartition(":")[2].rpartition("/")[2] or arn


def rows(connection: Any, sql: str, parameters: Any = None) -> Rows:
    cursor = connection.execute(sql, parameters)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


_ACCOUNT_SQL = """
SELECT f.name, f.workload, f.environment, f.workload_source, coalesce(a.is_management, FALSE) AS is_management,
  EXISTS (SELECT 1 FROM resource_facts r WHERE r.account_id = f.account_id AND r.own_workload IS NOT NULL) AS tells
FROM account_facts f LEFT JOIN accounts a ON a.account_id = f.account_id WHERE f.account_id = ? LIMIT 1"""

_FACTS_SQL = """
SELECT f.*, (SELECT min(t.value) FROM tags t WHERE t.arn = f.arn AND t.key = 'Name') AS tag_name FROM resource_facts f
WHERE f.account_id = ? QUALIFY row_number() OVER (PARTITION BY f.arn ORDER BY f.own_workload NULLS LAST, f.own_environment NULLS LAST,
  f.region) = 1 ORDER BY f.arn"""

_TAGS_SQL = "SELECT DISTINCT arn, key, value FROM tags WHERE list_contains(?, arn) AND key IS NOT NULL ORDER BY ALL"

_AROUND_SQL = """
SELECT arn, min(kind) AS kind, min(name) AS name, min(region) AS region FROM (
  SELECT arn, 'vpc' AS kind, name, region, account_id FROM vpcs
  UNION ALL SELECT arn, 'subnet', name, region, account_id FROM subnets
  UNION ALL SELECT arn, 'security_group', name, region, account_id FROM security_groups
  UNION ALL SELECT arn, 'network_interface', NULL, region, account_id FROM network_interfaces
  UNION ALL SELECT arn, 'vpc_endpoint', service_name, region, account_id FROM vpc_endpoints
  UNION ALL SELECT arn, 'volume', NULL, region, account_id FROM volumes
  UNION ALL SELECT arn, CASE WHEN type = 'cluster' THEN 'cluster-snapshot' ELSE 'snapshot' END, name, region, account_id FROM snapshots
  UNION ALL SELECT arn, 'recovery_point', NULL, region, account_id FROM recovery_points
  UNION ALL SELECT arn, 'snapshot', name, region, account_id FROM service_snapshots
  UNION ALL SELECT arn, 'queue', name, region, account_id FROM queues
  UNION ALL SELECT arn, 'topic', name, region, account_id FROM topics
  UNION ALL SELECT arn, 'backup_vault', name, region, account_id FROM backup_vaults
  UNION ALL SELECT arn, 'key', list_extract(list_sort(aliases), 1), region, account_id FROM kms_keys
  UNION ALL SELECT arn, type, name, region, account_id FROM principals
) WHERE account_id = ? AND arn IS NOT NULL GROUP BY arn"""
