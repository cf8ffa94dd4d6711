from __future__ import annotations

from scanner.collect import ec2_rules
from tests.collect.answers.ec2_rules import ANSWERS
from tests.collect.fake import Fake, api, read, table_of


def test_every_kind_of_route_target_is_told_apart() -> None:
    routes = table_of(read(ec2_rules, ANSWERS), "routes")
    assert [(row["destination_type"], row["target_type"], row["target_id"]) for row in routes] == [
        ("ipv4", "local", "local"),
        ("ipv6", "local", "local"),
        ("ipv4", "internet_gateway", "igw-1"),
        ("ipv6", "egress_only_gateway", "eigw-1"),
        ("ipv4", "peering", "pcx-1"),
        ("ipv4", "transit_gateway", "tgw-1"),
        ("ipv4", "nat_gateway", "nat-1"),
        ("ipv4", "vpn_gateway", "vgw-1"),
        ("ipv4", "network_interface", "eni-1"),
        ("ipv4", "core_network", "arn:aws:networkmanager::1:core-network/core-1"),
        ("ipv4", "none", None),
        ("prefix_list", "vpc_endpoint", "vpce-1"),
    ]


def test_the_main_association_is_a_flag_and_not_a_row() -> None:
    rows = read(ec2_rules, ANSWERS)
    assert [row["is_main"] for row in table_of(rows, "route_tables")] == [True]
    associations = table_of(rows, "route_table_associations")
    assert [(row["subnet_id"], row["gateway_id"]) for row in associations] == [("subnet-1", None), (None, "igw-1")]


def test_a_rule_has_one_row_a_peer() -> None:
    rules = table_of(read(ec2_rules, ANSWERS), "security_group_rules")
    assert [(row["direction"], row["peer_type"], row["peer"]) for row in rules] == [
        ("ingress", "ipv4", "10.0.0.0/16"),
        ("ingress", "ipv4", "10.2.0.0/16"),
        ("ingress", "ipv6", "::/0"),
        ("ingress", "prefix_list", "pl-own"),
        ("ingress", "group", "sg-2"),
        ("ingress", "group", "sg-9"),
        ("ingress", "ipv4", "0.0.0.0/0"),
        ("egress", "ipv4", "0.0.0.0/0"),
    ]
    far = rules[5]
    assert (far["peer_account_id"], far["peer_vpc_id"], far["peering_id"]) == ("444455556666", "vpc-9", "pcx-1")


def test_all_ports_are_null() -> None:
    rules = table_of(read(ec2_rules, ANSWERS), "security_group_rules")
    assert [(row["protocol"], row["from_port"], row["to_port"]) for row in rules[-2:]] == [
        ("icmp", 8, None),
        ("-1", None, None),
    ]


def test_network_acl_entries() -> None:
    rows = read(ec2_rules, ANSWERS)
    inward, echo, last = table_of(rows, "network_acl_entries")
    assert (inward["direction"], inward["from_port"], inward["to_port"], inward["family"]) == ("ingress", 443, 443, 4)
    assert (echo["direction"], echo["cidr"], echo["family"], echo["icmp_type"]) == ("egress", "::/0", 6, 128)
    assert (last["number"], last["action"], last["from_port"]) == (32767, "deny", None)
    assert table_of(rows, "network_acl_associations") == [{"acl_id": "acl-1", "subnet_id": "subnet-1"}]


def test_prefix_lists_of_aws_are_read_where_something_names_them() -> None:
    source = Fake(ANSWERS)
    rows = list(ec2_rules.fetch(api(ec2_rules, source)))
    lists = [(row["prefix_list_id"], row["cidr"], row["entries_read"]) for row in table_of(rows, "prefix_lists")]
    assert lists == [
        ("pl-own", "192.0.2.0/24", True),
        ("pl-own", "198.51.100.0/24", True),
        ("pl-empty", None, True),
        ("pl-s3", "52.92.0.0/17", True),
        ("pl-unused", None, False),
    ]
    asked = {params["PrefixListId"] for name, _, params in source.requests if "PrefixListId" in params}
    assert asked == {"pl-own", "pl-empty", "pl-s3"}


def test_unread_entries_are_not_an_empty_list() -> None:
    lists = table_of(read(ec2_rules, ANSWERS, "ec2.get_managed_prefix_list_entries"), "prefix_lists")
    assert [row["entries_read"] for row in lists] == [False] * 4
    assert [row["cidr"] for row in lists] == [None] * 4
