"""A root with one unit, two accounts, an attached policy of one type, and a delegated administrator."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

MANAGEMENT, MEMBER = "111122223333", "222222222222"
HERE = f"arn:aws:organizations::{MANAGEMENT}"
JOINED = datetime(2021, 5, 1, tzinfo=UTC)
GUARD = {
    "Id": "p-guard123",
    "Arn": f"{HERE}:policy/o-acme/service_control_policy/p-guard123",
    "Name": "guard",
    "Description": "No leaving",
    "Type": "SERVICE_CONTROL_POLICY",
    "AwsManaged": False,
}
DENY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}]})  # fmt: skip


def account(number: str, name: str) -> dict[str, Any]:
    return {
        "Id": number,
        "Arn": f"{HERE}:account/o-acme/{number}",
        "Email": f"{name}@example.com",
        "Name": name,
        "Status": "ACTIVE",
        "JoinedMethod": "CREATED",
        "JoinedTimestamp": JOINED,
    }


ANSWERS: dict[str, Any] = {
    "organizations.describe_organization": {
        "Organization": {
            "Id": "o-acme",
            "Arn": f"{HERE}:organization/o-acme",
            "FeatureSet": "ALL",
            "MasterAccountId": MANAGEMENT,
        }
    },
    "organizations.list_roots": {
        "Roots": [
            {
                "Id": "r-1",
                "Arn": f"{HERE}:root/o-acme/r-1",
                "Name": "Root",
                "PolicyTypes": [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}],
            }
        ]
    },
    "organizations.list_organizational_units_for_parent": [
        (
            {"ParentId": "r-1"},
            {"OrganizationalUnits": [{"Id": "ou-1-shop", "Arn": f"{HERE}:ou/o-acme/ou-1-shop", "Name": "Shop"}]},
        ),
        ({}, {}),
    ],
    "organizations.list_accounts": {"Accounts": [account(MANAGEMENT, "management"), account(MEMBER, "shop")]},
    "organizations.list_accounts_for_parent": [
        ({"ParentId": "r-1"}, {"Accounts": [account(MANAGEMENT, "management")]}),
        ({}, {"Accounts": [account(MEMBER, "shop")]}),
    ],
    "organizations.list_policies": {"Policies": [GUARD]},
    "organizations.describe_policy": {"Policy": {"PolicySummary": GUARD, "Content": DENY}},
    "organizations.list_targets_for_policy": {
        "Targets": [
            {
                "TargetId": "ou-1-shop",
                "Arn": f"{HERE}:ou/o-acme/ou-1-shop",
                "Name": "Shop",
                "Type": "ORGANIZATIONAL_UNIT",
            }
        ]
    },
    "organizations.list_tags_for_resource": {"Tags": [{"Key": "team", "Value": "shop"}]},
    "organizations.list_delegated_administrators": {"DelegatedAdministrators": [account(MEMBER, "shop")]},
    "organizations.list_delegated_services_for_account": {
        "DelegatedServices": [{"ServicePrincipal": "guardduty.amazonaws.com", "DelegationEnabledDate": JOINED}]
    },
    "organizations.list_aws_service_access_for_organization": {
        "EnabledServicePrincipals": [{"ServicePrincipal": "ram.amazonaws.com", "DateEnabled": JOINED}]
    },
}
