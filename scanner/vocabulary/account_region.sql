-- account_region: One Region of one account that has resources, or whose calls were throttled: what shares one API budget.
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
-- many_workloads: More than one workload is in it. {instances, compute, databases, dynamodb_tables, file_systems, tags}
-- throttled: Calls that CloudWatch saw throttled in the last week. {api_usage}
-- throttled_operations: Which, the most throttled first.
-- recorders: Recorders of AWS Config that are the account's own, with what they record and whether they do, joined with semicolons.
-- changes_unrecorded: None of them records how its resources change. {configuration_recorders}
-- shares_api_budget: A production workload shares it with another workload. {instances, compute, databases, dynamodb_tables, file_systems, tags}
WITH used AS (
  SELECT account_id, region,
    string_agg(DISTINCT firm_workload, ', ' ORDER BY firm_workload) AS workloads,
    count(DISTINCT firm_workload) AS workload_count,
    string_agg(DISTINCT CASE WHEN environment = 'production' THEN firm_workload END, ', '
      ORDER BY CASE WHEN environment = 'production' THEN firm_workload END) AS production,
    max(CASE WHEN workload IS NULL OR environment IS NULL THEN 1 ELSE 0 END) AS undecided,
    max(CASE WHEN coalesce(environment, 'unknown') = 'unknown' OR firm_workload IS NULL THEN 1 ELSE 0 END) AS unsure
  FROM resource_facts
  WHERE kind NOT IN ('bucket', 'secret', 'other')
  GROUP BY account_id, region
),
throttling AS (
  SELECT account_id, region, sum(throttled) AS throttled,
    string_agg(CASE WHEN throttled > 0 THEN service || ' ' || operation || ' (' || CAST(CAST(throttled AS BIGINT) AS VARCHAR) || ')' END, ', '
      ORDER BY throttled DESC, service, operation) AS operations
  FROM api_usage GROUP BY account_id, region
),
places AS (
  SELECT account_id, region FROM used
  UNION
  SELECT account_id, region FROM throttling WHERE throttled > 0
),
usage_gaps AS (SELECT DISTINCT account_id, region FROM unread WHERE table_name = 'api_usage'),
gaps AS (SELECT DISTINCT account_id, region FROM resource_gaps WHERE kind = 'working'),
recording AS (
  SELECT account_id, region,
    max(CASE WHEN is_recording THEN 1 WHEN is_recording IS NULL THEN NULL ELSE 0 END) AS runs,
    max(CASE WHEN is_recording IS NULL THEN 1 ELSE 0 END) AS undecided,
    string_agg(name || CASE WHEN records_all THEN ', all types' ELSE ', some types' END ||
      CASE WHEN is_recording THEN '' WHEN is_recording IS NULL THEN ', not known whether it runs' ELSE ', stopped' END, '; ' ORDER BY name) AS recorders
  FROM configuration_recorders WHERE service_principal IS NULL GROUP BY account_id, region
),
recorder_gaps AS (SELECT DISTINCT account_id, region FROM unread WHERE table_name = 'configuration_recorders'),
-- What an account is for, and with it what its resources inherit, may hang on these.
organization_gaps AS (
  SELECT count(*) > 0 AS present FROM unread
  WHERE collector = 'organizations' AND table_name IN ('accounts', 'organizational_units', 'organizations', 'tags', 'unit_ancestors')
)
SELECT
  p.account_id || '/' || p.region AS id,
  CAST(NULL AS VARCHAR) AS arn,
  coalesce(f.name, p.account_id) || ' ' || p.region AS name,
  p.account_id,
  f.name AS account_name,
  f.environment,
  f.workload,
  p.region,
  u.workloads,
  u.production AS production_workloads,
  CASE WHEN u.workload_count >= 2 THEN TRUE WHEN u.undecided = 1 OR g.account_id IS NOT NULL THEN NULL
    WHEN u.unsure = 1 AND og.present THEN NULL ELSE FALSE END AS many_workloads,
  CASE WHEN t.throttled > 0 THEN t.throttled WHEN ug.account_id IS NOT NULL THEN NULL ELSE 0 END AS throttled,
  t.operations AS throttled_operations,
  r.recorders,
  CASE WHEN r.runs = 1 THEN FALSE WHEN r.undecided = 1 OR rg.account_id IS NOT NULL THEN NULL ELSE TRUE END AS changes_unrecorded,
  CASE WHEN u.workload_count >= 2 AND u.production IS NOT NULL THEN TRUE WHEN u.undecided = 1 OR g.account_id IS NOT NULL THEN NULL
    WHEN u.unsure = 1 AND og.present THEN NULL ELSE FALSE END AS shares_api_budget
FROM places p CROSS JOIN organization_gaps og
LEFT JOIN used u ON u.account_id = p.account_id AND u.region = p.region
LEFT JOIN (SELECT DISTINCT p.account_id, p.region FROM places p JOIN gaps g ON g.account_id = p.account_id AND g.region IN (p.region, '*')) g
  ON g.account_id = p.account_id AND g.region = p.region
LEFT JOIN (SELECT DISTINCT p.account_id, p.region FROM places p JOIN usage_gaps g ON g.account_id = p.account_id AND g.region IN (p.region, '*')) ug
  ON ug.account_id = p.account_id AND ug.region = p.region
LEFT JOIN (SELECT DISTINCT p.account_id, p.region FROM places p JOIN recorder_gaps g ON g.account_id = p.account_id AND g.region IN (p.region, '*')) rg
  ON rg.account_id = p.account_id AND rg.region = p.region
LEFT JOIN recording r ON r.account_id = p.account_id AND r.region = p.region
LEFT JOIN throttling t ON t.account_id = p.account_id AND t.region = p.region
LEFT JOIN account_facts f ON f.account_id = p.account_id
