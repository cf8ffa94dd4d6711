"""The organization of the rule tests as an aggregator of AWS Config holds it: its recorded answers, turned into items.

Members are spelt as the schemas say (https://github.com/awslabs/aws-config-resource-schema), and only what they have is kept. AWS
Config records a resource in the account that owns it: what an account merely sees, such as a shared subnet, is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from scanner.aws.aggregator.load import expression
from tests.rule import organization as o

Answers = dict[tuple[str, str, str], Any]
NAME = "organization"
ARN = f"arn:aws:config:{o.HERE}:{o.MANAGEMENT}:config-aggregator/config-aggregator-abcdefgh"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
STATES = ("VPC", "Subnet", "NatGateway", "VPCEndpoint", "Volume")
Item = dict[str, Any]


def camel(value: Any) -> Any:
    """As most types are spelt: `VpcId` -> `vpcId`, `DBInstanceArn` -> `dBInstanceArn`."""
    if isinstance(value, dict):
        return {key[0].lower() + key[1:]: camel(inner) for key, inner in value.items()}
    return [camel(inner) for inner in value] if isinstance(value, list) else value


def cluster(value: Any) -> Any:
    """As clusters of databases and their snapshots are spelt: `DBClusterArn` -> `dbclusterArn`."""
    if isinstance(value, dict):
        return {re.sub("^dB([A-Z])", lambda m: "db" + m[1].lower(), camel({k: 0}).popitem()[0]): cluster(v) for k, v in value.items()}  # fmt: skip
    return [cluster(inner) for inner in value] if isinstance(value, list) else value


def item(kind: str, account: str, region: str, name: str, found: Any, tags: Any = (), **more: Any) -> Item:
    arn = more.pop("arn", None)
    return {
        "accountId": account, "awsRegion": region, "resourceType": f"AWS::{kind}", "resourceId": name, "resourceName": name,
        "arn": arn, "configurationItemStatus": "OK", "configuration": found, "supplementaryConfiguration": more,
        "tags": [{"key": t["Key"], "value": t["Value"], "tag": f"{t['Key']}={t['Value']}"} for t in tags or ()],
    }  # fmt: skip


EC2 = {
    "VPC": ("describe_vpcs", "Vpcs", "VpcId"),
    "Subnet": ("describe_subnets", "Subnets", "SubnetId"),
    "NetworkInterface": ("describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId"),
    "RouteTable": ("describe_route_tables", "RouteTables", "RouteTableId"),
    "SecurityGroup": ("describe_security_groups", "SecurityGroups", "GroupId"),
    "NetworkAcl": ("describe_network_acls", "NetworkAcls", "NetworkAclId"),
    "VPCPeeringConnection": ("describe_vpc_peering_connections", "VpcPeeringConnections", "VpcPeeringConnectionId"),
    "InternetGateway": ("describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
    "NatGateway": ("describe_nat_gateways", "NatGateways", "NatGatewayId"),
    "VPCEndpoint": ("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
    "Volume": ("describe_volumes", "Volumes", "VolumeId"),
}
# What AWS always sends, and the recorded answers leave out where it is of no use.
ALWAYS: dict[str, Any] = {
    "VPC": {"CidrBlockAssociationSet": []},
    "NetworkInterface": {"Groups": [], "PrivateIpAddresses": []},
    "RouteTable": {"Routes": [], "Associations": []},
    "SecurityGroup": {"IpPermissions": [], "IpPermissionsEgress": []},
    "NetworkAcl": {"Entries": [], "Associations": []},
    "InternetGateway": {"Attachments": []},
    "Volume": {"Attachments": [], "Encrypted": False, "State": "in-use"},
}


def network(found: Answers, account: str, region: str) -> Iterator[Item]:
    for kind, (call, key, name) in EC2.items():
        for one in found[account, region, f"ec2.{call}"].get(key, ()):
            if one.get("OwnerId", account) != account:
                continue
            plain = {k: v for k, v in (ALWAYS.get(kind, {}) | one).items() if k not in ("Tags", "TagSet")}
            if kind == "VPC" and not plain["CidrBlockAssociationSet"] and plain.get("CidrBlock"):
                plain["CidrBlockAssociationSet"] = [
                    {"CidrBlock": plain["CidrBlock"], "CidrBlockState": {"State": "associated"}}
                ]
            made = camel({"OwnerId": account, **plain})
            if kind in STATES and "state" in made:
                made["state"] = {"value": made["state"]}
            for permission in [*made.get("ipPermissions", ()), *made.get("ipPermissionsEgress", ())]:
                permission["ipv4Ranges"] = permission.get("ipRanges", [])
                permission["ipRanges"] = [one["cidrIp"] for one in permission["ipv4Ranges"]]
            yield item(f"EC2::{kind}", account, region, one[name], made, one.get("Tags") or one.get("TagSet"))
    for reservation in found[account, region, "ec2.describe_instances"].get("Reservations", ()):
        for one in reservation["Instances"]:
            plain = {"SecurityGroups": [], "State": {"Name": "running"}, **one}
            tags = plain.pop("Tags", ())
            yield item("EC2::Instance", account, region, one["InstanceId"], camel(plain), tags)


RDS: dict[str, tuple[str, str, str, Callable[[Any], Any]]] = {
    "DBInstance": ("describe_db_instances", "DBInstances", "DBInstanceIdentifier", camel),
    "DBCluster": ("describe_db_clusters", "DBClusters", "DBClusterIdentifier", cluster),
    "DBSubnetGroup": ("describe_db_subnet_groups", "DBSubnetGroups", "DBSubnetGroupName", camel),
    "DBSnapshot": ("describe_db_snapshots", "DBSnapshots", "DBSnapshotIdentifier", camel),
    "DBClusterSnapshot": (
        "describe_db_cluster_snapshots",
        "DBClusterSnapshots",
        "DBClusterSnapshotIdentifier",
        cluster,
    ),
}


def databases(found: Answers, account: str, region: str) -> Iterator[Item]:
    for kind, (call, key, name, spell) in RDS.items():
        for one in found[account, region, f"rds.{call}"].get(key, ()):
            always = (
                {"VpcSecurityGroups": [], "BackupRetentionPeriod": 0}
                if not kind.endswith(("Snapshot", "Group"))
                else {}
            )
            plain = {k: v for k, v in (always | one).items() if k != "TagList"}
            more = {}
            if kind.endswith("Snapshot"):
                asked = found[account, region, f"rds.{call[:-1]}_attributes"] or []
                answers = {e["request"][f"{kind}Identifier"]: e["response"] for e in asked}
                result = answers.get(one.get(name), {}).get(f"{kind}AttributesResult", {}).get(f"{kind}Attributes", [])
                more[f"{kind}Attributes"] = camel(result)
            yield item(f"RDS::{kind}", account, region, one[name], spell(plain), one.get("TagList"), arn=one.get(f"{kind}Arn"), **more)  # fmt: skip
    for name in found[account, region, "dynamodb.list_tables"].get("TableNames", ()):
        table = of(found[account, region, "dynamodb.describe_table"], TableName=name)["Table"]
        recovery = of(found[account, region, "dynamodb.describe_continuous_backups"], TableName=name)
        tags = of(found[account, region, "dynamodb.list_tags_of_resource"], ResourceArn=table["TableArn"])["Tags"]
        yield item("DynamoDB::Table", account, region, name, camel(table), tags, arn=table["TableArn"], ContinuousBackupsDescription=camel(recovery["ContinuousBackupsDescription"]))  # fmt: skip


def functions(found: Answers, account: str, region: str) -> Iterator[Item]:
    for one in found[account, region, "lambda.list_functions"].get("Functions", ()):
        network = {k: v for k, v in one.get("VpcConfig", {}).items() if k != "VpcId"}
        made = camel({"Role": f"arn:aws:iam::{account}:role/app", **one, "VpcConfig": network})
        yield item("Lambda::Function", account, region, one["FunctionName"], made, arn=one["FunctionArn"])
    for one in found[account, region, "kms.list_keys"].get("Keys", ()):
        metadata = of(found[account, region, "kms.describe_key"], KeyId=one["KeyId"])["KeyMetadata"]
        made = camel({"Arn": one["KeyArn"], **metadata})
        asked = found[account, region, "kms.get_key_policy"]
        policy = next((e["response"] for e in asked or () if e["request"]["KeyId"] == one["KeyId"]), {})
        yield item("KMS::Key", account, region, one["KeyId"], made, arn=one["KeyArn"], **policy)


def backups(found: Answers, account: str, region: str) -> Iterator[Item]:
    listed = found[account, region, "backup.list_backup_vaults"] or []
    for one in [vault for entry in listed for vault in entry["response"]["BackupVaultList"] if not entry["request"]]:
        kept = {k: v for k, v in one.items() if k in ("BackupVaultArn", "BackupVaultName", "EncryptionKeyArn")}
        yield item("Backup::BackupVault", account, region, one["BackupVaultName"], kept, arn=one["BackupVaultArn"])
    for entry in found[account, region, "backup.list_recovery_points_by_backup_vault"] or ():
        for one in entry["response"].get("RecoveryPoints", ()):
            made = {"CreationDate": None, "BackupVaultName": entry["request"]["BackupVaultName"], **one}
            yield item("Backup::RecoveryPoint", account, region, one["RecoveryPointArn"], made)


def plans(found: Answers, account: str, region: str) -> Iterator[Item]:
    for one in found[account, region, "backup.list_backup_plans"].get("BackupPlansList", ()):
        plan = of(found[account, region, "backup.get_backup_plan"], BackupPlanId=one["BackupPlanId"])["BackupPlan"]
        rules = [{**rule, "TargetBackupVault": rule["TargetBackupVaultName"]} for rule in plan["Rules"]]
        made = {**one, "BackupPlan": {"BackupPlanName": one["BackupPlanName"], "BackupPlanRule": rules}}
        yield item("Backup::BackupPlan", account, region, one["BackupPlanId"], made)
        listed = of(found[account, region, "backup.list_backup_selections"], BackupPlanId=one["BackupPlanId"])
        for chosen in listed["BackupSelectionsList"]:
            selection = of(found[account, region, "backup.get_backup_selection"], SelectionId=chosen["SelectionId"])
            kept = {
                "BackupPlanId": one["BackupPlanId"],
                "SelectionId": chosen["SelectionId"],
                "BackupSelection": {"SelectionName": chosen["SelectionName"], **selection["BackupSelection"]},
            }
            yield item(
                "Backup::BackupSelection", account, region, f"{one['BackupPlanId']}_{chosen['SelectionId']}", kept
            )


def identities(found: Answers, account: str) -> Iterator[Item]:
    details = found[account, "global", "iam.get_account_authorization_details"]
    for kind in ("Role", "User", "Group"):
        for one in details.get(f"{kind}DetailList", ()):
            plain = {k: v for k, v in one.items() if k not in ("Tags", "RoleLastUsed", "Description")}
            yield item(
                f"IAM::{kind}", account, "global", one["Arn"], spelt_policies(camel(plain), one), one.get("Tags")
            )
    for one in details.get("Policies", ()):
        if ":iam::aws:" not in one["Arn"]:
            made = camel(one)
            made["policyVersionList"] = [
                {"isDefaultVersion": v["IsDefaultVersion"], "document": json.dumps(v["Document"])}
                for v in one["PolicyVersionList"]
            ]
            yield item("IAM::Policy", account, "global", one["Arn"], made)


def spelt_policies(made: Item, one: Item) -> Item:
    """Documents of policies stay as they are: text."""
    if "AssumeRolePolicyDocument" in one:
        made["assumeRolePolicyDocument"] = json.dumps(one["AssumeRolePolicyDocument"])
    for key in ("RolePolicyList", "UserPolicyList", "GroupPolicyList"):
        if key in one:
            texts = [
                {"policyName": p["PolicyName"], "policyDocument": json.dumps(p["PolicyDocument"])} for p in one[key]
            ]
            made[key[0].lower() + key[1:]] = texts
    return made


def buckets(found: Answers, account: str) -> Iterator[Item]:
    for one in found[account, "global", "s3.list_buckets"].get("Buckets", ()):
        name = one["Name"]

        def answer(call: str, name: str = name) -> Any:
            return of(found[account, o.HERE, f"s3.get_{call}"], Bucket=name)

        policy = answer("bucket_policy")
        more = {
            "BucketVersioningConfiguration": {"status": answer("bucket_versioning").get("Status", "Off"), "isMfaDeleteEnabled": None},
            "BucketPolicy": json.dumps({"policyText": policy.get("Policy")}),
        }  # fmt: skip
        block = answer("public_access_block")
        if "PublicAccessBlockConfiguration" in block:
            more["PublicAccessBlockConfiguration"] = camel(block["PublicAccessBlockConfiguration"])
        tags = answer("bucket_tagging").get("TagSet", ())
        yield item("S3::Bucket", account, o.HERE, name, {"name": name}, tags, arn=f"arn:aws:s3:::{name}", **more)


def of(asked: Any, **params: Any) -> Any:
    """The recorded response to one request."""
    if isinstance(asked, dict):
        return asked
    return next((e["response"] for e in asked if params.items() <= e["request"].items()), {})


def recorder(account: str, region: str, **group: Any) -> Item:
    recording = group.pop("Recording", True)
    made = {"Name": "default", "Recording": recording, "RecordingGroup": {"AllSupported": True, "IncludeGlobalResourceTypes": region == o.HERE, **group}}  # fmt: skip
    return item("Config::ConfigurationRecorder", account, region, f"{account}/{region}", made)


def everything(found: Answers) -> list[Item]:
    items = [recorder(account, region) for account in o.READ for region in (o.HERE, o.THERE)]
    for account in o.READ:
        items += [*identities(found, account), *buckets(found, account)]
        for region in (o.HERE, o.THERE):
            for part in (network, databases, functions, backups, plans):
                items += part(found, account, region)
    return items


def base() -> Answers:
    """The organization, in which every account also knows what AWS's own policy allows."""
    found = o.answers()
    version = {"IsDefaultVersion": True, "VersionId": "v1", "Document": json.loads(o.document(o.allow(None)))}
    policy = {
        "PolicyName": "AdministratorAccess",
        "Arn": ADMINISTRATOR,
        "AttachmentCount": 1,
        "PolicyVersionList": [version],
    }
    for (_, _, call), answer in found.items():
        if call == "iam.get_account_authorization_details" and answer:
            answer["Policies"] = [*answer.get("Policies", ()), policy]
    return found


