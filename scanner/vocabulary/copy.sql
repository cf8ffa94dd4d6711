-- copy: One copy of a data store: recovery point, snapshot, automated backup, table backup or replica.
-- listed from: recovery_points, snapshots, automated_backups, dynamodb_tables, databases
-- id: ARN of the copy, or what it is of a data store that has no ARN for it.
-- arn: ARN of the copy.
-- store_arn: Data store it is a copy of.
-- account_id: Account that owns the copy.
-- region: Region it lies in.
-- kind: recovery_point, snapshot, automated_backup, point_in_time, table_backup or replica.
-- created_at: When it was made, or how far it reaches; NULL when not known.
-- kms_key_arn: Key that encrypts it; NULL when none or not known.
-- vault_arn: Vault it lies in; NULL outside AWS Backup.
WITH snapshot_sources AS (
  -- A copied snapshot names the snapshot it came from; the original names the data store.
  SELECT s.arn, s.account_id, s.region, s.created_at, s.kms_key_arn, coalesce(o.source_arn, s.source_arn) AS store_arn
  FROM snapshots s LEFT JOIN snapshots o ON o.arn = s.copied_from_arn
  WHERE s.status IN ('available', 'completed') AND s.type <> 'volume'
)
SELECT arn AS id, arn, source_arn AS store_arn, account_id, region, 'recovery_point' AS kind, created_at, kms_key_arn, vault_arn
FROM recovery_points WHERE status = 'COMPLETED'
UNION ALL
SELECT arn, arn, store_arn, account_id, region, 'snapshot', created_at, kms_key_arn, NULL FROM snapshot_sources
UNION ALL
SELECT arn, arn, source_arn, account_id, region, 'automated_backup', restorable_to, kms_key_arn, NULL
FROM automated_backups WHERE status IN ('active', 'retained', 'replicating')
UNION ALL
SELECT arn || '#automated', NULL, arn, account_id, region, 'automated_backup', latest_restorable_at, kms_key_arn, NULL
FROM databases WHERE backup_retention_days > 0
UNION ALL
SELECT arn || '#point-in-time', NULL, arn, account_id, region, 'point_in_time', latest_restorable_at, kms_key_arn, NULL
FROM dynamodb_tables WHERE point_in_time_recovery
UNION ALL
SELECT arn || '#backups', NULL, arn, account_id, region, 'table_backup', newest_backup_at, kms_key_arn, NULL
FROM dynamodb_tables WHERE backups > 0
UNION ALL
SELECT arn || '#replica', NULL, arn, account_id, region, 'replica', CAST(NULL AS TIMESTAMP), kms_key_arn, NULL
FROM dynamodb_tables WHERE array_length(replica_regions) > 0
UNION ALL
SELECT arn, arn, source_arn, account_id, region, 'replica', CAST(NULL AS TIMESTAMP), kms_key_arn, NULL
FROM databases WHERE source_arn IS NOT NULL
