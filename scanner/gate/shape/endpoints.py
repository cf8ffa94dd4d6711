"""VPC endpoints, what joins them, and endpoint services."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.gate.shape import Added, Removed, patch, shapes
from scanner.gate.values import Values
from scanner.policy import Row

ENDPOINTS = "ec2.describe_vpc_endpoints"
JOINED = {
    "aws_vpc_endpoint_route_table_association": ("route_table_id", "route_table_ids"),
    "aws_vpc_endpoint_security_group_association": ("security_group_id", "group_ids"),
    "aws_vpc_endpoint_subnet_association": ("subnet_id", "subnet_ids"),
}
"""What an association names, and the list of the endpoint that it joins."""


@shapes("aws_vpc_endpoint", call=ENDPOINTS)
def endpoint(v: Values) -> Iterator[Row]:
    yield (
        "vpc_endpoints",
        {
            "endpoint_id": v.id,
            "arn": v.arn,
            "vpc_id": v.ref("vpc_id"),
            "type": v.text("vpc_endpoint_type", "Gateway"),
            "service_name": v.ref("service_name"),
            "state": "available",
            "owner_id": v.account,
            "subnet_ids": v.refs("subnet_ids"),
            "route_table_ids": v.refs("route_table_ids"),
            "group_ids": v.refs("security_group_ids"),
            "eni_ids": v.refs("network_interface_ids") or [],
        },
    )


@shapes("aws_vpc_endpoint_service", call="ec2.describe_vpc_endpoint_service_configurations")
def endpoint_service(v: Values) -> Iterator[Row]:
    balancers = (v.refs("network_load_balancer_arns") or []) + (v.refs("gateway_load_balancer_arns") or [])
    yield (
        "endpoint_services",
        {
            "service_id": v.id,
            "service_name": v.other("service_name"),
            "acceptance_required": v.get("acceptance_required"),
            "load_balancer_arns": balancers,
        },
    )


@shapes(*JOINED, call=ENDPOINTS)
def association(v: Values) -> Iterator[Row]:
    """What joins an endpoint. The route to a gateway endpoint leads to a prefix list of AWS: to nobody's workload."""
    name, column = JOINED[v.resource.type]
    endpoint, joined = v.ref("vpc_endpoint_id"), v.ref(name)
    if endpoint is None or joined is None:
        return
    yield patch("vpc_endpoints", {"endpoint_id": endpoint, column: Removed((joined,)) if v.gone else Added((joined,))})
