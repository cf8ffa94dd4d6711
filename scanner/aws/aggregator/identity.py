"""IAM, KMS and Lambda: what AWS Config holds of who may do what.

When a role was last used is not followed by AWS Config, and left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.aws.aggregator.held import Asked, Held, described, only
from scanner.aws.aggregator.spelling import Item, NotHeld, configuration, respelt, supplement
from scanner.collect.api import Response

ROLE, USER, GROUP, POLICY = (f"AWS::IAM::{name}" for name in ("Role", "User", "Group", "Policy"))
KEY, ALIAS, FUNCTION, SUBNET = "AWS::KMS::Key", "AWS::KMS::Alias", "AWS::Lambda::Function", "AWS::EC2::Subnet"
OF_AWS = ":iam::aws:"


def _details(asked: Asked) -> Response:
    """All four lists; policies of AWS, which belong to no account, are added where they are attached."""

    def found(kind: str, *needs: str) -> list[dict[str, Any]]:
        return [described(item, "Arn", *needs) for item in asked.holdings.items(kind, asked.account)]

    roles = found(ROLE, "AssumeRolePolicyDocument", "RolePolicyList", "AttachedManagedPolicies", "InstanceProfileList")
    for role in roles:
        role.pop("RoleLastUsed", None)
    users = found(USER, "UserPolicyList", "AttachedManagedPolicies", "GroupList")
    groups = found(GROUP, "GroupPolicyList", "AttachedManagedPolicies")
    principals = [*roles, *users, *groups]
    own = found(POLICY, "PolicyName", "PolicyVersionList")
    return {
        "RoleDetailList": roles,
        "UserDetailList": users,
        "GroupDetailList": groups,
        "Policies": [*own, *_policies_of_aws(asked, principals)],
    }


def _policies_of_aws(asked: Asked, principals: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    attached = _counted(one["PolicyArn"] for who in principals for one in who["AttachedManagedPolicies"])
    bounds = _counted((who.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn") or "" for who in principals)
    wanted = {arn for arn in (*attached, *bounds) if OF_AWS in arn}
    if not wanted:
        return
    known = {one["Arn"]: one for one in asked.aws_policies() if one["Arn"] in wanted}
    if missing := sorted(wanted - known.keys()):
        raise NotHeld(f"AWS Config does not hold policies of AWS, and {missing[0]} was not read elsewhere")
    for arn in sorted(wanted):
        counts = {"AttachmentCount": attached.get(arn, 0), "PermissionsBoundaryUsageCount": bounds.get(arn, 0)}
        yield {**known[arn], **counts}


def _counted(arns: Iterator[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for arn in arns:
        found[arn] = found.get(arn, 0) + 1
    return found


def _keys(asked: Asked) -> Response:
    found = [configuration(item, "KeyId", "Arn") for item in asked.items]
    return {"Keys": [{"KeyId": one["KeyId"], "KeyArn": one["Arn"]} for one in found]}


def _key_policy(asked: Asked) -> Response:
    policy = supplement(only(asked), "Policy")
    if not policy:
        raise NotHeld("AWS Config does not have the key policy")
    return {"Policy": policy}


def _functions(asked: Asked) -> Response:
    return {"Functions": [_function(item, asked) for item in asked.items]}


def _function(item: Item, asked: Asked) -> Mapping[str, Any]:
    found = respelt(configuration(item, "FunctionName", "FunctionArn", "Role"))
    network = found.get("VpcConfig") or {}
    if network.get("SubnetIds") and not network.get("VpcId"):
        subnet = asked.holdings.one(SUBNET, network["SubnetIds"][0])
        if subnet is None:
            raise NotHeld(f"AWS Config does not have the VPC of {found['FunctionName']}")
        network["VpcId"] = configuration(subnet, "VpcId")["VpcId"]
    return {**found, "VpcConfig": network}


HELD = {
    "iam.get_account_authorization_details": Held((ROLE, USER, GROUP, POLICY), _details, everywhere=True),
    "kms.list_keys": Held((KEY,), _keys, partial="AWS Config may not hold the keys that AWS manages"),
    "kms.list_aliases": Held(
        (ALIAS,),
        lambda asked: {"Aliases": [configuration(item, "AliasName", "TargetKeyId") for item in asked.items]},
        partial="AWS Config may not hold the aliases that AWS manages",
    ),
    "kms.describe_key": Held(
        (KEY,), lambda asked: {"KeyMetadata": configuration(only(asked), "KeyId", "KeyState")}, of="KeyId"
    ),
    "kms.get_key_policy": Held((KEY,), _key_policy, of="KeyId"),
    "lambda.list_functions": Held((FUNCTION, SUBNET), _functions),
}
