"""An instance in the second Region asked, a set with everything attached and a bare one; a group, a user and a group that is gone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.collect.answers.identitystore import FOUND
from tests.collect.fake import Refused

INSTANCE = "arn:aws:sso:::instance/ssoins-1"
OPERATOR = "arn:aws:sso:::permissionSet/ssoins-1/ps-operator"
BARE = "arn:aws:sso:::permissionSet/ssoins-1/ps-bare"


def assigned(account: str, kind: str, principal: str) -> dict[str, str]:
    return {"AccountId": account, "PermissionSetArn": OPERATOR, "PrincipalType": kind, "PrincipalId": principal}


def of_operator(answer: dict[str, Any], otherwise: Any = None) -> list[Any]:
    return [({"PermissionSetArn": OPERATOR}, answer), ({}, {} if otherwise is None else otherwise)]


ANSWERS: dict[str, Any] = {
    **FOUND,
    "sso-admin.list_permission_sets": {"PermissionSets": [OPERATOR, BARE]},
    "sso-admin.describe_permission_set": of_operator(
        {
            "PermissionSet": {
                "PermissionSetArn": OPERATOR,
                "Name": "Operator",
                "Description": "runs things",
                "SessionDuration": "PT4H",
                "CreatedDate": datetime(2025, 3, 1, tzinfo=UTC),
            }
        },
        {"PermissionSet": {"PermissionSetArn": BARE, "Name": "Bare"}},
    ),
    "sso-admin.list_managed_policies_in_permission_set": of_operator(
        {
            "AttachedManagedPolicies": [
                {"Name": "PowerUserAccess", "Arn": "arn:aws:iam::aws:policy/PowerUserAccess"},
                {"Name": "Billing", "Arn": "arn:aws:iam::aws:policy/job-function/Billing"},
            ]
        }
    ),
    "sso-admin.list_customer_managed_policy_references_in_permission_set": of_operator(
        {"CustomerManagedPolicyReferences": [{"Name": "deploy", "Path": "/team/"}, {"Name": "plain"}]}
    ),
    "sso-admin.get_inline_policy_for_permission_set": of_operator(
        {"InlinePolicy": '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:*","Resource":"*"}]}'},
        {"InlinePolicy": ""},
    ),
    "sso-admin.get_permissions_boundary_for_permission_set": of_operator(
        {"PermissionsBoundary": {"CustomerManagedPolicyReference": {"Name": "limit", "Path": "/"}}},
        Refused("ResourceNotFoundException"),
    ),
    "sso-admin.list_tags_for_resource": [
        ({"ResourceArn": OPERATOR}, {"Tags": [{"Key": "owner", "Value": "platform"}]}),
        ({}, {"Tags": []}),
    ],
    "sso-admin.list_accounts_for_provisioned_permission_set": of_operator(
        {"AccountIds": ["444455556666", "777788889999"]}
    ),
    "sso-admin.list_account_assignments": [
        (
            {"AccountId": "444455556666"},
            {
                "AccountAssignments": [
                    assigned("444455556666", "GROUP", "g-1"),
                    assigned("444455556666", "USER", "u-1"),
                    assigned("444455556666", "GROUP", "g-gone"),
                ]
            },
        ),
        ({}, {"AccountAssignments": [assigned("777788889999", "GROUP", "g-1")]}),
    ],
    "identitystore.list_group_memberships": [
        (
            {"GroupId": "g-1"},
            {"GroupMemberships": [{"GroupId": "g-1", "MemberId": {"UserId": user}} for user in ("u-1", "u-2")]},
        ),
        ({}, Refused("ResourceNotFoundException")),
    ],
}
