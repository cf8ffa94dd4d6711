"""Guardrails, audit and slicing for the organization of the rule tests, added to what it has already."""

from __future__ import annotations

import json
from typing import Any

Answers = dict[tuple[str, str, str], Any]


USED = "2025-06-01T00:00:00Z"


def add(found: Answers, management: str, invited: tuple[str, ...], rootless: str, administrator: str) -> None:
    policy(found, management, "p-walls", "walls", ["ou-prod"], *WALLS)
    # Its GuardDuty is kept on by the administrator alone.
    policy(found, management, "p-half", "half", ["ou-test"], deny("cloudtrail:*", "config:*"))
    found[administrator, "eu-west-1", "guardduty.list_detectors"] = {"DetectorIds": ["d1"]}
    found[administrator, "eu-west-1", "guardduty.describe_organization_configuration"] = [
        {"request": {"DetectorId": "d1"}, "response": {"AutoEnableOrganizationMembers": "ALL"}}
    ]
    watch(found, administrator)
    gather(found, management)
    services = ("ram", "guardduty", "securityhub")
    found[management, "global", "organizations.list_aws_service_access_for_organization"] = {
        "EnabledServicePrincipals": [{"ServicePrincipal": f"{name}.amazonaws.com"} for name in services]
    }
    for account in found[management, "global", "organizations.list_accounts"]["Accounts"]:
        if account["Id"] in invited:
            account["JoinedMethod"] = "INVITED"
    uses(found)
    credentials(found)
    found[management, "global", "iam.list_organizations_features"] = {"EnabledFeatures": ["RootCredentialsManagement"]}
    found[rootless, "global", "iam.get_account_summary"] = {"SummaryMap": dict.fromkeys(ROOT, 0)}
    trails(found, management)


def watch(found: Answers, administrator: str) -> None:
    """Two accounts are recorded, one does not run its recorder; Security Hub has a policy that switches nothing on."""
    recorder = {"ConfigurationRecorders": [{"name": "default", "recordingGroup": {"allSupported": True}}]}
    for account, runs in ((administrator, True), ("100000000002", True), ("100000000005", False)):
        found[account, "eu-west-1", "config.describe_configuration_recorders"] = recorder
        found[account, "eu-west-1", "config.describe_configuration_recorder_status"] = {
            "ConfigurationRecordersStatus": [{"name": "default", "recording": runs}]
        }
    hub = f"arn:aws:securityhub:eu-west-1:{administrator}:hub/default"
    associated = {"ConfigurationPolicyId": "p1", "TargetType": "ROOT", "TargetId": "r-1"}
    found |= {
        (administrator, "eu-west-1", "securityhub.describe_hub"): {"HubArn": hub},
        (administrator, "eu-west-1", "securityhub.describe_organization_configuration"): {
            "AutoEnable": False,
            "OrganizationConfiguration": {"ConfigurationType": "CENTRAL"},
        },
        (administrator, "eu-west-1", "securityhub.list_configuration_policy_associations"): {
            "ConfigurationPolicyAssociationSummaries": [associated]
        },
        (administrator, "eu-west-1", "securityhub.get_configuration_policy"): [
            {
                "request": {"Identifier": "p1"},
                "response": {"ConfigurationPolicy": {"SecurityHub": {"ServiceEnabled": False}}},
            }
        ],
    }


def gather(found: Answers, management: str) -> None:
    """The organization's aggregator leaves out the Region that is recorded."""
    arn = f"arn:aws:config:us-east-1:{management}:config-aggregator/all"
    source = {"RoleArn": f"arn:aws:iam::{management}:role/config", "AwsRegions": ["us-east-1"]}
    found[management, "us-east-1", "config.describe_configuration_aggregators"] = {
        "ConfigurationAggregators": [
            {
                "ConfigurationAggregatorName": "all",
                "ConfigurationAggregatorArn": arn,
                "OrganizationAggregationSource": source,
            }
        ]
    }


