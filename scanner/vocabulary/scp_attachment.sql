-- scp_attachment: One service control policy at one of its targets, those of AWS included, and whether it holds anything back there.
-- listed from: policy_targets, organization_policies
-- id: Policy id and target id.
-- arn: ARN of the policy.
-- name: Name of the policy.
-- policy_id: Policy id.
-- target_id: Root, unit or account.
-- account_id: Account that governs the organization.
-- account_name: Its name.
-- region: Always NULL.
-- denies: It denies something; NULL when its content was not read. {policy_statements@organizations}
-- allows_everything: It allows everything, as FullAWSAccess does; NULL when its content was not read. {policy_statements@organizations}
-- restricts: It denies something, or allows less than everything where nothing beside it allows the rest; NULL when one of these was not read. {policy_statements@organizations}
WITH denying AS (SELECT DISTINCT holder_arn FROM policy_statements WHERE kind = 'scp' AND effect = 'Deny'),
opening AS (
  SELECT DISTINCT s.holder_arn FROM policy_statements s
  WHERE s.kind = 'scp' AND s.effect = 'Allow' AND NOT s.actions_negated AND NOT s.resources_negated AND s.conditions = 0
    AND EXISTS (SELECT 1 FROM statement_actions x WHERE x.statement_id = s.statement_id AND x.action IN ('*', '*:*'))
    AND EXISTS (SELECT 1 FROM statement_resources r WHERE r.statement_id = s.statement_id AND r.resource = '*')
),
judged AS (
  SELECT t.policy_id, t.target_id, p.arn, p.name,
    CASE WHEN p.content IS NOT NULL THEN d.holder_arn IS NOT NULL WHEN p.policy_id = 'p-FullAWSAccess' THEN FALSE END AS denies,
    CASE WHEN p.content IS NOT NULL THEN o.holder_arn IS NOT NULL WHEN p.policy_id = 'p-FullAWSAccess' THEN TRUE END AS opens
  FROM policy_targets t
  JOIN organization_policies p ON p.policy_id = t.policy_id AND p.type = 'SERVICE_CONTROL_POLICY'
  LEFT JOIN denying d ON d.holder_arn = p.arn
  LEFT JOIN opening o ON o.holder_arn = p.arn
),
beside AS (
  -- What one policy of a target allows, another one need not: allows add up at each level (orgs_manage_policies_scps_evaluation.html).
  SELECT target_id, max(CASE WHEN opens THEN 1 ELSE 0 END) AS opens, max(CASE WHEN opens IS NULL THEN 1 ELSE 0 END) AS undecided
  FROM judged GROUP BY target_id
)
SELECT
  j.policy_id || '/' || j.target_id AS id,
  j.arn,
  j.name,
  j.policy_id,
  j.target_id,
  o.management_account_id AS account_id,
  m.name AS account_name,
  CAST(NULL AS VARCHAR) AS region,
  j.denies,
  j.opens AS allows_everything,
  CASE WHEN j.denies THEN TRUE WHEN j.denies IS NULL THEN NULL WHEN b.opens = 1 THEN FALSE WHEN b.undecided = 1 THEN NULL
    ELSE TRUE END AS restricts
FROM judged j
JOIN beside b ON b.target_id = j.target_id
LEFT JOIN organizations o ON TRUE
LEFT JOIN accounts m ON m.account_id = o.management_account_id
