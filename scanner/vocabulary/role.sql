-- role: One IAM role and whom its trust policy lets in; roles of services (service-linked) left out.
-- listed from: principals
-- id: ARN.
-- arn: ARN.
-- name: Name.
-- account_id: Its account.
-- account_name: Name of its account.
-- environment: Environment of its account.
-- workload: Workload of its account.
-- region: Always global.
-- trusts_everyone: Anybody may assume it: `*` without a condition on who the caller is. {policy_statements@iam}
-- whole_accounts: Other accounts it trusts as a whole, without any condition. {policy_statements@iam}
-- trusts_whole_account: There is at least one of them. {policy_statements@iam}
-- outsiders: Accounts outside the organization that may assume it without an external id. {policy_statements@iam, accounts}
-- trusts_outsider_without_external_id: There is at least one of them. {policy_statements@iam, accounts}
-- trusts_any_repository: GitHub's identity provider may assume it for any repository: no condition on `sub`. {policy_statements@iam}
-- nonproduction_accounts: Accounts of test, staging, development or sandbox that its trust policy names, or that get hold of it over other roles.
-- nonproduction_chain: One of the ways, a sentence a step.
-- entered_from_nonproduction: There is at least one of them; NULL when the environment of an account is not known, or a way hangs on a condition. {policy_statements@iam, policy_documents@iam, policy_attachments, principals, accounts, organization_policies, policy_targets, unit_ancestors, delegated_administrators}
-- break_glass: Its name is on the list of those that may administer (`break_glass` in bulkhead.yaml).
WITH confining AS (
  -- A condition confines when its operator demands the key and every value of it names somebody.
  SELECT DISTINCT statement_id, key FROM (
    SELECT statement_id, key, operator, min(CASE
      WHEN value IN ('*', '') OR value LIKE 'repo:*%' THEN 0
      WHEN key = 'aws:principalarn' AND NOT regexp_matches(value, '^arn:[^:*?]*:(iam|sts)::[0-9]{12}:') THEN 0
      ELSE 1 END) AS names_somebody
    FROM statement_conditions
    WHERE lower(operator) NOT LIKE '%not%' AND lower(operator) NOT LIKE '%ifexists'
      AND lower(operator) NOT LIKE 'forallvalues%' AND lower(operator) NOT IN ('null', 'bool')
    GROUP BY statement_id, key, operator
  ) WHERE names_somebody = 1
),
trusting AS (
  SELECT s.holder_arn, s.account_id AS own_account, s.conditions, p.type, p.value, p.principal_account, p.whole_account,
    EXISTS (SELECT 1 FROM confining c WHERE c.statement_id = s.statement_id AND c.key = 'sts:externalid') AS has_external_id,
    EXISTS (SELECT 1 FROM confining c WHERE c.statement_id = s.statement_id AND c.key LIKE '%:sub') AS has_subject,
    EXISTS (SELECT 1 FROM confining c WHERE c.statement_id = s.statement_id
      AND c.key IN ('aws:principalorgid', 'aws:principalorgpaths', 'aws:principalarn', 'aws:principalaccount')) AS is_confined
  FROM policy_statements s
  JOIN statement_principals p ON p.statement_id = s.statement_id
  WHERE s.kind = 'trust' AND s.effect = 'Allow' AND NOT s.principals_negated
    AND (s.actions_negated OR EXISTS (SELECT 1 FROM statement_actions a WHERE a.statement_id = s.statement_id
      AND (a.action LIKE 'sts:assumerole%' OR a.action IN ('sts:*', '*', 'sts:assume*', 'sts:a*'))))
),
judged AS (
  SELECT t.holder_arn,
    max(CASE WHEN t.type = '*' AND NOT t.is_confined THEN 1 ELSE 0 END) AS everyone,
    max(CASE WHEN t.type = 'Federated' AND t.value LIKE '%token.actions.githubusercontent.com%' AND NOT t.has_subject
      THEN 1 ELSE 0 END) AS any_repository,
    string_agg(DISTINCT CASE WHEN t.whole_account AND t.conditions = 0 THEN t.principal_account END, ', '
      ORDER BY CASE WHEN t.whole_account AND t.conditions = 0 THEN t.principal_account END) AS whole_accounts,
    string_agg(DISTINCT CASE WHEN m.account_id IS NULL AND NOT t.has_external_id THEN t.principal_account END, ', '
      ORDER BY CASE WHEN m.account_id IS NULL AND NOT t.has_external_id THEN t.principal_account END) AS outsiders,
    string_agg(DISTINCT CASE WHEN e.environment IN ('staging', 'test', 'development', 'sandbox')
      THEN coalesce(e.name, t.principal_account) END, ', '
      ORDER BY CASE WHEN e.environment IN ('staging', 'test', 'development', 'sandbox')
      THEN coalesce(e.name, t.principal_account) END) AS nonproduction,
    max(CASE WHEN t.principal_account IS NOT NULL AND m.account_id IS NOT NULL
      AND coalesce(e.environment, 'unknown') = 'unknown' THEN 1 ELSE 0 END) AS undecided
  FROM trusting t
  LEFT JOIN accounts m ON m.account_id = t.principal_account AND m.is_member
  LEFT JOIN account_facts e ON e.account_id = t.principal_account
  WHERE coalesce(t.principal_account, '') <> t.own_account
  GROUP BY t.holder_arn
),
chained AS (
  SELECT e.role_arn,
    string_agg(DISTINCT CASE WHEN e.verdict = 'allow' THEN coalesce(f.name, e.from_account_id) END, ', '
      ORDER BY CASE WHEN e.verdict = 'allow' THEN coalesce(f.name, e.from_account_id) END) AS accounts,
    min(CASE WHEN e.verdict = 'allow' THEN array_to_string(e.chain, '; then ') END) AS chain,
    max(CASE WHEN e.verdict <> 'allow' THEN 1 ELSE 0 END) AS undecided
  FROM role_entries e LEFT JOIN account_facts f ON f.account_id = e.from_account_id
  GROUP BY e.role_arn
),
knowing AS (
  SELECT CASE WHEN count(*) > 0 THEN FALSE ELSE TRUE END AS members_read
  FROM unread WHERE table_name IN ('accounts', 'organizations') AND collector = 'organizations'
),
documents AS (SELECT holder_arn, max(CASE WHEN document IS NULL THEN 0 ELSE 1 END) AS present
  FROM policy_documents WHERE kind = 'trust' GROUP BY holder_arn),
