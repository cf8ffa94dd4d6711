-- scratch: role
-- Named roles of `role_kind`, chains of roles through five accounts, and service roles for the rest.
WITH named AS (
  SELECT h.idx, h.account_id, k.kind, k.name, k.path, k.trust, k.inline, k.managed,
    CASE k.partner WHEN 'management' THEN acct(0) WHEN 'audit' THEN acct(2) WHEN 'tooling' THEN acct(4) WHEN 'shared' THEN acct(5)
      WHEN 'neighbour' THEN acct(h.neighbour) WHEN 'any' THEN acct(pick(accounts_wanted(), h.idx, k.kind || 'partner')) END AS other,
    acct(h.neighbour) AS target
  FROM here h JOIN role_kind k ON rnd(h.idx, k.kind) < k.share
    AND (k.only IS NULL OR k.only = h.purpose) AND (k.but IS NULL OR k.but <> h.purpose)
),
chained AS (
  -- The first of five trusts the last where the chain is a cycle, and the tooling account where it is not.
  SELECT h.idx, h.account_id, 'chain' AS kind, 'chain' AS name, '/' AS path, 'trust_chain' AS trust, 'assume_chain' AS inline,
    []::VARCHAR[] AS managed,
    acct(CASE WHEN h.idx % 5 > 0 THEN h.idx - 1 WHEN rnd(h.idx // 5, 'cycle') < 0.4 THEN h.idx + 4 ELSE 4 END) AS other,
    acct(CASE WHEN h.idx % 5 < 4 THEN h.idx + 1 ELSE h.idx - 4 END) AS target
  FROM here h WHERE rnd(h.idx // 5, 'chain') < 0.3 AND (h.idx // 5) * 5 + 4 < accounts_wanted() AND h.idx >= 5
),
bulk AS (
  SELECT idx, account_id, unnest(range(greatest(roles - 16, 4))) AS n FROM here
),
service AS (
  SELECT idx, account_id, n, pick(100, idx, 'service' || n) AS s, pick(100, idx, 'inline' || n) AS i FROM bulk
)
SELECT *, 'arn:aws:iam::' || account_id || ':role' || path || name AS arn FROM (
  SELECT * FROM named UNION ALL BY NAME SELECT * FROM chained
  UNION ALL BY NAME
  SELECT idx, account_id, 'service' AS kind, '/' AS path,
    CASE WHEN n = 0 THEN 'app-main' ELSE 'svc-' || n END AS name,
    'trust_' || CASE WHEN s < 45 THEN 'lambda' WHEN s < 70 THEN 'ecs-tasks' WHEN s < 85 THEN 'ec2' WHEN s < 89 THEN 'codebuild'
      WHEN s < 93 THEN 'states' WHEN s < 97 THEN 'events' ELSE 'glue' END AS trust,
    CASE WHEN n = 0 THEN 'assume_other' WHEN i < 25 THEN 'table_access' WHEN i < 42 THEN 'bucket_access' WHEN i < 52 THEN 'queue_access'
      WHEN i < 62 THEN 'secret_access' WHEN i < 63 THEN 'pass_role' WHEN i < 64 THEN 'run_instances'
      WHEN i = 64 AND n % 4 = 0 THEN 'policy_version' WHEN i < 67 THEN 'own_delete' WHEN i < 69 THEN 'assume_other' END AS inline,
    CASE WHEN s < 45 THEN ['AWSLambdaBasicExecutionRole'] WHEN s < 70 THEN ['AmazonECSTaskExecutionRolePolicy']
      WHEN s < 85 THEN ['AmazonSSMManagedInstanceCore'] ELSE []::VARCHAR[] END AS managed,
    NULL AS other, acct(pick(accounts_wanted(), idx, 'target' || n)) AS target
  FROM service
)

-- scratch: iam_user
SELECT h.idx, h.account_id, CASE WHEN n < 0 THEN 'break-glass' ELSE 'user-' || n END AS name,
  'arn:aws:iam::' || h.account_id || ':user/' || CASE WHEN n < 0 THEN 'break-glass' ELSE 'user-' || n END AS arn, n
FROM here h, LATERAL (SELECT unnest(range(CASE WHEN h.purpose = 'management' THEN -1 ELSE 0 END, h.users)) AS n)

-- table: principals
SELECT account_id, 'global' AS region, arn, 'role' AS type, name, 'AROA' || upper(substr(md5(arn), 1, 17)) AS unique_id, path,
  days_ago(30 + pick(1200, idx, arn)) AS created_at,
  CASE WHEN kind = 'service' AND rnd(idx, 'boundary') < 0.2 THEN 'arn:aws:iam::' || account_id || ':policy/boundary' END AS boundary_arn,
  path LIKE '/aws-service-role/%' AS service_linked,
  TRUE AS use_tracked, CASE WHEN rnd(idx, name || 'used') < 0.7 THEN days_ago(pick(90, idx, name || 'day')) END AS last_used_at
FROM role
UNION ALL BY NAME
SELECT account_id, 'global' AS region, arn, 'user' AS type, name, 'AIDA' || upper(substr(md5(arn), 1, 17)) AS unique_id, '/' AS path,
  days_ago(400) AS created_at, FALSE AS service_linked FROM iam_user
UNION ALL BY NAME
SELECT h.account_id, 'global' AS region, 'arn:aws:iam::' || h.account_id || ':group/' || g.name AS arn, 'group' AS type, g.name,
  'AGPA' || upper(substr(md5(h.account_id || g.name), 1, 17)) AS unique_id, '/' AS path, days_ago(800) AS created_at, FALSE AS service_linked
FROM here h, (VALUES ('administrators'), ('developers')) g(name)

-- table: group_members
SELECT account_id, 'global' AS region, arn AS user_arn,
  CASE WHEN n < 0 OR pick(5, idx, 'group' || n) = 0 THEN 'administrators' ELSE 'developers' END AS group_name
FROM iam_user

-- scratch: attachment
SELECT r.account_id, r.arn AS principal_arn, m.arn AS policy_arn, m.name AS policy_name
FROM (SELECT account_id, arn, unnest(managed) AS name FROM role) r JOIN aws_policy m ON m.name = r.name
UNION ALL
SELECT r.account_id, r.arn, 'arn:aws:iam::' || r.account_id || ':policy/' || p.name, p.name
FROM role r JOIN here h ON h.idx = r.idx, LATERAL (SELECT 'app-policy-' || pick(h.policies, r.idx, r.name || 'policy') AS name) p
WHERE r.kind = 'service' AND rnd(r.idx, r.name || 'attached') < 0.4
UNION ALL
-- Six in ten deployers have a policy of their own, the others are administrators.
SELECT r.account_id, r.arn, CASE WHEN rnd(r.idx, 'deploy') < 0.6 THEN 'arn:aws:iam::' || r.account_id || ':policy/deploy' ELSE m.arn END,
  CASE WHEN rnd(r.idx, 'deploy') < 0.6 THEN 'deploy' ELSE m.name END
FROM role r JOIN aws_policy m ON m.name = 'AdministratorAccess' WHERE r.kind = 'deployer'
UNION ALL
SELECT h.account_id, 'arn:aws:iam::' || h.account_id || ':group/' || g.name, m.arn, m.name
FROM here h, (VALUES ('administrators', 'AdministratorAccess'), ('developers', 'PowerUserAccess')) g(name, policy)
JOIN aws_policy m ON m.name = g.policy

-- table: policy_attachments
SELECT account_id, 'global' AS region, principal_arn, policy_arn, policy_name FROM attachment

-- scratch: managed
SELECT h.account_id, 'arn:aws:iam::' || h.account_id || ':policy/' || p.name AS policy_arn, p.name AS policy_name,
  CASE WHEN p.name LIKE 'app-%' THEN 'managed_application' WHEN p.name = 'deploy' THEN 'deploy' ELSE 'managed_boundary' END AS template,
  NULL AS other, FALSE AS aws_managed
FROM here h, LATERAL (SELECT unnest(list_concat(['boundary', 'deploy'],
  list_transform(range(h.policies), lambda n: 'app-policy-' || n))) AS name) p
UNION ALL
SELECT DISTINCT a.account_id, a.policy_arn, a.policy_name, 'aws_' || a.policy_name, NULL, TRUE
FROM attachment a JOIN aws_policy m ON m.arn = a.policy_arn

-- table: managed_policies
SELECT m.account_id, 'global' AS region, m.policy_arn AS arn, m.policy_name AS name, m.aws_managed,
  coalesce(a.attachments, 0) AS attachments, CASE WHEN m.policy_name = 'boundary' THEN coalesce(b.uses, 0) ELSE 0 END AS boundary_uses
FROM managed m
LEFT JOIN (SELECT account_id, policy_arn, count(*) AS attachments FROM attachment GROUP BY ALL) a
  ON a.account_id = m.account_id AND a.policy_arn = m.policy_arn
LEFT JOIN (SELECT account_id, count(*) AS uses FROM role WHERE kind = 'service' AND rnd(idx, 'boundary') < 0.2 GROUP BY ALL) b
  ON b.account_id = m.account_id

-- table: instance_profiles
SELECT account_id, 'global' AS region, 'arn:aws:iam::' || account_id || ':instance-profile/' || name AS arn, name, arn AS role_arn
FROM role WHERE trust = 'trust_ec2'

-- scratch: ec2_profile
SELECT account_id, min('arn:aws:iam::' || account_id || ':instance-profile/' || name) AS arn FROM role WHERE trust = 'trust_ec2' GROUP BY ALL

-- table: identity_providers
SELECT DISTINCT account_id, 'global' AS region,
  'arn:aws:iam::' || account_id || CASE WHEN trust = 'trust_sso' THEN ':saml-provider/AWSSSO_DO_NOT_DELETE'
    ELSE ':oidc-provider/token.actions.githubusercontent.com' END AS arn,
  CASE WHEN trust = 'trust_sso' THEN 'saml' ELSE 'oidc' END AS type
FROM role WHERE trust IN ('trust_sso', 'trust_github', 'trust_github_any')
