"""Data stores and their copies, in SQL: it has to hold for hundreds of thousands of them.

What a copy is a copy of: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_RecoveryPointByBackupVault.html (also for the
states of recovery points), https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBSnapshot.html,
https://docs.aws.amazon.com/ebs/latest/userguide/ebs-copy-snapshot.html (a copied volume snapshot does not name its volume).
Key of a copy: https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html (what AWS Backup manages fully is encrypted
with the key of the vault it lies in; its ARNs are those of AWS Backup).
Replication: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-requirements.html (both buckets are versioned).
"""

from __future__ import annotations

from typing import Any


def list_stores(connection: Any) -> None:
    connection.execute(_STORES)


def list_copies(connection: Any) -> None:
    """Fill `store_copies`."""
    connection.execute(_NAMES)
    for sql in (
        _RECOVERY_POINTS,
        _SNAPSHOTS,
        _AT_HOME,
        _REPLICATIONS,
        _UNREAD_REPLICATIONS,
        _COPY_JOBS,
        _LENT,
        _PERHAPS_LENT,
        _NAMELESS,
    ):
        connection.execute(f"INSERT INTO store_copies {sql}")


_STORES = """
INSERT INTO data_stores
WITH listed AS (
  SELECT account_id, region, arn, name, CASE WHEN type IN ('cluster', 'cache', 'domain') THEN type ELSE 'database' END AS type,
    CAST(NULL AS VARCHAR) AS instance_id
  FROM databases d WHERE cluster_name IS NULL
    AND (source_arn IS NULL OR NOT EXISTS (SELECT 1 FROM databases o WHERE o.arn = d.source_arn))
    -- A cache that keeps no snapshots is not where data is kept.
    AND NOT (type = 'cache' AND coalesce(backup_retention_days, 1) = 0)
  UNION ALL SELECT account_id, region, arn, name, 'dynamodb_table', NULL FROM dynamodb_tables
  UNION ALL SELECT account_id, region, arn, name, 'file_system', NULL FROM file_systems f
    WHERE NOT EXISTS (SELECT 1 FROM file_system_replicas r WHERE r.replica_arn = f.arn)
  UNION ALL SELECT account_id, coalesce(bucket_region, region), arn, name, 'bucket', NULL FROM buckets
  UNION ALL SELECT account_id, region, arn, volume_id, 'volume', instance_id FROM volumes
)
SELECT DISTINCT l.account_id, l.region, l.arn, l.name, l.type,
  coalesce(CASE WHEN own.kind <> 'other' OR own.own_environment IS NOT NULL THEN own.environment END, machine.environment, own.environment,
    a.environment, 'unknown'),
  coalesce(CASE WHEN own.kind <> 'other' OR own.own_workload IS NOT NULL THEN own.workload END, machine.workload, own.workload,
    a.workload, 'unknown')
FROM listed l
LEFT JOIN (SELECT arn, any_value(kind) AS kind, any_value(environment) AS environment, any_value(workload) AS workload,
    any_value(own_environment) AS own_environment, any_value(own_workload) AS own_workload FROM resource_facts GROUP BY arn) own
  ON own.arn = l.arn
LEFT JOIN (SELECT DISTINCT i.account_id, i.instance_id, f.environment, f.workload FROM instances i
    JOIN resource_facts f ON f.arn = i.arn) machine
  ON machine.account_id = l.account_id AND machine.instance_id = l.instance_id
LEFT JOIN account_facts a ON a.account_id = l.account_id
ORDER BY ALL
"""

# Under which ARNs copies name a data store: its own, that of its immutable id, those of its members and read replicas, and for
# a volume the instance it is attached to (AWS Backup copies an instance with its volumes).
_NAMES = """
CREATE OR REPLACE TABLE store_names AS
WITH RECURSIVE belongs AS (
  SELECT arn AS named, arn AS store_arn, 0 AS depth FROM data_stores
  UNION
  SELECT d.arn, b.store_arn, b.depth + 1 FROM belongs b JOIN databases d ON d.source_arn = b.named AND b.depth < 5
),
members AS (
  SELECT d.arn AS named, c.arn AS store_arn FROM databases d
  JOIN databases c ON c.account_id = d.account_id AND c.region = d.region AND c.type = 'cluster' AND c.name = d.cluster_name
)
SELECT named, store_arn FROM belongs
UNION SELECT m.named, b.store_arn FROM members m JOIN belongs b ON b.named = m.store_arn
UNION SELECT regexp_replace(d.arn, '[^:]*$', d.resource_id), b.store_arn FROM databases d JOIN belongs b ON b.named = d.arn
  WHERE d.resource_id IS NOT NULL
UNION SELECT i.arn, v.arn FROM volumes v JOIN instances i ON i.account_id = v.account_id AND i.region = v.region
  AND i.instance_id = v.instance_id
"""

