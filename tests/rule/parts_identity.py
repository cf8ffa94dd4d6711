"""IAM Identity Center of the small organization: in the second Region that is asked, with every way to hold write access."""

from __future__ import annotations

from typing import Any

from tests.rule import organization as o

INSTANCE, STORE = "arn:aws:sso:::instance/ssoins-1", "d-1"
BOTH = (o.ORDERS, o.TEST)
GROUPS = {
    "g-platform": "platform",
    "g-glass": "break-glass-people",
    "g-auditors": "auditors",
    "g-developers": "developers",
}
USERS = {"u-anna": "anna", "u-ben": "ben"}
MEMBERS = {"g-platform": ["u-anna", "u-ben"], "g-glass": ["u-anna"], "g-auditors": ["u-ben"], "g-developers": []}
WRITES = o.document(o.allow(None, "s3:PutObject"))
NOTHING = o.document({"Effect": "Deny", "Action": "*", "Resource": "*"})
EVERYBODY = {account: ["g-platform"] for account in BOTH}

# name: (AWS-managed policies, customer managed ones, inline policy, AWS-managed boundary, account -> principals)
Set = tuple[list[str], list[str], str, str | None, dict[str, list[str]]]
SETS: dict[str, Set] = {
    "Administrator": (["AdministratorAccess"], [], "", None, {account: ["g-platform", "g-glass", "g-gone"] for account in BOTH}),
    "Deployer": ([], ["everything"], "", None, {o.ORDERS: ["u-anna"], o.TEST: ["u-anna"], o.CLOSED: ["u-anna"]}),
    "Reader": (["ReadOnlyAccess"], [], "", None, {account: ["g-auditors"] for account in (*BOTH, o.NETWORK)}),
    "Limited": ([], ["limited"], "", None, EVERYBODY),
    "Developer": ([], [], WRITES, None, {o.TEST: ["g-developers", "u-ben"], o.LEGACY: ["g-developers"]}),
    "Writer": ([], [], WRITES, None, {o.PAYMENTS: ["g-developers"], o.LEGACY: ["g-developers"]}),
    "Bounded": (["PowerUserAccess"], [], "", "ReadOnlyAccess", EVERYBODY),
    "Denied": (["AdministratorAccess"], [], NOTHING, None, EVERYBODY),
}  # fmt: skip


def arn_of(name: str) -> str:
    return f"arn:aws:sso:::permissionSet/ssoins-1/ps-{name.lower()}"


def managed(name: str) -> str:
    return f"arn:aws:iam::aws:policy/{name}"


def answers() -> o.Answers:
    parts = {"sso-admin.list_instances": {"Instances": [{"InstanceArn": INSTANCE, "IdentityStoreId": STORE, "OwnerAccountId": o.MANAGEMENT, "Status": "ACTIVE"}]}, **permission_sets(), **assignments(), **identity_store()}  # fmt: skip
    found: o.Answers = {(o.MANAGEMENT, o.THERE, name): content for name, content in parts.items()}
    return {(o.MANAGEMENT, o.HERE, "sso-admin.list_instances"): {"Instances": []}, **found}


def of_each(answer: Any) -> list[dict[str, Any]]:
    return o.per("PermissionSetArn", {arn_of(name): answer(name, *facts) for name, facts in SETS.items()}, InstanceArn=INSTANCE)  # fmt: skip


def permission_sets() -> dict[str, Any]:
    return {
        "sso-admin.list_permission_sets": {"PermissionSets": list(map(arn_of, SETS))},
        "sso-admin.describe_permission_set": of_each(lambda name, *_: {"PermissionSet": {"PermissionSetArn": arn_of(name), "Name": name, "SessionDuration": "PT1H"}}),
        "sso-admin.list_managed_policies_in_permission_set": of_each(lambda _, names, *__: {"AttachedManagedPolicies": [{"Name": n, "Arn": managed(n)} for n in names]}),
        "sso-admin.list_customer_managed_policy_references_in_permission_set": of_each(lambda _, __, names, *___: {"CustomerManagedPolicyReferences": [{"Name": n, "Path": "/"} for n in names]}),
        "sso-admin.get_inline_policy_for_permission_set": of_each(lambda _, __, ___, inline, *____: {"InlinePolicy": inline}),
        "sso-admin.get_permissions_boundary_for_permission_set": of_each(
            lambda *facts: {"PermissionsBoundary": {"ManagedPolicyArn": managed(facts[4])}} if facts[4] else o.refusal("ResourceNotFoundException")),
        "sso-admin.list_tags_for_resource": o.per("ResourceArn", {arn_of(name): {"Tags": o.tag_list(owner="cto")} for name in SETS}, InstanceArn=INSTANCE),
    }  # fmt: skip


def assignments() -> dict[str, Any]:
    def given(name: str, account: str, who: list[str]) -> dict[str, Any]:
        kinds = {"u": "USER", "g": "GROUP"}
        return {"request": {"InstanceArn": INSTANCE, "PermissionSetArn": arn_of(name), "AccountId": account},
                "response": {"AccountAssignments": [{"AccountId": account, "PermissionSetArn": arn_of(name), "PrincipalType": kinds[one[0]], "PrincipalId": one} for one in who]}}  # fmt: skip

    return {
        "sso-admin.list_accounts_for_provisioned_permission_set": of_each(
            lambda *facts: {"AccountIds": list(facts[5])}
        ),
        "sso-admin.list_account_assignments": [
            given(name, account, who) for name, facts in SETS.items() for account, who in facts[4].items()
        ],
    }


def identity_store() -> dict[str, Any]:
    members = {
        group: {"GroupMemberships": [{"GroupId": group, "MemberId": {"UserId": user}} for user in users]}
        for group, users in MEMBERS.items()
    }
    gone = {"g-gone": o.refusal("ResourceNotFoundException")}
    return {
        "identitystore.list_groups": {"Groups": [{"GroupId": key, "DisplayName": name, "IdentityStoreId": STORE} for key, name in GROUPS.items()]},
        "identitystore.list_users": {"Users": [{"UserId": key, "UserName": name, "IdentityStoreId": STORE} for key, name in USERS.items()]},
        "identitystore.list_group_memberships": o.per("GroupId", {**members, **gone}, IdentityStoreId=STORE),
    }  # fmt: skip
