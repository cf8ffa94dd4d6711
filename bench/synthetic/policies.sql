-- scratch: holder_document
-- Every policy document to write: whose, of which template, and what its placeholders stand for.
SELECT account_id, 'global' AS region, arn AS holder_arn, 'trust' AS kind, '' AS name, trust AS template, other, name AS label FROM role
UNION ALL SELECT account_id, 'global', arn, 'inline', inline, inline, coalesce(target, other), name FROM role WHERE inline IS NOT NULL
UNION ALL SELECT account_id, 'global', policy_arn, 'managed', policy_name, template, other, policy_name FROM managed
UNION ALL SELECT account_id, region, arn, 'resource', '', template, other, name FROM resource_policy
UNION ALL SELECT account_id, 'global', arn, CASE WHEN type LIKE 'SERVICE%' THEN 'scp' ELSE 'rcp' END, name, template, NULL, name
FROM organization_policy

-- table: policy_documents
SELECT h.account_id, h.region, h.holder_arn, h.kind, h.name, filled(t.document, h.account_id, h.other, h.label, h.region) AS document,
  TRUE AS readable
FROM holder_document h JOIN template_document t ON t.template = h.template

-- table: policy_statements
SELECT h.account_id, h.region, h.holder_arn || '|' || h.kind || '|' || h.name || '|' || t.position AS statement_id, h.holder_arn, h.kind,
  h.name AS policy_name, t.position, t.sid, t.effect, t.actions_negated, t.resources_negated, t.principals_negated, t.conditions
FROM holder_document h JOIN template_statement t ON t.template = h.template

-- table: statement_principals
SELECT h.account_id, h.region, h.holder_arn || '|' || h.kind || '|' || h.name || '|' || t.position AS statement_id, t.type,
  filled(t.value, h.account_id, h.other, h.label, h.region) AS value,
  filled(t.principal_account, h.account_id, h.other, h.label, h.region) AS principal_account, t.whole_account, t.deleted
FROM holder_document h JOIN template_principal t ON t.template = h.template

-- table: statement_actions
SELECT h.account_id, h.region, h.holder_arn || '|' || h.kind || '|' || h.name || '|' || t.position AS statement_id, t.action
FROM holder_document h JOIN template_action t ON t.template = h.template

-- table: statement_resources
SELECT h.account_id, h.region, h.holder_arn || '|' || h.kind || '|' || h.name || '|' || t.position AS statement_id,
  filled(t.resource, h.account_id, h.other, h.label, h.region) AS resource
FROM holder_document h JOIN template_resource t ON t.template = h.template

-- table: statement_conditions
SELECT h.account_id, h.region, h.holder_arn || '|' || h.kind || '|' || h.name || '|' || t.position AS statement_id, t.operator, t.key,
  filled(t.value, h.account_id, h.other, h.label, h.region) AS value
FROM holder_document h JOIN template_condition t ON t.template = h.template
