-- snapshot: One snapshot of a database, cluster or volume, or one image of a machine, which holds snapshots of its volumes.
-- listed from: snapshots, service_snapshots, images
-- id: ARN, with the account for volumes' snapshots.
-- arn: ARN.
-- name: Identifier.
-- account_id: Account that owns it.
-- account_name: Name of that account.
-- environment: Environment of what it was taken of, else of its account.
-- workload: Workload of what it was taken of, else of its account.
-- region: Region.
-- type: database, cluster, volume or image.
-- label: The same in words: database snapshot, cluster snapshot, volume snapshot, image.
-- source_arn: What it was taken of.
-- is_public: Everybody may restore it, and its account does not block that; NULL when one of them was not read. {snapshots, service_snapshots, images, public_sharing_blocks}
-- sharing_accounts: Accounts, organizations and units it is shared with, joined with commas.
-- outsiders: Those outside the organization, other organizations and units of these included, joined with commas.
-- open_to: Who outside the organization may restore it: everybody, or accounts, joined with commas.
-- shared_with_outsiders: There is at least one of them. {snapshots, service_snapshots, images, accounts}
-- is_shared: It is shared with some account. {snapshots, service_snapshots, images}
-- copied_elsewhere: Another account owns a copy of it, or of what it was taken of. NULL when a receiving account, the account of the original, or one that may keep copies was not read, and for volumes and images, whose copies do not name their original. {snapshots, service_snapshots, images, recovery_points}
-- fed_workloads: Other workloads whose accounts may restore it, joined with commas.
-- fed_accounts: Those accounts by name, joined with commas.
-- feeds_other_workload: There is at least one of them. Accounts that serve all environments, such as those of backups, are no workload. NULL when a workload is not known. {snapshots, service_snapshots, images, accounts, tags}
WITH listed AS (
  SELECT arn, account_id, region, name, type, source_arn, shared_with FROM snapshots
  UNION ALL
  SELECT arn, account_id, region, name, type, source_arn, shared_with FROM service_snapshots
  UNION ALL
  SELECT arn, account_id, region, name, 'image' AS type, source_arn, shared_with FROM images
),
blocking AS (SELECT DISTINCT account_id, region FROM public_sharing_blocks WHERE service = 'ebs' AND blocks),
sharing AS (
  SELECT t.arn, t.account_id, t.target
  FROM (SELECT arn, account_id, region, type, unnest(shared_with) AS target FROM listed) t
  LEFT JOIN blocking b ON b.account_id = t.account_id AND b.region = t.region
  WHERE t.target <> 'all' OR t.type <> 'volume' OR b.account_id IS NULL
),
shared AS (
  SELECT s.arn, s.account_id,
    max(CASE WHEN s.target = 'all' THEN 1 ELSE 0 END) AS everybody,
    string_agg(DISTINCT CASE WHEN s.target <> 'all' THEN coalesce(m.name, s.target) END, ', '
      ORDER BY CASE WHEN s.target <> 'all' THEN coalesce(m.name, s.target) END) AS accounts,
    -- Images are shared with organizations and their units too; in our own, nobody is an outsider.
    string_agg(DISTINCT CASE WHEN s.target <> 'all' AND m.account_id IS NULL AND o.organization_id IS NULL THEN s.target END, ', '
      ORDER BY CASE WHEN s.target <> 'all' AND m.account_id IS NULL AND o.organization_id IS NULL THEN s.target END) AS outsiders,
    max(CASE WHEN u.account_id IS NOT NULL THEN 1 ELSE 0 END) AS receiver_unread
  FROM sharing s
  LEFT JOIN accounts m ON m.account_id = s.target AND m.is_member
  LEFT JOIN organizations o ON o.organization_id = split_part(s.target, '/', 2)
  LEFT JOIN (SELECT DISTINCT account_id FROM unread WHERE table_name IN ('snapshots', 'recovery_points')) u ON u.account_id = s.target
  GROUP BY s.arn, s.account_id
),
feeding AS (
  SELECT arn, account_id,
    string_agg(DISTINCT CASE WHEN other THEN workload END, ', ' ORDER BY CASE WHEN other THEN workload END) AS workloads,
    string_agg(DISTINCT CASE WHEN other THEN receiver END, ', ' ORDER BY CASE WHEN other THEN receiver END) AS accounts,
    max(CASE WHEN other IS NULL THEN 1 ELSE 0 END) AS undecided
  FROM (
    SELECT t.arn, t.account_id, coalesce(e.name, e.account_id) AS receiver, e.workload, CASE
      WHEN e.environment = 'shared' THEN FALSE
      WHEN coalesce(e.workload, 'unknown') = 'unknown' OR coalesce(CASE WHEN f.arn IS NULL THEN w.workload ELSE f.workload END, 'unknown') = 'unknown' THEN NULL
      ELSE e.workload <> coalesce(f.workload, w.workload) END AS other
    FROM sharing h
    JOIN listed t ON t.arn = h.arn AND t.account_id = h.account_id
    JOIN account_facts e ON e.account_id = h.target AND e.account_id <> t.account_id
    LEFT JOIN account_facts w ON w.account_id = t.account_id
    LEFT JOIN resource_facts f ON f.arn = t.source_arn
  ) GROUP BY arn, account_id
),
organization_gaps AS (
  SELECT count(*) > 0 AS present FROM unread
  WHERE collector = 'organizations' AND table_name IN ('accounts', 'organizational_units', 'organizations', 'tags', 'unit_ancestors')
),
elsewhere AS (
  SELECT DISTINCT s.arn, s.account_id FROM listed s
  WHERE EXISTS (SELECT 1 FROM snapshots c WHERE c.copied_from_arn = s.arn AND c.account_id <> s.account_id)
    OR EXISTS (SELECT 1 FROM copy c WHERE c.store_arn = s.source_arn AND c.account_id <> s.account_id)
),
-- Accounts whose copies were not read. Those that serve all environments, or of unknown purpose, may keep copies of anything.
keepers AS (
  SELECT DISTINCT u.account_id, coalesce(f.environment, 'unknown') IN ('shared', 'unknown') AS keeps
  FROM unread u LEFT JOIN account_facts f ON f.account_id = u.account_id
  WHERE u.table_name IN ('recovery_points', 'snapshots') AND u.status <> 'suspended'
),
knowing AS (
  SELECT count(*) = 0 AS members_read FROM unread
  WHERE table_name IN ('accounts', 'organizations') AND collector = 'organizations'
)
SELECT
  s.arn || CASE WHEN s.type = 'volume' THEN '@' || s.account_id ELSE '' END AS id,
  s.arn,
  s.name,
  s.account_id,
  a.name AS account_name,
  coalesce(f.environment, a.environment) AS environment,
  coalesce(f.workload, a.workload) AS workload,
  s.region,
  s.type,
  CASE WHEN s.type = 'image' THEN s.type ELSE s.type || ' snapshot' END AS label,
  s.source_arn,
  CASE WHEN s.shared_with IS NULL THEN NULL
    WHEN h.everybody = 1 AND s.type = 'volume' AND EXISTS (SELECT 1 FROM unread u WHERE u.table_name = 'public_sharing_blocks'
      AND u.collector IN ('ebs_public_access', '*') AND u.account_id = s.account_id AND u.region IN (s.region, '*')) THEN NULL
    ELSE coalesce(h.everybody, 0) = 1 END AS is_public,
  h.accounts AS sharing_accounts,
  CASE WHEN k.members_read THEN h.outsiders END AS outsiders,
  concat_ws(', ', CASE WHEN h.everybody = 1 THEN 'everybody' END, CASE WHEN k.members_read THEN h.outsiders END) AS open_to,
  CASE WHEN s.shared_with IS NULL THEN NULL WHEN h.accounts IS NULL THEN FALSE WHEN NOT k.members_read THEN NULL
    ELSE h.outsiders IS NOT NULL END AS shared_with_outsiders,
  CASE WHEN s.shared_with IS NULL THEN NULL ELSE h.accounts IS NOT NULL END AS is_shared,
  CASE WHEN e.arn IS NOT NULL THEN TRUE
    -- A copied volume snapshot does not say what it is a copy of.
    WHEN h.receiver_unread = 1 OR s.type IN ('volume', 'image') THEN NULL
    WHEN EXISTS (SELECT 1 FROM keepers k WHERE k.account_id <> s.account_id
      AND (k.keeps OR k.account_id = split_part(s.source_arn, ':', 5))) THEN NULL ELSE FALSE END AS copied_elsewhere,
  n.workloads AS fed_workloads,
  n.accounts AS fed_accounts,
  CASE WHEN s.shared_with IS NULL THEN NULL WHEN h.accounts IS NULL THEN FALSE WHEN og.present THEN NULL
    WHEN n.workloads IS NOT NULL THEN TRUE WHEN n.undecided = 1 THEN NULL ELSE FALSE END AS feeds_other_workload
FROM listed s
CROSS JOIN knowing k
CROSS JOIN organization_gaps og
LEFT JOIN feeding n ON n.arn = s.arn AND n.account_id = s.account_id
LEFT JOIN account_facts a ON a.account_id = s.account_id
LEFT JOIN resource_facts f ON f.arn = s.source_arn
LEFT JOIN shared h ON h.arn = s.arn AND h.account_id = s.account_id
LEFT JOIN elsewhere e ON e.arn = s.arn AND e.account_id = s.account_id
