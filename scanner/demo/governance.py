"""Units, where accounts sit in them, and the policies over them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from scanner.demo.estate import MAIN, SECOND, Account, document

POLICY_TYPES = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY", "TAG_POLICY", "BACKUP_POLICY")
TRUSTED_SERVICES = (
    "guardduty.amazonaws.com",
    "securityhub.amazonaws.com",
    "backup.amazonaws.com",
    "cloudtrail.amazonaws.com",
    "config.amazonaws.com",
    "ram.amazonaws.com",
    "ssm.amazonaws.com",
)

UNITS = {
    "Core": ["harbour-management", "log-archive", "backup-vaults", "network-shared", "tooling-shared"],
    "Production": ["checkout-production", "catalog-production", "orders-production", "legacy-shop-production"],
    "Test": ["checkout-test"],
    "Marketing": ["marketing-production", "marketing-test"],
    "Sandbox": ["team-phoenix", "loyalty-prototype"],
    "Retired": [],
}
"""Unit -> the accounts directly in it. bolt-electronics stays where it was created: under the root."""


@dataclass
class Governance:
    """Ids of the units and policies, by name, and their ARNs."""

    organization_id: str
    root_id: str
    units: dict[str, str]
    arns: dict[str, str]


def found(organizations: Any) -> tuple[str, str]:
    """Create the organization with all its policy types; (organization id, root id)."""
    organization = organizations.create_organization(FeatureSet="ALL")["Organization"]["Id"]
    root = organizations.list_roots()["Roots"][0]["Id"]
    for kind in POLICY_TYPES:
        organizations.enable_policy_type(RootId=root, PolicyType=kind)
    for service in TRUSTED_SERVICES:
        organizations.enable_aws_service_access(ServicePrincipal=service)
    return organization, root


def arrange(organizations: Any, organization_id: str, root: str, accounts: dict[str, Account]) -> Governance:
    """Units, memberships and policies."""
    governance = Governance(organization_id, root, {}, {})
    governance.arns["Root"] = organizations.list_roots()["Roots"][0]["Arn"]
    governance.arns["organization"] = organizations.describe_organization()["Organization"]["Arn"]
    for unit, members in UNITS.items():
        made = organizations.create_organizational_unit(ParentId=root, Name=unit)["OrganizationalUnit"]
        governance.units[unit] = made["Id"]
        governance.arns[unit] = made["Arn"]
        for name in members:
            organizations.move_account(AccountId=accounts[name].id, SourceParentId=root, DestinationParentId=made["Id"])
    _write_policies(organizations, governance, accounts)
    _delegate(organizations, accounts)
    return governance


def _write_policies(organizations: Any, governance: Governance, accounts: dict[str, Account]) -> None:
    inhabited = [unit for unit, members in UNITS.items() if members]
    attach = _Attacher(organizations, governance)
    attach("baseline-guardrails", "SERVICE_CONTROL_POLICY", BASELINE, inhabited)
    attach("production-guardrails", "SERVICE_CONTROL_POLICY", PRODUCTION, ["Production", "Marketing"])
    attach("experiment-guardrails", "SERVICE_CONTROL_POLICY", EXPERIMENTS, ["Test", "Sandbox"])
    attach("deny-old-regions", "SERVICE_CONTROL_POLICY", OLD_REGIONS, [])
    attach("retired-lockdown", "SERVICE_CONTROL_POLICY", LOCKDOWN, ["Retired"])
    attach("only-our-organization", "RESOURCE_CONTROL_POLICY", _perimeter(governance.organization_id), ["Production"])
    attach("required-tags", "TAG_POLICY", TAG_POLICY, [unit for unit in inhabited if unit != "Sandbox"])
    attach("daily-copies", "BACKUP_POLICY", _backup_policy(accounts["backup-vaults"].id), ["Production", "Marketing"])


class _Attacher:
    """Creates a policy and attaches it to units."""

    def __init__(self, organizations: Any, governance: Governance) -> None:
        self._organizations = organizations
        self._governance = governance

    def __call__(self, name: str, kind: str, content: str, units: list[str]) -> None:
        made = self._organizations.create_policy(Name=name, Description=name, Type=kind, Content=content)
        summary = made["Policy"]["PolicySummary"]
        self._governance.arns[name] = summary["Arn"]
        for unit in units:
            self._organizations.attach_policy(PolicyId=summary["Id"], TargetId=self._governance.units[unit])


def _delegate(organizations: Any, accounts: dict[str, Account]) -> None:
    for service in ("guardduty", "securityhub", "config"):
        organizations.register_delegated_administrator(
            AccountId=accounts["log-archive"].id, ServicePrincipal=f"{service}.amazonaws.com"
        )


def _deny(sid: str, action: list[str], condition: dict[str, Any] | None = None) -> dict[str, Any]:
    statement: dict[str, Any] = {"Sid": sid, "Effect": "Deny", "Action": action, "Resource": "*"}
    return {**statement, "Condition": condition} if condition else statement


_ELSEWHERE = {"StringNotEquals": {"aws:RequestedRegion": [MAIN, SECOND]}}
_NOT_REGIONAL = [
    "iam:*", "organizations:*", "sts:*", "route53:*", "cloudfront:*", "support:*", "budgets:*", "ce:*", "account:*",
]  # fmt: skip

BASELINE = document(
    _deny("StayInTheOrganization", ["organizations:LeaveOrganization"]),
    _deny("NoRootUser", ["*"], {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}),
    _deny(
        "ProtectTheAuditTrail",
        [
            "cloudtrail:StopLogging",
            "cloudtrail:DeleteTrail",
            "cloudtrail:UpdateTrail",
            "cloudtrail:PutEventSelectors",
            "config:StopConfigurationRecorder",
            "config:DeleteConfigurationRecorder",
            "config:DeleteDeliveryChannel",
            "guardduty:DeleteDetector",
            "guardduty:UpdateDetector",
            "guardduty:DisassociateFromMasterAccount",
            "guardduty:DisassociateFromAdministratorAccount",
        ],
    ),
    {"Sid": "OurRegions", "Effect": "Deny", "NotAction": _NOT_REGIONAL, "Resource": "*", "Condition": _ELSEWHERE},
)
PRODUCTION = document(
    _deny("KeepBackups", ["backup:DeleteRecoveryPoint", "backup:DeleteBackupVault"]),
    _deny("KeepKeys", ["kms:ScheduleKeyDeletion"]),
)
EXPERIMENTS = document(
    _deny("SmallInstances", ["ec2:RunInstances"], {"StringNotLike": {"ec2:InstanceType": ["t3.*", "t4g.*"]}})
)
OLD_REGIONS = document(_deny("NoOldRegions", ["*"], {"StringEquals": {"aws:RequestedRegion": ["eu-west-1"]}}))
LOCKDOWN = document(_deny("Nothing", ["*"]))
TAG_POLICY = json.dumps(
    {
        "tags": {
            "environment": {
                "tag_key": {"@@assign": "environment"},
                "tag_value": {"@@assign": ["production", "test", "shared", "sandbox"]},
                "enforced_for": {"@@assign": ["ec2:instance", "rds:db"]},
            }
        }
    }
)


def _perimeter(organization_id: str) -> str:
    outside = {
        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": organization_id},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }
    return document({**_deny("OnlyOurs", ["sqs:*"], outside), "Principal": "*"})


def _backup_policy(backup_account: str) -> str:
    vault = f"arn:aws:backup:{MAIN}:{backup_account}:backup-vault:production-copies"
    copy = {
        vault: {"target_backup_vault_arn": {"@@assign": vault}, "lifecycle": {"delete_after_days": {"@@assign": "35"}}}
    }
    rule = {
        "schedule_expression": {"@@assign": "cron(0 3 ? * * *)"},
        "target_backup_vault_name": {"@@assign": "daily"},
        "copy_actions": copy,
    }
    selection = {
        "iam_role_arn": {"@@assign": "arn:aws:iam::$account:role/backup-operator"},
        "tag_key": {"@@assign": "environment"},
        "tag_value": {"@@assign": ["production"]},
    }
    plan = {
        "regions": {"@@assign": [MAIN]},
        "rules": {"daily": rule},
        "selections": {"tags": {"production": selection}},
    }
    return json.dumps({"plans": {"daily-copies": plan}})
