-- role: One IAM role and whom its trust policy lets in; roles of services (service-linked) left out.
-- listed from: principals
-- id: ARN.
-- arn: ARN.
-- name: Name.
-- account_id: Its account.
-- account_name: Name of its account.
-- environment: Environment of its account.
-- workload: Workload of its account.
-- region: Always global.
-- trusts_everyone: Anybody may assume it: `*`, and no condition, no deny and no resource control policy says who that is. {policy_statements@iam, organizations, accounts}
-- whole_accounts: Other accounts it trusts as a whole, without a condition that is more than words.
-- trusts_whole_account: There is at least one of them. {policy_statements@iam, organizations, accounts}
-- outsiders: Accounts and organizations outside the organization that may assume it without an external id; well-known vendors by name.
-- trusts_outsider_without_external_id: There is at least one of them. {policy_statements@iam, accounts, organizations}
-- open_providers: Identity providers that serve all their customers, and of which any customer's token gets in.
-- trusts_any_repository: There is at least one of them. {policy_statements@iam}
-- nonproduction_accounts: Accounts of test, staging, development or sandbox that its trust policy lets in (one stands for all that `*` means), or that get hold of it over other roles.
-- nonproduction_chain: One of the ways over other roles, a sentence a step.
-- entered_from_nonproduction: There is at least one of them; NULL when the environment of an account is not known, or a way hangs on a condition. {policy_statements@iam, policy_documents@iam, policy_attachments, principals, accounts, organizations, organizational_units, organization_policies, policy_targets, unit_ancestors, delegated_administrators}
-- trusts_nonproduction: Its own trust policy lets such an account in that does not govern the organization; NULL when the environment of an account is not known. {policy_statements@iam, accounts, organizations, organizational_units}
-- dead_principals: Principals its trust policy lets in that do not exist any more, with the reason, joined with semicolons.
-- trusts_the_dead: There is at least one of them. {policy_statements@iam, principals, accounts, identity_providers}
-- break_glass: Its name is on the list of those that may administer (`break_glass` in bulkhead.yaml).
WITH judged AS (
  SELECT t.role_arn,
    max(CASE WHEN t.source_kind = 'everyone' AND t.is_open THEN 1 ELSE 0 END) AS everyone,
    max(CASE WHEN t.source_kind = 'everyone' AND t.verdict = 'unknown' THEN 1 ELSE 0 END) AS everyone_unknown,
    max(CASE WHEN t.source_kind = 'account' AND t.verdict = 'unknown' THEN 1 ELSE 0 END) AS account_unknown,
    max(CASE WHEN t.any_tenant THEN 1 ELSE 0 END) AS any_tenant,
    string_agg(DISTINCT CASE WHEN t.any_tenant THEN coalesce(nullif(split_part(t.source, ':oidc-provider/', 2), ''), t.source) END, ', '
      ORDER BY CASE WHEN t.any_tenant THEN coalesce(nullif(split_part(t.source, ':oidc-provider/', 2), ''), t.source) END) AS open_providers,
    string_agg(DISTINCT CASE WHEN t.source_kind = 'account' AND t.is_open THEN coalesce(t.vendor, t.source_account_id) END, ', '
      ORDER BY CASE WHEN t.source_kind = 'account' AND t.is_open THEN coalesce(t.vendor, t.source_account_id) END) AS whole_accounts,
    string_agg(DISTINCT CASE WHEN t.outside AND NOT t.external_id THEN coalesce(t.vendor, t.source_account_id, t.source) END, ', '
      ORDER BY CASE WHEN t.outside AND NOT t.external_id THEN coalesce(t.vendor, t.source_account_id, t.source) END) AS outsiders,
    max(CASE WHEN t.source_kind IN ('account', 'principal') AND t.verdict = 'unknown' AND NOT t.external_id
      OR t.is_member IS NULL AND t.source_kind <> 'provider' THEN 1 ELSE 0 END) AS outsider_unknown,
    string_agg(DISTINCT CASE WHEN t.nonproduction THEN t.who END, ', ' ORDER BY CASE WHEN t.nonproduction THEN t.who END) AS nonproduction,
    max(CASE WHEN t.nonproduction AND NOT t.governs THEN 1 ELSE 0 END) AS lets_nonproduction_in,
    max(CASE WHEN t.is_member AND coalesce(t.environment, 'unknown') = 'unknown' OR t.is_member AND t.verdict = 'unknown'
      THEN 1 ELSE 0 END) AS undecided
  FROM (
    SELECT e.*, f.environment, v.name || ' (' || e.source_account_id || ')' AS vendor,
      e.is_member = FALSE AND e.source_kind IN ('account', 'principal', 'organization') AND e.verdict <> 'unknown' AS outside,
      f.environment IN ('staging', 'test', 'development', 'sandbox') AND e.verdict <> 'unknown' AS nonproduction,
      coalesce(m.is_management, FALSE) AS governs,
      coalesce(f.name, e.source_account_id) || CASE WHEN e.members > 1
        THEN ' and ' || CAST(e.members - 1 AS VARCHAR) || ' more of ' || f.environment ELSE '' END AS who
    FROM trust_edges e LEFT JOIN account_facts f ON f.account_id = e.source_account_id
    LEFT JOIN accounts m ON m.account_id = e.source_account_id
    LEFT JOIN known_vendors v ON v.account_id = e.source_account_id
  ) t
  GROUP BY t.role_arn
),
dead AS (
  SELECT role_arn, string_agg(CASE WHEN state = 'dead' THEN principal || ' ' || why END, '; '
      ORDER BY CASE WHEN state = 'dead' THEN principal || ' ' || why END) AS principals,
    max(CASE WHEN state = 'undecided' THEN 1 ELSE 0 END) AS undecided
  FROM dead_principal GROUP BY role_arn
),
chained AS (
  SELECT e.role_arn,
    string_agg(DISTINCT CASE WHEN e.verdict = 'allow' THEN coalesce(f.name, e.from_account_id) END, ', '
      ORDER BY CASE WHEN e.verdict = 'allow' THEN coalesce(f.name, e.from_account_id) END) AS accounts,
    min(CASE WHEN e.verdict = 'allow' THEN array_to_string(e.chain, '; then ') END) AS chain,
    max(CASE WHEN e.verdict <> 'allow' THEN 1 ELSE 0 END) AS undecided
  FROM role_entries e LEFT JOIN account_facts f ON f.account_id = e.from_account_id
  GROUP BY e.role_arn
),
knowing AS (
  SELECT CASE WHEN count(*) > 0 THEN FALSE ELSE TRUE END AS members_read
  FROM unread WHERE table_name IN ('accounts', 'organizations') AND collector = 'organizations'
),
documents AS (SELECT holder_arn, max(CASE WHEN document IS NULL THEN 0 ELSE 1 END) AS present
  FROM policy_documents WHERE kind = 'trust' GROUP BY holder_arn),
