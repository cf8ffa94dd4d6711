-- account_contents: What lives in one account: environments, workloads, who pays, and whether tags say so.
-- listed from: accounts
-- id: The twelve digits.
-- arn: ARN; NULL where the account stands alone.
-- name: Name given at creation, else the twelve digits.
-- account_id: The twelve digits.
-- account_name: Name given at creation.
-- region: Always NULL.
-- environments: Environments of the resources in it, joined with commas. {instances, compute, databases, dynamodb_tables, file_systems, buckets, tags}
-- mixes_environments: Production and another environment live in it. {instances, compute, databases, dynamodb_tables, file_systems, buckets, tags}
-- workloads: Workloads of the resources in it, joined with commas. {instances, compute, databases, dynamodb_tables, file_systems, buckets, tags}
-- hosts_many_workloads: More than one workload lives in it. {instances, compute, databases, dynamodb_tables, file_systems, buckets, tags}
-- compute_and_data: Instances, functions, services, clusters, load balancers, databases, tables and file systems in it; functions of Control Tower left out. {instances, compute, databases, dynamodb_tables, file_systems}
-- runs_workloads: It has instances, functions, services, clusters, load balancers, databases, tables or file systems. {instances, compute, databases, dynamodb_tables, file_systems}
-- examples: Some of them by name.
-- product_resources: Those of them that do not serve all environments, as security and backup tools do.
-- product_examples: Some of them by name.
-- runs_products: There is at least one of them. {instances, compute, databases, dynamodb_tables, file_systems, tags, accounts, organizational_units, unit_ancestors}
-- business_units: Business units that it and its resources are tagged with, joined with semicolons.
-- business_unit_unclear: They are none, or more than one. {tags, accounts, instances, compute, databases, dynamodb_tables, file_systems, buckets, secrets}
-- taggable: Resources of kinds that everybody can tag. {instances, compute, databases, dynamodb_tables, file_systems, buckets, secrets}
-- tagged: Those that carry every required kind of tag. {instances, compute, databases, dynamodb_tables, file_systems, buckets, secrets, tags}
-- tagged_by_kind: The same for each kind, such as `bucket 1 of 3`.
WITH used AS (
  SELECT account_id,
    count(DISTINCT CASE WHEN environment NOT IN ('shared', 'unknown') THEN environment END) AS environments,
    max(CASE WHEN environment = 'production' THEN 1 ELSE 0 END) AS has_production,
    string_agg(DISTINCT CASE WHEN environment NOT IN ('shared', 'unknown') THEN environment END, ', '
      ORDER BY CASE WHEN environment NOT IN ('shared', 'unknown') THEN environment END) AS environment_names,
    max(CASE WHEN coalesce(environment, 'unknown') = 'unknown' THEN 1 ELSE 0 END) AS unknown_environment,
    max(CASE WHEN firm_workload IS NULL THEN 1 ELSE 0 END) AS unknown_workload,
    count(DISTINCT firm_workload) AS workloads,
    string_agg(DISTINCT firm_workload, ', ' ORDER BY firm_workload) AS workload_names
  FROM resource_facts WHERE kind <> 'other' AND kind <> 'secret' GROUP BY account_id
),
working AS (
  SELECT account_id, count(*) AS things, min(name) AS first_thing, max(name) AS last_thing,
    sum(CASE WHEN coalesce(environment, 'unknown') <> 'shared' THEN 1 ELSE 0 END) AS products,
    min(CASE WHEN coalesce(environment, 'unknown') <> 'shared' THEN name END) AS first_product,
    max(CASE WHEN coalesce(environment, 'unknown') <> 'shared' THEN name END) AS last_product,
    -- Its own tag decides; what it inherits may hang on what was not read.
    max(CASE WHEN environment_source = 'tag' AND environment <> 'shared' THEN 1 ELSE 0 END) AS tagged_product
  FROM resource_facts WHERE kind NOT IN ('bucket', 'secret', 'other')
    -- Control Tower puts functions of its own into every account, and lets nobody change them (AWS-GR_LAMBDA_CHANGE_PROHIBITED).
    AND NOT (kind = 'function' AND name LIKE 'aws-controltower-%')
  GROUP BY account_id
),
paying AS (
  SELECT account_id, count(DISTINCT lower(business_unit)) AS units,
    string_agg(DISTINCT evidence, '; ' ORDER BY evidence) AS evidence
  FROM account_business_units GROUP BY account_id
),
tagged_kinds AS (
  -- Of these kinds every resource is listed and can be tagged; the tagging API never lists what never had a tag. Secrets that
  -- a service keeps for itself are not the owner's to tag.
  SELECT r.account_id, r.kind, count(*) AS taggable,
    sum(CASE WHEN r.required_tags >= {required_resource_tags} THEN 1 ELSE 0 END) AS tagged
  FROM resource_facts r LEFT JOIN secrets s ON s.arn = r.arn
  WHERE r.kind <> 'other' AND s.owning_service IS NULL GROUP BY r.account_id, r.kind
),
tagged AS (
  SELECT account_id, sum(taggable) AS taggable, sum(tagged) AS tagged,
    string_agg(kind || ' ' || CAST(tagged AS VARCHAR) || ' of ' || CAST(taggable AS VARCHAR), ', ' ORDER BY kind) AS by_kind
  FROM tagged_kinds GROUP BY account_id
),
holding_gaps AS (
  SELECT account_id, max(CASE WHEN kind <> 'secret' THEN 1 ELSE 0 END) AS resources,
    max(CASE WHEN kind = 'working' AND about = 'listing' THEN 1 ELSE 0 END) AS compute,
    max(CASE WHEN kind = 'working' THEN 1 ELSE 0 END) AS products,
    1 AS tags
  FROM resource_gaps WHERE selected GROUP BY account_id
),
organization_gaps AS (
  SELECT max(CASE WHEN table_name IN ('accounts', 'organizational_units', 'unit_ancestors', 'tags') THEN 1 ELSE 0 END) AS evidence
  FROM unread WHERE collector = 'organizations'
)
SELECT
  a.account_id AS id,
  a.arn,
  coalesce(a.name, a.account_id) AS name,
  a.account_id,
  a.name AS account_name,
  CAST(NULL AS VARCHAR) AS region,
  used.environment_names AS environments,
  CASE WHEN used.environments >= 2 AND used.has_production = 1 THEN TRUE WHEN hg.resources = 1 THEN NULL
    WHEN used.unknown_environment = 1 AND og.evidence = 1 THEN NULL ELSE FALSE END AS mixes_environments,
  used.workload_names AS workloads,
  CASE WHEN used.workloads >= 2 THEN TRUE WHEN hg.resources = 1 THEN NULL
    WHEN used.unknown_workload = 1 AND og.evidence = 1 THEN NULL ELSE FALSE END AS hosts_many_workloads,
  CASE WHEN hg.compute = 1 THEN NULL ELSE coalesce(working.things, 0) END AS compute_and_data,
  CASE WHEN working.things > 0 THEN TRUE WHEN hg.compute = 1 THEN NULL ELSE FALSE END AS runs_workloads,
  CASE WHEN working.things = 1 THEN working.first_thing
    ELSE working.first_thing || ' ... ' || working.last_thing END AS examples,
  coalesce(working.products, 0) AS product_resources,
  CASE WHEN working.first_product = working.last_product THEN working.first_product
    ELSE working.first_product || ' ... ' || working.last_product END AS product_examples,
  CASE WHEN working.tagged_product = 1 THEN TRUE WHEN hg.products = 1 OR og.evidence = 1 THEN NULL
    ELSE coalesce(working.products, 0) > 0 END AS runs_products,
  paying.evidence AS business_units,
  -- Cost centres that differ are one payer where a tag that was not read names the unit.
  CASE WHEN hg.tags = 1 OR og.evidence = 1 THEN NULL ELSE coalesce(paying.units, 0) <> 1 END
    AS business_unit_unclear,
  CASE WHEN hg.tags = 1 THEN NULL ELSE coalesce(tagged.taggable, 0) END AS taggable,
  CASE WHEN hg.tags = 1 THEN NULL ELSE coalesce(tagged.tagged, 0) END AS tagged,
  tagged.by_kind AS tagged_by_kind
FROM accounts a
CROSS JOIN organization_gaps og
LEFT JOIN used ON used.account_id = a.account_id
LEFT JOIN working ON working.account_id = a.account_id
LEFT JOIN paying ON paying.account_id = a.account_id
LEFT JOIN tagged ON tagged.account_id = a.account_id
LEFT JOIN holding_gaps hg ON hg.account_id = a.account_id
