-- copy: One complete copy of a data store, such as a recovery point, a snapshot or a replica; those nobody has seen left out.
-- listed from: recovery_points, snapshots, service_snapshots, automated_backups, dynamodb_tables, databases, buckets, file_system_replicas
-- id: ARN of the copy, or what it is of a data store that has no ARN for it.
-- arn: ARN of the copy.
-- store_arn: Data store it is a copy of.
-- account_id: Account that owns the copy.
-- region: Region it lies in.
-- kind: recovery_point, snapshot, automated_backup, point_in_time, table_backup, replica or replication.
-- created_at: When it was made, or how far it reaches; NULL when not known.
-- kms_key_arn: Key that encrypts it; NULL when none or not known.
-- vault_arn: Vault it lies in; NULL outside AWS Backup.
SELECT copy_arn AS id, CASE WHEN strpos(copy_arn, '#') = 0 THEN copy_arn END AS arn, store_arn, account_id, region, kind, created_at,
  key_arn AS kms_key_arn, vault_arn
FROM store_copies WHERE complete AND unseen IS NULL