named AS (
  SELECT s.holder_arn, count(*) AS others FROM trusting s WHERE s.principal_account IS NOT NULL
    AND s.principal_account <> s.own_account GROUP BY s.holder_arn
)
SELECT
  r.arn AS id,
  r.arn,
  r.name,
  r.account_id,
  f.name AS account_name,
  f.environment,
  f.workload,
  r.region,
  CASE WHEN d.present = 1 THEN coalesce(j.everyone, 0) = 1 END AS trusts_everyone,
  j.whole_accounts,
  CASE WHEN d.present = 1 THEN j.whole_accounts IS NOT NULL END AS trusts_whole_account,
  CASE WHEN k.members_read THEN j.outsiders END AS outsiders,
  CASE WHEN d.present IS NULL OR d.present = 0 THEN NULL WHEN n.others > 0 AND NOT k.members_read THEN NULL
    ELSE j.outsiders IS NOT NULL END AS trusts_outsider_without_external_id,
  CASE WHEN d.present = 1 THEN coalesce(j.any_repository, 0) = 1 END AS trusts_any_repository,
  coalesce(c.accounts, j.nonproduction) AS nonproduction_accounts,
  c.chain AS nonproduction_chain,
  CASE WHEN j.nonproduction IS NOT NULL OR c.accounts IS NOT NULL THEN TRUE WHEN d.present IS NULL OR d.present = 0 THEN NULL
    WHEN j.undecided = 1 OR c.undecided = 1 OR n.others > 0 AND NOT k.members_read THEN NULL ELSE FALSE END AS entered_from_nonproduction,
  EXISTS (SELECT 1 FROM allowed_names x WHERE x.list = 'break_glass' AND r.name LIKE x.pattern ESCAPE '^') AS break_glass
FROM principals r
CROSS JOIN knowing k
LEFT JOIN account_facts f ON f.account_id = r.account_id
LEFT JOIN judged j ON j.holder_arn = r.arn
LEFT JOIN documents d ON d.holder_arn = r.arn
LEFT JOIN chained c ON c.role_arn = r.arn
LEFT JOIN named n ON n.holder_arn = r.arn
WHERE r.type = 'role' AND NOT r.service_linked