_RECOVERY_POINTS = """
SELECT DISTINCT r.account_id, r.region, coalesce(n.store_arn, r.source_arn), r.arn, 'recovery_point', r.created_at,
  CASE WHEN r.status IN ('COMPLETED', 'AVAILABLE') THEN TRUE
    WHEN r.status IN ('PARTIAL', 'DELETING', 'EXPIRED', 'CREATING') THEN FALSE END,
  r.status,
  coalesce(r.kms_key_arn, s.kms_key_arn, CASE WHEN r.arn LIKE 'arn:%:backup:%' THEN v.kms_key_arn END),
  CASE WHEN r.kms_key_arn IS NOT NULL OR s.kms_key_arn IS NOT NULL THEN NULL
    WHEN s.encrypted OR r.encrypted AND r.arn NOT LIKE 'arn:%:backup:%' THEN 'its key is not said'
    -- What AWS Backup manages fully is always encrypted, with the key of the vault, or one of the service where the vault has none.
    WHEN r.arn LIKE 'arn:%:backup:%' AND v.arn IS NULL
      THEN 'the key of its vault was not read (backup.list_backup_vaults of account ' || r.account_id || ')' END,
  r.vault_arn, r.parent_arn, NULL, NULL
FROM recovery_points r
LEFT JOIN store_names n ON n.named = r.source_arn
LEFT JOIN (FROM snapshots UNION ALL BY NAME FROM service_snapshots) s ON s.arn = r.arn AND s.account_id = r.account_id
LEFT JOIN backup_vaults v ON v.arn = r.vault_arn
WHERE r.source_arn IS NOT NULL
"""

# What AWS Backup made is listed by its vault. A copied snapshot names the snapshot it came from; the original names the store.
_SNAPSHOTS = """
SELECT DISTINCT s.account_id, s.region, coalesce(n.store_arn, o.source_arn, s.source_arn), s.arn, 'snapshot', s.created_at,
  CASE WHEN s.status IN ('available', 'completed') THEN TRUE WHEN s.status IS NOT NULL THEN FALSE END, s.status, s.kms_key_arn,
  CASE WHEN s.encrypted AND s.kms_key_arn IS NULL THEN 'its key is not said' END,
  NULL, NULL, s.shared_with, NULL
FROM (FROM snapshots UNION ALL BY NAME FROM service_snapshots) s
LEFT JOIN snapshots o ON o.arn = s.copied_from_arn
LEFT JOIN store_names n ON n.named = coalesce(o.source_arn, s.source_arn)
WHERE coalesce(o.source_arn, s.source_arn) IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM recovery_points r WHERE r.arn = s.arn AND r.account_id = s.account_id)
"""

_AT_HOME = """
SELECT account_id, region, coalesce(n.store_arn, source_arn), arn, 'automated_backup', restorable_to,
  CASE WHEN status IN ('active', 'retained', 'replicating') THEN TRUE WHEN status IS NOT NULL THEN FALSE END, status, kms_key_arn,
  CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR[]), CAST(NULL AS VARCHAR)
FROM automated_backups LEFT JOIN store_names n ON n.named = source_arn WHERE source_arn IS NOT NULL
UNION ALL
SELECT account_id, region, n.store_arn, arn || '#automated', 'automated_backup', latest_restorable_at, TRUE, NULL, kms_key_arn,
  NULL, NULL, NULL, NULL, NULL
FROM databases JOIN store_names n ON n.named = arn AND n.store_arn = arn WHERE backup_retention_days > 0 AND type <> 'cache'
UNION ALL
-- Hourly ones, kept inside the domain, that nobody can list:
-- https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-snapshots.html
SELECT account_id, region, arn, arn || '#hourly', 'automated_backup', NULL, TRUE, NULL, kms_key_arn, NULL, NULL, NULL, NULL, NULL
FROM databases WHERE type = 'domain'
UNION ALL
SELECT account_id, region, arn, arn || '#point-in-time', 'point_in_time', latest_restorable_at, TRUE, NULL, kms_key_arn,
  NULL, NULL, NULL, NULL, NULL
FROM dynamodb_tables WHERE point_in_time_recovery
UNION ALL
SELECT account_id, region, arn, arn || '#backups', 'table_backup', newest_backup_at, TRUE, NULL, kms_key_arn,
  NULL, NULL, NULL, NULL, NULL
FROM dynamodb_tables WHERE backups > 0
UNION ALL
SELECT account_id, region, arn, arn || '#replica', 'replica', NULL, TRUE, NULL, kms_key_arn, NULL, NULL, NULL, NULL, NULL
FROM dynamodb_tables WHERE array_length(replica_regions) > 0
UNION ALL
SELECT d.account_id, d.region, n.store_arn, d.arn, 'replica', NULL, TRUE, NULL, d.kms_key_arn, NULL, NULL, NULL, NULL, NULL
FROM databases d JOIN store_names n ON n.named = d.arn AND n.store_arn <> d.arn WHERE d.source_arn IS NOT NULL
UNION ALL
SELECT split_part(r.replica_arn, ':', 5), split_part(r.replica_arn, ':', 4), r.source_arn, r.replica_arn, 'replica', r.replicated_at,
  r.status IN ('ENABLED', 'PAUSED'), r.status, f.kms_key_arn,
  CASE WHEN f.arn IS NULL THEN 'its key was not read (efs.describe_file_systems of account ' || split_part(r.replica_arn, ':', 5) || ')' END,
  NULL, NULL, NULL, NULL
FROM file_system_replicas r LEFT JOIN file_systems f ON f.arn = r.replica_arn WHERE r.source_arn IS NOT NULL
"""

