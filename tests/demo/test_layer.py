"""The layer over HTTP, through boto3: what it answers, how it refuses, what it counts."""

from __future__ import annotations

import json
import time
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.validate import ParamValidator

from scanner.demo.answers.nothing import NOTHING
from scanner.demo.estate import MAIN, SECOND, Account, document
from scanner.demo.organization import DemoOrganization
from scanner.demo.roles import trust_service
from scanner.demo.server import DemoServer


def refused(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    response = error.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def account(demo: DemoOrganization, name: str) -> Account:
    return demo.accounts[name]


# --- answers

READS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("backup-vaults", "backup", "list_recovery_points_by_backup_vault", {"BackupVaultName": "production-copies"}),
    ("backup-vaults", "backup", "list_protected_resources", {}),
    ("backup-vaults", "backup", "list_backup_vaults", {}),
    ("backup-vaults", "backup", "describe_backup_vault", {"BackupVaultName": "production-copies"}),
    ("backup-vaults", "backup", "get_backup_vault_access_policy", {"BackupVaultName": "production-copies"}),
    ("backup-vaults", "backup", "describe_global_settings", {}),
    ("backup-vaults", "backup", "describe_region_settings", {}),
    ("checkout-production", "backup", "list_copy_jobs", {}),
    ("network-shared", "ram", "list_resources", {"resourceOwner": "SELF"}),
    ("network-shared", "ram", "list_principals", {"resourceOwner": "SELF"}),
    ("network-shared", "ram", "get_resource_shares", {"resourceOwner": "SELF"}),
    ("network-shared", "ram", "get_resource_share_associations", {"associationType": "PRINCIPAL"}),
    ("network-shared", "ram", "get_resource_share_associations", {"associationType": "RESOURCE"}),
    ("orders-production", "ram", "list_resources", {"resourceOwner": "OTHER-ACCOUNTS"}),
    ("orders-production", "ram", "get_resource_shares", {"resourceOwner": "OTHER-ACCOUNTS"}),
    ("orders-production", "service-quotas", "list_service_quotas", {"ServiceCode": "vpc"}),
    ("orders-production", "service-quotas", "list_service_quotas", {"ServiceCode": "iam"}),
    ("orders-production", "service-quotas", "get_service_quota", {"ServiceCode": "rds", "QuotaCode": "L-7B6409FD"}),
    ("orders-production", "service-quotas", "list_services", {}),
    ("orders-production", "account", "list_regions", {}),
    ("orders-production", "account", "get_contact_information", {}),
    ("orders-production", "ec2", "describe_regions", {}),
    ("orders-production", "ec2", "describe_vpc_block_public_access_options", {}),
    ("orders-production", "rds", "describe_db_instances", {}),
    ("orders-production", "rds", "describe_db_snapshots", {}),
    ("orders-production", "rds", "describe_db_instance_automated_backups", {}),
    ("catalog-production", "rds", "describe_db_cluster_automated_backups", {}),
    ("orders-production", "resourcegroupstaggingapi", "get_resources", {}),
    ("harbour-management", "ce", "list_cost_allocation_tags", {}),
    ("harbour-management", "sso-admin", "list_instances", {}),
]


@pytest.mark.parametrize(("name", "service", "operation", "parameters"), READS)
def test_answers_have_the_shape_botocore_knows(
    demo: DemoOrganization, name: str, service: str, operation: str, parameters: dict[str, Any]
) -> None:
    client = account(demo, name).client(service)
    answer = getattr(client, operation)(**parameters)
    answer.pop("ResponseMetadata")
    assert any(answer.values()), "an empty answer proves nothing"
    shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation]).output_shape
    report = ParamValidator().validate(answer, shape)
    assert not report.has_errors(), report.generate_report()


def test_every_answer_belongs_to_an_operation_of_boto3(demo: DemoOrganization) -> None:
    for service, operations in demo.server.layer.answered().items():
        client = account(demo, "log-archive").client(service)
        assert set(operations) <= set(client.meta.method_to_api_mapping), service


