"""RAM: resource shares the account owns, what they share, and with whom.

Principals and resources are listed per owner in one call each, not per share.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.collect.api import Api, Call, tag_rows
from scanner.policy import Row

SCOPE = "region"
CALLS = (
    Call("ram.get_resource_shares", ("resource_shares", "tags")),
    Call("ram.list_resources", ("share_resources",)),
    Call("ram.list_principals", ("share_principals",)),
)


def fetch(api: Api) -> Iterator[Row]:
    for share in api.list("ram.get_resource_shares", "resourceShares", resourceOwner="SELF"):
        yield "resource_shares", share_row(share)
        yield from tag_rows(share["resourceShareArn"], share.get("tags"))
    for resource in api.list("ram.list_resources", "resources", resourceOwner="SELF"):
        yield "share_resources", resource_row(resource)
    for principal in api.list("ram.list_principals", "principals", resourceOwner="SELF"):
        yield "share_principals", principal_row(principal)


def share_row(share: dict[str, Any]) -> dict[str, Any]:
    return {
        "arn": share["resourceShareArn"],
        "name": share.get("name"),
        "owner_id": share.get("owningAccountId"),
        "allows_external": share.get("allowExternalPrincipals"),
        "status": share.get("status"),
    }


def resource_row(resource: dict[str, Any]) -> dict[str, Any]:
    return {
        "share_arn": resource["resourceShareArn"],
        "arn": resource.get("arn"),
        "resource_type": resource.get("type"),
    }


def principal_row(principal: dict[str, Any]) -> dict[str, Any]:
    return {
        "share_arn": principal["resourceShareArn"],
        "principal": principal.get("id"),
        "external": principal.get("external"),
    }
