"""Who is let in from other accounts: by the trust policies of roles, and by the policies of resources.

One row per statement and source. What a source's own account lets it do is not looked at: that is for its owner to say, and
for `Trust` to answer about one principal. Denies of the same policy and resource control policies are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.analysis import insert
from scanner.analysis.policies import parse
from scanner.analysis.trust_edges import residue
from scanner.analysis.trust_edges.judge import TRUST_ACTIONS, Policy
from scanner.analysis.trust_edges.openings import Opening, World, openings
from scanner.config import Config
from scanner.snapshot.schema import table

USES = ("unread", "classification")

_SOURCES = """
        statement_id string Statement that lets it in.
        source string As the policy writes it: `*`, an account, the ARN of a principal or provider; the id of an organization.
        source_kind string everyone, account, principal, provider, organization, or member: an account that `*` means.
        source_account_id string Account of the source; NULL for everyone, providers and organizations.
        members int How many accounts of its environment a member stands for; 1 for all others.
        is_member bool The source belongs to the organization; NULL when that is not known, and for providers.
        verdict string allow, conditional or unknown; who is denied for certain has no row.
        is_open bool Whoever the source means can meet what is left of the conditions.
        external_id bool It has to show an external id.
        conditions strings What has to hold.
        reasons strings Statements that decided it, and what was not read.
"""
TRUST = table(
    "trust_edges",
    "Who may assume a role from outside its account, as far as its own account has a say.",
    "role_arn string Role.\n"
    + _SOURCES
    + """
        any_tenant bool A provider that serves all its customers from one issuer, and no condition says whose tokens get in.
    """,
)
RESOURCES = table(
    "resource_edges",
    "Whom the own policy of a bucket, key, secret, table, queue, topic, function, domain or vault lets in from outside its account.",
    "resource_arn string Resource.\n"
    + _SOURCES
    + """
        uses bool It may read or write what is in the resource, or give the right to; FALSE: only lesser things.
    """,
)
TABLES = (TRUST, RESOURCES)

USES_OF = {
    "bucket": ("s3:getobject", "s3:putobject", "s3:deleteobject", "s3:listbucket", "s3:putbucketpolicy"),
    "key": ("kms:decrypt", "kms:encrypt", "kms:generatedatakey", "kms:creategrant", "kms:putkeypolicy", "kms:schedulekeydeletion"),
    "secret": ("secretsmanager:getsecretvalue", "secretsmanager:putsecretvalue", "secretsmanager:putresourcepolicy"),
    "table": ("dynamodb:getitem", "dynamodb:query", "dynamodb:scan", "dynamodb:putitem", "dynamodb:updateitem", "dynamodb:getrecords"),
    "queue": ("sqs:receivemessage", "sqs:sendmessage", "sqs:deletemessage", "sqs:purgequeue", "sqs:setqueueattributes", "sqs:addpermission"),
    "topic": ("sns:publish", "sns:subscribe", "sns:settopicattributes", "sns:addpermission"),
    "function": ("lambda:invokefunction", "lambda:invokefunctionurl", "lambda:updatefunctioncode", "lambda:addpermission", "lambda:getfunction"),
    "domain": ("es:eshttpget", "es:eshttppost", "es:eshttpput", "es:eshttpdelete", "es:updatedomainconfig"),
    "vault": ("backup:copyintobackupvault", "backup:startrestorejob", "backup:deleterecoverypoint", "backup:putbackupvaultaccesspolicy"),
}  # fmt: skip
"""Actions that count as use, by type of resource: reading, writing, and giving the right to either."""
WITH_RCPS = ("bucket", "key", "secret", "queue")


def run(connection: Any, config: Config) -> None:
    world = World(connection)
    rows = connection.execute(_TRUST_SQL).fetchall()
    trusts = (Policy(arn, account, parse(text), TRUST_ACTIONS, trust=True) for arn, account, _, text in rows)
    insert(connection, TRUST, [row for policy in trusts for row in _rows_of_role(policy, world)])
    rows = connection.execute(_RESOURCE_SQL).fetchall()
    found = []
    for arn, account, region, text, kind in rows:
        policy = Policy(arn, account, parse(text), USES_OF[kind], trust=False, rcps=kind in WITH_RCPS)
        found += list(_rows_of_resource(policy, region, world))
    insert(connection, RESOURCES, found)


def _rows_of_role(policy: Policy, world: World) -> Iterator[tuple[Any, ...]]:
    for one in openings(policy, world.workloads.get(policy.account), world):
        issuer = one.source.partition(":oidc-provider/")[2] or one.source
        tenant = one.kind == "provider" and residue.any_tenant(issuer, one.answer.residual)
        yield (policy.account, "global", policy.arn, *_common(policy, one, world), tenant)


def _rows_of_resource(policy: Policy, region: str, world: World) -> Iterator[tuple[Any, ...]]:
    for one in openings(policy, world.workloads.get(policy.account), world):
        yield (policy.account, region, policy.arn, *_common(policy, one, world), one.comes_in)


def _common(policy: Policy, one: Opening, world: World) -> tuple[Any, ...]:
    kind = "trust" if policy.trust else "resource"
    left = one.answer.residual
    return (
        f"{policy.arn}|{kind}||{one.statement.position}",
        one.source,
        one.kind,
        one.account,
        one.members,
        _member(one, world),
        one.answer.verdict,
        one.answer.verdict != "unknown" and _open(policy, one),
        any(residue.is_external_id(atom) for atom in left),
        one.answer.conditions,
        list(one.answer.reasons),
    )


def _open(policy: Policy, one: Opening) -> bool:
    """Of `*`: nothing says who that is. Of an account: nothing hinders anybody in it, for a role; nothing says from where,
    for a resource."""
    left = one.answer.residual
    if one.kind == "everyone":
        places = frozenset[str]() if policy.trust else residue.PLACE_KEYS
        return residue.open_to_all(left, residue.PRINCIPAL_KEYS | places)
    return residue.at_will(left) if policy.trust else residue.open_to_all(left, residue.PLACE_KEYS)


def _member(one: Opening, world: World) -> bool | None:
    if one.kind == "provider":
        return None
    if one.account is None:
        return False
    return world.organization.member(one.account)


_FROM_OUTSIDE = """
  SELECT DISTINCT s.holder_arn FROM policy_statements s JOIN statement_principals p ON p.statement_id = s.statement_id
  WHERE s.kind = {} AND s.effect = 'Allow' AND (s.principals_negated OR p.type IN ('*', 'Federated')
    OR p.principal_account IS NOT NULL AND p.principal_account <> s.account_id)
