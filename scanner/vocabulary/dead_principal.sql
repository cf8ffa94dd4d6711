-- dead_principal: One principal that a role's trust policy lets in and that does not exist any more, or of which that is not known.
-- listed from: principals
-- id: The role and the principal.
-- role_arn: The role.
-- principal: As the trust policy writes it.
-- why: What is known of it.
-- state: dead or undecided. {policy_statements@iam, principals, accounts, identity_providers}
WITH named AS (
  SELECT DISTINCT s.holder_arn, s.account_id, p.type, p.value, p.principal_account, p.deleted,
    CASE WHEN split_part(p.value, ':', 3) = 'sts' AND split_part(p.value, ':', 6) LIKE 'assumed-role/%'
      THEN split_part(p.value, '/', 2) END AS session_role
  FROM policy_statements s
  JOIN statement_principals p ON p.statement_id = s.statement_id
  WHERE s.kind = 'trust' AND s.effect = 'Allow' AND NOT s.principals_negated
),
unread_iam AS (
  SELECT account_id, max(CASE WHEN table_name = 'principals' THEN 1 ELSE 0 END) AS principals,
    max(CASE WHEN table_name = 'identity_providers' THEN 1 ELSE 0 END) AS providers
  FROM unread WHERE table_name IN ('principals', 'identity_providers') GROUP BY account_id
),
roles AS (SELECT DISTINCT account_id, name FROM principals WHERE type = 'role'),
judged AS (
  SELECT n.holder_arn, n.value, CASE
    WHEN n.deleted THEN 'was deleted'
    WHEN a.status IN ('SUSPENDED', 'PENDING_CLOSURE', 'CLOSED') THEN 'its account ' || coalesce(a.name, a.account_id) || ' is closed'
    WHEN n.type = 'Federated' AND i.arn IS NULL AND coalesce(u.providers, 0) = 0 THEN 'the identity provider does not exist'
    WHEN n.type = 'AWS' AND p.arn IS NULL AND r.name IS NULL AND coalesce(u.principals, 0) = 0
      AND o.account_id IS NOT NULL THEN 'does not exist in account ' || coalesce(a.name, n.principal_account)
    END AS dead_because,
    -- Providers without an ARN, such as accounts.google.com, are nobody's to delete.
    n.type = 'Federated' AND u.providers = 1 OR n.type = 'AWS' AND u.principals = 1 AND a.account_id IS NOT NULL AS undecided
  FROM named n
  LEFT JOIN accounts a ON a.account_id = n.principal_account
  LEFT JOIN identity_providers i ON i.arn = n.value
  LEFT JOIN principals p ON p.arn = n.value
  LEFT JOIN roles r ON r.account_id = n.principal_account AND r.name = n.session_role
  LEFT JOIN unread_iam u ON u.account_id = CASE WHEN n.type = 'Federated' THEN n.account_id ELSE n.principal_account END
  -- An account of which no principal is known was not read, or has none to speak of.
  LEFT JOIN (SELECT DISTINCT account_id FROM principals) o ON o.account_id = n.principal_account
  WHERE n.deleted OR n.type = 'Federated' AND n.value LIKE 'arn:%' AND split_part(n.value, ':', 5) = n.account_id
    OR n.type = 'AWS' AND (split_part(n.value, ':', 6) LIKE 'role/%' OR split_part(n.value, ':', 6) LIKE 'user/%' OR n.session_role IS NOT NULL)
    OR a.status IN ('SUSPENDED', 'PENDING_CLOSURE', 'CLOSED')
)
SELECT DISTINCT
  holder_arn || ' ' || value AS id,
  holder_arn AS role_arn,
  value AS principal,
  coalesce(dead_because, 'not known') AS why,
  CASE WHEN dead_because IS NOT NULL THEN 'dead' ELSE 'undecided' END AS state
FROM judged WHERE dead_because IS NOT NULL OR undecided
