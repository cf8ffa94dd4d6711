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
-- holds_production: There is an account of production among them. {accounts, tags@organizations}
-- governed_like: Accounts of test, development or sandbox anywhere that are under the very same policies as an account of production in it.
-- policies_shared: These policies by name, joined with commas; empty when none but those of AWS are in effect.
-- governed_like_test: There is such an account. {accounts, tags@organizations, organization_policies, policy_targets, unit_ancestors}
-- tag_policies: Tag policies in effect on accounts directly in it, joined with commas.
-- enforced_tags: Tag keys they enforce on an account directly in it, joined with commas.
-- without_tag_policy: Accounts directly in it on which no tag policy enforces any key, joined with commas. {accounts, organization_policies, policy_targets, unit_ancestors}
-- tags_enforced: On every account directly in it a tag policy enforces some key. {accounts, organization_policies, policy_targets, unit_ancestors}
WITH inside AS (
  SELECT a.parent_id, count(*) AS accounts,
    string_agg(DISTINCT f.environment, ', ' ORDER BY f.environment) AS environments,
    string_agg(DISTINCT CASE WHEN f.environment = 'production' THEN a.name END, ', '
      ORDER BY CASE WHEN f.environment = 'production' THEN a.name END) AS production,
    string_agg(DISTINCT CASE WHEN f.environment IN ('staging', 'test', 'development', 'sandbox') THEN a.name END, ', '
      ORDER BY CASE WHEN f.environment IN ('staging', 'test', 'development', 'sandbox') THEN a.name END) AS nonproduction
  FROM accounts a JOIN account_facts f ON f.account_id = a.account_id
  WHERE a.is_member AND coalesce(a.status, 'ACTIVE') = 'ACTIVE' GROUP BY a.parent_id
),
effective AS (
  -- Policies of every type in effect on an account, inherited ones included.
  SELECT a.account_id, a.parent_id, coalesce(f.name, a.account_id) AS name, f.environment,
    coalesce(string_agg(DISTINCT p.policy_id, ', ' ORDER BY p.policy_id), '') AS policies,
    coalesce(string_agg(DISTINCT p.name, ', ' ORDER BY p.name), '') AS policy_names
  FROM accounts a
  JOIN account_facts f ON f.account_id = a.account_id
  LEFT JOIN unit_ancestors u ON u.target_id = a.account_id
  LEFT JOIN policy_targets t ON t.target_id = u.ancestor_id
  LEFT JOIN organization_policies p ON p.policy_id = t.policy_id AND NOT p.aws_managed
  WHERE a.is_member AND NOT a.is_management AND coalesce(a.status, 'ACTIVE') = 'ACTIVE'
    AND f.environment IN ('production', 'test', 'development', 'sandbox')
  GROUP BY a.account_id, a.parent_id, coalesce(f.name, a.account_id), f.environment
),
experiments AS (
  SELECT policies, count(*) AS accounts, min(name) AS first_name FROM effective WHERE environment <> 'production' GROUP BY policies
),
alike AS (
  SELECT p.parent_id, min(p.policy_names) AS policies, string_agg(DISTINCT e.first_name ||
    CASE WHEN e.accounts > 1 THEN ' and ' || CAST(e.accounts - 1 AS VARCHAR) || ' more' ELSE '' END, ', '
    ORDER BY e.first_name || CASE WHEN e.accounts > 1 THEN ' and ' || CAST(e.accounts - 1 AS VARCHAR) || ' more' ELSE '' END) AS names
  FROM effective p JOIN experiments e ON e.policies = p.policies
  WHERE p.environment = 'production' GROUP BY p.parent_id
),
governed AS (
  SELECT account_id, max(policies) AS policies, max(CASE WHEN tag_key IS NULL THEN 1 ELSE 0 END) AS unread,
    string_agg(DISTINCT CASE WHEN enforced_for IS NOT NULL THEN tag_key END, ', '
      ORDER BY CASE WHEN enforced_for IS NOT NULL THEN tag_key END) AS enforced
  FROM account_tag_policies GROUP BY account_id
),
tagging AS (
  SELECT a.parent_id, max(coalesce(g.unread, 0)) AS unread, min(g.policies) AS policies, min(g.enforced) AS enforced,
    string_agg(CASE WHEN g.enforced IS NULL AND coalesce(g.unread, 0) = 0 THEN coalesce(a.name, a.account_id) END, ', '
      ORDER BY coalesce(a.name, a.account_id)) AS bare
  FROM accounts a LEFT JOIN governed g ON g.account_id = a.account_id
  WHERE a.is_member AND coalesce(a.status, 'ACTIVE') = 'ACTIVE' GROUP BY a.parent_id
),
gaps AS (
  SELECT max(CASE WHEN table_name IN ('accounts', 'tags') THEN 1 ELSE 0 END) AS accounts,
    max(CASE WHEN table_name IN ('accounts', 'organization_policies', 'policy_targets', 'unit_ancestors') THEN 1 ELSE 0 END) AS policies
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
    ELSE FALSE END AS mixes_environments,
  CASE WHEN i.production IS NOT NULL THEN TRUE WHEN g.accounts = 1 THEN NULL ELSE FALSE END AS holds_production,
  alike.names AS governed_like,
  alike.policies AS policies_shared,
  CASE WHEN g.policies = 1 THEN NULL WHEN alike.names IS NOT NULL THEN TRUE WHEN g.accounts = 1 THEN NULL ELSE FALSE END
    AS governed_like_test,
  t.policies AS tag_policies,
  t.enforced AS enforced_tags,
  CASE WHEN g.policies = 1 THEN NULL ELSE coalesce(t.bare, '') END AS without_tag_policy,
  -- What was not read may enforce, and may take away.
  CASE WHEN g.policies = 1 THEN NULL WHEN t.bare IS NOT NULL THEN FALSE WHEN t.unread = 1 THEN NULL ELSE TRUE END AS tags_enforced
FROM organizational_units u
CROSS JOIN gaps g
LEFT JOIN organizations o ON TRUE
LEFT JOIN accounts m ON m.account_id = o.management_account_id
LEFT JOIN inside i ON i.parent_id = u.unit_id
LEFT JOIN alike ON alike.parent_id = u.unit_id
LEFT JOIN tagging t ON t.parent_id = u.unit_id
