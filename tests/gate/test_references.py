"""What a value known after apply only comes from: exactly one resource, or nothing is guessed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scanner.gate import accounts, plan
from scanner.gate.plan import Plan
from scanner.gate.planned import Planned, Unread
from scanner.gate.shape import rows
from tests.gate import small

PLANS = Path(__file__).parent / "plans"


@pytest.fixture(scope="module")
def estate() -> Plan:
    found = plan.read(PLANS / "estate_new.json")
    accounts.place(found, {})
    return found


def resource(found: Plan, address: str) -> Planned:
    return next(one for one in found.resources if one.address == address)


def shaped(found: Plan, address: str, unread: list[Unread] | None = None) -> list[tuple[str, dict[str, Any]]]:
    return list(rows(resource(found, address), "after", found.references, [] if unread is None else unread))


def test_of_the_same_module(estate: Plan) -> None:
    made = dict(shaped(estate, 'module.network["checkout"].aws_subnet.private[0]'))
    assert made["subnets"]["vpc_id"] == 'module.network["checkout"].aws_vpc.this'


def test_through_an_output_and_a_variable(estate: Plan) -> None:
    made = dict(shaped(estate, "module.service.aws_security_group.app"))
    assert made["security_groups"]["vpc_id"] == 'module.network["checkout"].aws_vpc.this'


def test_a_splat_is_all_and_an_index_its_own(estate: Plan) -> None:
    made = shaped(estate, 'module.network["checkout"].aws_network_acl.private')
    names = [row["subnet_id"] for table, row in made if table == "network_acl_associations"]
    assert names == [f'module.network["checkout"].aws_subnet.private[{n}]' for n in (0, 1)]
    made = shaped(estate, 'module.network["checkout"].aws_route_table_association.private[1]')
    assert made[0][1]["subnet_id"] == 'module.network["checkout"].aws_subnet.private[1]'


def test_the_gateway_of_a_route_says_what_it_is(estate: Plan) -> None:
    made = shaped(estate, 'module.network["catalog"].aws_route_table.private')
    route = next(row for table, row in made if table == "routes")
    assert (route["target_type"], route["target_id"]) == (
        "internet_gateway",
        'module.network["catalog"].aws_internet_gateway.this',
    )


def test_nested_blocks_are_told_apart_by_their_constants(estate: Plan) -> None:
    unread: list[Unread] = []
    made = shaped(estate, "module.service.aws_security_group.db", unread)
    peers = {(row["peer_type"], row["peer"]) for table, row in made if table == "security_group_rules"}
    assert peers == {("group", "module.service.aws_security_group.app"), ("ipv4", "10.80.1.0/24")}
    assert unread == []


def test_a_policy_document_is_put_together_before_it_is_read(estate: Plan) -> None:
    made = shaped(estate, "module.service.aws_iam_role.reader")
    principals = [row["value"] for table, row in made if table == "statement_principals"]
    assert principals == ["arn:aws:iam::953871371665:role/gate-app"]


@pytest.mark.parametrize(
    "references",
    [
        ["local.vpc"],
        ["each.value"],
        ["aws_vpc.one.id", "aws_vpc.one", "aws_vpc.two.id", "aws_vpc.two"],
        ["data.aws_vpc.nowhere.id", "data.aws_vpc.nowhere"],
        ["module.gone.vpc_id", "module.gone"],
        [],
    ],
)
def test_what_does_not_say_for_certain_is_a_gap(tmp_path: Path, references: list[str]) -> None:
    vpcs = [
        small.change(f"aws_vpc.{name}", {"cidr_block": "10.9.0.0/16"}, unknown={"id": True}) for name in ("one", "two")
    ]
    subnet = small.change(
        "aws_subnet.s", {"cidr_block": "10.9.0.0/24"}, unknown={"vpc_id": True}, refs={"vpc_id": references}
    )
    found = plan.read(small.plan(tmp_path / "p.json", *vpcs, subnet))
    accounts.place(found, {})
    unread: list[Unread] = []
    made = dict(shaped(found, "aws_subnet.s", unread))
    assert made["subnets"]["vpc_id"] is None
    assert [(one.attribute, one.whole) for one in unread] == [("vpc_id", True)]
