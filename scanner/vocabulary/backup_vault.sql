-- backup_vault: One AWS Backup vault.
-- listed from: backup_vaults
-- id: ARN.
-- arn: ARN.
-- name: Name.
-- account_id: Its account.
-- account_name: Name of its account.
-- environment: Environment of its account.
-- workload: Workload of its account.
-- region: Region.
-- type: BACKUP_VAULT or LOGICALLY_AIR_GAPPED_BACKUP_VAULT.
-- holds_production: It holds completed copies of production resources. {recovery_points}
-- production_copies: How many are known.
-- lock: compliance, governance or none. Within its grace time a compliance lock can still be removed and counts as governance; an air-gapped vault counts as compliance.
-- deletion_denied: Its access policy denies everybody the deletion of recovery points; NULL when a condition says whom. {policy_statements@backup, backup_vaults}
WITH kept AS (
  SELECT r.vault_arn, count(*) AS copies,
    sum(CASE WHEN coalesce(f.environment, a.environment) = 'production' THEN 1 ELSE 0 END) AS production,
    sum(CASE WHEN coalesce(f.environment, a.environment) IS NULL THEN 1 ELSE 0 END) AS undecided
  FROM recovery_points r
  LEFT JOIN resource_facts f ON f.arn = r.source_arn
  LEFT JOIN account_facts a ON a.account_id = split_part(r.source_arn, ':', 5)
  WHERE r.status IN ('COMPLETED', 'AVAILABLE') GROUP BY r.vault_arn
),
denying AS (
  SELECT s.holder_arn, max(CASE WHEN s.conditions = 0 AND NOT s.principals_negated THEN 1 ELSE 0 END) AS everybody
  FROM policy_statements s
  JOIN statement_principals p ON p.statement_id = s.statement_id AND (p.type = '*' OR s.principals_negated)
  JOIN statement_actions a ON a.statement_id = s.statement_id
    AND a.action IN ('backup:deleterecoverypoint', 'backup:delete*', 'backup:*', '*')
  JOIN statement_resources r ON r.statement_id = s.statement_id AND r.resource = '*'
  WHERE s.kind = 'resource' AND s.effect = 'Deny' AND NOT s.actions_negated GROUP BY s.holder_arn
),
gaps AS (
  SELECT DISTINCT account_id, region FROM unread WHERE table_name = 'recovery_points'
)
SELECT
  v.arn AS id,
  v.arn,
  v.name,
  v.account_id,
  a.name AS account_name,
  a.environment,
  a.workload,
  v.region,
  v.type,
  CASE WHEN k.production > 0 THEN TRUE WHEN v.recovery_points = 0 THEN FALSE
    WHEN k.undecided > 0 THEN NULL
    WHEN EXISTS (SELECT 1 FROM gaps g WHERE g.account_id = v.account_id AND g.region IN (v.region, '*')) THEN NULL
    ELSE FALSE END AS holds_production,
  coalesce(k.production, 0) AS production_copies,
  CASE WHEN v.type = 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT' THEN 'compliance' WHEN v.locked IS NULL THEN NULL
    WHEN NOT v.locked THEN 'none' WHEN v.lock_date IS NULL OR v.lock_date > CAST({scanned_at} AS TIMESTAMP)
    THEN 'governance' ELSE 'compliance' END AS lock,
  CASE WHEN d.everybody = 1 THEN TRUE WHEN d.everybody IS NULL AND v.policy_read THEN FALSE END AS deletion_denied
FROM backup_vaults v
LEFT JOIN account_facts a ON a.account_id = v.account_id
LEFT JOIN kept k ON k.vault_arn = v.arn
LEFT JOIN denying d ON d.holder_arn = v.arn