def test_every_empty_answer_is_accepted_by_boto3(demo: DemoOrganization) -> None:
    for service, answers in NOTHING.items():
        client = account(demo, "log-archive").client(service)
        for operation in answers:
            arguments = {"TimePeriod": {"Start": "2026-01-01", "End": "2026-02-01"}} if service == "ce" else {}
            assert getattr(client, operation)(**arguments)["ResponseMetadata"]["HTTPStatusCode"] == 200, operation


def test_recovery_points_are_listed_where_they_lie(demo: DemoOrganization) -> None:
    backup = account(demo, "backup-vaults")

    def held(vault: str, region: str) -> set[str]:
        points = backup.client("backup", region).list_recovery_points_by_backup_vault(BackupVaultName=vault)
        return {point["ResourceArn"].rsplit(":", 1)[1].rsplit("/", 1)[-1] for point in points["RecoveryPoints"]}

    assert held("orders-copies", SECOND) == {"orders-us-ledger"}
    assert held("catalog-copies", MAIN) == {"catalog"}
    assert "checkout-payments" in held("production-copies", MAIN)


def test_a_lock_in_compliance_mode_has_a_date(demo: DemoOrganization) -> None:
    vaults = account(demo, "backup-vaults").client("backup").list_backup_vaults()["BackupVaultList"]
    locks = {vault["BackupVaultName"]: (vault["Locked"], "LockDate" in vault) for vault in vaults}
    unlocked = (False, False)
    assert locks == {
        "production-copies": (True, True),
        "catalog-copies": unlocked,
        "catalog-archive-copies": unlocked,
    }


def test_vault_without_policy_is_resource_not_found(demo: DemoOrganization) -> None:
    backup = account(demo, "team-phoenix").client("backup")
    backup.create_backup_vault(BackupVaultName="bare")
    with pytest.raises(ClientError) as error:
        backup.get_backup_vault_access_policy(BackupVaultName="bare")
    assert refused(error) == ("ResourceNotFoundException", 400)
    backup.delete_backup_vault(BackupVaultName="bare")


def test_backup_selections_come_back(demo: DemoOrganization) -> None:
    backup = account(demo, "team-phoenix").client("backup", SECOND)
    selection = {"SelectionName": "tagged", "IamRoleArn": "arn:aws:iam::111122223333:role/backup"}
    made = backup.create_backup_selection(BackupPlanId="plan-1", BackupSelection=selection)
    listed = backup.list_backup_selections(BackupPlanId="plan-1")["BackupSelectionsList"]
    assert [one["SelectionName"] for one in listed] == ["tagged"]
    one = backup.get_backup_selection(BackupPlanId="plan-1", SelectionId=made["SelectionId"])
    assert one["BackupSelection"] == selection
    demo.server.layer.store.backup_selections.clear()


def test_shares_are_seen_from_both_sides(demo: DemoOrganization) -> None:
    def shares(name: str, side: str) -> set[str]:
        ram = account(demo, name).client("ram")
        return {share["name"] for share in ram.get_resource_shares(resourceOwner=side)["resourceShares"]}

    assert shares("network-shared", "SELF") == {"subnets-production", "subnets-mixed", "partner-network"}
    assert shares("orders-production", "OTHER-ACCOUNTS") == {"subnets-production", "subnets-mixed"}
    assert shares("checkout-test", "OTHER-ACCOUNTS") == {"subnets-mixed"}
    assert shares("marketing-test", "OTHER-ACCOUNTS") == set()


def test_only_the_partner_is_external(demo: DemoOrganization) -> None:
    principals = account(demo, "network-shared").client("ram").list_principals(resourceOwner="SELF")["principals"]
    assert {one["id"] for one in principals if one["external"]} == {"111122223333"}


def test_a_receiving_account_sees_only_itself(demo: DemoOrganization) -> None:
    orders = account(demo, "orders-production")
    principals = orders.client("ram").list_principals(resourceOwner="OTHER-ACCOUNTS")["principals"]
    assert {one["id"] for one in principals} == {orders.id}


