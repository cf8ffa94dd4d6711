"""Databases, their copies in the backup account, buckets, keys and secrets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from scanner.demo.estate import MAIN, Account, document
from scanner.demo.network import Vpc
from scanner.demo.store import CopyJob, RecoveryPoint, Store

PORT = 5432


@dataclass
class Vault:
    """An AWS Backup vault and the key that encrypts what lies in it."""

    account: Account
    region: str
    name: str
    key_arn: str


@dataclass
class Original:
    """What a copy is a copy of: a database, cluster or table."""

    account: Account
    region: str
    kind: str
    name: str
    arn: str


def make_database(
    vpc: Vpc, name: str, group: str, *, public: bool = False, retention: int = 7, **tags: str | None
) -> Original:
    """A PostgreSQL instance in a subnet group of its own."""
    rds, wanted = vpc.account.client("rds", vpc.region), vpc.account.resource_tags(name, **tags)
    made = rds.create_db_instance(
        DBInstanceIdentifier=name,
        Engine="postgres",
        EngineVersion="16.4",
        DBInstanceClass="db.m6g.large",
        AllocatedStorage=100,
        MasterUsername="shopkeeper",
        MasterUserPassword="not-a-secret",
        BackupRetentionPeriod=retention,
        DBSubnetGroupName=_subnet_group(vpc, name, **tags),
        VpcSecurityGroupIds=[group],
        PubliclyAccessible=public,
        StorageEncrypted=True,
        CopyTagsToSnapshot=True,
        Tags=wanted,
    )
    return Original(
        vpc.account, vpc.region, "RDS", name, vpc.account.remember(name, made["DBInstance"]["DBInstanceArn"])
    )


def make_cluster(vpc: Vpc, name: str, group: str) -> Original:
    """An Aurora PostgreSQL cluster with one instance."""
    rds, subnets = vpc.account.client("rds", vpc.region), _subnet_group(vpc, name)
    made = rds.create_db_cluster(
        DBClusterIdentifier=name,
        Engine="aurora-postgresql",
        EngineVersion="16.4",
        MasterUsername="shopkeeper",
        MasterUserPassword="not-a-secret",
        BackupRetentionPeriod=7,
        DBSubnetGroupName=subnets,
        VpcSecurityGroupIds=[group],
        StorageEncrypted=True,
        CopyTagsToSnapshot=True,
        Port=PORT,
        Tags=vpc.account.resource_tags(name),
    )
    rds.create_db_instance(
        DBInstanceIdentifier=f"{name}-1",
        DBClusterIdentifier=name,
        Engine="aurora-postgresql",
        DBInstanceClass="db.r6g.large",
        DBSubnetGroupName=subnets,
        PubliclyAccessible=False,
        Tags=vpc.account.resource_tags(f"{name}-1"),
    )
    return Original(
        vpc.account, vpc.region, "Aurora", name, vpc.account.remember(name, made["DBCluster"]["DBClusterArn"])
    )


def _subnet_group(vpc: Vpc, name: str, **tags: str | None) -> str:
    group = f"{name}-subnets"
    vpc.account.client("rds", vpc.region).create_db_subnet_group(
        DBSubnetGroupName=group,
        DBSubnetGroupDescription=f"Subnets of {name}",
        SubnetIds=vpc.subnets,
        Tags=vpc.account.resource_tags(group, **tags),
    )
    return group


def make_table(account: Account, name: str, *, recoverable: bool, region: str = MAIN, **tags: str | None) -> Original:
    """A DynamoDB table, with point-in-time recovery or without."""
    dynamodb = account.client("dynamodb", region)
    made = dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=account.resource_tags(name, **tags),
    )
    dynamodb.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": recoverable}
    )
    return Original(account, region, "DynamoDB", name, account.remember(name, made["TableDescription"]["TableArn"]))


def make_vault(account: Account, name: str, region: str = MAIN, *, locked: bool = True, keeps: bool = True) -> Vault:
    """A vault with a key of its own; `locked` in compliance mode, `keeps` by a policy that denies deletion."""
    backup = account.client("backup", region)
    key = make_key(account, f"{name}-key", region)
    tags = {tag["Key"]: tag["Value"] for tag in account.resource_tags(name)}
    backup.create_backup_vault(BackupVaultName=name, EncryptionKeyArn=key, BackupVaultTags=tags)
    if locked:
        backup.put_backup_vault_lock_configuration(
            BackupVaultName=name, MinRetentionDays=7, MaxRetentionDays=365, ChangeableForDays=3
        )
    policy = document(DENY_DELETION if keeps else _copies_come_in(account))
    backup.put_backup_vault_access_policy(BackupVaultName=name, Policy=policy)
    account.remember(name, f"arn:aws:backup:{region}:{account.id}:backup-vault:{name}")
    return Vault(account, region, name, key)


DENY_DELETION = {
    "Sid": "NobodyDeletesCopies",
    "Effect": "Deny",
    "Principal": "*",
    "Action": [
        "backup:DeleteRecoveryPoint",
        "backup:UpdateRecoveryPointLifecycle",
        "backup:DeleteBackupVault",
        "backup:PutBackupVaultAccessPolicy",
        "backup:DeleteBackupVaultAccessPolicy",
    ],
    "Resource": "*",
}


def _copies_come_in(account: Account) -> dict[str, Any]:
    """Says who may copy into the vault, and nothing about deletion."""
    own = {"AWS": account.root_arn}
    return {"Effect": "Allow", "Principal": own, "Action": "backup:CopyIntoBackupVault", "Resource": "*"}


def keep_copy(store: Store, original: Original, vault: Vault, hours_old: int = 5) -> RecoveryPoint:
    """A recovery point of `original` in `vault`."""
    made = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=hours_old)
    number = len(store.recovery_points) + 1
    point = RecoveryPoint(
        account=vault.account.id,
        region=vault.region,
        vault=vault.name,
        arn=f"arn:aws:backup:{vault.region}:{vault.account.id}:recovery-point:{number:08d}-0000-4000-8000-000000000000",
        resource_arn=original.arn,
        resource_type=original.kind,
        resource_name=original.name,
        key_arn=vault.key_arn,
        created=made,
    )
    store.recovery_points.append(point)
    return point


def keep_copy_through(store: Store, original: Original, local: Vault, outside: Vault) -> None:
    """A recovery point in a vault of the own account, copied to the backup account."""
    source = keep_copy(store, original, local, hours_old=6)
    destination = keep_copy(store, original, outside)
    destination.source_vault_arn = source.vault_arn
    store.copy_jobs.append(CopyJob(local.account.id, local.region, source, destination))


def make_key(account: Account, name: str, region: str = MAIN, *extra: dict[str, Any]) -> str:
    """A customer managed key; `extra` statements come after the usual one."""
    own = {"Effect": "Allow", "Principal": {"AWS": account.root_arn}, "Action": "kms:*", "Resource": "*"}
    policy = document(own, *extra)
    tags = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in account.resource_tags(name)]
    kms = account.client("kms", region)
    key = kms.create_key(Description=name, Policy=policy, Tags=tags)["KeyMetadata"]
    kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=key["KeyId"])
    return account.remember(name, key["Arn"])


def make_bucket(
    account: Account, name: str, *statements: dict[str, Any], region: str = MAIN, **tags: str | None
) -> str:
    """A versioned, encrypted bucket, closed to the public unless a statement opens it."""
    s3 = account.client("s3", region)
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=name, **place)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    encryption = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=encryption)
    wanted = account.resource_tags(name, **tags)
    if wanted:
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": wanted})
    closed = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    if statements:
        s3.put_bucket_policy(Bucket=name, Policy=document(*statements))
    else:
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=closed)
    return account.remember(name, f"arn:aws:s3:::{name}")


def make_secret(account: Account, name: str, *statements: dict[str, Any], region: str = MAIN) -> str:
    """A secret; the statements, if any, become its resource policy."""
    secrets = account.client("secretsmanager", region)
    made = secrets.create_secret(Name=name, SecretString="not-a-secret", Tags=account.resource_tags(name))
    if statements:
        secrets.put_resource_policy(SecretId=name, ResourcePolicy=document(*statements))
    return account.remember(name, made["ARN"])


def make_snapshot(original: Original, name: str, *shared_with: str) -> str:
    """A manual snapshot of an RDS instance, restorable by these accounts too."""
    rds = original.account.client("rds", original.region)
    tags = original.account.resource_tags(name)
    made = rds.create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier=original.name, Tags=tags)
    if shared_with:
        rds.modify_db_snapshot_attribute(
            DBSnapshotIdentifier=name, AttributeName="restore", ValuesToAdd=list(shared_with)
        )
    return original.account.remember(name, made["DBSnapshot"]["DBSnapshotArn"])


def copy_snapshot(account: Account, snapshot_arn: str, name: str, key_arn: str) -> str:
    """A copy of a shared RDS snapshot, owned by `account` and encrypted with its key."""
    rds = account.client("rds", snapshot_arn.split(":")[3])
    made = rds.copy_db_snapshot(
        SourceDBSnapshotIdentifier=snapshot_arn,
        TargetDBSnapshotIdentifier=name,
        KmsKeyId=key_arn,
        Tags=account.resource_tags(name),
    )
    return account.remember(name, made["DBSnapshot"]["DBSnapshotArn"])


def make_disk_snapshot(account: Account, name: str, *, public: bool) -> str:
    """An EBS snapshot of a volume of its own, restorable by everyone if `public`."""
    ec2, tags = account.client("ec2"), account.resource_tags(name)
    volume = ec2.create_volume(
        AvailabilityZone=f"{MAIN}a", Size=8, TagSpecifications=[{"ResourceType": "volume", "Tags": tags}]
    )
    snapshot = ec2.create_snapshot(
        VolumeId=volume["VolumeId"],
        Description=name,
        TagSpecifications=[{"ResourceType": "snapshot", "Tags": tags}],
    )["SnapshotId"]
    if public:
        ec2.modify_snapshot_attribute(
            SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"]
        )
    return account.remember(name, f"arn:aws:ec2:{MAIN}::snapshot/{snapshot}")


def make_image(account: Account, name: str, instance_id: str, *, lent_to: str | None = None) -> str:
    """An image of an instance, which an account may launch if `lent_to`."""
    ec2 = account.client("ec2")
    tags = [{"ResourceType": "image", "Tags": account.resource_tags(name)}]
    image = ec2.create_image(InstanceId=instance_id, Name=name, TagSpecifications=tags)["ImageId"]
    if lent_to:
        ec2.modify_image_attribute(ImageId=image, Attribute="launchPermission", OperationType="add", UserIds=[lent_to])
    return account.remember(name, f"arn:aws:ec2:{MAIN}::image/{image}")
