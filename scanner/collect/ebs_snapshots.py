"""EBS snapshots of the account, and with whom each is shared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.collect.api import Api, Call, moment, tag_rows, tag_value
from scanner.collect.reading import known
from scanner.policy import Row

SCOPE = "region"
CALLS = (
    Call("ec2.describe_snapshots", ("snapshots", "tags")),
    Call("ec2.describe_snapshot_attribute", ("snapshots",)),
)

# A copied snapshot shows a volume id that stands for nothing (EBS User Guide, "Copy an Amazon EBS snapshot").
NO_VOLUME = "vol-ffffffff"
BACKUP_TAG = "aws:backup:source-resource"
BACKUP_WORDS = "created by the aws backup service"


def fetch(api: Api) -> Iterator[Row]:
    for snapshot in api.list("ec2.describe_snapshots", "Snapshots", OwnerIds=["self"]):
        snapshot_id, volume_id = snapshot["SnapshotId"], snapshot.get("VolumeId")
        arn = f"arn:{api.place.partition}:ec2:{api.region}::snapshot/{snapshot_id}"
        source = api.arn("ec2", f"volume/{volume_id}") if volume_id and volume_id != NO_VOLUME else None
        row = snapshot_row(snapshot, arn, source)
        yield "snapshots", {"owner_id": api.account_id, **row, "shared_with": _shared_with(api, snapshot_id)}
        yield from tag_rows(arn, snapshot.get("Tags"))


def _shared_with(api: Api, snapshot_id: str) -> list[str] | None:
    name = "ec2.describe_snapshot_attribute"
    answer = known(api.get(name, Attribute="createVolumePermission", SnapshotId=snapshot_id))
    return None if answer is None else sharers(answer.get("CreateVolumePermissions") or [])


def snapshot_row(snapshot: dict[str, Any], arn: str, source_arn: str | None) -> dict[str, Any]:
    """Shape an EBS snapshot; only the account's own are asked for. AWS does not tell what one is a copy of."""
    return {
        "arn": arn,
        "name": snapshot["SnapshotId"],
        "type": "volume",
        "source_arn": source_arn,
        "status": snapshot.get("State"),
        "kind": snapshot_kind(snapshot),
        "created_at": moment(snapshot.get("StartTime")),
        "encrypted": snapshot.get("Encrypted"),
        "kms_key_arn": snapshot.get("KmsKeyId"),
        "copied_from_arn": None,
    }


def snapshot_kind(snapshot: dict[str, Any]) -> str:
    tagged = tag_value(snapshot.get("Tags"), BACKUP_TAG) is not None
    described = BACKUP_WORDS in (snapshot.get("Description") or "").lower()
    return "awsbackup" if tagged or described else "manual"


def sharers(permissions: list[dict[str, Any]]) -> list[str]:
    """Return the accounts that may create volumes, `all` for everyone."""
    return sorted({item.get("UserId") or item["Group"] for item in permissions})
