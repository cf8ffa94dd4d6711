"""EKS: Kubernetes clusters, their network and tags."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.collect.api import Api, Call, tag_rows
from scanner.collect.reading import known
from scanner.policy import Row

SCOPE = "region"
CALLS = (
    Call("eks.list_clusters", ("compute",)),
    Call("eks.describe_cluster", ("compute", "tags")),
)


def fetch(api: Api) -> Iterator[Row]:
    for name in api.list("eks.list_clusters", "clusters"):
        cluster = (known(api.get("eks.describe_cluster", name=name)) or {}).get("cluster") or {}
        arn = cluster.get("arn") or api.arn("eks", f"cluster/{name}")
        yield "compute", {**cluster_row(cluster), "arn": arn, "name": name}
        yield from tag_rows(arn, cluster.get("tags"))


def cluster_row(cluster: dict[str, Any]) -> dict[str, Any]:
    """Shape what describe_cluster says; an empty mapping, when it was not read, leaves where it is open."""
    network = cluster.get("resourcesVpcConfig") or {}
    groups = [*(network.get("securityGroupIds") or ()), network.get("clusterSecurityGroupId")]
    return {
        "type": "kubernetes_cluster",
        "status": cluster.get("status"),
        "vpc_id": network.get("vpcId"),
        "subnet_ids": (network.get("subnetIds") or []) if cluster else None,
        "group_ids": [group for group in groups if group] if cluster else None,
        "role_arn": cluster.get("roleArn"),
        "is_public": None,
    }
