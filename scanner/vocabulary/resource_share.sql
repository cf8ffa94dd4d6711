-- resource_share: One RAM resource share, where its owner lists it.
-- listed from: resource_shares
-- id: ARN.
-- arn: ARN.
-- name: Name.
-- account_id: Account that owns it.
-- account_name: Name of that account.
-- environment: Environment of that account.
-- workload: Workload of that account.
-- region: Region.
-- allows_external: Accounts outside the organization may be added.
-- outsiders: Principals outside the organization, joined with commas.
-- leaves_organization: It is shared with somebody outside. {share_principals, accounts}
WITH outside AS (
  SELECT p.share_arn, string_agg(DISTINCT p.principal, ', ' ORDER BY p.principal) AS outsiders,
    max(CASE WHEN p.external THEN 1 ELSE 0 END) AS says_ram
  FROM share_principals p
  LEFT JOIN accounts m ON m.is_member AND m.account_id = CASE WHEN p.principal LIKE 'arn:%' THEN split_part(p.principal, ':', 5)
    ELSE p.principal END
  LEFT JOIN organizations o ON p.principal LIKE '%/' || o.organization_id || '%'
  WHERE m.account_id IS NULL AND o.organization_id IS NULL AND p.principal NOT LIKE '%.amazonaws.com'
    OR p.external
  GROUP BY p.share_arn
),
knowing AS (
  SELECT count(*) = 0 AS members_read FROM unread
  WHERE table_name IN ('accounts', 'organizations') AND collector = 'organizations'
),
gaps AS (SELECT DISTINCT account_id, region FROM unread WHERE table_name = 'share_principals')
SELECT
  s.arn AS id,
  s.arn,
  s.name,
  s.account_id,
  f.name AS account_name,
  f.environment,
  f.workload,
  s.region,
  s.allows_external,
  o.outsiders,
  CASE WHEN s.allows_external = FALSE THEN FALSE WHEN o.says_ram = 1 OR o.share_arn IS NOT NULL AND k.members_read THEN TRUE
    WHEN NOT k.members_read OR EXISTS (SELECT 1 FROM gaps g WHERE g.account_id = s.account_id AND g.region IN (s.region, '*'))
    THEN NULL ELSE FALSE END AS leaves_organization
FROM resource_shares s
CROSS JOIN knowing k
LEFT JOIN account_facts f ON f.account_id = s.account_id
LEFT JOIN outside o ON o.share_arn = s.arn
WHERE s.owner_id IS NULL OR s.owner_id = s.account_id
