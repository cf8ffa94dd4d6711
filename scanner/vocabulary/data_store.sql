-- data_store: One data store: an RDS instance or cluster, or a DynamoDB table. Members of clusters and replicas belong to theirs.
-- listed from: databases, dynamodb_tables
-- id: ARN.
-- arn: ARN.
-- name: Name.
-- account_id: Its account.
-- account_name: Name of its account.
-- environment: Its environment.
-- workload: Its workload.
-- region: Region.
-- type: database or dynamodb_table.
-- engine: Such as postgres, aurora-mysql or dynamodb.
-- is_relational: It is reached over the network through security groups.
-- copies: Copies of it anywhere: recovery points, snapshots, automated and point-in-time backups, replicas. {recovery_points, snapshots, automated_backups, databases, dynamodb_tables}
-- copies_outside_account: Those that another account owns. NULL as long as an account that could keep them was not read, or no copy is known and there may be some. {recovery_points, snapshots, automated_backups, dynamodb_tables}
-- copy_accounts: Accounts that own copies, joined with commas.
-- newest_copy_at: When the newest was made, or how far it reaches.
-- admissions: Security group rules that admit somebody to its port. {security_group_rules}
-- open_ranges: Whole networks its security groups admit, joined with commas.
-- open_to_whole_network: There is at least one of them. {security_group_rules}
-- client_workloads: Workloads whose instances its security groups admit, joined with commas.
-- client_workload_count: How many. {security_group_rules, instances, vpc_peerings, transit_gateway_attachments}
-- unknown_clients: Admitted instances of no known workload, once for every rule that admits them.
-- admitted_by: Groups and ranges that admit them, joined with commas.
-- publicly_accessible: It has a public address.
-- public_ranges: Ranges of the internet its security groups admit, joined with commas.
-- publicly_reachable: Public address, admitted by a security group, in a subnet routed to an internet gateway. {security_group_rules, routes, route_tables, route_table_associations, subnet_groups}
WITH stores AS (
  SELECT arn, name, account_id, region, 'database' AS type, engine, TRUE AS is_relational, vpc_id, subnet_group, group_ids,
    publicly_accessible, status
  FROM databases WHERE cluster_name IS NULL AND source_arn IS NULL
  UNION ALL
  SELECT arn, name, account_id, region, 'dynamodb_table', 'dynamodb', FALSE, NULL, NULL, NULL, FALSE, status
  FROM dynamodb_tables
),
kept AS (
  SELECT c.store_arn, count(*) AS copies, sum(CASE WHEN c.account_id <> s.account_id THEN 1 ELSE 0 END) AS outside,
    string_agg(DISTINCT c.account_id, ', ' ORDER BY c.account_id) AS accounts, max(c.created_at) AS newest
  FROM copy c JOIN stores s ON s.arn = c.store_arn GROUP BY c.store_arn
),
-- Accounts that could keep copies for others: those that serve all environments, or of unknown purpose, and those that
-- copies of this account were sent to.
destinations AS (
  SELECT DISTINCT account_id, split_part(destination_vault_arn, ':', 5) AS destination FROM backup_copy_jobs
  UNION
  SELECT DISTINCT account_id, split_part(copy_arn, ':', 5)
  FROM (SELECT account_id, unnest(copies_to) AS copy_arn FROM backup_plans)
  UNION
  SELECT DISTINCT account_id, shared_account FROM (SELECT account_id, unnest(shared_with) AS shared_account FROM snapshots)
),
undecided_groups AS (
  -- A security group that nobody listed: another account owns it, or groups were not read.
  SELECT DISTINCT d.arn FROM (SELECT arn, unnest(group_ids) AS group_id FROM databases) d
  WHERE NOT EXISTS (SELECT 1 FROM security_groups g WHERE g.group_id = d.group_id)
),
unread_keepers AS (
  SELECT DISTINCT u.account_id, f.environment, u.selected
  FROM unread u LEFT JOIN account_facts f ON f.account_id = u.account_id
  WHERE u.table_name IN ('recovery_points', 'snapshots') AND u.status <> 'suspended'
),
keeper_gap AS (
  SELECT s.account_id FROM (SELECT DISTINCT account_id FROM stores) s
  WHERE EXISTS (SELECT 1 FROM unread_keepers k WHERE k.account_id <> s.account_id
    AND (coalesce(k.environment, 'unknown') IN ('shared', 'unknown')
      OR s.account_id IN (SELECT account_id FROM unread WHERE table_name IN ('backup_copy_jobs', 'backup_plans'))
      OR EXISTS (SELECT 1 FROM destinations d WHERE d.account_id = s.account_id AND d.destination = k.account_id)))
    OR EXISTS (SELECT 1 FROM destinations d WHERE d.account_id = s.account_id AND length(d.destination) = 12
      AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.account_id = d.destination))
),
admitting AS (
  SELECT database_arn, count(*) AS admissions,
    string_agg(DISTINCT CASE WHEN whole_network THEN peer END, ', ' ORDER BY CASE WHEN whole_network THEN peer END) AS open_ranges,
    string_agg(DISTINCT CASE WHEN public THEN peer END, ', ' ORDER BY CASE WHEN public THEN peer END) AS public_ranges,
    max(CASE WHEN whole_network IS NULL THEN 1 ELSE 0 END) AS undecided_range,
    max(CASE WHEN peer_type = 'group' THEN 0 ELSE 1 END) AS by_range
  FROM database_admissions GROUP BY database_arn
),
connecting AS (
  SELECT database_arn,
    string_agg(DISTINCT CASE WHEN certain AND client_workload <> 'unknown' THEN client_workload END, ', '
      ORDER BY CASE WHEN certain AND client_workload <> 'unknown' THEN client_workload END) AS workloads,
    count(DISTINCT CASE WHEN certain AND client_workload <> 'unknown' THEN client_workload END) AS workload_count,
    sum(CASE WHEN coalesce(client_workload, 'unknown') = 'unknown' THEN clients ELSE 0 END) AS unknown_clients,
    string_agg(DISTINCT CASE WHEN certain THEN via END, ', ' ORDER BY CASE WHEN certain THEN via END) AS admitted_by,
    count(DISTINCT CASE WHEN client_workload <> 'unknown' THEN client_workload END) AS possible_count
  FROM database_clients GROUP BY database_arn
),
subnets_of AS (
  SELECT s.arn, s.account_id, s.region, g.subnet_id, g.vpc_id
  FROM stores s JOIN subnet_groups g ON g.account_id = s.account_id AND g.region = s.region AND g.name = s.subnet_group
),
routed AS (
  SELECT n.arn, max(CASE WHEN r.target_type = 'internet_gateway' AND r.state = 'active' THEN 1 ELSE 0 END) AS to_internet,
    max(CASE WHEN coalesce(own.route_table_id, main.route_table_id) IS NULL THEN 1 ELSE 0 END) AS unrouted
  FROM subnets_of n
  LEFT JOIN route_table_associations own ON own.subnet_id = n.subnet_id
  LEFT JOIN route_tables main ON main.vpc_id = n.vpc_id AND main.is_main
  LEFT JOIN routes r ON r.route_table_id = coalesce(own.route_table_id, main.route_table_id)
    AND r.destination IN ('0.0.0.0/0', '::/0')
  GROUP BY n.arn
),
gaps AS (
  SELECT account_id, region,
    max(CASE WHEN table_name IN ('recovery_points', 'snapshots', 'automated_backups') THEN 1 ELSE 0 END) AS copies,
    max(CASE WHEN table_name IN ('security_group_rules', 'security_groups') THEN 1 ELSE 0 END) AS groups,
    max(CASE WHEN table_name = 'instances' THEN 1 ELSE 0 END) AS instances,
    max(CASE WHEN table_name IN ('vpcs', 'vpc_cidrs') THEN 1 ELSE 0 END) AS ranges,
    max(CASE WHEN table_name IN ('routes', 'route_tables', 'route_table_associations', 'subnet_groups')
      THEN 1 ELSE 0 END) AS routes
  FROM unread GROUP BY account_id, region
),
own_gaps AS (
  SELECT s.arn, max(g.copies) AS copies, max(CASE WHEN g.region IN (s.region, '*') THEN g.groups ELSE 0 END) AS groups,
    max(CASE WHEN g.region IN (s.region, '*') THEN g.instances ELSE 0 END) AS instances,
    max(CASE WHEN g.region IN (s.region, '*') THEN g.ranges ELSE 0 END) AS ranges,
    max(CASE WHEN g.region IN (s.region, '*') THEN g.routes ELSE 0 END) AS routes
  FROM stores s JOIN gaps g ON g.account_id = s.account_id GROUP BY s.arn
),
unread_neighbours AS (
  -- Other accounts that use the VPC of the store, whose instances were not read.
  SELECT DISTINCT s.arn FROM stores s
  JOIN subnets n ON n.vpc_id = s.vpc_id AND n.account_id <> s.account_id
  JOIN unread u ON u.account_id = n.account_id AND u.region IN (s.region, '*') AND u.table_name = 'instances'
),
joined_gaps AS (
  -- Networks joined to the VPC of the store that are not known, or whose instances were not read.
  SELECT DISTINCT s.arn FROM stores s
  JOIN unread u ON u.region IN (s.region, '*') AND u.status <> 'suspended'
  WHERE u.account_id = s.account_id AND u.table_name IN ('vpc_peerings', 'transit_gateway_attachments')
    OR u.table_name = 'transit_gateway_attachments' AND EXISTS (SELECT 1 FROM transit_gateway_attachments t
      WHERE t.account_id = s.account_id AND t.resource_id = s.vpc_id AND t.transit_gateway_owner_id = u.account_id)
    OR u.table_name = 'instances' AND EXISTS (SELECT 1 FROM vpc_peerings p WHERE p.status = 'active'
      AND (p.requester_vpc_id = s.vpc_id AND p.accepter_account_id = u.account_id
        OR p.accepter_vpc_id = s.vpc_id AND p.requester_account_id = u.account_id))
    OR u.table_name = 'instances' AND EXISTS (SELECT 1 FROM transit_gateway_attachments t
      JOIN transit_gateway_attachments o ON o.transit_gateway_id = t.transit_gateway_id
      WHERE t.resource_id = s.vpc_id AND o.resource_owner_id = u.account_id)
),
table_gaps AS (
  SELECT arn, point_in_time_recovery IS NULL OR backups IS NULL AS undecided FROM dynamodb_tables
)
SELECT
  s.arn AS id,
  s.arn,
  s.name,
  s.account_id,
  a.name AS account_name,
  f.environment,
  f.workload,
  s.region,
  s.type,
  s.engine,
  s.is_relational,
  CASE WHEN k.copies > 0 THEN k.copies WHEN g.copies = 1 OR q.account_id IS NOT NULL OR t.undecided THEN NULL
    ELSE 0 END AS copies,
  CASE WHEN k.outside > 0 THEN k.outside WHEN q.account_id IS NOT NULL THEN NULL
    WHEN coalesce(k.copies, 0) = 0 AND (g.copies = 1 OR t.undecided) THEN NULL ELSE 0 END AS copies_outside_account,
  k.accounts AS copy_accounts,
  k.newest AS newest_copy_at,
  CASE WHEN g.groups = 1 THEN NULL ELSE coalesce(m.admissions, 0) END AS admissions,
  m.open_ranges,
  CASE WHEN NOT s.is_relational THEN FALSE WHEN m.open_ranges IS NOT NULL THEN TRUE
    WHEN g.groups = 1 OR g.ranges = 1 OR m.undecided_range = 1 OR ug.arn IS NOT NULL THEN NULL
    ELSE FALSE END AS open_to_whole_network,
  c.workloads AS client_workloads,
  CASE WHEN c.workload_count >= 2 THEN c.workload_count
    WHEN g.groups = 1 OR g.instances = 1 OR ug.arn IS NOT NULL OR m.undecided_range = 1 OR nb.arn IS NOT NULL
      OR m.by_range = 1 AND jg.arn IS NOT NULL
      OR c.unknown_clients > 0 OR c.possible_count >= 2 THEN NULL
    ELSE coalesce(c.workload_count, 0) END AS client_workload_count,
  coalesce(c.unknown_clients, 0) AS unknown_clients,
  c.admitted_by,
  s.publicly_accessible,
  m.public_ranges,
  CASE WHEN s.publicly_accessible = FALSE THEN FALSE
    WHEN m.public_ranges IS NULL THEN CASE WHEN g.groups = 1 OR m.undecided_range = 1 OR ug.arn IS NOT NULL THEN NULL ELSE FALSE END
    WHEN s.publicly_accessible IS NULL THEN members.is_public
    WHEN r.to_internet = 1 THEN TRUE WHEN g.routes = 1 OR r.arn IS NULL OR r.unrouted = 1 THEN NULL ELSE FALSE END AS publicly_reachable
FROM stores s
LEFT JOIN account_facts a ON a.account_id = s.account_id
LEFT JOIN resource_facts f ON f.arn = s.arn
LEFT JOIN kept k ON k.store_arn = s.arn
LEFT JOIN keeper_gap q ON q.account_id = s.account_id
LEFT JOIN admitting m ON m.database_arn = s.arn
LEFT JOIN connecting c ON c.database_arn = s.arn
LEFT JOIN routed r ON r.arn = s.arn
LEFT JOIN undecided_groups ug ON ug.arn = s.arn
LEFT JOIN unread_neighbours nb ON nb.arn = s.arn
LEFT JOIN joined_gaps jg ON jg.arn = s.arn
LEFT JOIN own_gaps g ON g.arn = s.arn
LEFT JOIN table_gaps t ON t.arn = s.arn
LEFT JOIN (
  SELECT d.account_id, d.region, d.cluster_name, max(CASE WHEN d.publicly_accessible THEN 1 ELSE 0 END) = 1 AS is_public
  FROM databases d WHERE d.cluster_name IS NOT NULL GROUP BY d.account_id, d.region, d.cluster_name
) members ON members.account_id = s.account_id AND members.region = s.region AND members.cluster_name = s.name
