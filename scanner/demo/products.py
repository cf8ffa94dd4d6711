"""The products that are mostly in order: checkout, catalog, orders."""

from __future__ import annotations

from scanner.demo.data import (
    PORT,
    Original,
    copy_snapshot,
    keep_copy,
    keep_copy_through,
    make_bucket,
    make_cluster,
    make_database,
    make_disk_snapshot,
    make_key,
    make_secret,
    make_snapshot,
    make_table,
    make_vault,
)
from scanner.demo.estate import HOSTILE, SECOND, TERMINAL, Account, allow
from scanner.demo.network import Vpc, admit_groups, make_group, make_instance, make_vpc
from scanner.demo.platform import PARTNER, Vaults
from scanner.demo.roles import ADMINISTRATOR, READ_ONLY, make_role, trust_aws, trust_service
from scanner.demo.store import Store


def build_shop(vpc: Vpc, name: str) -> tuple[str, str]:
    """An instance and the group of a database that admits only it: (application group, database group)."""
    application, database = make_group(vpc, f"{name}-app"), make_group(vpc, f"{name}-db")
    admit_groups(vpc, database, PORT, application)
    make_instance(vpc, f"{name}-app", application)
    return application, database


def build_checkout_production(
    account: Account, store: Store, vaults: Vaults, backup: Account, deployer: str, test: Account, organization_id: str
) -> Vpc:
    """Planted: a table without any copy, and a role the test account may assume."""
    vpc = make_vpc(account, "checkout-vpc", 20)
    _, group = build_shop(vpc, "checkout")
    payments = make_database(vpc, "checkout-payments", group)
    keep_copy_through(store, payments, make_vault(account, "daily"), vaults.good)
    handed_over = make_snapshot(payments, "checkout-payments-2026", backup.id)
    copy_snapshot(backup, handed_over, "checkout-payments-2026-copy", vaults.good.key_arn)
    keep_copy(store, make_table(account, "checkout-sessions", recoverable=True), vaults.good)
    make_table(account, "checkout-carts", recoverable=False, note=TERMINAL)
    make_secret(account, "checkout-payments-password")
    make_bucket(account, "harbour-checkout-receipts")
    make_deploy_role(account, deployer, organization_id)
    make_role(account, "integration-tests", trust_aws(test.role_arn("test-runner")), managed=READ_ONLY)
    with_mfa = trust_aws(account.root_arn, {"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    make_role(account, "break-glass-admin", with_mfa, managed=ADMINISTRATOR, description=HOSTILE)
    return vpc


def build_checkout_test(account: Account) -> Vpc:
    """Planted: a bucket whose owner is somebody else than the account's."""
    vpc = make_vpc(account, "checkout-test-vpc", 21)
    _, group = build_shop(vpc, "checkout-test")
    make_database(vpc, "checkout-payments-test", group, retention=1)
    make_role(account, "test-runner", trust_service("codebuild"), managed=READ_ONLY)
    make_bucket(account, "harbour-checkout-fixtures", owner=HOSTILE_OWNER)
    return vpc


HOSTILE_OWNER = "=cmd+call@former-team.example"
"""What S3 tags may contain (no angle brackets), and still a formula to a spreadsheet."""


def build_catalog_production(
    account: Account, store: Store, vaults: Vaults, tooling: Account, deployer: str, organization_id: str
) -> Vpc:
    """Planted: a database without any backup, a role for a whole account, a key an outsider may use."""
    vpc = make_vpc(account, "catalog-vpc", 30)
    _, group = build_shop(vpc, "catalog")
    keep_copy(store, make_cluster(vpc, "catalog", group), vaults.unlocked)
    make_database(vpc, "catalog-reviews", group, retention=0)
    make_deploy_role(account, deployer, organization_id)
    make_role(account, "catalog-support", trust_aws(tooling.root_arn), managed=READ_ONLY)
    outsider = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{PARTNER}:root"},
        "Action": "kms:Decrypt",
        "Resource": "*",
    }
    make_key(account, "catalog-feed-key", "eu-central-1", outsider)
    make_disk_snapshot(account, "catalog-index-disk", public=False)
    make_bucket(account, "harbour-catalog-images")
    return vpc


def build_orders_production(account: Account, store: Store, vaults: Vaults, backup: Account) -> Vpc:
    """Planted: a ledger whose every copy is at home, a snapshot shared but not copied, an administrator."""
    vpc = make_vpc(account, "orders-vpc", 40)
    _, group = build_shop(vpc, "orders")
    ledger = make_database(vpc, "orders-ledger", group)
    make_snapshot(ledger, "orders-ledger-handover", backup.id)
    _build_second_region(account, store, vaults)
    make_role(account, "orders-operator", trust_service("ec2"), managed=ADMINISTRATOR)
    make_bucket(account, "harbour-orders-invoices")
    return vpc


def _build_second_region(account: Account, store: Store, vaults: Vaults) -> Original:
    vpc = make_vpc(account, "orders-us-vpc", 41, SECOND)
    _, group = build_shop(vpc, "orders-us")
    original = make_database(vpc, "orders-us-ledger", group)
    keep_copy(store, original, vaults.deletable)
    return original


def make_deploy_role(account: Account, deployer: str, organization_id: str) -> None:
    """Clean: trusts one role of the tooling account, and only from inside the organization."""
    trust = trust_aws(deployer, {"StringEquals": {"aws:PrincipalOrgID": organization_id}})
    deploy = allow(
        ["cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"],
        f"arn:aws:cloudformation:*:{account.id}:stack/*",
    )
    make_role(account, "deploy", trust, inline={"deploy-stacks": deploy})
