"""What the replay endpoint answers: an organization of equal accounts, each of a realistic size, in boto3's words.

Written once, for a placeholder account and Region; the endpoint puts the real ones in. A resource id holds the account and
one letter for the Region, so that ids are as unique as AWS's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

ACCOUNT = "111122223333"
REGION = "eu-west-1"
REGIONS = ("eu-west-1", "us-east-1")
EVERY_REGION = (*REGIONS, "ap-southeast-2", "ca-central-1", "eu-central-1", "eu-north-1", "sa-east-1", "us-west-2")
FIRST_ACCOUNT = 200000000000
PAGE = 20
"""Accounts on a page of AWS Organizations."""
UNITS = tuple(f"ou-ab12-{number:08}" for number in range(8))
THEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
TAGS = [
    {"Key": "environment", "Value": "production"},
    {"Key": "product", "Value": "orders"},
    {"Key": "owner", "Value": "orders-team@example.com"},
    {"Key": "cost-centre", "Value": "4711"},
]

Answer = Mapping[str, Any]


class Absent(Exception):
    """AWS says there is none: an error code."""


def arn(service: str, resource: str, region: str = REGION) -> str:
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{resource}"


def made(kind: str, number: int) -> str:
    """Return an EC2 id of AWS's length: kind, account, letter of the Region, number."""
    return f"{kind}-{ACCOUNT}a{number:04x}"


KEY = arn("kms", "key/0c0ffee0-0000-4000-8000-000000000000")


def named(name: str) -> list[dict[str, str]]:
    return [{"Key": "Name", "Value": name}, *TAGS]


def times(count: int, build: Callable[[int], Any]) -> list[Any]:
    return [build(number) for number in range(count)]


def document(*actions: str, effect: str = "Allow", principal: Any = None, resource: str = "*") -> dict[str, Any]:
    statement: dict[str, Any] = {"Sid": "One", "Effect": effect, "Action": list(actions)}
    if principal is not None:
        statement["Principal"] = principal
    if not actions[0].startswith("sts:"):
        statement["Resource"] = resource
    statement["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": "o-benchbench"}}
    return {"Version": "2012-10-17", "Statement": [statement]}


OWN_ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
RESOURCE_POLICY = json.dumps(document("kms:*", principal=OWN_ROOT))


# ---------------------------------------------------------------------- network and compute, per Region


def network() -> dict[str, Answer]:
    return {
        "ec2.describe_vpcs": {"Vpcs": times(2, _vpc)},
        "ec2.describe_subnets": {"Subnets": times(6, _subnet)},
        "ec2.describe_network_interfaces": {"NetworkInterfaces": times(30, _interface)},
        "ec2.describe_route_tables": {"RouteTables": times(4, _route_table)},
        "ec2.describe_security_groups": {"SecurityGroups": times(10, _group)},
        "ec2.describe_network_acls": {"NetworkAcls": times(2, _acl)},
        "ec2.describe_managed_prefix_lists": {"PrefixLists": times(6, _prefix_list)},
        "ec2.get_managed_prefix_list_entries": {"Entries": times(4, lambda n: {"Cidr": f"52.92.{n}.0/24"})},
        "config.describe_configuration_recorders": {
            "ConfigurationRecorders": [{"name": "default", "recordingGroup": {"allSupported": True}}]
        },
        "config.describe_configuration_recorder_status": {
            "ConfigurationRecordersStatus": [{"name": "default", "recording": True, "lastStatus": "SUCCESS"}]
        },
        "ec2.describe_internet_gateways": {
            "InternetGateways": [
                {
                    "InternetGatewayId": made("igw", 0),
                    "OwnerId": ACCOUNT,
                    "Attachments": [{"State": "available", "VpcId": made("vpc", 0)}],
                }
            ]
        },
        "ec2.describe_nat_gateways": {"NatGateways": times(2, _nat_gateway)},
        "ec2.describe_vpc_endpoints": {"VpcEndpoints": times(3, _endpoint)},
        "ec2.describe_vpc_block_public_access_options": {
            "VpcBlockPublicAccessOptions": {
                "AwsAccountId": ACCOUNT,
                "AwsRegion": REGION,
                "State": "default-state",
                "InternetGatewayBlockMode": "off",
            }
        },
        "ec2.describe_transit_gateways": {
            "TransitGateways": [
                {
                    "TransitGatewayId": "tgw-0aaaaaaaaaaaaaaaa",
                    "OwnerId": str(FIRST_ACCOUNT + 1),
                    "State": "available",
                    "CreationTime": THEN,
                }
            ]
        },
        "ec2.describe_transit_gateway_attachments": {
            "TransitGatewayAttachments": [
                {
                    "TransitGatewayAttachmentId": made("tgw-attach", 0),
                    "TransitGatewayId": "tgw-0aaaaaaaaaaaaaaaa",
                    "TransitGatewayOwnerId": str(FIRST_ACCOUNT + 1),
                    "ResourceType": "vpc",
                    "ResourceId": made("vpc", 0),
                    "ResourceOwnerId": ACCOUNT,
                    "State": "available",
                }
            ]
        },
        "ec2.describe_transit_gateway_vpc_attachments": {
            "TransitGatewayVpcAttachments": [
                {
                    "TransitGatewayAttachmentId": made("tgw-attach", 0),
                    "TransitGatewayId": "tgw-0aaaaaaaaaaaaaaaa",
                    "VpcId": made("vpc", 0),
                    "State": "available",
                    "SubnetIds": [made("subnet", 0), made("subnet", 1)],
                }
            ]
        },
    }