def test_no_automated_backup_without_retention(demo: DemoOrganization) -> None:
    rds = account(demo, "catalog-production").client("rds")
    backups = rds.describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"]
    assert "catalog-reviews" not in {backup["DBInstanceIdentifier"] for backup in backups}
    snapshots = rds.describe_db_snapshots()["DBSnapshots"]
    assert "catalog-reviews" not in {snapshot["DBInstanceIdentifier"] for snapshot in snapshots}


def test_a_copied_snapshot_names_its_source(demo: DemoOrganization) -> None:
    kept = account(demo, "backup-vaults").client("rds").describe_db_snapshots()["DBSnapshots"]
    source = demo.arn_of("checkout-production", "checkout-payments-2026")
    snapshots = [snapshot for snapshot in kept if snapshot.get("SourceDBSnapshotIdentifier") == source]
    assert len(snapshots) == 1
    original = account(demo, "checkout-production").client("rds").describe_db_instances()["DBInstances"][0]
    assert snapshots[0]["DbiResourceId"] == original["DbiResourceId"]


def test_a_snapshot_not_shared_cannot_be_copied(demo: DemoOrganization) -> None:
    arn = demo.arn_of("checkout-production", "checkout-payments-2026")
    rds = account(demo, "team-phoenix").client("rds")
    with pytest.raises(ClientError) as error:
        rds.copy_db_snapshot(SourceDBSnapshotIdentifier=arn, TargetDBSnapshotIdentifier="theirs")
    assert refused(error) == ("DBSnapshotNotFound", 404)


def test_only_managed_policies_in_use_are_listed(demo: DemoOrganization) -> None:
    iam = account(demo, "orders-production").client("iam")
    policies = iam.get_account_authorization_details()["Policies"]
    assert [policy["PolicyName"] for policy in policies] == ["AdministratorAccess"]
    document = policies[0]["PolicyVersionList"][0]["Document"]
    assert document["Statement"][0]["Action"] == "*"
    assert iam.get_account_authorization_details(Filter=["LocalManagedPolicy"])["Policies"] == []


def test_customer_managed_policies_have_names_and_documents(demo: DemoOrganization) -> None:
    iam = account(demo, "team-phoenix").client("iam")
    policies = iam.get_account_authorization_details(Filter=["LocalManagedPolicy"])["Policies"]
    assert [(policy["PolicyName"], policy["AttachmentCount"]) for policy in policies] == [("manage-identities", 1)]
    assert policies[0]["PolicyVersionList"][0]["Document"]["Statement"][0]["Action"] == "iam:*"


def test_permissions_boundaries_are_reported(demo: DemoOrganization) -> None:
    iam = account(demo, "team-phoenix").client("iam")
    boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    trust = document(trust_service("ec2"))
    iam.create_role(RoleName="bounded", AssumeRolePolicyDocument=trust, PermissionsBoundary=boundary)
    roles = iam.get_account_authorization_details(Filter=["Role"])["RoleDetailList"]
    iam.delete_role(RoleName="bounded")
    bounded = [role["PermissionsBoundary"] for role in roles if role["RoleName"] == "bounded"]
    assert [one["PermissionsBoundaryArn"] for one in bounded] == [boundary]


def test_backup_policies_are_policies(demo: DemoOrganization) -> None:
    organizations = account(demo, "harbour-management").client("organizations", SECOND)
    listed = organizations.list_policies(Filter="BACKUP_POLICY")["Policies"]
    assert [(policy["Name"], policy["Type"]) for policy in listed] == [("daily-copies", "BACKUP_POLICY")]
    targets = organizations.list_targets_for_policy(PolicyId=listed[0]["Id"])["Targets"]
    assert {target["Name"] for target in targets} == {"Production", "Marketing"}
    unit = demo.governance.units["Production"]
    at_unit = organizations.list_policies_for_target(TargetId=unit, Filter="BACKUP_POLICY")["Policies"]
    assert [policy["Name"] for policy in at_unit] == ["daily-copies"]
    tags = organizations.list_policies(Filter="TAG_POLICY")["Policies"]
    assert [policy["Name"] for policy in tags] == ["required-tags"]