"""
_TRUST_SQL = f"""
WITH outside AS ({_FROM_OUTSIDE.format("'trust'")})
SELECT DISTINCT d.holder_arn, d.account_id, d.region, d.document
FROM policy_documents d JOIN outside o ON o.holder_arn = d.holder_arn
WHERE d.kind = 'trust' AND d.readable ORDER BY ALL"""
_RESOURCE_SQL = f"""
WITH outside AS ({_FROM_OUTSIDE.format("'resource'")}),
guarded AS (
  SELECT arn, 'bucket' AS kind FROM buckets
  UNION SELECT arn, 'key' FROM kms_keys WHERE coalesce(manager, 'CUSTOMER') = 'CUSTOMER'
  UNION SELECT arn, 'secret' FROM secrets
  UNION SELECT arn, 'table' FROM dynamodb_tables
  UNION SELECT arn, 'queue' FROM queues
  UNION SELECT arn, 'topic' FROM topics
  UNION SELECT arn, 'function' FROM compute WHERE type = 'function'
  -- The policy of a domain inside of a VPC speaks to those only that its network lets in.
  UNION SELECT arn, 'domain' FROM databases WHERE type = 'domain' AND vpc_id IS NULL
  UNION SELECT arn, 'vault' FROM backup_vaults
)
SELECT DISTINCT d.holder_arn, d.account_id, d.region, d.document, g.kind
FROM policy_documents d JOIN outside o ON o.holder_arn = d.holder_arn JOIN guarded g ON g.arn = d.holder_arn
WHERE d.kind = 'resource' AND d.readable ORDER BY ALL"""
