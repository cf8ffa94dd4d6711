-- table: organizations
SELECT account_id, 'global' AS region, organization_id() AS organization_id, 'ALL' AS feature_set,
  'arn:aws:organizations::' || account_id || ':organization/' || organization_id() AS arn, account_id AS management_account_id
FROM here WHERE purpose = 'management'

-- table: accounts
SELECT account_id, 'global' AS region, account_arn(account_id) AS arn, name, name || '@example.com' AS email, 'ACTIVE' AS status,
  'CREATED' AS joined_method, days_ago(900 + pick(900, idx, 'joined')) AS joined_at, parent_id,
  purpose = 'management' AS is_management, TRUE AS is_member
FROM here

-- table: scope
SELECT account_id, 'global' AS region, TRUE AS in_scope FROM here

-- table: account_regions
SELECT h.account_id, 'global' AS region, r.name AS region_name, 'opt-in-not-required' AS opt_in_status FROM here h, region r

-- table: organizational_units
SELECT m.account_id, 'global' AS region, u.unit_id, organization_arn(CASE WHEN u.key = '' THEN 'root' ELSE 'ou' END, u.unit_id) AS arn,
  u.name, u.parent_id, u.key = '' AS is_root, u.path, u.depth
FROM unit u, here m WHERE m.purpose = 'management'

-- table: unit_ancestors
SELECT m.account_id, 'global' AS region, c.unit_id AS target_id, c.ancestor_id, c.distance
FROM unit_chain c, here m WHERE m.purpose = 'management'
UNION ALL SELECT m.account_id, 'global', a.account_id, a.account_id, 0 FROM account a, here m WHERE m.purpose = 'management'
UNION ALL SELECT m.account_id, 'global', a.account_id, c.ancestor_id, c.distance + 1
FROM account a JOIN unit_chain c ON c.unit_id = a.parent_id, here m WHERE m.purpose = 'management'

-- scratch: organization_policy
SELECT m.account_id, g.policy_id, g.name, g.type, g.template, g.policy_id LIKE 'p-%FullAWSAccess' AS aws_managed,
  CASE WHEN g.policy_id LIKE 'p-%FullAWSAccess' THEN 'arn:aws:organizations::aws:policy/' || lower(g.type) || '/' || g.policy_id
    ELSE organization_arn('policy', lower(g.type) || '/' || g.policy_id) END AS arn
FROM (VALUES
  ('p-FullAWSAccess', 'FullAWSAccess', 'SERVICE_CONTROL_POLICY', 'scp_full'),
  ('p-RCPFullAWSAccess', 'RCPFullAWSAccess', 'RESOURCE_CONTROL_POLICY', 'rcp_full'),
  ('p-guardrails1', 'guardrails', 'SERVICE_CONTROL_POLICY', 'scp_guardrails'),
  ('p-regions001', 'regions', 'SERVICE_CONTROL_POLICY', 'scp_regions'),
  ('p-roles00001', 'protected-roles', 'SERVICE_CONTROL_POLICY', 'scp_roles'),
  ('p-backups001', 'protected-backups', 'SERVICE_CONTROL_POLICY', 'scp_backups'),
  ('p-sandbox001', 'sandbox-services', 'SERVICE_CONTROL_POLICY', 'scp_allow_list'),
  ('p-perimeter1', 'data-perimeter', 'RESOURCE_CONTROL_POLICY', 'rcp_perimeter')
) g(policy_id, name, type, template), here m WHERE m.purpose = 'management'

-- table: organization_policies
SELECT p.account_id, 'global' AS region, p.policy_id, p.arn, p.name, p.type, p.aws_managed, t.document AS content
FROM organization_policy p JOIN template_document t ON t.template = p.template

-- table: policy_targets
SELECT m.account_id, 'global' AS region, p.policy_id, t.target_id, t.target_type
FROM here m, (VALUES ('p-FullAWSAccess'), ('p-RCPFullAWSAccess')) p(policy_id), (
  SELECT unit_id AS target_id, CASE WHEN key = '' THEN 'ROOT' ELSE 'ORGANIZATIONAL_UNIT' END AS target_type, key FROM unit
  UNION ALL SELECT account_id, 'ACCOUNT', NULL FROM account
) t
WHERE m.purpose = 'management' AND NOT (p.policy_id = 'p-FullAWSAccess' AND coalesce(t.key, '') = 'sandbox')
UNION ALL
SELECT m.account_id, 'global', v.policy_id, u.unit_id, CASE WHEN u.key = '' THEN 'ROOT' ELSE 'ORGANIZATIONAL_UNIT' END
FROM here m, (VALUES ('p-guardrails1', ''), ('p-regions001', 'workloads'), ('p-roles00001', 'workloads'),
  ('p-backups001', 'security'), ('p-sandbox001', 'sandbox')) v(policy_id, key) JOIN unit u ON u.key = v.key
WHERE m.purpose = 'management'
UNION ALL
SELECT m.account_id, 'global', 'p-perimeter1', u.unit_id, 'ORGANIZATIONAL_UNIT'
FROM here m, unit u WHERE m.purpose = 'management' AND u.key LIKE '%/prod' AND rnd(u.key, 'perimeter') < 0.5

-- table: policy_types
SELECT account_id, 'global' AS region, root_id() AS root_id, unnest(['SERVICE_CONTROL_POLICY', 'RESOURCE_CONTROL_POLICY']) AS type,
  'ENABLED' AS status
FROM here WHERE purpose = 'management'

-- table: delegated_administrators
SELECT m.account_id, 'global' AS region, acct(d.i) AS delegate_account_id, d.service AS service_principal
FROM here m, (VALUES (2, 'guardduty.amazonaws.com'), (2, 'access-analyzer.amazonaws.com'), (6, 'backup.amazonaws.com'),
  (5, 'sso.amazonaws.com')) d(i, service) WHERE m.purpose = 'management'

-- table: trusted_services
SELECT account_id, 'global' AS region, unnest(['backup.amazonaws.com', 'cloudtrail.amazonaws.com', 'ram.amazonaws.com',
  'sso.amazonaws.com', 'guardduty.amazonaws.com']) AS service_principal, days_ago(900) AS enabled_at
FROM here WHERE purpose = 'management'

-- table: tags
SELECT acct(0) AS account_id, 'global' AS region, account_arn(h.account_id) AS arn, t.key, t.value
FROM account h, LATERAL (VALUES ('environment', CASE WHEN h.purpose = 'sandbox' THEN 'sandbox' ELSE coalesce(h.stage, 'shared') END),
  ('workload', coalesce(h.workload, h.name)), ('owner', 'team-' || pick(40, h.idx, 'owner')), ('cost-center', 'cc-' || pick(90, h.idx, 'cost'))
) t(key, value)
WHERE EXISTS (SELECT 1 FROM here m WHERE m.purpose = 'management') AND rnd(h.idx, t.key) < 0.9

-- table: coverage
SELECT h.account_id, c.place AS region, c.collector, c.call, 'collected' AS status, 1 AS items, 0 AS failed, 1 AS requests
FROM here h, (
  SELECT 'global' AS place, * FROM declared_call WHERE scope <> 'region'
  UNION ALL SELECT r.name, d.* FROM declared_call d, region r WHERE d.scope = 'region'
) c WHERE c.scope <> 'organization' OR h.purpose = 'management'
