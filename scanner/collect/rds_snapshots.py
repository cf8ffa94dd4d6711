"""RDS snapshots of instances and clusters, and with whom the manual ones are shared.

Without a SnapshotType, AWS lists manual, automated and AWS Backup's snapshots of the account; those that others share
are left out. Only manual ones can be shared: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ShareSnapshot.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scanner.collect.api import Api, Call, moment, tag_rows
from scanner.collect.reading import known
from scanner.policy import Row

SCOPE = "region"
CALLS = (
    Call("rds.describe_db_snapshots", ("snapshots", "tags")),
    Call("rds.describe_db_snapshot_attributes", ("snapshots",)),
    Call("rds.describe_db_cluster_snapshots", ("snapshots", "tags")),
    Call("rds.describe_db_cluster_snapshot_attributes", ("snapshots",)),
)

OTHERS = ("shared", "public")


@dataclass(frozen=True)
class Kind:
    """How AWS spells one of the two kinds of snapshot."""

    type: str
    call: str
    prefix: str
    source: str
    source_part: str
    encrypted: str
    copied_from: str
    resource: str


KINDS = (
    Kind(
        type="database",
        call="rds.describe_db_snapshot",
        prefix="DBSnapshot",
        source="DBInstanceIdentifier",
        source_part="db",
        encrypted="Encrypted",
        copied_from="SourceDBSnapshotIdentifier",
        resource="DbiResourceId",
    ),
    Kind(
        type="cluster",
        call="rds.describe_db_cluster_snapshot",
        prefix="DBClusterSnapshot",
        source="DBClusterIdentifier",
        source_part="cluster",
        encrypted="StorageEncrypted",
        copied_from="SourceDBClusterSnapshotArn",
        resource="DbClusterResourceId",
    ),
)


def fetch(api: Api) -> Iterator[Row]:
    for kind in KINDS:
        listed = api.list(f"{kind.call}s", f"{kind.prefix}s")
        own = [snapshot for snapshot in listed if snapshot.get("SnapshotType") not in OTHERS]
        origins = copied_here(own, kind)
        for snapshot in own:
            near = origins.get(snapshot.get(kind.resource) or "", api.arn("rds", ""))
            row = snapshot_row(snapshot, kind, near)
            yield "snapshots", {**row, "owner_id": api.account_id, "shared_with": _shared_with(api, kind, row)}
            yield from tag_rows(row["arn"], snapshot.get("TagList"))


def copied_here(snapshots: Iterable[Mapping[str, Any]], kind: Kind) -> dict[str, str]:
    """Return what was copied from elsewhere, by the immutable id of the database: copies of a copy within an account and Region
    name the snapshot they were made of no more (API_DBSnapshot.html, SourceDBSnapshotIdentifier)."""
    found = ((one.get(kind.resource), one.get(kind.copied_from)) for one in snapshots)
    return {resource: origin for resource, origin in found if resource and origin}


def _shared_with(api: Api, kind: Kind, row: dict[str, Any]) -> list[str] | None:
    if row["kind"] != "manual":
        return [] if row["kind"] else None
    asked = {f"{kind.prefix}Identifier": row["name"]}
    answer = known(api.get(f"{kind.call}_attributes", **asked))
    return None if answer is None else sharers(answer, kind)


def snapshot_row(snapshot: dict[str, Any], kind: Kind, here: str) -> dict[str, Any]:
    """Shape a snapshot. `here` is how ARNs of the account and Region of its database begin, for sources that AWS only names."""
    copied_from = snapshot.get(kind.copied_from) or None
    return {
        "arn": snapshot[f"{kind.prefix}Arn"],
        "name": snapshot.get(f"{kind.prefix}Identifier"),
        "type": kind.type,
        "source_arn": source_arn(snapshot.get(kind.source), kind, copied_from or here),
        "status": snapshot.get("Status"),
        "kind": snapshot.get("SnapshotType"),
        "created_at": moment(snapshot.get("SnapshotCreateTime")),
        "encrypted": snapshot.get(kind.encrypted),
        "kms_key_arn": snapshot.get("KmsKeyId"),
        "copied_from_arn": copied_from,
    }


def source_arn(name: str | None, kind: Kind, near: str) -> str | None:
    """Return the ARN of the database in the account and Region of the ARN `near`.

    A copy keeps the name of the database, so it is where the snapshot was that it was copied from.
    """
    if not name:
        return None
    return ":".join([*near.split(":")[:5], kind.source_part, name])


def sharers(answer: Mapping[str, Any], kind: Kind) -> list[str]:
    """Return the accounts that may restore, `all` for everyone."""
    attributes = (answer.get(f"{kind.prefix}AttributesResult") or {}).get(f"{kind.prefix}Attributes") or ()
    values = [item.get("AttributeValues") or () for item in attributes if item.get("AttributeName") == "restore"]
    return sorted({account for accounts in values for account in accounts})
