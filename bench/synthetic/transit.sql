-- scratch: own_transit
-- Whoever has an attachment sees the gateway and that attachment; the network account sees all of them.
SELECT v.*, h.account_id AS reader FROM transit_vpc v JOIN here h ON h.account_id = v.account_id
UNION ALL SELECT v.*, h.account_id FROM transit_vpc v JOIN here h ON h.account_id = v.network_id AND v.account_id <> v.network_id

-- table: transit_gateways
SELECT DISTINCT reader AS account_id, region, transit_gateway_id, 'arn:aws:ec2:' || region || ':' || network_id || ':transit-gateway/' || transit_gateway_id AS arn,
  network_id AS owner_id, 'available' AS state, 'hub' AS name, TRUE AS security_group_referencing
FROM own_transit

-- table: transit_gateway_attachments
SELECT reader AS account_id, region, attachment_id, transit_gateway_id, network_id AS transit_gateway_owner_id, 'vpc' AS resource_type,
  vpc_id AS resource_id, account_id AS resource_owner_id, 'available' AS state,
  CASE WHEN reader = network_id THEN route_table_id END AS association_table_id,
  CASE WHEN reader = network_id THEN 'associated' END AS association_state,
  [format('subnet-{:017x}', g * 8 + 2), format('subnet-{:017x}', g * 8 + 3)] AS subnet_ids, rnd(g, 'referencing') < 0.5 AS security_group_referencing
FROM own_transit

-- table: transit_gateway_route_tables
SELECT h.account_id, t.region, t.route_table_id, t.transit_gateway_id, 'available' AS state, TRUE AS routes_complete
FROM transit_table t, here h WHERE h.purpose = 'network'

-- table: transit_gateway_associations
SELECT h.account_id, v.region, v.route_table_id, v.attachment_id, 'vpc' AS resource_type, v.vpc_id AS resource_id, 'associated' AS state
FROM transit_vpc v JOIN here h ON h.account_id = v.network_id

-- scratch: propagation
-- Production and the rest see the shared services and themselves; the shared services see everybody.
SELECT h.account_id, v.region, t.route_table_id, v.attachment_id, v.vpc_id, v.cidr
FROM transit_vpc v JOIN here h ON h.account_id = v.network_id
JOIN transit_table t ON t.transit_gateway_id = v.transit_gateway_id AND (t.side = v.side OR v.side = 'shared' OR t.side = 'shared')

-- table: transit_gateway_propagations
SELECT account_id, region, route_table_id, attachment_id, 'vpc' AS resource_type, vpc_id AS resource_id, 'enabled' AS state FROM propagation

-- table: transit_gateway_routes
-- Where two VPCs have one range, the gateway keeps the first.
SELECT account_id, region, route_table_id, cidr AS destination, 'propagated' AS type, 'active' AS state, min(attachment_id) AS attachment_id,
  'vpc' AS resource_type, arg_min(vpc_id, attachment_id) AS resource_id
FROM propagation GROUP BY account_id, region, route_table_id, cidr
UNION ALL BY NAME
SELECT h.account_id, t.region, t.route_table_id, '10.255.0.0/16' AS destination, 'static' AS type, 'blackhole' AS state
FROM transit_table t, here h WHERE h.purpose = 'network'

-- table: resource_shares
SELECT h.account_id, t.region, 'arn:aws:ram:' || t.region || ':' || h.account_id || ':resource-share/transit-' || t.number AS arn,
  'transit-' || t.number AS name, h.account_id AS owner_id, FALSE AS allows_external, 'ACTIVE' AS status
FROM transit t, here h WHERE h.purpose = 'network'
UNION ALL
SELECT h.account_id, r.name, 'arn:aws:ram:' || r.name || ':' || h.account_id || ':resource-share/subnets', 'subnets', h.account_id, FALSE, 'ACTIVE'
FROM region r, here h WHERE h.purpose = 'network'

-- table: share_resources
SELECT h.account_id, t.region, 'arn:aws:ram:' || t.region || ':' || h.account_id || ':resource-share/transit-' || t.number AS share_arn,
  'arn:aws:ec2:' || t.region || ':' || h.account_id || ':transit-gateway/' || t.transit_gateway_id AS arn, 'ec2:TransitGateway' AS resource_type
FROM transit t, here h WHERE h.purpose = 'network'
UNION ALL
SELECT s.account_id, s.region, 'arn:aws:ram:' || s.region || ':' || s.account_id || ':resource-share/subnets',
  'arn:aws:ec2:' || s.region || ':' || s.account_id || ':subnet/' || s.subnet_id, 'ec2:Subnet'
FROM own_subnet s WHERE s.purpose = 'network' AND s.tier = 'app'

-- table: share_principals
SELECT h.account_id, t.region, 'arn:aws:ram:' || t.region || ':' || h.account_id || ':resource-share/transit-' || t.number AS share_arn,
  organization_arn('organization', '') AS principal, FALSE AS external
FROM transit t, here h WHERE h.purpose = 'network'
UNION ALL
SELECT DISTINCT s.account_id, s.region, 'arn:aws:ram:' || s.region || ':' || s.account_id || ':resource-share/subnets', p.participant_id, FALSE
FROM shared_subnet p JOIN own_subnet s ON s.subnet_id = p.subnet_id