named AS (
  -- What is not named in another account, or by everybody, does not hang on what is known of accounts.
  SELECT DISTINCT s.holder_arn FROM policy_statements s JOIN statement_principals p ON p.statement_id = s.statement_id
  WHERE s.kind = 'trust' AND s.effect = 'Allow' AND (p.type = '*' OR p.principal_account <> s.account_id)
)
SELECT
  r.arn AS id,
  r.arn,
  r.name,
  r.account_id,
  f.name AS account_name,
  f.environment,
  f.workload,
  r.region,
  CASE WHEN d.present IS NULL OR d.present = 0 THEN NULL WHEN j.everyone = 1 THEN TRUE WHEN j.everyone_unknown = 1 THEN NULL
    ELSE FALSE END AS trusts_everyone,
  j.whole_accounts,
  CASE WHEN d.present IS NULL OR d.present = 0 THEN NULL WHEN j.whole_accounts IS NOT NULL THEN TRUE
    WHEN j.account_unknown = 1 THEN NULL ELSE FALSE END AS trusts_whole_account,
  CASE WHEN k.members_read THEN j.outsiders END AS outsiders,
  CASE WHEN d.present IS NULL OR d.present = 0 THEN NULL WHEN n.holder_arn IS NOT NULL AND NOT k.members_read THEN NULL
    WHEN j.outsiders IS NOT NULL THEN TRUE WHEN j.outsider_unknown = 1 THEN NULL
    ELSE FALSE END AS trusts_outsider_without_external_id,
  j.open_providers,
  CASE WHEN d.present = 1 THEN coalesce(j.any_tenant, 0) = 1 END AS trusts_any_repository,
  coalesce(c.accounts, j.nonproduction) AS nonproduction_accounts,
  c.chain AS nonproduction_chain,
  CASE WHEN j.nonproduction IS NOT NULL OR c.accounts IS NOT NULL THEN TRUE WHEN d.present IS NULL OR d.present = 0 THEN NULL
    WHEN j.undecided = 1 OR c.undecided = 1 OR n.holder_arn IS NOT NULL AND NOT k.members_read THEN NULL ELSE FALSE END AS entered_from_nonproduction,
  CASE WHEN j.lets_nonproduction_in = 1 THEN TRUE WHEN d.present IS NULL OR d.present = 0 THEN NULL
    WHEN j.undecided = 1 OR n.holder_arn IS NOT NULL AND NOT k.members_read THEN NULL ELSE FALSE END AS trusts_nonproduction,
  x.principals AS dead_principals,
  CASE WHEN x.principals IS NOT NULL THEN TRUE WHEN d.present IS NULL OR d.present = 0 OR x.undecided = 1 THEN NULL
    WHEN n.holder_arn IS NOT NULL AND NOT k.members_read THEN NULL ELSE FALSE END AS trusts_the_dead,
  EXISTS (SELECT 1 FROM allowed_names x WHERE x.list = 'break_glass' AND r.name LIKE x.pattern ESCAPE '^') AS break_glass
FROM principals r
CROSS JOIN knowing k
LEFT JOIN account_facts f ON f.account_id = r.account_id
LEFT JOIN judged j ON j.role_arn = r.arn
LEFT JOIN dead x ON x.role_arn = r.arn
LEFT JOIN documents d ON d.holder_arn = r.arn
LEFT JOIN chained c ON c.role_arn = r.arn
LEFT JOIN named n ON n.holder_arn = r.arn
WHERE r.type = 'role' AND NOT r.service_linked
