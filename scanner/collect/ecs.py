"""ECS: services of every cluster, where their tasks run, and their tags."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.collect.api import Api, Call, tag_rows
from scanner.collect.reading import known
from scanner.policy import Row

SCOPE = "region"
CALLS = (
    Call("ecs.list_clusters", ("compute",)),
    Call("ecs.list_services", ("compute",)),
    Call("ecs.describe_services", ("compute", "tags")),
)
AT_ONCE = 10
"""Services that one request may name.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html"""


def fetch(api: Api) -> Iterator[Row]:
    for cluster in api.list("ecs.list_clusters", "clusterArns"):
        services = list(api.list("ecs.list_services", "serviceArns", cluster=cluster))
        for first in range(0, len(services), AT_ONCE):
            some = services[first : first + AT_ONCE]
            answer = api.get("ecs.describe_services", cluster=cluster, services=some, include=["TAGS"])
            for service in (known(answer) or {}).get("services") or ():
                yield "compute", service_row(service)
                yield from tag_rows(service["serviceArn"], service.get("tags"))


def service_row(service: dict[str, Any]) -> dict[str, Any]:
    """Shape a service. It does not know its VPC, its subnets do; with bridge or host networking it has none of its own."""
    network = (service.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}
    return {
        "arn": service["serviceArn"],
        "name": service.get("serviceName"),
        "type": "container_service",
        "status": service.get("status"),
        "vpc_id": None,
        "subnet_ids": network.get("subnets") or [],
        "group_ids": network.get("securityGroups") or [],
        "role_arn": None,
        "is_public": None,
    }
