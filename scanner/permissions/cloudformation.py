"""CloudFormation templates: the role in every account, for a StackSet, and the policies of whoever starts the scan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from scanner.permissions.policy import Document
from scanner.permissions.trust import DESCRIPTION, SCANNER, SECONDS, STARTING, trust


def member_role(name: str, documents: Sequence[Document]) -> str:
    """The role in an account and its policies."""
    principal = {"Fn::Sub": "arn:${AWS::Partition}:iam::${ScannerAccountId}:root"}
    policies = _policies(name, documents, {})
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": name,
            "Description": DESCRIPTION,
            "MaxSessionDuration": SECONDS,
            "AssumeRolePolicyDocument": trust(principal),
            "ManagedPolicyArns": [{"Ref": policy} for policy in policies],
        },
    }
    parameter = {"Type": "String", "AllowedPattern": "[0-9]{12}", "Description": SCANNER}
    return _template(
        DESCRIPTION,
        Parameters={"ScannerAccountId": parameter},
        Resources={"BulkheadReadOnly": role, **policies},
        Outputs={"RoleArn": {"Value": {"Fn::GetAtt": ["BulkheadReadOnly", "Arn"]}}},
    )


def management(documents: Sequence[Document]) -> str:
    """The policies of the credentials that the scan starts with, attached to roles where some are named."""
    roles = {"Roles": {"Fn::If": ["HasRoles", {"Ref": "RoleNames"}, {"Ref": "AWS::NoValue"}]}}
    policies = _policies(STARTING, documents, roles)
    parameter = {
        "Type": "CommaDelimitedList",
        "Default": "",
        "Description": "Roles of this account that scans start with; empty to attach the policies otherwise",
    }
    return _template(
        "What the credentials need that a scan of Bulkhead starts with",
        Parameters={"RoleNames": parameter},
        Conditions={"HasRoles": {"Fn::Not": [{"Fn::Equals": [{"Fn::Join": ["", {"Ref": "RoleNames"}]}, ""]}]}},
        Resources=policies,
        Outputs={f"{policy}Arn": {"Value": {"Ref": policy}} for policy in policies},
    )


def _policies(name: str, documents: Sequence[Document], more: Mapping[str, Any]) -> dict[str, Any]:
    """Managed policies by logical id: a role holds ten of them, but only 10,240 characters of its own."""
    return {
        f"Policy{number}": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"ManagedPolicyName": f"{name}-{number}", "PolicyDocument": document, **more},
        }
        for number, document in enumerate(documents, 1)
    }


def _template(description: str, **parts: Mapping[str, Any]) -> str:
    template = {"AWSTemplateFormatVersion": "2010-09-09", "Description": description, **parts}
    return yaml.dump(template, Dumper=_Plain, sort_keys=False, width=120)


class _Plain(yaml.SafeDumper):
    """Writes what occurs twice twice: people read the template."""

    def ignore_aliases(self, data: Any) -> bool:
        return True
