-- resource: One resource that carries a workload: instance, function, service, cluster, load balancer, database, table, file system, bucket or secret.
-- listed from: instances, compute, databases, dynamodb_tables, file_systems, buckets, secrets
-- id: ARN.
-- arn: ARN.
-- name: Name.
-- type: instance, function, container_service, kubernetes_cluster, load_balancer, database, dynamodb_table, file_system, bucket or secret.
-- account_id: Its account.
-- account_name: Name of its account.
-- environment: Its environment.
-- workload: Its workload.
-- region: Region.
-- says: What its tags say, where that contradicts its account.
-- account_says: What its account's tags say there.
-- contradicts_account: Its tags say another environment, workload or, under the same key, owner than its account's tags. {tags}
WITH compared AS (
  SELECT r.*, a.name AS account_name, a.environment AS account_environment, a.workload AS account_workload,
    a.owner AS account_owner,
    r.environment_source = 'tag' AND a.environment_source IN ('tag', 'config') AND a.environment <> 'shared' AND r.environment <> a.environment AS other_environment,
    r.workload_source = 'tag' AND a.workload_source IN ('tag', 'config') AND r.workload <> a.workload AS other_workload,
    r.comparable_owner IS NOT NULL AND a.owner <> 'unknown' AND lower(trim(r.comparable_owner)) <> lower(trim(a.owner)) AS other_owner
  FROM resource_facts r LEFT JOIN account_facts a ON a.account_id = r.account_id WHERE r.kind <> 'other'
),
gaps AS (SELECT DISTINCT account_id, region FROM resource_gaps WHERE about = 'tags'),
-- What the account is may hang on tags, names and units of the organization.
account_gaps AS (
  SELECT count(*) > 0 AS present FROM unread
  WHERE collector = 'organizations' AND table_name IN ('accounts', 'organizational_units', 'organizations', 'tags', 'unit_ancestors')
)
SELECT
  c.arn AS id,
  c.arn,
  c.name,
  c.kind AS type,
  c.account_id,
  c.account_name,
  c.environment,
  c.workload,
  c.region,
  concat_ws(', ', CASE WHEN c.other_environment THEN 'environment ' || c.environment END,
    CASE WHEN c.other_workload THEN 'workload ' || c.workload END, CASE WHEN c.other_owner THEN 'owner ' || c.comparable_owner END) AS says,
  concat_ws(', ', CASE WHEN c.other_environment THEN 'environment ' || c.account_environment END,
    CASE WHEN c.other_workload THEN 'workload ' || c.account_workload END,
    CASE WHEN c.other_owner THEN 'owner ' || c.account_owner END) AS account_says,
  CASE WHEN c.other_environment OR c.other_workload OR c.other_owner THEN TRUE
    WHEN ag.present OR EXISTS (SELECT 1 FROM gaps g WHERE g.account_id = c.account_id
      AND g.region IN (c.region, '*', CASE WHEN c.kind = 'bucket' THEN 'global' END)) THEN NULL
    ELSE FALSE END AS contradicts_account
FROM compared c CROSS JOIN account_gaps ag
