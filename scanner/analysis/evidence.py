"""What resources say of themselves and what the stacks say that made them, as tables that classification makes and drops.

`resource_base` has the resources, `tag_hits` their tags that mean something, `stack_members` the stack of each one that was made by
one, `stack_hits` what that says, `best_hits` the best evidence of each kind.
"""

from __future__ import annotations

from scanner.classify import MADE_NAME


def plain_key(key: str) -> str:
    """`classify.tag_key` in SQL, of an expression."""
    return f"regexp_replace(lower({key}), '[-_:. ]', '', 'g')"


BASE_SQL = """
CREATE TABLE resource_base AS
WITH typed AS (
  SELECT arn, 'instance' AS kind, coalesce(name, instance_id) AS name, account_id, region FROM instances
  UNION ALL
  SELECT arn, type, name, account_id, region FROM compute
  UNION ALL
  SELECT arn, 'database', name, account_id, region FROM databases
  UNION ALL
  SELECT arn, 'dynamodb_table', name, account_id, region FROM dynamodb_tables
  UNION ALL
  SELECT arn, 'file_system', name, account_id, region FROM file_systems
  UNION ALL
  SELECT arn, 'bucket', name, account_id, coalesce(bucket_region, region) FROM buckets
  UNION ALL
  SELECT arn, 'secret', name, account_id, region FROM secrets
)
SELECT * FROM typed
UNION ALL
SELECT DISTINCT t.arn, 'other', NULL, t.account_id, t.region FROM tagged_resources t
WHERE NOT EXISTS (SELECT 1 FROM typed WHERE typed.arn = t.arn)
"""

HITS_SQL = f"""
CREATE TABLE tag_hits AS
SELECT DISTINCT t.arn, k.kind, k.rank, t.key, t.value
FROM tags t JOIN tag_keys k ON {plain_key("t.key")} = k.key
JOIN resource_base r ON r.arn = t.arn
WHERE t.value IS NOT NULL AND trim(t.value) <> ''
"""

UNKNOWN_TAGS = "*"
"""A key that AWS allows nobody. A tag with a NULL for a value is one that a plan does not tell yet; with this key, all tags are."""

# Where its own tags are not known yet, what a resource is for by other evidence proves nothing.
VEILED_SQL = f"""
SELECT t.arn, max(CASE WHEN t.key = '{UNKNOWN_TAGS}' OR k.kind = 'environment' THEN 1 ELSE 0 END) AS environment,
  max(CASE WHEN t.key = '{UNKNOWN_TAGS}' OR k.kind = 'workload' THEN 1 ELSE 0 END) AS workload
FROM tags t LEFT JOIN tag_keys k ON {plain_key("t.key")} = k.key WHERE t.value IS NULL GROUP BY t.arn
"""

STACKS_SQL = f"""
CREATE TABLE stack_members AS
WITH made AS (
  SELECT r.arn, r.account_id, r.region, t.value AS stack, FALSE AS by_name
  FROM resource_base r JOIN tag_hits t ON t.arn = r.arn AND t.kind = 'stack'
  UNION ALL
  SELECT r.arn, r.account_id, r.region, regexp_replace(r.name, '{MADE_NAME}', '\\1'), TRUE
  FROM resource_base r WHERE regexp_matches(r.name, '{MADE_NAME}')
    AND NOT EXISTS (SELECT 1 FROM tag_hits t WHERE t.arn = r.arn AND t.kind = 'stack')
)
SELECT m.arn, m.account_id, m.region, m.by_name, min(s.name) AS stack, min(s.arn) AS stack_arn
FROM made m LEFT JOIN stacks s ON s.account_id = m.account_id AND s.region = m.region AND lower(s.name) = lower(m.stack)
GROUP BY ALL
"""

STACK_HITS_SQL = f"""
CREATE TABLE stack_hits AS
SELECT m.arn, k.kind, k.rank, 'stack ' || m.stack || ' with ' || t.key AS key, t.value
FROM stack_members m JOIN tags t ON t.arn = m.stack_arn
JOIN tag_keys k ON {plain_key("t.key")} = k.key AND k.kind IN ('environment', 'workload')
WHERE t.value IS NOT NULL AND trim(t.value) <> ''
UNION ALL
SELECT arn, 'stack', 0, 'name of the stack', stack FROM stack_members WHERE by_name AND stack_arn IS NOT NULL
"""

BEST_SQL = """
CREATE TABLE best_hits AS
WITH said AS (
  SELECT *, '' AS prefix FROM tag_hits
  UNION ALL
  SELECT *, 'made_' FROM stack_hits
),
meant AS (
  -- As `classify.Words.stack_workload`: what a product is made of are no products of their own.
  SELECT h.arn, h.prefix || m.kind AS kind, h.key || '=' || h.value AS evidence,
    CASE WHEN m.kind = 'stack_workload' AND starts_with(m.value, a.workload || '-') THEN a.workload ELSE m.value END AS value,
    row_number() OVER (PARTITION BY h.arn, h.prefix || m.kind ORDER BY h.rank, h.key, h.value) AS place
  FROM said h JOIN meanings m ON m.text = h.value AND m.kind IN (h.kind || '_environment', h.kind || '_workload')
  LEFT JOIN (SELECT DISTINCT arn, account_id FROM resource_base) r ON h.kind = 'stack' AND r.arn = h.arn
  LEFT JOIN account_facts a ON a.account_id = r.account_id
)
SELECT arn,
  max(CASE WHEN kind = 'environment_environment' THEN value END) AS tag_environment,
  max(CASE WHEN kind = 'environment_environment' THEN evidence END) AS tag_environment_evidence,
  max(CASE WHEN kind = 'stack_environment' THEN value END) AS stack_environment,
  max(CASE WHEN kind = 'stack_environment' THEN evidence END) AS stack_environment_evidence,
  coalesce(max(CASE WHEN kind = 'made_environment_environment' THEN value END), max(CASE WHEN kind = 'made_stack_environment' THEN value END)) AS made_environment,
  coalesce(max(CASE WHEN kind = 'made_environment_environment' THEN evidence END), max(CASE WHEN kind = 'made_stack_environment' THEN evidence END)) AS made_environment_evidence,
  max(CASE WHEN kind = 'workload_workload' THEN value END) AS tag_workload,
  max(CASE WHEN kind = 'workload_workload' THEN evidence END) AS tag_workload_evidence,
  max(CASE WHEN kind = 'stack_workload' THEN value END) AS stack_workload,
  max(CASE WHEN kind = 'stack_workload' THEN evidence END) AS stack_workload_evidence,
  coalesce(max(CASE WHEN kind = 'made_workload_workload' THEN value END), max(CASE WHEN kind = 'made_stack_workload' THEN value END)) AS made_workload,
  coalesce(max(CASE WHEN kind = 'made_workload_workload' THEN evidence END), max(CASE WHEN kind = 'made_stack_workload' THEN evidence END)) AS made_workload_evidence
FROM meant WHERE place = 1 GROUP BY arn
"""
