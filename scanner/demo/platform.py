"""The accounts that serve all others: management, log archive, backup vaults, network, tooling."""

from __future__ import annotations

from dataclasses import dataclass

from scanner.demo.data import Vault, make_bucket, make_vault
from scanner.demo.estate import MAIN, SECOND, Account, allow, document
from scanner.demo.network import make_group, make_instance, make_vpc
from scanner.demo.roles import (
    READ_ONLY,
    make_github_provider,
    make_role,
    trust_aws,
    trust_github,
    trust_service,
)
from scanner.demo.store import Store

PARTNER = "111122223333"
"""An account outside the organization."""


@dataclass
class Vaults:
    """The vaults of the backup account. Only `good` is as it should be."""

    good: Vault
    unlocked: Vault
    deletable: Vault


def build_management(account: Account) -> None:
    """Planted: a workload in the management account."""
    vpc = make_vpc(account, "management-vpc", 10)
    make_instance(vpc, "reporting-cron", make_group(vpc, "reporting-cron"))
    make_role(account, "organization-operator", trust_service("ssm"), managed=READ_ONLY)
    make_bucket(account, "harbour-organization-reports")


def build_log_archive(account: Account, organization_id: str) -> None:
    """Clean: a role anybody may assume who is in the organization."""
    confined = {"StringEquals": {"aws:PrincipalOrgID": organization_id}}
    write = allow("s3:PutObject", "arn:aws:s3:::harbour-log-archive/*")
    make_role(account, "log-writer", trust_aws("*", confined), inline={"write-logs": write})
    deliver = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::harbour-log-archive/*",
    }
    read = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::harbour-log-archive/public/*",
        "Condition": confined,
    }
    make_bucket(account, "harbour-log-archive", deliver, read)
    _hire_auditor(account)


def _hire_auditor(account: Account) -> None:
    """Clean: a user without keys or password, who may read through a group."""
    iam = account.client("iam")
    iam.create_group(GroupName="auditors")
    iam.attach_group_policy(GroupName="auditors", PolicyArn=READ_ONLY)
    iam.create_user(UserName="auditor", Tags=account.resource_tags("auditor"))
    iam.add_user_to_group(GroupName="auditors", UserName="auditor")


def build_backup(account: Account, store: Store) -> Vaults:
    """Planted: a vault without a lock, and one whose policy lets recovery points be deleted."""
    account.client("backup").update_global_settings(GlobalSettings={"isCrossAccountBackupEnabled": "true"})
    make_role(account, "restore-operator", trust_service("backup"), managed=READ_ONLY)
    return Vaults(
        good=make_vault(account, "production-copies"),
        unlocked=make_vault(account, "catalog-copies", locked=False),
        deletable=make_vault(account, "orders-copies", SECOND, keeps=False),
    )


def build_network(account: Account, members: dict[str, Account]) -> None:
    """Planted: a shared VPC for production and test, and a share with a partner outside."""
    production, mixed = make_vpc(account, "shared-production", 50), make_vpc(account, "shared-mixed", 51)
    subnets = [production.subnet_arn(0), production.subnet_arn(1)]
    _share(account, "subnets-production", subnets, members["orders-production"].id, members["checkout-production"].id)
    subnets = [mixed.subnet_arn(0), mixed.subnet_arn(1)]
    _share(account, "subnets-mixed", subnets, members["orders-production"].id, members["checkout-test"].id)
    ranges = account.client("ec2").create_managed_prefix_list(
        PrefixListName="partner-ranges",
        MaxEntries=5,
        AddressFamily="IPv4",
        Entries=[{"Cidr": "198.51.100.0/24", "Description": "warehouse partner"}],
        TagSpecifications=[{"ResourceType": "prefix-list", "Tags": account.resource_tags("partner-ranges")}],
    )["PrefixList"]["PrefixListArn"]
    _share(account, "partner-network", [ranges], PARTNER, external=True)


def _share(account: Account, name: str, arns: list[str], *principals: str, external: bool = False) -> None:
    tags = [{"key": tag["Key"], "value": tag["Value"]} for tag in account.resource_tags(name)]
    made = account.client("ram", MAIN).create_resource_share(
        name=name, resourceArns=arns, principals=list(principals), allowExternalPrincipals=external, tags=tags
    )
    account.remember(name, made["resourceShare"]["resourceShareArn"])


def build_tooling(account: Account) -> str:
    """The ARN of the role that deploys. Planted: a role for every repository on GitHub."""
    make_github_provider(account)
    enter = document(
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::*:role/deploy"},
    )
    main = trust_github(account, "repo:harbour-goods/platform:ref:refs/heads/main")
    deployer = make_role(account, "deployer", main, inline={"enter-accounts": enter})
    preview = allow("s3:PutObject", "arn:aws:s3:::harbour-build-artifacts/*")
    make_role(account, "pull-request-preview", trust_github(account, None), inline={"write-previews": preview})
    make_bucket(account, "harbour-build-artifacts")
    return deployer
