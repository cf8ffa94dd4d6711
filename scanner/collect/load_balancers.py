"""Load balancers of all generations and where they stand. Tags come from the tagging API, which knows them all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.collect.api import Api, Call
from scanner.collect.reading import ids
from scanner.policy import Row

SCOPE = "region"
CALLS = (
    Call("elbv2.describe_load_balancers", ("compute",), "elasticloadbalancing:DescribeLoadBalancers"),
    Call("elb.describe_load_balancers", ("compute",), "elasticloadbalancing:DescribeLoadBalancers"),
)


def fetch(api: Api) -> Iterator[Row]:
    for balancer in api.list("elbv2.describe_load_balancers", "LoadBalancers"):
        yield "compute", balancer_row(balancer)
    for balancer in api.list("elb.describe_load_balancers", "LoadBalancerDescriptions"):
        arn = api.arn("elasticloadbalancing", f"loadbalancer/{balancer['LoadBalancerName']}")
        yield "compute", classic_row(balancer, arn)


def balancer_row(balancer: dict[str, Any]) -> dict[str, Any]:
    """Shape an application, network or gateway load balancer; the last has no scheme and faces nobody."""
    return {
        "arn": balancer["LoadBalancerArn"],
        "name": balancer.get("LoadBalancerName"),
        "type": "load_balancer",
        "status": (balancer.get("State") or {}).get("Code"),
        "vpc_id": balancer.get("VpcId"),
        "subnet_ids": ids(balancer.get("AvailabilityZones"), "SubnetId"),
        "group_ids": balancer.get("SecurityGroups") or [],
        "role_arn": None,
        "is_public": balancer.get("Scheme") == "internet-facing",
    }


def classic_row(balancer: dict[str, Any], arn: str) -> dict[str, Any]:
    return {
        "arn": arn,
        "name": balancer.get("LoadBalancerName"),
        "type": "load_balancer",
        "status": None,
        "vpc_id": balancer.get("VPCId") or None,
        "subnet_ids": balancer.get("Subnets") or [],
        "group_ids": balancer.get("SecurityGroups") or [],
        "role_arn": None,
        "is_public": balancer.get("Scheme") == "internet-facing",
    }