def with_aggregator(found: Answers, items: list[Item], types: set[str], failed: list[Item] | None = None) -> Answers:
    """Add the answers of the aggregator in the management account."""
    place = (o.MANAGEMENT, o.HERE)
    asked = {"ConfigurationAggregatorName": NAME}
    held: dict[str, list[str]] = {kind: [] for kind in sorted(types | {"AWS::Config::ConfigurationRecorder"})}
    for one in items:
        held[one["resourceType"]].append(json.dumps(one))
    counts = [{"GroupName": kind, "ResourceCount": len(found)} for kind, found in held.items()]
    source = {"RoleArn": "arn:aws:iam::1:role/r", "AllAwsRegions": True}
    aggregator = {
        "ConfigurationAggregatorName": NAME,
        "ConfigurationAggregatorArn": ARN,
        "OrganizationAggregationSource": source,
    }
    return found | {
        (*place, "config.describe_configuration_aggregators"): {"ConfigurationAggregators": [aggregator]},
        (*place, "config.describe_configuration_aggregator_sources_status"): [
            {"request": {**asked, "UpdateStatus": ["FAILED", "OUTDATED"]}, "response": {"AggregatedSourceStatusList": failed or []}}
        ],
        (*place, "config.get_aggregate_discovered_resource_counts"): [
            {"request": {**asked, "GroupByKey": "RESOURCE_TYPE"}, "response": {"GroupedResourceCounts": counts}}
        ],
        (*place, "config.select_aggregate_resource_config"): [
            {"request": {**asked, "Expression": expression(kind)}, "response": {"Results": results}} for kind, results in held.items()
        ],
    }  # fmt: skip


def write(folder: Path, answers: Answers) -> Path:
    """Write a recording; returns its directory."""
    for (account, region, call), content in answers.items():
        client, _, method = call.partition(".")
        path = folder / account / region / client / f"{method}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
    return folder
