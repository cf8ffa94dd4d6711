"""What ties the resources of an account together, from the tables and analyses that exist.

Each query of QUERIES gives rows (source, target, detail, certain) of one kind of coupling; ends are ARNs of the account. Rows of
`network_paths` stand for clients that the network cannot tell apart: the first of them is the end, the detail counts the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from scanner.split.facts import Ends, owner_of
from scanner.split.kinds import KINDS
from scanner.split.model import Coupling, Resource

LISTED = (
    "instances", "network_interfaces", "databases", "subnet_groups", "secrets", "dynamodb_tables", "buckets", "volumes",
    "security_groups", "security_group_rules", "subnets", "vpcs", "kms_keys", "instance_profiles", "principals", "snapshots",
    "recovery_points", "backup_vaults", "vpc_endpoints", "policy_statements", "policy_attachments", "statement_resources",
    "statement_principals", "tagged_resources", "tags", "compute", "file_systems", "file_system_replicas", "queues", "topics",
    "service_snapshots",
)  # fmt: skip
"""Tables the couplings and resources come from: a gap in one of them hides some."""


DETAILS = 4
"""Details of one coupling, such as ports, before the rest is only counted."""


def between(connection: Any, account_id: str) -> tuple[list[Ends], list[Ends]]:
    """Every coupling of an account except those its policies make, and those that lead to another account, each once."""
    seen: dict[tuple[str, str, str], set[tuple[bool, str]]] = defaultdict(set)
    for kind, sql in sorted(QUERIES.items()):
        for source, target, detail, certain in connection.execute(sql, {"account": account_id}).fetchall():
            if source != target:
                seen[kind, source, target].add((not certain, detail or ""))
    found = {ends: (*ends, *_together(rows)) for ends, rows in sorted(seen.items())}
    here = [one for one in found.values() if {owner_of(one[1]), owner_of(one[2])} <= {"", account_id}]
    return here, [one for one in found.values() if owner_of(one[2]) not in ("", account_id)]


def _together(rows: set[tuple[bool, str]]) -> tuple[str, bool]:
    """All details of one coupling, the certain ones first, and whether it is certain."""
    ordered = sorted(rows)
    details = list(dict.fromkeys(detail for _, detail in ordered if detail))
    more = f" and {len(details) - DETAILS} more" if len(details) > DETAILS else ""
    return " and".join(details[:DETAILS]) + more, not ordered[0][0]


def spoken(ends: list[Ends], named: Mapping[str, Resource]) -> list[Coupling]:
    """The couplings of resources that are placed, with the sentence that says what was seen."""
    here = [one for one in ends if one[1] in named and one[2] in named]
    return sorted(_spoken(here, named), key=lambda one: (one.source, one.target, one.kind))


def _spoken(ends: list[Ends], named: Mapping[str, Resource]) -> Iterator[Coupling]:
    for kind, source, target, detail, certain in ends:
        how = KINDS[kind]
        verb = how.verb if certain else f"perhaps {how.verb}"
        sentence = f"{called(named[source])} {verb} {called(named[target])}{detail}"
        coupling = Coupling(kind, source, target, how.weight, sentence, certain)
        # Nobody may have to cut what may not be there.
        yield coupling if certain else replace(coupling, weight=max(1, how.weight // 2))


def called(resource: Resource) -> str:
    return f"{resource.kind.replace('_', ' ')} {resource.name}"


_KEYED = """
  SELECT account_id, region, arn, kms_key_arn AS key FROM databases
  UNION ALL SELECT account_id, region, arn, kms_key_arn FROM volumes
  UNION ALL SELECT account_id, region, arn, kms_key_arn FROM dynamodb_tables
  UNION ALL SELECT account_id, coalesce(bucket_region, region), arn, kms_key_arn FROM buckets
  UNION ALL SELECT account_id, region, arn, kms_key FROM secrets
  UNION ALL SELECT account_id, region, arn, kms_key_arn FROM snapshots
  UNION ALL SELECT account_id, region, arn, kms_key_arn FROM recovery_points
  UNION ALL SELECT account_id, region, arn, kms_key_arn FROM backup_vaults
  UNION ALL SELECT account_id, region, arn, kms_key_arn FROM file_systems
  UNION ALL SELECT account_id, region, arn, kms_key_arn FROM service_snapshots
  UNION ALL SELECT account_id, region, arn, kms_key FROM queues
  UNION ALL SELECT account_id, region, arn, kms_key FROM topics
"""

QUERIES: dict[str, str] = {
    "attachment": """
