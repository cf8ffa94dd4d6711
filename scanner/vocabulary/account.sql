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
-- compute_and_data: Instances, functions, services, clusters, load balancers, databases, tables and file systems in it; functions of Control Tower left out. {instances, compute, databases, dynamodb_tables, file_systems}
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
-- administrators: Users and roles that may do everything, through a group too; those on the break-glass list left out. NULL when none is known and there may be one. {principals, policy_attachments, policy_statements@iam}
-- possible_administrators: The same with those that may do everything under a condition, or of which that is not known. {principals, policy_attachments, policy_statements@iam}
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
WITH administering AS (
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
organization_gaps AS (
  SELECT max(CASE WHEN table_name = 'organizations' THEN 1 ELSE 0 END) AS organization,
    max(CASE WHEN table_name IN ('organizations', 'accounts') THEN 1 ELSE 0 END) AS members,
    max(CASE WHEN table_name IN ('organizations', 'delegated_administrators') THEN 1 ELSE 0 END) AS delegates,
    max(CASE WHEN table_name IN ('accounts', 'organizational_units', 'unit_ancestors', 'tags') THEN 1 ELSE 0 END) AS evidence
  FROM unread WHERE collector IN ('organizations', 'organization_delegation')
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
  held.environments,
  held.mixes_environments,
  held.workloads,
  held.hosts_many_workloads,
  held.compute_and_data,
  held.runs_workloads,
  held.examples,
  administering.services AS administered_services,
  CASE WHEN administering.account_id IS NOT NULL THEN TRUE WHEN og.delegates = 1 THEN NULL ELSE FALSE END
    AS is_delegated_administrator,
  held.product_resources,
  held.product_examples,
  held.runs_products,
  CASE WHEN NOT a.is_member THEN NULL WHEN a.status <> 'ACTIVE' THEN lower(replace(a.status, '_', ' '))
    WHEN a.joined_method = 'INVITED' THEN 'invited' WHEN a.joined_method = 'CREATED' THEN 'created' END AS arrival,
  held.business_units,
  held.business_unit_unclear,
  CASE WHEN keeping.copies > 0 THEN keeping.copies WHEN keeping.undecided > 0 OR g.copies = 1 THEN NULL ELSE 0 END AS keeps_copies,
  keeping.owners AS keeps_copies_of,
  array_to_string(f.required_tags_missing, ', ') AS required_tags_missing,
  held.taggable,
  held.tagged,
  held.tagged_by_kind,
  governed.guardrails,
  governed.guardrail_names,
  governed.can_leave,
  governed.leaving_denied_by,
  governed.root_user_open,
  governed.root_user_denied_by,
  governed.regions_open,
  governed.regions_denied_by,
  governed.allowed_regions,
  governed.open_actions,
  governed.audit_open,
  governed.audit_open_actions,
  governed.audit_denied_by,
  governed.audit_unprotected,
  CASE WHEN g.people = 1 THEN NULL ELSE coalesce(people.principals, 0) END AS principals,
  CASE WHEN people.administrators > 0 THEN people.administrators WHEN g.people = 1 OR people.undecided > 0 THEN NULL ELSE 0 END AS administrators,
  CASE WHEN g.people = 1 THEN NULL ELSE coalesce(people.administrators + people.undecided, 0) END AS possible_administrators,
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
    WHEN coalesce(f.owner, 'unknown') <> 'unknown' AND NOT held.hosts_many_workloads THEN 0
    WHEN bill.spend <= 0 THEN 0
    WHEN bill.unowned_spend <= {max_unallocated_spend_share} * bill.spend THEN bill.unowned_spend / bill.spend
    -- The account may say whose all of it is.
    WHEN f.owner IS NULL OR f.owner <> 'unknown' AND NOT coalesce(held.hosts_many_workloads, FALSE) THEN NULL
    ELSE bill.unowned_spend / bill.spend END AS unallocated_share
FROM accounts a
LEFT JOIN account_billing bill ON bill.id = a.account_id
LEFT JOIN account_activity active ON active.id = a.account_id
LEFT JOIN account_contents held ON held.id = a.account_id
LEFT JOIN account_governance governed ON governed.id = a.account_id
CROSS JOIN (SELECT count(*) AS organizations FROM organizations) o
CROSS JOIN organization_gaps og
LEFT JOIN keeping ON keeping.account_id = a.account_id
LEFT JOIN account_facts f ON f.account_id = a.account_id
LEFT JOIN organizational_units parent ON parent.unit_id = a.parent_id
LEFT JOIN administering ON administering.account_id = a.account_id
LEFT JOIN people ON people.account_id = a.account_id
LEFT JOIN gaps g ON g.account_id = a.account_id
LEFT JOIN account_radius radius ON radius.account_id = a.account_id
LEFT JOIN ways ON ways.account_id = a.account_id
