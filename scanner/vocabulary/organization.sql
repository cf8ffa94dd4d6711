-- organization: The organization as a whole; one row, there too where the account stands alone.
-- listed from: accounts
-- id: Organization id, or the account that stands alone.
-- arn: ARN of the organization.
-- name: Organization id, or the account that stands alone.
-- account_id: Account that governs the organization, or that stands alone.
-- account_name: Its name.
-- region: Always NULL.
-- exists: There is an organization. {organizations}
-- feature_set: ALL or CONSOLIDATED_BILLING.
-- active_accounts: Active accounts in it. {accounts}
-- accounts_with_workloads: Accounts that run workloads. {instances, compute, databases, dynamodb_tables, file_systems}
-- most_policies: Most service control policies attached to one target. {policy_targets}
-- most_policies_target: Where.
-- largest_policy: Characters of the longest service control policy. {organization_policies}
-- largest_policy_name: Its name.
-- deepest_unit: Levels of units below the root. {organizational_units}
-- cross_account_backup: AWS Backup may copy between its accounts. {backup_settings}
-- backup_policies: Backup policies that are attached somewhere. {organization_policies, policy_targets}
-- security_services: Security services with trusted access to it, joined with commas.
-- undelegated_services: Those of them that no member account administers, joined with commas.
-- administers_security_itself: There is one: its management account administers it. {trusted_services, delegated_administrators}
-- watched_by: GuardDuty and Security Hub, as far as they have trusted access to it, joined with commas.
-- unwatched_by: Those of them that do not enrol new accounts, and in which Region, joined with semicolons.
-- is_watched: One of them has trusted access. {trusted_services}
-- new_accounts_unwatched: One of them does not enrol new accounts. {trusted_services, delegated_administrators, guardduty_detectors, security_hubs}
-- organization_trails: Trails of all Regions and accounts, what each delivers to, and why that will not do, joined with semicolons.
-- log_archive: Account that such a trail delivers to and that is there for nothing else.
-- log_archive_missing: There is no such account; NULL when it may be one that was not read. {trails, buckets, instances, compute, databases, dynamodb_tables, file_systems}
-- recorded_accounts: Accounts in which a recorder of AWS Config runs that is their own, as far as they were read.
-- is_recorded: There is more than one. {configuration_recorders}
-- aggregators: Aggregators of AWS Config that gather from the organization or from accounts they list: where they are and what they gather, joined with semicolons.
-- ungathered_regions: Regions in which such recorders run and from which no aggregator of the organization gathers all they keep, joined with commas.
-- changes_ungathered: There is such a Region. An aggregator that lists accounts does not count: it misses the next one. {configuration_recorders, configuration_aggregators, delegated_administrators, organizations}
-- cost_tags_inactive: Required kinds of resource tags of which no spelling is activated as a cost allocation tag, joined with commas. {cost_allocation_tags, organizations}
-- cost_tags_active: Activated cost allocation tags of the required kinds, joined with commas.
-- inconsistent_values: Values of tags that are spelt in more than one way. {tags, accounts, organizations}
-- inconsistent_examples: Some of them.
WITH crowded AS (
  SELECT t.target_id, count(*) AS policies
  FROM policy_targets t JOIN organization_policies p ON p.policy_id = t.policy_id AND p.type = 'SERVICE_CONTROL_POLICY'
  GROUP BY t.target_id
),
most AS (SELECT max(policies) AS policies FROM crowded),
first_crowded AS (
  SELECT most.policies, min(c.target_id) AS target_id FROM most LEFT JOIN crowded c ON c.policies = most.policies GROUP BY most.policies
),
most_text AS (
  SELECT max(length(content)) AS characters FROM organization_policies
  WHERE type = 'SERVICE_CONTROL_POLICY' AND NOT aws_managed
),
longest AS (
  SELECT t.characters, min(p.name) AS name
  FROM most_text t LEFT JOIN organization_policies p ON length(p.content) = t.characters GROUP BY t.characters
),
backing_up AS (
  SELECT count(DISTINCT p.policy_id) AS attached FROM organization_policies p
  JOIN policy_targets t ON t.policy_id = p.policy_id WHERE p.type = 'BACKUP_POLICY'
),
paying AS (
  SELECT string_agg(CASE WHEN active_keys IS NULL THEN kind END, ', ' ORDER BY kind) AS inactive,
    string_agg(active_keys, ', ' ORDER BY active_keys) AS active
  FROM cost_tag_facts
),
paying_gap AS (
  SELECT count(*) AS calls FROM unread u WHERE u.table_name = 'cost_allocation_tags'
    AND u.account_id IN (SELECT account_id FROM cost_tag_facts UNION SELECT management_account_id FROM organizations)
),
variants AS (
  SELECT *, row_number() OVER (ORDER BY common_carriers DESC, kind, value) AS place FROM tag_value_variants
),
spelt AS (
  SELECT count(*) AS variants,
    string_agg(CASE WHEN place <= 5 THEN kind || ' ' || value || ' (' || CAST(carriers AS VARCHAR) || ') for ' || stands_for
      || ' (' || CAST(common_carriers AS VARCHAR) || ')' END, '; ' ORDER BY place) AS examples
  FROM variants
),
tag_gap AS (
  -- Nobody can read a suspended account, and nobody uses its tags.
  SELECT count(*) AS calls FROM unread
  WHERE table_name = 'tags' AND status <> 'suspended' OR table_name = 'accounts' AND collector = 'organizations'
),
copying AS (
  SELECT account_id, max(CASE WHEN lower(value) = 'true' THEN 1 ELSE 0 END) AS enabled
  FROM backup_settings WHERE name = 'isCrossAccountBackupEnabled' GROUP BY account_id
),
guarding AS (
  -- https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_services_list.html
  SELECT string_agg(DISTINCT t.service_principal, ', ' ORDER BY t.service_principal) AS services,
    string_agg(DISTINCT CASE WHEN d.service_principal IS NULL THEN t.service_principal END, ', '
      ORDER BY CASE WHEN d.service_principal IS NULL THEN t.service_principal END) AS undelegated
  FROM trusted_services t LEFT JOIN delegated_administrators d ON d.service_principal = t.service_principal
  WHERE t.service_principal IN ('access-analyzer.amazonaws.com', 'config.amazonaws.com', 'detective.amazonaws.com',
    'fms.amazonaws.com', 'guardduty.amazonaws.com', 'inspector2.amazonaws.com', 'macie.amazonaws.com', 'securityhub.amazonaws.com',
    'securitylake.amazonaws.com')
),
watching AS (
  SELECT DISTINCT split_part(service_principal, '.', 1) AS service FROM trusted_services
  WHERE service_principal IN ('guardduty.amazonaws.com', 'securityhub.amazonaws.com')
),
-- Only whoever administers a service is told how it enrols. Under central configuration one Region answers for all.
enrolling AS (
  SELECT 'guardduty' AS service, region, auto_enables FROM guardduty_detectors WHERE auto_enables IS NOT NULL
  UNION ALL
  SELECT 'securityhub' AS service, region, auto_enables FROM security_hubs WHERE auto_enables IS NOT NULL
),
enrolled AS (
  SELECT w.service, count(e.service) AS answers,
    string_agg(CASE WHEN e.auto_enables = 'NONE' THEN e.region END, ', ' ORDER BY e.region) AS regions
  FROM watching w LEFT JOIN enrolling e ON e.service = w.service GROUP BY w.service
),
administering AS (
  SELECT w.service, d.delegate_account_id AS account_id FROM watching w
  JOIN delegated_administrators d ON coalesce(d.service_principal, w.service || '.amazonaws.com') = w.service || '.amazonaws.com'
  UNION
  SELECT w.service, o.management_account_id FROM watching w CROSS JOIN organizations o
),
enrolling_gaps AS (
  SELECT DISTINCT a.service FROM administering a JOIN unread u ON u.account_id = a.account_id
    AND u.table_name = CASE WHEN a.service = 'guardduty' THEN 'guardduty_detectors' ELSE 'security_hubs' END
),
unwatching AS (
  SELECT string_agg(e.service, ', ' ORDER BY e.service) AS services,
    string_agg(CASE WHEN e.regions IS NOT NULL THEN e.service || ' in ' || e.regions
      WHEN e.answers = 0 AND g.service IS NULL AND d.calls = 0 THEN e.service || ', which nobody administers' END, '; ' ORDER BY e.service) AS unwatched,
    max(CASE WHEN g.service IS NOT NULL OR d.calls > 0 THEN 1 ELSE 0 END) AS undecided
  FROM enrolled e
  CROSS JOIN (SELECT count(*) AS calls FROM unread WHERE table_name = 'delegated_administrators' AND collector <> 'organization_delegation') d
  LEFT JOIN enrolling_gaps g ON g.service = e.service
),
recording AS (
  -- Members see the organization's trail as well, each for itself: one that knows is enough.
  SELECT arn, min(name) AS name, min(bucket_name) AS bucket,
    max(CASE WHEN is_logging THEN 1 WHEN is_logging IS NOT NULL THEN 0 END) AS logging,
    max(CASE WHEN records_changes THEN 1 WHEN records_changes IS NOT NULL THEN 0 END) AS whole
  FROM trails WHERE is_organization AND is_multi_region GROUP BY arn
),
archives AS (
  SELECT r.arn, r.name, r.bucket, r.logging, r.whole, b.account_id, h.account_name, h.is_management, h.runs_products
  FROM recording r
  LEFT JOIN (SELECT name, min(account_id) AS account_id FROM buckets GROUP BY name) b ON b.name = r.bucket
  LEFT JOIN account h ON h.id = b.account_id
),
archiving AS (
  SELECT min(CASE WHEN logging = 1 AND whole = 1 AND NOT is_management AND NOT runs_products THEN coalesce(account_name, account_id) END) AS archive,
    -- It may do, for all that is known.
    max(CASE WHEN (logging = 1 OR logging IS NULL) AND (whole = 1 OR whole IS NULL) AND (account_id IS NULL OR coalesce(NOT is_management, TRUE) AND coalesce(NOT runs_products, TRUE))
      THEN CASE WHEN account_id IS NULL THEN 1 ELSE 2 END ELSE 0 END) AS possible,
    string_agg(name || ' to ' || bucket || coalesce(' of ' || coalesce(account_name, account_id), ', of no account that was read') ||
      CASE WHEN logging = 0 THEN ', stopped' ELSE '' END || CASE WHEN whole = 0 THEN ', which keeps no changes' ELSE '' END || CASE WHEN is_management THEN ', which governs the organization' ELSE '' END ||
      CASE WHEN runs_products THEN ', which runs workloads' ELSE '' END, '; ' ORDER BY arn) AS trails
  FROM archives
),
trail_gaps AS (
  SELECT max(CASE WHEN u.table_name = 'trails' AND u.account_id = o.management_account_id THEN 1 ELSE 0 END) AS trails,
    max(CASE WHEN u.table_name = 'buckets' THEN 1 ELSE 0 END) AS buckets
  FROM unread u CROSS JOIN organizations o
),
keeping AS (SELECT DISTINCT account_id, region FROM configuration_recorders WHERE service_principal IS NULL AND is_recording),
gatherers AS (
  -- Nobody else may gather from the organization (API_PutConfigurationAggregator).
  SELECT management_account_id AS account_id, TRUE AS certain FROM organizations
  UNION
  SELECT delegate_account_id, service_principal IS NOT NULL FROM delegated_administrators
  WHERE coalesce(service_principal, 'config.amazonaws.com') = 'config.amazonaws.com'
),
gathering AS (
  SELECT c.all_regions, ',' || array_to_string(c.regions, ',') || ',' AS regions FROM configuration_aggregators c
  JOIN gatherers h ON h.account_id = c.account_id AND h.certain
  WHERE c.of_organization AND NOT c.is_filtered
),
ungathered AS (
  SELECT k.region FROM (SELECT DISTINCT region FROM keeping) k
  LEFT JOIN gathering w ON w.all_regions OR w.regions LIKE '%,' || k.region || ',%'
  WHERE w.regions IS NULL
),
gathered AS (
  SELECT (SELECT count(DISTINCT account_id) FROM keeping) AS accounts,
    (SELECT count(*) FROM gathering WHERE all_regions) AS everywhere,
    (SELECT string_agg(region, ', ' ORDER BY region) FROM ungathered) AS missing,
    (SELECT count(*) FROM unread WHERE table_name = 'configuration_recorders')
      + (SELECT count(*) FROM configuration_recorders WHERE service_principal IS NULL AND is_recording IS NULL) AS recorder_gaps,
    (SELECT count(*) FROM unread u JOIN gatherers h ON h.account_id = u.account_id WHERE u.table_name = 'configuration_aggregators') AS aggregator_gaps
),
aggregating AS (
  SELECT string_agg(c.name || ' of ' || coalesce(a.name, c.account_id) || ' in ' || c.region ||
    CASE WHEN c.of_organization THEN ', the organization' ELSE ', accounts it lists' END ||
    CASE WHEN c.all_regions THEN '' ELSE ', only ' || array_to_string(c.regions, ', ') END ||
    CASE WHEN c.is_filtered THEN ', filtered' ELSE '' END, '; ' ORDER BY c.arn) AS aggregators
  FROM configuration_aggregators c LEFT JOIN accounts a ON a.account_id = c.account_id
),
gaps AS (
  SELECT max(CASE WHEN table_name = 'organizations' THEN 1 ELSE 0 END) AS organization,
    max(CASE WHEN table_name = 'accounts' THEN 1 ELSE 0 END) AS accounts,
    max(CASE WHEN table_name = 'policy_targets' THEN 1 ELSE 0 END) AS targets,
    max(CASE WHEN table_name = 'trusted_services' THEN 1 ELSE 0 END) AS trusted,
    max(CASE WHEN table_name = 'delegated_administrators' THEN 1 ELSE 0 END) AS delegates,
    max(CASE WHEN table_name = 'organization_policies' THEN 1 ELSE 0 END) AS policies,
    max(CASE WHEN table_name = 'organizational_units' THEN 1 ELSE 0 END) AS units
  FROM unread WHERE collector = 'organizations'
),
compute_gap AS (
  SELECT count(*) AS accounts FROM account a LEFT JOIN scope s ON s.account_id = a.id
  WHERE a.is_active AND NOT coalesce(a.runs_workloads, FALSE) AND (a.runs_workloads IS NULL OR NOT coalesce(s.in_scope, TRUE))
),
counted AS (
  SELECT count(*) AS accounts FROM accounts WHERE coalesce(status, 'ACTIVE') = 'ACTIVE' AND coalesce(is_member, TRUE)
),
working AS (SELECT count(*) AS accounts FROM account WHERE runs_workloads),
alone AS (SELECT min(account_id) AS account_id FROM accounts)
SELECT
  coalesce(o.organization_id, alone.account_id) AS id,
  o.arn,
  coalesce(o.organization_id, alone.account_id) AS name,
  coalesce(o.management_account_id, alone.account_id) AS account_id,
  m.name AS account_name,
  CAST(NULL AS VARCHAR) AS region,
  CASE WHEN o.organization_id IS NOT NULL THEN TRUE WHEN g.organization = 1 THEN NULL ELSE FALSE END AS exists,
  o.feature_set,
  CASE WHEN g.accounts = 1 THEN NULL ELSE counted.accounts END AS active_accounts,
  CASE WHEN working.accounts > 1 OR compute_gap.accounts = 0 THEN working.accounts END AS accounts_with_workloads,
  CASE WHEN g.targets = 1 THEN NULL ELSE coalesce(fc.policies, 0) END AS most_policies,
  fc.target_id AS most_policies_target,
  CASE WHEN g.policies = 1 THEN NULL ELSE coalesce(l.characters, 0) END AS largest_policy,
  l.name AS largest_policy_name,
  CASE WHEN g.units = 1 THEN NULL ELSE (SELECT coalesce(max(depth), 0) FROM organizational_units) END AS deepest_unit,
  -- The management account's answer is the one that counts.
  copying.enabled = 1 AS cross_account_backup,
  CASE WHEN backing_up.attached > 0 THEN backing_up.attached WHEN g.targets = 1 OR g.policies = 1 THEN NULL ELSE 0 END AS backup_policies,
  guarding.services AS security_services,
  guarding.undelegated AS undelegated_services,
  CASE WHEN g.delegates = 1 THEN NULL WHEN guarding.undelegated IS NOT NULL THEN TRUE WHEN g.trusted = 1 THEN NULL
    ELSE FALSE END AS administers_security_itself,
  unwatching.services AS watched_by,
  unwatching.unwatched AS unwatched_by,
  CASE WHEN unwatching.services IS NOT NULL THEN TRUE WHEN g.trusted = 1 THEN NULL ELSE FALSE END AS is_watched,
  CASE WHEN unwatching.unwatched IS NOT NULL THEN TRUE WHEN g.trusted = 1 OR unwatching.undecided = 1 THEN NULL ELSE FALSE END AS new_accounts_unwatched,
  archiving.trails AS organization_trails,
  archiving.archive AS log_archive,
  CASE WHEN archiving.archive IS NOT NULL THEN FALSE
    WHEN trail_gaps.trails = 1 OR archiving.possible = 2 OR archiving.possible = 1 AND trail_gaps.buckets = 1 THEN NULL
    WHEN o.organization_id IS NOT NULL THEN TRUE END AS log_archive_missing,
  gathered.accounts AS recorded_accounts,
  CASE WHEN gathered.accounts > 1 THEN TRUE WHEN gathered.recorder_gaps > 0 THEN NULL ELSE FALSE END AS is_recorded,
  aggregating.aggregators,
  gathered.missing AS ungathered_regions,
  CASE WHEN o.organization_id IS NULL THEN NULL WHEN gathered.everywhere > 0 THEN FALSE
    WHEN g.delegates = 1 OR gathered.aggregator_gaps > 0 THEN NULL WHEN gathered.missing IS NOT NULL THEN TRUE
    WHEN gathered.recorder_gaps > 0 THEN NULL ELSE FALSE END AS changes_ungathered,
  CASE WHEN paying_gap.calls > 0 OR g.organization = 1 THEN NULL ELSE coalesce(paying.inactive, '') END AS cost_tags_inactive,
  paying.active AS cost_tags_active,
  -- Unread, the organization has no name of its own: what is found would be another finding.
  CASE WHEN g.organization = 1 THEN NULL WHEN spelt.variants > 0 THEN spelt.variants WHEN tag_gap.calls > 0 THEN NULL ELSE 0 END AS inconsistent_values,
  spelt.examples AS inconsistent_examples
FROM alone
CROSS JOIN gaps g
CROSS JOIN compute_gap
CROSS JOIN counted
CROSS JOIN working
CROSS JOIN first_crowded fc
CROSS JOIN longest l
CROSS JOIN backing_up
CROSS JOIN guarding
CROSS JOIN unwatching
CROSS JOIN archiving
CROSS JOIN trail_gaps
CROSS JOIN gathered
CROSS JOIN aggregating
CROSS JOIN paying
CROSS JOIN paying_gap
CROSS JOIN spelt
CROSS JOIN tag_gap
LEFT JOIN organizations o ON TRUE
LEFT JOIN copying ON copying.account_id = coalesce(o.management_account_id, alone.account_id)
LEFT JOIN accounts m ON m.account_id = coalesce(o.management_account_id, alone.account_id)
WHERE alone.account_id IS NOT NULL
