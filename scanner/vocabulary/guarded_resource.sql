-- guarded_resource: One resource with a policy of its own: bucket, key, secret, table, queue, topic, function, search domain or vault.
-- listed from: buckets, kms_keys, secrets, dynamodb_tables, queues, topics, compute, databases, backup_vaults
-- id: ARN.
-- arn: ARN.
-- name: Name.
-- type: bucket, key, secret, table, queue, topic, function, search domain or vault.
-- account_id: Its account.
-- account_name: Name of its account.
-- environment: Its environment.
-- workload: Its workload.
-- region: Region.
-- open_to_everyone: Its policy admits `*`, and no condition, no deny and no resource control policy says who that is. {policy_statements, buckets, public_sharing_blocks, organizations, accounts}
-- outsiders: Accounts and organizations outside the organization that its policy admits, joined with commas.
-- open_to: Who outside the organization that is: everybody, or accounts, joined with commas.
-- open_to_outsiders: Everyone, or such an account. {policy_statements, accounts, organizations, buckets, public_sharing_blocks}
-- other_side_accounts: Accounts of production that may use it though it is not, or of other environments though it is of production; one stands for all that `*` means.
-- other_side_environments: Their environments, joined with commas.
-- crosses_environments: There is at least one of them; NULL when the environment of an admitted account is not known. {policy_statements, accounts, organizations, organizational_units, unit_ancestors, tags, buckets, public_sharing_blocks}
-- other_workloads: Workloads of other accounts that may use it, joined with commas. Accounts that serve all environments are no workload.
-- other_workload_accounts: Those accounts by name, joined with commas.
-- crosses_workloads: There is at least one of them; NULL when the workload of an admitted account is not known. {policy_statements, accounts, organizations, organizational_units, unit_ancestors, tags, buckets, public_sharing_blocks}
-- other_accounts: Accounts that may use it and do not serve all environments, joined with commas.
-- used_from_other_account: There is at least one of them, or everyone may. {policy_statements, accounts, organizations, organizational_units, unit_ancestors, tags, buckets, public_sharing_blocks}
-- database_evidence: What says that a secret holds credentials of a database; NULL when nothing does.
-- holds_database_credentials: It is a secret, and its owning service, a tag, its name or its description says so.
WITH blocking AS (SELECT DISTINCT account_id FROM public_sharing_blocks WHERE service = 's3' AND blocks),
-- Where nobody asked whether the account blocks it.
blocking_gaps AS (SELECT DISTINCT account_id FROM unread WHERE table_name = 'public_sharing_blocks' AND collector IN ('s3_account', '*')),
guarded AS (
  SELECT b.arn, b.name, 'bucket' AS type, b.account_id, coalesce(b.bucket_region, b.region) AS region, b.policy_read,
    CASE WHEN b.public_access_blocked OR k.account_id IS NOT NULL THEN TRUE WHEN g.account_id IS NULL THEN b.public_access_blocked END AS public_blocked,
    NULL AS service, NULL AS said
  FROM buckets b LEFT JOIN blocking k ON k.account_id = b.account_id LEFT JOIN blocking_gaps g ON g.account_id = b.account_id
  UNION ALL
  SELECT arn, key_id, 'key', account_id, region, policy_read, FALSE, NULL, NULL FROM kms_keys WHERE coalesce(manager, 'CUSTOMER') = 'CUSTOMER'
  UNION ALL
  SELECT arn, name, 'secret', account_id, region, policy_read, FALSE, owning_service, description FROM secrets
  UNION ALL
  SELECT arn, name, 'table', account_id, region, policy_read, FALSE, NULL, NULL FROM dynamodb_tables
  UNION ALL
  SELECT arn, name, 'queue', account_id, region, policy_read, FALSE, NULL, NULL FROM queues
  UNION ALL
  SELECT arn, name, 'topic', account_id, region, policy_read, FALSE, NULL, NULL FROM topics
  UNION ALL
  SELECT arn, name, 'function', account_id, region, policy_read, FALSE, NULL, NULL FROM compute WHERE type = 'function'
  UNION ALL
  -- The policy of a domain inside of a VPC speaks to those only that its network lets in.
  SELECT arn, name, 'domain', account_id, region, TRUE, FALSE, NULL, NULL FROM databases WHERE type = 'domain' AND vpc_id IS NULL
  UNION ALL
  SELECT arn, name, 'vault', account_id, region, policy_read, FALSE, NULL, NULL FROM backup_vaults
),
known AS (
  -- Keys and vaults are of their account: what tags say of them comes from the tagging API alone.
  SELECT r.*, a.name AS account_name,
    coalesce(CASE WHEN f.arn IS NULL THEN a.environment ELSE f.environment END, 'unknown') AS environment,
    coalesce(CASE WHEN f.arn IS NULL THEN a.workload ELSE f.workload END, 'unknown') AS workload
  FROM guarded r
  LEFT JOIN account_facts a ON a.account_id = r.account_id
  LEFT JOIN resource_facts f ON f.arn = r.arn AND f.kind <> 'other'
),
edges AS (
  SELECT e.resource_arn, e.source_kind, e.is_open, e.uses, e.is_member, e.verdict = 'unknown' OR e.is_member IS NULL AS unsure,
    k.environment, k.workload, coalesce(o.environment, 'unknown') AS source_environment, coalesce(o.workload, 'unknown') AS source_workload,
    coalesce(o.name, e.source_account_id, e.source)
      || CASE WHEN e.members > 1 THEN ' and ' || CAST(e.members - 1 AS VARCHAR) || ' more of ' || o.environment ELSE '' END AS who,
    CASE WHEN e.is_open AND NOT e.is_member AND e.source_kind <> 'everyone' THEN coalesce(e.source_account_id, e.source) END AS outsider,
    -- Accounts that serve all environments are there to use the others. What is open to the whole world is a finding of its own.
    e.uses AND e.is_member AND coalesce(o.environment, '') <> 'shared' AND (e.source_kind <> 'member' OR e.is_open AND w.resource_arn IS NULL)
      AS by_member
  FROM resource_edges e
  JOIN known k ON k.arn = e.resource_arn
  LEFT JOIN account_facts o ON o.account_id = e.source_account_id
  LEFT JOIN (SELECT DISTINCT resource_arn FROM resource_edges WHERE source_kind = 'everyone' AND is_open) w
    ON w.resource_arn = e.resource_arn
),
judged AS (
  SELECT e.*,
    CASE WHEN NOT by_member OR environment = 'shared' THEN FALSE WHEN unsure OR source_environment = 'unknown' OR environment = 'unknown' THEN NULL
      ELSE source_environment <> environment AND (source_environment = 'production' OR environment = 'production') END AS other_side,
    CASE WHEN NOT by_member THEN FALSE WHEN unsure OR source_workload = 'unknown' OR workload = 'unknown' THEN NULL
      ELSE source_workload <> workload END AS other_workload,
    CASE WHEN by_member AND source_environment <> 'unknown' AND NOT unsure OR uses AND is_open AND NOT is_member THEN TRUE
      WHEN by_member OR unsure AND uses THEN NULL ELSE FALSE END AS other_account
  FROM edges e
),
admitting AS (
  SELECT resource_arn,
    max(CASE WHEN source_kind = 'everyone' AND is_open THEN 1 ELSE 0 END) AS everyone,
    max(CASE WHEN unsure THEN 1 ELSE 0 END) AS unsure,
    string_agg(DISTINCT outsider, ', ' ORDER BY outsider) AS outsiders,
    string_agg(DISTINCT CASE WHEN other_side THEN who END, ', ' ORDER BY CASE WHEN other_side THEN who END) AS other_side,
    string_agg(DISTINCT CASE WHEN other_side THEN source_environment END, ', '
      ORDER BY CASE WHEN other_side THEN source_environment END) AS other_environments,
    max(CASE WHEN other_side IS NULL THEN 1 ELSE 0 END) AS side_undecided,
    string_agg(DISTINCT CASE WHEN other_workload THEN who END, ', ' ORDER BY CASE WHEN other_workload THEN who END) AS workload_accounts,
    string_agg(DISTINCT CASE WHEN other_workload THEN source_workload END, ', '
      ORDER BY CASE WHEN other_workload THEN source_workload END) AS other_workloads,
    max(CASE WHEN other_workload IS NULL THEN 1 ELSE 0 END) AS workload_undecided,
    string_agg(DISTINCT CASE WHEN other_account THEN CASE WHEN source_kind = 'everyone' THEN 'everybody' ELSE who END END, ', '
      ORDER BY CASE WHEN other_account THEN CASE WHEN source_kind = 'everyone' THEN 'everybody' ELSE who END END) AS other_accounts,
    max(CASE WHEN other_account IS NULL THEN 1 ELSE 0 END) AS account_undecided
  FROM judged GROUP BY resource_arn
),
speaking AS (
  SELECT s.holder_arn, max(CASE WHEN p.type = 'CanonicalUser' THEN 1 ELSE 0 END) AS unnamed,
    max(CASE WHEN p.type = '*' OR s.principals_negated OR p.principal_account <> s.account_id THEN 1 ELSE 0 END) AS names_others
  FROM policy_statements s JOIN statement_principals p ON p.statement_id = s.statement_id
  WHERE s.kind = 'resource' AND s.effect = 'Allow' GROUP BY s.holder_arn
),
knowing AS (
  SELECT count(*) = 0 AS members_read FROM unread
  WHERE table_name IN ('accounts', 'organizations') AND collector = 'organizations'
),
-- What an account is for may hang on these.
organization_gaps AS (
  SELECT count(*) > 0 AS present FROM unread
  WHERE collector = 'organizations' AND table_name IN ('accounts', 'organizational_units', 'organizations', 'tags', 'unit_ancestors')
),
database_tags AS (
  SELECT arn, min(key) AS key FROM tags WHERE lower(key) LIKE 'aws:rds:primarydb%' OR lower(key) LIKE 'aws:redshift:%' GROUP BY arn
),
weighed AS (
  SELECT r.*, t.everyone, t.outsiders, t.other_side, t.other_environments, t.workload_accounts, t.other_workloads, t.other_accounts,
    CASE WHEN t.everyone = 1 THEN r.public_blocked ELSE FALSE END AS closed,
    coalesce(r.policy_read, FALSE) AS is_read,
    s.names_others = 1 AND NOT k.members_read OR t.unsure = 1 OR s.unnamed = 1 AS outside_undecided,
    s.names_others = 1 AND og.present AS unclassified,
    t.side_undecided = 1 OR s.unnamed = 1 AS side_undecided,
    t.workload_undecided = 1 OR s.unnamed = 1 AS workload_undecided,
    t.account_undecided = 1 OR s.unnamed = 1 AS account_undecided,
    CASE WHEN r.type <> 'secret' THEN NULL
      WHEN r.service IN ('rds', 'redshift') OR d.arn IS NOT NULL THEN 'managed by ' || coalesce(r.service, d.key)
      WHEN regexp_matches(lower(r.name), 'api.?key|licen[cs]e|webhook|token') THEN NULL
      WHEN regexp_matches(lower(r.name), '(^|[^a-z0-9])(db|dbs|database|databases|rds|aurora|postgres|postgresql|mysql|mariadb|sqlserver|mssql|oracle|mongo|mongodb|docdb|documentdb|redshift|jdbc|dsn)([^a-z0-9]|$)') THEN 'name ' || r.name
      WHEN regexp_matches(lower(r.said), '(^|[^a-z0-9])(db|dbs|database|databases|rds|aurora|postgres|postgresql|mysql|mariadb|sqlserver|mssql|oracle|mongo|mongodb|docdb|documentdb|redshift|jdbc|dsn)([^a-z0-9]|$)') AND NOT regexp_matches(lower(r.said), 'api.?key|licen[cs]e|webhook|token')
        THEN 'description ' || r.said END AS database_evidence
  FROM known r
  CROSS JOIN knowing k
  CROSS JOIN organization_gaps og
  LEFT JOIN admitting t ON t.resource_arn = r.arn
  LEFT JOIN speaking s ON s.holder_arn = r.arn
  LEFT JOIN database_tags d ON d.arn = r.arn
)
SELECT
  w.arn AS id,
  w.arn,
  w.name,
  w.type,
  w.account_id,
  w.account_name,
  w.environment,
  w.workload,
  w.region,
  CASE WHEN w.everyone = 1 THEN NOT w.public_blocked WHEN w.is_read AND NOT coalesce(w.outside_undecided, FALSE) THEN FALSE END AS open_to_everyone,
  CASE WHEN k.members_read THEN w.outsiders END AS outsiders,
  concat_ws(', ', CASE WHEN w.everyone = 1 THEN 'everybody' END, CASE WHEN k.members_read THEN w.outsiders END) AS open_to,
  -- A public bucket policy that is blocked lets nobody of another account in.
  CASE WHEN w.closed THEN FALSE WHEN w.closed IS NULL THEN NULL WHEN w.everyone = 1 THEN TRUE WHEN NOT w.is_read THEN NULL
    WHEN NOT k.members_read AND w.outside_undecided THEN NULL WHEN w.outsiders IS NOT NULL THEN TRUE
    WHEN w.outside_undecided THEN NULL ELSE FALSE END AS open_to_outsiders,
  w.other_side AS other_side_accounts,
  w.other_environments AS other_side_environments,
  CASE WHEN w.closed THEN FALSE WHEN w.closed IS NULL OR NOT w.is_read OR w.unclassified THEN NULL WHEN w.other_side IS NOT NULL THEN TRUE
    WHEN w.side_undecided THEN NULL ELSE FALSE END AS crosses_environments,
  w.other_workloads,
  w.workload_accounts AS other_workload_accounts,
  CASE WHEN w.closed THEN FALSE WHEN w.closed IS NULL OR NOT w.is_read OR w.unclassified THEN NULL WHEN w.other_workloads IS NOT NULL THEN TRUE
    WHEN w.workload_undecided THEN NULL ELSE FALSE END AS crosses_workloads,
  w.other_accounts,
  CASE WHEN w.closed THEN FALSE WHEN w.closed IS NULL OR NOT w.is_read OR w.unclassified THEN NULL WHEN w.other_accounts IS NOT NULL THEN TRUE
    WHEN w.account_undecided THEN NULL ELSE FALSE END AS used_from_other_account,
  w.database_evidence,
  CASE WHEN w.type = 'secret' THEN w.database_evidence IS NOT NULL END AS holds_database_credentials
FROM weighed w
CROSS JOIN knowing k
