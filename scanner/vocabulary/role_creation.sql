-- role_creation: Creating IAM roles: one policy that lets its holders, and by which statements it holds them to a permissions boundary.
-- listed from: policy_documents, policy_statements
-- id: Holder and policy name.
-- arn: Managed policy, or user, group or role that an inline policy belongs to.
-- name: Name of the policy.
-- kind: inline or managed.
-- account_id: Its account.
-- account_name: Name of its account.
-- region: Always global.
-- unbounded: Statements that allow iam:CreateRole without a condition.
-- conditional: Statements that allow it under conditions that do not ask for a permissions boundary, or for all roles but some.
-- denied: Statements that deny it without a boundary, or altogether.
-- doubted: Statements that deny it under other conditions, or for some roles.
WITH meant AS (
  SELECT DISTINCT action FROM statement_actions
  WHERE (action LIKE 'i%' OR action LIKE '*%' OR action LIKE '?%')
    AND 'iam:createrole' LIKE replace(replace(replace(action, '_', '^_'), '*', '%'), '?', '_') ESCAPE '^'
),
named AS (
  SELECT DISTINCT a.account_id, a.statement_id FROM statement_actions a JOIN meant m ON m.action = a.action
),
about AS (
  -- Statements about iam:CreateRole, one way or the other.
  SELECT s.* FROM policy_statements s
  LEFT JOIN named n ON n.account_id = s.account_id AND n.statement_id = s.statement_id
  WHERE s.kind IN ('inline', 'managed') AND (n.statement_id IS NOT NULL) <> s.actions_negated
),
weighed AS (
  SELECT s.account_id, s.holder_arn, s.kind, s.policy_name, s.effect, s.conditions, s.resources_negated,
    -- A key that is absent, as for a role without a boundary, meets no operator but the negated ones, Null, IfExists and ForAllValues.
    max(CASE WHEN c.key = 'iam:permissionsboundary' AND (lower(c.operator) = 'null' AND lower(c.value) = 'false'
      OR lower(c.operator) NOT LIKE '%not%' AND lower(c.operator) NOT LIKE '%ifexists' AND lower(c.operator) NOT LIKE 'forallvalues:%' AND lower(c.operator) <> 'null') THEN 1 ELSE 0 END) AS asks,
    max(CASE WHEN c.key IS NULL OR c.key = 'iam:permissionsboundary' AND (lower(c.operator) = 'null' AND lower(c.value) = 'true'
      OR lower(c.operator) LIKE '%not%' OR lower(c.operator) LIKE '%ifexists') THEN 0 ELSE 1 END) AS otherwise,
    max(CASE WHEN r.resource = '*' OR r.resource LIKE 'arn:%:iam::%:role/*' THEN 1 ELSE 0 END) AS everywhere
  FROM about s
  JOIN statement_resources r ON r.account_id = s.account_id AND r.statement_id = s.statement_id
  LEFT JOIN statement_conditions c ON c.account_id = s.account_id AND c.statement_id = s.statement_id
  WHERE s.resources_negated OR r.resource LIKE '*%' OR r.resource LIKE 'arn:*%' OR r.resource LIKE 'arn:%:iam:%:*'
    OR r.resource LIKE 'arn:%:iam:%:role/%'
  GROUP BY s.account_id, s.statement_id, s.holder_arn, s.kind, s.policy_name, s.effect, s.conditions, s.resources_negated
)
SELECT
  w.holder_arn || '/' || w.policy_name AS id,
  w.holder_arn AS arn,
  w.policy_name AS name,
  w.kind,
  w.account_id,
  f.name AS account_name,
  'global' AS region,
  sum(CASE WHEN w.effect = 'Allow' AND w.conditions = 0 AND NOT w.resources_negated THEN 1 ELSE 0 END) AS unbounded,
  sum(CASE WHEN w.effect = 'Allow' AND w.asks = 0 AND (w.conditions > 0 OR w.resources_negated) THEN 1 ELSE 0 END) AS conditional,
  sum(CASE WHEN w.effect = 'Deny' AND w.everywhere = 1 AND w.otherwise = 0 AND NOT w.resources_negated THEN 1 ELSE 0 END) AS denied,
  sum(CASE WHEN w.effect = 'Deny' AND (w.everywhere = 0 OR w.otherwise = 1 OR w.resources_negated) THEN 1 ELSE 0 END) AS doubted
FROM weighed w LEFT JOIN account_facts f ON f.account_id = w.account_id
GROUP BY w.account_id, w.holder_arn, w.kind, w.policy_name, f.name
