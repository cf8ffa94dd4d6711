from __future__ import annotations

from datetime import datetime

from scanner.collect import ebs_snapshots, ec2_compute
from tests.collect.answers import ebs_snapshots as snapshots
from tests.collect.answers import ec2_compute as compute
from tests.collect.fake import read, table_of


def test_terminated_instances_are_left_out() -> None:
    (instance,) = table_of(read(ec2_compute, compute.ANSWERS), "instances")
    assert instance["arn"] == "arn:aws:ec2:eu-west-1:111122223333:instance/i-1"
    assert instance["public_ip"] is None
    assert instance["launched_at"] == datetime(2026, 1, 2, 3, 4, 5)


def test_volumes_name_their_instance() -> None:
    attached, free = table_of(read(ec2_compute, compute.ANSWERS), "volumes")
    assert (attached["instance_id"], free["instance_id"]) == ("i-1", None)


def test_snapshots_tell_kind_source_and_sharing() -> None:
    backup, shared, copy = table_of(read(ebs_snapshots, snapshots.ANSWERS), "snapshots")
    assert backup["arn"] == "arn:aws:ec2:eu-west-1::snapshot/snap-1"
    assert backup["source_arn"] == "arn:aws:ec2:eu-west-1:111122223333:volume/vol-1"
    assert backup["owner_id"] == "111122223333"
    assert [row["kind"] for row in (backup, shared, copy)] == ["awsbackup", "manual", "awsbackup"]
    assert [row["shared_with"] for row in (backup, shared, copy)] == [[], ["222233334444", "444455556666"], ["all"]]
    assert copy["source_arn"] is None


def test_unread_sharing_is_a_gap() -> None:
    rows = read(ebs_snapshots, snapshots.ANSWERS, "ec2.describe_snapshot_attribute")
    assert [row["shared_with"] for row in table_of(rows, "snapshots")] == [None, None, None]
