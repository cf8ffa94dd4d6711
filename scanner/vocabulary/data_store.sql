-- data_store: One data store: a database, a DynamoDB table or a file system. Members of clusters and replicas belong to theirs: who reaches a replica reaches the data.
-- listed from: databases, dynamodb_tables, file_systems
-- id: ARN.
-- arn: ARN.
-- name: Name.
-- account_id: Its account.
-- account_name: Name of its account.
-- environment: Its environment.
-- workload: Its workload.
-- region: Region.
-- type: database, dynamodb_table or file_system.
-- engine: Such as postgres, aurora-mysql or dynamodb.
-- is_relational: It is reached over the network through security groups. {databases}
-- is_cache: It is a cache that keeps no snapshots: nothing is lost with it that is not kept elsewhere.
-- copies: Copies of it anywhere: recovery points, snapshots, automated and point-in-time backups, replicas. {recovery_points, snapshots, service_snapshots, automated_backups, databases, dynamodb_tables, file_system_replicas}
-- copies_outside_account: Those that another account owns. NULL as long as an account that could keep them was not read, or no copy is known and there may be some. {recovery_points, snapshots, service_snapshots, automated_backups, dynamodb_tables, file_system_replicas}
-- copy_accounts: Accounts that own copies, joined with commas.
-- newest_copy_at: When the newest was made, or how far it reaches.
-- newest_copy_outside_at: When the newest of those that another account owns was made.
-- copies_stale: The newest copy in another account is older than the recovery point objective; NULL when its age is not known. {recovery_points, snapshots, service_snapshots, automated_backups, dynamodb_tables, file_system_replicas}
-- surviving_copies: Copies that outlive the loss of its account: complete, elsewhere, with a usable key, out of reach or immutable. {recovery_points, snapshots, backup_vaults, kms_keys, principals, policy_documents}
-- newest_surviving_at: When the newest of them was made.
-- surviving_accounts: Accounts that own them, joined with commas.
-- copies_in_blast_radius: Copies in other accounts that whoever holds its account may delete, or their key. {recovery_points, snapshots, backup_vaults, kms_keys, principals, policy_documents}
-- blast_radius_chain: How, for one of them, a sentence a step.
-- copies_keyed_by_source: Copies in other accounts that need a key of its account. {recovery_points, snapshots, backup_vaults}
-- keyed_by_source_arns: Those copies, joined with commas.
-- admissions: Security group rules that admit somebody to its port. {security_group_rules}
-- open_ranges: Whole networks its security groups admit, joined with commas.
-- open_groups: The security groups that do, joined with commas.
-- open_to_whole_network: There is at least one of them. {security_group_rules}
-- client_workloads: Workloads whose instances, functions or tasks can open a connection to it, joined with commas.
-- client_workload_count: How many. {network_interfaces, instances, compute, security_group_rules, routes, network_acl_entries, vpc_peerings, transit_gateway_attachments, transit_gateway_routes, subnet_groups}
-- unknown_clients: Clients of no known workload.
-- client_environments: Environments of the clients, joined with commas.
-- environments_served: Number of environments among its clients and itself; 0 without clients. {network_interfaces, instances, compute, security_group_rules, routes, network_acl_entries, vpc_peerings, transit_gateway_attachments, transit_gateway_routes, subnet_groups}
-- clients_of_other_accounts: Accounts of clients that are not its own, joined with commas.
-- reached_across_accounts: A client of another account can open a connection to it. {network_interfaces, security_group_rules, routes, network_acl_entries, vpc_peerings, transit_gateway_attachments, transit_gateway_routes, subnet_groups}
-- connections: Peerings, transit gateways, shared VPCs and endpoint services that clients come over, joined with commas.
-- admitted_by: Groups and ranges that admit them, joined with commas.
-- path: How a client comes, hop by hop: one of another account or environment where there is one.
-- publicly_accessible: It has a public address.
-- public_ranges: Ranges of the internet its security groups admit, joined with commas.
-- public_groups: The security groups that do, joined with commas.
-- publicly_reachable: The internet, or a part of it, can open a connection to it; not known where an appliance on the way decides. {security_group_rules, routes, route_tables, route_table_associations, subnet_groups, network_acl_entries, public_access_blocks}
-- public_path: How the internet comes, hop by hop.
-- lent_to: Accounts, units or the organization that it, or its subnet group, is shared with through RAM, joined with commas.
-- is_lent: There is at least one of them. {resource_shares, share_resources, share_principals}
WITH stores AS (
  SELECT arn, name, account_id, region, 'database' AS type, engine,
    -- A domain outside of VPCs stands on the internet behind its policy, as a bucket does.
    CASE WHEN vpc_id IS NULL AND subnet_ids = [] THEN FALSE WHEN type = 'namespace' AND subnet_ids IS NULL THEN NULL ELSE TRUE END AS is_relational, publicly_accessible, subnet_group,
    type = 'cache' AND coalesce(backup_retention_days, 1) = 0 AS is_cache
  FROM databases d WHERE cluster_name IS NULL
    AND (source_arn IS NULL OR NOT EXISTS (SELECT 1 FROM databases o WHERE o.arn = d.source_arn))
  UNION ALL
  SELECT arn, name, account_id, region, 'dynamodb_table', 'dynamodb', FALSE, FALSE, NULL, FALSE
  FROM dynamodb_tables
  UNION ALL
  SELECT arn, name, account_id, region, 'file_system', type, FALSE, FALSE, NULL, FALSE
  FROM file_systems f WHERE NOT EXISTS (SELECT 1 FROM file_system_replicas r WHERE r.replica_arn = f.arn)
),
replicas AS (SELECT arn, source_arn FROM databases WHERE cluster_name IS NULL AND source_arn IS NOT NULL),
origins AS (
  -- Replicas may have replicas of their own, and RDS lets three follow each other.
  SELECT arn, source_arn FROM replicas
  UNION SELECT r.arn, one.source_arn FROM replicas r JOIN replicas one ON one.arn = r.source_arn
  UNION SELECT r.arn, two.source_arn FROM replicas r JOIN replicas one ON one.arn = r.source_arn JOIN replicas two ON two.arn = one.source_arn
  UNION SELECT r.arn, three.source_arn FROM replicas r JOIN replicas one ON one.arn = r.source_arn JOIN replicas two ON two.arn = one.source_arn
    JOIN replicas three ON three.arn = two.source_arn
),
ends AS (
  -- A store and its read replicas: each has its own address and security groups.
  SELECT s.arn AS end_arn, s.arn FROM stores s
  UNION
  SELECT o.arn, s.arn FROM origins o JOIN stores s ON s.arn = o.source_arn
),
kept AS (
  SELECT c.store_arn, count(*) AS copies, sum(CASE WHEN c.account_id <> s.account_id THEN 1 ELSE 0 END) AS outside,
    string_agg(DISTINCT c.account_id, ', ' ORDER BY c.account_id) AS accounts, max(c.created_at) AS newest,
    max(CASE WHEN c.account_id <> s.account_id THEN c.created_at END) AS newest_outside
  FROM copy c JOIN stores s ON s.arn = c.store_arn GROUP BY c.store_arn
),
fated AS (
  SELECT store_arn,
    sum(CASE WHEN fate = 'survives' THEN 1 ELSE 0 END) AS surviving,
    max(CASE WHEN fate = 'survives' THEN created_at END) AS newest_surviving,
    string_agg(DISTINCT CASE WHEN fate = 'survives' THEN copy_account_id END, ', '
      ORDER BY CASE WHEN fate = 'survives' THEN copy_account_id END) AS surviving_accounts,
    sum(CASE WHEN reach_fate = 'dies' THEN 1 ELSE 0 END) AS in_radius,
    min(CASE WHEN reach_fate = 'dies' THEN array_to_string(reach_chain, '; ') END) AS in_radius_chain,
    max(CASE WHEN reach_fate = 'unknown' THEN 1 ELSE 0 END) AS undecided_reach,
    sum(CASE WHEN key_fate = 'dies' THEN 1 ELSE 0 END) AS keyed_by_source,
    string_agg(DISTINCT CASE WHEN key_fate = 'dies' THEN copy_arn END, ', '
      ORDER BY CASE WHEN key_fate = 'dies' THEN copy_arn END) AS keyed_by_source_arns,
    max(CASE WHEN key_fate = 'unknown' THEN 1 ELSE 0 END) AS undecided_key,
    max(CASE WHEN fate = 'unknown' THEN 1 ELSE 0 END) AS undecided,
    max(CASE WHEN fate = 'unknown' AND cause = 'unseen' THEN 1 ELSE 0 END) AS unseen
  FROM survival GROUP BY store_arn
),
undecided_groups AS (
  -- A security group that nobody listed: another account owns it, or groups were not read.
  SELECT DISTINCT e.arn FROM (SELECT arn, unnest(group_ids) AS group_id FROM databases) d JOIN ends e ON e.end_arn = d.arn
  WHERE NOT EXISTS (SELECT 1 FROM security_groups g WHERE g.group_id = d.group_id)
),
-- Something may be kept in an account whose copies were not read.
keeper_gap AS (SELECT DISTINCT account_id FROM keeper_gaps),
admitting AS (
  SELECT e.arn AS database_arn, count(*) AS admissions,
    string_agg(DISTINCT CASE WHEN whole_network THEN peer END, ', ' ORDER BY CASE WHEN whole_network THEN peer END) AS open_ranges,
    string_agg(DISTINCT CASE WHEN whole_network THEN group_id END, ', ' ORDER BY CASE WHEN whole_network THEN group_id END) AS open_groups,
    string_agg(DISTINCT CASE WHEN public THEN group_id END, ', ' ORDER BY CASE WHEN public THEN group_id END) AS public_groups,
    string_agg(DISTINCT CASE WHEN public THEN peer END, ', ' ORDER BY CASE WHEN public THEN peer END) AS public_ranges,
    max(CASE WHEN whole_network IS NULL THEN 1 ELSE 0 END) AS undecided_range
  FROM database_admissions d JOIN ends e ON e.end_arn = d.database_arn GROUP BY e.arn
),
clients AS (
  SELECT e.arn AS target_arn, p.source_arn, p.members, p.verdict, p.via, p.via_id, p.reasons, p.admitted_by,
    p.verdict = 'allow' AS certain,
    CASE WHEN p.source_workload <> 'unknown' THEN p.source_workload END AS workload,
    CASE WHEN p.source_environment NOT IN ('unknown', 'shared') THEN p.source_environment END AS environment,
    -- Who serves every environment is of none of its own.
    coalesce(p.source_environment = 'shared', FALSE) AS is_shared,
    p.source_account_id, coalesce(p.source_account_id <> p.target_account_id, TRUE) AS is_foreign
  FROM network_paths p JOIN ends e ON e.end_arn = p.target_arn WHERE p.target_kind = 'database' AND coalesce(p.via, '') <> 'internet'
),
connecting AS (
  SELECT target_arn,
    string_agg(DISTINCT CASE WHEN certain THEN workload END, ', ' ORDER BY CASE WHEN certain THEN workload END) AS workloads,
    count(DISTINCT CASE WHEN certain THEN workload END) AS workload_count,
    max(CASE WHEN source_arn IS NULL OR workload IS NULL THEN 1 ELSE 0 END) AS undecided_workload,
    count(DISTINCT workload) AS possible_workloads,
    sum(CASE WHEN certain AND workload IS NULL THEN members ELSE 0 END) AS unknown_clients,
    string_agg(DISTINCT CASE WHEN certain THEN environment END, ', ' ORDER BY CASE WHEN certain THEN environment END) AS environments,
    max(CASE WHEN source_arn IS NULL OR environment IS NULL AND NOT is_shared THEN 1 ELSE 0 END) AS undecided_environment,
    string_agg(DISTINCT CASE WHEN certain AND is_foreign THEN source_account_id END, ', '
      ORDER BY CASE WHEN certain AND is_foreign THEN source_account_id END) AS foreigners,
    max(CASE WHEN is_foreign AND NOT certain THEN 1 ELSE 0 END) AS undecided_foreigner,
    string_agg(DISTINCT CASE WHEN certain AND via <> 'same_vpc' THEN via_id END, ', '
      ORDER BY CASE WHEN certain AND via <> 'same_vpc' THEN via_id END) AS connections
  FROM clients GROUP BY target_arn
),
served AS (
  SELECT arn, count(DISTINCT CASE WHEN certain = 1 THEN environment END) AS certainly, count(DISTINCT environment) AS possibly
  FROM (
    SELECT target_arn AS arn, environment, CASE WHEN certain THEN 1 ELSE 0 END AS certain FROM clients
    UNION ALL
    SELECT c.target_arn, f.environment, CASE WHEN c.certain THEN 1 ELSE 0 END FROM clients c JOIN resource_facts f
      ON f.arn = c.target_arn AND f.environment NOT IN ('unknown', 'shared')
  ) WHERE environment IS NOT NULL GROUP BY arn
),
admitters AS (
  SELECT target_arn, string_agg(DISTINCT peer, ', ' ORDER BY peer) AS peers
  FROM (SELECT target_arn, unnest(admitted_by) AS peer FROM clients WHERE certain) GROUP BY target_arn
),
example AS (
  SELECT c.target_arn, c.reasons, row_number() OVER (PARTITION BY c.target_arn ORDER BY
    CASE WHEN c.is_foreign THEN 0 ELSE 1 END, CASE WHEN c.environment <> f.environment THEN 0 ELSE 1 END, c.source_arn) AS place
  FROM clients c LEFT JOIN resource_facts f ON f.arn = c.target_arn WHERE c.certain
),
world AS (
  SELECT e.arn AS target_arn, max(CASE WHEN p.verdict = 'allow' THEN 1 ELSE 0 END) AS reaches,
    coalesce(min(CASE WHEN p.verdict = 'allow' THEN p.reasons END), min(p.reasons)) AS reasons
  FROM network_paths p JOIN ends e ON e.end_arn = p.target_arn WHERE p.target_kind = 'database' AND p.via = 'internet' GROUP BY e.arn
),
lent AS (
  SELECT s.arn, string_agg(DISTINCT coalesce(m.name, u.name, p.principal), ', '
    ORDER BY coalesce(m.name, u.name, p.principal)) AS principals
  FROM (
    SELECT s.arn, s.account_id, r.share_arn FROM stores s JOIN share_resources r ON r.arn = s.arn
    UNION
    SELECT s.arn, s.account_id, r.share_arn FROM stores s
    JOIN share_resources r ON split_part(r.arn, ':', 6) = 'subgrp' AND split_part(r.arn, ':', 7) = s.subnet_group
      AND split_part(r.arn, ':', 5) = s.account_id AND split_part(r.arn, ':', 4) = s.region
  ) s
  JOIN resource_shares h ON h.arn = s.share_arn AND coalesce(h.status, 'ACTIVE') = 'ACTIVE'
  JOIN share_principals p ON p.share_arn = s.share_arn
  LEFT JOIN accounts m ON m.account_id = p.principal
  LEFT JOIN organizational_units u ON u.arn = p.principal
  WHERE p.principal <> s.account_id AND p.principal NOT LIKE '%.amazonaws.com'
    AND p.principal NOT LIKE 'arn:%:iam::' || s.account_id || ':%'
  GROUP BY s.arn
),
gaps AS (
  SELECT account_id, region,
    max(CASE WHEN table_name IN ('recovery_points', 'snapshots', 'automated_backups') THEN 1 ELSE 0 END) AS copies,
    -- Copies that only data stores of some services have.
    max(CASE WHEN table_name IN ('service_snapshots', 'file_system_replicas') THEN 1 ELSE 0 END) AS service_copies,
    max(CASE WHEN table_name IN ('security_group_rules', 'security_groups') THEN 1 ELSE 0 END) AS groups,
    max(CASE WHEN table_name IN ('vpcs', 'vpc_cidrs') THEN 1 ELSE 0 END) AS ranges,
    max(CASE WHEN table_name IN ('resource_shares', 'share_resources', 'share_principals') THEN 1 ELSE 0 END) AS shares
  FROM unread GROUP BY account_id, region
),
own_gaps AS (
  SELECT s.arn, max(CASE WHEN split_part(s.arn, ':', 3) IN ('rds', 'dynamodb') THEN g.copies WHEN g.service_copies = 1 THEN 1 ELSE g.copies END) AS copies, max(CASE WHEN g.region IN (s.region, '*') THEN g.groups ELSE 0 END) AS groups,
    max(CASE WHEN g.region IN (s.region, '*') THEN g.ranges ELSE 0 END) AS ranges,
    max(CASE WHEN g.region IN (s.region, '*') THEN g.shares ELSE 0 END) AS shares
  FROM stores s JOIN gaps g ON g.account_id = s.account_id GROUP BY s.arn
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
  s.is_cache,
  CASE WHEN k.copies > 0 THEN k.copies WHEN g.copies = 1 OR q.account_id IS NOT NULL OR t.undecided OR d.unseen = 1 THEN NULL
    ELSE 0 END AS copies,
  CASE WHEN k.outside > 0 THEN k.outside WHEN q.account_id IS NOT NULL OR d.unseen = 1 THEN NULL
    WHEN coalesce(k.copies, 0) = 0 AND (g.copies = 1 OR t.undecided) THEN NULL ELSE 0 END AS copies_outside_account,
  k.accounts AS copy_accounts,
  k.newest AS newest_copy_at,
  k.newest_outside AS newest_copy_outside_at,
  CASE WHEN k.newest_outside >= CAST({scanned_at} AS TIMESTAMP) - INTERVAL '{settings.recovery_point_objective_hours}' HOUR THEN FALSE
    WHEN q.account_id IS NOT NULL OR d.unseen = 1 OR k.newest_outside IS NULL THEN NULL ELSE TRUE END AS copies_stale,
  CASE WHEN d.surviving > 0 THEN d.surviving WHEN q.account_id IS NOT NULL OR d.undecided = 1 THEN NULL ELSE 0 END AS surviving_copies,
  d.newest_surviving AS newest_surviving_at,
  d.surviving_accounts,
  CASE WHEN d.in_radius > 0 THEN d.in_radius WHEN q.account_id IS NOT NULL OR d.undecided_reach = 1 THEN NULL
    WHEN coalesce(k.copies, 0) = 0 AND (g.copies = 1 OR t.undecided) THEN NULL ELSE 0 END AS copies_in_blast_radius,
  d.in_radius_chain AS blast_radius_chain,
  CASE WHEN d.keyed_by_source > 0 THEN d.keyed_by_source WHEN q.account_id IS NOT NULL OR d.undecided_key = 1 THEN NULL
    WHEN coalesce(k.copies, 0) = 0 AND (g.copies = 1 OR t.undecided) THEN NULL ELSE 0 END AS copies_keyed_by_source,
  d.keyed_by_source_arns,
  CASE WHEN g.groups = 1 THEN NULL ELSE coalesce(m.admissions, 0) END AS admissions,
  m.open_ranges,
  m.open_groups,
  CASE WHEN NOT s.is_relational THEN FALSE WHEN m.open_ranges IS NOT NULL THEN TRUE
    WHEN g.groups = 1 OR g.ranges = 1 OR m.undecided_range = 1 OR ug.arn IS NOT NULL THEN NULL
    ELSE FALSE END AS open_to_whole_network,
  c.workloads AS client_workloads,
  CASE WHEN c.workload_count >= 2 THEN c.workload_count
    WHEN c.undecided_workload = 1 OR c.possible_workloads > c.workload_count THEN NULL
    ELSE coalesce(c.workload_count, 0) END AS client_workload_count,
  coalesce(c.unknown_clients, 0) AS unknown_clients,
  c.environments AS client_environments,
  CASE WHEN v.certainly >= 2 THEN v.certainly
    WHEN c.undecided_environment = 1 OR v.possibly > v.certainly OR c.target_arn IS NOT NULL AND f.environment IS NULL THEN NULL
    ELSE coalesce(v.certainly, 0) END AS environments_served,
  c.foreigners AS clients_of_other_accounts,
  CASE WHEN c.foreigners IS NOT NULL THEN TRUE WHEN c.undecided_foreigner = 1 THEN NULL ELSE FALSE END AS reached_across_accounts,
  c.connections,
  b.peers AS admitted_by,
  x.reasons AS path,
  s.publicly_accessible,
  m.public_ranges,
  m.public_groups,
  CASE WHEN w.reaches = 1 THEN TRUE WHEN w.reaches = 0 THEN NULL ELSE FALSE END AS publicly_reachable,
  w.reasons AS public_path,
  l.principals AS lent_to,
  CASE WHEN l.arn IS NOT NULL THEN TRUE WHEN g.shares = 1 THEN NULL ELSE FALSE END AS is_lent
FROM stores s
LEFT JOIN account_facts a ON a.account_id = s.account_id
LEFT JOIN resource_facts f ON f.arn = s.arn
LEFT JOIN kept k ON k.store_arn = s.arn
LEFT JOIN fated d ON d.store_arn = s.arn
LEFT JOIN keeper_gap q ON q.account_id = s.account_id
LEFT JOIN admitting m ON m.database_arn = s.arn
LEFT JOIN connecting c ON c.target_arn = s.arn
LEFT JOIN served v ON v.arn = s.arn
LEFT JOIN admitters b ON b.target_arn = s.arn
LEFT JOIN example x ON x.target_arn = s.arn AND x.place = 1
LEFT JOIN world w ON w.target_arn = s.arn
LEFT JOIN undecided_groups ug ON ug.arn = s.arn
LEFT JOIN own_gaps g ON g.arn = s.arn
LEFT JOIN table_gaps t ON t.arn = s.arn
LEFT JOIN lent l ON l.arn = s.arn
