-- load_balancer: One load balancer.
-- listed from: compute
-- id: ARN.
-- arn: ARN.
-- name: Name.
-- account_id: Its account.
-- account_name: Name of its account.
-- environment: Its environment.
-- workload: Its workload.
-- region: Region.
-- is_public: It faces the internet.
SELECT
  c.arn AS id,
  c.arn,
  c.name,
  c.account_id,
  a.name AS account_name,
  f.environment,
  f.workload,
  c.region,
  c.is_public
FROM compute c
LEFT JOIN account_facts a ON a.account_id = c.account_id
LEFT JOIN resource_facts f ON f.arn = c.arn
WHERE c.type = 'load_balancer'
