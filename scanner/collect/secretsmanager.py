"""Secrets Manager: metadata, tags and resource policies of secrets. Their values are never read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner import policy
from scanner.collect.api import Api, Call, Unread, moment, tag_rows
from scanner.collect.reading import known
from scanner.policy import Row

SCOPE = "region"
CALLS = (
    Call("secretsmanager.list_secrets", ("secrets", "tags")),
    Call("secretsmanager.get_resource_policy", ("secrets", "policy_documents", "policy_statements")),
)


def fetch(api: Api) -> Iterator[Row]:
    for secret in api.list("secretsmanager.list_secrets", "SecretList"):
        arn = secret["ARN"]
        answer = api.get("secretsmanager.get_resource_policy", SecretId=arn)
        yield "secrets", {**secret_row(secret), "policy_read": not isinstance(answer, Unread)}
        yield from tag_rows(arn, secret.get("Tags"))
        document = (known(answer) or {}).get("ResourcePolicy")
        if document:
            yield from policy.rows(arn, "resource", "", document)


def secret_row(secret: dict[str, Any]) -> dict[str, Any]:
    return {
        "arn": secret["ARN"],
        "name": secret.get("Name"),
        "description": secret.get("Description"),
        "kms_key": secret.get("KmsKeyId"),
        # AWS leaves the member out of secrets that never rotated.
        "rotation": bool(secret.get("RotationEnabled", False)),
        "owning_service": secret.get("OwningService"),
        "last_accessed_at": moment(secret.get("LastAccessedDate")),
    }
