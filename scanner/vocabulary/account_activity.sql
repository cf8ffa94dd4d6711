-- account_activity: Whether anything lives or moves in an account: the part of `account` that tells idle ones.
-- listed from: accounts
-- id: The twelve digits.
-- arn: ARN; NULL where the account stands alone.
-- name: Name given at creation, else the twelve digits.
-- account_id: The twelve digits.
-- account_name: Name given at creation.
-- region: Always NULL.
-- resources: Resources in it, as far as services were read; what AWS makes in every account is left out. {instances, compute, volumes, databases, file_systems, dynamodb_tables, buckets, secrets, snapshots, recovery_points, vpcs, transit_gateways, tagged_resources}
-- resource_example: One of them.
-- active_role: A role that somebody used in the last months; those a scan enters with, and those of services, left out.
-- changing_call: An API operation that changes something and was called in the last two weeks.
-- active_user: An IAM user who logged in in the last months.
-- idle: Nothing is in it, it cost less than 1 in the last full month, and nobody used it; NULL where somebody may have, with an access key whose use is not asked for. {instances, compute, volumes, databases, file_systems, dynamodb_tables, buckets, secrets, snapshots, recovery_points, vpcs, transit_gateways, tagged_resources, spend, spend_months, organizations, principals, user_credentials, api_usage, delegated_administrators}
WITH things AS (
  SELECT account_id, arn FROM instances
  UNION
  SELECT account_id, arn FROM compute
  UNION
  SELECT account_id, volume_id FROM volumes
  UNION
  SELECT account_id, arn FROM file_systems
  UNION
  SELECT account_id, arn FROM databases
  UNION
  SELECT account_id, arn FROM dynamodb_tables
  UNION
  SELECT account_id, arn FROM buckets
  UNION
  SELECT account_id, arn FROM secrets
  UNION
  SELECT account_id, arn FROM snapshots WHERE coalesce(owner_id, account_id) = account_id
  UNION
  SELECT account_id, arn FROM recovery_points
  UNION
  SELECT account_id, vpc_id FROM vpcs WHERE coalesce(owner_id, account_id) = account_id AND NOT is_default
  UNION
  SELECT account_id, transit_gateway_id FROM transit_gateways WHERE coalesce(owner_id, account_id) = account_id
  UNION
  SELECT account_id, arn FROM tagged_resources
),
owned AS (SELECT account_id, count(*) AS resources, min(arn) AS example FROM things GROUP BY account_id),
roles AS (
  SELECT account_id, min(name) AS name FROM principals p
  WHERE type = 'role' AND NOT coalesce(service_linked, FALSE)
    AND last_used_at > CAST({scanned_at} AS TIMESTAMP) - INTERVAL '{idle_days}' DAY
    AND name NOT IN ('BulkheadReadOnly', 'OrganizationAccountAccessRole', 'AWSControlTowerExecution')
    AND NOT EXISTS (SELECT 1 FROM allowed_names n WHERE n.list = 'scanner' AND p.name LIKE n.pattern ESCAPE '^')
  GROUP BY account_id
),
users AS (
  SELECT account_id, min(CASE WHEN password_used_at > CAST({scanned_at} AS TIMESTAMP) - INTERVAL '{idle_days}' DAY THEN user_arn END) AS active,
    max(CASE WHEN active_keys = 0 THEN 0 ELSE 1 END) AS may_be
  FROM user_credentials GROUP BY account_id
),
calls AS (
  SELECT account_id, min(service || ' ' || operation) AS operation FROM api_usage
  WHERE NOT (operation LIKE 'Describe%' OR operation LIKE 'Get%' OR operation LIKE 'List%' OR operation LIKE 'BatchGet%'
    OR operation LIKE 'Lookup%' OR operation LIKE 'Search%' OR operation LIKE 'Head%')
  GROUP BY account_id
),
gaps AS (
  SELECT account_id,
    max(CASE WHEN table_name IN ('principals', 'user_credentials', 'api_usage') THEN 1 ELSE 0 END) AS activity,
    max(CASE WHEN table_name NOT IN ('principals', 'user_credentials', 'api_usage') THEN 1 ELSE 0 END) AS resources
  FROM unread
  WHERE table_name IN ('instances', 'compute', 'volumes', 'databases', 'file_systems', 'dynamodb_tables', 'buckets', 'secrets', 'snapshots', 'recovery_points',
    'vpcs', 'transit_gateways', 'tagged_resources', 'principals', 'user_credentials', 'api_usage')
  GROUP BY account_id
),
organization_gaps AS (
  SELECT count(*) > 0 AS present FROM unread WHERE collector = 'organizations' AND table_name = 'delegated_administrators'
)
SELECT
  a.account_id AS id,
  a.arn,
  coalesce(a.name, a.account_id) AS name,
  a.account_id,
  a.name AS account_name,
  CAST(NULL AS VARCHAR) AS region,
  CASE WHEN h.resources > 0 THEN h.resources WHEN g.resources = 1 THEN NULL ELSE 0 END AS resources,
  h.example AS resource_example,
  r.name AS active_role,
  c.operation AS changing_call,
  p.active AS active_user,
  CASE
    WHEN h.resources > 0 OR b.spend >= 1 OR r.name IS NOT NULL OR c.operation IS NOT NULL OR p.active IS NOT NULL THEN FALSE
    -- It may be there to administer, or be younger than the bill.
    WHEN d.account_id IS NOT NULL THEN FALSE
    WHEN a.joined_at > b.spend_month THEN FALSE
    WHEN g.resources = 1 OR g.activity = 1 OR b.spend IS NULL OR og.present OR p.may_be = 1 THEN NULL
    ELSE TRUE END AS idle
FROM accounts a
CROSS JOIN organization_gaps og
LEFT JOIN account_billing b ON b.id = a.account_id
LEFT JOIN owned h ON h.account_id = a.account_id
LEFT JOIN roles r ON r.account_id = a.account_id
LEFT JOIN users p ON p.account_id = a.account_id
LEFT JOIN calls c ON c.account_id = a.account_id
LEFT JOIN (SELECT DISTINCT delegate_account_id AS account_id FROM delegated_administrators) d ON d.account_id = a.account_id
LEFT JOIN gaps g ON g.account_id = a.account_id