SELECT v.arn, i.arn, '', TRUE FROM volumes v JOIN instances i ON i.instance_id = v.instance_id AND i.account_id = v.account_id
WHERE v.account_id = $account
UNION ALL
SELECT e.arn, i.arn, '', TRUE FROM network_interfaces e JOIN instances i ON i.instance_id = e.instance_id AND i.account_id = e.account_id
WHERE e.account_id = $account AND e.arn IS NOT NULL""",
    "cluster": """
SELECT d.arn, c.arn, '', TRUE FROM databases d JOIN databases c ON c.name = d.cluster_name AND c.type = 'cluster'
  AND c.account_id = d.account_id AND c.region = d.region
WHERE d.account_id = $account AND d.type = 'instance'""",
    "replica": """
SELECT d.arn, s.arn, '', TRUE FROM databases d JOIN databases s ON s.account_id = d.account_id
  AND (s.arn = d.source_arn OR s.name = d.source_arn AND s.region = d.region)
WHERE d.account_id = $account
UNION ALL
SELECT r.replica_arn, r.source_arn, '', TRUE FROM file_system_replicas r JOIN file_systems f ON f.arn = r.replica_arn
  AND f.account_id = r.account_id WHERE r.account_id = $account AND r.source_arn IS NOT NULL""",
    "connection": """
SELECT p.source_arn, p.target_arn,
  ' on ' || coalesce(p.protocol || ' port ' || CAST(p.port AS VARCHAR), 'a port that is not known')
    || CASE WHEN p.members > 1 THEN ' (and ' || CAST(p.members - 1 AS VARCHAR) || ' more like it)' ELSE '' END
    || CASE WHEN len(p.admitted_by) > 0 THEN ', admitted by ' || array_to_string(p.admitted_by, ', ') ELSE '' END
    || CASE WHEN p.verdict = 'allow' OR len(p.reasons) = 0 THEN '' ELSE ' (' || p.verdict || ': ' || p.reasons[-1] || ')' END,
  p.verdict = 'allow'
FROM network_paths p
WHERE p.target_account_id = $account AND p.source_account_id = $account AND p.source_arn LIKE 'arn:%'""",
    "group_rule": """
SELECT CASE WHEN r.direction = 'ingress' THEN o.arn ELSE g.arn END, CASE WHEN r.direction = 'ingress' THEN g.arn ELSE o.arn END,
  ' on ' || CASE WHEN r.protocol = '-1' THEN 'every port' ELSE r.protocol
    || CASE WHEN r.from_port IS NULL THEN '' WHEN r.from_port = r.to_port THEN ' port ' || CAST(r.from_port AS VARCHAR)
      ELSE ' ports ' || CAST(r.from_port AS VARCHAR) || ' to ' || CAST(r.to_port AS VARCHAR) END END
    || CASE WHEN r.direction = 'ingress' THEN '' ELSE ' (an egress rule)' END, TRUE
FROM security_group_rules r JOIN security_groups g ON g.group_id = r.group_id AND g.account_id = r.account_id
JOIN security_groups o ON o.group_id = r.peer AND o.account_id = r.account_id
WHERE r.account_id = $account AND r.peer_type = 'group'""",
    "membership": """
SELECT m.arn, g.arn, '', TRUE FROM (
  SELECT account_id, arn, unnest(group_ids) AS group_id FROM instances
  UNION ALL SELECT account_id, arn, unnest(group_ids) FROM databases
  UNION ALL SELECT account_id, arn, unnest(group_ids) FROM compute
  UNION ALL SELECT account_id, arn, unnest(group_ids) FROM vpc_endpoints
) m JOIN security_groups g ON g.group_id = m.group_id AND g.account_id = m.account_id
WHERE m.account_id = $account""",
    "role": """
SELECT i.arn, p.role_arn, ' through its instance profile ' || p.name, TRUE
FROM instances i JOIN instance_profiles p ON p.arn = i.instance_profile_arn
WHERE i.account_id = $account AND p.role_arn IS NOT NULL
UNION ALL
SELECT arn, role_arn, '', TRUE FROM compute WHERE account_id = $account AND role_arn LIKE 'arn:%'""",
    # A key may be written as an ARN, an id or an alias, and AWS's own keys belong to nobody.
    "key": f"""
SELECT k.arn, coalesce(o.arn, k.key), CASE WHEN o.arn IS NULL THEN ' (a key that was not listed)' ELSE '' END, TRUE
FROM ({_KEYED}) k LEFT JOIN kms_keys o ON o.account_id = k.account_id AND o.region = k.region
  AND (o.arn = k.key OR o.key_id = k.key OR list_contains(o.aliases, k.key)
    OR list_contains(o.aliases, regexp_extract(k.key, ':(alias/.*)$', 1)))
