"""What resource policies guard: KMS keys, secrets, queues, topics, functions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner import policy
from scanner.gate.identity import identity
from scanner.gate.planned import Planned
from scanner.gate.shape import patch, shapes
from scanner.gate.shape.resource_policies import attached
from scanner.gate.shape.tagged import tags
from scanner.gate.values import Values
from scanner.policy import Row

KEYS = "kms.get_key_policy"


@shapes("aws_kms_key", call=KEYS)
def key(v: Values) -> Iterator[Row]:
    """A key. One without a policy of its own has that of AWS, which leaves it to the account's IAM.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    root = v.arn_of("iam", "root", region="")
    default = {"Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"}
    document: Any = {"Version": "2012-10-17", "Statement": [default]}
    if v.set("policy"):
        document = v.policy("policy")
    fresh: dict[str, Any] = {"manager": "CUSTOMER", "origin": "AWS_KMS", "aliases": []}
    enabled = "Enabled" if v.get("is_enabled", True) else "Disabled"
    yield (
        "kms_keys",
        {
            "arn": v.arn,
            "key_id": v.id,
            "state": enabled,
            "multi_region": v.get("multi_region", False),
            "policy_read": document is not None,
            **(fresh if v.is_new else {}),
        },
    )
    yield from policy.rows(v.arn, "resource", "", document)
    yield from tags(v)


@shapes("aws_kms_key_policy", call=KEYS)
def key_policy(v: Values) -> Iterator[Row]:
    named, found = v.ref("key_id"), v.target("key_id")
    if named is None:
        return
    arn = named if named.startswith("arn:") else v.arn_of("kms", f"key/{named}")
    if found is not None:
        arn = identity(found, "arn")
    yield from attached(v, "kms_keys", arn)


@shapes("aws_secretsmanager_secret", call="secretsmanager.list_secrets")
def secret(v: Values) -> Iterator[Row]:
    row = {"name": v.text("name") or v.resource.label, "description": v.text("description")}
    fresh: dict[str, Any] = {"rotation": False} if v.is_new else {}
    yield from guarded(v, "secrets", {**row, "kms_key": v.key("kms_key_id"), **fresh})


@shapes("aws_secretsmanager_secret_policy", call="secretsmanager.get_resource_policy")
def secret_policy(v: Values) -> Iterator[Row]:
    yield from attached(v, "secrets", v.ref("secret_arn"))


@shapes("aws_secretsmanager_secret_rotation", call="secretsmanager.list_secrets")
def rotation(v: Values) -> Iterator[Row]:
    arn = v.ref("secret_id")
    if arn is not None:
        yield patch("secrets", {"arn": arn, "rotation": not v.gone})


@shapes("aws_sqs_queue", call="sqs.get_queue_attributes")
def queue(v: Values) -> Iterator[Row]:
    yield from guarded(v, "queues", {"name": v.text("name") or v.resource.label, "kms_key": v.key("kms_master_key_id")})


@shapes("aws_sns_topic", call="sns.get_topic_attributes")
def topic(v: Values) -> Iterator[Row]:
    yield from guarded(v, "topics", {"name": v.text("name") or v.resource.label, "kms_key": v.key("kms_master_key_id")})


def guarded(v: Values, table: str, columns: dict[str, Any]) -> Iterator[Row]:
    """A secret, queue or topic with the policy it is created with; without one only its owner may use it."""
    document = v.policy("policy") if v.set("policy") else None
    unread = v.set("policy") and v.has("policy") and document is None
    read = {"policy_read": not unread} if v.is_new or v.set("policy") else {}
    yield table, {"arn": v.arn, **columns, **read}
    if document:
        yield from policy.rows(v.arn, "resource", "", document)
    yield from tags(v)


@shapes("aws_sqs_queue_policy", call="sqs.get_queue_attributes")
def queue_policy(v: Values) -> Iterator[Row]:
    url, found = v.ref("queue_url"), v.target("queue_url")
    arn = identity(found, "arn") if found else url and v.arn_of("sqs", url.rpartition("/")[2])
    yield from attached(v, "queues", arn)


@shapes("aws_sns_topic_policy", call="sns.get_topic_attributes")
def topic_policy(v: Values) -> Iterator[Row]:
    yield from attached(v, "topics", v.ref("arn"))


@shapes("aws_lambda_permission", call="lambda.get_policy")
def permission(v: Values) -> Iterator[Row]:
    """One statement of a function's policy. The others are not known here, so the policy as a whole is not."""
    arn = function_arn(v, v.ref("function_name"), v.target("function_name"))
    if arn is None:
        return
    principal = v.text("principal")
    kind = "Service" if principal and principal.endswith(".amazonaws.com") else "AWS"
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Action": v.text("action", "lambda:InvokeFunction"),
        "Principal": principal if principal == "*" else {kind: principal},
        "Resource": arn,
    }
    conditions = {"AWS:SourceArn": v.ref("source_arn"), "AWS:SourceAccount": v.text("source_account")}
    conditions |= {"aws:PrincipalOrgID": v.text("principal_org_id")}
    if said := {name: value for name, value in conditions.items() if value}:
        statement["Condition"] = {
            "ArnLike" if "Arn" in name else "StringEquals": {name: value} for name, value in said.items()
        }
    name = v.text("statement_id") or v.resource.label
    narrowing = zip(("source_arn", "source_account", "principal_org_id"), conditions.values(), strict=True)
    unclear = principal is None or any(v.has(narrowed) and value is None for narrowed, value in narrowing)
    yield from policy.rows(arn, "resource", name, None if unclear else {"Statement": [statement]})
    yield patch("compute", {"arn": ":".join(arn.split(":")[:7])})  # without version or alias


@shapes("aws_lambda_function_url", call="lambda.get_policy")
def function_url(v: Values) -> Iterator[Row]:
    """The address of a function. One that asks for no signature comes with a statement that lets everybody in.

    https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
    """
    arn = function_arn(v, v.ref("function_name"), v.target("function_name"))
    if v.text("authorization_type", whole=True) != "NONE" or arn is None:
        return
    condition = {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}
    statement = {
        "Effect": "Allow",
        "Action": "lambda:InvokeFunctionUrl",
        "Principal": "*",
        "Resource": arn,
        "Condition": condition,
    }
    yield from policy.rows(arn, "resource", "FunctionURLAllowPublicAccess", {"Statement": [statement]})
    yield patch("compute", {"arn": ":".join(arn.split(":")[:7])})


def function_arn(v: Values, named: str | None, found: Planned | None) -> str | None:
    if found is not None:
        return identity(found, "arn")
    if named is None or named.startswith("arn:"):
        return named
    return v.arn_of("lambda", f"function:{named}")