def test_tags_cover_the_network_too(demo: DemoOrganization) -> None:
    tagging = account(demo, "orders-production").client("resourcegroupstaggingapi")
    arns = [one["ResourceARN"] for one in tagging.get_resources()["ResourceTagMappingList"]]
    assert len(arns) == len(set(arns))
    kinds = {arn.split(":")[2] + ":" + arn.split(":", 5)[5].split("/")[0].split(":")[0] for arn in arns}
    assert {"ec2:vpc", "ec2:subnet", "ec2:security-group", "ec2:instance", "ec2:volume", "rds:db"} <= kinds


# --- faults


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "expected"),
    [
        ("ec2", "describe_vpcs", {}, ("UnauthorizedOperation", 403)),
        ("rds", "describe_db_instances", {}, ("AccessDenied", 403)),
        ("iam", "list_roles", {}, ("AccessDenied", 403)),
        ("s3", "list_buckets", {}, ("AccessDenied", 403)),
        ("kms", "list_keys", {}, ("AccessDeniedException", 400)),
        ("dynamodb", "list_tables", {}, ("AccessDeniedException", 400)),
        ("organizations", "describe_organization", {}, ("AccessDeniedException", 400)),
        ("backup", "list_backup_vaults", {}, ("AccessDeniedException", 403)),
        ("ram", "list_resources", {"resourceOwner": "SELF"}, ("AccessDeniedException", 403)),
    ],
)
def test_denied_in_the_words_of_the_service(
    demo: DemoOrganization, service: str, operation: str, parameters: dict[str, Any], expected: tuple[str, int]
) -> None:
    member = account(demo, "orders-production")
    demo.server.layer.deny(service=service, operation=operation, account=member.id, by="scp")
    with pytest.raises(ClientError) as error:
        getattr(member.client(service), operation)(**parameters)
    assert refused(error) == expected
    assert "with an explicit deny in a service control policy" in str(error.value)
    others = account(demo, "catalog-production").client(service)
    assert getattr(others, operation)(**parameters)["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_a_fault_keeps_to_its_region(demo: DemoOrganization) -> None:
    member = account(demo, "orders-production")
    demo.server.layer.deny(service="ec2", region=SECOND)
    member.client("ec2", MAIN).describe_vpcs()
    with pytest.raises(ClientError, match="no identity-based policy allows the ec2:DescribeVpcs action"):
        member.client("ec2", SECOND).describe_vpcs()


def test_one_account_cannot_be_entered(demo: DemoOrganization) -> None:
    closed, open_ = account(demo, "orders-production"), account(demo, "catalog-production")
    demo.server.layer.deny_assume_role(closed.id)
    sts = account(demo, "harbour-management").client("sts")
    with pytest.raises(ClientError) as error:
        sts.assume_role(RoleArn=closed.role_arn("OrganizationAccountAccessRole"), RoleSessionName="test")
    assert refused(error) == ("AccessDenied", 403)
    sts.assume_role(RoleArn=open_.role_arn("OrganizationAccountAccessRole"), RoleSessionName="test")


def test_a_role_that_does_not_exist_cannot_be_assumed(demo: DemoOrganization) -> None:
    sts = account(demo, "harbour-management").client("sts")
    with pytest.raises(ClientError) as error:
        sts.assume_role(RoleArn=account(demo, "catalog-production").role_arn("Nobody"), RoleSessionName="test")
    assert refused(error) == ("AccessDenied", 403)


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("ec2", "describe_vpcs", "RequestLimitExceeded"),
        ("rds", "describe_db_instances", "Throttling"),
        ("kms", "list_keys", "ThrottlingException"),
        ("organizations", "describe_organization", "TooManyRequestsException"),
        ("backup", "list_backup_vaults", "ThrottlingException"),
        ("s3", "list_buckets", "SlowDown"),
    ],
)
def test_throttled_so_many_times(demo: DemoOrganization, service: str, operation: str, code: str) -> None:
    client = account(demo, "orders-production").client(service)
    demo.server.layer.throttle(service=service, operation=operation, times=2)
    for _ in range(2):
        with pytest.raises(ClientError) as error:
            getattr(client, operation)()
        assert refused(error)[0] == code
    getattr(client, operation)()


