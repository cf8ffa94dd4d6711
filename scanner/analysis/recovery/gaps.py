"""What was not read, as far as the fate of copies hangs on it."""

from __future__ import annotations

from typing import Any


def fill_keeper_gaps(connection: Any) -> None:
    connection.execute(_KEEPERS)


# As in the vocabulary: those that serve all environments or are of unknown purpose, and those that copies were sent to. One
# row each is enough to leave a verdict open; of those that may keep copies of everything, the first two tell for all.
_KEEPERS = """
INSERT INTO keeper_gaps
WITH destinations AS (
  SELECT account_id, split_part(destination_vault_arn, ':', 5) AS keeper FROM backup_copy_jobs
  UNION
  SELECT account_id, split_part(copy_arn, ':', 5) FROM (SELECT account_id, unnest(copies_to) AS copy_arn FROM backup_plans)
),
unread_keepers AS (
  SELECT u.account_id, coalesce(any_value(f.environment), 'unknown') IN ('shared', 'unknown') AS keeps_for_all,
    min(CASE WHEN u.call = '*' THEN 'backup.list_recovery_points_by_backup_vault' ELSE u.call END) AS call, min(u.status) AS status
  FROM unread u LEFT JOIN account_facts f ON f.account_id = u.account_id
  WHERE u.table_name IN ('recovery_points', 'snapshots') AND u.status <> 'suspended' GROUP BY u.account_id
),
senders_unread AS (
  SELECT DISTINCT account_id FROM unread WHERE table_name IN ('backup_copy_jobs', 'backup_plans')
),
first_for_all AS (SELECT * FROM unread_keepers WHERE keeps_for_all ORDER BY account_id LIMIT 2),
first_of_any AS (SELECT * FROM unread_keepers ORDER BY account_id LIMIT 2),
keeping AS (SELECT DISTINCT account_id FROM data_stores)
SELECT s.account_id, 'global', k.account_id, k.call, k.status
FROM keeping s JOIN first_for_all k ON k.account_id <> s.account_id
UNION
SELECT s.account_id, 'global', k.account_id, k.call, k.status
FROM senders_unread s JOIN keeping USING (account_id) JOIN first_of_any k ON k.account_id <> s.account_id
UNION
SELECT d.account_id, 'global', k.account_id, k.call, k.status
FROM destinations d JOIN keeping USING (account_id) JOIN unread_keepers k ON k.account_id = d.keeper AND k.account_id <> d.account_id
UNION
SELECT d.account_id, 'global', d.keeper, 'backup.list_recovery_points_by_backup_vault', 'not an account of this organization'
FROM destinations d JOIN keeping USING (account_id)
WHERE length(d.keeper) = 12 AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.account_id = d.keeper)
ORDER BY ALL
"""
