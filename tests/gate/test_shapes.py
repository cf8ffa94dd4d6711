"""Planned resources become rows of declared tables, and nothing unknown passes for known on the way."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from scanner.collect import registry as collectors
from scanner.gate import accounts, plan, shape
from scanner.gate.overlay import GROUPED, KEYS, SAME_WHOLE
from scanner.gate.planned import Location, Planned, Unread
from scanner.gate.shape import PATCH
from scanner.snapshot.tables import TABLES
from tests.gate import small

PLANS = Path(__file__).parent / "plans"
ARN = f"arn:aws:iam::{small.PRODUCTION}:role/deploy"


def resource(kind: str, after: dict[str, Any], unknown: Any = None) -> Planned:
    return Planned(
        f"{kind}.x", kind, "x", "create", None, after, unknown, Location("p.json"),
        account_id=small.PRODUCTION, region=small.REGION, label=f"{kind}.x",
    )  # fmt: skip


def shaped(one: Planned) -> tuple[list[Any], list[Unread]]:
    unread: list[Unread] = []
    return list(shape.rows(one, "after", None, unread)), unread


def test_every_type_names_a_call_that_a_collector_makes() -> None:
    calls = {call.name for module in collectors().values() for call in module.CALLS}
    assert {one.call for one in shape.registry().values()} <= calls
    assert len(shape.registry()) > 100


@pytest.mark.parametrize("kind", sorted(shape.registry()))
def test_a_resource_of_which_nothing_is_known(kind: str) -> None:
    """Rows fit their tables; whatever they say is an identity made up here, a default of AWS, or nothing."""
    for unknown in ({}, True):
        rows, _ = shaped(resource(kind, {}, unknown))
        for table, row in rows:
            declared = TABLES[table.removeprefix(PATCH)]
            assert row.keys() <= declared.known, (table, row)
            assert declared.name in {*KEYS, *GROUPED, *SAME_WHOLE}


def test_real_plans_are_shaped_whole() -> None:
    found: dict[str, int] = defaultdict(int)
    for name in ("estate_new", "estate_change"):
        read = plan.read(PLANS / f"{name}.json")
        accounts.place(read, {})
        for one in read.resources:
            for side in ("before", "after"):
                unread: list[Unread] = []
                for table, row in shape.rows(one, side, read.references, unread):  # type: ignore[arg-type]
                    assert row.keys() <= TABLES[table.removeprefix(PATCH)].known
                    found[table] += 1
    assert {
        "vpcs",
        "subnets",
        "routes",
        "security_group_rules",
        "databases",
        "policy_statements",
        "vpc_peerings",
    } <= found.keys()


RULE = {"from_port": 443, "to_port": 443, "protocol": "tcp"}


@pytest.mark.parametrize(
    ("kind", "after"),
    [
        ("aws_security_group", {"id": "sg-1", "ingress": [{**RULE, "cidr_blocks": ["10.0.0.0/8"]}]}),
        ("aws_security_group_rule", {"security_group_id": "sg-1", "type": "ingress", **RULE, "cidr_blocks": ["10.0.0.0/8"]}),
        ("aws_security_group_rule", {"security_group_id": "sg-1", "type": "ingress", **RULE, "protocol": "6", "cidr_blocks": ["10.0.0.0/8"]}),
        ("aws_vpc_security_group_ingress_rule", {"security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_ipv4": "10.0.0.0/8"}),
    ],
)  # fmt: skip
def test_every_spelling_of_a_rule_is_the_same_row(kind: str, after: dict[str, Any]) -> None:
    rows = [row for table, row in shaped(resource(kind, after))[0] if table == "security_group_rules"]
    wanted = {"group_id": "sg-1", "direction": "ingress", "protocol": "tcp", "from_port": 443, "to_port": 443, "peer_type": "ipv4", "peer": "10.0.0.0/8"}  # fmt: skip
    assert [{name: row[name] for name in wanted} for row in rows] == [wanted]


@pytest.mark.parametrize("protocol", ["-1", "all", "ALL"])
def test_all_protocols_have_no_ports(protocol: str) -> None:
    after = {"security_group_id": "sg-1", "type": "egress", "protocol": protocol, "from_port": 0, "to_port": 0}
    rows, _ = shaped(resource("aws_security_group_rule", {**after, "cidr_blocks": ["0.0.0.0/0"]}))
    assert [(row["protocol"], row["from_port"], row["to_port"]) for _, row in rows] == [("-1", None, None)]


@pytest.mark.parametrize(
    "name", ["cidr_blocks", "ipv6_cidr_blocks", "from_port", "protocol", "source_security_group_id", "self"]
)
def test_an_unknown_part_of_a_rule_makes_the_list_of_rules_incomplete(name: str) -> None:
    after = {"security_group_id": "sg-1", "type": "ingress", **RULE, "cidr_blocks": ["10.0.0.0/8"]}
    after.pop(name, None)
    _, unread = shaped(resource("aws_security_group_rule", after, {name: True}))
    assert [(one.attribute, one.whole, one.call) for one in unread] == [(name, True, "ec2.describe_security_groups")]


def test_an_unknown_document_is_not_read_and_not_empty() -> None:
    rows, unread = shaped(resource("aws_iam_role", {"name": "r", "path": "/"}, {"assume_role_policy": True}))
    documents = [row for table, row in rows if table == "policy_documents"]
    assert [(row["kind"], row["document"], row["readable"]) for row in documents] == [("trust", None, None)]
    assert [one.attribute for one in unread] == ["assume_role_policy"]


def test_unknown_tags_are_a_gap_and_not_missing() -> None:
    rows, unread = shaped(resource("aws_kms_key", {}, {"tags": True, "tags_all": True}))
    assert not [row for table, row in rows if table == "tags"]
    assert [(one.attribute, one.whole) for one in unread if one.attribute == "tags"] == [("tags", True)]
    rows, _ = shaped(resource("aws_kms_key", {"tags_all": {"a": "1"}}, {"tags_all": {"owner": True}}))
    assert {row["key"]: row["value"] for table, row in rows if table == "tags"} == {"a": "1", "owner": None}


def test_what_goes_away_says_what_becomes_of_the_row_that_stays() -> None:
    one = resource("aws_s3_bucket_versioning", {})
    one.deed, one.before, one.after = (
        "delete",
        {"bucket": "b", "versioning_configuration": [{"status": "Enabled"}]},
        None,
    )
    rows = list(shape.rows(one, "before", None, []))
    assert [(table, row["arn"], row["versioning"]) for table, row in rows] == [
        (PATCH + "buckets", "arn:aws:s3:::b", "Suspended")
    ]
