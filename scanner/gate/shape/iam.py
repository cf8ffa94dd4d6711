"""IAM: roles, users, groups, policies and attachments, in every spelling the provider has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner import policy
from scanner.gate.identity import identity
from scanner.gate.shape import shapes
from scanner.gate.shape.tagged import tags
from scanner.gate.values import Values, rows_of
from scanner.policy import Row

IAM = "iam.get_account_authorization_details"
HOLDERS = ("role", "user", "group")


@shapes("aws_iam_role", call=IAM)
def role(v: Values) -> Iterator[Row]:
    path = v.text("path", "/")
    yield (
        "principals",
        {
            **principal(v, "role"),
            "service_linked": str(path).startswith("/aws-service-role/"),
            "description": v.text("description"),
        },
    )
    yield from policy.rows(v.arn, "trust", "", v.policy("assume_role_policy"))
    for block in rows_of(v.blocks("inline_policy")):
        if block.has("policy"):
            yield from policy.rows(v.arn, "inline", str(block.get("name", "inline")), block.policy("policy"))
    for arn in v.refs("managed_policy_arns") or ():
        yield attachment(v.arn, arn)
    yield from tags(v)


@shapes("aws_iam_user", call=IAM)
def user(v: Values) -> Iterator[Row]:
    yield "principals", principal(v, "user")
    yield from tags(v)


@shapes("aws_iam_group", call=IAM)
def group(v: Values) -> Iterator[Row]:
    yield "principals", principal(v, "group")


def principal(v: Values, kind: str) -> dict[str, Any]:
    return {
        "arn": v.arn,
        "type": kind,
        "name": v.text("name") or identity(v.resource, "name"),
        "unique_id": v.text("unique_id"),
        "path": v.text("path", "/"),
        "boundary_arn": v.ref("permissions_boundary"),
        "service_linked": False,
    }


@shapes("aws_iam_policy", call=IAM)
def managed_policy(v: Values) -> Iterator[Row]:
    name = v.text("name") or identity(v.resource, "name")
    yield "managed_policies", {"arn": v.arn, "name": name, "aws_managed": False}
    yield from policy.rows(v.arn, "managed", name, v.policy("policy"))
    yield from tags(v)


@shapes("aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy", call=IAM)
def inline_policy(v: Values) -> Iterator[Row]:
    kind = v.resource.type.split("_")[2]
    holder = holder_arn(v, kind, kind)
    if holder is not None:
        yield from policy.rows(holder, "inline", v.text("name") or v.resource.label, v.policy("policy"))


@shapes("aws_iam_role_policies_exclusive", "aws_iam_role_policy_attachments_exclusive", call=IAM)
def exclusive(v: Values) -> Iterator[Row]:
    """Takes away what other resources do not name: which that is, a plan does not say."""
    v.note("what it takes away", "depends on what is there when it is applied", whole=True)
    yield from ()


@shapes("aws_iam_role_policy_attachment", "aws_iam_user_policy_attachment", "aws_iam_group_policy_attachment", call=IAM)
def one_attachment(v: Values) -> Iterator[Row]:
    kind = v.resource.type.split("_")[2]
    holder, arn = holder_arn(v, kind, kind), v.ref("policy_arn")
    if holder is not None and arn is not None:
        yield attachment(holder, arn)


@shapes("aws_iam_policy_attachment", call=IAM)
def many_attachments(v: Values) -> Iterator[Row]:
    arn = v.ref("policy_arn")
    for kind in HOLDERS:
        for name in v.refs(f"{kind}s") or ():
            if arn is not None:
                yield attachment(v.principal(kind, name), arn)


@shapes("aws_iam_group_membership", call=IAM)
def membership(v: Values) -> Iterator[Row]:
    group_name = v.ref("group")
    for name in v.refs("users") or ():
        yield "group_members", {"user_arn": v.principal("user", name), "group_name": group_name}


@shapes("aws_iam_user_group_membership", call=IAM)
def user_membership(v: Values) -> Iterator[Row]:
    holder = holder_arn(v, "user", "user")
    for name in v.refs("groups") or ():
        if holder is not None:
            yield "group_members", {"user_arn": holder, "group_name": name}


@shapes("aws_iam_instance_profile", call=IAM)
def instance_profile(v: Values) -> Iterator[Row]:
    carried = holder_arn(v, "role", "role") if v.has("role") else None
    yield "instance_profiles", {"arn": v.arn, "name": v.text("name") or v.resource.label, "role_arn": carried}


@shapes("aws_iam_openid_connect_provider", call="iam.list_open_id_connect_providers")
def oidc_provider(v: Values) -> Iterator[Row]:
    v.text("url", whole=True)  # its ARN has it
    yield "identity_providers", {"arn": v.arn, "type": "oidc"}


@shapes("aws_iam_saml_provider", call="iam.list_saml_providers")
def saml_provider(v: Values) -> Iterator[Row]:
    yield "identity_providers", {"arn": v.arn, "type": "saml"}


def attachment(holder: str, arn: str) -> Row:
    return "policy_attachments", {"principal_arn": holder, "policy_arn": arn, "policy_name": arn.rpartition("/")[2]}


def holder_arn(v: Values, name: str, kind: str) -> str | None:
    """The ARN of the role, user or group that an attribute names, by name."""
    found = v.target(name)
    if found is not None and found.type == f"aws_iam_{kind}":
        return identity(found, "arn")
    named = v.ref(name)
    if named is None or named.startswith("arn:"):
        return named
    return v.principal(kind, named)
