from __future__ import annotations

import copy
from datetime import datetime

from scanner.collect import rds, rds_snapshots
from tests.collect.answers import rds as databases
from tests.collect.answers import rds_snapshots as snapshots
from tests.collect.fake import Fake, api, read, table_of

HERE = "arn:aws:rds:eu-west-1:111122223333"


def test_instances() -> None:
    orders, replica, far, _ = table_of(read(rds, databases.ANSWERS), "databases")
    assert (orders["type"], orders["vpc_id"], orders["subnet_group"]) == ("instance", "vpc-1", "data")
    assert (orders["endpoint"], orders["port"]) == ("orders.x.eu-west-1.rds.amazonaws.com", 5432)
    assert orders["latest_restorable_at"] == datetime(2026, 1, 2, 3, 4, 5)
    assert (orders["cluster_name"], orders["source_arn"]) == (None, None)
    assert replica["source_arn"] == f"{HERE}:db:orders"
    assert (replica["backup_retention_days"], replica["publicly_accessible"]) == (0, None)
    assert far["source_arn"] == "arn:aws:rds:us-east-1:444455556666:db:far"


def test_a_cluster_has_the_vpc_of_its_subnet_group() -> None:
    cluster = table_of(read(rds, databases.ANSWERS), "databases")[-1]
    assert (cluster["type"], cluster["vpc_id"], cluster["publicly_accessible"]) == ("cluster", "vpc-1", None)
    unread = table_of(read(rds, databases.ANSWERS, "rds.describe_db_subnet_groups"), "databases")[-1]
    assert unread["vpc_id"] is None


def test_automated_backups_keep_what_was_deleted() -> None:
    active, retained = table_of(read(rds, databases.ANSWERS), "automated_backups")
    assert (active["restorable_from"], active["restorable_to"]) == (datetime(2026, 1, 1), datetime(2026, 1, 2))
    assert (retained["source_arn"], retained["status"], retained["restorable_to"]) == (
        f"{HERE}:cluster:gone",
        "retained",
        None,
    )


def test_snapshots_of_others_are_left_out() -> None:
    rows = table_of(read(rds_snapshots, snapshots.ANSWERS), "snapshots")
    assert [(row["name"], row["type"], row["kind"]) for row in rows] == [
        ("orders-1", "database", "manual"),
        ("copy", "database", "manual"),
        ("rds:orders-2026-01-01", "database", "automated"),
        ("awsbackup:job-1", "database", "awsbackup"),
        ("ledger-1", "cluster", "manual"),
    ]
    assert {row["owner_id"] for row in rows} == {"111122223333"}


def test_the_source_of_a_copy_is_where_it_was_copied_from() -> None:
    own, copied, *_, cluster = table_of(read(rds_snapshots, snapshots.ANSWERS), "snapshots")
    assert (own["source_arn"], own["copied_from_arn"]) == (f"{HERE}:db:orders", None)
    assert copied["source_arn"] == "arn:aws:rds:us-east-1:444455556666:db:far"
    assert copied["copied_from_arn"] == "arn:aws:rds:us-east-1:444455556666:snapshot:far-1"
    assert (cluster["source_arn"], cluster["copied_from_arn"]) == (f"{HERE}:cluster:ledger", None)


def test_a_copy_of_a_copy_is_of_the_same_database() -> None:
    answers = copy.deepcopy(snapshots.ANSWERS)
    listed = answers["rds.describe_db_snapshots"]["DBSnapshots"]
    first = next(one for one in listed if one["DBSnapshotIdentifier"] == "copy")
    first["DbiResourceId"] = "db-FAR"
    again = {
        **first,
        "DBSnapshotIdentifier": "again",
        "DBSnapshotArn": f"{HERE}:snapshot:again",
        "SnapshotType": "awsbackup",
    }
    del again["SourceDBSnapshotIdentifier"]
    namesake = {
        **again,
        "DBSnapshotIdentifier": "namesake",
        "DBSnapshotArn": f"{HERE}:snapshot:namesake",
        "DbiResourceId": "db-NEAR",
    }
    listed[:0] = [again, namesake]
    found = {row["name"]: row["source_arn"] for row in table_of(read(rds_snapshots, answers), "snapshots")}
    assert found["again"] == found["copy"] == "arn:aws:rds:us-east-1:444455556666:db:far"
    assert found["namesake"] == f"{HERE}:db:far"


def test_sharing_is_asked_for_manual_snapshots_only() -> None:
    source = Fake(snapshots.ANSWERS)
    rows = list(rds_snapshots.fetch(api(rds_snapshots, source)))
    shared = [row["shared_with"] for row in table_of(rows, "snapshots")]
    assert shared == [["444455556666", "all"], [], [], [], ["222233334444"]]
    asked = [params for name, _, params in source.requests if name.endswith("attributes")]
    assert len(asked) == 3


def test_unread_sharing_is_a_gap() -> None:
    rows = read(rds_snapshots, snapshots.ANSWERS, "rds.describe_db_snapshot_attributes")
    shared = [row["shared_with"] for row in table_of(rows, "snapshots")]
    assert shared == [None, None, [], [], ["222233334444"]]
