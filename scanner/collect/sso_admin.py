"""IAM Identity Center: permission sets, and who is assigned to which account with them.

Read with the credentials of the management account or of the delegated administrator.

Assignments are listed per permission set and account, but only for accounts where the set is provisioned, which one call
a set tells: 30 sets, each in 40 of 400 accounts, are 1,200 calls instead of 12,000. Asking per principal would take a call
for every user and group, assigned or not, and is open to the management account alone (API reference of
ListAccountAssignmentsForPrincipal). All calls of a set share 20 a second, of which the scheduler takes its share.

Memberships are read here because only here it is known which groups are assigned at all: the others give nobody access.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner import policy
from scanner.collect.api import UNREAD, Api, Call, Response, Unread, moment, tag_rows
from scanner.collect.identity_center import Home, finding_calls, home
from scanner.collect.reading import known, whole
from scanner.policy import Row

SCOPE = "organization"
_DOCUMENTS = ("policy_documents", "policy_statements")
_FILLED = (
    "identity_center_instances",
    "permission_sets",
    "permission_set_policies",
    *_DOCUMENTS,
    "permission_set_accounts",
    "account_assignments",
    "identity_group_members",
    "tags",
)


def _sso(method: str, *fills: str) -> Call:
    """A call of `sso-admin`, whose IAM actions are named `sso:`."""
    operation = "".join(word.capitalize() for word in method.split("_"))
    return Call(f"sso-admin.{method}", fills, action=f"sso:{operation}")


CALLS = (
    *finding_calls(_FILLED),
    _sso("list_permission_sets", *_FILLED[1:]),
    _sso("describe_permission_set", "permission_sets"),
    _sso("list_managed_policies_in_permission_set", "permission_sets", "permission_set_policies"),
    _sso("list_customer_managed_policy_references_in_permission_set", "permission_sets", "permission_set_policies"),
    _sso("get_inline_policy_for_permission_set", "permission_sets", *_DOCUMENTS),
    _sso("get_permissions_boundary_for_permission_set", "permission_sets"),
    _sso("list_tags_for_resource", "tags"),
    _sso(
        "list_accounts_for_provisioned_permission_set",
        "permission_set_accounts",
        "account_assignments",
        "identity_group_members",
    ),
    _sso("list_account_assignments", "account_assignments", "identity_group_members"),
    Call("identitystore.list_group_memberships", ("identity_group_members",)),
)

NONE = ("ResourceNotFoundException",)


def fetch(api: Api) -> Iterator[Row]:
    found = home(api)
    if found is None:
        return
    yield "identity_center_instances", instance_row(found)
    groups: set[str] = set()
    for arn in api.list("sso-admin.list_permission_sets", "PermissionSets", **_at(found)):
        yield from _permission_set(api, found, arn)
        for row in _assignments(api, found, arn):
            if row[0] == "account_assignments" and row[1]["principal_type"] == "GROUP":
                groups.add(row[1]["principal_id"])
            yield row
    for group in sorted(groups):
        yield from _members(api, found, group)


def _at(found: Home, **more: str) -> dict[str, Any]:
    return {"region": found.region, "InstanceArn": found.arn, **more}


def _permission_set(api: Api, found: Home, arn: str) -> Iterator[Row]:
    asked = _at(found, PermissionSetArn=arn)
    described = known(api.get("sso-admin.describe_permission_set", **asked)) or {}
    managed = whole(api, "sso-admin.list_managed_policies_in_permission_set", "AttachedManagedPolicies", **asked)
    references = "sso-admin.list_customer_managed_policy_references_in_permission_set"
    customer = whole(api, references, "CustomerManagedPolicyReferences", **asked)
    inline = api.get("sso-admin.get_inline_policy_for_permission_set", absent=NONE, **asked)
    boundary = api.get("sso-admin.get_permissions_boundary_for_permission_set", absent=NONE, **asked)
    row = permission_set_row(arn, found.arn, described.get("PermissionSet") or {})
    read = managed is not None and customer is not None and inline is not UNREAD
    yield "permission_sets", {**row, "policy_read": read, **boundary_columns(boundary)}
    yield from policy_rows(arn, managed or [], customer or [])
    document = (known(inline) or {}).get("InlinePolicy")
    if document:
        yield from policy.rows(arn, "permission_set", "", document)
    for tag in api.list("sso-admin.list_tags_for_resource", "Tags", **_at(found, ResourceArn=arn)):
        yield from tag_rows(arn, [tag])


def _assignments(api: Api, found: Home, arn: str) -> Iterator[Row]:
    asked = _at(found, PermissionSetArn=arn)
    for account in api.list("sso-admin.list_accounts_for_provisioned_permission_set", "AccountIds", **asked):
        place = {"permission_set_arn": arn, "target_account_id": account}
        yield "permission_set_accounts", place
        for given in api.list("sso-admin.list_account_assignments", "AccountAssignments", **asked, AccountId=account):
            principal = {"principal_type": given.get("PrincipalType"), "principal_id": given.get("PrincipalId")}
            yield "account_assignments", {**place, **principal}


def _members(api: Api, found: Home, group: str) -> Iterator[Row]:
    asked: dict[str, Any] = {"region": found.region, "IdentityStoreId": found.store, "GroupId": group}
    for member in api.list("identitystore.list_group_memberships", "GroupMemberships", absent=NONE, **asked):
        row = {"group_id": group, "user_id": (member.get("MemberId") or {}).get("UserId")}
        yield "identity_group_members", row


def instance_row(found: Home) -> dict[str, Any]:
    instance = found.instance
    return {
        "arn": found.arn,
        "identity_store_id": found.store,
        "home_region": found.region,
        "owner_id": instance.get("OwnerAccountId"),
        "name": instance.get("Name"),
        "status": instance.get("Status"),
        "created_at": moment(instance.get("CreatedDate")),
    }


def permission_set_row(arn: str, instance_arn: str, described: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "arn": arn,
        "instance_arn": instance_arn,
        "name": described.get("Name"),
        "description": described.get("Description"),
        "session_duration": described.get("SessionDuration"),
        "created_at": moment(described.get("CreatedDate")),
    }


def boundary_columns(answer: Response | Unread | None) -> dict[str, Any]:
    """The permissions boundary: an AWS-managed policy, or one of this path and name in each account."""
    boundary = (known(answer) or {}).get("PermissionsBoundary") or {}
    reference = boundary.get("CustomerManagedPolicyReference") or {}
    return {
        "boundary_arn": boundary.get("ManagedPolicyArn"),
        "boundary_path": location(reference) if reference else None,
        "boundary_read": answer is not UNREAD,
    }


def policy_rows(arn: str, managed: list[dict[str, Any]], customer: list[dict[str, Any]]) -> Iterator[Row]:
    """Yield what is attached. A customer managed policy is a path and name that each account has to have."""
    for one in managed:
        row = {"permission_set_arn": arn, "policy_arn": one.get("Arn"), "policy_path": None}
        yield "permission_set_policies", {**row, "policy_name": one.get("Name")}
    for one in customer:
        row = {"permission_set_arn": arn, "policy_arn": None, "policy_path": location(one)}
        yield "permission_set_policies", {**row, "policy_name": one.get("Name")}


def location(reference: Mapping[str, Any]) -> str:
    """Path and name as the ARN of the policy has them: `/team/` and `deploy` give `/team/deploy`."""
    return f"{reference.get('Path') or '/'}{reference['Name']}"
