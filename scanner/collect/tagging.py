"""The tagging API: every resource that carries, or once carried, a tag - of all services that take part in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from scanner.collect.api import Api, Call, tag_rows
from scanner.policy import Row

SCOPE = "region"
CALLS = (Call("resourcegroupstaggingapi.get_resources", ("tagged_resources", "tags"), "tag:GetResources"),)

# `type/id`, `type:id`, or `/type/id` as API Gateway writes it.
_TYPED = re.compile(r"/?([^:/]+)[:/].")
# The resource part of these ARNs is a name, which may look typed.
UNTYPED = frozenset({"s3", "sns", "sqs"})


def fetch(api: Api) -> Iterator[Row]:
    for resource in api.list("resourcegroupstaggingapi.get_resources", "ResourceTagMappingList"):
        yield "tagged_resources", resource_row(resource)
        yield from tag_rows(resource["ResourceARN"], resource.get("Tags"))


def resource_row(resource: dict[str, Any]) -> dict[str, Any]:
    arn = resource["ResourceARN"]
    service, resource_type = service_and_type(arn)
    return {"arn": arn, "service": service, "resource_type": resource_type}


def service_and_type(arn: str) -> tuple[str | None, str | None]:
    """Return the service of an ARN and the type in its resource part, such as `ec2` and `instance`."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return None, None
    service = parts[2]
    typed = None if service in UNTYPED else _TYPED.match(parts[5])
    return service, typed.group(1) if typed else None
