"""AWS Organizations: the tree, the accounts, the policies and where they are attached, who administers what.

Read with the credentials of the management account or a delegated administrator.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

from scanner import policy
from scanner.collect.api import UNREAD, Api, Call, moment, tag_rows
from scanner.policy import Row

SCOPE = "organization"
CALLS = (
    Call("organizations.describe_organization", ("organizations",)),
    Call("organizations.list_accounts", ("accounts", "unit_ancestors")),
    Call("organizations.list_roots", ("organizational_units", "policy_types", "unit_ancestors")),
    Call("organizations.list_organizational_units_for_parent", ("organizational_units", "unit_ancestors")),
    Call("organizations.list_accounts_for_parent", ("accounts", "unit_ancestors")),
    Call("organizations.list_policies", ("organization_policies", "policy_targets")),
    Call("organizations.describe_policy", ("organization_policies", "policy_documents", "policy_statements")),
    Call("organizations.list_targets_for_policy", ("policy_targets",)),
    Call("organizations.list_tags_for_resource", ("tags",)),
    Call("organizations.list_delegated_administrators", ("delegated_administrators",)),
    Call("organizations.list_delegated_services_for_account", ("delegated_administrators",)),
    Call("organizations.list_aws_service_access_for_organization", ("trusted_services",)),
)

POLICY_TYPES = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY", "TAG_POLICY", "BACKUP_POLICY")
STATEMENT_KINDS = {"SERVICE_CONTROL_POLICY": "scp", "RESOURCE_CONTROL_POLICY": "rcp"}


def fetch(api: Api) -> Iterator[Row]:
    response = api.get("organizations.describe_organization")
    if response is None or response is UNREAD:
        return
    organization = response["Organization"]
    yield "organizations", organization_row(organization)
    enabled = yield from _tree(api, organization["MasterAccountId"])
    yield from _policies(api, enabled)
    yield from _administration(api)


def _tree(api: Api, management: str) -> Generator[Row, None, list[str]]:
    """Walk the tree from the root; returns the policy types that are enabled.

    The accounts are listed first: one that joins meanwhile would seem to be in no unit and under no policy.
    """
    accounts = list(api.list("organizations.list_accounts", "Accounts"))
    enabled: list[str] = []
    parents: dict[str, tuple[str, ...]] = {}
    for root in api.list("organizations.list_roots", "Roots"):
        enabled += [kind["Type"] for kind in root.get("PolicyTypes", ()) if kind["Status"] == "ENABLED"]
        for kind in root.get("PolicyTypes", ()):
            yield "policy_types", {"root_id": root["Id"], "type": kind["Type"], "status": kind["Status"]}
        yield from _unit(api, root, None, (), "", parents)
    for account in accounts:
        chain = parents.get(account["Id"], ())
        yield "accounts", account_row(account, chain[0] if chain else None, management)
        yield from ancestor_rows(account["Id"], chain)
        yield from _tags(api, account["Id"], account["Arn"])
    return enabled


def _unit(
    api: Api,
    unit: dict[str, Any],
    parent: str | None,
    above: tuple[str, ...],
    path: str,
    parents: dict[str, tuple[str, ...]],
) -> Iterator[Row]:
    """Yield one unit and all below it; `parents` collects, per account, the units above it, nearest first."""
    here = f"{path} / {unit['Name']}" if path else unit["Name"]
    yield "organizational_units", unit_row(unit, parent, here, len(above))
    yield from ancestor_rows(unit["Id"], above)
    yield from _tags(api, unit["Id"], unit["Arn"])
    chain = (unit["Id"], *above)
    for account in api.list("organizations.list_accounts_for_parent", "Accounts", ParentId=unit["Id"]):
        parents[account["Id"]] = chain
    key = "OrganizationalUnits"
    for child in api.list("organizations.list_organizational_units_for_parent", key, ParentId=unit["Id"]):
        yield from _unit(api, child, unit["Id"], chain, here, parents)


def _policies(api: Api, enabled: list[str]) -> Iterator[Row]:
    """Policies of the enabled types. One of a type that is switched off is attached to nothing in effect."""
    for kind in POLICY_TYPES:
        if enabled and kind not in enabled:
            continue
        for summary in api.list("organizations.list_policies", "Policies", Filter=kind):
            if summary["Type"] == kind:  # a recording may hold all types in one answer
                yield from _policy(api, summary)


def _policy(api: Api, summary: dict[str, Any]) -> Iterator[Row]:
    policy_id, arn = summary["Id"], summary["Arn"]
    response = api.get("organizations.describe_policy", PolicyId=policy_id)
    content = None if response is None or response is UNREAD else response["Policy"].get("Content")
    yield "organization_policies", policy_row(summary, content)
    statement_kind = STATEMENT_KINDS.get(summary["Type"])
    if content is not None and statement_kind:
        yield from policy.rows(arn, statement_kind, summary["Name"], content)
    for target in api.list("organizations.list_targets_for_policy", "Targets", PolicyId=policy_id):
        row = {"policy_id": policy_id, "target_id": target["TargetId"], "target_type": target.get("Type")}
        yield "policy_targets", row


def _administration(api: Api) -> Iterator[Row]:
    listing = api.list("organizations.list_delegated_administrators", "DelegatedAdministrators")
    for administrator in listing:
        account = administrator["Id"]
        services = [
            service["ServicePrincipal"]
            for service in api.list(
                "organizations.list_delegated_services_for_account", "DelegatedServices", AccountId=account
            )
        ]
        for service in services or [None]:
            yield "delegated_administrators", {"delegate_account_id": account, "service_principal": service}
    trusted = api.list("organizations.list_aws_service_access_for_organization", "EnabledServicePrincipals")
    for service in trusted:
        row = {
            "service_principal": service["ServicePrincipal"],
            "enabled_at": moment(service.get("DateEnabled")),
        }
        yield "trusted_services", row


def _tags(api: Api, resource_id: str, arn: str) -> Iterator[Row]:
    for tag in api.list("organizations.list_tags_for_resource", "Tags", ResourceId=resource_id):
        yield from tag_rows(arn, [tag])


def organization_row(organization: dict[str, Any]) -> dict[str, Any]:
    return {
        "organization_id": organization["Id"],
        "arn": organization.get("Arn"),
        "feature_set": organization.get("FeatureSet"),
        "management_account_id": organization["MasterAccountId"],
    }


def account_row(account: dict[str, Any], parent: str | None, management: str) -> dict[str, Any]:
    return {
        "account_id": account["Id"],
        "region": "global",
        "arn": account["Arn"],
        "name": account.get("Name"),
        "email": account.get("Email"),
        # AWS retires Status on 9 September 2026; SDKs older than a year do not know State (API_DescribeAccount).
        "status": account.get("State") or account.get("Status"),
        "joined_method": account.get("JoinedMethod"),
        "joined_at": moment(account.get("JoinedTimestamp")),
        "parent_id": parent,
        "is_management": account["Id"] == management,
        "is_member": True,
    }


def unit_row(unit: dict[str, Any], parent: str | None, path: str, depth: int) -> dict[str, Any]:
    return {
        "unit_id": unit["Id"],
        "arn": unit["Arn"],
        "name": unit["Name"],
        "parent_id": parent,
        "is_root": parent is None,
        "path": path,
        "depth": depth,
    }


def policy_row(summary: dict[str, Any], content: str | None) -> dict[str, Any]:
    return {
        "policy_id": summary["Id"],
        "arn": summary["Arn"],
        "name": summary.get("Name"),
        "type": summary["Type"],
        "aws_managed": bool(summary.get("AwsManaged")),
        "description": summary.get("Description"),
        "content": content,
    }


def ancestor_rows(target: str, chain: tuple[str, ...]) -> Iterator[Row]:
    """Yield the target itself at distance 0, then the units above it, nearest first."""
    for distance, ancestor in enumerate((target, *chain)):
        row = {"target_id": target, "ancestor_id": ancestor, "distance": distance}
        yield "unit_ancestors", row
