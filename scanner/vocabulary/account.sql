-- account: One account of the organization, or the one that stands alone.
-- listed from: accounts
-- id: The twelve digits.
-- arn: ARN; NULL where the account stands alone.
-- name: Name given at creation, else the twelve digits.
-- account_id: The twelve digits.
-- account_name: Name given at creation.
-- region: Always NULL.
-- environment: production, staging, test, development, sandbox, shared or unknown; NULL when nothing says so and not all was read. {accounts, organizational_units, unit_ancestors, tags}
-- environment_evidence: The text that says so.
-- workload: Product or bounded context it is for, `unknown` when nothing says so; NULL as for environment. {accounts, tags}
-- owner: Who owns it, `unknown` when nothing says so.
-- team_evidence: Name or tag that names a team where a product is meant; NULL without one.
-- status: ACTIVE, SUSPENDED, PENDING_CLOSURE, PENDING_ACTIVATION or CLOSED.
-- is_active: It can be judged: ACTIVE, or its status was not read.
-- is_management: It pays for and governs the organization. {organizations, accounts}
-- is_member: The organization lists it; FALSE for an account that stands alone. {organizations, accounts}
-- in_organization: An organization exists; NULL when that could not be read. {organizations}
-- is_under_root: It sits directly under the root, in no unit. {accounts, organizational_units}
-- unit_path: Names of the units above it.
-- environments: Environments of the resources in it, joined with commas. {instances, compute, databases, dynamodb_tables, file_systems, buckets, tags}
-- mixes_environments: Production and another environment live in it. {instances, compute, databases, dynamodb_tables, file_systems, buckets, tags}
-- workloads: Workloads of the resources in it, joined with commas. {instances, compute, databases, dynamodb_tables, file_systems, buckets, tags}
-- hosts_many_workloads: More than one workload lives in it. {instances, compute, databases, dynamodb_tables, file_systems, buckets, tags}
-- compute_and_data: Instances, functions, services, clusters, load balancers, databases, tables and file systems in it. {instances, compute, databases, dynamodb_tables, file_systems}
-- runs_workloads: It has instances, functions, services, clusters, load balancers, databases, tables or file systems. {instances, compute, databases, dynamodb_tables, file_systems}
-- examples: Some of them by name.
-- administered_services: Services it administers for the organization, joined with commas.
-- is_delegated_administrator: It administers some service for the organization without being its management account. {delegated_administrators, organizations}
-- product_resources: Those of them that do not serve all environments, as security and backup tools do.
-- product_examples: Some of them by name.
-- runs_products: There is at least one of them. {instances, compute, databases, dynamodb_tables, file_systems, tags, accounts, organizational_units, unit_ancestors}
-- arrival: created, invited, or what else it is than active, such as suspended; NULL when the organization was not read.
-- business_units: Business units that it and its resources are tagged with, joined with semicolons.
-- business_unit_unclear: They are none, or more than one. {tags, accounts, instances, compute, databases, dynamodb_tables, file_systems, buckets, secrets}
-- keeps_copies: Recovery points and snapshots it owns of production data stores of other accounts. {recovery_points, snapshots, backup_vaults}
-- keeps_copies_of: Accounts whose data they are, joined with commas.
-- required_tags_missing: Required kinds of account tags it lacks, joined with commas; empty when it has all. {tags@organizations, accounts}
-- taggable: Resources of kinds that everybody can tag. {instances, compute, databases, dynamodb_tables, file_systems, buckets, secrets}
-- tagged: Those that carry every required kind of tag. {instances, compute, databases, dynamodb_tables, file_systems, buckets, secrets, tags}
-- tagged_by_kind: The same for each kind, such as `bucket 1 of 3`.
-- guardrails: Service control policies in effect on it that restrict anything, inherited ones included; an allow beside FullAWSAccess restricts nothing. {organization_policies, policy_targets, unit_ancestors, policy_statements@organizations}
-- guardrail_names: Their names.
-- can_leave: Somebody in it may call organizations:LeaveOrganization; NULL when that hangs on a condition. {organizations, accounts, organization_policies, policy_targets, policy_types, unit_ancestors}
-- leaving_denied_by: Statements of service control policies that deny it, and whom they leave out.
-- root_user_open: Somebody can log in as its root user, and no policy denies that user everything; NULL when that hangs on a condition. {organizations, accounts, organization_policies, policy_targets, policy_types, unit_ancestors, root_users, iam_features}
-- root_user_denied_by: Statements that deny it everything, or that it has nothing to log in with.
-- regions_open: Somebody in it may run things in a Region that no policy names; NULL when that hangs on a condition. {organizations, accounts, organization_policies, policy_targets, policy_types, unit_ancestors}
-- regions_denied_by: Statements that deny the other Regions, and whom they leave out.
-- allowed_regions: Regions that these leave open, joined with commas.
-- open_actions: Actions of these that no policy holds back for certain, joined with commas.
-- audit_open: Services of CloudTrail, Config and GuardDuty that somebody in it may switch off, joined with commas; GuardDuty where the organization uses it.
-- audit_open_actions: Actions that do it.
-- audit_denied_by: Statements that deny the others, and whom they leave out.
-- audit_unprotected: There is such a service; NULL when that hangs on a condition. {organizations, accounts, organization_policies, policy_targets, policy_types, unit_ancestors, trusted_services, trails, guardduty_detectors, delegated_administrators}
-- principals: Users and roles in it, roles of services left out. {principals}
-- administrators: Users and roles that may do everything, through a group too; those on the break-glass list left out. {principals, policy_attachments, policy_statements@iam}
-- reached_accounts: Other accounts that whoever holds it gets into for certain, by roles, privilege paths and administration.
-- reached_production_accounts: Those of production.
-- reached_production_share: Their share of all accounts of production beside itself.
-- reached_data_stores: Databases, clusters and tables in the accounts reached.
-- reached_copies: Recovery points and snapshots in the accounts reached.
-- reach_example: One of these ways, a sentence a step.
-- reaches_too_many: More accounts, or a larger share of production, than the settings allow. {principals, policy_documents@iam, policy_statements@iam, policy_attachments, organizations, accounts, organization_policies, policy_targets, unit_ancestors, delegated_administrators}
-- reaches_management: Whoever holds it becomes administrator of the management account, or of every member through it; NULL when that hangs on a condition. {principals, policy_documents@iam, policy_statements@iam, policy_attachments, organizations, accounts, organization_policies, policy_targets, unit_ancestors, delegated_administrators}
-- management_chain: How, a sentence a step.
-- contacts_missing: Alternate contacts it lacks, joined with commas; empty when it has all three. {account_contacts}
-- budgets: Cost budgets that watch all of its costs, its own and those of the management account that name it. {budgets, organizations}
-- partial_budgets: Cost budgets that watch only a part, such as one service.
-- spend: What it cost in the last full month, in the currency of the bill; credits, refunds, support and tax left out. {spend, spend_months, organizations}
-- unowned_spend: What of that carries no activated tag that names an owner. {spend, untagged_spend, cost_allocation_tags, organizations}
-- resources: Resources in it, as far as services were read; what AWS makes in every account is left out. {instances, compute, volumes, databases, file_systems, dynamodb_tables, buckets, secrets, snapshots, recovery_points, vpcs, transit_gateways, tagged_resources}
-- idle: Nothing is in it, it cost less than 1 in the last full month, and nobody used it for months. {instances, compute, volumes, databases, file_systems, dynamodb_tables, buckets, secrets, snapshots, recovery_points, vpcs, transit_gateways, tagged_resources, spend, spend_months, organizations, principals, user_credentials, api_usage, delegated_administrators}
-- unallocated_share: Share of its costs that belongs to nobody; 0 where the account has an owner and hosts one workload. {spend, untagged_spend, cost_allocation_tags, spend_months, organizations, tags@organizations, instances, compute, databases, dynamodb_tables, file_systems, buckets, tags}
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
  FROM resource_facts WHERE kind NOT IN ('bucket', 'secret', 'other') GROUP BY account_id
),
administering AS (
  SELECT delegate_account_id AS account_id, string_agg(DISTINCT service_principal, ', ' ORDER BY service_principal) AS services
  FROM delegated_administrators GROUP BY delegate_account_id
),
foreign_copies AS (
  -- Recovery points and snapshots of what other accounts have, or had.
  SELECT DISTINCT c.account_id, c.copy_arn, coalesce(o.name, o.account_id) AS owner, coalesce(d.environment, o.environment, 'unknown') AS environment
  FROM store_copies c
  LEFT JOIN data_stores d ON d.arn = c.store_arn
  LEFT JOIN account_facts o ON o.account_id = coalesce(d.account_id, split_part(c.store_arn, ':', 5))
  WHERE c.kind IN ('recovery_point', 'snapshot') AND c.complete AND c.unseen IS NULL
    AND c.account_id <> coalesce(d.account_id, split_part(c.store_arn, ':', 5))
),
keeping AS (
  SELECT account_id, sum(CASE WHEN environment = 'production' THEN 1 ELSE 0 END) AS copies,
    sum(CASE WHEN environment = 'unknown' THEN 1 ELSE 0 END) AS undecided,
    string_agg(DISTINCT CASE WHEN environment = 'production' THEN owner END, ', '
      ORDER BY CASE WHEN environment = 'production' THEN owner END) AS owners
  FROM foreign_copies GROUP BY account_id
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
guarding AS (
  SELECT a.target_id AS account_id, count(DISTINCT p.policy_id) AS guardrails,
    string_agg(DISTINCT p.name, ', ' ORDER BY p.name) AS names
  FROM unit_ancestors a
  JOIN scp_attachment p ON p.target_id = a.ancestor_id
  WHERE p.restricts GROUP BY a.target_id
),
recorded AS (
  -- A trail of the whole organization, which no member can stop (creating-trail-organization.html).
  SELECT min(CASE WHEN is_logging AND records_changes THEN name END) AS trail,
    max(CASE WHEN (is_logging AND records_changes) IS NULL THEN 1 ELSE 0 END) AS undecided
  FROM trails WHERE is_organization AND is_multi_region
),
unwatched AS (SELECT DISTINCT account_id FROM unread WHERE table_name = 'trails'),
administered AS (
  -- Where GuardDuty's administrator enables ALL members, none of them can switch it off (API_DisassociateFromAdministratorAccount).
  SELECT min(CASE WHEN g.auto_enables = 'ALL' THEN 1 ELSE 0 END) AS everywhere,
    max(CASE WHEN g.auto_enables <> 'ALL' THEN 1 ELSE 0 END) AS somewhere_not
  FROM guardduty_detectors g JOIN delegated_administrators d
    ON d.delegate_account_id = g.account_id AND d.service_principal = 'guardduty.amazonaws.com'
),
administrator_gaps AS (
  SELECT count(*) AS present FROM unread u LEFT JOIN delegated_administrators d
    ON d.delegate_account_id = u.account_id AND d.service_principal = 'guardduty.amazonaws.com'
  WHERE u.table_name = 'delegated_administrators' AND u.collector = 'organizations' OR u.table_name = 'guardduty_detectors' AND d.delegate_account_id IS NOT NULL
),
rootless AS (
  -- Where root credentials are managed centrally, nobody can get back those that were deleted (id_root-enable-root-access.html).
  SELECT r.account_id, NOT (r.has_password OR r.has_access_keys OR r.has_certificates) AS bare
  FROM root_users r
),
central AS (SELECT count(*) AS features FROM iam_features WHERE feature = 'RootCredentialsManagement'),
answered AS (
  -- What holds for some resources only is not decided without knowing these. GuardDuty counts where the organization uses it.
  SELECT g.account_id, g.question, array_to_string(g.open_actions, ', ') AS actions, array_to_string(g.regions, ', ') AS regions,
    CASE WHEN g.question = 'guardduty' AND guardduty.services = 0 THEN NULL
      WHEN g.verdict = 'deny' THEN 'deny'
      WHEN g.question = 'cloudtrail' THEN CASE WHEN recorded.trail IS NOT NULL THEN 'deny'
        WHEN recorded.undecided = 1 OR lost.trails = 1 THEN 'unknown'
        WHEN unwatched.account_id IS NOT NULL AND array_to_string(g.parts, ',') <> '' THEN 'unknown' ELSE g.verdict END
      WHEN g.question = 'root_user' THEN CASE
        WHEN rootless.bare AND central.features > 0 THEN 'deny'
        WHEN NOT rootless.bare THEN g.verdict
        WHEN rootless.bare AND lost.features = 0 THEN g.verdict
        WHEN rootless.bare IS NULL AND central.features = 0 AND lost.features = 0 THEN g.verdict
        ELSE 'unknown' END
      WHEN g.question = 'guardduty' AND watcher.account_id IS NULL AND coalesce(administered.somewhere_not, 0) = 0
        AND (administered.everywhere = 1 OR administrator_gaps.present > 0)
        THEN CASE WHEN administrator_gaps.present > 0 THEN 'unknown' ELSE 'deny' END
      WHEN g.verdict = 'allow' AND g.question IN ('config', 'guardduty') AND array_to_string(g.parts, ',') <> '' THEN 'conditional'
      ELSE g.verdict END AS verdict,
    CASE WHEN g.verdict = 'deny' THEN array_to_string(g.decided_by, ' and ') || CASE WHEN array_to_string(g.exempt, ',') <> ''
        THEN ', except ' || array_to_string(g.exempt, ', ') ELSE '' END
      WHEN g.question = 'cloudtrail' THEN 'the trail ' || recorded.trail || ' belongs to the organization'
      WHEN g.question = 'guardduty' AND watcher.account_id IS NULL AND administered.everywhere = 1
        THEN 'the administrator of GuardDuty enables ALL members'
      WHEN g.question = 'root_user' AND rootless.bare AND central.features > 0 THEN 'the root user has no credentials, and IAM keeps it so'
      END AS denied_by
  FROM account_guardrails g
  CROSS JOIN (SELECT count(*) AS services FROM trusted_services WHERE service_principal = 'guardduty.amazonaws.com') guardduty
  CROSS JOIN recorded
  CROSS JOIN central
  CROSS JOIN (
    SELECT coalesce(max(CASE WHEN u.table_name = 'iam_features' AND u.collector = 'iam_organization' THEN 1 END), 0) AS features,
      coalesce(max(CASE WHEN u.table_name = 'trails' AND u.account_id = o.management_account_id THEN 1 END), 0) AS trails
    FROM unread u CROSS JOIN organizations o
  ) lost
  CROSS JOIN administered
  CROSS JOIN administrator_gaps
  LEFT JOIN (SELECT DISTINCT delegate_account_id AS account_id FROM delegated_administrators
    WHERE service_principal = 'guardduty.amazonaws.com') watcher ON watcher.account_id = g.account_id
  LEFT JOIN unwatched ON unwatched.account_id = g.account_id
  LEFT JOIN rootless ON rootless.account_id = g.account_id
),
guarded AS (
  SELECT account_id,
    max(CASE WHEN question = 'leave_organization' THEN verdict END) AS leaving,
    max(CASE WHEN question = 'leave_organization' THEN denied_by END) AS leaving_by,
    max(CASE WHEN question = 'root_user' THEN verdict END) AS root_user,
    max(CASE WHEN question = 'root_user' THEN denied_by END) AS root_user_by,
    max(CASE WHEN question = 'other_regions' THEN verdict END) AS regions,
    max(CASE WHEN question = 'other_regions' THEN denied_by END) AS regions_by,
    max(CASE WHEN question = 'other_regions' AND verdict = 'deny' THEN regions END) AS allowed_regions,
    max(CASE WHEN question = 'other_regions' AND verdict <> 'deny' THEN actions END) AS region_actions,
    string_agg(CASE WHEN question IN ('cloudtrail', 'config', 'guardduty') AND verdict = 'allow' THEN question END, ', '
      ORDER BY question) AS audit_open,
    string_agg(CASE WHEN question IN ('cloudtrail', 'config', 'guardduty') AND verdict = 'allow' THEN actions END, ', '
      ORDER BY question) AS audit_actions,
    string_agg(CASE WHEN question IN ('cloudtrail', 'config', 'guardduty') THEN denied_by END, '; ' ORDER BY question) AS audit_by,
    max(CASE WHEN question IN ('cloudtrail', 'config', 'guardduty') AND verdict IN ('conditional', 'unknown') THEN 1 ELSE 0 END)
      AS audit_undecided
  FROM answered GROUP BY account_id
),
people AS (
  SELECT account_id, count(*) AS principals,
    sum(CASE WHEN administers AND NOT break_glass THEN 1 ELSE 0 END) AS administrators,
    sum(CASE WHEN administers IS NULL AND NOT break_glass THEN 1 ELSE 0 END) AS undecided
  FROM principal WHERE type IN ('user', 'role') AND NOT service_linked GROUP BY account_id
),
ways AS (
  SELECT account_id, min(array_to_string(chain, '; then ')) AS example FROM account_reach WHERE verdict = 'allow' GROUP BY account_id
),
gaps AS (
  SELECT account_id,
    max(CASE WHEN table_name IN ('recovery_points', 'backup_vaults', 'snapshots') THEN 1 ELSE 0 END) AS copies,
    max(CASE WHEN table_name IN ('principals', 'policy_attachments') THEN 1 ELSE 0 END) AS people
  FROM unread WHERE selected GROUP BY account_id
),
holding_gaps AS (
  SELECT account_id, max(CASE WHEN kind <> 'secret' THEN 1 ELSE 0 END) AS resources,
    max(CASE WHEN kind = 'working' AND about = 'listing' THEN 1 ELSE 0 END) AS compute,
    max(CASE WHEN kind = 'working' THEN 1 ELSE 0 END) AS products,
    1 AS tags
  FROM resource_gaps WHERE selected GROUP BY account_id
),
organization_gaps AS (
  SELECT max(CASE WHEN table_name = 'organizations' THEN 1 ELSE 0 END) AS organization,
    max(CASE WHEN table_name IN ('organizations', 'accounts') THEN 1 ELSE 0 END) AS members,
    max(CASE WHEN table_name IN ('organizations', 'delegated_administrators') THEN 1 ELSE 0 END) AS delegates,
    max(CASE WHEN table_name IN ('accounts', 'organizational_units', 'unit_ancestors', 'tags') THEN 1 ELSE 0 END) AS evidence,
    max(CASE WHEN table_name IN ('organization_policies', 'policy_targets', 'unit_ancestors') THEN 1 ELSE 0 END) AS policies,
    max(CASE WHEN table_name = 'trusted_services' THEN 1 ELSE 0 END) AS trusted
  FROM unread WHERE collector = 'organizations'
)
SELECT
  a.account_id AS id,
  a.arn,
  coalesce(a.name, a.account_id) AS name,
  a.account_id,
  a.name AS account_name,
  CAST(NULL AS VARCHAR) AS region,
  CASE WHEN f.environment = 'unknown' AND og.evidence = 1 THEN NULL ELSE f.environment END AS environment,
  f.environment_evidence,
  CASE WHEN f.workload = 'unknown' AND og.evidence = 1 THEN NULL ELSE f.workload END AS workload,
  f.owner,
  f.team_evidence,
  a.status,
  coalesce(a.status, 'ACTIVE') = 'ACTIVE' AS is_active,
  CASE WHEN a.is_management IS NULL AND coalesce(og.members, 0) = 0 THEN FALSE ELSE a.is_management END AS is_management,
  CASE WHEN a.is_member IS NULL AND coalesce(og.members, 0) = 0 THEN FALSE ELSE a.is_member END AS is_member,
  CASE WHEN o.organizations > 0 THEN TRUE WHEN og.organization = 1 THEN NULL ELSE FALSE END AS in_organization,
  CASE WHEN a.parent_id IS NULL THEN NULL ELSE coalesce(parent.is_root, FALSE) END AS is_under_root,
  parent.path AS unit_path,
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
  administering.services AS administered_services,
  CASE WHEN administering.account_id IS NOT NULL THEN TRUE WHEN og.delegates = 1 THEN NULL ELSE FALSE END
    AS is_delegated_administrator,
  coalesce(working.products, 0) AS product_resources,
  CASE WHEN working.first_product = working.last_product THEN working.first_product
    ELSE working.first_product || ' ... ' || working.last_product END AS product_examples,
  CASE WHEN working.tagged_product = 1 THEN TRUE WHEN hg.products = 1 OR og.evidence = 1 THEN NULL
    ELSE coalesce(working.products, 0) > 0 END AS runs_products,
  CASE WHEN NOT a.is_member THEN NULL WHEN a.status <> 'ACTIVE' THEN lower(replace(a.status, '_', ' '))
    WHEN a.joined_method = 'INVITED' THEN 'invited' WHEN a.joined_method = 'CREATED' THEN 'created' END AS arrival,
  paying.evidence AS business_units,
  -- Cost centres that differ are one payer where a tag that was not read names the unit.
  CASE WHEN hg.tags = 1 OR og.evidence = 1 THEN NULL ELSE coalesce(paying.units, 0) <> 1 END
    AS business_unit_unclear,
  CASE WHEN keeping.copies > 0 THEN keeping.copies WHEN keeping.undecided > 0 OR g.copies = 1 THEN NULL ELSE 0 END AS keeps_copies,
  keeping.owners AS keeps_copies_of,
  array_to_string(f.required_tags_missing, ', ') AS required_tags_missing,
  CASE WHEN hg.tags = 1 THEN NULL ELSE coalesce(tagged.taggable, 0) END AS taggable,
  CASE WHEN hg.tags = 1 THEN NULL ELSE coalesce(tagged.tagged, 0) END AS tagged,
  tagged.by_kind AS tagged_by_kind,
  CASE WHEN guarding.guardrails > 0 THEN guarding.guardrails WHEN og.policies = 1 THEN NULL
    WHEN o.organizations = 0 THEN NULL ELSE 0 END AS guardrails,
  guarding.names AS guardrail_names,
  CASE guarded.leaving WHEN 'allow' THEN TRUE WHEN 'deny' THEN FALSE END AS can_leave,
  guarded.leaving_by AS leaving_denied_by,
  CASE guarded.root_user WHEN 'allow' THEN TRUE WHEN 'deny' THEN FALSE END AS root_user_open,
  guarded.root_user_by AS root_user_denied_by,
  CASE guarded.regions WHEN 'allow' THEN TRUE WHEN 'deny' THEN FALSE END AS regions_open,
  guarded.regions_by AS regions_denied_by,
  guarded.allowed_regions,
  guarded.region_actions AS open_actions,
  guarded.audit_open,
  guarded.audit_actions AS audit_open_actions,
  guarded.audit_by AS audit_denied_by,
  CASE WHEN guarded.audit_open IS NOT NULL THEN TRUE WHEN guarded.audit_undecided = 1 OR og.trusted = 1 THEN NULL
    WHEN guarded.account_id IS NOT NULL THEN FALSE END AS audit_unprotected,
  CASE WHEN g.people = 1 THEN NULL ELSE coalesce(people.principals, 0) END AS principals,
  CASE WHEN g.people = 1 OR people.undecided > 0 THEN NULL ELSE coalesce(people.administrators, 0) END AS administrators,
  radius.reached AS reached_accounts,
  radius.production_reached AS reached_production_accounts,
  CASE WHEN radius.production > 0 THEN radius.production_reached / radius.production END AS reached_production_share,
  radius.data_stores AS reached_data_stores,
  radius.copies AS reached_copies,
  ways.example AS reach_example,
  CASE
    WHEN radius.reached > {max_reachable_accounts} THEN TRUE
    WHEN radius.production_reached > 1 AND radius.production_reached >
      {max_reachable_production_share} * (radius.production + radius.maybe_production) THEN TRUE
    WHEN radius.reached + radius.maybe_reached > {max_reachable_accounts} THEN NULL
    WHEN radius.production_reached + radius.maybe_production_reached > 1 AND
      radius.production_reached + radius.maybe_production_reached > {max_reachable_production_share} * radius.production THEN NULL
    WHEN radius.account_id IS NOT NULL THEN FALSE END AS reaches_too_many,
  CASE radius.governs WHEN 'allow' THEN TRUE WHEN 'deny' THEN FALSE END AS reaches_management,
  CASE WHEN radius.governs <> 'deny' THEN array_to_string(radius.governs_chain, '; then ') END AS management_chain,
  bill.contacts_missing,
  bill.budgets,
  bill.partial_budgets,
  bill.spend,
  bill.unowned_spend,
  active.resources,
  active.idle,
  CASE
    WHEN coalesce(f.owner, 'unknown') <> 'unknown' AND used.workloads <= 1 AND coalesce(hg.resources, 0) = 0
      AND NOT (used.unknown_workload = 1 AND coalesce(og.evidence, 0) = 1) THEN 0
    WHEN coalesce(f.owner, 'unknown') <> 'unknown' AND used.account_id IS NULL AND coalesce(hg.resources, 0) = 0 THEN 0
    WHEN bill.spend <= 0 THEN 0
    WHEN bill.unowned_spend <= {max_unallocated_spend_share} * bill.spend THEN bill.unowned_spend / bill.spend
    -- The account may say whose all of it is.
    WHEN f.owner IS NULL OR f.owner <> 'unknown' AND coalesce(used.workloads, 0) < 2 THEN NULL
    ELSE bill.unowned_spend / bill.spend END AS unallocated_share
FROM accounts a
LEFT JOIN account_billing bill ON bill.id = a.account_id
LEFT JOIN account_activity active ON active.id = a.account_id
CROSS JOIN (SELECT count(*) AS organizations FROM organizations) o
CROSS JOIN organization_gaps og
LEFT JOIN keeping ON keeping.account_id = a.account_id
LEFT JOIN account_facts f ON f.account_id = a.account_id
LEFT JOIN organizational_units parent ON parent.unit_id = a.parent_id
LEFT JOIN used ON used.account_id = a.account_id
LEFT JOIN working ON working.account_id = a.account_id
LEFT JOIN administering ON administering.account_id = a.account_id
LEFT JOIN paying ON paying.account_id = a.account_id
LEFT JOIN tagged ON tagged.account_id = a.account_id
LEFT JOIN guarding ON guarding.account_id = a.account_id
LEFT JOIN guarded ON guarded.account_id = a.account_id
LEFT JOIN people ON people.account_id = a.account_id
LEFT JOIN gaps g ON g.account_id = a.account_id
LEFT JOIN holding_gaps hg ON hg.account_id = a.account_id
LEFT JOIN account_radius radius ON radius.account_id = a.account_id
LEFT JOIN ways ON ways.account_id = a.account_id
