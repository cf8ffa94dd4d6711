from __future__ import annotations

from scanner.collect import transit_gateways
from tests.collect.answers.transit_gateways import ANSWERS
from tests.collect.fake import Fake, api, read, table_of

TABLES = "transit_gateway_route_tables"


def test_default_tables_count_only_while_they_are_used() -> None:
    own, shared = table_of(read(transit_gateways, ANSWERS), "transit_gateways")
    assert (own["default_association_table_id"], own["default_propagation_table_id"]) == ("tgw-rtb-1", None)
    assert (own["security_group_referencing"], shared["security_group_referencing"]) == (True, None)


def test_attachments_join_what_two_calls_say() -> None:
    vpc, peering = table_of(read(transit_gateways, ANSWERS), "transit_gateway_attachments")
    assert (vpc["association_table_id"], vpc["association_state"]) == ("tgw-rtb-1", "associated")
    assert (vpc["subnet_ids"], vpc["security_group_referencing"]) == (["subnet-1", "subnet-2"], False)
    assert (peering["resource_id"], peering["subnet_ids"]) == ("tgw-far", None)


def test_routes_over_equal_paths_have_a_row_each() -> None:
    routes = table_of(read(transit_gateways, ANSWERS), "transit_gateway_routes")
    assert [(row["destination"], row["prefix_list_id"], row["state"], row["attachment_id"]) for row in routes] == [
        ("10.0.0.0/16", None, "active", "tgw-attach-1"),
        ("10.0.0.0/16", None, "active", "tgw-attach-3"),
        ("10.66.0.0/16", None, "blackhole", None),
        (None, "pl-own", "active", "tgw-attach-2"),
    ]


def test_cut_off_and_unread_routes_are_no_complete_tables() -> None:
    tables = table_of(read(transit_gateways, ANSWERS), TABLES)
    assert [row["routes_complete"] for row in tables] == [False, True, None]
    tables = table_of(read(transit_gateways, ANSWERS, "ec2.search_transit_gateway_routes"), TABLES)
    assert [row["routes_complete"] for row in tables] == [None, None, None]


def test_route_tables_are_asked_for_where_a_gateway_is_owned_or_none_could_be_listed() -> None:
    shared = {"ec2.describe_transit_gateways": {"TransitGateways": [{"TransitGatewayId": "t", "OwnerId": "9"}]}}
    source = Fake(shared)
    list(transit_gateways.fetch(api(transit_gateways, source)))
    assert "ec2.describe_transit_gateway_route_tables" not in {name for name, _, _ in source.requests}
    assert table_of(read(transit_gateways, ANSWERS, "ec2.describe_transit_gateways"), TABLES)
