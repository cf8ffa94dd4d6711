-- account_governance: What the organization's policies hold back in one account, and what else does.
-- listed from: accounts
-- id: The twelve digits.
-- arn: ARN; NULL where the account stands alone.
-- name: Name given at creation, else the twelve digits.
-- account_id: The twelve digits.
-- account_name: Name given at creation.
-- region: Always NULL.
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
WITH guarding AS (
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
organization_gaps AS (
  SELECT max(CASE WHEN table_name IN ('organization_policies', 'policy_targets', 'unit_ancestors') THEN 1 ELSE 0 END) AS policies,
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
    WHEN guarded.account_id IS NOT NULL THEN FALSE END AS audit_unprotected
FROM accounts a
CROSS JOIN (SELECT count(*) AS organizations FROM organizations) o
CROSS JOIN organization_gaps og
LEFT JOIN guarding ON guarding.account_id = a.account_id
LEFT JOIN guarded ON guarded.account_id = a.account_id