def test_boto3_retries_a_throttled_call(demo: DemoOrganization) -> None:
    member = account(demo, "orders-production")
    demo.server.layer.throttle(service="ec2", operation="describe_vpcs", times=1)
    client = patient(demo.server, member, Config(retries={"total_max_attempts": 3, "mode": "standard"}))
    client.describe_vpcs()
    assert demo.server.layer.calls[member.id, "ec2", "describe_vpcs"] == 2


def test_unimplemented_is_a_page_with_status_500(demo: DemoOrganization) -> None:
    demo.server.layer.unimplemented(service="kms", operation="list_keys")
    with pytest.raises(ClientError) as error:
        account(demo, "orders-production").client("kms").list_keys()
    assert refused(error)[1] == 500
    assert "<!doctype html>" in str(error.value).lower()


def test_what_moto_lacks_is_status_500_and_kept(demo: DemoOrganization) -> None:
    demo.server.layer.failures.clear()
    with pytest.raises(ClientError) as error:
        account(demo, "orders-production").client("kms").describe_custom_key_stores()
    assert refused(error)[1] == 500
    assert "NotImplementedError" in demo.server.layer.failures.pop()


def test_a_hanging_call_hangs_alone_and_can_be_released(demo: DemoOrganization) -> None:
    member = account(demo, "orders-production")
    demo.server.layer.hang(service="kms", operation="list_keys", seconds=30)
    client = patient(demo.server, member, Config(read_timeout=0.3, retries={"total_max_attempts": 1}), "kms")
    started = time.monotonic()
    with pytest.raises(ReadTimeoutError):
        client.list_keys()
    member.client("ec2").describe_vpcs()
    demo.server.layer.clear_faults()
    client.list_keys()
    assert time.monotonic() - started < 10


def patient(server: DemoServer, member: Account, config: Config, service: str = "ec2") -> Any:
    credentials = member.access.credentials
    make_client: Any = boto3.client  # typed by service name, which varies here
    return make_client(
        service,
        region_name=MAIN,
        endpoint_url=server.url,
        config=config,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )


# --- counting, server


def test_calls_are_counted_by_account_service_and_operation(demo: DemoOrganization) -> None:
    member = account(demo, "orders-production")
    for _ in range(3):
        member.client("ec2").describe_vpcs()
    member.client("s3").get_bucket_location(Bucket="harbour-orders-invoices")
    member.client("service-quotas").list_services()
    assert demo.server.layer.calls == {
        (member.id, "ec2", "describe_vpcs"): 3,
        (member.id, "s3", "get_bucket_location"): 1,
        (member.id, "service-quotas", "list_services"): 1,
    }


def test_the_caller_is_who_the_key_says(demo: DemoOrganization) -> None:
    for name in ("harbour-management", "orders-production"):
        member = account(demo, name)
        assert member.client("sts").get_caller_identity()["Account"] == member.id


def test_connections_are_kept_open(demo: DemoOrganization) -> None:
    answer = account(demo, "orders-production").client("ec2").describe_vpcs()
    assert answer["ResponseMetadata"]["HTTPHeaders"].get("connection") != "close"


def test_a_second_server_is_refused(demo: DemoOrganization) -> None:
    with pytest.raises(RuntimeError, match="share the server"), DemoServer():
        pass


def test_large_bodies_and_heads_pass(demo: DemoOrganization) -> None:
    s3 = account(demo, "team-phoenix").client("s3")
    s3.put_object(Bucket="harbour-phoenix-scratch", Key="large", Body=json.dumps(["x" * 100] * 20_000))
    assert s3.head_object(Bucket="harbour-phoenix-scratch", Key="large")["ContentLength"] > 2_000_000
    s3.delete_object(Bucket="harbour-phoenix-scratch", Key="large")
