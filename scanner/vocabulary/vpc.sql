-- vpc: One VPC, with what runs in it whoever owns that.
-- listed from: vpcs
-- id: VPC id.
-- arn: ARN.
-- name: Name tag, else the id.
-- vpc_id: VPC id.
-- account_id: Account that owns it.
-- account_name: Name of that account.
-- environment: Environment of that account.
-- workload: Workload of that account.
-- region: Region.
-- is_default: Made by AWS with the account.
-- environments: Environments of what runs in it: instances, functions, services, clusters, load balancers, databases, joined with commas.
-- production: Some of the production ones by name.
-- nonproduction: Some of the others by name.
-- mixes_environments: Production and another environment run in it. {instances, compute, subnets, databases, subnet_groups, tags}
-- participants: Its owner and the accounts its subnets are shared with, joined with commas; NULL when they are not shared.
-- participant_environments: Their environments, joined with commas.
-- is_shared: Subnets of it are shared with other accounts. {resource_shares, share_resources, share_principals, subnets}
-- participants_mix_environments: They are of production and of another environment. {resource_shares, share_resources, share_principals, subnets, accounts, organizational_units, unit_ancestors}
-- peered_vpcs: VPCs it is peered with; NULL as long as there may be more and those known are within the limit. {vpc_peerings}
-- peered_with: Their accounts and ids, joined with commas.
WITH placed AS (
  SELECT i.vpc_id, i.account_id, i.arn FROM instances i
  UNION
  SELECT coalesce(d.vpc_id, g.vpc_id), d.account_id, d.arn FROM databases d
  LEFT JOIN (SELECT DISTINCT account_id, region, name, vpc_id FROM subnet_groups) g
    ON g.account_id = d.account_id AND g.region = d.region AND g.name = d.subnet_group AND d.subnet_ids IS NULL
  UNION
  SELECT coalesce(s.vpc_id, c.vpc_id), c.account_id, c.arn
  FROM (SELECT vpc_id, account_id, arn, unnest(CASE WHEN subnet_ids = [] OR subnet_ids IS NULL THEN [NULL] ELSE subnet_ids END) AS subnet_id
    FROM (SELECT vpc_id, account_id, arn, subnet_ids FROM compute UNION ALL SELECT vpc_id, account_id, arn, subnet_ids FROM databases)) c
  LEFT JOIN (SELECT DISTINCT subnet_id, vpc_id FROM subnets) s ON s.subnet_id = c.subnet_id
),
carried AS (
  SELECT p.vpc_id, count(DISTINCT f.known) AS environments,
    max(CASE WHEN f.known = 'production' THEN 1 ELSE 0 END) AS has_production,
    max(CASE WHEN coalesce(f.environment, 'unknown') = 'unknown' THEN 1 ELSE 0 END) AS undecided,
    string_agg(DISTINCT f.known, ', ' ORDER BY f.known) AS names,
    min(CASE WHEN f.known = 'production' THEN f.name END) AS production,
    min(CASE WHEN f.known <> 'production' THEN f.name END) AS nonproduction
  FROM placed p JOIN (
    SELECT arn, name, environment, CASE WHEN environment NOT IN ('shared', 'unknown') THEN environment END AS known FROM resource_facts
  ) f ON f.arn = p.arn
  GROUP BY p.vpc_id
),
shared AS (
  SELECT DISTINCT n.vpc_id, p.principal
  FROM share_resources r
  JOIN resource_shares s ON s.arn = r.share_arn AND coalesce(s.status, 'ACTIVE') = 'ACTIVE'
  JOIN share_principals p ON p.share_arn = r.share_arn
  JOIN subnets n ON n.arn = r.arn
),
participating AS (
  SELECT s.vpc_id, a.account_id FROM shared s JOIN accounts a ON a.account_id = s.principal
  UNION
  SELECT s.vpc_id, u.target_id FROM shared s
  JOIN organizational_units o ON o.arn = s.principal
  JOIN unit_ancestors u ON u.ancestor_id = o.unit_id
  JOIN accounts a ON a.account_id = u.target_id AND coalesce(a.status, 'ACTIVE') = 'ACTIVE'
  UNION
  SELECT s.vpc_id, a.account_id FROM shared s
  JOIN organizations o ON o.arn = s.principal
  JOIN accounts a ON a.is_member AND coalesce(a.status, 'ACTIVE') = 'ACTIVE'
  UNION
  -- The owner's own environment counts too, and so does whoever cannot be told who it is.
  SELECT s.vpc_id, v.owner_id FROM shared s JOIN vpcs v ON v.vpc_id = s.vpc_id AND v.owner_id IS NOT NULL
  UNION
  SELECT s.vpc_id, s.principal FROM shared s
  WHERE NOT EXISTS (SELECT 1 FROM accounts a WHERE a.account_id = s.principal)
    AND NOT EXISTS (SELECT 1 FROM organizational_units o WHERE o.arn = s.principal)
    AND NOT EXISTS (SELECT 1 FROM organizations o WHERE o.arn = s.principal)
),
participants AS (
  SELECT p.vpc_id, string_agg(DISTINCT coalesce(f.name, p.account_id), ', ' ORDER BY coalesce(f.name, p.account_id)) AS names,
    string_agg(DISTINCT f.environment, ', ' ORDER BY f.environment) AS environments,
    max(CASE WHEN f.environment = 'production' THEN 1 ELSE 0 END) AS has_production,
    max(CASE WHEN f.environment IN ('staging', 'test', 'development', 'sandbox') THEN 1 ELSE 0 END) AS has_other,
    max(CASE WHEN coalesce(f.environment, 'unknown') = 'unknown' THEN 1 ELSE 0 END) AS undecided
  FROM participating p LEFT JOIN account_facts f ON f.account_id = p.account_id GROUP BY p.vpc_id
),
peered AS (
  SELECT vpc_id, count(DISTINCT peer_vpc_id) AS peers,
    string_agg(DISTINCT coalesce(f.name, peer_account_id) || ' ' || peer_vpc_id, ', '
      ORDER BY coalesce(f.name, peer_account_id) || ' ' || peer_vpc_id) AS names
  FROM (
    SELECT requester_vpc_id AS vpc_id, accepter_vpc_id AS peer_vpc_id, accepter_account_id AS peer_account_id
    FROM vpc_peerings WHERE status = 'active'
    UNION
    SELECT accepter_vpc_id, requester_vpc_id, requester_account_id FROM vpc_peerings WHERE status = 'active'
  ) p LEFT JOIN account_facts f ON f.account_id = p.peer_account_id
  GROUP BY vpc_id
),
-- What an account is for, and which accounts are below a unit, may hang on these.
organization_gaps AS (
  SELECT count(*) > 0 AS present FROM unread
  WHERE collector = 'organizations' AND table_name IN ('accounts', 'organizational_units', 'organizations', 'tags', 'unit_ancestors')
),
gaps AS (
  SELECT v.vpc_id,
    max(CASE WHEN u.table_name IN ('instances', 'compute', 'subnets', 'databases', 'subnet_groups')
      OR u.table_name = 'tags' AND u.collector IN ('*', 'ec2_compute', 'ecs', 'eks', 'tagging', 'rds', 'redshift') THEN 1 ELSE 0 END) AS carried,
    max(CASE WHEN u.table_name IN ('resource_shares', 'share_resources', 'share_principals', 'subnets')
      AND u.account_id = v.account_id THEN 1 ELSE 0 END) AS shares,
    max(CASE WHEN u.table_name = 'vpc_peerings' AND u.account_id = v.account_id THEN 1 ELSE 0 END) AS peerings
  FROM vpcs v
  JOIN (SELECT DISTINCT vpc_id, account_id FROM subnets UNION SELECT vpc_id, account_id FROM vpcs
    UNION SELECT vpc_id, account_id FROM participating) users ON users.vpc_id = v.vpc_id
  JOIN unread u ON u.account_id = users.account_id AND u.region IN (v.region, '*')
  GROUP BY v.vpc_id
)
SELECT
  v.vpc_id AS id,
  v.arn,
  coalesce(v.name, v.vpc_id) AS name,
  v.vpc_id,
  v.account_id,
  f.name AS account_name,
  f.environment,
  f.workload,
  v.region,
  v.is_default,
  c.names AS environments,
  c.production,
  c.nonproduction,
  CASE WHEN c.environments >= 2 AND c.has_production = 1 THEN TRUE WHEN g.carried = 1 THEN NULL
    WHEN c.undecided = 1 AND og.present THEN NULL ELSE FALSE END AS mixes_environments,
  p.names AS participants,
  p.environments AS participant_environments,
  CASE WHEN h.vpc_id IS NOT NULL THEN TRUE WHEN g.shares = 1 THEN NULL ELSE FALSE END AS is_shared,
  CASE WHEN p.has_production = 1 AND p.has_other = 1 THEN TRUE WHEN g.shares = 1 OR p.undecided = 1 THEN NULL
    WHEN h.vpc_id IS NOT NULL AND og.present THEN NULL ELSE FALSE END AS participants_mix_environments,
  CASE WHEN r.peers > {max_peerings} THEN r.peers WHEN g.peerings = 1 THEN NULL ELSE coalesce(r.peers, 0) END AS peered_vpcs,
  r.names AS peered_with
FROM vpcs v
CROSS JOIN organization_gaps og
LEFT JOIN account_facts f ON f.account_id = v.account_id
LEFT JOIN carried c ON c.vpc_id = v.vpc_id
LEFT JOIN participants p ON p.vpc_id = v.vpc_id
LEFT JOIN gaps g ON g.vpc_id = v.vpc_id
LEFT JOIN peered r ON r.vpc_id = v.vpc_id
LEFT JOIN (SELECT DISTINCT vpc_id FROM shared) h ON h.vpc_id = v.vpc_id
WHERE v.owner_id IS NULL OR v.owner_id = v.account_id
