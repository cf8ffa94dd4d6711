-- once: vpc
-- Each VPC has a /22 of 10.0.0.0/8; with more than 16,384 VPCs ranges repeat, as they do in large organizations.
WITH numbered AS (
  SELECT a.idx, a.account_id, a.purpose, a.stage, a.size, a.name AS account_name, v AS number, a.first_vpc + v AS g,
    (regions())[1 + v % len(regions())] AS region
  FROM account a, LATERAL (SELECT unnest(range(a.vpcs)) AS v)
)
SELECT *, format('vpc-{:017x}', g) AS vpc_id, '10.' || ((g // 64) % 256) || '.' || ((g % 64) * 4) AS base,
  '10.' || ((g // 64) % 256) || '.' || ((g % 64) * 4) || '.0/22' AS cidr, (g // 64) % 256 AS second, (g % 64) * 4 AS third,
  CASE WHEN purpose = 'management' THEN FALSE ELSE rnd(g, 'transit') < CASE WHEN size = 'small' THEN 0.4 ELSE 0.7 END END AS attached,
  CASE WHEN purpose NOT IN ('workload', 'sandbox') THEN 'shared' WHEN stage = 'prod' THEN 'prod' ELSE 'nonprod' END AS side
FROM numbered

-- once: vpc_subnet
-- Three tiers in two zones: /25 each.
SELECT v.*, s AS place, format('subnet-{:017x}', v.g * 8 + s) AS subnet_id, (['public', 'app', 'data'])[1 + s // 2] AS tier,
  v.region || (['a', 'b'])[1 + s % 2] AS zone, replace(v.region, '-', '') || '-az' || (1 + s % 2) AS zone_id,
  '10.' || v.second || '.' || (v.third + s // 2) || '.' AS prefix, (s % 2) * 128 AS offset_in,
  '10.' || v.second || '.' || (v.third + s // 2) || '.' || ((s % 2) * 128) || '/25' AS subnet_cidr
FROM vpc v, LATERAL (SELECT unnest(range(6)) AS s)

-- once: peering
SELECT format('pcx-{:017x}', one.g) AS peering_id, one.vpc_id AS one_vpc, one.account_id AS one_account, one.region AS one_region,
  one.cidr AS one_cidr, other.vpc_id AS other_vpc, other.account_id AS other_account, other.region AS other_region, other.cidr AS other_cidr,
  CASE WHEN rnd(one.g, 'status') < 0.85 THEN 'active' WHEN rnd(one.g, 'status') < 0.92 THEN 'pending-acceptance'
    WHEN rnd(one.g, 'status') < 0.97 THEN 'deleted' ELSE 'expired' END AS status
FROM vpc one JOIN account a ON a.idx = one.idx
JOIN vpc other ON other.number = 0
  AND other.idx = CASE WHEN rnd(one.g, 'far') < 0.3 THEN pick(accounts_wanted(), one.g, 'peer') ELSE a.neighbour END
WHERE rnd(one.g, 'peering') < 0.15 AND one.cidr <> other.cidr AND one.idx <> other.idx

-- once: transit
-- One gateway a Region for every 300 accounts, so that none passes the 1,000 routes a table can be read with.
SELECT g.n AS number, r.number AS region_number, r.name AS region, format('tgw-{:017x}', g.n * 16 + r.number) AS transit_gateway_id
FROM (SELECT unnest(range(1 + accounts_wanted() // 300)) AS n) g, region r

-- once: transit_table
SELECT t.*, s.side, format('tgw-rtb-{:017x}', (t.number * 16 + t.region_number) * 4 + s.k) AS route_table_id
FROM transit t, (VALUES ('prod', 0), ('nonprod', 1), ('shared', 2)) s(side, k)

-- once: transit_vpc
SELECT v.*, t.transit_gateway_id, format('tgw-attach-{:017x}', v.g) AS attachment_id, b.route_table_id,
  acct(3) AS network_id
FROM vpc v JOIN transit t ON t.region = v.region AND t.number = v.idx % (1 + accounts_wanted() // 300)
JOIN transit_table b ON b.transit_gateway_id = t.transit_gateway_id AND b.side = v.side
WHERE v.attached

-- scratch: own_vpc
SELECT v.* FROM vpc v JOIN here h ON h.idx = v.idx

-- scratch: own_subnet
SELECT s.* FROM vpc_subnet s JOIN here h ON h.idx = s.idx

-- table: vpcs
SELECT account_id, region, vpc_id, 'arn:aws:ec2:' || region || ':' || account_id || ':vpc/' || vpc_id AS arn, account_id AS owner_id,
  account_name || '-' || number AS name, FALSE AS is_default, 'available' AS state
FROM own_vpc

-- table: vpc_cidrs
SELECT account_id, region, vpc_id, cidr, 4 AS family, 'associated' AS state FROM own_vpc
UNION ALL SELECT account_id, region, vpc_id, format('2600:1f18:{:x}:{:x}00::/56', g // 256, g % 256), 6, 'associated'
FROM own_vpc WHERE rnd(g, 'ipv6') < 0.1

-- once: shared_subnet
-- The network account shares the app subnets of its own VPCs with one small account in twenty.
SELECT s.subnet_id, p.idx AS participant_idx, p.account_id AS participant_id,
  row_number() OVER (PARTITION BY s.subnet_id ORDER BY p.idx) AS place
FROM account p JOIN vpc_subnet s ON s.idx = 3 AND s.tier = 'app' AND s.number = p.idx % 4
WHERE p.size = 'small' AND p.purpose = 'workload' AND rnd(p.idx, 'shared') < 0.05

-- table: subnets
SELECT l.account_id, s.region, s.subnet_id, 'arn:aws:ec2:' || s.region || ':' || s.account_id || ':subnet/' || s.subnet_id AS arn, s.vpc_id,
  s.account_id AS owner_id, s.account_name || '-' || s.tier || '-' || s.zone AS name, s.subnet_cidr AS cidr, []::VARCHAR[] AS ipv6_cidrs,
  s.zone_id, s.zone, FALSE AS is_default, s.tier = 'public' AS map_public_ip
FROM (
  SELECT account_id, subnet_id FROM own_subnet
  UNION ALL SELECT p.participant_id, p.subnet_id FROM shared_subnet p JOIN here h ON h.idx = p.participant_idx
) l JOIN vpc_subnet s ON s.subnet_id = l.subnet_id

-- scratch: own_route_table
SELECT v.*, t.n AS place, t.name AS tier, format('rtb-{:017x}', v.g * 4 + t.n) AS route_table_id
FROM own_vpc v, (VALUES (0, 'main'), (1, 'public'), (2, 'app'), (3, 'data')) t(n, name)

-- table: route_tables
SELECT account_id, region, route_table_id, vpc_id, account_id AS owner_id, place = 0 AS is_main FROM own_route_table

-- table: route_table_associations
SELECT t.account_id, t.region, t.route_table_id, s.subnet_id, 'associated' AS state
FROM own_route_table t JOIN own_subnet s ON s.vpc_id = t.vpc_id AND s.tier = t.tier
WHERE NOT (t.tier = 'data' AND rnd(t.g, 'main') < 0.2)

-- table: routes
SELECT account_id, region, route_table_id, cidr AS destination, 'ipv4' AS destination_type, 'local' AS target_type, 'local' AS target_id,
  'active' AS state, 'CreateRouteTable' AS origin FROM own_route_table
UNION ALL BY NAME
SELECT account_id, region, route_table_id, '0.0.0.0/0' AS destination, 'ipv4' AS destination_type,
  CASE WHEN tier = 'public' THEN 'internet_gateway' ELSE 'nat_gateway' END AS target_type,
  CASE WHEN tier = 'public' THEN format('igw-{:017x}', g) ELSE format('nat-{:017x}', g) END AS target_id, 'active' AS state, 'CreateRoute' AS origin
FROM own_route_table WHERE tier IN ('public', 'app')
UNION ALL BY NAME
SELECT t.account_id, t.region, t.route_table_id, '10.0.0.0/8' AS destination, 'ipv4' AS destination_type, 'transit_gateway' AS target_type,
  v.transit_gateway_id AS target_id, 'active' AS state, 'CreateRoute' AS origin
FROM own_route_table t JOIN transit_vpc v ON v.vpc_id = t.vpc_id WHERE t.tier IN ('app', 'data')
UNION ALL BY NAME
SELECT t.account_id, t.region, t.route_table_id, p.far AS destination, 'ipv4' AS destination_type, 'peering' AS target_type,
  p.peering_id AS target_id, CASE WHEN p.status = 'active' THEN 'active' ELSE 'blackhole' END AS state, 'CreateRoute' AS origin
FROM own_route_table t JOIN (
  SELECT one_vpc AS vpc_id, other_cidr AS far, peering_id, status FROM peering
  UNION ALL SELECT other_vpc, one_cidr, peering_id, status FROM peering WHERE status <> 'pending-acceptance' AND rnd(peering_id, 'back') < 0.9
) p ON p.vpc_id = t.vpc_id WHERE t.tier IN ('app', 'data') AND p.status IN ('active', 'deleted')

-- table: internet_gateways
SELECT account_id, region, format('igw-{:017x}', g) AS gateway_id, 'internet' AS type, vpc_id, 'available' AS state FROM own_vpc

-- table: nat_gateways
SELECT v.account_id, v.region, format('nat-{:017x}', v.g) AS nat_gateway_id, v.vpc_id, format('subnet-{:017x}', v.g * 8) AS subnet_id,
  'public' AS connectivity, 'available' AS state, [v.base || '.4'] AS private_ips,
  [(3 + v.g % 50) || '.' || (v.g // 50 % 250) || '.7.9'] AS public_ips
FROM own_vpc v

-- table: vpc_peerings
SELECT h.account_id, CASE WHEN h.account_id = p.one_account THEN p.one_region ELSE p.other_region END AS region, p.peering_id, p.status,
  p.one_account AS requester_account_id, p.one_vpc AS requester_vpc_id, p.one_region AS requester_region, [p.one_cidr] AS requester_cidrs,
  p.other_account AS accepter_account_id, p.other_vpc AS accepter_vpc_id, p.other_region AS accepter_region,
  [p.other_cidr] AS accepter_cidrs
FROM peering p JOIN here h ON h.account_id IN (p.one_account, p.other_account)

-- table: vpc_endpoints
SELECT account_id, region, format('vpce-{:017x}', g) AS endpoint_id,
  'arn:aws:ec2:' || region || ':' || account_id || ':vpc-endpoint/' || format('vpce-{:017x}', g) AS arn, vpc_id, 'Gateway' AS type,
  'com.amazonaws.' || region || '.s3' AS service_name, 'available' AS state, account_id AS owner_id, []::VARCHAR[] AS subnet_ids,
  [format('rtb-{:017x}', g * 4 + 2)] AS route_table_ids, []::VARCHAR[] AS group_ids, []::VARCHAR[] AS eni_ids
FROM own_vpc WHERE rnd(g, 'endpoint') < 0.5

-- table: public_access_blocks
SELECT h.account_id, r.name AS region, 'off' AS mode FROM here h, region r

-- table: public_sharing_blocks
SELECT h.account_id, r.name AS region, 'ebs' AS service, FALSE AS blocks FROM here h, region r
UNION ALL SELECT h.account_id, 'global', 's3', FALSE FROM here h

-- scratch: own_list
SELECT h.account_id, r.name AS region, format('pl-{:017x}', h.idx * 16 + r.number) AS prefix_list_id FROM here h, region r
WHERE h.size <> 'small'

-- table: prefix_lists
SELECT l.account_id, l.region, l.prefix_list_id, 'offices' AS name, l.account_id AS owner_id, c.cidr, TRUE AS entries_read
FROM own_list l, (VALUES ('10.200.0.0/16'), ('172.16.0.0/14'), ('203.0.113.0/24')) c(cidr)

-- table: network_acls
SELECT account_id, region, format('acl-{:017x}', g * 2) AS acl_id, vpc_id, account_id AS owner_id, TRUE AS is_default FROM own_vpc
UNION ALL SELECT account_id, region, format('acl-{:017x}', g * 2 + 1), vpc_id, account_id, FALSE FROM own_vpc WHERE rnd(g, 'acl') < 0.1

-- table: network_acl_associations
SELECT account_id, region, format('acl-{:017x}', g * 2 + CASE WHEN tier = 'data' AND rnd(g, 'acl') < 0.1 THEN 1 ELSE 0 END) AS acl_id, subnet_id
FROM own_subnet

-- table: network_acl_entries
SELECT v.account_id, v.region, format('acl-{:017x}', v.g * 2 + e.own) AS acl_id, d.direction, e.number, e.action, e.protocol,
  e.cidr, 4 AS family, e.from_port, e.to_port
FROM own_vpc v, (VALUES (0, 100, 'allow', '-1', '0.0.0.0/0', NULL, NULL), (0, 32767, 'deny', '-1', '0.0.0.0/0', NULL, NULL),
  (1, 90, 'deny', '6', '10.255.0.0/16', 0, 65535), (1, 100, 'allow', '6', '10.0.0.0/8', 1024, 65535),
  (1, 32767, 'deny', '-1', '0.0.0.0/0', NULL, NULL)) e(own, number, action, protocol, cidr, from_port, to_port),
  (VALUES ('ingress'), ('egress')) d(direction)
WHERE e.own = 0 OR rnd(v.g, 'acl') < 0.1
