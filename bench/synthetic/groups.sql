-- scratch: own_group
-- Groups go round the VPCs of their account; the tier of a group is its place among its VPC's groups.
SELECT v.*, h.rules_a_group, k AS n, k // h.vpcs AS place, h.security_groups // h.vpcs AS in_vpc, format('sg-{:017x}', h.idx * 1000 + k) AS group_id,
  (['default', 'alb', 'app', 'db', 'worker', 'cache'])[CASE WHEN k // h.vpcs = 0 THEN 1 ELSE 2 + (k // h.vpcs - 1) % 5 END] AS tier
FROM here h, LATERAL (SELECT unnest(range(h.security_groups)) AS k) JOIN own_vpc v ON v.idx = h.idx AND v.number = k % h.vpcs

-- table: security_groups
SELECT account_id, region, group_id, 'arn:aws:ec2:' || region || ':' || account_id || ':security-group/' || group_id AS arn, vpc_id,
  account_id AS owner_id, CASE WHEN place = 0 THEN 'default' ELSE tier || '-' || n END AS name
FROM own_group

-- scratch: own_rule
-- Rule 0 is egress to anywhere, rule 1 what its tier is there for, the others what grew over the years. A few groups have 1,000 rules.
SELECT g.*, r AS rule, pick(100, g.group_id, 'kind' || r) AS kind,
  (['443', '8080', '5432', '3306', '6379', '22', '9092', '8443'])[1 + pick(8, g.group_id, 'port' || r)]::INTEGER AS some_port,
  pick(1048576, g.group_id, 'peer' || r) AS chance
FROM own_group g, LATERAL (SELECT unnest(range(g.rules_a_group
  + CASE WHEN g.size = 'large' AND rnd(g.group_id, 'monster') < 0.002 THEN 1000 ELSE 0 END)) AS r)

-- table: security_group_rules
SELECT account_id, region, group_id, 'egress' AS direction, '-1' AS protocol, 'ipv4' AS peer_type, '0.0.0.0/0' AS peer
FROM own_rule WHERE rule = 0
UNION ALL BY NAME
SELECT account_id, region, group_id, 'ingress' AS direction, CASE WHEN place = 0 THEN '-1' ELSE 'tcp' END AS protocol,
  CASE tier WHEN 'alb' THEN 443 WHEN 'app' THEN 8080 WHEN 'db' THEN 5432 WHEN 'cache' THEN 6379 WHEN 'worker' THEN 8443 END AS from_port,
  CASE tier WHEN 'alb' THEN 443 WHEN 'app' THEN 8080 WHEN 'db' THEN 5432 WHEN 'cache' THEN 6379 WHEN 'worker' THEN 8443 END AS to_port,
  CASE WHEN tier = 'alb' THEN 'ipv4' ELSE 'group' END AS peer_type,
  CASE WHEN place = 0 THEN group_id WHEN tier = 'alb' THEN CASE WHEN rnd(group_id, 'public') < 0.5 THEN '0.0.0.0/0' ELSE '10.0.0.0/8' END
    ELSE format('sg-{:017x}', idx * 1000 + (n % vpcs_of(size)) + vpcs_of(size) * (1 + (place + chance) % (in_vpc - 1))) END AS peer,
  CASE WHEN tier <> 'alb' THEN account_id END AS peer_account_id
FROM own_rule WHERE rule = 1
UNION ALL BY NAME
SELECT account_id, region, group_id, CASE WHEN kind % 10 = 0 THEN 'egress' ELSE 'ingress' END AS direction,
  CASE WHEN kind = 99 THEN 'udp' WHEN kind = 98 THEN 'icmp' ELSE 'tcp' END AS protocol,
  CASE WHEN kind = 98 THEN NULL WHEN kind > 94 THEN 0 ELSE some_port END AS from_port,
  CASE WHEN kind = 98 THEN NULL WHEN kind > 94 THEN 65535 ELSE some_port END AS to_port,
  CASE WHEN kind < 25 THEN 'group' WHEN kind < 30 AND size <> 'small' THEN 'prefix_list' WHEN kind = 30 THEN 'ipv6' ELSE 'ipv4' END AS peer_type,
  CASE WHEN kind < 25 THEN format('sg-{:017x}', idx * 1000 + (n % vpcs_of(size)) + vpcs_of(size) * (chance % in_vpc))
    WHEN kind < 30 AND size <> 'small' THEN format('pl-{:017x}', idx * 16 + number % len(regions()))
    WHEN kind = 30 THEN format('2600:1f18:{:x}::/56', chance % 65536)
    WHEN kind < 70 THEN '10.' || (chance % 64) || '.' || ((chance // 64) % 256) || '.' || (chance // 16384 * 4) || '/32'
    WHEN kind < 85 THEN '10.' || (chance % 64) || '.' || ((chance // 64) % 64 * 4) || '.0/22'
    WHEN kind < 92 THEN cidr WHEN kind < 96 THEN '10.0.0.0/8'
    ELSE (3 + chance % 200) || '.' || (chance // 256 % 250) || '.0.0/24' END AS peer,
  CASE WHEN kind < 25 THEN account_id END AS peer_account_id
FROM own_rule WHERE rule > 1

-- scratch: own_interface
-- What a workload's interfaces are: instances, tasks, functions, load balancers. Those of databases are added with the databases.
WITH numbered AS (
  SELECT h.idx, h.interfaces, h.vpcs, e, pick(100, h.idx, 'interface' || e) AS kind, pick(1000000, h.idx, 'group' || e) AS chance
  FROM here h, LATERAL (SELECT unnest(range(h.interfaces)) AS e)
)
SELECT v.*, n.e, n.chance, CASE WHEN n.kind < 50 THEN 'instance' WHEN n.kind < 77 THEN 'task' WHEN n.kind < 93 THEN 'lambda' ELSE 'balancer' END AS kind,
  s.subnet_id, s.region || '' AS zone_region, s.prefix || (s.offset_in + 9 + row_number() OVER (PARTITION BY s.subnet_id ORDER BY n.e)) AS ip,
  format('eni-{:017x}', n.idx * 10000 + n.e) AS eni_id, format('i-{:017x}', n.idx * 10000 + n.e) AS instance_id,
  list_distinct([format('sg-{:017x}', n.idx * 1000 + v.number + n.vpcs * (1 + n.chance % (h.security_groups // h.vpcs - 1))),
    format('sg-{:017x}', n.idx * 1000 + v.number + n.vpcs * (1 + (n.chance // 1000) % 2))]) AS group_ids
FROM numbered n JOIN here h ON h.idx = n.idx JOIN own_vpc v ON v.idx = n.idx AND v.number = n.e % n.vpcs
JOIN own_subnet s ON s.vpc_id = v.vpc_id AND s.place = CASE WHEN n.kind >= 93 THEN 0 WHEN n.kind >= 40 AND n.kind < 50 THEN 4 ELSE 2 END + (n.e // n.vpcs) % 2

-- table: network_interfaces
SELECT account_id, region, eni_id, 'arn:aws:ec2:' || region || ':' || account_id || ':network-interface/' || eni_id AS arn, vpc_id, subnet_id,
  account_id AS owner_id,
  CASE kind WHEN 'task' THEN 'arn:aws:ecs:' || region || ':' || account_id || ':attachment/' || substr(md5(eni_id), 1, 32)
    WHEN 'lambda' THEN 'AWS Lambda VPC ENI-svc-' || e WHEN 'balancer' THEN 'ELB app/alb-' || e || '/' || substr(md5(eni_id), 1, 16) ELSE '' END AS description,
  CASE kind WHEN 'lambda' THEN 'lambda' ELSE 'interface' END AS interface_type,
  CASE kind WHEN 'balancer' THEN 'amazon-elb' END AS requester_id, kind <> 'instance' AS requester_managed, 'in-use' AS status,
  CASE kind WHEN 'instance' THEN instance_id END AS instance_id,
  CASE kind WHEN 'instance' THEN account_id WHEN 'balancer' THEN 'amazon-elb' END AS attachment_owner_id, [ip] AS private_ips,
  []::VARCHAR[] AS ipv6_ips,
  CASE WHEN kind = 'balancer' AND e % 2 = 0 THEN [(3 + e % 50) || '.' || (idx % 250) || '.' || (idx // 250) || '.' || (e // 50 + 1)] ELSE []::VARCHAR[] END AS public_ips,
  group_ids, TRUE AS source_dest_check
FROM own_interface
UNION ALL BY NAME
-- Participants of shared subnets have interfaces there, with groups of their own in a VPC that is not theirs.
SELECT p.participant_id AS account_id, s.region, format('eni-{:017x}', 9000000000 + p.participant_idx * 2 + s.place % 2) AS eni_id,
  'arn:aws:ec2:' || s.region || ':' || p.participant_id || ':network-interface/' || format('eni-{:017x}', 9000000000 + p.participant_idx * 2 + s.place % 2) AS arn,
  s.vpc_id, s.subnet_id, p.participant_id AS owner_id,
  'arn:aws:ecs:' || s.region || ':' || p.participant_id || ':attachment/shared-' || s.place AS description, 'interface' AS interface_type,
  TRUE AS requester_managed, 'in-use' AS status, [s.prefix || (s.offset_in + 30 + p.place)] AS private_ips, []::VARCHAR[] AS ipv6_ips,
  []::VARCHAR[] AS public_ips, [format('sg-{:017x}', 9000000000 + p.participant_idx)] AS group_ids, TRUE AS source_dest_check
FROM shared_subnet p JOIN here h ON h.idx = p.participant_idx JOIN vpc_subnet s ON s.subnet_id = p.subnet_id

-- table: security_groups
SELECT p.participant_id AS account_id, s.region, format('sg-{:017x}', 9000000000 + p.participant_idx) AS group_id,
  'arn:aws:ec2:' || s.region || ':' || p.participant_id || ':security-group/' || format('sg-{:017x}', 9000000000 + p.participant_idx) AS arn, s.vpc_id,
  p.participant_id AS owner_id, 'tasks-in-shared-network' AS name
FROM shared_subnet p JOIN here h ON h.idx = p.participant_idx JOIN vpc_subnet s ON s.subnet_id = p.subnet_id AND s.place % 2 = 0

-- table: security_group_rules
SELECT p.participant_id AS account_id, s.region, format('sg-{:017x}', 9000000000 + p.participant_idx) AS group_id, d.direction, '-1' AS protocol,
  'ipv4' AS peer_type, d.peer
FROM shared_subnet p JOIN here h ON h.idx = p.participant_idx JOIN vpc_subnet s ON s.subnet_id = p.subnet_id AND s.place % 2 = 0,
  (VALUES ('egress', '0.0.0.0/0'), ('ingress', '10.0.0.0/8')) d(direction, peer)

-- table: instances
SELECT account_id, region, instance_id, 'arn:aws:ec2:' || region || ':' || account_id || ':instance/' || instance_id AS arn,
  'node-' || e AS name, CASE WHEN e % 20 = 0 THEN 'stopped' ELSE 'running' END AS state, vpc_id, subnet_id, ip AS private_ip,
  group_ids, CASE WHEN e % 3 < 2 THEN p.arn END AS instance_profile_arn,
  days_ago(1 + e % 200) AS launched_at
FROM own_interface i LEFT JOIN ec2_profile p USING (account_id) WHERE kind = 'instance'

-- table: volumes
SELECT account_id, region, replace(instance_id, 'i-', 'vol-') AS volume_id,
  'arn:aws:ec2:' || region || ':' || account_id || ':volume/' || replace(instance_id, 'i-', 'vol-') AS arn, e % 10 > 0 AS encrypted,
  CASE WHEN e % 10 > 0 THEN key_arn(region, account_id, 'data') END AS kms_key_arn, 'in-use' AS state, instance_id
FROM own_interface WHERE kind = 'instance'

-- table: snapshots
SELECT account_id, region, 'arn:aws:ec2:' || region || '::snapshot/' || replace(instance_id, 'i-', 'snap-') AS arn,
  replace(instance_id, 'i-', 'snap-') AS name, 'volume' AS type,
  'arn:aws:ec2:' || region || ':' || account_id || ':volume/' || replace(instance_id, 'i-', 'vol-') AS source_arn, account_id AS owner_id,
  'completed' AS status, CASE WHEN e % 4 = 0 THEN 'awsbackup' ELSE 'manual' END AS kind, days_ago(e % 30) AS created_at, e % 10 > 0 AS encrypted,
  CASE WHEN e % 10 > 0 THEN key_arn(region, account_id, 'data') END AS kms_key_arn,
  CASE WHEN e % 50 = 1 THEN [acct(pick(accounts_wanted(), idx, 'share' || e))] WHEN e % 500 = 2 THEN ['all'] ELSE []::VARCHAR[] END AS shared_with
FROM own_interface WHERE kind = 'instance' AND e % 3 = 0

-- table: tags
SELECT i.account_id, i.region, 'arn:aws:ec2:' || i.region || ':' || i.account_id || ':instance/' || i.instance_id AS arn, t.key, t.value
FROM own_interface i JOIN here h ON h.idx = i.idx, LATERAL (VALUES ('Name', 'node-' || i.e),
  ('environment', CASE WHEN i.e % 50 = 3 THEN 'test' ELSE coalesce(h.stage, 'dev') END), ('workload', coalesce(h.workload, h.name)),
  ('aws:cloudformation:stack-name', coalesce(h.workload, h.name) || '-' || coalesce(h.stage, 'dev') || '-compute')) t(key, value)
WHERE i.kind = 'instance' AND rnd(i.instance_id, t.key) < 0.85
