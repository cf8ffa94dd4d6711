from __future__ import annotations

from scanner.collect import ec2_gateways
from tests.collect.answers.ec2_gateways import ANSWERS, BALANCER
from tests.collect.fake import read, table_of


def test_ranges_that_aws_hides_are_a_gap() -> None:
    active, pending = table_of(read(ec2_gateways, ANSWERS), "vpc_peerings")
    assert active["status"] == "active"
    assert active["requester_cidrs"] == ["10.0.0.0/16", "10.1.0.0/16", "2600:1f00::/56"]
    assert active["accepter_cidrs"] == ["10.2.0.0/16"]
    assert active["accepter_region"] == "us-east-1"
    assert pending["accepter_cidrs"] is None
    assert pending["accepter_region"] is None


def test_a_detached_gateway_has_a_row_without_vpc() -> None:
    gateways = table_of(read(ec2_gateways, ANSWERS), "internet_gateways")
    assert [(row["gateway_id"], row["type"], row["vpc_id"], row["state"]) for row in gateways] == [
        ("igw-1", "internet", "vpc-1", "available"),
        ("igw-2", "internet", None, None),
        ("eigw-1", "egress_only", "vpc-1", "attached"),
        ("vgw-1", "vpn", "vpc-1", "attached"),
    ]


def test_a_nat_gateway_with_a_public_address_is_public() -> None:
    private, old = table_of(read(ec2_gateways, ANSWERS), "nat_gateways")
    assert (private["connectivity"], private["public_ips"]) == ("private", [])
    assert (old["connectivity"], old["public_ips"]) == ("public", ["3.3.3.6"])


def test_endpoints_and_the_services_offered() -> None:
    rows = read(ec2_gateways, ANSWERS)
    (endpoint,) = table_of(rows, "vpc_endpoints")
    assert (endpoint["subnet_ids"], endpoint["route_table_ids"]) == (["subnet-1"], [])
    assert (endpoint["group_ids"], endpoint["eni_ids"]) == (["sg-1"], ["eni-8"])
    (service,) = table_of(rows, "endpoint_services")
    assert (service["acceptance_required"], service["load_balancer_arns"]) == (False, [BALANCER])
