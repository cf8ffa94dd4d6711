-- vpc_connection: One connection between VPCs or accounts: a peering, a transit gateway, a VPC that several accounts share, or an endpoint service.
-- listed from: vpc_peerings, transit_gateways, subnets, endpoint_services
-- id: Id of the peering, transit gateway or VPC, or name of the endpoint service.
-- arn: ARN.
-- name: The id.
-- kind: peering, transit_gateway, shared_subnet or private_link.
-- account_id: Account that asked for the peering, or owns the rest.
-- account_name: Name of that account.
-- environment: Environment of that account.
-- workload: Workload of that account.
-- region: Region.
-- state: State that AWS gives it; NULL where it has none.
-- accounts: Accounts it joins, joined with commas.
-- opens_production: Over it a workload of a lower environment can open a connection to a production one. {network_interfaces, instances, compute, databases, security_group_rules, routes, network_acl_entries, vpc_peerings, transit_gateway_attachments, transit_gateway_routes}
-- lower: A workload of a lower environment that can.
-- production: The production workload or database it reaches.
-- ports: Ports that are open to it, joined with commas.
-- path: How it comes, hop by hop.
-- uses: Ends behind a peering that somebody on the other side can open a connection to, counted by port; those of databases all, of others a few.
-- serves_databases_only: A peering lets connections to databases through, and nothing else. {network_interfaces, instances, databases, security_group_rules, routes, network_acl_entries, vpc_peerings}
-- databases: The databases behind it that are reached, joined with commas.
WITH listed AS (
  SELECT peering_id AS id, 'peering' AS kind, min(region) AS region, min(status) AS state,
    coalesce(min(CASE WHEN account_id = requester_account_id THEN account_id END), min(account_id)) AS account_id
  FROM vpc_peerings WHERE status NOT IN ('deleted', 'deleting', 'rejected', 'expired', 'failed') GROUP BY peering_id
  UNION ALL
  SELECT transit_gateway_id, 'transit_gateway', min(region), min(state), coalesce(min(owner_id), min(account_id))
  FROM transit_gateways GROUP BY transit_gateway_id
  UNION ALL
  SELECT vpc_id, 'shared_subnet', min(region), CAST(NULL AS VARCHAR), min(owner_id)
  FROM subnets WHERE owner_id IS NOT NULL GROUP BY vpc_id HAVING max(CASE WHEN account_id <> owner_id THEN 1 ELSE 0 END) = 1
  UNION ALL
  SELECT service_name, 'private_link', min(region), CAST(NULL AS VARCHAR), min(account_id) FROM endpoint_services GROUP BY service_name
),
joined AS (
  SELECT peering_id AS id, requester_account_id AS account_id FROM vpc_peerings
  UNION SELECT peering_id, accepter_account_id FROM vpc_peerings
  UNION SELECT id, account_id FROM listed
  UNION SELECT transit_gateway_id, resource_owner_id FROM transit_gateway_attachments WHERE resource_type = 'vpc'
  UNION SELECT vpc_id, account_id FROM subnets
  UNION SELECT service_name, coalesce(owner_id, account_id) FROM vpc_endpoints
),
accounts_of AS (
  SELECT l.id, string_agg(DISTINCT j.account_id, ', ' ORDER BY j.account_id) AS accounts,
    -- Of an account that was never entered nothing is known.
    max(CASE WHEN j.account_id IS NULL OR k.account_id IS NULL THEN 1 ELSE 0 END) AS strangers
  FROM listed l JOIN joined j ON j.id = l.id
  LEFT JOIN (SELECT DISTINCT account_id FROM coverage WHERE status = 'collected') k ON k.account_id = j.account_id
  GROUP BY l.id
),
unread_around AS (
  SELECT DISTINCT l.id FROM listed l JOIN joined j ON j.id = l.id JOIN unread u ON u.account_id = j.account_id
  WHERE u.region IN (l.region, '*', 'global') AND u.table_name IN ('network_interfaces', 'instances', 'databases', 'subnet_groups',
    'security_groups', 'security_group_rules', 'vpcs', 'vpc_cidrs', 'subnets', 'routes', 'route_tables', 'route_table_associations',
    'network_acls', 'network_acl_entries', 'vpc_peerings', 'transit_gateways', 'transit_gateway_attachments',
    'transit_gateway_routes', 'transit_gateway_route_tables', 'vpc_endpoints', 'endpoint_services')
),
crossed AS (
  SELECT p.via_id AS id, p.source_arn, p.target_arn, p.protocol, p.port, p.reasons,
    p.verdict = 'allow' AND p.source_environment IN ('staging', 'test', 'development', 'sandbox')
      AND p.target_environment = 'production' AS certain,
    coalesce(p.source_environment, 'test') IN ('staging', 'test', 'development', 'sandbox')
      AND coalesce(p.target_environment, 'production') = 'production' AS possible
  FROM network_paths p WHERE p.via IN ('peering', 'transit_gateway', 'shared_subnet', 'private_link')
),
opened AS (
  SELECT id, max(CASE WHEN certain THEN 1 ELSE 0 END) AS certain, max(CASE WHEN possible THEN 1 ELSE 0 END) AS possible,
    string_agg(DISTINCT CASE WHEN certain THEN protocol || ' ' || CAST(port AS VARCHAR) END, ', '
      ORDER BY CASE WHEN certain THEN protocol || ' ' || CAST(port AS VARCHAR) END) AS ports
  FROM crossed GROUP BY id
),
example AS (
  SELECT id, source_arn, target_arn, reasons, row_number() OVER (PARTITION BY id ORDER BY source_arn, target_arn, protocol, port) AS place
  FROM crossed WHERE certain
),
-- Who may come to a target is not known, and over which connection neither.
anywhere AS (
  SELECT DISTINCT j.id FROM network_paths p JOIN joined j ON j.account_id = p.target_account_id
  WHERE p.verdict = 'unknown' AND p.via_id IS NULL AND coalesce(p.via, '') <> 'internet'
    AND coalesce(p.target_environment, 'production') = 'production'
),
used AS (
  SELECT peering_id AS id, count(*) AS uses,
    max(CASE WHEN verdict = 'allow' AND is_database THEN 1 ELSE 0 END) AS by_database,
    max(CASE WHEN verdict = 'allow' AND NOT is_database THEN 1 ELSE 0 END) AS otherwise,
    max(CASE WHEN verdict <> 'allow' THEN 1 ELSE 0 END) AS undecided,
    string_agg(DISTINCT CASE WHEN verdict = 'allow' AND is_database THEN target_arn END, ', '
      ORDER BY CASE WHEN verdict = 'allow' AND is_database THEN target_arn END) AS databases
  FROM (SELECT DISTINCT peering_id, target_arn, protocol, from_port, to_port, is_database, verdict FROM peering_uses)
  GROUP BY peering_id
)
SELECT
  l.id,
  'arn:' || CASE WHEN l.region LIKE 'us-gov-%' THEN 'aws-us-gov' WHEN l.region LIKE 'cn-%' THEN 'aws-cn' ELSE 'aws' END
    || ':ec2:' || l.region || ':' || l.account_id || ':' || CASE l.kind WHEN 'peering' THEN 'vpc-peering-connection'
    WHEN 'transit_gateway' THEN 'transit-gateway' WHEN 'shared_subnet' THEN 'vpc' ELSE 'vpc-endpoint-service' END || '/'
    || CASE WHEN l.kind = 'private_link' THEN 'vpce-svc-' || split_part(l.id, 'vpce-svc-', 2) ELSE l.id END AS arn,
  l.id AS name,
  l.kind,
  l.account_id,
  f.name AS account_name,
  f.environment,
  f.workload,
  l.region,
  l.state,
  a.accounts,
  CASE WHEN o.certain = 1 THEN TRUE
    WHEN o.possible = 1 OR n.id IS NOT NULL OR g.id IS NOT NULL OR a.strangers = 1 THEN NULL ELSE FALSE END AS opens_production,
  e.source_arn AS lower,
  e.target_arn AS production,
  o.ports,
  e.reasons AS path,
  coalesce(u.uses, 0) AS uses,
  CASE WHEN l.kind <> 'peering' OR u.otherwise = 1 THEN FALSE
    WHEN u.undecided = 1 OR g.id IS NOT NULL OR a.strangers = 1 THEN NULL
    ELSE coalesce(u.by_database, 0) = 1 END AS serves_databases_only,
  u.databases
FROM listed l
LEFT JOIN account_facts f ON f.account_id = l.account_id
LEFT JOIN accounts_of a ON a.id = l.id
LEFT JOIN unread_around g ON g.id = l.id
LEFT JOIN opened o ON o.id = l.id
LEFT JOIN example e ON e.id = l.id AND e.place = 1
LEFT JOIN anywhere n ON n.id = l.id
LEFT JOIN used u ON u.id = l.id
