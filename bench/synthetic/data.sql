-- scratch: own_database
SELECT v.*, h.workload, d, (['postgres', 'mysql', 'aurora-postgresql', 'aurora-mysql', 'docdb'])[1 + pick(5, h.idx, 'engine' || d)] AS engine,
  pick(5, h.idx, 'engine' || d) >= 2 AS cluster, coalesce(h.workload, h.name) || '-' || coalesce(h.stage, 'main') || '-' || d AS name,
  'arn:aws:rds:' || v.region || ':' || h.account_id || ':' || CASE WHEN pick(5, h.idx, 'engine' || d) >= 2 THEN 'cluster:' ELSE 'db:' END
    || coalesce(h.workload, h.name) || '-' || coalesce(h.stage, 'main') || '-' || d AS arn
FROM here h, LATERAL (SELECT unnest(range(h.databases)) AS d) JOIN own_vpc v ON v.idx = h.idx AND v.number = d % h.vpcs

-- table: subnet_groups
SELECT account_id, region, 'data-' || number AS name, vpc_id, subnet_id FROM own_subnet WHERE tier = 'data' AND purpose IN ('workload', 'sandbox', 'network', 'tooling', 'shared')

-- table: databases
SELECT account_id, region, arn, name, CASE WHEN cluster THEN 'cluster' ELSE 'instance' END AS type, engine,
  CASE WHEN cluster THEN 'cluster-' ELSE 'db-' END || upper(substr(md5(arn), 1, 26)) AS resource_id, 'available' AS status, vpc_id,
  'data-' || number AS subnet_group, [database_group(idx, number, size, d)] AS group_ids,
  name || '.' || substr(md5(account_id), 1, 12) || '.' || region || '.rds.amazonaws.com' AS endpoint,
  CASE WHEN engine LIKE '%postgres%' THEN 5432 WHEN engine = 'docdb' THEN 27017 ELSE 3306 END AS port,
  CASE WHEN NOT cluster THEN rnd(arn, 'public') < 0.02 END AS publicly_accessible, rnd(arn, 'encrypted') < 0.9 AS encrypted,
  CASE WHEN rnd(arn, 'encrypted') < 0.9 THEN key_arn(region, account_id, 'data') END AS kms_key_arn,
  CASE WHEN coalesce(stage, '') = 'prod' THEN 14 ELSE pick(3, arn, 'retention') END AS backup_retention_days, days_ago(0) AS latest_restorable_at,
  stage = 'prod' AND rnd(arn, 'protected') < 0.8 AS deletion_protection, stage = 'prod' AS multi_az
FROM own_database
UNION ALL BY NAME
SELECT account_id, region, 'arn:aws:rds:' || region || ':' || account_id || ':db:' || name || '-instance' AS arn, name || '-instance' AS name, 'instance' AS type,
  engine, 'db-' || upper(substr(md5(arn || 'instance'), 1, 26)) AS resource_id, 'available' AS status, name AS cluster_name, vpc_id,
  'data-' || number AS subnet_group, [database_group(idx, number, size, d)] AS group_ids,
  name || '-instance.' || substr(md5(account_id), 1, 12) || '.' || region || '.rds.amazonaws.com' AS endpoint,
  CASE WHEN engine LIKE '%postgres%' THEN 5432 WHEN engine = 'docdb' THEN 27017 ELSE 3306 END AS port, FALSE AS publicly_accessible,
  rnd(arn, 'encrypted') < 0.9 AS encrypted, CASE WHEN rnd(arn, 'encrypted') < 0.9 THEN key_arn(region, account_id, 'data') END AS kms_key_arn,
  1 AS backup_retention_days, FALSE AS deletion_protection, FALSE AS multi_az
FROM own_database WHERE cluster

