"""What an account blocks from being public: its buckets and snapshots are open to nobody then, whatever they say themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scanner import analysis, policy, vocabulary
from scanner.config import Config
from scanner.gate import judge
from scanner.snapshot.read import connect
from tests.gate import small

BUCKET = "arn:aws:s3:::reports"
SNAPSHOT = f"arn:aws:ec2:{small.REGION}::snapshot/snap-1"
HERE = {"account_id": small.PRODUCTION}
OPEN = "blast_radius/resource_open_to_outsiders"


def estate(service: str, blocks: bool | None) -> dict[str, list[dict[str, Any]]]:
    """A public bucket and a public snapshot; one of them in an account that blocks, or does not block, such things."""
    rows: dict[str, list[dict[str, Any]]] = {
        "buckets": [{**HERE, "arn": BUCKET, "name": "reports", "public_access_blocked": False, "policy_read": True}],
        "snapshots": [{**HERE, "arn": SNAPSHOT, "name": "snap-1", "type": "volume", "shared_with": ["all"]}],
    }
    if blocks is not None:
        region = "global" if service == "s3" else small.REGION
        rows["public_sharing_blocks"] = [{**HERE, "region": region, "service": service, "blocks": blocks}]
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{BUCKET}/*"}
    for table, row in policy.rows(BUCKET, "resource", "", {"Version": "2012-10-17", "Statement": [statement]}):
        rows.setdefault(table, []).append({**HERE, **row})
    return rows


def said(snapshot: Path, refused: str | None) -> tuple[bool | None, bool | None]:
    """Whether the bucket, and the snapshot, are open to everybody."""
    views = vocabulary.load()
    with connect(snapshot) as connection:
        connection.execute("ALTER VIEW coverage RENAME TO ledger")
        connection.execute("CREATE TABLE coverage AS FROM ledger")
        if refused:
            connection.execute("UPDATE coverage SET status = 'denied', failed = 1 WHERE call = ?", [refused])
        analysis.run_all(connection, Config(), "2026-06-01T01:00:00")
        vocabulary.create(connection, views, Config(), "2026-06-01T01:00:00")
        bucket = connection.execute("SELECT open_to_everyone FROM guarded_resource WHERE arn = ?", [BUCKET]).fetchone()
        copied = connection.execute("SELECT is_public FROM snapshot WHERE arn = ?", [SNAPSHOT]).fetchone()
    return bucket[0], copied[0]


@pytest.mark.parametrize(
    ("service", "blocks", "refused", "wanted"),
    [
        ("s3", None, None, (True, True)),
        ("s3", False, None, (True, True)),
        ("s3", True, None, (False, True)),
        ("ebs", True, None, (True, False)),
        ("s3", None, "s3control.get_public_access_block", (None, True)),
        ("ebs", None, "ec2.get_snapshot_block_public_access_state", (True, None)),
    ],
)
def test_who_blocks_is_open_to_nobody(
    service: str, blocks: bool | None, refused: str | None, wanted: tuple[Any, Any], tmp_path: Path
) -> None:
    assert said(small.write(tmp_path / "s", estate(service, blocks)), refused) == wanted


@pytest.mark.parametrize(("was", "will", "kind"), [(True, False, "new"), (False, True, "resolved")])
def test_a_plan_that_turns_it_off_or_on(was: bool, will: bool, kind: str, tmp_path: Path) -> None:
    snapshot = small.write(tmp_path / "s", estate("s3", was))
    before, after = ({"restrict_public_buckets": one, "account_id": small.PRODUCTION} for one in (was, will))
    change = small.change("aws_s3_account_public_access_block.x", after, before=before)
    found = small.gate(snapshot, small.plan(tmp_path / "p.json", change), OPEN)
    assert [(one.kind, one.finding.subject.arn) for one in found.judged] == [(kind, BUCKET)]
    assert found.exit_code == (kind == "new")


def test_a_plan_that_removes_it(tmp_path: Path) -> None:
    snapshot = small.write(tmp_path / "s", estate("s3", True))
    change = small.change("aws_s3_account_public_access_block.x", before={"restrict_public_buckets": True})
    found = small.gate(snapshot, small.plan(tmp_path / "p.json", change), OPEN)
    assert [(one.kind, one.finding.subject.arn) for one in found.judged] == [("new", BUCKET)]


@pytest.mark.parametrize(
    ("service", "address", "name", "rule"),
    [
        ("s3", "aws_s3_account_public_access_block.x", "restrict_public_buckets", OPEN),
        ("ebs", "aws_ebs_snapshot_block_public_access.x", "state", "backup_isolation/snapshot_public"),
    ],
)
def test_what_is_known_after_apply_only_is_no_failure(
    service: str, address: str, name: str, rule: str, tmp_path: Path
) -> None:
    snapshot = small.write(tmp_path / "s", estate(service, True))
    change = small.change(address, {}, unknown={name: True}, refs={name: ["data.aws_ssm_parameter.x"]})
    found = judge.gate((small.plan(tmp_path / "p.json", change),), snapshot, Config(select=[rule], fail_on="low"))
    assert [one.kind for one in found.judged] == ["unread"] and found.exit_code == 3