def credentials(found: Answers) -> None:
    """The first user of an account has neither password nor key, the others have; the root user has a password."""
    for (account, region, call), answer in list(found.items()):
        if call == "iam.get_account_authorization_details":
            names = [user["UserName"] for user in answer.get("UserDetailList", ())]
            users = [{"UserName": name, "Arn": f"arn:aws:iam::{account}:user/{name}"} for name in names]
            found |= {
                (account, region, "iam.list_users"): {"Users": users},
                (account, region, "iam.list_access_keys"): [
                    {"request": {"UserName": name}, "response": {"AccessKeyMetadata": [] if name == "joe" else [KEY]}}
                    for name in names
                ],
                (account, region, "iam.get_login_profile"): [
                    {"request": {"UserName": name}, "response": NO_PASSWORD} for name in names
                ],
                (account, region, "iam.get_account_summary"): {"SummaryMap": ROOT},
            }


KEY = {"AccessKeyId": "AKIAEXAMPLEEXAMPLE01", "Status": "Active", "CreateDate": "2021-05-01T00:00:00Z"}
NO_PASSWORD = {"Error": {"Code": "NoSuchEntity", "Message": "there is none"}}
ROOT = {"AccountPasswordPresent": 1, "AccountAccessKeysPresent": 0, "AccountSigningCertificatesPresent": 0}


def trails(found: Answers, management: str) -> None:
    """A trail of the organization that was stopped."""
    arn = f"arn:aws:cloudtrail:eu-west-1:{management}:trail/main"
    trail = {"Name": "main", "TrailARN": arn, "HomeRegion": "eu-west-1", "S3BucketName": "orders", "IsMultiRegionTrail": True, "IsOrganizationTrail": True, "HasCustomEventSelectors": True}  # fmt: skip
    found[management, "global", "cloudtrail.describe_trails"] = {"trailList": [trail]}
    found[management, "eu-west-1", "cloudtrail.get_trail_status"] = [
        {"request": {"Name": arn}, "response": {"IsLogging": False}}
    ]
    selectors = [{"ReadWriteType": "All", "IncludeManagementEvents": True}]
    found[management, "eu-west-1", "cloudtrail.get_event_selectors"] = [
        {"request": {"TrailName": arn}, "response": {"TrailARN": arn, "EventSelectors": selectors}}
    ]


def uses(found: Answers) -> None:
    """All roles are old and in use, but for one administrator of each account. One creates roles, one within a boundary."""
    for (account, _, call), answer in found.items():
        if call == "iam.get_account_authorization_details" and answer:
            answer["RoleDetailList"] = [
                *answer["RoleDetailList"],
                *(maker(account, name) for name in ("free", "bound")),
            ]
            for role in answer.get("RoleDetailList", ()):
                unused = role["RoleName"] == "custom-administrator"
                role.setdefault("CreateDate", "2020-01-01T00:00:00Z")
                role.setdefault("RoleLastUsed", {} if unused else {"LastUsedDate": USED, "Region": "eu-west-1"})


def maker(account: str, name: str) -> dict[str, Any]:
    """A role that may create roles, of any kind or bound."""
    boundary = {"StringEquals": {"iam:PermissionsBoundary": f"arn:aws:iam::{account}:policy/limited"}}
    create = {"Effect": "Allow", "Action": "iam:Create*", "Resource": f"arn:aws:iam::{account}:role/app/*"}
    statement = {**create, "Condition": boundary} if name == "bound" else create
    trust = {"Effect": "Allow", "Principal": {"Service": "codebuild.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {
        "Path": "/", "RoleName": f"{name}-maker", "RoleId": f"AROA{name.upper()}MAKER1234567",
        "Arn": f"arn:aws:iam::{account}:role/{name}-maker", "AssumeRolePolicyDocument": {"Statement": [trust]},
        "RolePolicyList": [{"PolicyName": "create", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}],
        "AttachedManagedPolicies": [], "InstanceProfileList": [], "Tags": [],
    }  # fmt: skip


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
    deny(
        "cloudtrail:*Trail",
        "cloudtrail:PutEventSelectors",
        "config:*",
        "guardduty:*Detector",
        "guardduty:Disassociate*",
        Condition=BUT_ONE,
    ),
    deny("*", Condition={"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}),
    {
        "Effect": "Deny",
        "NotAction": ["iam:*", "sts:*", "organizations:*"],
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}},
    },
)
