"""IAM: roles, users, groups, policies, wherever they are attached."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.gate.cloudformation.kinds import Block, Part, attributes_of, declare, dig, each, listed, plain

HOLDERS = (("Roles", "role"), ("Users", "user"), ("Groups", "group"))


@declare("AWS::IAM::Role", "aws_iam_role", ref="name")
def role(block: Block) -> Iterator[Part]:
    made = attributes_of(
        block,
        {"RoleName": "name", "AssumeRolePolicyDocument": "assume_role_policy"},
        documents=("AssumeRolePolicyDocument",),
    )
    made.pop("policies", None)
    made["inline_policy"] = each(block.get("Policies"), lambda one: inline(block, one))
    yield "aws_iam_role", made


def inline(block: Block, said: Any) -> dict[str, Any]:
    return {"name": dig(said, "PolicyName"), "policy": block.document(dig(said, "PolicyDocument"))}


@declare("AWS::IAM::User", "aws_iam_user", ref="name")
def user(block: Block) -> Iterator[Part]:
    yield "aws_iam_user", attributes_of(block, {"UserName": "name"})
    yield from held(block, "user")
    if block.get("Groups") is not None:
        yield "aws_iam_user_group_membership", {"user": block.me("name"), "groups": block.get("Groups")}


@declare("AWS::IAM::Group", "aws_iam_group", ref="name")
def group(block: Block) -> Iterator[Part]:
    yield "aws_iam_group", attributes_of(block, {"GroupName": "name"})
    yield from held(block, "group")


def held(block: Block, kind: str) -> Iterator[Part]:
    """The policies that stand in the block of a user or a group."""
    for one in listed(block.get("Policies")):
        yield f"aws_iam_{kind}_policy", {kind: block.me("name"), **inline(block, one)}
    for arn in listed(block.get("ManagedPolicyArns")):
        yield f"aws_iam_{kind}_policy_attachment", {kind: block.me("name"), "policy_arn": arn}


@declare("AWS::IAM::Policy", "aws_iam_role_policy")
def policy(block: Block) -> Iterator[Part]:
    """One inline policy in many holders."""
    said = inline(block, block.properties)
    made = [
        (f"aws_iam_{kind}_policy", {kind: holder, **said})
        for name, kind in HOLDERS
        for holder in listed(block.get(name))
    ]
    yield from made or [("aws_iam_role_policy", said)]


@declare("AWS::IAM::RolePolicy", "aws_iam_role_policy")
@declare("AWS::IAM::UserPolicy", "aws_iam_user_policy")
@declare("AWS::IAM::GroupPolicy", "aws_iam_group_policy")
def one_policy(block: Block) -> Iterator[Part]:
    kind = block.type.removeprefix("AWS::IAM::").removesuffix("Policy").lower()
    yield f"aws_iam_{kind}_policy", {kind: block.get(f"{kind.title()}Name"), **inline(block, block.properties)}


@declare("AWS::IAM::ManagedPolicy", "aws_iam_policy", ref="arn", attributes={"PolicyArn": "arn"})
def managed_policy(block: Block) -> Iterator[Part]:
    yield (
        "aws_iam_policy",
        attributes_of(block, {"ManagedPolicyName": "name", "PolicyDocument": "policy"}, ("PolicyDocument",)),
    )
    for name, kind in HOLDERS:
        for holder in listed(block.get(name)):
            yield f"aws_iam_{kind}_policy_attachment", {kind: holder, "policy_arn": block.me("arn")}


@declare("AWS::IAM::InstanceProfile", "aws_iam_instance_profile", ref="name")
def instance_profile(block: Block) -> Iterator[Part]:
    made = attributes_of(block, {"InstanceProfileName": "name"})
    roles = listed(made.pop("roles", None))
    yield "aws_iam_instance_profile", {**made, "role": roles[0]} if roles else made


plain("AWS::IAM::UserToGroupAddition", "aws_iam_group_membership", {"GroupName": "group"})
plain("AWS::IAM::OIDCProvider", "aws_iam_openid_connect_provider", ref="arn")
plain("AWS::IAM::SAMLProvider", "aws_iam_saml_provider", ref="arn")
