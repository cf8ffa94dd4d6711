-- assignment: One group, or one user directly, with one permission set of IAM Identity Center; those of deleted groups and users left out.
-- listed from: account_assignments
-- id: ARN of the permission set and id of the group or user, joined with a slash.
-- arn: ARN of the group or user.
-- name: Group or user, and permission set.
-- account_id: Account that IAM Identity Center was read in.
-- account_name: Its name.
-- region: Always global.
-- principal: Name of the group or user; NULL when not read. {identity_groups, identity_users}
-- principal_type: GROUP or USER.
-- people: Users in the group, 1 for a user. {identity_group_members}
-- permission_set: Name of the permission set; NULL when not read. {permission_sets}
-- break_glass: The group, user or permission set is on the list of those that may administer (`break_glass` in bulkhead.yaml). {identity_groups, identity_users, permission_sets}
-- accounts: Active accounts it opens. {account_assignments}
-- policies: Policies through which it can change something, joined with commas.
-- can_write: It can change something in at least one of the accounts. {permission_sets, permission_set_policies, policy_documents@sso_admin, policy_documents@iam, account_assignments, identity_groups, identity_users}
-- production_accounts: Production accounts in which it can change something, joined with commas.
-- nonproduction_accounts: Accounts of staging, test, development or sandbox in which it can, joined with commas.
-- writes_to_both_environments: There are some of both. {permission_sets, permission_set_policies, policy_documents@sso_admin, policy_documents@iam, account_assignments, identity_groups, identity_users, accounts, organizational_units, unit_ancestors, tags@organizations}
WITH named AS (
  SELECT 'GROUP' AS principal_type, group_id AS principal_id, name FROM identity_groups
  UNION ALL SELECT 'USER', user_id, name FROM identity_users
),
opened AS (
  SELECT DISTINCT s.account_id, s.region, s.permission_set_arn, s.principal_type, s.principal_id, s.target_account_id,
    coalesce(f.name, s.target_account_id) AS target, x.writes, array_to_string(x.through, ', ') AS through,
    coalesce(f.environment, 'unknown') AS environment
  FROM account_assignments s
  LEFT JOIN accounts a ON a.account_id = s.target_account_id
  LEFT JOIN account_facts f ON f.account_id = s.target_account_id
  LEFT JOIN permission_set_access x ON x.permission_set_arn = s.permission_set_arn AND x.target_account_id = s.target_account_id
  WHERE coalesce(a.status, 'ACTIVE') = 'ACTIVE'
),
judged AS (
  SELECT account_id, region, permission_set_arn, principal_type, principal_id, count(*) AS accounts,
    max(CASE WHEN writes THEN 1 ELSE 0 END) AS writes,
    max(CASE WHEN writes IS NULL THEN 1 ELSE 0 END) AS undecided,
    max(CASE WHEN writes THEN through END) AS policies,
    string_agg(CASE WHEN writes AND environment = 'production' THEN target END, ', '
      ORDER BY CASE WHEN writes AND environment = 'production' THEN target END) AS production,
    string_agg(CASE WHEN writes AND environment IN ('staging', 'test', 'development', 'sandbox') THEN target END, ', '
      ORDER BY CASE WHEN writes AND environment IN ('staging', 'test', 'development', 'sandbox') THEN target END) AS nonproduction,
    -- As much as it may be: an account whose environment nobody knows can be either.
    sum(CASE WHEN coalesce(writes, TRUE) AND environment IN ('production', 'unknown') THEN 1 ELSE 0 END) AS maybe_production,
    sum(CASE WHEN coalesce(writes, TRUE) AND environment IN ('staging', 'test', 'development', 'sandbox', 'unknown')
      THEN 1 ELSE 0 END) AS maybe_nonproduction,
    sum(CASE WHEN coalesce(writes, TRUE) AND environment IN ('production', 'staging', 'test', 'development', 'sandbox', 'unknown')
      THEN 1 ELSE 0 END) AS maybe_either
  FROM opened GROUP BY account_id, region, permission_set_arn, principal_type, principal_id
),
members AS (SELECT group_id, count(DISTINCT user_id) AS people FROM identity_group_members GROUP BY group_id),
gaps AS (
  SELECT coalesce(max(CASE WHEN table_name = 'account_assignments' THEN 1 ELSE 0 END), 0) AS assignments,
    coalesce(max(CASE WHEN table_name = 'identity_group_members' THEN 1 ELSE 0 END), 0) AS members,
    coalesce(max(CASE WHEN table_name = 'identity_groups' THEN 1 ELSE 0 END), 0) AS groups,
    coalesce(max(CASE WHEN table_name = 'identity_users' THEN 1 ELSE 0 END), 0) AS users
  -- An account that was not entered hides nothing here: the organization is read before any account is.
  FROM unread WHERE collector IN ('sso_admin', 'identitystore')
)
SELECT
  j.permission_set_arn || '/' || j.principal_id AS id,
  'arn:' || split_part(j.permission_set_arn, ':', 2) || ':identitystore:::' || lower(j.principal_type) || '/' || j.principal_id AS arn,
  coalesce(n.name, j.principal_id) || ' with ' || coalesce(p.name, j.permission_set_arn) AS name,
  j.account_id,
  m.name AS account_name,
  j.region,
  n.name AS principal,
  j.principal_type,
  CASE WHEN j.principal_type = 'USER' THEN 1 WHEN g.members = 1 THEN NULL ELSE coalesce(c.people, 0) END AS people,
  p.name AS permission_set,
  CASE
    WHEN EXISTS (SELECT 1 FROM allowed_names x WHERE x.list = 'break_glass' AND (n.name LIKE x.pattern ESCAPE '^' OR p.name LIKE x.pattern ESCAPE '^')) THEN TRUE
    WHEN n.name IS NULL OR p.name IS NULL THEN NULL ELSE FALSE END AS break_glass,
  CASE WHEN g.assignments = 1 THEN NULL ELSE j.accounts END AS accounts,
  j.policies,
  -- A group or user whose name was not read may be deleted: then nobody can do anything.
  CASE WHEN n.principal_id IS NULL THEN NULL WHEN j.writes = 1 THEN TRUE WHEN j.undecided = 1 OR g.assignments = 1 THEN NULL ELSE FALSE END AS can_write,
  j.production AS production_accounts,
  j.nonproduction AS nonproduction_accounts,
  CASE WHEN n.principal_id IS NULL THEN NULL
    WHEN j.production IS NOT NULL AND j.nonproduction IS NOT NULL THEN TRUE
    WHEN g.assignments = 1 THEN NULL
    WHEN j.maybe_production > 0 AND j.maybe_nonproduction > 0 AND j.maybe_either > 1 THEN NULL
    ELSE FALSE END AS writes_to_both_environments
FROM judged j
CROSS JOIN gaps g
LEFT JOIN named n ON n.principal_type = j.principal_type AND n.principal_id = j.principal_id
LEFT JOIN permission_sets p ON p.arn = j.permission_set_arn
LEFT JOIN accounts m ON m.account_id = j.account_id
LEFT JOIN members c ON c.group_id = j.principal_id AND j.principal_type = 'GROUP'
WHERE n.principal_id IS NOT NULL OR CASE WHEN j.principal_type = 'GROUP' THEN g.groups ELSE g.users END = 1
