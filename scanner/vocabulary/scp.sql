-- scp: One service control policy of the organization, those that AWS made left out.
-- listed from: organization_policies
-- id: Policy id.
-- arn: ARN.
-- name: Name.
-- policy_id: Policy id.
-- account_id: Account that governs the organization.
-- account_name: Its name.
-- region: Always NULL.
-- restricts: It denies something, or allows less than everything; NULL when its content was not read. {policy_statements@organizations}
-- targets: Roots, units and accounts it is attached to. {policy_targets}
-- accounts_in_effect: Active member accounts it holds back in something, inherited ones included: an allow beside FullAWSAccess holds back nothing. {policy_targets, unit_ancestors, accounts, organization_policies}
WITH reach AS (
  SELECT t.policy_id, count(DISTINCT t.target_id) AS targets, count(DISTINCT CASE WHEN t.restricts THEN a.account_id END) AS accounts,
    count(CASE WHEN t.restricts IS NULL THEN a.account_id END) AS undecided
  FROM scp_attachment t
  LEFT JOIN unit_ancestors u ON u.ancestor_id = t.target_id
  LEFT JOIN accounts a ON a.account_id = u.target_id AND coalesce(a.status, 'ACTIVE') = 'ACTIVE' AND a.is_management = FALSE
  GROUP BY t.policy_id
),
denying AS (SELECT DISTINCT holder_arn FROM policy_statements WHERE kind = 'scp' AND effect = 'Deny'),
opening AS (
  SELECT DISTINCT s.holder_arn FROM policy_statements s
  WHERE s.kind = 'scp' AND s.effect = 'Allow' AND NOT s.actions_negated AND NOT s.resources_negated AND s.conditions = 0
    AND EXISTS (SELECT 1 FROM statement_actions x WHERE x.statement_id = s.statement_id AND x.action IN ('*', '*:*'))
    AND EXISTS (SELECT 1 FROM statement_resources r WHERE r.statement_id = s.statement_id AND r.resource = '*')
),
gaps AS (
  SELECT max(CASE WHEN table_name = 'policy_targets' THEN 1 ELSE 0 END) AS targets,
    max(CASE WHEN table_name IN ('policy_targets', 'unit_ancestors', 'accounts') THEN 1 ELSE 0 END) AS reach
  FROM unread WHERE collector = 'organizations'
)
SELECT
  p.policy_id AS id,
  p.arn,
  p.name,
  p.policy_id,
  o.management_account_id AS account_id,
  m.name AS account_name,
  CAST(NULL AS VARCHAR) AS region,
  CASE WHEN p.content IS NOT NULL THEN d.holder_arn IS NOT NULL OR w.holder_arn IS NULL END AS restricts,
  CASE WHEN r.targets > 0 THEN r.targets WHEN g.targets = 1 THEN NULL ELSE 0 END AS targets,
  CASE WHEN r.accounts > 0 THEN r.accounts WHEN g.reach = 1 OR r.undecided > 0 THEN NULL ELSE 0 END AS accounts_in_effect
FROM organization_policies p
CROSS JOIN gaps g
LEFT JOIN organizations o ON TRUE
LEFT JOIN accounts m ON m.account_id = o.management_account_id
LEFT JOIN reach r ON r.policy_id = p.policy_id
LEFT JOIN denying d ON d.holder_arn = p.arn
LEFT JOIN opening w ON w.holder_arn = p.arn
WHERE p.type = 'SERVICE_CONTROL_POLICY' AND NOT p.aws_managed
