"""The organization as boto3 sees it: every planted problem is there, and what should be clean is clean.

These look at raw answers of the API, not at the scanner, so that both are not wrong in the same way.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from scanner.demo.estate import MAIN, SECOND, Account
from scanner.demo.organization import ACCOUNTS, DemoOrganization, Planted

REQUIRED = {"owner", "product", "environment"}
REGIONS = (MAIN, SECOND)


@pytest.fixture
def planted(demo: DemoOrganization) -> list[Planted]:
    return demo.planted()


def subjects(planted: list[Planted], rule: str) -> set[tuple[str, str]]:
    return {(one.account, one.subject) for one in planted if one.rule == rule}


def members(demo: DemoOrganization) -> list[Account]:
    return list(demo.accounts.values())


def as_dict(tags: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


def roles(account: Account) -> list[dict[str, Any]]:
    details = account.client("iam").get_account_authorization_details(Filter=["Role"])
    return list(details["RoleDetailList"])


def statements(demo: DemoOrganization) -> Iterator[tuple[Account, str, dict[str, Any]]]:
    for account in members(demo):
        for role in roles(account):
            for statement in role["AssumeRolePolicyDocument"]["Statement"]:
                yield account, role["RoleName"], statement


# --- the list


def test_every_planted_subject_exists_and_is_listed_once(planted: list[Planted]) -> None:
    assert len(planted) >= 58
    # A workload has no ARN.
    of_workloads = ("environment_separation/workload", "account_slicing/workload", "account_slicing/environment")
    assert all(one.arn.startswith("arn:aws:") or one.rule.startswith(of_workloads) for one in planted)
    repeated = [key for key, times in Counter((one.rule, one.arn) for one in planted).items() if times > 1]
    assert repeated == []


def test_every_planted_rule_has_a_reason_in_one_sentence(planted: list[Planted]) -> None:
    assert all(one.why.endswith(".") and "\n" not in one.why for one in planted)


# --- accounts and units


def test_accounts_are_in_organizations_with_their_tags(demo: DemoOrganization) -> None:
    organizations = demo.accounts["harbour-management"].client("organizations", SECOND)
    listed = {one["Name"]: one["Id"] for one in organizations.list_accounts()["Accounts"]}
    assert listed == {account.name: account.id for account in members(demo)}
    for account in members(demo):
        assert as_dict(organizations.list_tags_for_resource(ResourceId=account.id)["Tags"]) == account.tags


def test_accounts_lacking_tags_are_planted(planted: list[Planted]) -> None:
    lacking = {name for name, tags in ACCOUNTS.items() if None in tags}
    assert {account for account, _ in subjects(planted, "ownership_and_billing/account_without_owner")} == lacking


def test_units_and_guardrails(demo: DemoOrganization, planted: list[Planted]) -> None:
    organizations = demo.accounts["harbour-management"].client("organizations", SECOND)
    governance = demo.governance
    under_root = {
        one["Name"] for one in organizations.list_accounts_for_parent(ParentId=governance.root_id)["Accounts"]
    }
    assert {name for _, name in subjects(planted, "governance/account_under_root")} == under_root
    idle = set()
    for policy in organizations.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]:
        targets = organizations.list_targets_for_policy(PolicyId=policy["Id"])["Targets"]
        if not any(_inhabited(organizations, target) for target in targets):
            idle.add(policy["Name"])
    assert {name for _, name in subjects(planted, "governance/guardrail_not_effective")} == idle


def _inhabited(organizations: Any, target: dict[str, str]) -> bool:
    if target["Type"] == "ACCOUNT":
        return True
    return bool(organizations.list_accounts_for_parent(ParentId=target["TargetId"])["Accounts"])


def test_units_that_mix_environments(demo: DemoOrganization, planted: list[Planted]) -> None:
    organizations = demo.accounts["harbour-management"].client("organizations", SECOND)
    mixed = set()
    for unit, identifier in demo.governance.units.items():
        names = {one["Name"] for one in organizations.list_accounts_for_parent(ParentId=identifier)["Accounts"]}
        environments = {"production" if "production" in name else str(ACCOUNTS[name][2]) for name in names}
        if "production" in environments and environments - {"production", "shared"}:
            mixed.add(unit)
    assert {name for _, name in subjects(planted, "environment_separation/unit_mixes_environments")} == mixed


# --- roles


def test_trust_policies_that_name_a_foreign_root_without_condition(
    demo: DemoOrganization, planted: list[Planted]
) -> None:
    found = {
        (account.name, role)
        for account, role, statement in statements(demo)
        if str(statement["Principal"].get("AWS", "")).endswith(":root")
        and account.id not in statement["Principal"]["AWS"]
        and "Condition" not in statement
    }
    assert subjects(planted, "blast_radius/trusts_whole_account") == found


def test_trust_policies_that_name_outsiders_or_everyone(demo: DemoOrganization, planted: list[Planted]) -> None:
    ours = {account.id for account in members(demo)}
    everyone, outsiders = set(), set()
    for account, role, statement in statements(demo):
        principal, condition = str(statement["Principal"].get("AWS", "")), json.dumps(statement.get("Condition", {}))
        if principal == "*" and "aws:PrincipalOrgID" not in condition:
            everyone.add((account.name, role))
        if principal.startswith("arn:") and principal.split(":")[4] not in ours and "sts:ExternalId" not in condition:
            outsiders.add((account.name, role))
    assert subjects(planted, "blast_radius/trusts_everyone") == everyone
    assert subjects(planted, "blast_radius/trusts_outsider_without_external_id") == outsiders


def test_roles_any_repository_may_assume(demo: DemoOrganization, planted: list[Planted]) -> None:
    found = {
        (account.name, role)
        for account, role, statement in statements(demo)
        if "Federated" in statement["Principal"] and ":sub" not in json.dumps(statement["Condition"])
    }
    assert subjects(planted, "blast_radius/trusts_any_repository") == found


def test_production_roles_that_trust_a_nonproduction_account(demo: DemoOrganization, planted: list[Planted]) -> None:
    """Directly, or over a role of an account that serves all environments."""
    other = {account.id for account in members(demo) if account.tags.get("environment") in ("test", "sandbox")}
    trusting = [
        (account, role, str(statement["Principal"].get("AWS", ""))) for account, role, statement in statements(demo)
    ]
    relays = {
        account.role_arn(role)
        for account, role, trusted in trusting
        if account.tags.get("environment") == "shared" and trusted.split(":")[4:5] in [[number] for number in other]
    }
    found = {
        (account.name, role)
        for account, role, trusted in trusting
        if account.tags.get("environment") == "production"
        and (trusted in relays or trusted.split(":")[4:5] in [[number] for number in other])
    }
    assert subjects(planted, "environment_separation/nonproduction_principal_enters_production") == found


def test_administrators_and_wildcards(demo: DemoOrganization, planted: list[Planted]) -> None:
    administrators = set()
    for account in members(demo):
        for role in roles(account):
            attached = {policy["PolicyName"] for policy in role["AttachedManagedPolicies"]}
            inline = json.dumps([policy["PolicyDocument"] for policy in role["RolePolicyList"]])
            if "AdministratorAccess" in attached or '"Action": "*", "Resource": "*"' in inline:
                administrators.add((account.name, role["RoleName"]))
    allowed = {one for one in administrators if one[1] in ("OrganizationAccountAccessRole", "break-glass-admin")}
    assert subjects(planted, "least_privilege/administrator_access") == administrators - allowed
    assert ("checkout-production", "break-glass-admin") in allowed
    many = {name for name, times in Counter(name for name, _ in administrators - allowed).items() if times > 3}
    assert {name for name, _ in subjects(planted, "least_privilege/too_many_administrators")} == many


# --- data


def databases(account: Account) -> Iterator[dict[str, Any]]:
    for region in REGIONS:
        rds = account.client("rds", region)
        yield from rds.describe_db_instances()["DBInstances"]
        yield from rds.describe_db_clusters()["DBClusters"]


def test_production_databases_without_a_copy_elsewhere(demo: DemoOrganization, planted: list[Planted]) -> None:
    copied = {point.resource_arn for point in demo.server.layer.recovery_points}
    kept = demo.accounts["backup-vaults"].client("rds").describe_db_snapshots()["DBSnapshots"]
    copied_names = {snapshot["DBInstanceIdentifier"] for snapshot in kept}
    alone = set()
    for account in members(demo):
        if not account.name.endswith("-production"):
            continue
        for database in databases(account):
            arn = database.get("DBInstanceArn") or database["DBClusterArn"]
            if arn.split(":")[-1] in copied_names:
                continue
            if arn not in copied and not ("DBInstanceArn" in database and database.get("DBClusterIdentifier")):
                alone.add((account.name, arn.split(":")[-1]))
        for table in account.client("dynamodb").list_tables()["TableNames"]:
            if not any(arn.endswith(f":{account.id}:table/{table}") for arn in copied):
                alone.add((account.name, table))
        for system in account.client("efs").describe_file_systems()["FileSystems"]:
            if system["FileSystemArn"] not in copied:
                alone.add((account.name, system["Name"]))
    expected = subjects(planted, "backup_isolation/not_backed_up")
    assert expected | subjects(planted, "backup_isolation/copies_share_account") == alone


def test_databases_open_to_addresses(demo: DemoOrganization, planted: list[Planted]) -> None:
    wide, public = set(), set()
    for account in members(demo):
        for database in databases(account):
            name = database.get("DBInstanceIdentifier") or database["DBClusterIdentifier"]
            ranges = _admitted_ranges(account, database)
            if ranges:
                wide.add((account.name, name))
            if "0.0.0.0/0" in ranges and database.get("PubliclyAccessible"):
                public.add((account.name, name))
    assert subjects(planted, "database_integration/open_to_whole_network") == wide
    assert subjects(planted, "database_integration/publicly_reachable") == public


def _admitted_ranges(account: Account, database: dict[str, Any]) -> set[str]:
    arn = database.get("DBInstanceArn") or database["DBClusterArn"]
    ids = [group["VpcSecurityGroupId"] for group in database["VpcSecurityGroups"]]
    groups = account.client("ec2", arn.split(":")[3]).describe_security_groups(GroupIds=ids)["SecurityGroups"]
    return {one["CidrIp"] for group in groups for rule in group["IpPermissions"] for one in rule["IpRanges"]}


def test_snapshots_given_away(demo: DemoOrganization, planted: list[Planted]) -> None:
    owned = demo.accounts["backup-vaults"].client("rds").describe_db_snapshots()["DBSnapshots"]
    owned += demo.accounts["marketing-production"].client("rds").describe_db_snapshots()["DBSnapshots"]
    copies = {snapshot["SourceDBSnapshotIdentifier"] for snapshot in owned if "SourceDBSnapshotIdentifier" in snapshot}
    shared, public = set(), set()
    for account in members(demo):
        rds, ec2 = account.client("rds"), account.client("ec2")
        for snapshot in rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]:
            name = snapshot["DBSnapshotIdentifier"]
            result = rds.describe_db_snapshot_attributes(DBSnapshotIdentifier=name)["DBSnapshotAttributesResult"]
            if result["DBSnapshotAttributes"][0]["AttributeValues"] and snapshot["DBSnapshotArn"] not in copies:
                shared.add((account.name, name))
        for disk in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]:
            attribute = ec2.describe_snapshot_attribute(
                SnapshotId=disk["SnapshotId"], Attribute="createVolumePermission"
            )
            if attribute["CreateVolumePermissions"]:
                public.add((account.name, as_dict(disk["Tags"])["Name"]))
        for image in ec2.describe_images(Owners=["self"])["Images"]:
            attribute = ec2.describe_image_attribute(ImageId=image["ImageId"], Attribute="launchPermission")
            if attribute["LaunchPermissions"]:
                public.add((account.name, image["Name"]))
    assert subjects(planted, "backup_isolation/snapshot_shared_not_copied") == shared
    assert subjects(planted, "backup_isolation/snapshot_public") == public


def test_vaults(demo: DemoOrganization, planted: list[Planted]) -> None:
    unlocked, deletable = set(), set()
    for account in members(demo):
        for region in REGIONS:
            backup = account.client("backup", region)
            for vault in backup.list_backup_vaults()["BackupVaultList"]:
                name = vault["BackupVaultName"]
                if "LockDate" not in vault:
                    unlocked.add((account.name, name))
                if (
                    "backup:DeleteRecoveryPoint"
                    not in backup.get_backup_vault_access_policy(BackupVaultName=name)["Policy"]
                ):
                    deletable.add((account.name, name))
    assert subjects(planted, "backup_isolation/vault_unlocked") == unlocked
    assert subjects(planted, "backup_isolation/vault_policy_allows_deletion") == deletable


# --- tags


def tagged(account: Account, region: str) -> dict[str, dict[str, str]]:
    pages = account.client("resourcegroupstaggingapi", region).get_resources()["ResourceTagMappingList"]
    return {one["ResourceARN"]: as_dict(one["Tags"]) for one in pages}


def untagged_network(account: Account, region: str) -> list[str]:
    """What the tagging API does not list because it has no tags at all, default VPCs aside."""
    ec2 = account.client("ec2", region)
    vpcs = {vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"] if not vpc["IsDefault"]}
    found = [
        *((one["SubnetId"], one) for one in ec2.describe_subnets()["Subnets"]),
        *((one["GroupId"], one) for one in ec2.describe_security_groups()["SecurityGroups"]),
        *((one["RouteTableId"], one) for one in ec2.describe_route_tables()["RouteTables"]),
        *((one["NetworkAclId"], one) for one in ec2.describe_network_acls()["NetworkAcls"]),
    ]
    return [name for name, one in found if one["VpcId"] in vpcs and not one.get("Tags")]


def test_everything_is_tagged_except_by_team_phoenix(demo: DemoOrganization) -> None:
    for account in members(demo):
        for region in REGIONS:
            lacking = [arn for arn, tags in tagged(account, region).items() if REQUIRED - set(tags)]
            assert bool(lacking) == (account.name == "team-phoenix" and region == MAIN), (account.name, lacking)
            if account.name != "team-phoenix":
                assert untagged_network(account, region) == []


def test_roles_are_tagged(demo: DemoOrganization) -> None:
    for account in members(demo):
        for role in roles(account):
            assert as_dict(role["Tags"]).keys() >= REQUIRED, role["Arn"]


def test_one_resource_contradicts_its_account(demo: DemoOrganization, planted: list[Planted]) -> None:
    found = set()
    for account in members(demo):
        for region in REGIONS:
            for arn, tags in tagged(account, region).items():
                if any(
                    key in account.tags and tags.get(key, account.tags[key]) != account.tags[key] for key in REQUIRED
                ):
                    found.add((account.name, arn.rsplit(":", 1)[1]))
    assert subjects(planted, "ownership_and_billing/tags_contradict_account") == found


def test_accounts_whose_resources_differ_in_environment_or_workload(demo: DemoOrganization) -> None:
    mixed = {"environment": set[str](), "product": set[str]()}
    for account in members(demo):
        for key, names in mixed.items():
            values = {tags[key] for region in REGIONS for tags in tagged(account, region).values() if key in tags}
            if len(values) > 1:
                names.add(account.name)
    # What the acquired company has is shared, beside a bucket of orders in production.
    both = {"legacy-shop-production", "bolt-electronics"}
    assert mixed == {"environment": both, "product": both}


def test_hostile_text_is_in_place(demo: DemoOrganization) -> None:
    account = demo.accounts["checkout-production"]
    description = account.client("iam").get_role(RoleName="break-glass-admin")["Role"]["Description"]
    assert "<script>alert(1)</script>" in description
    arn = demo.arn_of("checkout-production", "checkout-carts")
    tags = as_dict(account.client("dynamodb").list_tags_of_resource(ResourceArn=arn)["Tags"])
    assert tags["note"].startswith("\x1b[31m")


def test_building_left_no_trace_of_failure(demo: DemoOrganization) -> None:
    assert demo.server.layer.failures == []


# --- people


def test_who_may_enter_both_production_and_test(demo: DemoOrganization, planted: list[Planted]) -> None:
    center = demo.accounts["harbour-management"].client("sso-admin")
    (instance,) = center.list_instances()["Instances"]
    names = {account.id: name for name, account in demo.accounts.items()}
    entered: dict[tuple[str, str], set[str]] = {}
    for one in center.list_permission_sets(InstanceArn=instance["InstanceArn"])["PermissionSets"]:
        whose = {"InstanceArn": instance["InstanceArn"], "PermissionSetArn": one}
        described = center.describe_permission_set(**whose)["PermissionSet"]["Name"]
        for account in center.list_accounts_for_provisioned_permission_set(**whose)["AccountIds"]:
            for given in center.list_account_assignments(**whose, AccountId=account)["AccountAssignments"]:
                entered.setdefault((described, given["PrincipalId"]), set()).add(names[account])
    known = {arn.rpartition("/")[2]: name for name, arn in demo.accounts["harbour-management"].subjects.items()}
    both = {
        (known[principal], name)
        for (name, principal), accounts in entered.items()
        if any("production" in one for one in accounts) and any("test" in one for one in accounts)
    }
    rule = "environment_separation/people_administer_both_environments"
    reading_or_glass = {("auditors", "ReadOnlyAccess"), ("break-glass-operators", "AdministratorAccess")}
    assert {name for name, _ in both - reading_or_glass} == {name for _, name in subjects(planted, rule)}
    assert reading_or_glass <= both


def test_identity_center_is_in_one_region_of_one_account(demo: DemoOrganization) -> None:
    assert demo.accounts["harbour-management"].client("sso-admin", SECOND).list_instances()["Instances"] == []
    assert demo.accounts["checkout-test"].client("sso-admin").list_instances()["Instances"] == []
