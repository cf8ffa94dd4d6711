from __future__ import annotations

from scanner.collect import ec2_network, ec2_public_access
from tests.collect.answers import ec2_network as network
from tests.collect.answers import ec2_public_access as public_access
from tests.collect.fake import Fake, api, read, table_of


def test_vpcs_name_their_owner() -> None:
    own, shared = table_of(read(ec2_network, network.ANSWERS), "vpcs")
    assert own["arn"] == "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1"
    assert own["name"] == "orders"
    assert shared["arn"] == "arn:aws:ec2:eu-west-1:444455556666:vpc/vpc-shared"
    assert shared["is_default"] is None


def test_ranges_come_from_associations_or_from_the_primary_range() -> None:
    cidrs = table_of(read(ec2_network, network.ANSWERS), "vpc_cidrs")
    assert [(row["vpc_id"], row["cidr"], row["family"], row["state"]) for row in cidrs] == [
        ("vpc-1", "10.0.0.0/16", 4, "associated"),
        ("vpc-1", "10.1.0.0/16", 4, "disassociated"),
        ("vpc-1", "2600:1f00::/56", 6, "associated"),
        ("vpc-shared", "10.9.0.0/16", 4, "associated"),
    ]


def test_subnets_keep_associated_ipv6_ranges_only() -> None:
    own, shared = table_of(read(ec2_network, network.ANSWERS), "subnets")
    assert own["ipv6_cidrs"] == ["2600:1f00::/64"]
    assert own["zone_id"] == "euw1-az1"
    assert shared["arn"] == "arn:aws:ec2:eu-west-1:444455556666:subnet/subnet-shared"
    assert shared["ipv6_cidrs"] == []
    assert shared["map_public_ip"] is None


def test_interfaces_list_the_primary_address_first() -> None:
    database, instance = table_of(read(ec2_network, network.ANSWERS), "network_interfaces")
    assert database["private_ips"] == ["10.0.1.7", "10.0.1.8"]
    assert database["public_ips"] == ["3.3.3.3", "3.3.3.4"]
    assert database["attachment_owner_id"] == "amazon-rds"
    assert database["instance_id"] is None
    assert instance["instance_id"] == "i-1"
    assert instance["private_ips"] == ["10.0.1.9"]
    assert instance["group_ids"] == []


def test_exclusions_are_asked_for_only_under_a_block() -> None:
    blocked = read(ec2_public_access, public_access.ANSWERS)
    assert table_of(blocked, "public_access_exclusions")[0]["mode"] == "allow-egress"
    options = {"VpcBlockPublicAccessOptions": {"InternetGatewayBlockMode": "off"}}
    source = Fake({"ec2.describe_vpc_block_public_access_options": options})
    rows = list(ec2_public_access.fetch(api(ec2_public_access, source)))
    assert ("public_access_blocks", {"mode": "off"}) in rows
    assert "ec2.describe_vpc_block_public_access_exclusions" not in {call for call, _, _ in source.requests}


def test_an_unread_block_has_no_row() -> None:
    refused = [call.name for call in ec2_public_access.CALLS]
    assert read(ec2_public_access, public_access.ANSWERS, *refused) == []
