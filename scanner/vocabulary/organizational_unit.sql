-- organizational_unit: One unit of the organization, the root included.
-- listed from: organizational_units
-- id: Unit id.
-- arn: ARN.
-- name: Name.
-- path: Names from the root.
-- account_id: Account that governs the organization.
-- account_name: Its name.
-- region: Always NULL.
-- is_root: It is the root.
-- accounts: Active accounts directly in it. {accounts}
-- environments: Their environments, joined with commas.
-- production_accounts: Those of production, joined with commas.
-- nonproduction_accounts: Those of staging, test, development or sandbox, joined with commas.
-- mixes_environments: Accounts of production and of another environment sit directly in it. {accounts, tags@organizations}
WITH inside AS (
  SELECT a.parent_id, count(*) AS accounts,
    string_agg(DISTINCT f.environment, ', ' ORDER BY f.environment) AS environments,
    string_agg(DISTINCT CASE WHEN f.environment = 'production' THEN a.name END, ', '
      ORDER BY CASE WHEN f.environment = 'production' THEN a.name END) AS production,
    string_agg(DISTINCT CASE WHEN f.environment IN ('staging', 'test', 'development', 'sandbox') THEN a.name END, ', '
      ORDER BY CASE WHEN f.environment IN ('staging', 'test', 'development', 'sandbox') THEN a.name END) AS nonproduction
  FROM accounts a JOIN account_facts f ON f.account_id = a.account_id
  WHERE a.is_member AND a.status = 'ACTIVE' GROUP BY a.parent_id
),
gaps AS (
  SELECT max(CASE WHEN table_name IN ('accounts', 'tags') THEN 1 ELSE 0 END) AS accounts
  FROM unread WHERE collector = 'organizations'
)
SELECT
  u.unit_id AS id,
  u.arn,
  u.name,
  u.path,
  o.management_account_id AS account_id,
  m.name AS account_name,
  CAST(NULL AS VARCHAR) AS region,
  u.is_root,
  CASE WHEN g.accounts = 1 THEN NULL ELSE coalesce(i.accounts, 0) END AS accounts,
  i.environments,
  i.production AS production_accounts,
  i.nonproduction AS nonproduction_accounts,
  CASE WHEN i.production IS NOT NULL AND i.nonproduction IS NOT NULL THEN TRUE WHEN g.accounts = 1 THEN NULL
    ELSE FALSE END AS mixes_environments
FROM organizational_units u
CROSS JOIN gaps g
LEFT JOIN organizations o ON TRUE
LEFT JOIN accounts m ON m.account_id = o.management_account_id
LEFT JOIN inside i ON i.parent_id = u.unit_id