-- table: network_interfaces
SELECT o.account_id, o.region, format('eni-{:017x}', 5000000000 + o.idx * 1000 + o.d) AS eni_id,
  'arn:aws:ec2:' || o.region || ':' || o.account_id || ':network-interface/' || format('eni-{:017x}', 5000000000 + o.idx * 1000 + o.d) AS arn, o.vpc_id, s.subnet_id,
  o.account_id AS owner_id, 'RDSNetworkInterface' AS description, 'interface' AS interface_type, 'amazon-rds' AS requester_id,
  TRUE AS requester_managed, 'in-use' AS status, 'amazon-rds' AS attachment_owner_id, [s.prefix || (s.offset_in + 60 + o.d // vpcs_of(o.size))] AS private_ips,
  []::VARCHAR[] AS ipv6_ips, []::VARCHAR[] AS public_ips, [database_group(o.idx, o.number, o.size, o.d)] AS group_ids, TRUE AS source_dest_check
FROM own_database o JOIN own_subnet s ON s.vpc_id = o.vpc_id AND s.tier = 'data' AND s.place % 2 = o.d % 2

-- table: snapshots
-- Automated ones are the account's; one manual one in five is shared, some with accounts outside.
SELECT o.account_id, o.region, 'arn:aws:rds:' || o.region || ':' || o.account_id || CASE WHEN o.cluster THEN ':cluster-snapshot:' ELSE ':snapshot:' END || x.kind || '-' || o.name || '-' || x.age AS arn,
  x.kind || '-' || o.name || '-' || x.age AS name, CASE WHEN o.cluster THEN 'cluster' ELSE 'database' END AS type, o.arn AS source_arn, o.account_id AS owner_id,
  'available' AS status, x.kind, days_ago(x.age) AS created_at, rnd(o.arn, 'encrypted') < 0.9 AS encrypted,
  CASE WHEN rnd(o.arn, 'encrypted') < 0.9 THEN key_arn(o.region, o.account_id, 'data') END AS kms_key_arn,
  CASE WHEN x.kind = 'manual' AND rnd(o.arn, 'shared') < 0.2 THEN [acct(pick(accounts_wanted(), o.arn, 'with'))]
    WHEN x.kind = 'manual' AND rnd(o.arn, 'shared') < 0.21 THEN ['464622532012'] ELSE []::VARCHAR[] END AS shared_with
FROM own_database o, (VALUES ('automated', 1), ('automated', 2), ('manual', 40)) x(kind, age)

-- table: automated_backups
SELECT account_id, region, 'arn:aws:rds:' || region || ':' || account_id || ':auto-backup:ab-' || substr(md5(arn), 1, 26) AS arn, arn AS source_arn,
  'active' AS status, key_arn(region, account_id, 'data') AS kms_key_arn, days_ago(7) AS restorable_from, days_ago(0) AS restorable_to
FROM own_database WHERE coalesce(stage, '') = 'prod' OR pick(3, arn, 'retention') > 0

-- scratch: own_table
SELECT h.*, (regions())[1 + n % len(regions())] AS region, n, coalesce(h.workload, h.name) || '-items-' || n AS table_name,
  'arn:aws:dynamodb:' || (regions())[1 + n % len(regions())] || ':' || h.account_id || ':table/' || coalesce(h.workload, h.name) || '-items-' || n AS arn
FROM here h, LATERAL (SELECT unnest(range(h.dynamodb_tables)) AS n)

-- table: dynamodb_tables
SELECT account_id, region, arn, table_name AS name, 'ACTIVE' AS status, CASE WHEN n % 2 = 0 THEN key_arn(region, account_id, 'data') END AS kms_key_arn,
  stage = 'prod' OR n % 5 = 0 AS point_in_time_recovery, CASE WHEN stage = 'prod' OR n % 5 = 0 THEN days_ago(0) END AS latest_restorable_at,
  n % 2 AS backups, CASE WHEN n % 2 = 1 THEN days_ago(20) END AS newest_backup_at, []::VARCHAR[] AS replica_regions,
  n % 3 = 0 AS deletion_protection, TRUE AS policy_read
FROM own_table

-- scratch: own_bucket
SELECT h.*, n, h.account_id || '-bucket-' || n AS bucket_name, (regions())[1 + n % len(regions())] AS bucket_region
FROM here h, LATERAL (SELECT unnest(range(h.buckets)) AS n)

-- table: buckets
SELECT account_id, 'global' AS region, 'arn:aws:s3:::' || bucket_name AS arn, bucket_name AS name, bucket_region,
  CASE WHEN n % 2 = 0 THEN 'Enabled' ELSE 'Never' END AS versioning,
  CASE WHEN n % 10 = 0 AND rnd(idx, 'replicated') < 0.3 THEN [acct(1)] ELSE []::VARCHAR[] END AS replication_accounts,
  CASE WHEN n % 10 = 0 AND rnd(idx, 'replicated') < 0.3 THEN ['arn:aws:s3:::' || acct(1) || '-bucket-0'] ELSE []::VARCHAR[] END AS replication_buckets,
  CASE WHEN purpose = 'log_archive' THEN 'COMPLIANCE' ELSE 'none' END AS object_lock,
  CASE WHEN n % 3 = 0 THEN key_arn(bucket_region, account_id, 'data') END AS kms_key_arn, n % 7 > 0 AS public_access_blocked, TRUE AS policy_read
FROM own_bucket

-- scratch: own_key
SELECT h.*, r.name AS region, k.alias, key_arn(r.name, h.account_id, k.alias) AS arn
FROM here h, region r, (VALUES ('data'), ('backup'), ('application')) k(alias)

-- table: kms_keys
SELECT account_id, region, arn, split_part(arn, 'key/', 2) AS key_id, 'CUSTOMER' AS manager, 'Enabled' AS state, 'AWS_KMS' AS origin,
  FALSE AS multi_region, ['alias/' || alias] AS aliases, TRUE AS policy_read
FROM own_key
UNION ALL
SELECT h.account_id, r.name, key_arn(r.name, h.account_id, 'aws/' || s.service), split_part(key_arn(r.name, h.account_id, 'aws/' || s.service), 'key/', 2), 'AWS', 'Enabled', 'AWS_KMS',
  FALSE, ['alias/aws/' || s.service], TRUE
FROM here h, region r, (VALUES ('rds'), ('ebs'), ('backup')) s(service)

-- scratch: own_secret
SELECT h.*, (regions())[1 + n % len(regions())] AS region, n, coalesce(h.workload, h.name) || '/' || (['db', 'api', 'token'])[1 + n % 3] || '-' || n AS secret_name,
  'arn:aws:secretsmanager:' || (regions())[1 + n % len(regions())] || ':' || h.account_id || ':secret:' || coalesce(h.workload, h.name) || '/'
    || (['db', 'api', 'token'])[1 + n % 3] || '-' || n || '-AbCdEf' AS arn
FROM here h, LATERAL (SELECT unnest(range(h.secrets)) AS n)

-- table: secrets
SELECT account_id, region, arn, secret_name AS name, CASE WHEN n % 4 = 0 THEN 'Password' END AS description,
  CASE WHEN n % 3 = 0 THEN key_arn(region, account_id, 'application') END AS kms_key, n % 3 = 0 AS rotation,
  CASE WHEN n % 4 < 3 THEN days_ago(n % 200) END AS last_accessed_at, TRUE AS policy_read
FROM own_secret

-- scratch: resource_policy
SELECT account_id, region, arn, alias AS name, CASE WHEN alias = 'data' AND rnd(idx, region || 'key') < 0.2 THEN 'key_shared' ELSE 'key' END AS template,
  CASE WHEN rnd(idx, region || 'to') < 0.5 THEN acct(neighbour) ELSE backup_id END AS other
FROM own_key
UNION ALL
SELECT account_id, 'global', 'arn:aws:s3:::' || bucket_name, bucket_name, CASE WHEN n % 12 = 0 THEN 'bucket_shared' ELSE 'bucket' END,
  acct(CASE WHEN n % 24 = 0 THEN 5 ELSE neighbour END)
FROM own_bucket WHERE n % 3 = 0
UNION ALL
SELECT account_id, region, arn, secret_name, 'secret_shared', acct(neighbour) FROM own_secret WHERE n % 20 = 2
UNION ALL
SELECT account_id, region, arn, name, 'vault', NULL FROM own_vault WHERE name = 'central'

-- table: tags
SELECT o.account_id, o.region, o.arn, t.key, t.value FROM own_database o, LATERAL (VALUES
  ('environment', CASE WHEN o.d % 20 = 3 THEN 'test' ELSE coalesce(o.stage, 'dev') END), ('workload', coalesce(o.workload, 'platform')),
  ('owner', 'team-' || pick(40, o.idx, 'owner'))) t(key, value) WHERE rnd(o.arn, t.key) < 0.85
UNION ALL
SELECT o.account_id, o.region, o.arn, t.key, t.value FROM own_table o, LATERAL (VALUES
  ('environment', coalesce(o.stage, 'dev')), ('workload', coalesce(o.workload, 'platform')), ('owner', 'team-' || pick(40, o.idx, 'owner'))) t(key, value)
WHERE rnd(o.arn, t.key) < 0.8
UNION ALL
SELECT o.account_id, 'global', 'arn:aws:s3:::' || o.bucket_name, t.key, t.value FROM own_bucket o, LATERAL (VALUES
  ('environment', coalesce(o.stage, 'dev')), ('workload', coalesce(o.workload, 'platform')), ('owner', 'team-' || pick(40, o.idx, 'owner'))) t(key, value)
WHERE rnd(o.bucket_name, t.key) < 0.7
UNION ALL
SELECT o.account_id, o.region, o.arn, t.key, t.value FROM own_secret o, LATERAL (VALUES
  ('environment', coalesce(o.stage, 'dev')), ('workload', coalesce(o.workload, 'platform'))) t(key, value) WHERE rnd(o.arn, t.key) < 0.6

-- table: tagged_resources
SELECT account_id, region, arn, 'dynamodb' AS service, 'table' AS resource_type FROM own_table WHERE rnd(arn, 'environment') < 0.8
UNION ALL SELECT account_id, region, arn, 'rds', CASE WHEN cluster THEN 'cluster' ELSE 'db' END FROM own_database
UNION ALL SELECT account_id, region, 'arn:aws:lambda:' || region || ':' || account_id || ':function:svc-' || e, 'lambda', 'function' FROM own_interface WHERE kind = 'lambda'
