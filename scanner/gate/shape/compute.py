"""What computes or answers: instances and interfaces, functions, container services, Kubernetes clusters, load balancers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from scanner.gate.shape import shapes
from scanner.gate.shape.fleets import INSTANCES, INTERFACES, cluster_group, instance_profile
from scanner.gate.shape.network import name_tag
from scanner.gate.shape.tagged import tags
from scanner.gate.values import Values
from scanner.policy import Row


@shapes("aws_instance", call=INSTANCES)
def instance(v: Values) -> Iterator[Row]:
    groups = "security_groups" if v.given("security_groups") and v.is_new else "vpc_security_group_ids"
    yield (
        "instances",
        {
            "instance_id": v.id,
            "arn": v.arn,
            "name": name_tag(v),
            "state": "running",
            "vpc_id": None,
            "subnet_id": v.ref("subnet_id"),
            "private_ip": v.text("private_ip"),
            "public_ip": v.text("public_ip"),
            "group_ids": [] if v.given("network_interface") else v.groups(groups),
            "instance_profile_arn": instance_profile(v, "iam_instance_profile"),
        },
    )
    yield from tags(v)


@shapes("aws_network_interface", call=INTERFACES)
def interface(v: Values) -> Iterator[Row]:
    yield (
        "network_interfaces",
        {
            "eni_id": v.id,
            "arn": v.arn,
            "vpc_id": None,
            "subnet_id": v.ref("subnet_id"),
            "owner_id": v.account,
            "description": v.text("description"),
            "interface_type": "interface",
            "status": "available",
            "private_ips": v.texts("private_ips"),
            "public_ips": [],
            "ipv6_ips": v.texts("ipv6_addresses"),
            "group_ids": v.groups("security_groups"),
            "source_dest_check": v.get("source_dest_check", True),
        },
    )
    yield from tags(v)


@shapes("aws_lambda_function", call="lambda.list_functions")
def function(v: Values) -> Iterator[Row]:
    place = connecting(v, "vpc_config", "subnet_ids", "security_group_ids")
    read = {"policy_read": True} if v.is_new else {}
    yield working(
        v.arn, v.text("function_name") or v.resource.label, "function", "Active", place, role_arn=v.ref("role"), **read
    )
    yield from tags(v)


@shapes("aws_ecs_cluster", call="resourcegroupstaggingapi.get_resources")
def cluster(v: Values) -> Iterator[Row]:
    v.text("name")  # the ARNs of its services hang on it
    yield from tags(v)


@shapes("aws_ecs_service", call="ecs.describe_services")
def service(v: Values) -> Iterator[Row]:
    """A service. Its tasks have a network of their own where one is configured; else they use that of the instances they run on."""
    cluster, name = v.ref("cluster") or "default", v.text("name") or v.resource.label
    arn = v.id if v.id.startswith("arn:") else v.arn_of("ecs", f"service/{cluster.rpartition('/')[2]}/{name}")
    place = connecting(v, "network_configuration", "subnets", "security_groups")
    yield working(arn, name, "container_service", "ACTIVE", place)
    yield from tags(v, arn)


@shapes("aws_eks_cluster", call="eks.describe_cluster")
def kubernetes_cluster(v: Values) -> Iterator[Row]:
    """A cluster, and the group that AWS makes with it."""
    inside = v.block("vpc_config")
    place: Place = (inside.refs("subnet_ids"), inside.refs("security_group_ids")) if inside else (None, None)
    name = v.text("name") or v.resource.label
    yield working(v.arn, name, "kubernetes_cluster", "ACTIVE", place, role_arn=v.ref("role_arn"))
    yield from cluster_group(v)
    yield from tags(v)


@shapes("aws_lb", "aws_alb", call="elbv2.describe_load_balancers")
def balancer(v: Values) -> Iterator[Row]:
    # Only these get the default group; others may do without any.
    yield from answering(v, v.groups if v.text("load_balancer_type", "application") == "application" else v.refs)


@shapes("aws_elb", call="elb.describe_load_balancers")
def classic_balancer(v: Values) -> Iterator[Row]:
    yield from answering(v, v.refs)


def answering(v: Values, groups: Callable[[str], list[str] | None]) -> Iterator[Row]:
    name, public = v.text("name") or v.resource.label, not v.get("internal", False)
    yield working(
        v.arn, name, "load_balancer", "active", (v.refs("subnets"), groups("security_groups")), is_public=public
    )
    yield from tags(v)


Place = tuple[list[str] | None, list[str] | None]
"""Subnets and groups; None where they are not known."""


def working(arn: str, name: str, kind: str, status: str, place: Place, **more: Any) -> Row:
    """A row of `compute`. Its VPC follows from its subnets."""
    where = {"vpc_id": None, "subnet_ids": place[0], "group_ids": place[1]}
    return "compute", {
        "arn": arn,
        "name": name,
        "type": kind,
        "status": status,
        "role_arn": None,
        "is_public": None,
        **where,
        **more,
    }


def connecting(v: Values, block: str, subnets: str, groups: str) -> Place:
    """The place of something that opens connections from interfaces of its own: where it is not known, these are not known either."""
    for reader in (v.read_by(INTERFACES), v):
        inside = reader.block(block)
        place: Place = (inside.refs(subnets), inside.groups(groups, told=False)) if inside else ([], [])
    return place
