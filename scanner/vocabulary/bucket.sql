-- bucket: One S3 bucket.
-- listed from: buckets
-- id: ARN.
-- arn: ARN.
-- name: Name.
-- account_id: Its account.
-- account_name: Name of its account.
-- environment: Its environment. {tags@s3}
-- workload: Its workload.
-- region: Region.
-- versioning: Enabled, Suspended or Never.
-- replicated_to: Buckets that enabled rules replicate to, joined with commas.
-- replicated_outside: One of them is in another account; NULL when rules or the owner of a destination are not known.
-- surviving_copies: Replicas and recovery points that outlive the loss of its account. {buckets, recovery_points, principals, policy_documents}
-- is_protected: Overwritten and deleted objects can be brought back: it is versioned, or replicated to another account.
WITH targets AS (
  SELECT arn, unnest(replication_buckets) AS target FROM buckets
),
replicated AS (
  SELECT r.arn, string_agg(DISTINCT r.target, ', ' ORDER BY r.target) AS names,
    max(CASE WHEN t.account_id <> b.account_id THEN 1 ELSE 0 END) AS outside,
    max(CASE WHEN t.account_id IS NULL THEN 1 ELSE 0 END) AS undecided
  FROM targets r JOIN buckets b ON b.arn = r.arn LEFT JOIN buckets t ON t.arn = r.target GROUP BY r.arn
),
fated AS (
  SELECT store_arn, sum(CASE WHEN fate = 'survives' THEN 1 ELSE 0 END) AS surviving,
    max(CASE WHEN fate = 'unknown' THEN 1 ELSE 0 END) AS undecided
  FROM survival GROUP BY store_arn
),
judged AS (
  SELECT b.*, r.names,
    CASE WHEN r.outside = 1 THEN TRUE WHEN b.replication_buckets IS NULL OR r.undecided = 1 THEN NULL ELSE FALSE END AS outside
  FROM buckets b LEFT JOIN replicated r ON r.arn = b.arn
)
SELECT
  b.arn AS id,
  b.arn,
  b.name,
  b.account_id,
  a.name AS account_name,
  f.environment,
  f.workload,
  coalesce(b.bucket_region, b.region) AS region,
  b.versioning,
  b.names AS replicated_to,
  b.outside AS replicated_outside,
  CASE WHEN d.surviving > 0 THEN d.surviving WHEN d.undecided = 1 OR b.replication_buckets IS NULL OR q.account_id IS NOT NULL THEN NULL ELSE 0 END AS surviving_copies,
  CASE WHEN b.versioning = 'Enabled' THEN TRUE WHEN b.versioning IS NULL THEN NULL ELSE b.outside END AS is_protected
FROM judged b
LEFT JOIN account_facts a ON a.account_id = b.account_id
LEFT JOIN resource_facts f ON f.arn = b.arn
LEFT JOIN fated d ON d.store_arn = b.arn
LEFT JOIN (SELECT DISTINCT account_id FROM keeper_gaps) q ON q.account_id = b.account_id