def _vpc(number: int) -> Answer:
    cidr = f"10.{number}.0.0/16"
    return {
        "VpcId": made("vpc", number),
        "OwnerId": ACCOUNT,
        "State": "available",
        "IsDefault": False,
        "CidrBlock": cidr,
        "DhcpOptionsId": made("dopt", 0),
        "InstanceTenancy": "default",
        "CidrBlockAssociationSet": [
            {"AssociationId": made("vpc-cidr", number), "CidrBlock": cidr, "CidrBlockState": {"State": "associated"}}
        ],
        "Tags": named(f"orders-{number}"),
    }


def _subnet(number: int) -> Answer:
    return {
        "SubnetId": made("subnet", number),
        "SubnetArn": arn("ec2", f"subnet/{made('subnet', number)}"),
        "VpcId": made("vpc", number // 3),
        "OwnerId": ACCOUNT,
        "State": "available",
        "CidrBlock": f"10.{number // 3}.{number}.0/24",
        "AvailableIpAddressCount": 240,
        "AvailabilityZone": f"{REGION}{'abc'[number % 3]}",
        "AvailabilityZoneId": f"az{number % 3}",
        "DefaultForAz": False,
        "MapPublicIpOnLaunch": number % 3 == 0,
        "Tags": named(f"orders-{number}"),
    }


def _interface(number: int) -> Answer:
    address = f"10.0.{number % 6}.{number + 10}"
    return {
        "NetworkInterfaceId": made("eni", number),
        "VpcId": made("vpc", 0),
        "SubnetId": made("subnet", number % 3),
        "OwnerId": ACCOUNT,
        "AvailabilityZone": f"{REGION}a",
        "Description": "Primary network interface",
        "InterfaceType": "interface",
        "MacAddress": "02:00:00:00:00:01",
        "RequesterManaged": False,
        "Status": "in-use",
        "SourceDestCheck": True,
        "PrivateDnsName": f"ip-{address}.internal",
        "PrivateIpAddress": address,
        "PrivateIpAddresses": [{"PrivateIpAddress": address, "Primary": True, "PrivateDnsName": "ip.internal"}],
        "Groups": [{"GroupId": made("sg", number % 10), "GroupName": f"group-{number % 10}"}],
        "Attachment": {
            "AttachmentId": made("eni-attach", number),
            "AttachTime": THEN,
            "DeleteOnTermination": True,
            "DeviceIndex": 0,
            "InstanceId": made("i", number % 20),
            "InstanceOwnerId": ACCOUNT,
            "Status": "attached",
        },
        "TagSet": TAGS,
    }


def _route_table(number: int) -> Answer:
    table = made("rtb", number)
    targets: list[dict[str, Any]] = [
        {"DestinationCidrBlock": f"10.{number // 2}.0.0/16", "GatewayId": "local", "Origin": "CreateRouteTable"},
        {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": made("igw", 0), "Origin": "CreateRoute"},
        {"DestinationCidrBlock": "10.64.0.0/10", "TransitGatewayId": "tgw-0aaaaaaaaaaaaaaaa", "Origin": "CreateRoute"},
        {"DestinationPrefixListId": made("pl", 0), "GatewayId": made("vpce", 0), "Origin": "CreateRoute"},
    ]
    return {
        "RouteTableId": table,
        "VpcId": made("vpc", number // 2),
        "OwnerId": ACCOUNT,
        "Associations": [
            {
                "Main": False,
                "RouteTableAssociationId": made("rtbassoc", number * 8 + position),
                "RouteTableId": table,
                "SubnetId": made("subnet", number + position),
                "AssociationState": {"State": "associated"},
            }
            for position in range(2)
        ],
        "Routes": [{**target, "State": "active"} for target in targets],
        "Tags": named(f"routes-{number}"),
    }


def _group(number: int) -> Answer:
    return {
        "GroupId": made("sg", number),
        "GroupName": f"group-{number}",
        "Description": "what may connect to the orders service",
        "VpcId": made("vpc", number // 5),
        "OwnerId": ACCOUNT,
        "IpPermissions": [
            {
                "IpProtocol": "tcp",
                "FromPort": port,
                "ToPort": port,
                "IpRanges": [{"CidrIp": "10.0.0.0/16", "Description": "own network"}, {"CidrIp": "10.1.0.0/16"}],
                "UserIdGroupPairs": [{"GroupId": made("sg", (number + 1) % 10), "UserId": ACCOUNT}],
            }
            for port in (443, 5432)
        ],
        "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
        "Tags": named(f"group-{number}"),
    }


def _acl(number: int) -> Answer:
    every = {"CidrBlock": "0.0.0.0/0", "Protocol": "-1"}
    entries = [
        {**every, "Egress": egress, "RuleAction": action, "RuleNumber": rule}
        for egress in (True, False)
        for action, rule in (("allow", 100), ("deny", 32767))
    ]
    return {
        "NetworkAclId": made("acl", number),
        "VpcId": made("vpc", number),
        "OwnerId": ACCOUNT,
        "IsDefault": True,
        "Associations": [
            {"NetworkAclId": made("acl", number), "SubnetId": made("subnet", number * 3 + position)}
            for position in range(3)
        ],
        "Entries": entries,
    }


def _prefix_list(number: int) -> Answer:
    return {
        "PrefixListId": made("pl", number),
        "PrefixListName": f"com.amazonaws.{REGION}.service-{number}",
        "OwnerId": "AWS",
        "State": "create-complete",
        "AddressFamily": "IPv4",
    }


def _nat_gateway(number: int) -> Answer:
    return {
        "NatGatewayId": made("nat", number),
        "VpcId": made("vpc", number),
        "SubnetId": made("subnet", number * 3),
        "State": "available",
        "ConnectivityType": "public",
        "CreateTime": THEN,
        "NatGatewayAddresses": [{"PrivateIp": "10.0.1.5", "PublicIp": "3.3.3.3", "NetworkInterfaceId": made("eni", 1)}],
        "Tags": TAGS,
    }


def _endpoint(number: int) -> Answer:
    return {
        "VpcEndpointId": made("vpce", number),
        "VpcEndpointType": "Gateway" if number == 0 else "Interface",
        "VpcId": made("vpc", 0),
        "ServiceName": f"com.amazonaws.{REGION}.{('s3', 'kms', 'sts')[number]}",
        "State": "available",
        "OwnerId": ACCOUNT,
        "SubnetIds": [] if number == 0 else [made("subnet", 0)],
        "RouteTableIds": [made("rtb", 0)] if number == 0 else [],
        "Groups": [{"GroupId": made("sg", 0), "GroupName": "group-0"}],
        "CreationTimestamp": THEN,
        "Tags": TAGS,
    }


def compute() -> dict[str, Answer]:
    return {
        "ec2.describe_instances": {"Reservations": times(20, _reservation)},
        "ec2.describe_volumes": {"Volumes": times(25, _volume)},
        "ec2.describe_snapshots": {"Snapshots": times(10, _volume_snapshot)},
        "ec2.describe_snapshot_attribute": {"SnapshotId": made("snap", 0), "CreateVolumePermissions": []},
        "ec2.describe_images": {"Images": times(2, _image)},
        "ec2.describe_image_attribute": {"ImageId": made("ami", 0), "LaunchPermissions": []},
        "cloudformation.describe_stacks": {"Stacks": times(4, _stack)},
    }


def _image(number: int) -> Answer:
    return {
        "ImageId": made("ami", number),
        "Name": f"base-{number}",
        "OwnerId": ACCOUNT,
        "Public": False,
        "State": "available",
        "CreationDate": THEN.isoformat(),
        "SourceInstanceId": made("i", number),
        "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": made("snap", number)}}],
        "Tags": TAGS,
    }


def _stack(number: int) -> Answer:
    return {
        "StackId": arn("cloudformation", f"stack/orders-{number}/0c0ffee0-0000-4000-8000-00000000000{number}"),
        "StackName": f"orders-{number}",
        "StackStatus": "UPDATE_COMPLETE",
        "CreationTime": THEN,
        "Parameters": [{"ParameterKey": "Stage", "ParameterValue": "production"}],
        "Tags": TAGS,
    }


def _reservation(number: int) -> Answer:
    instance = {
        "InstanceId": made("i", number),
        "ImageId": made("ami", 0),
        "InstanceType": "m7g.large",
        "State": {"Code": 16, "Name": "running"},
        "VpcId": made("vpc", 0),
        "SubnetId": made("subnet", number % 3),
        "PrivateIpAddress": f"10.0.0.{number + 10}",
        "PrivateDnsName": f"ip-10-0-0-{number + 10}.{REGION}.compute.internal",
        "Architecture": "arm64",
        "Placement": {"AvailabilityZone": f"{REGION}a", "Tenancy": "default"},
        "Monitoring": {"State": "disabled"},
        "RootDeviceName": "/dev/xvda",
        "BlockDeviceMappings": [
            {
                "DeviceName": "/dev/xvda",
                "Ebs": {"VolumeId": made("vol", number), "Status": "attached", "AttachTime": THEN},
            }
        ],
        "NetworkInterfaces": [
            {"NetworkInterfaceId": made("eni", number), "SubnetId": made("subnet", number % 3), "OwnerId": ACCOUNT}
        ],
        "SecurityGroups": [{"GroupId": made("sg", 0), "GroupName": "group-0"}],
        "IamInstanceProfile": {"Arn": arn("iam", "instance-profile/web", ""), "Id": "AIPABENCHBENCHBENCH0"},
        "MetadataOptions": {"State": "applied", "HttpTokens": "required", "HttpEndpoint": "enabled"},
        "LaunchTime": THEN,
        "Tags": named(f"web-{number}"),
    }
    return {"ReservationId": made("r", number), "OwnerId": ACCOUNT, "Instances": [instance]}


def _volume(number: int) -> Answer:
    attachment = {"InstanceId": made("i", number % 20), "State": "attached", "Device": "/dev/xvda", "AttachTime": THEN}
    return {
        "VolumeId": made("vol", number),
        "State": "in-use",
        "Size": 100,
        "VolumeType": "gp3",
        "AvailabilityZone": f"{REGION}a",
        "Encrypted": True,
        "KmsKeyId": KEY,
        "CreateTime": THEN,
        "Attachments": [attachment],
        "Tags": TAGS,
    }


def _volume_snapshot(number: int) -> Answer:
    return {
        "SnapshotId": made("snap", number),
        "VolumeId": made("vol", number),
        "VolumeSize": 100,
        "OwnerId": ACCOUNT,
        "State": "completed",
        "Progress": "100%",
        "StartTime": THEN,
        "Encrypted": True,
        "KmsKeyId": KEY,
        "Description": "This snapshot is created by the AWS Backup service.",
        "Tags": TAGS,
    }


# ---------------------------------------------------------------------- data and what protects it, per Region


def data() -> dict[str, Answer]:
    return {
        "rds.describe_db_subnet_groups": {"DBSubnetGroups": [_subnet_group()]},
        "rds.describe_db_instances": {"DBInstances": times(4, _database)},
        "rds.describe_db_clusters": {"DBClusters": times(1, _cluster)},
        "rds.describe_db_instance_automated_backups": {"DBInstanceAutomatedBackups": times(4, _automated)},
        "rds.describe_db_snapshots": {"DBSnapshots": times(6, _database_snapshot)},
        "rds.describe_db_snapshot_attributes": {
            "DBSnapshotAttributesResult": {"DBSnapshotAttributes": [{"AttributeName": "restore"}]}
        },
        "dynamodb.list_tables": {"TableNames": ["orders", "carts", "sessions"]},
        "dynamodb.describe_table": {
            "Table": {
                "TableName": "orders",
                "TableArn": arn("dynamodb", "table/orders"),
                "TableStatus": "ACTIVE",
                "ItemCount": 1000,
                "SSEDescription": {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": KEY},
                "DeletionProtectionEnabled": True,
            }
        },
        "dynamodb.describe_continuous_backups": {
            "ContinuousBackupsDescription": {
                "ContinuousBackupsStatus": "ENABLED",
                "PointInTimeRecoveryDescription": {
                    "PointInTimeRecoveryStatus": "ENABLED",
                    "LatestRestorableDateTime": THEN,
                },
            }
        },
        "dynamodb.list_tags_of_resource": {"Tags": TAGS},
        "kms.list_keys": {"Keys": times(5, lambda n: {"KeyId": _key(n), "KeyArn": arn("kms", f"key/{_key(n)}")})},
        "kms.list_aliases": {
            "Aliases": times(
                5, lambda n: {"AliasName": f"alias/key-{n}", "TargetKeyId": _key(n), "LastUpdatedDate": THEN}
            )
        },
        "kms.describe_key": {
            "KeyMetadata": {
                "KeyId": _key(0),
                "Arn": KEY,
                "CreationDate": THEN,
                "Enabled": True,
                "KeyUsage": "ENCRYPT_DECRYPT",
                "KeyManager": "CUSTOMER",
                "KeyState": "Enabled",
                "Origin": "AWS_KMS",
                "MultiRegion": False,
            }
        },
        "kms.get_key_policy": {"Policy": RESOURCE_POLICY},
        "secretsmanager.list_secrets": {"SecretList": times(5, _secret)},
        "secretsmanager.get_resource_policy": {"ARN": arn("secretsmanager", "secret:one"), "Name": "one"},
        "backup.list_backup_vaults": {"BackupVaultList": times(2, _vault)},
        "backup.get_backup_vault_access_policy": {"Policy": RESOURCE_POLICY},
        "backup.list_recovery_points_by_backup_vault": {"RecoveryPoints": times(20, _recovery_point)},
        "backup.list_copy_jobs": {"CopyJobs": times(5, _copy_job)},
        "backup.list_backup_plans": {
            "BackupPlansList": [
                {
                    "BackupPlanId": "plan-1",
                    "BackupPlanArn": arn("backup", "backup-plan:plan-1"),
                    "BackupPlanName": "day",
                }
            ]
        },
        "backup.get_backup_plan": {
            "BackupPlan": {
                "BackupPlanName": "day",
                "Rules": [{"RuleName": "night", "TargetBackupVaultName": "vault-0"}],
            }
        },
        "backup.list_backup_selections": {
            "BackupSelectionsList": [{"SelectionId": "selection-1", "SelectionName": "all", "BackupPlanId": "plan-1"}]
        },
        "backup.get_backup_selection": {
            "BackupSelection": {
                "SelectionName": "all",
                "IamRoleArn": arn("iam", "role/backup", ""),
                "Resources": ["*"],
            }
        },
        "resourcegroupstaggingapi.get_resources": {
            "ResourceTagMappingList": times(
                60, lambda n: {"ResourceARN": arn("ec2", f"instance/{made('i', n)}"), "Tags": TAGS}
            )
        },
    }


def _key(number: int) -> str:
    return f"0c0ffee0-0000-4000-8000-{number:012}"


def _subnet_group() -> Answer:
    return {
        "DBSubnetGroupName": "data",
        "DBSubnetGroupArn": arn("rds", "subgrp:data"),
        "VpcId": made("vpc", 0),
        "Subnets": times(3, lambda n: {"SubnetIdentifier": made("subnet", n), "SubnetStatus": "Active"}),
    }


def _database(number: int) -> Answer:
    return {
        "DBInstanceIdentifier": f"orders-{number}",
        "DBInstanceArn": arn("rds", f"db:orders-{number}"),
        "DbiResourceId": f"db-{number}",
        "DBInstanceClass": "db.r7g.large",
        "Engine": "postgres",
        "EngineVersion": "16.4",
        "DBInstanceStatus": "available",
        "AllocatedStorage": 100,
        "InstanceCreateTime": THEN,
        "DBSubnetGroup": _subnet_group(),
        "VpcSecurityGroups": [{"VpcSecurityGroupId": made("sg", 1), "Status": "active"}],
        "DBParameterGroups": [{"DBParameterGroupName": "default", "ParameterApplyStatus": "in-sync"}],
        "Endpoint": {"Address": f"orders-{number}.x.{REGION}.rds.amazonaws.com", "Port": 5432},
        "PubliclyAccessible": False,
        "StorageEncrypted": True,
        "KmsKeyId": KEY,
        "BackupRetentionPeriod": 7,
        "LatestRestorableTime": THEN,
        "DeletionProtection": True,
        "MultiAZ": True,
        "TagList": TAGS,
    }


def _cluster(number: int) -> Answer:
    return {
        "DBClusterIdentifier": "ledger",
        "DBClusterArn": arn("rds", "cluster:ledger"),
        "DbClusterResourceId": f"cluster-{number}",
        "Engine": "aurora-postgresql",
        "Status": "available",
        "DBSubnetGroup": "data",
        "VpcSecurityGroups": [{"VpcSecurityGroupId": made("sg", 1), "Status": "active"}],
        "Endpoint": f"ledger.cluster-x.{REGION}.rds.amazonaws.com",
        "Port": 5432,
        "StorageEncrypted": True,
        "KmsKeyId": KEY,
        "BackupRetentionPeriod": 7,
        "LatestRestorableTime": THEN,
        "DeletionProtection": True,
        "MultiAZ": True,
        "TagList": TAGS,
    }


def _automated(number: int) -> Answer:
    return {
        "DBInstanceAutomatedBackupsArn": arn("rds", f"auto-backup:ab-{number}"),
        "DBInstanceArn": arn("rds", f"db:orders-{number}"),
        "Status": "active",
        "KmsKeyId": KEY,
        "RestoreWindow": {"EarliestTime": THEN - timedelta(days=7), "LatestTime": THEN},
    }


def _database_snapshot(number: int) -> Answer:
    return {
        "DBSnapshotIdentifier": f"orders-{number}",
        "DBSnapshotArn": arn("rds", f"snapshot:orders-{number}"),
        "DBInstanceIdentifier": f"orders-{number % 4}",
        "SnapshotType": "manual",
        "Status": "available",
        "SnapshotCreateTime": THEN,
        "Encrypted": True,
        "KmsKeyId": KEY,
        "TagList": TAGS,
    }


def _secret(number: int) -> Answer:
    return {
        "ARN": arn("secretsmanager", f"secret:orders-{number}-a1b2c3"),
        "Name": f"orders-{number}",
        "Description": "password of orders",
        "KmsKeyId": KEY,
        "RotationEnabled": True,
        "LastAccessedDate": THEN,
        "CreatedDate": THEN,
        "Tags": TAGS,
    }


def _vault(number: int) -> Answer:
    return {
        "BackupVaultName": f"vault-{number}",
        "BackupVaultArn": arn("backup", f"backup-vault:vault-{number}"),
        "VaultType": "BACKUP_VAULT",
        "EncryptionKeyArn": KEY,
        "CreationDate": THEN,
        "NumberOfRecoveryPoints": 20,
        "Locked": True,
        "MinRetentionDays": 7,
        "MaxRetentionDays": 365,
    }


def _recovery_point(number: int) -> Answer:
    return {
        "RecoveryPointArn": arn("backup", f"recovery-point:{number}"),
        "BackupVaultName": "vault-0",
        "BackupVaultArn": arn("backup", "backup-vault:vault-0"),
        "ResourceArn": arn("rds", f"db:orders-{number % 4}"),
        "ResourceType": "RDS",
        "IamRoleArn": arn("iam", "role/backup", ""),
        "Status": "COMPLETED",
        "CreationDate": THEN,
        "CompletionDate": THEN,
        "BackupSizeInBytes": 123456789,
        "EncryptionKeyArn": KEY,
        "IsEncrypted": True,
        "CalculatedLifecycle": {"DeleteAt": THEN + timedelta(days=30)},
    }


def _copy_job(number: int) -> Answer:
    return {
        "AccountId": ACCOUNT,
        "CopyJobId": f"job-{number}",
        "ResourceArn": arn("rds", f"db:orders-{number % 4}"),
        "ResourceType": "RDS",
        "SourceBackupVaultArn": arn("backup", "backup-vault:vault-0"),
        "DestinationBackupVaultArn": f"arn:aws:backup:us-east-1:{FIRST_ACCOUNT + 2}:backup-vault:far",
        "State": "COMPLETED",
        "CreationDate": THEN,
        "CompletionDate": THEN,
    }


# ---------------------------------------------------------------------- per account


def account() -> dict[str, Answer]:
    return {
        "ec2.describe_regions": {
            "Regions": [
                {"RegionName": name, "Endpoint": "ec2.amazonaws.com", "OptInStatus": "opt-in-not-required"}
                for name in EVERY_REGION
            ]
        },
        "backup.describe_global_settings": {"GlobalSettings": {"isCrossAccountBackupEnabled": "true"}},
        "iam.get_account_authorization_details": {
            "RoleDetailList": times(20, _role),
            "UserDetailList": times(4, _user),
            "GroupDetailList": times(2, _user_group),
            "Policies": times(10, _managed_policy),
        },
        "s3.list_buckets": {
            "Buckets": times(
                4,
                lambda n: {"Name": f"bucket-{ACCOUNT}-{n}", "CreationDate": THEN, "BucketRegion": REGIONS[n % 2]},
            )
        },
        "s3.get_bucket_versioning": {"Status": "Enabled"},
        "s3.get_bucket_encryption": {
            "ServerSideEncryptionConfiguration": {
                "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}}]
            }
        },
        "s3.get_public_access_block": {
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": True,
                "RestrictPublicBuckets": True,
            }
        },
        "s3.get_bucket_policy": {"Policy": json.dumps(document("s3:*", effect="Deny", principal="*"))},
        "s3.get_bucket_tagging": {"TagSet": TAGS},
    }


ABSENT = {
    "securityhub.describe_hub": "InvalidAccessException",
    "organizations.describe_resource_policy": "ResourcePolicyNotFoundException",
    "s3control.get_public_access_block": "NoSuchPublicAccessBlockConfiguration",
    "s3.get_bucket_replication": "ReplicationConfigurationNotFoundError",
    "s3.get_object_lock_configuration": "ObjectLockConfigurationNotFoundError",
    "dynamodb.get_resource_policy": "PolicyNotFoundException",
}


def _quoted(policy: dict[str, Any]) -> str:
    """As IAM sends policies."""
    return quote(json.dumps(policy))


def _role(number: int) -> Answer:
    name = f"application-{number}"
    return {
        "Path": "/",
        "RoleName": name,
        "RoleId": f"AROABENCHBENCHBENC{number:02}",
        "Arn": arn("iam", f"role/{name}", ""),
        "CreateDate": THEN,
        "AssumeRolePolicyDocument": _quoted(document("sts:AssumeRole", principal=OWN_ROOT)),
        "InstanceProfileList": [],
        "RolePolicyList": [
            {
                "PolicyName": "inline",
                "PolicyDocument": _quoted(
                    document("s3:GetObject", "s3:PutObject", "dynamodb:Query", resource="arn:aws:s3:::bucket/*")
                ),
            }
        ],
        "AttachedManagedPolicies": [
            {"PolicyName": f"policy-{number % 10}", "PolicyArn": arn("iam", f"policy/policy-{number % 10}", "")}
        ],
        "Tags": TAGS,
        "RoleLastUsed": {"LastUsedDate": THEN, "Region": REGION},
    }


def _user(number: int) -> Answer:
    return {
        "Path": "/",
        "UserName": f"user-{number}",
        "UserId": f"AIDABENCHBENCHBENC{number:02}",
        "Arn": arn("iam", f"user/user-{number}", ""),
        "CreateDate": THEN,
        "GroupList": ["group-0"],
        "AttachedManagedPolicies": [],
        "Tags": TAGS,
    }


def _user_group(number: int) -> Answer:
    return {
        "Path": "/",
        "GroupName": f"group-{number}",
        "GroupId": f"AGPABENCHBENCHBENC{number:02}",
        "Arn": arn("iam", f"group/group-{number}", ""),
        "CreateDate": THEN,
        "GroupPolicyList": [],
        "AttachedManagedPolicies": [
            {"PolicyName": "ReadOnlyAccess", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
        ],
    }


def _managed_policy(number: int) -> Answer:
    actions = [f"ec2:Describe{word}" for word in ("Instances", "Vpcs", "Subnets", "Volumes", "Snapshots")]
    return {
        "PolicyName": f"policy-{number}",
        "PolicyId": f"ANPABENCHBENCHBENC{number:02}",
        "Arn": arn("iam", f"policy/policy-{number}", ""),
        "Path": "/",
        "DefaultVersionId": "v1",
        "AttachmentCount": 2,
        "IsAttachable": True,
        "CreateDate": THEN,
        "UpdateDate": THEN,
        "PolicyVersionList": [
            {
                "Document": _quoted(document(*actions)),
                "VersionId": "v1",
                "IsDefaultVersion": True,
                "CreateDate": THEN,
            }
        ],
    }


# ---------------------------------------------------------------------- the organization


class Organization:
    """Answers every call; what is not described has nothing in it."""

    def __init__(self, accounts: int):
        self.accounts = [str(FIRST_ACCOUNT + number) for number in range(accounts)]
        self._answers = network() | compute() | data() | account()

    @property
    def management(self) -> str:
        return self.accounts[0]

    def answer(self, name: str, params: Mapping[str, Any]) -> Answer:
        """Return the answer to `<client>.<method>`. Raises Absent."""
        if name in ABSENT:
            raise Absent(ABSENT[name])
        special = getattr(self, f"_{name.replace('.', '_')}", None)
        found: Answer = special(params) if special else self._answers.get(name, {})
        return found

    def _sts_get_caller_identity(self, _: Mapping[str, Any]) -> Answer:
        return {"Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/bench", "UserId": "AIDABENCH"}

    def _sts_assume_role(self, params: Mapping[str, Any]) -> Answer:
        entered = params["RoleArn"].split(":")[4]
        return {
            "Credentials": {
                "AccessKeyId": access_key(entered),
                "SecretAccessKey": "bench",
                "SessionToken": "bench",
                "Expiration": datetime.now(UTC) + timedelta(hours=12),
            }
        }

    def _organizations_describe_organization(self, _: Mapping[str, Any]) -> Answer:
        return {
            "Organization": {
                "Id": "o-benchbench",
                "Arn": f"arn:aws:organizations::{self.management}:organization/o-benchbench",
                "FeatureSet": "ALL",
                "MasterAccountId": self.management,
            }
        }

    def _organizations_list_roots(self, _: Mapping[str, Any]) -> Answer:
        kinds = [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]
        return {"Roots": [{"Id": "r-ab12", "Arn": self._arn("root/r-ab12"), "Name": "Root", "PolicyTypes": kinds}]}

    def _organizations_list_organizational_units_for_parent(self, params: Mapping[str, Any]) -> Answer:
        if params["ParentId"] != "r-ab12":
            return {"OrganizationalUnits": []}
        units = [{"Id": unit, "Arn": self._arn(f"ou/{unit}"), "Name": f"Unit {unit[-1]}"} for unit in UNITS]
        return {"OrganizationalUnits": units}

    def _organizations_list_accounts(self, params: Mapping[str, Any]) -> Answer:
        return self._page(list(range(len(self.accounts))), params)

    def _organizations_list_accounts_for_parent(self, params: Mapping[str, Any]) -> Answer:
        parent = params["ParentId"]
        numbers = range(UNITS.index(parent), len(self.accounts), len(UNITS)) if parent in UNITS else range(0)
        return self._page(list(numbers), params)

    def _page(self, numbers: list[int], params: Mapping[str, Any]) -> Answer:
        start = int(params.get("NextToken") or 0)
        page: dict[str, Any] = {"Accounts": [self._account(number) for number in numbers[start : start + PAGE]]}
        if start + PAGE < len(numbers):
            page["NextToken"] = str(start + PAGE)
        return page

    def _account(self, number: int) -> Answer:
        stage = ("prod", "staging", "test", "dev")[number % 4]
        return {
            "Id": self.accounts[number],
            "Arn": self._arn(f"account/{self.accounts[number]}"),
            "Name": f"product-{number // 4}-{stage}",
            "Email": f"account-{number}@example.com",
            "Status": "ACTIVE",
            "JoinedMethod": "CREATED",
            "JoinedTimestamp": THEN,
        }

    def _organizations_list_tags_for_resource(self, _: Mapping[str, Any]) -> Answer:
        return {"Tags": TAGS}

    def _organizations_list_policies(self, params: Mapping[str, Any]) -> Answer:
        return {"Policies": [self._policy(number, params["Filter"]) for number in range(3)]}

    def _organizations_describe_policy(self, params: Mapping[str, Any]) -> Answer:
        summary = self._policy(int(params["PolicyId"][-1]), "SERVICE_CONTROL_POLICY")
        content = document("organizations:LeaveOrganization", "cloudtrail:StopLogging", effect="Deny")
        return {"Policy": {"PolicySummary": summary, "Content": json.dumps(content)}}

    def _organizations_list_targets_for_policy(self, _: Mapping[str, Any]) -> Answer:
        return {"Targets": [{"TargetId": "r-ab12", "Arn": self._arn("root/r-ab12"), "Name": "Root", "Type": "ROOT"}]}

    def _policy(self, number: int, kind: str) -> Answer:
        arn = self._arn(f"policy/service_control_policy/p-0000000{number}")
        return {"Id": f"p-0000000{number}", "Arn": arn, "Name": f"guard-{number}", "Type": kind, "AwsManaged": False}

    def _arn(self, resource: str) -> str:
        kind, _, rest = resource.partition("/")
        return f"arn:aws:organizations::{self.management}:{kind}/o-benchbench/{rest}"


def access_key(account_id: str) -> str:
    """Return a key that tells the endpoint whose request it is."""
    return f"ASIA{account_id}BENC"


def account_letters() -> Iterator[tuple[str, str]]:
    """Yield each Region with the letter that stands for it in ids."""
    yield from zip(REGIONS, "ab", strict=True)
