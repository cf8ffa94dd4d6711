"""S3 buckets with what protects them, DynamoDB tables, EFS and FSx file systems, EBS volumes and snapshots."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner import policy
from scanner.gate.identity import identity
from scanner.gate.shape import Added, Removed, patch, shapes
from scanner.gate.shape.resource_policies import attached
from scanner.gate.shape.tagged import tags
from scanner.gate.values import Values, rows_of
from scanner.policy import Row

OLD = "stands in the bucket, where the gate does not read it: it has a resource of its own"


@shapes("aws_s3_bucket", call="s3.list_buckets")
def bucket(v: Values) -> Iterator[Row]:
    """A bucket; a new one is unversioned, unlocked and, since April 2023, closed to the public until something says otherwise.

    https://aws.amazon.com/blogs/aws/heads-up-amazon-s3-security-changes-are-coming-in-april-of-2023/
    """
    locked = v.get("object_lock_enabled", False)
    fresh: dict[str, Any] = {
        "versioning": "Enabled" if locked else "Never",  # object lock brings it along
        "replication_accounts": [],
        "replication_buckets": [],
        "replication_partial": [],
        "public_access_blocked": True,
        "policy_read": True,
        "object_lock": "enabled" if locked else "none",
    }
    row = {"arn": v.arn, "name": v.text("bucket") or v.resource.label, "bucket_region": v.region}
    yield "buckets", {**row, "region": "global", **(fresh if v.is_new else {}), **written_inside(v)}
    if v.given("policy"):
        yield from policy.rows(v.arn, "resource", "", v.policy("policy"))
    yield from tags(v)


def written_inside(v: Values) -> dict[str, Any]:
    """What the old spelling writes into the bucket itself; what it says of replication and locks is not read."""
    columns: dict[str, Any] = {}
    if v.given("policy"):
        columns["policy_read"] = v.policy("policy") is not None
    if v.given("versioning"):
        block = v.block("versioning")
        enabled = block.get("enabled", False) if block else None
        columns["versioning"] = None if enabled is None else "Enabled" if enabled else "Suspended"
    if v.given("replication_configuration"):
        v.note("replication_configuration", OLD)
        columns |= dict.fromkeys(("replication_accounts", "replication_buckets", "replication_partial"))
    if v.given("object_lock_configuration"):
        v.note("object_lock_configuration", OLD)
        columns["object_lock"] = None
    return columns


@shapes("aws_s3_bucket_versioning", call="s3.get_bucket_versioning")
def versioning(v: Values) -> Iterator[Row]:
    block = v.block("versioning_configuration")
    status = block.text("status") if block else None
    if v.gone:  # the provider suspends what was enabled
        status = "Suspended" if status == "Enabled" else "Never"
    yield from of_bucket(v, {"versioning": "Never" if status == "Disabled" else status})


@shapes("aws_s3_bucket_public_access_block", call="s3.get_public_access_block")
def public_access(v: Values) -> Iterator[Row]:
    blocked = v.get("restrict_public_buckets", False)
    yield from of_bucket(v, {"public_access_blocked": False if v.gone else blocked})


@shapes("aws_s3_account_public_access_block", call="s3control.get_public_access_block")
def account_block(v: Values) -> Iterator[Row]:
    """For all buckets of an account. When it goes away, what their policies say counts again."""
    account = v.text("account_id") or v.account
    said = {"service": "s3", "blocks": v.get("restrict_public_buckets", False, whole=True)}
    yield "public_sharing_blocks", {"account_id": account, "region": "global", **said}


@shapes("aws_ebs_snapshot_block_public_access", call="ec2.get_snapshot_block_public_access_state")
def snapshot_block(v: Values) -> Iterator[Row]:
    state = v.text("state", whole=True)
    yield "public_sharing_blocks", {"service": "ebs", "blocks": None if state is None else state == "block-all-sharing"}


@shapes("aws_s3_bucket_server_side_encryption_configuration", call="s3.get_bucket_encryption")
def encryption(v: Values) -> Iterator[Row]:
    key = None
    for rule in rows_of(v.blocks("rule")):
        default = rule.block("apply_server_side_encryption_by_default")
        key = (default.key("kms_master_key_id") if default else None) or key
    yield from of_bucket(v, {"kms_key_arn": None if v.gone else key})


@shapes("aws_s3_bucket_object_lock_configuration", call="s3.get_object_lock_configuration")
def object_lock(v: Values) -> Iterator[Row]:
    rule = v.block("rule")
    retention = rule.block("default_retention") if rule else None
    mode = retention.text("mode") if retention else "enabled"
    yield from of_bucket(v, {"object_lock": "enabled" if v.gone else mode})


@shapes("aws_s3_bucket_replication_configuration", call="s3.get_bucket_replication")
def replication(v: Values) -> Iterator[Row]:
    accounts, buckets, partial = set(), set(), set()
    for rule in rows_of(v.blocks("rule")) if not v.gone else ():
        to = rule.block("destination")
        if to is None or rule.text("status", whole=True) != "Enabled":
            continue
        target = to.ref("bucket")
        if target is None:
            continue
        buckets.add(target)
        accounts.add(to.ref("account") or v.account)
        if rule.has("prefix") or any(one.has("prefix") or one.has("tag") or one.has("and") for one in filters(rule)):
            partial.add(target)
    columns = {"replication_accounts": accounts, "replication_buckets": buckets, "replication_partial": partial}
    yield from of_bucket(v, {name: sorted(found) for name, found in columns.items()})


def filters(rule: Values) -> list[Values]:
    return rule.blocks("filter") or []


@shapes("aws_s3_bucket_policy", call="s3.get_bucket_policy")
def bucket_policy(v: Values) -> Iterator[Row]:
    yield from attached(v, "buckets", bucket_arn(v))


def of_bucket(v: Values, columns: dict[str, Any]) -> Iterator[Row]:
    arn = bucket_arn(v)
    if arn is not None:
        yield patch("buckets", {"arn": arn, **columns})


def bucket_arn(v: Values) -> str | None:
    named = v.ref("bucket")
    return named if named is None or named.startswith("arn:") else f"arn:{v.resource.partition}:s3:::{named}"


@shapes("aws_dynamodb_table", call="dynamodb.describe_table")
def table(v: Values) -> Iterator[Row]:
    recovery, encrypted = v.block("point_in_time_recovery"), v.block("server_side_encryption")
    replicas = [one.text("region_name", whole=True) for one in rows_of(v.blocks("replica"))]
    fresh = {"backups": 0, "policy_read": True} if v.is_new else {}
    yield (
        "dynamodb_tables",
        {
            "arn": v.arn,
            "name": v.text("name") or v.resource.label,
            "status": "ACTIVE",
            "kms_key_arn": encrypted.key("kms_key_arn") if encrypted else None,
            "point_in_time_recovery": recovery.get("enabled", False, whole=True) if recovery else False,
            "replica_regions": sorted(one for one in replicas if one),
            "deletion_protection": v.get("deletion_protection_enabled", False),
            **fresh,
        },
    )
    yield from tags(v)


@shapes("aws_dynamodb_resource_policy", call="dynamodb.get_resource_policy")
def table_policy(v: Values) -> Iterator[Row]:
    yield from attached(v, "dynamodb_tables", v.ref("resource_arn"))


@shapes("aws_efs_file_system", call="efs.describe_file_systems")
def file_system(v: Values) -> Iterator[Row]:
    named = (v.get("tags_all") or v.get("tags") or {}).get("Name")
    row = {"arn": v.arn, "file_system_id": v.id, "name": named or v.id, "type": "efs", "status": "available"}
    fresh = {"policy_read": True} if v.is_new else {}
    key = {"encrypted": v.get("encrypted", False), "kms_key_arn": v.key("kms_key_id")}
    yield "file_systems", {**row, **key, **fresh}
    yield from tags(v)


@shapes("aws_efs_file_system_policy", call="efs.describe_file_system_policy")
def file_system_policy(v: Values) -> Iterator[Row]:
    named, found = v.ref("file_system_id"), v.target("file_system_id")
    arn = identity(found, "arn") if found else named and v.arn_of("elasticfilesystem", f"file-system/{named}")
    yield from attached(v, "file_systems", arn)


@shapes("aws_efs_backup_policy", call="backup.list_recovery_points_by_backup_vault")
def automatic_backups(v: Values) -> Iterator[Row]:
    """What a file system that is backed up by itself has from its first day on, in a vault of its own account.

    https://docs.aws.amazon.com/efs/latest/ug/automatic-backups.html
    """
    block, named, found = v.block("backup_policy"), v.ref("file_system_id"), v.target("file_system_id")
    source = identity(found, "arn") if found else named and v.arn_of("elasticfilesystem", f"file-system/{named}")
    if not v.is_new or v.gone or source is None or block is None or block.text("status") != "ENABLED":
        return
    vault = v.arn_of("backup", "backup-vault:aws/efs/automatic-backup-vault")
    arn = v.arn_of("backup", f"recovery-point:{v.resource.label}")
    row = {"arn": arn, "vault_arn": vault, "source_arn": source, "resource_type": "EFS", "status": "COMPLETED"}
    yield "recovery_points", {**row, "encrypted": True}


@shapes("aws_ebs_volume", call="ec2.describe_volumes")
def volume(v: Values) -> Iterator[Row]:
    row = {"volume_id": v.id, "arn": v.arn, "state": "available"}
    key = {"encrypted": v.get("encrypted", False), "kms_key_arn": v.key("kms_key_id")}
    yield "volumes", {**row, **key}
    yield from tags(v)


@shapes("aws_volume_attachment", call="ec2.describe_volumes")
def volume_attachment(v: Values) -> Iterator[Row]:
    volume_id, instance = v.ref("volume_id"), v.ref("instance_id")
    if volume_id is not None:
        state = {"state": "available", "instance_id": None} if v.gone else {"state": "in-use", "instance_id": instance}
        yield patch("volumes", {"volume_id": volume_id, **state})


@shapes("aws_ebs_snapshot", "aws_ebs_snapshot_copy", call="ec2.describe_snapshots")
def volume_snapshot(v: Values) -> Iterator[Row]:
    volume_id = v.ref("volume_id", whole=False)
    yield (
        "snapshots",
        {
            "arn": v.arn,
            "name": v.id,
            "type": "volume",
            "source_arn": v.arn_of("ec2", f"volume/{volume_id}") if volume_id else None,
            "owner_id": v.account,
            "status": "completed",
            "kind": "manual",
            **v.sealed(v.get("encrypted"), "kms_key_id"),
            **({"shared_with": []} if v.is_new else {}),
        },
    )
    yield from tags(v)


@shapes("aws_ami_launch_permission", call="ec2.describe_image_attribute")
def launch_permission(v: Values) -> Iterator[Row]:
    """Lets an account, an organization, a unit or everybody (`group` is `all`) launch an image: one more of those who may."""
    names = ("account_id", "organization_arn", "organizational_unit_arn", "group")
    image_id, who = v.ref("image_id"), [v.text(name, whole=True) for name in names if v.has(name)]
    if image_id and None not in who:
        lets_in = tuple(str(one) for one in who)
        arn = f"arn:{v.resource.partition}:ec2:{v.region}::image/{image_id}"
        yield patch("images", {"arn": arn, "shared_with": Removed(lets_in) if v.gone else Added(lets_in)})


@shapes("aws_snapshot_create_volume_permission", call="ec2.describe_snapshot_attribute")
def volume_permission(v: Values) -> Iterator[Row]:
    """Shares a snapshot with an account. Whom it is shared with already, its own row knows: that one account is added."""
    snapshot_id, account = v.ref("snapshot_id"), v.ref("account_id")
    if snapshot_id and account:
        arn = f"arn:{v.resource.partition}:ec2:{v.region}::snapshot/{snapshot_id}"
        shared = Removed((account,)) if v.gone else Added((account,))
        yield patch("snapshots", {"arn": arn, "shared_with": shared})
