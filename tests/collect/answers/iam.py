"""A role, a user in a group, policies of the account's own and of AWS, and a provider of either kind."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

HERE = "arn:aws:iam::111122223333"
OWN = f"{HERE}:policy/read"
BOUNDARY = "arn:aws:iam::aws:policy/PowerUserAccess"
MADE = datetime(2021, 5, 1, tzinfo=UTC)
INLINE = [{"PolicyName": "inline", "PolicyDocument": json.dumps({"Version": "2012-10-17", "Statement": []})}]
TAGS = [{"Key": "team", "Value": "shop"}]


def document(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def known(kind: str, name: str, **more: Any) -> dict[str, Any]:
    return {
        "Path": "/",
        f"{kind}Name": name,
        f"{kind}Id": f"AIDA{name:0>16}",
        "Arn": f"{HERE}:{kind.lower()}/{name}",
        "CreateDate": MADE,
        "AttachedManagedPolicies": [{"PolicyName": "read", "PolicyArn": OWN}],
        **more,
    }


def managed(arn: str, name: str, **more: Any) -> dict[str, Any]:
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": document(Action="s3:Get*", Resource="*")}
    return {"PolicyName": name, "Arn": arn, "PolicyVersionList": [version], **more}


ROLE = known(
    "Role",
    "deploy",
    AssumeRolePolicyDocument=document(Action="sts:AssumeRole", Principal={"AWS": "222222222222"}),
    RolePolicyList=INLINE,
    InstanceProfileList=[{"Path": "/", "InstanceProfileName": "deploy", "InstanceProfileId": "AIPAEXAMPLEEXAMPLE01", "Arn": f"{HERE}:instance-profile/deploy", "CreateDate": MADE, "Roles": []}],
    RoleLastUsed={"LastUsedDate": MADE, "Region": "eu-west-1"},
    PermissionsBoundary={"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": BOUNDARY},
    Tags=TAGS,
)  # fmt: skip

ANSWERS: dict[str, Any] = {
    "iam.get_account_authorization_details": {
        "RoleDetailList": [ROLE],
        "UserDetailList": [known("User", "ann", UserPolicyList=INLINE, GroupList=["people"], Tags=TAGS)],
        "GroupDetailList": [known("Group", "people", GroupPolicyList=INLINE)],
        "Policies": [
            managed(OWN, "read", AttachmentCount=3, PermissionsBoundaryUsageCount=0),
            managed(BOUNDARY, "PowerUserAccess", AttachmentCount=0, PermissionsBoundaryUsageCount=1),
            managed("arn:aws:iam::aws:policy/Unused", "Unused", AttachmentCount=0, PermissionsBoundaryUsageCount=0),
        ],
    },
    "iam.list_saml_providers": {"SAMLProviderList": [{"Arn": f"{HERE}:saml-provider/idp"}]},
    "iam.list_open_id_connect_providers": {
        "OpenIDConnectProviderList": [{"Arn": f"{HERE}:oidc-provider/token.actions.githubusercontent.com"}]
    },
}
