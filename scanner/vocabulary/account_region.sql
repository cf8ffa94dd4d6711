-- account_region: One Region of one account that has resources: what shares one API budget.
-- listed from: instances, compute, databases, dynamodb_tables, file_systems
-- id: Account and Region.
-- arn: Always NULL.
-- name: Account and Region.
-- account_id: The account.
-- account_name: Its name.
-- environment: Its environment.
-- workload: Its workload.
-- region: The Region.
-- workloads: Workloads in it, joined with commas.
-- production_workloads: Those with production resources, joined with commas.
-- shares_api_budget: A production workload shares it with another workload. {instances, compute, databases, dynamodb_tables, file_systems, tags}
WITH firm AS (
  -- As in `account`: a workload taken from the mere name of the account is none beside what tags say.
  SELECT r.*, CASE WHEN r.workload_source <> 'inherited' OR a.workload_source IN ('tag', 'config')
    OR NOT EXISTS (SELECT 1 FROM resource_facts o WHERE o.account_id = r.account_id AND o.own_workload IS NOT NULL)
    THEN r.workload END AS firm_workload
  FROM resource_facts r LEFT JOIN account_facts a ON a.account_id = r.account_id
),
used AS (
  SELECT account_id, region,
    string_agg(DISTINCT firm_workload, ', ' ORDER BY firm_workload) AS workloads,
    count(DISTINCT firm_workload) AS workload_count,
    string_agg(DISTINCT CASE WHEN environment = 'production' THEN firm_workload END, ', '
      ORDER BY CASE WHEN environment = 'production' THEN firm_workload END) AS production,
    max(CASE WHEN workload IS NULL OR environment IS NULL THEN 1 ELSE 0 END) AS undecided,
    max(CASE WHEN coalesce(environment, 'unknown') = 'unknown' OR firm_workload IS NULL THEN 1 ELSE 0 END) AS unsure
  FROM firm
  WHERE kind NOT IN ('bucket', 'secret', 'other') AND coalesce(workload, '') <> 'unknown'
  GROUP BY account_id, region
),
gaps AS (
  SELECT account_id, region FROM unread
  WHERE table_name IN ('instances', 'compute', 'databases', 'dynamodb_tables', 'file_systems') OR table_name = 'tags' AND collector IN ('*', 'ec2_compute', 'ecs', 'eks', 'tagging', 'rds', 'redshift', 'file_systems', 'dynamodb')
  GROUP BY account_id, region
),
-- What an account is for, and with it what its resources inherit, may hang on these.
organization_gaps AS (
  SELECT count(*) > 0 AS present FROM unread
  WHERE collector = 'organizations' AND table_name IN ('accounts', 'organizational_units', 'organizations', 'tags', 'unit_ancestors')
)
SELECT
  u.account_id || '/' || u.region AS id,
  CAST(NULL AS VARCHAR) AS arn,
  coalesce(f.name, u.account_id) || ' ' || u.region AS name,
  u.account_id,
  f.name AS account_name,
  f.environment,
  f.workload,
  u.region,
  u.workloads,
  u.production AS production_workloads,
  CASE WHEN u.workload_count >= 2 AND u.production IS NOT NULL THEN TRUE
    WHEN u.undecided = 1 OR EXISTS (SELECT 1 FROM gaps g WHERE g.account_id = u.account_id AND g.region IN (u.region, '*'))
    THEN NULL WHEN u.unsure = 1 AND og.present THEN NULL ELSE FALSE END AS shares_api_budget
FROM used u CROSS JOIN organization_gaps og LEFT JOIN account_facts f ON f.account_id = u.account_id
