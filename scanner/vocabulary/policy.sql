-- policy: One customer managed or inline policy of IAM.
-- listed from: managed_policies, principals
-- id: ARN of a managed policy; `holder/name` of an inline one.
-- arn: ARN of a managed policy; of the user, group or role that an inline one belongs to.
-- name: Name of the policy.
-- kind: inline or managed.
-- account_id: Its account.
-- account_name: Name of its account.
-- environment: Environment of its account.
-- workload: Workload of its account.
-- region: Always global.
-- break_glass: It belongs to, or is attached only to, principals that may administer.
-- wildcards: Wildcards it allows on every resource, without condition: `*`, or all of IAM, STS, KMS or Organizations.
-- is_wildcard: It allows at least one of them. {policy_statements@iam}
WITH general AS (
  -- Policies of AWS are read in every account: their statements are told apart by account, or each would meet all others.
  SELECT s.account_id, s.statement_id, s.holder_arn, s.kind, s.policy_name, s.actions_negated
  FROM policy_statements s
  JOIN statement_resources r ON r.account_id = s.account_id AND r.statement_id = s.statement_id AND r.resource = '*'
  WHERE s.effect = 'Allow' AND s.conditions = 0 AND NOT s.resources_negated
    AND s.kind IN ('inline', 'managed') AND s.holder_arn NOT LIKE 'arn:%:iam::aws:%'
),
services AS (
  SELECT 'iam' AS service UNION ALL SELECT 'sts' UNION ALL SELECT 'kms' UNION ALL SELECT 'organizations'
),
allowed AS (
  SELECT s.holder_arn, s.kind, s.policy_name, a.action FROM general s
  JOIN statement_actions a ON a.account_id = s.account_id AND a.statement_id = s.statement_id
    AND a.action IN ('*', '*:*', 'iam:*', 'sts:*', 'kms:*', 'organizations:*')
  WHERE NOT s.actions_negated
  UNION
  -- Everything but some actions is all of every service that none of these belongs to.
  SELECT s.holder_arn, s.kind, s.policy_name, v.service || ':*' FROM general s CROSS JOIN services v
  WHERE s.actions_negated AND NOT EXISTS (SELECT 1 FROM statement_actions a
    WHERE a.account_id = s.account_id AND a.statement_id = s.statement_id
      AND v.service LIKE replace(replace(split_part(a.action, ':', 1), '*', '%'), '?', '_'))
),
wide AS (
  SELECT holder_arn, kind, policy_name, string_agg(DISTINCT action, ', ' ORDER BY action) AS wildcards
  FROM allowed GROUP BY holder_arn, kind, policy_name
),
emergency AS (
  SELECT DISTINCT p.arn FROM principals p JOIN allowed_names n ON n.list = 'break_glass' AND p.name LIKE n.pattern ESCAPE '^'
),
held AS (
  SELECT t.policy_arn, min(CASE WHEN e.arn IS NOT NULL THEN 1 ELSE 0 END) AS allowed
  FROM policy_attachments t
  JOIN principals p ON p.arn = t.principal_arn
  LEFT JOIN emergency e ON e.arn = p.arn
  GROUP BY t.policy_arn
)
SELECT
  CASE WHEN d.kind = 'managed' THEN d.holder_arn ELSE d.holder_arn || '/' || d.name END AS id,
  d.holder_arn AS arn,
  d.name,
  d.kind,
  d.account_id,
  f.name AS account_name,
  f.environment,
  f.workload,
  d.region,
  CASE WHEN d.kind = 'managed' THEN coalesce(h.allowed, 0) = 1 ELSE e.arn IS NOT NULL END AS break_glass,
  w.wildcards,
  CASE WHEN d.document IS NOT NULL THEN w.wildcards IS NOT NULL END AS is_wildcard
FROM policy_documents d
LEFT JOIN account_facts f ON f.account_id = d.account_id
LEFT JOIN wide w ON w.holder_arn = d.holder_arn AND w.kind = d.kind AND w.policy_name = d.name
LEFT JOIN held h ON h.policy_arn = d.holder_arn
LEFT JOIN emergency e ON e.arn = d.holder_arn
WHERE d.kind = 'inline' OR d.kind = 'managed' AND d.holder_arn NOT LIKE 'arn:%:iam::aws:%'
