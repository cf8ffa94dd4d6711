"""AWS Organizations: accounts, units, policies and where they are attached; delegated administrators."""

from __future__ import annotations

from collections.abc import Iterator

from scanner import policy
from scanner.collect.organization_delegation import OF_POLICIES, delegates
from scanner.collect.organizations import STATEMENT_KINDS
from scanner.gate.shape import patch, shapes
from scanner.gate.shape.tagged import tags
from scanner.gate.values import Values
from scanner.policy import Row

ACCOUNTS = "organizations.list_accounts"
UNITS = "organizations.list_organizational_units_for_parent"
POLICIES = "organizations.describe_policy"
TARGETS = "organizations.list_targets_for_policy"
DELEGATES = "organizations.list_delegated_services_for_account"
MEMBERS = "organizations.describe_organization"
ROOT = "(root)"
"""The parent of a new account that names none: https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html"""


@shapes("aws_organizations_account", call=ACCOUNTS)
def account(v: Values) -> Iterator[Row]:
    parent = v.ref("parent_id")
    if v.is_new and not v.set("parent_id"):
        parent = ROOT
    yield (
        "accounts",
        {
            "account_id": v.id,
            "region": "global",
            "arn": v.arn,
            "name": v.text("name"),
            "email": v.text("email"),
            "status": v.text("state") or v.text("status", "ACTIVE"),
            "parent_id": parent,
            "is_management": False,
            "is_member": True,
            **({"joined_method": "CREATED"} if v.is_new else {}),
        },
    )
    yield "scope", {"account_id": v.id, "region": "global", "in_scope": True}
    yield from tags(v)
    if v.is_new:
        yield from access_role(v)
        for kind in ("BILLING", "OPERATIONS", "SECURITY"):
            yield "account_contacts", {"account_id": v.id, "region": "global", "kind": kind, "present": False}


def access_role(v: Values) -> Iterator[Row]:
    """The role that AWS makes in a new account, for the management account to enter it.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access-cross-account-role.html
    """
    name = v.text("role_name", "OrganizationAccountAccessRole")
    here = {"account_id": v.id, "region": "global"}
    stem = f"arn:{v.resource.partition}:iam:"
    arn, everything = f"{stem}:{v.id}:role/{name}", f"{stem}:aws:policy/AdministratorAccess"
    trust = {"Effect": "Allow", "Principal": {"AWS": f"{stem}:{v.account}:root"}, "Action": "sts:AssumeRole"}
    row = {"arn": arn, "type": "role", "name": name, "path": "/", "service_linked": False}
    yield "principals", {**row, **here}
    made = policy.rows(arn, "trust", "", {"Version": "2012-10-17", "Statement": [trust]})
    yield from ((table, {**one, **here}) for table, one in made)
    attached = {"principal_arn": arn, "policy_arn": everything, "policy_name": "AdministratorAccess"}
    yield "policy_attachments", {**attached, **here}


@shapes("aws_organizations_organizational_unit", call=UNITS)
def unit(v: Values) -> Iterator[Row]:
    row = {"unit_id": v.id, "arn": v.arn, "name": v.text("name"), "parent_id": v.ref("parent_id")}
    yield "organizational_units", {**row, "region": "global", "is_root": False}
    yield from tags(v)


@shapes("aws_organizations_policy", call=POLICIES)
def organization_policy(v: Values) -> Iterator[Row]:
    kind = v.text("type", "SERVICE_CONTROL_POLICY")
    name, content = v.text("name"), v.policy("content")
    yield (
        "organization_policies",
        {
            "policy_id": v.id,
            "arn": v.arn,
            "region": "global",
            "name": name,
            "type": kind,
            "aws_managed": False,
            "description": v.text("description"),
            "content": content,
        },
    )
    statements = STATEMENT_KINDS.get(str(kind))
    if statements:
        yield from policy.rows(v.arn, statements, str(name), content)
    yield from tags(v)


@shapes("aws_organizations_policy_attachment", call=TARGETS)
def policy_target(v: Values) -> Iterator[Row]:
    policy_id, target = v.ref("policy_id"), v.ref("target_id")
    if policy_id is None or target is None:
        return
    named = v.target("target_id")
    of_unit = target.startswith("ou-") or (named is not None and named.type.endswith("_organizational_unit"))
    kind = "ROOT" if target.startswith("r-") else "ORGANIZATIONAL_UNIT" if of_unit else "ACCOUNT"
    yield "policy_targets", {"policy_id": policy_id, "target_id": target, "target_type": kind, "region": "global"}


@shapes("aws_organizations_delegated_administrator", call=DELEGATES)
def delegated_administrator(v: Values) -> Iterator[Row]:
    delegate, service = v.ref("account_id"), v.text("service_principal", whole=True)
    if delegate is not None:
        row = {"delegate_account_id": delegate, "service_principal": service, "region": "global"}
        yield "delegated_administrators", row


@shapes("aws_organizations_resource_policy", call="organizations.describe_resource_policy")
def delegation(v: Values) -> Iterator[Row]:
    content = v.policy("content")
    if content is None:
        v.note("content", whole=True)
    for account in delegates(content):
        row = {"delegate_account_id": account, "service_principal": OF_POLICIES, "region": "global"}
        yield "delegated_administrators", row


@shapes("aws_organizations_organization", call=MEMBERS)
def organization(v: Values) -> Iterator[Row]:
    for service in v.texts("aws_service_access_principals", whole=True) or ():
        yield "trusted_services", {"service_principal": service, "region": "global"}
    roots = v.get("roots") or []
    root = roots[0].get("id") if roots and isinstance(roots[0], dict) else None
    for kind in v.texts("enabled_policy_types", whole=True) or ():
        if root:
            yield "policy_types", {"root_id": root, "type": kind, "status": "ENABLED", "region": "global"}


@shapes("aws_account_alternate_contact", call="account.get_alternate_contact")
def contact(v: Values) -> Iterator[Row]:
    owner = v.ref("account_id") or v.account
    kind = v.text("alternate_contact_type", whole=True)
    yield patch("account_contacts", {"account_id": owner, "region": "global", "kind": kind, "present": not v.gone})
