-- once: protected
-- Databases and tables of production that AWS Backup takes copies of; most of them are copied to a backup account too.
SELECT a.idx, a.account_id, a.backup_id, s.region, s.arn, s.resource_type, rnd(s.arn, 'copied') < 0.6 AS copied, rnd(s.arn, 'source key') < 0.1 AS source_key
FROM account a, LATERAL (
  SELECT 'arn:aws:rds:' || (regions())[1 + d % a.vpcs % len(regions())] || ':' || a.account_id || ':' || CASE WHEN pick(5, a.idx, 'engine' || d) >= 2 THEN 'cluster:' ELSE 'db:' END
    || a.workload || '-' || a.stage || '-' || d AS arn, (regions())[1 + d % a.vpcs % len(regions())] AS region,
    CASE WHEN pick(5, a.idx, 'engine' || d) >= 2 THEN 'Aurora' ELSE 'RDS' END AS resource_type
  FROM (SELECT unnest(range(a.databases)) AS d)
  UNION ALL
  SELECT 'arn:aws:dynamodb:' || (regions())[1 + n % len(regions())] || ':' || a.account_id || ':table/' || a.workload || '-items-' || n,
    (regions())[1 + n % len(regions())], 'DynamoDB' FROM (SELECT unnest(range(a.dynamodb_tables)) AS n)
) s WHERE a.stage = 'prod' AND rnd(s.arn, 'protected') < 0.8

-- scratch: own_vault
SELECT h.idx, h.account_id, h.purpose, r.name AS region, v.name, 'arn:aws:backup:' || r.name || ':' || h.account_id || ':backup-vault:' || v.name AS arn
FROM here h, region r, (VALUES ('Default'), ('central')) v(name) WHERE (v.name = 'central') = (h.purpose = 'backup')

-- scratch: recovery_point
-- Ten days in the source's own vault, three in the backup account, where a tenth are still under the source's key.
SELECT p.account_id, p.region, p.arn AS source_arn, p.resource_type, n AS age, 'arn:aws:backup:' || p.region || ':' || p.account_id || ':backup-vault:Default' AS vault_arn,
  NULL AS source_vault_arn, key_arn(p.region, p.account_id, CASE WHEN p.source_key THEN 'data' ELSE 'backup' END) AS kms_key_arn
FROM protected p JOIN here h ON h.idx = p.idx, LATERAL (SELECT unnest(range(10)) AS n)
UNION ALL
SELECT p.backup_id, p.region, p.arn, p.resource_type, n, 'arn:aws:backup:' || p.region || ':' || p.backup_id || ':backup-vault:central',
  'arn:aws:backup:' || p.region || ':' || p.account_id || ':backup-vault:Default',
  CASE WHEN p.source_key THEN key_arn(p.region, p.account_id, 'data') ELSE key_arn(p.region, p.backup_id, 'backup') END
FROM protected p JOIN here h ON h.account_id = p.backup_id, LATERAL (SELECT unnest(range(3)) AS n) WHERE p.copied

-- table: recovery_points
SELECT account_id, region, 'arn:aws:backup:' || region || ':' || account_id || ':recovery-point:' || md5(source_arn || age || vault_arn) AS arn, vault_arn, source_arn,
  resource_type, CASE WHEN rnd(source_arn, 'status' || age) < 0.98 THEN 'COMPLETED' ELSE 'PARTIAL' END AS status, days_ago(age) AS created_at, days_ago(age) AS completed_at,
  kms_key_arn, source_vault_arn, days_ago(age - 35) AS delete_at
FROM recovery_point

-- table: backup_vaults
-- Every other backup account's vaults are locked in compliance mode, of the others half in governance mode.
SELECT v.account_id, v.region, v.arn, v.name, 'BACKUP_VAULT' AS type, key_arn(v.region, v.account_id, 'backup') AS kms_key_arn,
  coalesce(c.held, 0) AS recovery_points, v.purpose = 'backup' AND (v.idx % 2 = 0 OR rnd(v.idx, 'lock') < 0.5) AS locked,
  CASE WHEN v.purpose = 'backup' AND v.idx % 2 = 0 THEN days_ago(300) END AS lock_date,
  CASE WHEN v.purpose = 'backup' THEN 30 END AS min_retention_days, TRUE AS policy_read
FROM own_vault v LEFT JOIN (SELECT vault_arn, count(*) AS held FROM recovery_point GROUP BY ALL) c ON c.vault_arn = v.arn

-- table: backup_plans
SELECT h.account_id, r.name AS region, 'arn:aws:backup:' || r.name || ':' || h.account_id || ':backup-plan:' || md5(h.account_id || r.name) AS arn,
  md5(h.account_id || r.name) AS plan_id, 'daily' AS name, 'daily' AS rule_name, 'Default' AS vault_name, 'cron(0 3 * * ? *)' AS schedule,
  ['arn:aws:backup:' || r.name || ':' || h.backup_id || ':backup-vault:central'] AS copies_to
FROM here h, region r WHERE h.stage = 'prod'

-- table: backup_selections
SELECT h.account_id, r.name AS region, md5(h.account_id || r.name) AS plan_id, md5(h.account_id || r.name || 'all') AS selection_id, 'all' AS name,
  ['*'] AS resources, []::VARCHAR[] AS not_resources, ['environment=prod'] AS tag_conditions
FROM here h, region r WHERE h.stage = 'prod'

-- table: backup_copy_jobs
SELECT p.account_id, p.region, md5(p.arn || n) AS job_id, p.arn AS source_arn, 'arn:aws:backup:' || p.region || ':' || p.account_id || ':backup-vault:Default' AS source_vault_arn,
  'arn:aws:backup:' || p.region || ':' || p.backup_id || ':backup-vault:central' AS destination_vault_arn, 'COMPLETED' AS state, days_ago(n) AS created_at
FROM protected p JOIN here h ON h.idx = p.idx, LATERAL (SELECT unnest(range(3)) AS n) WHERE p.copied

-- table: backup_settings
SELECT account_id, 'global' AS region, 'isCrossAccountBackupEnabled' AS name, 'true' AS value FROM here WHERE purpose = 'management'
