"""Guardrails, audit and slicing for the organization of the rule tests, added to what it has already."""

from __future__ import annotations

import json
from typing import Any

Answers = dict[tuple[str, str, str], Any]


USED = "2025-06-01T00:00:00Z"


def add(found: Answers, management: str, invited: tuple[str, ...]) -> None:
    policy(found, management, "p-walls", "walls", ["ou-prod"], *WALLS)
    services = ("ram", "guardduty", "securityhub")
    found[management, "global", "organizations.list_aws_service_access_for_organization"] = {
        "EnabledServicePrincipals": [{"ServicePrincipal": f"{name}.amazonaws.com"} for name in services]
    }
    for account in found[management, "global", "organizations.list_accounts"]["Accounts"]:
        if account["Id"] in invited:
            account["JoinedMethod"] = "INVITED"
    uses(found)


def uses(found: Answers) -> None:
    """All roles are old and in use, but for one administrator of each account."""
    for (_, _, call), answer in found.items():
        if call == "iam.get_account_authorization_details":
            for role in answer.get("RoleDetailList", ()):
                unused = role["RoleName"] == "custom-administrator"
                role.setdefault("CreateDate", "2020-01-01T00:00:00Z")
                role.setdefault("RoleLastUsed", {} if unused else {"LastUsedDate": USED, "Region": "eu-west-1"})


def policy(found: Answers, management: str, key: str, name: str, targets: list[str], *statements: Any) -> None:
    """One more service control policy."""
    arn = f"arn:aws:organizations::{management}:policy/{key}"
    summary = {"Id": key, "Arn": arn, "Name": name, "Type": "SERVICE_CONTROL_POLICY", "AwsManaged": False}
    content = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    listed = [{"TargetId": target, "Type": "ORGANIZATIONAL_UNIT"} for target in targets]
    organizations = {
        call.partition(".")[2]: answer
        for (account, _, call), answer in found.items()
        if account == management and call.startswith("organizations.")
    }
    organizations["list_policies"][0]["response"]["Policies"].append(summary)
    asked = {"request": {"PolicyId": key}}
    organizations["describe_policy"].append(
        {**asked, "response": {"Policy": {"PolicySummary": {"Id": key}, "Content": content}}}
    )
    organizations["list_targets_for_policy"].append({**asked, "response": {"Targets": listed}})


def deny(*actions: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": list(actions), "Resource": "*", **more}


BUT_ONE = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/platform"}}
WALLS = (
    deny("cloudtrail:DeleteTrail", "config:*", "guardduty:*Detector", "guardduty:Disassociate*", Condition=BUT_ONE),
    deny("*", Condition={"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}),
    {
        "Effect": "Deny",
        "NotAction": ["iam:*", "sts:*", "organizations:*"],
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}},
    },
)
