-- workload: One workload (bounded context, product), by what is tagged as it or lives in its accounts.
-- listed from: instances, compute, databases, dynamodb_tables, file_systems, buckets, tags@dynamodb, tags@s3, tags@organizations, accounts
-- id: Its name.
-- arn: Always NULL.
-- name: Its name.
-- account_id: Account with production of it, the mixed one first; any of its accounts where it has no production.
-- account_name: Name of that account.
-- environment: Always NULL: a workload has several.
-- workload: Its name.
-- region: Always NULL.
-- accounts: Accounts it has resources in, joined with commas.
-- environments: Environments it has resources of, joined with commas.
-- has_production: It has production resources.
-- mixed_accounts: Accounts with production of it that hold resources of another environment too, or are meant for one, joined with commas.
-- mixed_with: What the other environments are, joined with commas.
-- production_shares_account: There is such an account. {instances, compute, databases, dynamodb_tables, file_systems, buckets, tags, accounts, organizational_units, unit_ancestors}
-- scattered: Environments of it that are spread over several accounts, and over which, joined with semicolons.
-- is_scattered: There is such an environment. {instances, compute, databases, dynamodb_tables, file_systems, buckets, tags, accounts, organizational_units, unit_ancestors}
-- missing_environments: Environments it should have (`expected_environments`) and has neither resources nor an account of, joined with commas.
-- lacks_environment: There is one of them. {instances, compute, databases, dynamodb_tables, file_systems, buckets, tags, accounts, organizational_units, unit_ancestors}
WITH firm AS (
  SELECT account_id, environment, firm_workload AS workload, own_workload IS NOT NULL AS says_itself
  FROM resource_facts WHERE kind NOT IN ('secret', 'other')
),
held AS (
  SELECT account_id, string_agg(DISTINCT environment, ', ' ORDER BY environment) AS others
  FROM (
    SELECT account_id, environment FROM firm
    UNION
    SELECT account_id, environment FROM account_facts
  ) WHERE environment IN ('staging', 'test', 'development', 'sandbox')
  GROUP BY account_id
),
placed AS (
  SELECT f.workload, f.account_id, max(CASE WHEN f.environment = 'production' THEN 1 ELSE 0 END) AS has_production,
    max(CASE WHEN f.says_itself THEN 1 ELSE 0 END) AS says_itself
  FROM firm f WHERE f.workload IS NOT NULL GROUP BY f.workload, f.account_id
),
judged AS (
  SELECT p.workload, max(p.has_production) AS has_production, max(p.says_itself) AS says_itself,
    max(CASE WHEN p.has_production = 1 AND h.others IS NOT NULL THEN 1 ELSE 0 END) AS mixed,
    min(CASE WHEN p.has_production = 1 AND h.others IS NOT NULL THEN p.account_id END) AS mixed_account,
    min(CASE WHEN p.has_production = 1 THEN p.account_id END) AS production_account,
    min(p.account_id) AS any_account,
    string_agg(DISTINCT coalesce(a.name, p.account_id), ', ' ORDER BY coalesce(a.name, p.account_id)) AS accounts,
    string_agg(DISTINCT CASE WHEN p.has_production = 1 AND h.others IS NOT NULL THEN coalesce(a.name, p.account_id) END, ', '
      ORDER BY CASE WHEN p.has_production = 1 AND h.others IS NOT NULL THEN coalesce(a.name, p.account_id) END) AS mixed_accounts,
    string_agg(DISTINCT CASE WHEN p.has_production = 1 THEN h.others END, ', '
      ORDER BY CASE WHEN p.has_production = 1 THEN h.others END) AS mixed_with
  FROM placed p
  LEFT JOIN held h ON h.account_id = p.account_id
  LEFT JOIN account_facts a ON a.account_id = p.account_id
  GROUP BY p.workload
),
named AS (
  SELECT workload, string_agg(DISTINCT environment, ', ' ORDER BY environment) AS environments
  FROM firm WHERE environment <> 'unknown' GROUP BY workload
),
spread AS (
  SELECT f.workload, f.environment, count(DISTINCT f.account_id) AS accounts,
    string_agg(DISTINCT coalesce(a.name, f.account_id), ', ' ORDER BY coalesce(a.name, f.account_id)) AS names
  FROM firm f LEFT JOIN account_facts a ON a.account_id = f.account_id
  WHERE f.environment NOT IN ('shared', 'unknown') GROUP BY f.workload, f.environment
),
scattered AS (
  SELECT workload, string_agg(environment || ' in ' || names, '; ' ORDER BY environment) AS places
  FROM spread WHERE accounts > 1 GROUP BY workload
),
present AS (
  -- An account that is there for it counts, empty as it may be.
  SELECT workload, environment FROM firm
  UNION SELECT workload, environment FROM account_facts
),
missing AS (
  SELECT j.workload, string_agg(replace(x.alternatives, '|', ' or '), ', ' ORDER BY x.alternatives) AS environments
  FROM judged j CROSS JOIN expected_environments x
  WHERE NOT EXISTS (SELECT 1 FROM present p WHERE p.workload = j.workload
    AND '|' || x.alternatives || '|' LIKE '%|' || p.environment || '|%')
  GROUP BY j.workload
),
unread_accounts AS (
  SELECT DISTINCT g.account_id, coalesce(f.workload, 'unknown') AS workload
  FROM resource_gaps g LEFT JOIN account_facts f ON f.account_id = g.account_id
  WHERE g.kind <> 'secret' AND g.status <> 'suspended'
),
gaps AS (
  -- More of a workload may be where it is known to be, in accounts that are there for it, and in those nobody knows the
  -- purpose of. That other accounts may hold some is said by the lines about hidden subjects.
  SELECT DISTINCT p.workload FROM placed p
  WHERE p.account_id IN (SELECT account_id FROM unread_accounts)
    OR p.workload IN (SELECT workload FROM unread_accounts)
    OR EXISTS (SELECT 1 FROM unread_accounts WHERE workload = 'unknown')
),
organization_gaps AS (
  SELECT count(*) > 0 AS present FROM unread
  WHERE collector = 'organizations' AND table_name IN ('accounts', 'organizational_units', 'organizations', 'tags', 'unit_ancestors')
)
SELECT
  j.workload AS id,
  CAST(NULL AS VARCHAR) AS arn,
  j.workload AS name,
  coalesce(j.mixed_account, j.production_account, j.any_account) AS account_id,
  a.name AS account_name,
  CAST(NULL AS VARCHAR) AS environment,
  j.workload,
  CAST(NULL AS VARCHAR) AS region,
  j.accounts,
  n.environments,
  CASE WHEN j.has_production = 1 THEN TRUE WHEN g.workload IS NOT NULL OR og.present THEN NULL ELSE FALSE END AS has_production,
  j.mixed_accounts,
  CASE WHEN j.mixed = 1 THEN j.mixed_with END AS mixed_with,
  CASE WHEN j.mixed = 1 AND (j.says_itself = 1 OR NOT og.present) THEN TRUE WHEN g.workload IS NOT NULL OR og.present THEN NULL
    ELSE FALSE END AS production_shares_account,
  s.places AS scattered,
  CASE WHEN og.present THEN NULL WHEN s.places IS NOT NULL THEN TRUE WHEN g.workload IS NOT NULL THEN NULL ELSE FALSE END AS is_scattered,
  m.environments AS missing_environments,
  -- What is missing may be in any account that was not read.
  CASE WHEN og.present THEN NULL WHEN m.environments IS NULL THEN FALSE
    WHEN EXISTS (SELECT 1 FROM unread_accounts) THEN NULL ELSE TRUE END AS lacks_environment
FROM judged j
CROSS JOIN organization_gaps og
LEFT JOIN gaps g ON g.workload = j.workload
LEFT JOIN scattered s ON s.workload = j.workload
LEFT JOIN missing m ON m.workload = j.workload
LEFT JOIN named n ON n.workload = j.workload
LEFT JOIN account_facts a ON a.account_id = coalesce(j.mixed_account, j.production_account, j.any_account)
