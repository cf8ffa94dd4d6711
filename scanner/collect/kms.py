"""KMS: keys, their aliases, and the policies of those the account manages itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from scanner import policy
from scanner.collect.api import Api, Call
from scanner.collect.reading import known, whole
from scanner.policy import Row

SCOPE = "region"
CALLS = (
    Call("kms.list_keys", ("kms_keys",)),
    Call("kms.list_aliases", ("kms_keys",)),
    Call("kms.describe_key", ("kms_keys",)),
    Call("kms.get_key_policy", ("kms_keys", "policy_documents", "policy_statements")),
)


def fetch(api: Api) -> Iterator[Row]:
    keys = list(api.list("kms.list_keys", "Keys"))
    aliases = aliases_by_key(whole(api, "kms.list_aliases", "Aliases")) if keys else None
    for key in keys:
        key_id = key["KeyId"]
        names = None if aliases is None else sorted(aliases.get(key_id, ()))
        yield from _key(api, key_id, key.get("KeyArn") or api.arn("kms", f"key/{key_id}"), names)


def _key(api: Api, key_id: str, arn: str, aliases: list[str] | None) -> Iterator[Row]:
    metadata = (known(api.get("kms.describe_key", KeyId=key_id)) or {}).get("KeyMetadata") or {}
    row = {"arn": arn, "key_id": key_id, "aliases": aliases, **key_columns(metadata)}
    if metadata.get("KeyManager") == "AWS":
        # AWS writes these policies, the same in every account: the service may use the key for this account.
        yield "kms_keys", {**row, "policy_read": True}
        return
    answer = known(api.get("kms.get_key_policy", KeyId=key_id, PolicyName="default"))
    document = (answer or {}).get("Policy")
    yield "kms_keys", {**row, "policy_read": document is not None}
    if document is not None:
        yield from policy.rows(arn, "resource", "", document)


def aliases_by_key(aliases: list[dict[str, Any]] | None) -> dict[str, list[str]] | None:
    """Group alias names by key id; None stays None. Aliases that AWS reserves have no key yet."""
    if aliases is None:
        return None
    grouped = defaultdict(list)
    for alias in aliases:
        if alias.get("TargetKeyId"):
            grouped[alias["TargetKeyId"]].append(alias["AliasName"])
    return grouped


def key_columns(metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "manager": metadata.get("KeyManager"),
        "state": metadata.get("KeyState"),
        "origin": metadata.get("Origin"),
        "multi_region": metadata.get("MultiRegion"),
    }