WHERE k.account_id = $account AND k.key IS NOT NULL AND (o.arn IS NOT NULL AND coalesce(o.manager, 'CUSTOMER') <> 'AWS'
  OR o.arn IS NULL AND k.key LIKE 'arn:%:kms:%:key/%')""",
    # RDS writes the ARN of the database into the description and the tags of a secret that it manages:
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
    "secret": """
SELECT DISTINCT s.arn, d.arn, CASE WHEN contains(coalesce(s.description, ''), d.arn) THEN ': its description names it'
  ELSE ': its tags name it' END, TRUE
FROM secrets s JOIN databases d ON d.account_id = s.account_id
WHERE s.account_id = $account AND (regexp_matches(coalesce(s.description, ''), regexp_escape(d.arn) || '($|[^A-Za-z0-9-])')
  OR EXISTS (SELECT 1 FROM tags t WHERE t.arn = s.arn AND t.value = d.arn))""",
    "secret_name": """
SELECT s.arn, d.arn, ': nothing but its name says so', TRUE
FROM secrets s JOIN databases d ON d.account_id = s.account_id AND d.region = s.region
WHERE s.account_id = $account AND length(d.name) > 3 AND s.name IS NOT NULL
  AND contains('-' || regexp_replace(lower(s.name), '[^a-z0-9]+', '-', 'g') || '-',
    '-' || regexp_replace(lower(d.name), '[^a-z0-9]+', '-', 'g') || '-')""",
    "copy": """
SELECT c.arn, c.source_arn, '', TRUE FROM (
  SELECT account_id, arn, source_arn FROM snapshots UNION ALL SELECT account_id, arn, source_arn FROM recovery_points
  UNION ALL SELECT account_id, arn, source_arn FROM service_snapshots
) c JOIN (
  SELECT account_id, arn FROM databases UNION ALL SELECT account_id, arn FROM volumes UNION ALL SELECT account_id, arn FROM buckets
  UNION ALL SELECT account_id, arn FROM dynamodb_tables UNION ALL SELECT account_id, arn FROM instances
  UNION ALL SELECT account_id, arn FROM file_systems
) s ON s.arn = c.source_arn AND s.account_id = c.account_id
WHERE c.account_id = $account""",
    "vault": """
SELECT p.arn, p.vault_arn, '', TRUE FROM recovery_points p JOIN backup_vaults v ON v.arn = p.vault_arn AND v.account_id = p.account_id
WHERE p.account_id = $account""",
    "subnet": """
SELECT m.arn, s.arn, m.through, TRUE FROM (
  SELECT account_id, arn, subnet_id, '' AS through FROM instances
  UNION ALL SELECT account_id, arn, unnest(subnet_ids), '' FROM vpc_endpoints
  UNION ALL SELECT account_id, arn, unnest(subnet_ids), '' FROM compute
  UNION ALL SELECT account_id, arn, unnest(subnet_ids), '' FROM databases
  UNION ALL SELECT d.account_id, d.arn, g.subnet_id, ' through its subnet group ' || g.name FROM databases d
    JOIN subnet_groups g ON g.name = d.subnet_group AND g.account_id = d.account_id AND g.region = d.region
) m JOIN subnets s ON s.subnet_id = m.subnet_id AND s.account_id = m.account_id AND s.arn IS NOT NULL
WHERE m.account_id = $account""",
    "part": """
SELECT s.arn, v.arn, '', TRUE FROM subnets s JOIN vpcs v ON v.vpc_id = s.vpc_id AND v.account_id = s.account_id
WHERE s.account_id = $account AND s.arn IS NOT NULL AND v.arn IS NOT NULL""",
    "vpc": """
SELECT m.arn, v.arn, '', TRUE FROM (
  SELECT account_id, arn, vpc_id FROM security_groups
  UNION ALL SELECT account_id, arn, vpc_id FROM vpc_endpoints
  UNION ALL SELECT account_id, arn, vpc_id FROM instances WHERE subnet_id IS NULL
  UNION ALL SELECT account_id, arn, vpc_id FROM databases WHERE subnet_group IS NULL AND coalesce(len(subnet_ids), 0) = 0
  UNION ALL SELECT account_id, arn, vpc_id FROM compute WHERE coalesce(len(subnet_ids), 0) = 0
) m JOIN vpcs v ON v.vpc_id = m.vpc_id AND v.account_id = m.account_id
WHERE m.account_id = $account AND m.arn IS NOT NULL AND v.arn IS NOT NULL""",
}