# Replicas of objects encrypted with KMS get a key of the rule, which is not collected.
_REPLICATIONS = """
WITH rules AS (
  SELECT b.account_id, b.arn, b.versioning, b.kms_key_arn, b.region, b.replication_accounts, b.replication_partial, unnest(b.replication_buckets) AS target,
    -- Only where one account is named for all rules is it known which account the destination has to be in.
    array_length(b.replication_accounts) = 1 AND b.replication_accounts[1] <> b.account_id
      AND EXISTS (SELECT 1 FROM accounts a WHERE a.account_id = b.replication_accounts[1] AND coalesce(a.status, 'ACTIVE') = 'ACTIVE')
      AND NOT EXISTS (SELECT 1 FROM unread u WHERE u.account_id = b.replication_accounts[1] AND u.call IN ('*', 's3.list_buckets'))
      AS owner_read
  FROM buckets b
)
SELECT DISTINCT coalesce(t.account_id, CASE WHEN array_length(r.replication_accounts) = 1 AND r.replication_accounts[1] <> r.account_id
    THEN r.replication_accounts[1] END),
  coalesce(t.bucket_region, t.region, r.region), r.arn, r.target, 'replication', CAST(NULL AS TIMESTAMP),
  CASE WHEN r.versioning <> 'Enabled' OR t.versioning <> 'Enabled' THEN FALSE
    WHEN t.arn IS NULL AND r.owner_read THEN FALSE WHEN list_contains(r.replication_partial, r.target) THEN NULL
    WHEN r.versioning = 'Enabled' AND t.versioning = 'Enabled' THEN TRUE END,
  CASE WHEN r.versioning <> 'Enabled' THEN 'the bucket is not versioned' WHEN t.versioning <> 'Enabled' THEN 'the destination is not versioned'
    WHEN t.arn IS NULL AND r.owner_read THEN 'the destination does not exist'
    WHEN list_contains(r.replication_partial, r.target) THEN 'its rules choose some of the objects, by prefix or tag' END,
  t.kms_key_arn,
  CASE WHEN r.kms_key_arn IS NOT NULL THEN 'its objects are encrypted with KMS, and which key their replicas get is not collected' END,
  NULL, NULL, NULL,
  CASE WHEN t.arn IS NULL AND NOT coalesce(r.owner_read, FALSE) THEN 's3.list_buckets of ' || CASE WHEN array_length(r.replication_accounts) = 1
    AND r.replication_accounts[1] <> r.account_id THEN 'account ' || r.replication_accounts[1] ELSE 'the account that owns ' || r.target END END
FROM rules r LEFT JOIN buckets t ON t.arn = r.target
"""

_UNREAD_REPLICATIONS = """
SELECT NULL, b.region, b.arn, b.arn || '#replication', 'replication', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  's3.get_bucket_replication of ' || b.name
FROM buckets b WHERE b.replication_buckets IS NULL
"""

