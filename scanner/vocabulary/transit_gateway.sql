-- transit_gateway: One transit gateway, where its owner lists it.
-- listed from: transit_gateways
-- id: ARN, else its id.
-- arn: ARN.
-- name: Name tag, else the id.
-- account_id: Account that owns it.
-- account_name: Name of that account.
-- environment: Environment of that account.
-- workload: Workload of that account.
-- region: Region.
-- attachments: VPCs attached to it. {transit_gateway_attachments}
-- route_table_id: The route table that joins most of them.
-- joined: VPCs whose traffic that table routes, and to which it routes. {transit_gateway_attachments, transit_gateway_route_tables, transit_gateway_routes, transit_gateway_associations}
-- joined_accounts: Their accounts by name, joined with commas.
-- joined_environments: Environments of these accounts, joined with commas.
-- joined_workloads: Workloads of these accounts, joined with commas.
-- is_flat: One table joins all VPCs of accounts that serve no others, production with another environment or several workloads. {transit_gateway_attachments, transit_gateway_route_tables, transit_gateway_routes, transit_gateway_associations, accounts, organizational_units, unit_ancestors, tags@organizations}
WITH attached AS (
  SELECT DISTINCT g.transit_gateway_id, a.attachment_id, a.resource_owner_id AS owner_id,
    CASE WHEN a.association_state = 'associated' THEN a.association_table_id END AS table_id,
    coalesce(f.name, a.resource_owner_id) AS owner, coalesce(f.environment, 'unknown') AS environment,
    -- An account outside the organization is a workload of its own.
    CASE WHEN f.account_id IS NULL THEN a.resource_owner_id WHEN f.workload <> 'unknown' THEN f.workload END AS workload
  FROM transit_gateways g
  JOIN transit_gateway_attachments a ON a.account_id = g.account_id AND a.region = g.region
    AND a.transit_gateway_id = g.transit_gateway_id AND a.resource_type = 'vpc' AND a.state = 'available'
  LEFT JOIN account_facts f ON f.account_id = a.resource_owner_id
  WHERE g.owner_id IS NULL OR g.owner_id = g.account_id
),
led_to AS (
  SELECT route_table_id, attachment_id FROM transit_gateway_routes WHERE state = 'active' AND attachment_id IS NOT NULL
  UNION
  -- AWS returns the first 1,000 routes; of the others it is known who propagates them.
  SELECT p.route_table_id, p.attachment_id FROM transit_gateway_propagations p
  JOIN transit_gateway_route_tables t ON t.route_table_id = p.route_table_id AND t.routes_complete = FALSE
  WHERE p.state = 'enabled'
),
looked_up AS (
  SELECT transit_gateway_id, attachment_id, table_id FROM attached WHERE table_id IS NOT NULL
  UNION
  SELECT a.transit_gateway_id, a.attachment_id, s.route_table_id FROM attached a
  JOIN transit_gateway_associations s ON s.attachment_id = a.attachment_id AND s.state = 'associated'
),
joining AS (
  SELECT l.transit_gateway_id, l.table_id, count(*) AS joined,
    sum(CASE WHEN a.environment <> 'shared' THEN 1 ELSE 0 END) AS joined_products,
    max(CASE WHEN a.environment = 'production' THEN 1 ELSE 0 END) AS has_production,
    max(CASE WHEN a.environment IN ('staging', 'test', 'development', 'sandbox') THEN 1 ELSE 0 END) AS has_other,
    count(DISTINCT CASE WHEN a.environment <> 'shared' THEN a.workload END) AS workload_count,
    max(CASE WHEN a.environment = 'unknown' OR a.workload IS NULL THEN 1 ELSE 0 END) AS undecided,
    string_agg(DISTINCT a.owner, ', ' ORDER BY a.owner) AS accounts,
    string_agg(DISTINCT a.environment, ', ' ORDER BY a.environment) AS environments,
    string_agg(DISTINCT CASE WHEN a.environment <> 'shared' THEN a.workload END, ', '
      ORDER BY CASE WHEN a.environment <> 'shared' THEN a.workload END) AS workloads
  FROM looked_up l
  JOIN attached a ON a.transit_gateway_id = l.transit_gateway_id AND a.attachment_id = l.attachment_id
  JOIN led_to t ON t.route_table_id = l.table_id AND t.attachment_id = l.attachment_id
  GROUP BY l.transit_gateway_id, l.table_id
),
widest AS (
  SELECT *, row_number() OVER (PARTITION BY transit_gateway_id ORDER BY joined_products DESC, joined DESC, table_id) AS place
  FROM joining
),
counted AS (
  SELECT transit_gateway_id, count(*) AS attachments, sum(CASE WHEN environment <> 'shared' THEN 1 ELSE 0 END) AS products
  FROM attached GROUP BY transit_gateway_id
),
gaps AS (
  SELECT account_id, region,
    max(CASE WHEN table_name = 'transit_gateway_attachments' AND call <> 'ec2.describe_transit_gateway_vpc_attachments'
      THEN 1 ELSE 0 END) AS attachments,
    max(CASE WHEN table_name <> 'transit_gateway_attachments' THEN 1 ELSE 0 END) AS tables
  FROM unread WHERE table_name IN ('transit_gateway_attachments', 'transit_gateway_route_tables', 'transit_gateway_routes',
    'transit_gateway_associations', 'transit_gateway_propagations')
  GROUP BY account_id, region
),
own_gaps AS (
  SELECT t.transit_gateway_id, max(g.attachments) AS attachments, max(g.tables) AS tables
  FROM transit_gateways t JOIN gaps g ON g.account_id = t.account_id AND g.region IN (t.region, '*')
  GROUP BY t.transit_gateway_id
),
-- What an account is for may hang on these.
organization_gaps AS (
  SELECT count(*) > 0 AS present FROM unread
  WHERE collector = 'organizations' AND table_name IN ('accounts', 'organizational_units', 'organizations', 'tags', 'unit_ancestors')
)
SELECT
  coalesce(g.arn, g.transit_gateway_id) AS id,
  g.arn,
  coalesce(g.name, g.transit_gateway_id) AS name,
  g.account_id,
  f.name AS account_name,
  f.environment,
  f.workload,
  g.region,
  CASE WHEN q.attachments = 1 THEN NULL ELSE coalesce(c.attachments, 0) END AS attachments,
  w.table_id AS route_table_id,
  CASE WHEN q.attachments = 1 OR q.tables = 1 THEN NULL ELSE coalesce(w.joined, 0) END AS joined,
  w.accounts AS joined_accounts,
  w.environments AS joined_environments,
  w.workloads AS joined_workloads,
  CASE
    -- Whatever the tables say: so few are no network.
    WHEN coalesce(q.attachments, 0) = 0 AND coalesce(c.attachments, 0) < {flat_network_attachments} THEN FALSE
    WHEN q.attachments = 1 OR og.present THEN NULL
    WHEN w.joined >= {flat_network_attachments} AND w.joined_products = c.products
      AND (w.has_production = 1 AND w.has_other = 1 OR w.workload_count >= 2) THEN TRUE
    WHEN q.tables = 1 THEN NULL
    WHEN w.joined >= {flat_network_attachments} AND w.joined_products = c.products AND w.undecided = 1 THEN NULL
    ELSE FALSE END AS is_flat
FROM transit_gateways g
CROSS JOIN organization_gaps og
LEFT JOIN account_facts f ON f.account_id = g.account_id
LEFT JOIN counted c ON c.transit_gateway_id = g.transit_gateway_id
LEFT JOIN widest w ON w.transit_gateway_id = g.transit_gateway_id AND w.place = 1
LEFT JOIN own_gaps q ON q.transit_gateway_id = g.transit_gateway_id
WHERE g.owner_id IS NULL OR g.owner_id = g.account_id
