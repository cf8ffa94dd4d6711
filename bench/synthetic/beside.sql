-- scratch: own_function
-- Functions and a load balancer a VPC, beside the instances.
SELECT v.*, h.workload, h.stage, f, coalesce(h.workload, h.name) || '-job-' || v.number || '-' || f AS function_name
FROM here h, LATERAL (SELECT unnest(range(1 + h.databases * 2)) AS f) JOIN own_vpc v ON v.idx = h.idx AND v.number = f % h.vpcs
WHERE h.purpose IN ('workload', 'sandbox', 'tooling', 'shared')

-- table: compute
SELECT o.account_id, o.region, 'arn:aws:lambda:' || o.region || ':' || o.account_id || ':function:' || o.function_name AS arn, o.function_name AS name,
  'function' AS type, 'Active' AS status, CASE WHEN f % 2 = 0 THEN o.vpc_id END AS vpc_id,
  CASE WHEN f % 2 = 0 THEN [s.subnet_id] ELSE []::VARCHAR[] END AS subnet_ids, []::VARCHAR[] AS group_ids,
  'arn:aws:iam::' || o.account_id || ':role/' || o.function_name AS role_arn, CAST(NULL AS BOOLEAN) AS is_public, TRUE AS policy_read
FROM own_function o JOIN (SELECT vpc_id, min(subnet_id) AS subnet_id FROM own_subnet WHERE tier = 'data' GROUP BY vpc_id) s ON s.vpc_id = o.vpc_id
UNION ALL
SELECT DISTINCT o.account_id, o.region, 'arn:aws:elasticloadbalancing:' || o.region || ':' || o.account_id || ':loadbalancer/app/front-' || o.number || '/1',
  'front-' || o.number, 'load_balancer', 'active', o.vpc_id, []::VARCHAR[], []::VARCHAR[], NULL, o.number = 0, NULL FROM own_function o

-- table: queues
SELECT DISTINCT account_id, region, 'arn:aws:sqs:' || region || ':' || account_id || ':jobs-' || number AS arn, 'jobs-' || number AS name,
  CAST(NULL AS VARCHAR) AS kms_key, TRUE AS policy_read FROM own_function

-- table: topics
SELECT DISTINCT account_id, region, 'arn:aws:sns:' || region || ':' || account_id || ':alarms-' || number AS arn, 'alarms-' || number AS name,
  CAST(NULL AS VARCHAR) AS kms_key, TRUE AS policy_read FROM own_function

-- table: file_systems
SELECT DISTINCT account_id, region, 'arn:aws:elasticfilesystem:' || region || ':' || account_id || ':file-system/fs-' || substr(md5(vpc_id), 1, 8) AS arn,
  'media-' || number AS name, 'fs-' || substr(md5(vpc_id), 1, 8) AS file_system_id, 'efs' AS type, 'available' AS status, TRUE AS encrypted,
  key_arn(region, account_id, 'data') AS kms_key_arn, TRUE AS policy_read FROM own_function WHERE f % 4 = 0

-- table: root_users
SELECT account_id, 'global' AS region, rnd(idx, 'root') < 0.5 AS has_password, rnd(idx, 'rootkey') < 0.01 AS has_access_keys, FALSE AS has_certificates,
  rnd(idx, 'mfa') < 0.8 AS has_mfa FROM here

-- table: user_credentials
SELECT account_id, 'global' AS region, arn AS user_arn, rnd(arn, 'password') < 0.3 AS has_password, CAST(NULL AS TIMESTAMP) AS password_used_at,
  pick(3, arn, 'keys') AS active_keys, CASE WHEN pick(3, arn, 'keys') > 0 THEN days_ago(400) END AS oldest_key_at FROM iam_user

-- table: account_contacts
SELECT account_id, 'global' AS region, kind, rnd(account_id, kind) < 0.6 AS present FROM here, (VALUES ('BILLING'), ('OPERATIONS'), ('SECURITY')) k(kind)

-- table: budgets
SELECT account_id, 'global' AS region, 'monthly' AS name, 'COST' AS type, 'MONTHLY' AS time_unit, 1000.0 AS limit_amount, 'USD' AS limit_unit,
  CAST(NULL AS VARCHAR) AS linked_account_id, CAST(NULL AS VARCHAR) AS filtered_by, CAST(NULL AS TIMESTAMP) AS ends_at FROM here WHERE rnd(idx, 'budget') < 0.7

-- table: quotas
-- Ten a Region with a known use, as `quota_services` reads them.
SELECT h.account_id, r.name AS region, 'arn:aws:servicequotas:' || r.name || ':' || h.account_id || ':vpc/L-' || q AS arn, 'vpc' AS service_code,
  'L-' || q AS quota_code, 'Quota ' || q AS name, 100.0 AS value, q % 3 > 0 AS adjustable, TRUE AS measured,
  CAST(pick(100, h.idx, 'quota' || q || r.name) AS DOUBLE) AS used FROM here h, region r, range(10) x(q)

-- table: api_usage
SELECT h.account_id, r.name AS region, 'EC2' AS service, 'DescribeInstances' AS operation, TRUE AS counts_throttles,
  CASE WHEN rnd(h.idx, 'throttled' || r.name) < 0.02 THEN 40.0 ELSE 0.0 END AS throttled FROM here h, region r

-- table: configuration_recorders
SELECT h.account_id, r.name AS region, 'default' AS name, CAST(NULL AS VARCHAR) AS service_principal, rnd(h.idx, 'recording' || r.name) < 0.99 AS is_recording,
  TRUE AS records_all, []::VARCHAR[] AS resource_types, []::VARCHAR[] AS excluded_types FROM here h, region r WHERE rnd(h.idx, 'recorder') < 0.97

-- table: configuration_aggregators
-- That of the organization, in the account that governs it.
SELECT h.account_id, r.name AS region, 'arn:aws:config:' || r.name || ':' || h.account_id || ':config-aggregator/all' AS arn, 'all' AS name,
  CAST(NULL AS VARCHAR) AS created_by, TRUE AS of_organization, TRUE AS all_regions, []::VARCHAR[] AS regions, []::VARCHAR[] AS accounts,
  FALSE AS is_filtered, CAST(NULL AS VARCHAR) AS role_arn FROM here h, (SELECT min(name) AS name FROM region) r WHERE h.purpose = 'management'

-- table: stacks
SELECT DISTINCT account_id, region, 'arn:aws:cloudformation:' || region || ':' || account_id || ':stack/' || function_name || '/1' AS arn,
  function_name AS name, 'UPDATE_COMPLETE' AS status FROM own_function

-- table: images
SELECT DISTINCT account_id, region, 'arn:aws:ec2:' || region || '::image/ami-' || substr(md5(vpc_id), 1, 17) AS arn, 'ami-' || substr(md5(vpc_id), 1, 17) AS image_id,
  'base-' || number AS name, 'available' AS state, CAST(NULL AS VARCHAR) AS source_arn, days_ago(30) AS created_at, []::VARCHAR[] AS shared_with FROM own_function
