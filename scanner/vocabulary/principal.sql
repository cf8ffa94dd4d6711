-- principal: One IAM user, group or role.
-- listed from: principals
-- id: ARN.
-- arn: ARN.
-- name: Name.
-- type: user, group or role.
-- account_id: Its account.
-- account_name: Name of its account.
-- environment: Environment of its account.
-- workload: Workload of its account.
-- region: Always global.
-- service_linked: Role that belongs to a service.
-- break_glass: Its name is on the list of those that may administer (`break_glass` in bulkhead.yaml).
-- is_administrator: A policy lets it do everything and no permissions boundary takes that back; NULL when that hangs on a condition. {policy_attachments, policy_documents@iam, policy_statements@iam}
-- administers: It is an administrator itself or through one of its groups. {policy_attachments, policy_documents@iam, policy_statements@iam, group_members}
-- administrator_policies: Policies that let it, joined with commas.
-- boundary_arn: Its permissions boundary.
-- permission_set: Permission set of IAM Identity Center that made it, by name; NULL for every other principal.
-- can_escalate: It can make itself administrator of its account by a privilege path of its own; NULL when that hangs on a condition. {principals, policy_documents@iam, policy_statements@iam, policy_attachments, group_members, organization_policies, policy_targets, unit_ancestors}
-- escalation_chain: How, a sentence a step.
-- last_used: Day of the last use of a role, as far as IAM keeps track: 400 days.
-- created_at: Creation.
-- is_unused: A role that was not used for `unused_role_days`, and is older; NULL when AWS did not say when it was used.
-- credentials: What a user logs in with of its own: a password, active access keys, and since when.
-- has_long_lived_credentials: There is such a thing; NULL for others than users. {user_credentials}
-- in_management_account: Its account governs the organization. {organizations, accounts}
-- role_policies: Policies that let it create roles without asking for a permissions boundary, joined with commas.
-- creates_unbounded_roles: A role that may create roles without a permissions boundary; NULL for others, and when that hangs on a condition. {policy_attachments, policy_documents@iam, policy_statements@iam, organization_policies, policy_targets, policy_types, unit_ancestors}
WITH wide AS (
  -- Policies of AWS are read in every account: their statements are told apart by account, or each would meet all others.
  SELECT s.account_id, s.statement_id, s.holder_arn, s.kind, s.policy_name, s.actions_negated, s.conditions, s.effect
  FROM policy_statements s
  JOIN statement_resources r ON r.account_id = s.account_id AND r.statement_id = s.statement_id AND r.resource = '*'
  WHERE NOT s.resources_negated AND s.kind IN ('inline', 'managed')
),
listed AS (
  -- Everything but a few actions is everything, as long as IAM is not among the few.
  SELECT account_id, statement_id, max(CASE WHEN action IN ('*', '*:*') THEN 1 ELSE 0 END) AS everything
  FROM statement_actions
  WHERE action LIKE 'iam:%' OR action LIKE '*%' OR action LIKE 'i*%' OR action LIKE 'ia*%'
  GROUP BY account_id, statement_id
),
everything AS (
  -- Under a condition, such as that of a second factor, it may be everything, and nobody here knows when.
  SELECT w.holder_arn, w.kind, w.policy_name, max(CASE WHEN w.conditions = 0 THEN 1 ELSE 0 END) AS always
  FROM wide w LEFT JOIN listed l ON l.account_id = w.account_id AND l.statement_id = w.statement_id
  WHERE w.effect = 'Allow' AND CASE WHEN w.actions_negated THEN l.statement_id IS NULL ELSE l.everything = 1 END
  GROUP BY w.holder_arn, w.kind, w.policy_name
),
nothing AS (
  -- Such as AWSDenyAll, which shuts out whoever was taken over.
  SELECT DISTINCT w.holder_arn, w.kind
  FROM wide w LEFT JOIN listed l ON l.account_id = w.account_id AND l.statement_id = w.statement_id
  WHERE w.effect = 'Deny' AND w.conditions = 0
    AND CASE WHEN w.actions_negated THEN l.statement_id IS NULL ELSE l.everything = 1 END
),
shut_out AS (
  SELECT holder_arn AS principal_arn FROM nothing WHERE kind = 'inline'
  UNION
  SELECT t.principal_arn FROM policy_attachments t JOIN nothing n ON n.holder_arn = t.policy_arn AND n.kind = 'managed'
),
grants AS (
  SELECT e.holder_arn AS principal_arn, e.policy_name, CASE WHEN e.always = 1 THEN TRUE END AS everything, TRUE AS is_read
  FROM everything e WHERE e.kind = 'inline'
  UNION ALL
  SELECT d.holder_arn, d.name, NULL, FALSE FROM policy_documents d WHERE d.kind = 'inline' AND d.document IS NULL
  UNION ALL
  SELECT t.principal_arn, t.policy_name, CASE
    WHEN e.always = 1 THEN TRUE
    WHEN t.policy_arn LIKE 'arn:%:iam::aws:policy/AdministratorAccess' THEN TRUE
    WHEN e.always = 0 OR d.holder_arn IS NULL THEN NULL ELSE FALSE END,
    d.holder_arn IS NOT NULL OR t.policy_arn LIKE 'arn:%:iam::aws:policy/AdministratorAccess'
  FROM policy_attachments t
  LEFT JOIN (SELECT holder_arn, max(always) AS always FROM everything WHERE kind = 'managed' GROUP BY holder_arn) e ON e.holder_arn = t.policy_arn
  LEFT JOIN (SELECT DISTINCT holder_arn FROM policy_documents WHERE kind = 'managed' AND document IS NOT NULL) d ON d.holder_arn = t.policy_arn
),
granted AS (
  SELECT principal_arn, max(CASE WHEN everything THEN 1 ELSE 0 END) AS yes,
    max(CASE WHEN everything IS NULL THEN 1 ELSE 0 END) AS undecided,
    max(CASE WHEN is_read THEN 0 ELSE 1 END) AS unread,
    string_agg(DISTINCT CASE WHEN everything THEN policy_name END, ', '
      ORDER BY CASE WHEN everything THEN policy_name END) AS policies
  FROM grants GROUP BY principal_arn
),
bounded AS (
  SELECT d.holder_arn, CASE max(coalesce(e.always, -1)) WHEN 1 THEN 1 WHEN -1 THEN 0 END AS everything
  FROM (SELECT DISTINCT holder_arn FROM policy_documents WHERE kind = 'managed' AND document IS NOT NULL) d
  LEFT JOIN everything e ON e.holder_arn = d.holder_arn AND e.kind = 'managed'
  GROUP BY d.holder_arn
),
making AS (
  SELECT m.principal_arn, sum(m.unbounded) AS unbounded, sum(m.conditional) AS conditional, sum(m.denied) AS denied,
    sum(m.doubted) AS doubted, string_agg(DISTINCT CASE WHEN m.unbounded > 0 THEN m.name END, ', '
      ORDER BY CASE WHEN m.unbounded > 0 THEN m.name END) AS policies
  FROM (
    SELECT c.arn AS principal_arn, c.name, c.unbounded, c.conditional, c.denied, c.doubted FROM role_creation c WHERE c.kind = 'inline'
    UNION ALL
    SELECT t.principal_arn, c.name, c.unbounded, c.conditional, c.denied, c.doubted
    FROM policy_attachments t JOIN role_creation c ON c.arn = t.policy_arn AND c.account_id = t.account_id AND c.kind = 'managed'
  ) m GROUP BY m.principal_arn
),
let_go AS (
  -- A service control policy that holds back everybody else leaves these roles out.
  SELECT DISTINCT p.arn FROM (SELECT account_id, unnest(exempt_arns) AS pattern FROM account_guardrails WHERE question = 'unbounded_roles') x
  JOIN principals p ON p.account_id = x.account_id AND p.type = 'role'
    AND p.arn LIKE replace(replace(replace(replace(replace(x.pattern, '^', '^^'), '%', '^%'), '_', '^_'), '*', '%'), '?', '_') ESCAPE '^'
),
judged AS (
SELECT
  p.arn AS id,
  p.arn,
  p.name,
  p.type,
  p.account_id,
  f.name AS account_name,
  f.environment,
  f.workload,
  p.region,
  p.service_linked,
  EXISTS (SELECT 1 FROM allowed_names n WHERE n.list = 'break_glass' AND p.name LIKE n.pattern ESCAPE '^') AS break_glass,
  CASE
    WHEN shut.principal_arn IS NOT NULL THEN FALSE
    WHEN coalesce(g.yes, 0) = 0 THEN CASE WHEN g.undecided = 1 THEN NULL ELSE FALSE END
    WHEN p.boundary_arn IS NULL OR p.boundary_arn LIKE 'arn:%:iam::aws:policy/AdministratorAccess' THEN TRUE
    WHEN b.everything IS NULL THEN NULL
    ELSE b.everything = 1
  END AS is_administrator,
  g.policies AS administrator_policies,
  p.boundary_arn,
  coalesce(CAST(CAST(p.last_used_at AS DATE) AS VARCHAR), CASE WHEN p.use_tracked THEN 'none in 400 days' END) AS last_used,
  p.created_at,
  CASE WHEN p.type <> 'role' OR p.created_at >= CAST({scanned_at} AS TIMESTAMP) - INTERVAL '{settings.unused_role_days}' DAY OR p.last_used_at >= CAST({scanned_at} AS TIMESTAMP) - INTERVAL '{settings.unused_role_days}' DAY THEN FALSE
    WHEN p.last_used_at IS NULL AND NOT coalesce(p.use_tracked, FALSE) OR p.created_at IS NULL AND p.last_used_at IS NULL THEN NULL
    ELSE TRUE END AS is_unused,
  CASE WHEN c.has_password THEN 'a console password' ||
      coalesce(' (last used ' || CAST(CAST(c.password_used_at AS DATE) AS VARCHAR) || ')', ' (never used)') ELSE '' END
    || CASE WHEN c.has_password AND c.active_keys > 0 THEN ' and ' ELSE '' END
    || CASE WHEN c.active_keys > 0 THEN CAST(c.active_keys AS VARCHAR) || CASE WHEN c.active_keys = 1 THEN ' access key' ELSE ' access keys' END ||
      coalesce(' (since ' || CAST(CAST(c.oldest_key_at AS DATE) AS VARCHAR) || ')', '') ELSE '' END AS credentials,
  CASE WHEN p.type <> 'user' THEN NULL WHEN c.has_password OR c.active_keys > 0 THEN TRUE
    WHEN NOT c.has_password AND c.active_keys = 0 THEN FALSE END AS has_long_lived_credentials,
  CASE WHEN home.is_management IS NULL AND lost.members = 0 THEN FALSE ELSE home.is_management END AS in_management_account,
  making.policies AS role_policies,
  CASE WHEN p.type <> 'role' THEN NULL
    WHEN held.verdict = 'deny' AND let_go.arn IS NULL OR making.denied > 0 THEN FALSE
    WHEN coalesce(making.unbounded, 0) + coalesce(making.conditional, 0) = 0 THEN CASE WHEN g.unread = 1 THEN NULL ELSE FALSE END
    WHEN p.boundary_arn IS NOT NULL AND b.holder_arn IS NOT NULL
      AND (limiting.arn IS NULL OR limiting.denied > 0 OR limiting.unbounded + limiting.conditional = 0) THEN FALSE
    WHEN making.unbounded > 0 AND making.doubted = 0 AND coalesce(g.unread, 0) = 0 AND held.verdict = 'allow'
      AND (p.boundary_arn IS NULL OR limiting.unbounded > 0 AND limiting.doubted = 0) THEN TRUE
    END AS creates_unbounded_roles,
  -- AWSReservedSSO_NAME_ and 16 hexadecimal digits.
  CASE WHEN p.type = 'role' AND p.arn LIKE 'arn:%:iam::%:role/aws-reserved/sso.amazonaws.com/%'
    AND p.name LIKE 'AWSReservedSSO^_%^_________________' ESCAPE '^' THEN substr(p.name, 16, length(p.name) - 32) END AS permission_set
FROM principals p
CROSS JOIN (SELECT count(*) AS members FROM unread WHERE collector = 'organizations' AND table_name IN ('organizations', 'accounts')) lost
LEFT JOIN account_facts f ON f.account_id = p.account_id
LEFT JOIN granted g ON g.principal_arn = p.arn
LEFT JOIN shut_out shut ON shut.principal_arn = p.arn
LEFT JOIN bounded b ON b.holder_arn = p.boundary_arn
LEFT JOIN user_credentials c ON c.user_arn = p.arn
LEFT JOIN accounts home ON home.account_id = p.account_id
LEFT JOIN making ON making.principal_arn = p.arn
LEFT JOIN role_creation limiting ON limiting.arn = p.boundary_arn AND limiting.account_id = p.account_id AND limiting.kind = 'managed'
LEFT JOIN account_guardrails held ON held.account_id = p.account_id AND held.question = 'unbounded_roles'
LEFT JOIN let_go ON let_go.arn = p.arn
),
through_groups AS (
  SELECT m.user_arn, max(CASE WHEN j.is_administrator THEN 1 ELSE 0 END) AS yes,
    max(CASE WHEN j.is_administrator IS NULL THEN 1 ELSE 0 END) AS undecided
  FROM group_members m
  LEFT JOIN judged j ON j.type = 'group' AND j.account_id = m.account_id AND j.name = m.group_name
  GROUP BY m.user_arn
)
SELECT j.*, CASE WHEN j.is_administrator THEN TRUE WHEN shut.principal_arn IS NOT NULL THEN FALSE WHEN t.yes = 1 AND j.boundary_arn IS NULL THEN TRUE
  WHEN j.is_administrator IS NULL OR t.undecided = 1 OR t.yes = 1 THEN NULL ELSE FALSE END AS administers,
  CASE e.verdict WHEN 'allow' THEN TRUE WHEN 'conditional' THEN NULL WHEN 'unknown' THEN NULL ELSE FALSE END AS can_escalate,
  array_to_string(e.chain, '; then ') AS escalation_chain
FROM judged j LEFT JOIN through_groups t ON t.user_arn = j.arn
LEFT JOIN shut_out shut ON shut.principal_arn = j.arn
LEFT JOIN escalations e ON e.principal_arn = j.arn
