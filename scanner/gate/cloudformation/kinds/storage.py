"""S3 buckets with what protects them, DynamoDB tables, EFS file systems, AWS Backup."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.gate.cloudformation.kinds import (
    Block,
    Part,
    Tree,
    attributes_of,
    declare,
    dig,
    each,
    listed,
    picked,
    plain,
    tags,
    without_none,
)
from scanner.gate.cloudformation.leaves import Unknown
from scanner.gate.cloudformation.tree import snake

OPERATORS = ("StringEquals", "StringLike", "StringNotEquals", "StringNotLike")


@declare("AWS::S3::Bucket", "aws_s3_bucket", ref="bucket")
def bucket(block: Block) -> Iterator[Part]:
    me = {"bucket": block.me("bucket")}
    own = {"bucket": block.get("BucketName"), "object_lock_enabled": block.get("ObjectLockEnabled")}
    yield "aws_s3_bucket", without_none({**own, "tags": tags(block.get("Tags"))})
    if (said := block.get("VersioningConfiguration")) is not None:
        made = said if isinstance(said, Unknown) else [{"status": dig(said, "Status")}]
        yield "aws_s3_bucket_versioning", {**me, "versioning_configuration": made}
    if (said := block.get("PublicAccessBlockConfiguration")) is not None:
        names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
        yield "aws_s3_bucket_public_access_block", {**me, **picked(said, *names)}
    if block.get("BucketEncryption") is not None:
        rules = each(block.get("BucketEncryption", "ServerSideEncryptionConfiguration"), encryption_rule)
        yield "aws_s3_bucket_server_side_encryption_configuration", {**me, "rule": rules}
    if (said := block.get("ObjectLockConfiguration")) is not None:
        mode = dig(said, "Rule", "DefaultRetention", "Mode")
        kept = mode if isinstance(mode, Unknown) else [{"default_retention": [{"mode": mode}]}] if mode else []
        yield "aws_s3_bucket_object_lock_configuration", {**me, "rule": kept}
    if block.get("ReplicationConfiguration") is not None:
        rules = each(block.get("ReplicationConfiguration", "Rules"), replication_rule)
        yield "aws_s3_bucket_replication_configuration", {**me, "rule": rules}


plain("AWS::EC2::SnapshotBlockPublicAccess", "aws_ebs_snapshot_block_public_access")


def encryption_rule(said: Any) -> Tree:
    key = dig(said, "ServerSideEncryptionByDefault", "KMSMasterKeyID")
    return {"apply_server_side_encryption_by_default": [without_none({"kms_master_key_id": key})]}


def replication_rule(said: Any) -> Tree:
    to, only = dig(said, "Destination"), dig(said, "Filter")
    names = (("Prefix", "prefix"), ("TagFilter", "tag"), ("And", "and"))
    blocks: Any = only
    if isinstance(only, Mapping):
        blocks = [without_none({name: dig(only, key) for key, name in names})]
    made = {"status": dig(said, "Status"), "prefix": dig(said, "Prefix"), "filter": blocks}
    destination = without_none({"bucket": dig(to, "Bucket"), "account": dig(to, "Account")})
    return without_none({**made, "destination": to if isinstance(to, Unknown) else [destination]})


plain("AWS::S3::BucketPolicy", "aws_s3_bucket_policy", {"PolicyDocument": "policy"}, documents=("PolicyDocument",))


# ---------------------------------------------------------------------- DynamoDB, EFS


@declare("AWS::DynamoDB::Table", "aws_dynamodb_table", ref="name")
def table(block: Block) -> Iterator[Part]:
    yield "aws_dynamodb_table", _table(block, block.properties, block.get("SSESpecification", "KMSMasterKeyId"))
    yield from table_policy(block, block.get("ResourcePolicy"))


@declare("AWS::DynamoDB::GlobalTable", "aws_dynamodb_table", ref="name")
def global_table(block: Block) -> Iterator[Part]:
    """A table as it stands in the Region of the stack; its other replicas are named only."""
    replicas = listed(block.get("Replicas"))
    missing = next((one for one in replicas if isinstance(dig(one, "Region"), Unknown)), None)
    if block.region is None or missing is not None:
        why = Unknown("hangs on the Region of a replica, which is not known")
        open_ended = dict.fromkeys(("point_in_time_recovery", "server_side_encryption", "replica"), why)
        made = {"name": block.get("TableName"), "deletion_protection_enabled": why, **open_ended}
        yield "aws_dynamodb_table", without_none(made)
        return
    here: Any = next((one for one in replicas if dig(one, "Region") == block.region), {})
    others = [{"region_name": dig(one, "Region")} for one in replicas if dig(one, "Region") != block.region]
    made = _table(block, here, dig(here, "SSESpecification", "KMSMasterKeyId"))
    yield "aws_dynamodb_table", {**made, "replica": others}
    yield from table_policy(block, dig(here, "ResourcePolicy"))


def _table(block: Block, said: Any, key: Any) -> Tree:
    recovery = dig(said, "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled")
    made = {
        "name": block.get("TableName"),
        "deletion_protection_enabled": dig(said, "DeletionProtectionEnabled"),
        "point_in_time_recovery": None if recovery is None else [{"enabled": recovery}],
        "server_side_encryption": None if key is None else [{"kms_key_arn": key}],
        "tags": tags(dig(said, "Tags")),
    }
    return without_none(made)


def table_policy(block: Block, said: Any) -> Iterator[Part]:
    if said is not None:
        document = block.document(dig(said, "PolicyDocument"))
        yield "aws_dynamodb_resource_policy", {"resource_arn": block.me("arn"), "policy": document}


@declare("AWS::EFS::FileSystem", "aws_efs_file_system", attributes={"FileSystemId": "id"})
def file_system(block: Block) -> Iterator[Part]:
    made = attributes_of(block)
    made.pop("file_system_policy", None)
    yield "aws_efs_file_system", made
    if (said := block.get("FileSystemPolicy")) is not None:
        yield "aws_efs_file_system_policy", {"file_system_id": block.me("id"), "policy": block.document(said)}


# ---------------------------------------------------------------------- AWS Backup


@declare(
    "AWS::Backup::BackupVault",
    "aws_backup_vault",
    ref="name",
    attributes={"BackupVaultArn": "arn", "BackupVaultName": "name"},
)
def vault(block: Block) -> Iterator[Part]:
    me = {"backup_vault_name": block.me("name")}
    own = {"name": block.get("BackupVaultName"), "kms_key_arn": block.get("EncryptionKeyArn")}
    yield "aws_backup_vault", without_none({**own, "tags": tags(block.get("BackupVaultTags"))})
    if (said := block.get("LockConfiguration")) is not None:
        yield "aws_backup_vault_lock_configuration", {**me, **lock(said)}
    if (said := block.get("AccessPolicy")) is not None:
        yield "aws_backup_vault_policy", {**me, "policy": block.document(said)}


def lock(said: Any) -> Tree:
    return picked(said, "MinRetentionDays", "MaxRetentionDays", "ChangeableForDays")


@declare(
    "AWS::Backup::LogicallyAirGappedBackupVault",
    "aws_backup_logically_air_gapped_vault",
    ref="name",
    attributes={"BackupVaultArn": "arn"},
)
def air_gapped_vault(block: Block) -> Iterator[Part]:
    own = {"name": block.get("BackupVaultName"), "tags": tags(block.get("BackupVaultTags"))}
    yield "aws_backup_logically_air_gapped_vault", without_none({**own, **lock(block.properties)})
    if (said := block.get("AccessPolicy")) is not None:
        yield "aws_backup_vault_policy", {"backup_vault_name": block.me("name"), "policy": block.document(said)}


@declare("AWS::Backup::BackupPlan", "aws_backup_plan", attributes={"BackupPlanId": "id", "BackupPlanArn": "arn"})
def plan(block: Block) -> Iterator[Part]:
    made = {
        "name": block.get("BackupPlan", "BackupPlanName"),
        "rule": each(block.get("BackupPlan", "BackupPlanRule"), plan_rule),
        "tags": tags(block.get("BackupPlanTags")),
    }
    yield "aws_backup_plan", without_none(made)


def plan_rule(said: Any) -> Tree:
    copies = each(
        dig(said, "CopyActions"), lambda one: {"destination_vault_arn": dig(one, "DestinationBackupVaultArn")}
    )
    own = {"rule_name": dig(said, "RuleName"), "target_vault_name": dig(said, "TargetBackupVault")}
    return without_none({**own, "schedule": dig(said, "ScheduleExpression"), "copy_action": copies})


@declare("AWS::Backup::BackupSelection", "aws_backup_selection")
def selection(block: Block) -> Iterator[Part]:
    said = block.get("BackupSelection")
    pair = lambda one: {"key": dig(one, "ConditionKey"), "value": dig(one, "ConditionValue")}  # noqa: E731
    operators = {
        snake(name): each(dig(said, "Conditions", name), pair)
        for name in OPERATORS
        if dig(said, "Conditions", name) is not None
    }
    made = {
        "plan_id": block.get("BackupPlanId"),
        "name": dig(said, "SelectionName"),
        "resources": dig(said, "Resources"),
        "not_resources": dig(said, "NotResources"),
        "selection_tag": each(dig(said, "ListOfTags"), pair),
        "condition": [operators] if operators else None,
    }
    yield "aws_backup_selection", without_none(made)
