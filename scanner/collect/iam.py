"""IAM: one `get_account_authorization_details` per account, and the identity providers it leaves out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner import policy
from scanner.collect.api import Api, Call, moment, tag_rows
from scanner.policy import Row

SCOPE = "account"
CALLS = (
    Call(
        "iam.get_account_authorization_details",
        (
            "principals",
            "group_members",
            "managed_policies",
            "policy_attachments",
            "instance_profiles",
            "policy_documents",
            "policy_statements",
            "tags",
        ),
    ),
    Call("iam.list_saml_providers", ("identity_providers",)),
    Call("iam.list_open_id_connect_providers", ("identity_providers",)),
)

DETAILS = "iam.get_account_authorization_details"


def fetch(api: Api) -> Iterator[Row]:
    for page in api.pages(DETAILS):
        for role in page.get("RoleDetailList", ()):
            yield from role_rows(role)
        for user in page.get("UserDetailList", ()):
            yield from user_rows(user)
        for group in page.get("GroupDetailList", ()):
            yield from group_rows(group)
        for managed in page.get("Policies", ()):
            yield from managed_policy_rows(managed)
    for provider in api.list("iam.list_saml_providers", "SAMLProviderList"):
        yield "identity_providers", {"arn": provider["Arn"], "type": "saml"}
    for provider in api.list("iam.list_open_id_connect_providers", "OpenIDConnectProviderList"):
        yield "identity_providers", {"arn": provider["Arn"], "type": "oidc"}


def role_rows(role: dict[str, Any]) -> Iterator[Row]:
    arn = role["Arn"]
    yield (
        "principals",
        {
            **principal_row(role, "role", role["RoleName"], role["RoleId"]),
            "service_linked": role["Path"].startswith("/aws-service-role/"),
            "use_tracked": True if role.get("RoleLastUsed") is not None else None,
            "last_used_at": moment((role.get("RoleLastUsed") or {}).get("LastUsedDate")),
            "description": role.get("Description"),
        },
    )
    yield from policy.rows(arn, "trust", "", role.get("AssumeRolePolicyDocument"))
    yield from permission_rows(arn, role, "RolePolicyList")
    for profile in role.get("InstanceProfileList", ()):
        row = {"arn": profile["Arn"], "name": profile.get("InstanceProfileName"), "role_arn": arn}
        yield "instance_profiles", row


def user_rows(user: dict[str, Any]) -> Iterator[Row]:
    arn = user["Arn"]
    yield "principals", principal_row(user, "user", user["UserName"], user["UserId"])
    yield from permission_rows(arn, user, "UserPolicyList")
    for group in user.get("GroupList", ()):
        yield "group_members", {"user_arn": arn, "group_name": group}


def group_rows(group: dict[str, Any]) -> Iterator[Row]:
    yield "principals", principal_row(group, "group", group["GroupName"], group["GroupId"])
    yield from permission_rows(group["Arn"], group, "GroupPolicyList")


def principal_row(detail: dict[str, Any], kind: str, name: str, unique_id: str) -> dict[str, Any]:
    return {
        "arn": detail["Arn"],
        "type": kind,
        "name": name,
        "unique_id": unique_id,
        "path": detail.get("Path"),
        "created_at": moment(detail.get("CreateDate")),
        "boundary_arn": (detail.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn"),
        "service_linked": False,
    }


def permission_rows(arn: str, detail: dict[str, Any], inline_key: str) -> Iterator[Row]:
    """Inline policies, attached managed policies and tags of a user, group or role."""
    for inline in detail.get(inline_key, ()):
        yield from policy.rows(arn, "inline", inline["PolicyName"], inline.get("PolicyDocument"))
    for attached in detail.get("AttachedManagedPolicies", ()):
        row = {
            "principal_arn": arn,
            "policy_arn": attached["PolicyArn"],
            "policy_name": attached["PolicyName"],
        }
        yield "policy_attachments", row
    yield from tag_rows(arn, detail.get("Tags"))


def managed_policy_rows(managed: dict[str, Any]) -> Iterator[Row]:
    """A managed policy and its default version; those of AWS that nothing uses are left out."""
    arn = managed["Arn"]
    of_aws = ":iam::aws:" in arn
    attachments = managed.get("AttachmentCount") or 0
    boundaries = managed.get("PermissionsBoundaryUsageCount") or 0
    if of_aws and not attachments and not boundaries:
        return
    row = {
        "arn": arn,
        "name": managed["PolicyName"],
        "aws_managed": of_aws,
        "attachments": attachments,
        "boundary_uses": boundaries,
    }
    yield "managed_policies", row
    for version in managed.get("PolicyVersionList", ()):
        if version.get("IsDefaultVersion"):
            yield from policy.rows(arn, "managed", managed["PolicyName"], version.get("Document"))