# A copy job that completed into a vault whose recovery points were not read: the copy may be there still.
_COPY_JOBS = """
SELECT split_part(j.destination_vault_arn, ':', 5), split_part(j.destination_vault_arn, ':', 4), coalesce(n.store_arn, j.source_arn),
  j.destination_vault_arn, 'recovery_point', max(j.created_at), NULL, NULL, NULL, NULL, j.destination_vault_arn, NULL, NULL,
  'backup.list_recovery_points_by_backup_vault of account ' || split_part(j.destination_vault_arn, ':', 5)
FROM backup_copy_jobs j LEFT JOIN store_names n ON n.named = j.source_arn
WHERE j.state = 'COMPLETED' AND j.source_arn IS NOT NULL AND j.destination_vault_arn IS NOT NULL
  AND (EXISTS (SELECT 1 FROM unread u WHERE u.account_id = split_part(j.destination_vault_arn, ':', 5)
      AND u.table_name IN ('recovery_points', 'backup_vaults') AND u.region IN (split_part(j.destination_vault_arn, ':', 4), '*'))
    OR NOT EXISTS (SELECT 1 FROM accounts a WHERE a.account_id = split_part(j.destination_vault_arn, ':', 5)))
GROUP BY coalesce(n.store_arn, j.source_arn), j.destination_vault_arn
"""

# Whoever a snapshot is shared with may have copied it, and only it: other data stores of the account do not hang on that.
_LENT = """
WITH lent AS (
  SELECT coalesce(n.store_arn, s.source_arn) AS store_arn, s.arn, s.account_id, s.region, s.type, unnest(s.shared_with) AS receiver
  FROM snapshots s LEFT JOIN store_names n ON n.named = s.source_arn WHERE s.source_arn IS NOT NULL
),
hidden AS (
  SELECT account_id, min(status) AS reason FROM unread WHERE table_name = 'snapshots' AND status <> 'suspended' GROUP BY account_id
)
SELECT l.receiver, min(l.region), l.store_arn, min(l.arn) || '#copy', 'snapshot', CAST(NULL AS TIMESTAMP), CAST(NULL AS BOOLEAN), CAST(NULL AS VARCHAR),
  CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR[]),
  CASE min(l.type) WHEN 'volume' THEN 'ec2.describe_snapshots' WHEN 'cluster' THEN 'rds.describe_db_cluster_snapshots' ELSE 'rds.describe_db_snapshots' END
    || ' of account ' || l.receiver || ' (' || coalesce(min(u.reason), 'not an account of this organization') || ')'
FROM lent l LEFT JOIN hidden u ON u.account_id = l.receiver
WHERE l.receiver <> l.account_id AND length(l.receiver) = 12
  AND (u.account_id IS NOT NULL OR NOT EXISTS (SELECT 1 FROM accounts a WHERE a.account_id = l.receiver))
GROUP BY l.receiver, l.store_arn
"""

# A snapshot of a volume was shared with an account that owns volume snapshots of unknown origin: one may be a copy.
_NAMELESS = """
WITH lent AS (
  SELECT coalesce(n.store_arn, s.source_arn) AS store_arn, s.arn, s.account_id, unnest(s.shared_with) AS receiver
  FROM snapshots s LEFT JOIN store_names n ON n.named = s.source_arn WHERE s.type = 'volume' AND s.source_arn IS NOT NULL
)
SELECT k.account_id, min(k.region), l.store_arn, min(k.arn), 'snapshot', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  'nobody: ' || min(l.arn) || ' is shared with this account, and a copied volume snapshot does not say what it is a copy of'
FROM lent l JOIN snapshots k ON k.account_id = l.receiver AND k.type = 'volume' AND k.source_arn IS NULL AND k.account_id <> l.account_id
GROUP BY k.account_id, l.store_arn
"""

# Whom a snapshot is shared with was not read: somebody outside the organization may have copied it.
_PERHAPS_LENT = """
SELECT CAST(NULL AS VARCHAR), min(s.region), coalesce(n.store_arn, s.source_arn), min(s.arn) || '#copy', 'snapshot', CAST(NULL AS TIMESTAMP),
  CAST(NULL AS BOOLEAN), CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR),
  CAST(NULL AS VARCHAR[]),
  CASE min(s.type) WHEN 'volume' THEN 'ec2.describe_snapshot_attribute' WHEN 'cluster' THEN 'rds.describe_db_cluster_snapshot_attributes'
    ELSE 'rds.describe_db_snapshot_attributes' END || ' of account ' || s.account_id
FROM snapshots s LEFT JOIN store_names n ON n.named = s.source_arn
WHERE s.source_arn IS NOT NULL AND s.shared_with IS NULL AND coalesce(s.kind, 'manual') <> 'automated'
GROUP BY s.account_id, coalesce(n.store_arn, s.source_arn)
"""
