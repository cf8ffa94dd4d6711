"""A small organization with one of every problem and one of every remedy, as a directory of recorded answers.

Every declared call has an answer in every place, an empty one where nothing is said here: without a gap added on purpose,
everything was read.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scanner.collect import registry
from tests.rule import parts_blast, parts_guard, parts_network, parts_recovery

MANAGEMENT, BACKUP, NETWORK, ORDERS, TEST, LEGACY, PAYMENTS, CLOSED, ATTIC = (f"10000000000{n}" for n in range(1, 10))
READ = (MANAGEMENT, BACKUP, NETWORK, ORDERS, TEST, LEGACY, PAYMENTS, ATTIC)
OUTSIDER = "999999999999"
HERE, THERE = "eu-west-1", "us-east-1"
ORG = "o-acme"
READ_AT = "2025-06-02T00:00:00"

Answers = dict[tuple[str, str, str], Any]


def write(folder: Path) -> Path:
    """Write the recording; returns its directory."""
    for (account, region, call), content in answers().items():
        client, _, method = call.partition(".")
        path = folder / account / region / client / f"{method}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
    return folder


def answers() -> Answers:
    from tests.rule import parts_identity, parts_limits, parts_money  # built from what this module has

    found: Answers = {}
    for module in registry().values():
        for call in module.CALLS:
            for account in (MANAGEMENT,) if module.SCOPE == "organization" else READ:
                for region in (HERE, THERE) if module.SCOPE == "region" else ("global",):
                    found[account, region, call.name] = {}
    for account in READ:
        found[account, "global", "ec2.describe_regions"] = {
            "Regions": [{"RegionName": name, "OptInStatus": "opt-in-not-required"} for name in (HERE, THERE)]
        }
        none = refusal("NoSuchPublicAccessBlockConfiguration")
        found[account, "global", "s3control.get_public_access_block"] = per("AccountId", {account: none})
        for region in (HERE, THERE):
            key = "ec2.describe_vpc_block_public_access_options"
            found[account, region, key] = {"VpcBlockPublicAccessOptions": {"InternetGatewayBlockMode": "off"}}
    from tests.rule import parts_compute, parts_data, parts_sqlrules

    for account, region, part in (
        (MANAGEMENT, "global", organizations()),
        (MANAGEMENT, "global", identities(MANAGEMENT)),
        (MANAGEMENT, "global", {"backup.describe_global_settings": {"GlobalSettings": {"isCrossAccountBackupEnabled": "true"}}}),
        (BACKUP, HERE, kept_copies()),
        (BACKUP, "global", identities(BACKUP)),
        # Shared too, but with production only.
        (BACKUP, HERE, network(BACKUP, "u", "10.8.0.0/16", {"sg-u": []}, vpc="vpc-pure", public=False) | sharing(BACKUP, "u", [ORDERS])),
        (NETWORK, "global", buckets("core", NETWORK)),
        (NETWORK, HERE, shared_network()),
        (ORDERS, "global", identities(ORDERS) | buckets("orders", ORDERS)),
        (ORDERS, HERE, orders()),
        (TEST, "global", identities(TEST)),
        (TEST, HERE, compute(TEST, "t", [("i-t1", "orders", "", "10.9.2.10", "sg-t")], vpc="vpc-shared")),
        (LEGACY, "global", identities(LEGACY) | buckets("legacy", LEGACY)),
        (LEGACY, HERE, legacy()),
        (PAYMENTS, HERE, payments()),
        *parts_sqlrules.PARTS,
    ):  # fmt: skip
        for name, content in part.items():
            of_bucket = name.startswith("s3.get_") and name != "s3.get_bucket_location"
            found[account, HERE if of_bucket else region, name] = content
    parts_recovery.add(found)
    found |= parts_identity.answers()
    parts_blast.add(found, MANAGEMENT, PAYMENTS, ORDERS, BACKUP, TEST)
    parts_network.add(found, HERE, LEGACY, ORDERS, PAYMENTS)
    parts_compute.add(found)
    parts_data.add(found)
    parts_guard.add(found, MANAGEMENT, (LEGACY, PAYMENTS), PAYMENTS, ORDERS)
    parts_limits.add(found)
    parts_money.add(found)
    return found


def per(key: str, pairs: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    return [{"request": {key: value, **more}, "response": response} for value, response in pairs.items()]


def tag_list(key: str = "Key", value: str = "Value", **tags: str) -> list[dict[str, str]]:
    return [{key: name.replace("_", "-"), value: text} for name, text in tags.items()]


def refusal(code: str) -> dict[str, Any]:
    return {"Error": {"Code": code, "Message": "there is none"}}


def allow(principal: Any, action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource, **more}
    return statement if principal is None else {"Principal": principal, **statement}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def root_of(account: str) -> str:
    return f"arn:aws:iam::{account}:root"


# ---------------------------------------------------------------------- the organization

ACCOUNTS = {
    MANAGEMENT: ("acme-management", "r-1", {"owner": "cto", "workload": "platform", "cost_centre": "1", "environment": "shared"}),
    BACKUP: ("acme-backup", "r-1", {"owner": "ops", "workload": "backup", "cost_centre": "1", "environment": "shared"}),
    # Nothing says which environment it is.
    NETWORK: ("acme-core", "ou-infra", {"owner": "ops", "workload": "core", "cost_centre": "1"}),
    # Nothing but its unit says which environment it is.
    ORDERS: ("orders-main", "ou-prod", {"owner": "orders@acme", "workload": "orders", "cost_centre": "2"}),
    TEST: ("orders-two", "ou-test", {"owner": "orders@acme", "workload": "orders", "cost_centre": "2"}),
    LEGACY: ("team-rocket-dev", "ou-work", {}),
    # Nothing but its tag says which environment it is.
    PAYMENTS: ("payments", "ou-work", {"owner": "pay@acme", "workload": "payments", "cost_centre": "3", "environment": "production"}),
    CLOSED: ("old-production", "ou-prod", {}),
    # Nothing is in it.
    ATTIC: ("attic", "ou-work", {"owner": "cto", "workload": "attic", "cost_centre": "1", "environment": "sandbox"}),
}  # fmt: skip
UNITS = {
    "ou-infra": ("Platform", "r-1"),
    "ou-work": ("Workloads", "r-1"),
    "ou-prod": ("Production", "ou-work"),
    "ou-test": ("Test", "ou-work"),
}
POLICIES = {
    "p-FullAWSAccess": ("FullAWSAccess", True, document(allow(None)), ["r-1", *UNITS, *ACCOUNTS]),
    "p-guard": ("guard", False, document({"Effect": "Deny", "Action": ["organizations:LeaveOrganization", "cloudtrail:StopLogging"], "Resource": "*"}), ["ou-prod"]),
    "p-nowhere": ("nowhere", False, document({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": [HERE]}}}), []),
    "p-loose": ("loose", False, document(allow(None)), ["ou-test"]),
}  # fmt: skip


def unit_arn(unit: str) -> str:
    kind = "root" if unit.startswith("r-") else "ou"
    return f"arn:aws:organizations::{MANAGEMENT}:{kind}/{ORG}/{unit}"


def account_arn(account: str) -> str:
    return f"arn:aws:organizations::{MANAGEMENT}:account/{ORG}/{account}"


def organizations() -> dict[str, Any]:
    def listed(account: str) -> dict[str, Any]:
        status = "SUSPENDED" if account == CLOSED else "ACTIVE"
        return {"Id": account, "Arn": account_arn(account), "Name": ACCOUNTS[account][0], "Status": status,
                "Email": f"{account}@acme.example", "JoinedMethod": "CREATED", "JoinedTimestamp": "2020-01-01T00:00:00Z"}  # fmt: skip

    units = ["r-1", *UNITS]
    summaries = [
        {"Id": key, "Arn": f"arn:aws:organizations::{MANAGEMENT}:policy/{key}", "Name": name, "Type": "SERVICE_CONTROL_POLICY", "AwsManaged": aws}
        for key, (name, aws, _, _) in POLICIES.items()
    ]  # fmt: skip
    tags = {account: {"Tags": tag_list(**said)} for account, (_, _, said) in ACCOUNTS.items()} | {
        u: {"Tags": []} for u in units
    }
    return {
        "organizations.describe_organization": {"Organization": {"Id": ORG, "Arn": f"arn:aws:organizations::{MANAGEMENT}:organization/{ORG}", "FeatureSet": "ALL", "MasterAccountId": MANAGEMENT}},
        "organizations.list_roots": {"Roots": [{"Id": "r-1", "Arn": unit_arn("r-1"), "Name": "Root", "PolicyTypes": [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]}]},
        "organizations.list_organizational_units_for_parent": per("ParentId", {
            parent: {"OrganizationalUnits": [{"Id": u, "Arn": unit_arn(u), "Name": name} for u, (name, above) in UNITS.items() if above == parent]} for parent in units}),
        "organizations.list_accounts": {"Accounts": [listed(account) for account in ACCOUNTS]},
        "organizations.list_accounts_for_parent": per("ParentId", {
            parent: {"Accounts": [listed(a) for a, (_, above, _) in ACCOUNTS.items() if above == parent]} for parent in units}),
        "organizations.list_policies": per("Filter", {"SERVICE_CONTROL_POLICY": {"Policies": summaries}}),
        "organizations.describe_policy": per("PolicyId", {
            key: {"Policy": {"PolicySummary": {"Id": key}, "Content": content}} for key, (_, _, content, _) in POLICIES.items()}),
        "organizations.list_targets_for_policy": per("PolicyId", {
            key: {"Targets": [{"TargetId": t, "Type": "ACCOUNT" if t.isdigit() else "ORGANIZATIONAL_UNIT"} for t in targets]} for key, (_, _, _, targets) in POLICIES.items()}),
        "organizations.list_tags_for_resource": per("ResourceId", tags),
        "organizations.list_delegated_administrators": {"DelegatedAdministrators": [listed(BACKUP), listed(ORDERS)]},
        "organizations.list_delegated_services_for_account": per("AccountId", {
            BACKUP: {"DelegatedServices": [{"ServicePrincipal": "backup.amazonaws.com"}]},
            ORDERS: {"DelegatedServices": [{"ServicePrincipal": "guardduty.amazonaws.com"}]}}),
        "organizations.list_aws_service_access_for_organization": {"EnabledServicePrincipals": [{"ServicePrincipal": "ram.amazonaws.com", "DateEnabled": "2020-01-01T00:00:00Z"}]},
    }  # fmt: skip


# ---------------------------------------------------------------------- identities


def identities(account: str) -> dict[str, Any]:
    me = f"arn:aws:iam::{account}"

    from tests.rule.parts_sqlrules import trusting

    def role(name: str, *trust: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {"Path": "/", "RoleName": name, "RoleId": f"AROA{name.upper():X<16}", "Arn": f"{me}:role/{name}",
                "AssumeRolePolicyDocument": json.loads(document(*trust)), "RolePolicyList": [], "AttachedManagedPolicies": [],
                "InstanceProfileList": [], "Tags": [], **more}  # fmt: skip

    def trusts(principal: Any, **condition: Any) -> dict[str, Any]:
        action = "sts:AssumeRoleWithWebIdentity" if "Federated" in principal else "sts:AssumeRole"
        extra = {"Condition": condition} if condition else {}
        return {"Effect": "Allow", "Action": action, "Principal": principal, **extra}

    def attached(arn: str) -> list[dict[str, str]]:
        return [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn}]

    administrator = attached("arn:aws:iam::aws:policy/AdministratorAccess")
    github = {"Federated": f"{me}:oidc-provider/token.actions.githubusercontent.com"}
    everything = json.loads(document(allow(None)))
    limited = json.loads(document(allow(None, "s3:GetObject")))
    service = trusts({"Service": "ec2.amazonaws.com"})
    roles = [
        role("OrganizationAccountAccessRole", trusts({"AWS": root_of(MANAGEMENT)}), AttachedManagedPolicies=[*administrator, *attached(f"{me}:policy/glass")]),
        role("app", service, RolePolicyList=[{"PolicyName": "read", "PolicyDocument": limited}],
             InstanceProfileList=[{"Arn": f"{me}:instance-profile/app", "InstanceProfileName": "app"}]),
        role("linked", service, Path="/aws-service-role/x/"),
        role("from-test", trusts({"AWS": f"arn:aws:iam::{TEST}:role/app"})),
        role("from-payments", trusts({"AWS": f"arn:aws:iam::{PAYMENTS}:role/app"})),
        role("from-core", trusts({"AWS": f"arn:aws:iam::{NETWORK}:role/app"})),
        role("from-legacy", trusts({"AWS": f"arn:aws:iam::{LEGACY}:role/app"})),
        role("from-orders", trusts({"AWS": f"arn:aws:iam::{ORDERS}:role/app"})),
        role("whole-account", trusts({"AWS": root_of(BACKUP)})),
        role("outsider", trusts({"AWS": root_of(OUTSIDER)})),
        role("outsider-with-id", trusts({"AWS": root_of(OUTSIDER)}, StringEquals={"sts:ExternalId": "x"})),
        role("everyone", trusts({"AWS": "*"})),
        role("everyone-of-ours", trusts({"AWS": "*"}, StringEquals={"aws:PrincipalOrgID": ORG})),
        role("any-repository", trusts(github)),
        role("one-repository", trusts(github, StringEquals={"token.actions.githubusercontent.com:sub": "repo:acme/x:ref:refs/heads/main"})),
        role("custom-administrator", service, AttachedManagedPolicies=attached(f"{me}:policy/everything")),
        role("bounded", service, AttachedManagedPolicies=administrator, PermissionsBoundary={"PermissionsBoundaryArn": f"{me}:policy/limited"}),
        role("inline-administrator", service, RolePolicyList=[{"PolicyName": "all", "PolicyDocument": everything}]),
    ] if account != BACKUP else [role("app", service)]  # fmt: skip
    roles += trusting(role, trusts) if account == ORDERS else []
    people = ["joe", *(f"joe-{n}" for n in range(8 if account == LEGACY else 0))]
    users = [{"Path": "/", "UserName": name, "UserId": f"AIDA{name.upper():X<16}", "Arn": f"{me}:user/{name}", "GroupList": ["people"],
              "AttachedManagedPolicies": administrator, "UserPolicyList": []} for name in people]  # fmt: skip
    groups = [{"Path": "/", "GroupName": "people", "GroupId": "AGPAPEOPLE1234567890", "Arn": f"{me}:group/people",
               "GroupPolicyList": [], "AttachedManagedPolicies": administrator if account == LEGACY else []}]  # fmt: skip
    policies = [
        {"PolicyName": name, "Arn": f"{me}:policy/{name}", "AttachmentCount": 1, "PermissionsBoundaryUsageCount": 0,
         "PolicyVersionList": [{"IsDefaultVersion": True, "VersionId": "v1", "Document": content}]}
        for name, content in (("everything", everything), ("limited", limited), ("glass", everything))
    ]  # fmt: skip
    details = {"RoleDetailList": roles, "UserDetailList": users, "GroupDetailList": groups, "Policies": policies}
    return {
        "iam.get_account_authorization_details": details,
        "iam.list_open_id_connect_providers": {"OpenIDConnectProviderList": [{"Arn": github["Federated"]}]},
        "iam.list_saml_providers": {"SAMLProviderList": [{"Arn": f"{me}:saml-provider/acme"}]},
    }


# ---------------------------------------------------------------------- what runs


def compute(account: str, letter: str, machines: list[tuple[str, str, str, str, str]], vpc: str) -> dict[str, Any]:
    """Instances `(id, workload, environment, address, group)`; no environment tag where it is empty."""
    instances = []
    for machine, workload, environment, address, group in machines:
        said = {"Name": machine, "workload": workload, "environment": environment, "owner": f"{workload}@acme"}
        tags = [{"Key": key, "Value": value} for key, value in said.items() if value]
        instances.append({"InstanceId": machine, "State": {"Name": "running"}, "VpcId": "vpc-shared" if machine == "i-plain" else vpc, "SubnetId": f"subnet-{letter}1",
                          "PrivateIpAddress": address, "SecurityGroups": [{"GroupId": group}], "Tags": tags,
                          "IamInstanceProfile": {"Arn": f"arn:aws:iam::{account}:instance-profile/app"}})  # fmt: skip
    volumes = [
        {
            "VolumeId": f"vol-{letter}1",
            "Encrypted": True,
            "State": "in-use",
            "Attachments": [{"InstanceId": machines[0][0]}],
        }
    ]
    return {
        "ec2.describe_instances": {"Reservations": [{"Instances": instances}]},
        "ec2.describe_volumes": {"Volumes": volumes},
    }


def network(
    account: str, letter: str, cidr: str, groups: dict[str, list[dict[str, Any]]], *, vpc: str, public: bool = True
) -> dict[str, Any]:
    routes: list[dict[str, Any]] = [{"DestinationCidrBlock": cidr, "GatewayId": "local", "State": "active"}]
    gateway = f"igw-{letter}"
    subnets = [f"subnet-{letter}1", f"subnet-{letter}2"]
    tables = [
        {"RouteTableId": f"rtb-{letter}main", "VpcId": vpc, "OwnerId": account, "Associations": [{"Main": True}], "Routes": routes},
        {"RouteTableId": f"rtb-{letter}public", "VpcId": vpc, "OwnerId": account,
         "Associations": [{"SubnetId": subnets[0], "AssociationState": {"State": "associated"}}],
         "Routes": [*routes, {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway, "State": "active"}] if public else routes},
    ]  # fmt: skip
    third = cidr.split(".")[1]
    return {
        "ec2.describe_vpcs": {"Vpcs": [{"VpcId": vpc, "OwnerId": account, "CidrBlock": cidr, "IsDefault": letter == "y", "State": "available", "Tags": [{"Key": "Name", "Value": vpc}]}]},
        "ec2.describe_subnets": {"Subnets": [
            {"SubnetId": s, "SubnetArn": f"arn:aws:ec2:{HERE}:{account}:subnet/{s}", "VpcId": vpc, "OwnerId": account, "CidrBlock": f"10.{third}.{n}.0/24", "State": "available", "MapPublicIpOnLaunch": False, "DefaultForAz": False}
            for n, s in enumerate(subnets, 1)]},
        "ec2.describe_route_tables": {"RouteTables": tables},
        "ec2.describe_internet_gateways": {"InternetGateways": [{"InternetGatewayId": gateway, "Attachments": [{"VpcId": vpc, "State": "available"}]}]},
        "ec2.describe_security_groups": {"SecurityGroups": [
            {"GroupId": g, "GroupName": g, "OwnerId": account, "VpcId": vpc, "IpPermissions": rules, "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]} for g, rules in groups.items()]},
        "ec2.describe_network_acls": {"NetworkAcls": [{"NetworkAclId": f"acl-{letter}", "VpcId": vpc, "OwnerId": account, "IsDefault": True,
            "Associations": [{"SubnetId": s, "NetworkAclId": f"acl-{letter}"} for s in subnets],
            "Entries": [{"Egress": out, "RuleNumber": 100, "RuleAction": "allow", "Protocol": "-1", "CidrBlock": "0.0.0.0/0"} for out in (True, False)]}]},
    }  # fmt: skip


def admits(port: int, group: str | None = None, cidr: str | None = None, owner: str = ORDERS) -> dict[str, Any]:
    return {
        "IpProtocol": "tcp", "FromPort": port, "ToPort": port,
        "UserIdGroupPairs": [{"GroupId": group, "UserId": owner}] if group else [],
        "IpRanges": [{"CidrIp": cidr}] if cidr else [],
    }  # fmt: skip


def database(account: str, name: str, group: str, subnet_group: str | None, **more: Any) -> dict[str, Any]:
    placed = {"DBSubnetGroup": {"DBSubnetGroupName": subnet_group, "VpcId": more.pop("vpc")}} if subnet_group else {}
    return {
        "DBInstanceIdentifier": name, "DBInstanceArn": f"arn:aws:rds:{HERE}:{account}:db:{name}", "Engine": "postgres", "DBInstanceStatus": "available",
        "PubliclyAccessible": False, "VpcSecurityGroups": [{"VpcSecurityGroupId": group}], "Endpoint": {"Address": f"{name}.rds", "Port": 5432},
        "BackupRetentionPeriod": 7, "LatestRestorableTime": "2025-06-01T00:00:00Z", "StorageEncrypted": True, "DbiResourceId": f"db-{name}",
        "TagList": [], **placed, **more,
    }  # fmt: skip


def subnet_groups(letter: str, vpc: str) -> dict[str, Any]:
    return {"DBSubnetGroups": [
        {"DBSubnetGroupName": f"public-{letter}", "VpcId": vpc, "Subnets": [{"SubnetIdentifier": f"subnet-{letter}1"}]},
        {"DBSubnetGroupName": f"private-{letter}", "VpcId": vpc, "Subnets": [{"SubnetIdentifier": f"subnet-{letter}2"}]},
    ]}  # fmt: skip


VAULT = f"arn:aws:backup:{HERE}:{BACKUP}:backup-vault:locked"


def orders() -> dict[str, Any]:
    me = f"{HERE}:{ORDERS}"
    groups = {
        "sg-app": [admits(443, cidr="10.1.0.0/16")],
        "sg-db": [admits(5432, group="sg-app")],
        "sg-range": [admits(5432, cidr="10.1.0.0/16")],
        "sg-world": [admits(5432, cidr="0.0.0.0/0")],
        "sg-none": [],
    }
    machines = [
        ("i-app", "orders", "production", "10.1.1.10", "sg-app"),
        ("i-billing", "billing", "production", "10.1.1.11", "sg-app"),
        ("i-plain", "", "", "10.1.1.12", "sg-none"),
    ]
    said = tag_list(owner="orders@acme", workload="orders", environment="production")
    instances = [
        database(ORDERS, "orders-db", "sg-db", "private-p", vpc="vpc-p", TagList=said),
        database(ORDERS, "orders-range", "sg-range", "private-p", vpc="vpc-p", BackupRetentionPeriod=0),
        database(ORDERS, "orders-public", "sg-world", "public-p", vpc="vpc-p", PubliclyAccessible=True),
        database(ORDERS, "orders-hidden", "sg-none", "private-p", vpc="vpc-p", PubliclyAccessible=True, BackupRetentionPeriod=0),
        database(ORDERS, "orders-replica", "sg-db", "private-p", vpc="vpc-p", ReadReplicaSourceDBInstanceIdentifier="orders-db"),
        database(ORDERS, "member-1", "sg-world", "public-p", vpc="vpc-p", DBClusterIdentifier="orders-cluster", PubliclyAccessible=True),
    ]  # fmt: skip
    cluster = {"DBClusterIdentifier": "orders-cluster", "DBClusterArn": f"arn:aws:rds:{me}:cluster:orders-cluster", "Engine": "aurora-postgresql",
               "Status": "available", "DBSubnetGroup": "public-p", "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-world"}], "Port": 5432,
               "BackupRetentionPeriod": 1, "TagList": []}  # fmt: skip

    def snapshot(name: str, source: str, kind: str = "manual", **more: Any) -> dict[str, Any]:
        return {"DBSnapshotIdentifier": name, "DBSnapshotArn": f"arn:aws:rds:{me}:snapshot:{name}", "DBInstanceIdentifier": source, "Status": "available",
                "SnapshotType": kind, "SnapshotCreateTime": "2025-05-01T00:00:00Z", "Encrypted": True, "TagList": [], **more}  # fmt: skip

    def restore(*values: str, prefix: str = "DBSnapshot") -> dict[str, Any]:
        return {
            f"{prefix}AttributesResult": {
                f"{prefix}Attributes": [{"AttributeName": "restore", "AttributeValues": list(values)}]
            }
        }

    tables = {"orders-table": True, "sessions": False, "shared-table": False}
    table_arn = {name: f"arn:aws:dynamodb:{me}:table/{name}" for name in tables}
    keys = {
        "k-own": allow({"AWS": root_of(ORDERS)}),
        "k-open": allow({"AWS": root_of(OUTSIDER)}),
        "k-member": allow({"AWS": root_of(BACKUP)}),
    }
    secret = {name: f"arn:aws:secretsmanager:{me}:secret:{name}" for name in ("own", "open", "none")}
    vault = f"arn:aws:backup:{me}:backup-vault:Default"
    share = f"arn:aws:ram:{me}:resource-share/outside"
    return {
        **network(ORDERS, "p", "10.1.0.0/16", groups, vpc="vpc-p"),
        **compute(ORDERS, "p", machines, vpc="vpc-p"),
        "rds.describe_db_subnet_groups": subnet_groups("p", "vpc-p"),
        "rds.describe_db_instances": {"DBInstances": instances},
        "rds.describe_db_clusters": {"DBClusters": [cluster]},
        "rds.describe_db_instance_automated_backups": {"DBInstanceAutomatedBackups": [
            {"DBInstanceAutomatedBackupsArn": f"arn:aws:rds:{me}:auto-backup:ab-1", "DBInstanceArn": f"arn:aws:rds:{me}:db:orders-db", "Status": "active"}]},
        "rds.describe_db_snapshots": {"DBSnapshots": [
            snapshot("shared", "orders-db"), snapshot("public", "orders-public"), snapshot("sold", "orders-range"), snapshot("kept", "orders-db"), snapshot("auto", "orders-db", "automated")]},
        "rds.describe_db_snapshot_attributes": per("DBSnapshotIdentifier", {
            "shared": restore(BACKUP), "public": restore("all"), "sold": restore(OUTSIDER), "kept": restore()}),
        "rds.describe_db_cluster_snapshots": {"DBClusterSnapshots": [
            {"DBClusterSnapshotIdentifier": "cs", "DBClusterSnapshotArn": f"arn:aws:rds:{me}:cluster-snapshot:cs", "DBClusterIdentifier": "orders-cluster", "Status": "available", "SnapshotType": "manual"}]},
        "rds.describe_db_cluster_snapshot_attributes": per("DBClusterSnapshotIdentifier", {"cs": restore(PAYMENTS, prefix="DBClusterSnapshot")}),
        "dynamodb.list_tables": {"TableNames": list(tables)},
        "dynamodb.list_backups": {"BackupSummaries": [{"TableName": "shared-table", "BackupArn": "b", "BackupStatus": "AVAILABLE", "BackupCreationDateTime": "2025-01-01T00:00:00Z"}]},
        "dynamodb.describe_table": per("TableName", {name: {"Table": {"TableName": name, "TableArn": arn, "TableStatus": "ACTIVE"}} for name, arn in table_arn.items()}),
        "dynamodb.describe_continuous_backups": per("TableName", {
            name: {"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "ENABLED" if on else "DISABLED"}}} for name, on in tables.items()}),
        "dynamodb.get_resource_policy": per("ResourceArn", {
            table_arn["orders-table"]: {"Policy": document(allow({"AWS": root_of(TEST)}))}, table_arn["sessions"]: {"Policy": document(allow({"AWS": root_of(PAYMENTS)}))},
            table_arn["shared-table"]: {"Policy": document(allow({"AWS": root_of(OUTSIDER)}))}}),
        "dynamodb.list_tags_of_resource": per("ResourceArn", {
            table_arn["orders-table"]: {"Tags": said}, table_arn["sessions"]: {"Tags": tag_list(workload="sessions", environment="test")}, table_arn["shared-table"]: {"Tags": []}}),
        "ec2.describe_snapshots": {"Snapshots": [{"SnapshotId": s, "VolumeId": "vol-p1", "OwnerId": ORDERS, "State": "completed", "StartTime": "2025-05-01T00:00:00Z", "Tags": []} for s in ("snap-own", "snap-public", "snap-sold")]},
        "ec2.describe_images": {"Images": [{"ImageId": i, "Name": i, "OwnerId": ORDERS, "SourceInstanceId": "i-p1"} for i in ("ami-own", "ami-lent", "ami-sold")]},
        "ec2.describe_image_attribute": per("ImageId", {
            "ami-own": {"LaunchPermissions": []},
            "ami-lent": {"LaunchPermissions": [{"OrganizationArn": f"arn:aws:organizations::{MANAGEMENT}:organization/{ORG}"}]},
            "ami-sold": {"LaunchPermissions": [{"UserId": OUTSIDER}]},
        }, Attribute="launchPermission"),
        "ec2.describe_snapshot_attribute": per("SnapshotId", {
            "snap-own": {"CreateVolumePermissions": []}, "snap-public": {"CreateVolumePermissions": [{"Group": "all"}]}, "snap-sold": {"CreateVolumePermissions": [{"UserId": OUTSIDER}]}}, Attribute="createVolumePermission"),
        "kms.list_keys": {"Keys": [{"KeyId": k, "KeyArn": f"arn:aws:kms:{me}:key/{k}"} for k in (*keys, "k-aws")]},
        "kms.list_aliases": {"Aliases": [{"AliasName": "alias/own", "TargetKeyId": "k-own"}]},
        "kms.describe_key": per("KeyId", {k: {"KeyMetadata": {"KeyId": k, "KeyManager": "AWS" if k == "k-aws" else "CUSTOMER", "KeyState": "Enabled"}} for k in (*keys, "k-aws")}),
        "kms.get_key_policy": per("KeyId", {k: {"Policy": document(statement)} for k, statement in keys.items()}, PolicyName="default"),
        "secretsmanager.list_secrets": {"SecretList": [{"ARN": arn, "Name": name, "Tags": said if name == "own" else []} for name, arn in secret.items()]},
        "secretsmanager.get_resource_policy": per("SecretId", {
            secret["own"]: {"ResourcePolicy": document(allow({"AWS": root_of(ORDERS)}))}, secret["open"]: {"ResourcePolicy": document(allow("*"))}, secret["none"]: {}}),
        "backup.list_backup_vaults": [
            {"request": {}, "response": {"BackupVaultList": [{"BackupVaultArn": vault, "BackupVaultName": "Default", "NumberOfRecoveryPoints": 1, "Locked": False}]}},
            {"request": {"ByVaultType": "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"}, "response": {"BackupVaultList": []}}],
        "backup.get_backup_vault_access_policy": per("BackupVaultName", {"Default": refusal("ResourceNotFoundException")}),
        "backup.list_recovery_points_by_backup_vault": per("BackupVaultName", {"Default": {"RecoveryPoints": [
            {"RecoveryPointArn": f"arn:aws:backup:{me}:recovery-point:1", "ResourceArn": f"arn:aws:rds:{me}:cluster:orders-cluster", "Status": "COMPLETED", "ResourceType": "Aurora"}]}}),
        "backup.list_copy_jobs": {"CopyJobs": [{"CopyJobId": "j-1", "ResourceArn": f"arn:aws:rds:{me}:db:orders-db", "SourceBackupVaultArn": vault, "DestinationBackupVaultArn": VAULT, "State": "COMPLETED"}]},
        "backup.list_backup_plans": {"BackupPlansList": [{"BackupPlanArn": f"arn:aws:backup:{me}:backup-plan:1", "BackupPlanId": "1", "BackupPlanName": "daily"}]},
        "backup.get_backup_plan": per("BackupPlanId", {"1": {"BackupPlan": {"Rules": [{"RuleName": "r", "TargetBackupVaultName": "Default", "CopyActions": [{"DestinationBackupVaultArn": VAULT}]}]}}}),
        "backup.list_backup_selections": per("BackupPlanId", {"1": {"BackupSelectionsList": [{"SelectionId": "s", "SelectionName": "all"}]}}),
        "backup.get_backup_selection": [{"request": {"BackupPlanId": "1", "SelectionId": "s"}, "response": {"BackupSelection": {"Resources": ["*"]}}}],
        "ram.get_resource_shares": {"resourceShares": [{"resourceShareArn": share, "name": "outside", "owningAccountId": ORDERS, "allowExternalPrincipals": True, "status": "ACTIVE"}]},
        "ram.list_resources": {"resources": [{"resourceShareArn": share, "arn": f"arn:aws:rds:{me}:cluster:orders-cluster", "type": "rds:Cluster"}]},
        "ram.list_principals": {"principals": [{"resourceShareArn": share, "id": OUTSIDER, "external": True}]},
        "resourcegroupstaggingapi.get_resources": {"ResourceTagMappingList": [{"ResourceARN": f"arn:aws:sqs:{me}:queue", "Tags": said}]},
    }  # fmt: skip


def kept_copies() -> dict[str, Any]:
    vaults = {"locked": True, "open": False, "policed": False, "empty": False}
    arn = {name: f"arn:aws:backup:{HERE}:{BACKUP}:backup-vault:{name}" for name in vaults}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "backup:DeleteRecoveryPoint", "Resource": "*"}

    def point(number: int, source: str) -> dict[str, Any]:
        return {"RecoveryPointArn": f"arn:aws:backup:{HERE}:{BACKUP}:recovery-point:{number}", "ResourceArn": source, "Status": "COMPLETED", "ResourceType": "RDS", "CreationDate": "2025-06-01T00:00:00Z"}  # fmt: skip

    orders_db = f"arn:aws:rds:{HERE}:{ORDERS}:db:orders-db"
    points = {
        "locked": [point(1, orders_db)],
        "open": [point(2, orders_db)],
        "policed": [point(3, orders_db)],
        "empty": [],
    }
    return {
        "backup.list_backup_vaults": [
            {"request": {}, "response": {"BackupVaultList": [
                {"BackupVaultArn": arn[v], "BackupVaultName": v, "NumberOfRecoveryPoints": len(points[v]), "Locked": locked, **({"LockDate": "2024-01-01T00:00:00Z"} if locked else {})} for v, locked in vaults.items()]}},
            {"request": {"ByVaultType": "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"}, "response": {"BackupVaultList": []}}],
        "backup.get_backup_vault_access_policy": per("BackupVaultName", {
            "locked": refusal("ResourceNotFoundException"), "open": {"Policy": document(allow({"AWS": root_of(OUTSIDER)}, "backup:CopyIntoBackupVault"))}, "policed": {"Policy": document(deny)}, "empty": refusal("ResourceNotFoundException")}),
        "backup.list_recovery_points_by_backup_vault": per("BackupVaultName", {v: {"RecoveryPoints": found} for v, found in points.items()}),
        "rds.describe_db_snapshots": {"DBSnapshots": [
            {"DBSnapshotIdentifier": "copied", "DBSnapshotArn": f"arn:aws:rds:{HERE}:{BACKUP}:snapshot:copied", "DBInstanceIdentifier": "orders-db", "Status": "available", "SnapshotType": "manual",
             "SourceDBSnapshotIdentifier": f"arn:aws:rds:{HERE}:{ORDERS}:snapshot:shared", "TagList": []}]},
        "rds.describe_db_snapshot_attributes": per("DBSnapshotIdentifier", {"copied": {"DBSnapshotAttributesResult": {"DBSnapshotAttributes": []}}}),
    }  # fmt: skip


def sharing(account: str, letter: str, principals: list[str]) -> dict[str, Any]:
    """Both subnets of a network, shared inside the organization."""
    share = f"arn:aws:ram:{HERE}:{account}:resource-share/subnets"
    subnets = [f"arn:aws:ec2:{HERE}:{account}:subnet/subnet-{letter}{n}" for n in (1, 2)]
    return {
        "ram.get_resource_shares": {"resourceShares": [{"resourceShareArn": share, "name": "subnets", "owningAccountId": account, "allowExternalPrincipals": False, "status": "ACTIVE"}]},
        "ram.list_resources": {"resources": [{"resourceShareArn": share, "arn": arn, "type": "ec2:Subnet"} for arn in subnets]},
        "ram.list_principals": {"principals": [{"resourceShareArn": share, "id": who, "external": False} for who in principals]},
    }  # fmt: skip


def shared_network() -> dict[str, Any]:
    return {
        **network(NETWORK, "s", "10.9.0.0/16", {"sg-s": []}, vpc="vpc-shared", public=False),
        **sharing(NETWORK, "s", [TEST, ORDERS, unit_arn("ou-work")]),
        "ec2.describe_vpc_endpoint_service_configurations": {"ServiceConfigurations": [{"ServiceId": "vpce-svc-1", "ServiceName": "s", "AcceptanceRequired": True}]},
    }  # fmt: skip


def legacy() -> dict[str, Any]:
    """Everything in one account, peered with production."""
    machines = [
        ("i-l1", "shop", "production", "10.2.1.10", "sg-l"),
        ("i-l2", "shop", "test", "10.2.1.11", "sg-l"),
        ("i-l3", "blog", "production", "10.2.1.12", "sg-l"),
    ]
    groups = {
        "sg-l": [],
        "sg-ldb": [admits(5432, group="sg-l", owner=LEGACY)],
        "sg-lpeer": [admits(5432, cidr="10.1.0.0/16")],
    }
    peering = {"VpcPeeringConnectionId": "pcx-1", "Status": {"Code": "active"},
               "RequesterVpcInfo": {"OwnerId": LEGACY, "VpcId": "vpc-l", "Region": HERE, "CidrBlock": "10.2.0.0/16"},
               "AccepterVpcInfo": {"OwnerId": ORDERS, "VpcId": "vpc-p", "Region": HERE, "CidrBlock": "10.1.0.0/16"}}  # fmt: skip
    return {
        **network(LEGACY, "l", "10.2.0.0/16", groups, vpc="vpc-l"),
        **compute(LEGACY, "l", machines, vpc="vpc-l"),
        "ec2.describe_vpc_peering_connections": {"VpcPeeringConnections": [peering]},
        "rds.describe_db_subnet_groups": subnet_groups("l", "vpc-l"),
        "rds.describe_db_instances": {"DBInstances": [
            database(LEGACY, "shop-db", "sg-ldb", "private-l", vpc="vpc-l", TagList=tag_list(workload="shop", environment="production")),
            database(LEGACY, "peer-db", "sg-lpeer", "private-l", vpc="vpc-l"),
        ]},
        "secretsmanager.list_secrets": {"SecretList": [{"ARN": f"arn:aws:secretsmanager:{HERE}:{LEGACY}:secret:s", "Name": "s", "Tags": tag_list(workload="blog")}]},
        "secretsmanager.get_resource_policy": per("SecretId", {f"arn:aws:secretsmanager:{HERE}:{LEGACY}:secret:s": {"ResourcePolicy": document(allow({"AWS": root_of(ORDERS)}))}}),
    }  # fmt: skip


def payments() -> dict[str, Any]:
    """Nothing here names its environment but the tag of the account."""
    return {
        **network(PAYMENTS, "y", "10.3.0.0/16", {"sg-y": []}, vpc="vpc-y", public=False),
        **compute(
            PAYMENTS,
            "y",
            [("i-y1", "", "", "10.3.1.10", "sg-y"), ("i-y2", "fraud", "test", "10.3.1.11", "sg-y")],
            vpc="vpc-y",
        ),
        "rds.describe_db_instances": {
            "DBInstances": [
                database(PAYMENTS, "bare", "sg-y", None, BackupRetentionPeriod=0),
                database(PAYMENTS, "ledger", "sg-y", None),
            ]
        },
    }


def buckets(prefix: str, account: str) -> dict[str, Any]:
    blocked = {
        "PublicAccessBlockConfiguration": dict.fromkeys(
            ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
        )
    }
    open_policy, own_policy = document(allow("*", "s3:GetObject")), document(allow({"AWS": root_of(account)}))
    names = {
        "plain": ("Suspended", None, own_policy, blocked),
        "versioned": ("Enabled", None, None, blocked),
        "copied": ("Enabled", BACKUP, open_policy, blocked),
        "open": ("Enabled", account, open_policy, None),
        "sold": ("Enabled", None, document(allow({"AWS": root_of(OUTSIDER)})), blocked),
    }
    full = {name: f"{prefix}-{name}" for name in names}

    def for_each(answer: Any) -> list[dict[str, Any]]:
        return per("Bucket", {full[name]: answer(*facts) for name, facts in names.items()})

    found = {
        "s3.get_bucket_versioning": for_each(lambda versioning, *_: {"Status": versioning}),
        "s3.get_bucket_replication": for_each(lambda _, copy, *__: {"ReplicationConfiguration": {"Role": "r", "Rules": [
            {"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::copies", "Account": copy}}]}} if copy else refusal("ReplicationConfigurationNotFoundError")),
        "s3.get_object_lock_configuration": for_each(lambda *_: refusal("ObjectLockConfigurationNotFoundError")),
        "s3.get_bucket_encryption": for_each(lambda *_: refusal("ServerSideEncryptionConfigurationNotFoundError")),
        "s3.get_public_access_block": for_each(lambda _, __, ___, block: block or refusal("NoSuchPublicAccessBlockConfiguration")),
        "s3.get_bucket_policy": for_each(lambda _, __, policy, ___: {"Policy": policy} if policy else refusal("NoSuchBucketPolicy")),
        "s3.get_bucket_tagging": for_each(lambda versioning, *_: {"TagSet": tag_list(environment="test" if versioning == "Suspended" else "production", workload=prefix, owner="x")}),
        "s3.get_bucket_location": for_each(lambda *_: {"LocationConstraint": HERE}),
    }  # fmt: skip
    listed = [{"Name": name, "BucketRegion": HERE} for name in list(full.values())[:-1]] + [{"Name": full["sold"]}]
    return {"s3.list_buckets": {"Buckets": listed}, **found}
