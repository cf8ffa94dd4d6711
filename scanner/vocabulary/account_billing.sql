-- account_billing: Who is told of an account, what watches its costs, and what it cost: the part of `account` that bills tell.
-- listed from: accounts
-- id: The twelve digits.
-- arn: ARN; NULL where the account stands alone.
-- name: Name given at creation, else the twelve digits.
-- account_id: The twelve digits.
-- account_name: Name given at creation.
-- region: Always NULL.
-- contacts_missing: Alternate contacts it lacks, joined with commas; empty when it has all three. {account_contacts}
-- budgets: Cost budgets that watch all of its costs, its own and those of the management account that name it; NULL where one may, by an expression that AWS did not show. {budgets, organizations}
-- partial_budgets: Cost budgets that watch only a part, such as one service.
-- spend: What it cost in the last full month, in the currency of the bill; credits, refunds, support and tax left out. {spend, spend_months, organizations}
-- unowned_spend: What of that carries no activated tag that names an owner. {spend, untagged_spend, cost_allocation_tags, organizations}
-- spend_month: First day of that month.
WITH paying AS (
  -- Whoever governs the organization pays for all of it.
  SELECT a.account_id, a.arn, a.name, coalesce(o.management_account_id, a.account_id) AS payer_id
  FROM accounts a LEFT JOIN organizations o ON TRUE
),
contacts AS (
  SELECT account_id, count(DISTINCT kind) AS kinds,
    string_agg(DISTINCT CASE WHEN NOT present THEN lower(kind) END, ', '
      ORDER BY CASE WHEN NOT present THEN lower(kind) END) AS missing
  FROM account_contacts GROUP BY account_id
),
current AS (SELECT * FROM budgets WHERE type = 'COST' AND (ends_at IS NULL OR ends_at > CAST({scanned_at} AS TIMESTAMP))),
naming AS (
  SELECT p.account_id, b.account_id AS keeper_id, b.name, b.filtered_by, b.filters_shown
  FROM paying p JOIN current b ON b.account_id = p.account_id AND coalesce(b.linked_account_id, p.account_id) = p.account_id
  UNION
  SELECT p.account_id, b.account_id, b.name, b.filtered_by, b.filters_shown
  FROM paying p JOIN current b ON b.account_id = p.payer_id AND (b.linked_account_id = p.account_id OR NOT b.filters_shown)
),
watching AS (
  SELECT DISTINCT account_id, keeper_id, name, filtered_by IS NULL AND coalesce(filters_shown, TRUE) AS whole,
    coalesce(filters_shown, TRUE) AS shown
  FROM naming
),
watched AS (
  SELECT account_id, sum(CASE WHEN whole THEN 1 ELSE 0 END) AS whole, sum(CASE WHEN shown AND NOT whole THEN 1 ELSE 0 END) AS partial,
    sum(CASE WHEN shown THEN 0 ELSE 1 END) AS hidden
  FROM watching GROUP BY account_id
),
months AS (SELECT account_id, max(starts_at) AS starts_at FROM spend_months GROUP BY account_id),
spent AS (
  SELECT account_id AS payer_id, linked_account_id, sum(amount) AS amount FROM spend WHERE dimension = 'service'
  GROUP BY account_id, linked_account_id
),
unowned AS (
  SELECT account_id AS payer_id, linked_account_id, sum(amount) AS amount FROM untagged_spend WHERE kind = 'owner'
  GROUP BY account_id, linked_account_id
),
gaps AS (
  SELECT account_id, max(CASE WHEN table_name = 'budgets' THEN 1 ELSE 0 END) AS budgets,
    max(CASE WHEN table_name = 'spend' THEN 1 ELSE 0 END) AS spend,
    max(CASE WHEN table_name IN ('spend', 'untagged_spend') THEN 1 ELSE 0 END) AS untagged
  FROM unread WHERE table_name IN ('budgets', 'spend', 'untagged_spend') GROUP BY account_id
),
organization_gaps AS (
  SELECT count(*) > 0 AS present FROM unread WHERE collector = 'organizations' AND table_name = 'organizations'
)
SELECT
  p.account_id AS id,
  p.arn,
  coalesce(p.name, p.account_id) AS name,
  p.account_id,
  p.name AS account_name,
  CAST(NULL AS VARCHAR) AS region,
  CASE WHEN c.missing IS NOT NULL THEN c.missing WHEN c.kinds = 3 THEN '' END AS contacts_missing,
  CASE WHEN w.whole > 0 THEN w.whole WHEN og.present OR own.budgets = 1 OR payers.budgets = 1 OR w.hidden > 0 THEN NULL ELSE 0 END AS budgets,
  coalesce(w.partial, 0) AS partial_budgets,
  -- Without a month nothing was read, whatever the ledger says.
  CASE WHEN m.account_id IS NULL OR payers.spend = 1 THEN NULL ELSE coalesce(s.amount, 0) END AS spend,
  CASE WHEN m.account_id IS NULL OR payers.untagged = 1 THEN NULL ELSE coalesce(u.amount, 0) END AS unowned_spend,
  m.starts_at AS spend_month
FROM paying p
CROSS JOIN organization_gaps og
LEFT JOIN contacts c ON c.account_id = p.account_id
LEFT JOIN watched w ON w.account_id = p.account_id
LEFT JOIN months m ON m.account_id = p.payer_id
LEFT JOIN spent s ON s.payer_id = p.payer_id AND s.linked_account_id = p.account_id
LEFT JOIN unowned u ON u.payer_id = p.payer_id AND u.linked_account_id = p.account_id
LEFT JOIN gaps own ON own.account_id = p.account_id
LEFT JOIN gaps payers ON payers.account_id = p.payer_id
