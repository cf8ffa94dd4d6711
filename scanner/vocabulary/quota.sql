-- quota: One quota of an account, in one Region where it has Regions, whose use can be told.
-- listed from: quotas
-- id: Account, Region, service and quota code.
-- arn: ARN.
-- name: Service and name.
-- account_id: The account.
-- account_name: Its name.
-- environment: Its environment.
-- workload: Its workload.
-- region: Region; `global` for IAM.
-- adjustable: AWS raises it on request.
-- value: What is allowed.
-- default_value: What was allowed before it was raised.
-- used: Most that was used on a day of the last week, or what is there now. {quotas, vpcs, internet_gateways, security_groups, transit_gateways, databases, snapshots, dynamodb_tables}
-- share: Used share of it. {quotas, vpcs, internet_gateways, security_groups, transit_gateways, databases, snapshots, dynamodb_tables}
-- workloads: Workloads that share it, joined with commas.
-- shared: More than one workload shares it. {instances, compute, databases, dynamodb_tables, file_systems, buckets, tags}
WITH counted AS (
  SELECT 'vpc' AS service_code, 'L-F678F1CE' AS quota_code, account_id, region, count(*) AS used FROM vpcs WHERE coalesce(owner_id, account_id) = account_id GROUP BY account_id, region
  UNION ALL
  SELECT 'vpc' AS service_code, 'L-A4707A72' AS quota_code, account_id, region, count(*) AS used FROM internet_gateways WHERE type = 'internet' GROUP BY account_id, region
  UNION ALL
  SELECT 'vpc' AS service_code, 'L-E79EC296' AS quota_code, account_id, region, count(*) AS used FROM security_groups WHERE coalesce(owner_id, account_id) = account_id GROUP BY account_id, region
  UNION ALL
  SELECT 'ec2' AS service_code, 'L-A2478D36' AS quota_code, account_id, region, count(*) AS used FROM transit_gateways WHERE coalesce(owner_id, account_id) = account_id GROUP BY account_id, region
  UNION ALL
  SELECT 'rds' AS service_code, 'L-7B6409FD' AS quota_code, account_id, region, count(*) AS used FROM databases WHERE type = 'instance' AND arn LIKE 'arn:%:rds:%' GROUP BY account_id, region
  UNION ALL
  SELECT 'rds' AS service_code, 'L-952B80B8' AS quota_code, account_id, region, count(*) AS used FROM databases WHERE type = 'cluster' AND arn LIKE 'arn:%:rds:%' GROUP BY account_id, region
  UNION ALL
  SELECT 'rds' AS service_code, 'L-272F1212' AS quota_code, account_id, region, count(*) AS used FROM snapshots WHERE type = 'database' AND kind = 'manual' GROUP BY account_id, region
  UNION ALL
  SELECT 'dynamodb' AS service_code, 'L-F98FE922' AS quota_code, account_id, region, count(*) AS used FROM dynamodb_tables GROUP BY account_id, region
),
countable AS (
  SELECT 'vpc' AS service_code, 'L-F678F1CE' AS quota_code, 'vpcs' AS table_name
  UNION ALL SELECT 'vpc' AS service_code, 'L-A4707A72' AS quota_code, 'internet_gateways' AS table_name
  UNION ALL SELECT 'vpc' AS service_code, 'L-E79EC296' AS quota_code, 'security_groups' AS table_name
  UNION ALL SELECT 'ec2' AS service_code, 'L-A2478D36' AS quota_code, 'transit_gateways' AS table_name
  UNION ALL SELECT 'rds' AS service_code, 'L-7B6409FD' AS quota_code, 'databases' AS table_name
  UNION ALL SELECT 'rds' AS service_code, 'L-952B80B8' AS quota_code, 'databases' AS table_name
  UNION ALL SELECT 'rds' AS service_code, 'L-272F1212' AS quota_code, 'snapshots' AS table_name
  UNION ALL SELECT 'dynamodb' AS service_code, 'L-F98FE922' AS quota_code, 'dynamodb_tables' AS table_name
),
gaps AS (
  SELECT DISTINCT account_id, region, table_name FROM unread WHERE table_name IN ('vpcs', 'internet_gateways', 'security_groups',
    'transit_gateways', 'databases', 'snapshots', 'dynamodb_tables')
),
holding_gaps AS (SELECT DISTINCT account_id, region FROM resource_gaps WHERE kind = 'working'),
used AS (
  -- What AWS measured is the most of a week, what is there now is a count: the higher one is nearer to the quota.
  SELECT q.*, d.value AS default_value, k.table_name IS NOT NULL AS is_countable,
    CASE WHEN c.used > coalesce(q.used, -1) THEN c.used WHEN q.used IS NOT NULL THEN q.used
      WHEN k.table_name IS NULL THEN NULL
      WHEN EXISTS (SELECT 1 FROM gaps g WHERE g.account_id = q.account_id AND g.region IN (q.region, '*') AND g.table_name = k.table_name) THEN NULL
      ELSE 0 END AS most_used,
    k.table_name IS NOT NULL AND EXISTS (SELECT 1 FROM gaps g WHERE g.account_id = q.account_id AND g.region IN (q.region, '*')
      AND g.table_name = k.table_name) AS undercounted
  FROM quotas q
  LEFT JOIN quota_defaults d ON d.service_code = q.service_code AND d.quota_code = q.quota_code
  LEFT JOIN countable k ON k.service_code = q.service_code AND k.quota_code = q.quota_code
  LEFT JOIN counted c ON c.service_code = q.service_code AND c.quota_code = q.quota_code AND c.account_id = q.account_id AND c.region = q.region
  WHERE coalesce(q.value, 1) > 0
),
sharing AS (
  SELECT account_id, region, workloads, many_workloads FROM account_region
  UNION ALL
  SELECT account_id, 'global', workloads, hosts_many_workloads FROM account
)
SELECT
  u.account_id || '/' || u.region || '/' || u.service_code || '/' || u.quota_code AS id,
  u.arn,
  u.service_code || ' ' || coalesce(u.name, u.quota_code) AS name,
  u.account_id,
  f.name AS account_name,
  f.environment,
  f.workload,
  u.region,
  u.adjustable,
  u.value,
  u.default_value,
  u.most_used AS used,
  -- Where not all was counted, only what is too much already is certain.
  CASE WHEN u.undercounted AND u.most_used <= {quota_limit_share} * u.value THEN NULL ELSE u.most_used / u.value END AS share,
  s.workloads,
  CASE WHEN s.account_id IS NOT NULL THEN s.many_workloads
    WHEN EXISTS (SELECT 1 FROM holding_gaps g WHERE g.account_id = u.account_id AND g.region IN (u.region, '*')) THEN NULL
    ELSE FALSE END AS shared
FROM used u
LEFT JOIN account_facts f ON f.account_id = u.account_id
LEFT JOIN sharing s ON s.account_id = u.account_id AND s.region = u.region
WHERE u.is_countable OR u.measured
