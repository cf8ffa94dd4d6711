-- guarded_resource: One resource with a policy of its own: bucket, key, secret, table or vault.
-- listed from: buckets, kms_keys, secrets, dynamodb_tables, backup_vaults
-- id: ARN.
-- arn: ARN.
-- name: Name.
-- type: bucket, key, secret, table or vault.
-- account_id: Its account.
-- account_name: Name of its account.
-- environment: Its environment.
-- workload: Its workload.
-- region: Region.
-- open_to_everyone: Its policy admits `*` and no condition says who that is. {policy_statements, buckets}
-- outsiders: Accounts outside the organization that its policy admits without condition, joined with commas.
-- open_to: Who outside the organization that is: everybody, or accounts, joined with commas.
-- open_to_outsiders: Everyone, or such an account. {policy_statements, accounts, buckets}
WITH guarded AS (
  SELECT arn, name, 'bucket' AS type, account_id, coalesce(bucket_region, region) AS region, policy_read,
    public_access_blocked AS public_blocked FROM buckets
  UNION ALL
  SELECT arn, key_id, 'key', account_id, region, policy_read, FALSE FROM kms_keys WHERE coalesce(manager, 'CUSTOMER') = 'CUSTOMER'
  UNION ALL
  SELECT arn, name, 'secret', account_id, region, policy_read, FALSE FROM secrets
  UNION ALL
  SELECT arn, name, 'table', account_id, region, policy_read, FALSE FROM dynamodb_tables
  UNION ALL
  SELECT arn, name, 'vault', account_id, region, policy_read, FALSE FROM backup_vaults
),
confining AS (
  SELECT DISTINCT statement_id FROM (
    SELECT statement_id, key, operator, min(CASE
      WHEN value IN ('*', '') THEN 0
      WHEN key = 'aws:principalarn' AND NOT regexp_matches(value, '^arn:[^:*?]*:(iam|sts)::[0-9]{12}:') THEN 0
      WHEN key = 'aws:sourcearn' AND value LIKE '%*%' AND NOT regexp_matches(value, '^arn:[^:*?]*:[^:]*:[^:]*:[0-9]{12}:') THEN 0
      WHEN key = 'aws:sourceip' AND value IN ('0.0.0.0/0', '::/0') THEN 0
      ELSE 1 END) AS names_somebody
    FROM statement_conditions
    WHERE lower(operator) NOT LIKE '%not%' AND lower(operator) NOT LIKE '%ifexists'
      AND lower(operator) NOT LIKE 'forallvalues%' AND lower(operator) NOT IN ('null', 'bool')
      AND key IN ('aws:principalorgid', 'aws:principalorgpaths', 'aws:principalarn', 'aws:principalaccount',
        'aws:sourceorgid', 'aws:sourceorgpaths', 'aws:sourceaccount', 'aws:sourcearn', 'aws:sourcevpc', 'aws:sourcevpce',
        'aws:sourceip', 'kms:calleraccount', 's3:dataaccesspointaccount')
    GROUP BY statement_id, key, operator
  ) WHERE names_somebody = 1
),
admitting AS (
  SELECT s.holder_arn,
    -- Allow with NotPrincipal admits everybody but a few.
    max(CASE WHEN (p.type = '*' OR s.principals_negated) AND c.statement_id IS NULL THEN 1 ELSE 0 END) AS everyone,
    max(CASE WHEN p.type = 'CanonicalUser' AND c.statement_id IS NULL THEN 1 ELSE 0 END) AS unnamed,
    string_agg(DISTINCT CASE WHEN p.principal_account IS NOT NULL AND m.account_id IS NULL AND c.statement_id IS NULL
      AND NOT s.principals_negated THEN p.principal_account END, ', ' ORDER BY CASE WHEN p.principal_account IS NOT NULL AND m.account_id IS NULL
      AND c.statement_id IS NULL AND NOT s.principals_negated THEN p.principal_account END) AS outsiders,
    max(CASE WHEN p.principal_account IS NOT NULL AND p.principal_account <> s.account_id THEN 1 ELSE 0 END) AS names_others
  FROM policy_statements s
  JOIN statement_principals p ON p.statement_id = s.statement_id
  LEFT JOIN accounts m ON m.account_id = p.principal_account AND (m.is_member OR m.account_id = s.account_id)
  LEFT JOIN confining c ON c.statement_id = s.statement_id
  WHERE s.kind = 'resource' AND s.effect = 'Allow'
  GROUP BY s.holder_arn
),
knowing AS (
  SELECT count(*) = 0 AS members_read FROM unread
  WHERE table_name IN ('accounts', 'organizations') AND collector = 'organizations'
)
SELECT
  r.arn AS id,
  r.arn,
  r.name,
  r.type,
  r.account_id,
  a.name AS account_name,
  coalesce(f.environment, a.environment) AS environment,
  coalesce(f.workload, a.workload) AS workload,
  r.region,
  CASE WHEN t.everyone = 1 THEN NOT r.public_blocked WHEN coalesce(r.policy_read, FALSE) THEN FALSE END AS open_to_everyone,
  CASE WHEN k.members_read THEN t.outsiders END AS outsiders,
  concat_ws(', ', CASE WHEN t.everyone = 1 THEN 'everybody' END, CASE WHEN k.members_read THEN t.outsiders END) AS open_to,
  CASE WHEN t.everyone = 1 AND NOT r.public_blocked THEN TRUE WHEN NOT coalesce(r.policy_read, FALSE) THEN NULL
    WHEN t.names_others = 1 AND NOT k.members_read THEN NULL WHEN t.outsiders IS NOT NULL THEN TRUE
    -- A canonical user id names an account, but does not say which.
    WHEN t.everyone = 1 AND r.public_blocked IS NULL OR t.unnamed = 1 THEN NULL ELSE FALSE END AS open_to_outsiders
FROM guarded r
CROSS JOIN knowing k
LEFT JOIN account_facts a ON a.account_id = r.account_id
LEFT JOIN resource_facts f ON f.arn = r.arn
LEFT JOIN admitting t ON t.holder_arn = r.arn
