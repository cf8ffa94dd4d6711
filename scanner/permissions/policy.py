"""The least-privilege IAM policies that collection needs, made from what the collectors declare."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import yaml
from botocore.session import Session

from scanner.aws.live import SESSION_NAME
from scanner.collect import registry
from scanner.collect.api import Call


def member_policy() -> dict[str, Any]:
    """What the role in every account needs."""
    calls = [call for module in registry().values() if module.SCOPE != "organization" for call in module.CALLS]
    return _policy([_statement("ReadAccount", sorted(_actions(calls)))])


def management_policy(roles: Sequence[str]) -> dict[str, Any]:
    """What the credentials the scan starts with need: reading the organization, and entering its accounts."""
    calls = [call for module in registry().values() if module.SCOPE == "organization" for call in module.CALLS]
    enter = {
        "Sid": "EnterAccounts",
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Resource": [f"arn:*:iam::*:role/{role}" for role in roles],
    }
    return _policy([_statement("ReadOrganization", sorted(_actions(calls))), enter])


def member_role_template() -> str:
    """A CloudFormation template of the role in every account, for a StackSet."""
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Read-only role that Bulkhead assumes in every account of the organization",
        "Parameters": {
            "ScannerAccountId": {
                "Type": "String",
                "AllowedPattern": "[0-9]{12}",
                "Description": "Account that scans: the management account or a delegated administrator",
            }
        },
        "Resources": {
            "BulkheadReadOnly": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "RoleName": "BulkheadReadOnly",
                    "MaxSessionDuration": 3600,
                    "AssumeRolePolicyDocument": _policy(
                        [
                            {
                                "Effect": "Allow",
                                "Action": "sts:AssumeRole",
                                "Principal": {
                                    "AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${ScannerAccountId}:root"}
                                },
                                "Condition": {"StringEquals": {"sts:RoleSessionName": SESSION_NAME}},
                            }
                        ]
                    ),
                    "Policies": [{"PolicyName": "read", "PolicyDocument": member_policy()}],
                },
            }
        },
        "Outputs": {"RoleArn": {"Value": {"Fn::GetAtt": ["BulkheadReadOnly", "Arn"]}}},
    }
    return yaml.safe_dump(template, sort_keys=False, width=120)


def _actions(calls: Iterable[Call]) -> set[str]:
    session = Session()
    listed = tuple(calls)
    own = {call.action or action_of(session, call) for call in listed}
    return own | {action for call in listed for action in call.also}


def action_of(session: Session, call: Call) -> str:
    """`ec2.describe_vpcs` -> `ec2:DescribeVpcs`, spelt as the service spells it."""
    model = session.get_service_model(call.client)
    wanted = call.method.replace("_", "")
    operation = next((name for name in model.operation_names if name.lower() == wanted), None)
    if operation is None:
        raise KeyError(f"{call.name} is not an operation of {call.client}")
    return f"{call.client}:{operation}"


def _statement(sid: str, actions: list[str]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": "*"}


def _policy(statements: list[dict[str, Any]]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statements}
