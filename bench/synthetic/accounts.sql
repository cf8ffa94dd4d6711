-- once: account
-- One row an account with every count that the other files multiply by. Averages: 100 roles, 300 rules, 100 interfaces.
WITH numbered AS (
  SELECT i AS idx, acct(i) AS account_id, first_workload() AS first,
    CASE WHEN i = 0 THEN 'management' WHEN i = 1 THEN 'log_archive' WHEN i = 2 THEN 'audit' WHEN i = 3 THEN 'network'
      WHEN i = 4 THEN 'tooling' WHEN i = 5 THEN 'shared' WHEN i < first_workload() THEN 'backup'
      WHEN rnd(i, 'sandbox') < 0.05 THEN 'sandbox' ELSE 'workload' END AS purpose,
    CASE WHEN i < first_workload() THEN CASE WHEN i IN (3, 4, 5) THEN 'large' ELSE 'medium' END
      WHEN rnd(i, 'size') < 0.70 THEN 'small' WHEN rnd(i, 'size') < 0.95 THEN 'medium' ELSE 'large' END AS size
  FROM range(accounts_wanted()) r(i)
),
named AS (
  SELECT *, CASE WHEN purpose = 'workload' THEN (idx - first) // 4 END AS product,
    CASE WHEN purpose = 'workload' THEN (['prod', 'staging', 'test', 'dev'])[1 + (idx - first) % 4] END AS stage
  FROM numbered
),
counted AS (
  SELECT *,
    CASE WHEN product IS NOT NULL
      THEN (['orders', 'billing', 'search', 'catalog', 'payments', 'shipping', 'pricing', 'loyalty', 'returns', 'checkout',
        'ledger', 'fraud', 'invoices', 'inventory', 'reviews', 'booking'])[1 + product % 16] || product // 16 END AS workload,
    CASE size WHEN 'small' THEN 40 WHEN 'medium' THEN 150 ELSE 700 END AS roles_about,
    CASE size WHEN 'small' THEN 8 WHEN 'medium' THEN 30 ELSE 120 END AS security_groups,
    CASE size WHEN 'small' THEN 12 WHEN 'medium' THEN 15 ELSE 19 END AS rules_a_group,
    CASE size WHEN 'small' THEN 1 WHEN 'medium' THEN 2 ELSE 4 END AS vpcs,
    CASE size WHEN 'small' THEN 25 WHEN 'medium' THEN 150 ELSE 850 END AS interfaces_about,
    CASE size WHEN 'small' THEN 1 WHEN 'medium' THEN 6 ELSE 40 END AS databases,
    CASE size WHEN 'small' THEN 2 WHEN 'medium' THEN 8 ELSE 30 END AS dynamodb_tables,
    CASE size WHEN 'small' THEN 4 WHEN 'medium' THEN 15 ELSE 60 END AS buckets,
    CASE size WHEN 'small' THEN 3 WHEN 'medium' THEN 15 ELSE 60 END AS secrets,
    CASE size WHEN 'small' THEN 3 WHEN 'medium' THEN 10 ELSE 40 END AS policies,
    CASE size WHEN 'small' THEN 1 WHEN 'medium' THEN 3 ELSE 10 END AS users
  FROM named
)
SELECT idx, account_id, purpose, size, product, stage, workload,
  CASE purpose WHEN 'workload' THEN workload || '-' || stage WHEN 'sandbox' THEN 'sandbox-' || idx
    WHEN 'backup' THEN 'backup-' || idx ELSE replace(purpose, '_', '-') END AS name,
  CASE purpose WHEN 'management' THEN root_id()
    WHEN 'sandbox' THEN unit_of('sandbox') WHEN 'workload'
      THEN unit_of(domain_of(product) || CASE WHEN stage = 'prod' THEN '/prod' ELSE '/nonprod' END)
    WHEN 'log_archive' THEN unit_of('security') WHEN 'audit' THEN unit_of('security') WHEN 'backup' THEN unit_of('security')
    ELSE unit_of('infrastructure') END AS parent_id,
  CAST(roles_about * (0.7 + 0.6 * rnd(idx, 'roles')) AS INTEGER) AS roles,
  security_groups, rules_a_group, vpcs,
  -- Subnets are /25: this is as many as fit, and the network account leaves room for those it shares its subnets with.
  CASE WHEN purpose = 'network' THEN 100 ELSE CAST(interfaces_about * (0.7 + 0.6 * rnd(idx, 'interfaces')) AS INTEGER) END AS interfaces,
  CASE WHEN purpose IN ('management', 'backup', 'log_archive', 'audit') THEN 0 ELSE databases END AS databases,
  CASE WHEN purpose IN ('management', 'backup', 'log_archive', 'audit') THEN 0 ELSE dynamodb_tables END AS dynamodb_tables,
  buckets, secrets, policies, users,
  -- Accounts of the same product are neighbours; the others know some workload account.
  CASE WHEN product IS NULL THEN pick(accounts_wanted(), idx, 'neighbour')
    ELSE least(first + product * 4 + (idx - first + 1 + pick(3, idx, 'neighbour')) % 4, accounts_wanted() - 1) END AS neighbour,
  acct(6 + idx % backups()) AS backup_id,
  CAST(sum(vpcs) OVER (ORDER BY idx) - vpcs AS BIGINT) AS first_vpc
FROM counted

-- once: region
SELECT unnest(range(len(regions()))) AS number, unnest(regions()) AS name

-- once: unit
WITH domains AS (SELECT DISTINCT domain_of(product) AS domain FROM account WHERE product IS NOT NULL),
made AS (
  SELECT '' AS key, 'Root' AS name, NULL AS parent, 'Root' AS path, 0 AS depth
  UNION ALL SELECT k, n, '', 'Root / ' || n, 1 FROM (VALUES ('security', 'Security'), ('infrastructure', 'Infrastructure'),
    ('workloads', 'Workloads'), ('sandbox', 'Sandbox')) v(k, n)
  UNION ALL SELECT domain, domain, 'workloads', 'Root / Workloads / ' || domain, 2 FROM domains
  UNION ALL SELECT domain || '/prod', 'Production', domain, 'Root / Workloads / ' || domain || ' / Production', 3 FROM domains
  UNION ALL SELECT domain || '/nonprod', 'Non-production', domain, 'Root / Workloads / ' || domain || ' / Non-production', 3 FROM domains
)
SELECT key, unit_of(key) AS unit_id, name, CASE WHEN parent IS NOT NULL THEN unit_of(parent) END AS parent_id, path, depth FROM made

-- once: unit_chain
WITH RECURSIVE chain AS (
  SELECT unit_id, unit_id AS ancestor_id, 0 AS distance FROM unit
  UNION ALL
  SELECT c.unit_id, u.parent_id, c.distance + 1 FROM chain c JOIN unit u ON u.unit_id = c.ancestor_id WHERE u.parent_id IS NOT NULL
)
SELECT * FROM chain
