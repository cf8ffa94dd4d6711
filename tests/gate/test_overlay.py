"""Rows laid over a snapshot: what is there keeps what a plan does not speak of, and nothing else is touched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scanner.gate.changes import Rows
from scanner.gate.derive import derive
from scanner.gate.overlay import Overlay
from scanner.gate.shape import Added, Removed, patch
from scanner.snapshot.read import connect
from scanner.snapshot.tables import TABLES
from tests.gate import small


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Any]:
    shared = {
        "account_id": small.TEST,
        "owner_id": small.PRODUCTION,
        "subnet_id": "subnet-1",
        "vpc_id": "vpc-1",
        "name": "old",
    }
    with connect(small.write(tmp_path / "s", {"subnets": [shared]})) as found:
        yield found


def lay(connection: Any, gone: list[Any] = (), come: list[Any] = ()) -> Overlay:
    laid = Overlay(connection, "2026-06-01T01:00:00")
    rows = Rows(), Rows()
    rows[0].add(gone)
    rows[1].add(come, "aws_x.y")
    laid.change(*rows)
    return laid


def ask(connection: Any, sql: str) -> list[tuple[Any, ...]]:
    return list(connection.execute(sql).fetchall())


def test_nothing_laid_is_nothing_changed(connection: Any) -> None:
    before = {name: ask(connection, f"SELECT count(*) FROM {name}") for name in TABLES}
    laid = lay(connection)
    derive(laid, {})
    assert laid.touched == set()
    assert {name: ask(connection, f"SELECT count(*) FROM {name}") for name in TABLES} == before


def test_an_update_keeps_what_the_plan_does_not_speak_of(connection: Any) -> None:
    lay(
        connection,
        come=[
            ("databases", {"account_id": small.PRODUCTION, "region": small.REGION, "arn": small.DATABASE, "port": 6000})
        ],
    )
    assert ask(connection, "SELECT port, engine, vpc_id FROM databases") == [(6000, "postgres", "vpc-1")]


def test_unknown_is_null_and_not_the_old_value(connection: Any) -> None:
    lay(connection, come=[("databases", {"arn": small.DATABASE, "group_ids": None})])
    assert ask(connection, "SELECT group_ids, port FROM databases") == [(None, 5432)]


def test_every_account_that_lists_a_shared_subnet_keeps_listing_it(connection: Any) -> None:
    lay(connection, come=[("subnets", {"account_id": small.PRODUCTION, "subnet_id": "subnet-1", "name": "new"})])
    found = ask(connection, "SELECT account_id, name FROM subnets WHERE subnet_id = 'subnet-1' ORDER BY 1")
    assert found == [(small.PRODUCTION, "new"), (small.TEST, "new")]


def test_deleted_rows_go_and_others_stay(connection: Any) -> None:
    rule = {"group_id": "sg-1-db", "direction": "ingress", "protocol": "tcp", "from_port": 5432, "to_port": 5432}
    row = {**rule, "peer_type": "group", "peer": "sg-1-app", "peer_account_id": small.PRODUCTION}
    total = ask(connection, "SELECT count(*) FROM security_group_rules")[0][0]
    lay(connection, gone=[("security_group_rules", row)])
    assert ask(connection, "SELECT count(*) FROM security_group_rules") == [(total - 1,)]
    assert ask(
        connection, "SELECT count(*) FROM security_group_rules WHERE group_id = 'sg-1-db' AND direction = 'ingress'"
    ) == [(0,)]


def test_replaced_statements_replace_all_of_their_parts(connection: Any) -> None:
    identity = f"{small.SCP}|scp|guard|0"
    action = {"account_id": small.MANAGEMENT, "statement_id": identity, "action": "organizations:leaveorganization"}
    more = [("statement_actions", {**action, "action": one}) for one in ("a:b", "c:d")]
    lay(connection, gone=[("statement_actions", action)], come=more)
    found = ask(connection, f"SELECT action FROM statement_actions WHERE statement_id = '{identity}' ORDER BY 1")
    assert found == [("a:b",), ("c:d",)]


def test_a_patch_changes_a_row_and_makes_none(connection: Any) -> None:
    laid = lay(connection, come=[patch("backup_vaults", {"arn": small.VAULT, "locked": True, "lock_date": timedelta(days=3)}), patch("buckets", {"arn": "arn:aws:s3:::none", "versioning": "Enabled"})])  # fmt: skip
    assert ask(connection, "SELECT locked, lock_date, recovery_points FROM backup_vaults") == [
        (True, datetime(2026, 6, 4, 1), 1)
    ]
    assert ask(connection, "SELECT count(*) FROM buckets") == [(0,)]
    assert laid.unmatched == ["aws_x.y"]


def test_members_of_a_list_join_and_leave(connection: Any) -> None:
    lay(connection, come=[("snapshots", {"arn": "s", "shared_with": ["1"]})])
    lay(connection, come=[patch("snapshots", {"arn": "s", "shared_with": Added(("2",))})])
    assert ask(connection, "SELECT shared_with FROM snapshots") == [(["1", "2"],)]
    lay(connection, come=[patch("snapshots", {"arn": "s", "shared_with": Removed(("1",))})])
    assert ask(connection, "SELECT shared_with FROM snapshots") == [(["2"],)]


def test_moving_an_account_moves_what_it_inherits(connection: Any) -> None:
    unit = {
        "unit_id": "ou-new",
        "name": "Apart",
        "parent_id": small.ROOT,
        "is_root": False,
        "account_id": small.MANAGEMENT,
    }
    laid = lay(
        connection,
        come=[("organizational_units", unit), ("accounts", {"account_id": small.TEST, "parent_id": "ou-new"})],
    )
    derive(laid, {})
    found = ask(
        connection, f"SELECT ancestor_id FROM unit_ancestors WHERE target_id = '{small.TEST}' ORDER BY distance"
    )
    assert [one for (one,) in found] == [small.TEST, "ou-new", small.ROOT]
    assert ask(connection, "SELECT path, depth FROM organizational_units WHERE unit_id = 'ou-new'") == [
        ("Root / Apart", 1)
    ]
    assert ("p-FullAWSAccess",) in ask(connection, "SELECT policy_id FROM policy_targets WHERE target_id = 'ou-new'")


def test_what_a_new_subnet_and_route_table_have_without_being_told(connection: Any) -> None:
    here = {"account_id": small.PRODUCTION, "region": small.REGION, "vpc_id": "vpc-1", "owner_id": small.PRODUCTION}
    come = [
        ("subnets", {**here, "subnet_id": "new", "cidr": "10.1.7.0/24"}),
        ("route_tables", {**here, "route_table_id": "rt"}),
        ("instances", {"account_id": small.PRODUCTION, "instance_id": "i", "subnet_id": "new", "vpc_id": None}),
    ]
    derive(lay(connection, come=come), {})
    assert ask(connection, "SELECT acl_id FROM network_acl_associations WHERE subnet_id = 'new'") == [("acl-1",)]
    assert ask(connection, "SELECT destination, target_type FROM routes WHERE route_table_id = 'rt'") == [
        ("10.1.0.0/16", "local")
    ]
    assert ask(connection, "SELECT vpc_id, private_ip FROM instances WHERE instance_id = 'i'") == [
        ("vpc-1", "10.1.7.0/24")
    ]


def test_a_share_shows_up_in_every_account_it_lets_in(connection: Any) -> None:
    arn = f"arn:aws:ram:{small.REGION}:{small.PRODUCTION}:resource-share/s"
    subnet = f"arn:aws:ec2:{small.REGION}:{small.PRODUCTION}:subnet/subnet-1"
    come = [
        ("resource_shares", {"arn": arn, "owner_id": small.PRODUCTION}),
        ("share_resources", {"share_arn": arn, "arn": subnet, "resource_type": "ec2:Subnet"}),
        ("share_principals", {"share_arn": arn, "principal": small.BACKUP}),
        ("share_principals", {"share_arn": arn, "principal": "999999999999"}),
    ]
    derive(lay(connection, come=come), {})
    listed = ask(connection, "SELECT account_id FROM subnets WHERE subnet_id = 'subnet-1' ORDER BY 1")
    assert listed == [(small.PRODUCTION,), (small.TEST,), (small.BACKUP,)]
    external = ask(connection, "SELECT principal, external FROM share_principals ORDER BY 1")
    assert external == [(small.BACKUP, False), ("999999999999", True)]
