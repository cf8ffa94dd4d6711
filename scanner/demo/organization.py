"""Build "Harbour Goods", an online retailer of 15 accounts in two Regions, through boto3 alone.

Recovery points are the one exception: no API makes one at once, so they go straight into the layer's store.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import boto3
import yaml

from scanner.demo import (
    auditing,
    chains,
    compute,
    identity,
    joined,
    limits,
    money,
    platform,
    products,
    recovery,
    slicing,
    troubled,
)
from scanner.demo.estate import Access, Account
from scanner.demo.governance import Governance, arrange, found
from scanner.demo.network import peer
from scanner.demo.roles import harden_access_role
from scanner.demo.server import MANAGEMENT_ACCOUNT, DemoServer

PLANTED = Path(__file__).with_name("planted.yaml")
ACCESS_ROLE = "OrganizationAccountAccessRole"
MANAGEMENT = "harbour-management"

# name -> (owner, product, environment, cost centre); None where the tag is missing on purpose
ACCOUNTS: dict[str, tuple[str | None, str | None, str | None, str | None]] = {
    MANAGEMENT: ("platform", "platform-governance", "shared", "1000"),
    "log-archive": ("security", "platform-security", "shared", "1010"),
    "backup-vaults": ("security", "platform-backup", "shared", "1010"),
    "network-shared": ("platform", "platform-network", "shared", "1000"),
    "tooling-shared": ("platform", "platform-tooling", "shared", "1000"),
    "checkout-production": ("checkout", "checkout", "production", "2010"),
    "checkout-test": ("checkout", "checkout", "test", "2010"),
    "catalog-production": ("catalog", "catalog", "production", "2020"),
    "orders-production": ("orders", "orders", "production", "2030"),
    "marketing-production": ("marketing", "campaigns", "production", "2040"),
    "marketing-test": ("marketing", "campaigns", "test", "2040"),
    "team-phoenix": ("phoenix", "team-phoenix", "sandbox", "2050"),
    "legacy-shop-production": ("shop", None, None, "2060"),
    "bolt-electronics": (None, None, None, None),
    "loyalty-prototype": ("marketing", "loyalty", "sandbox", "2040"),
}

# How resources are tagged in accounts that lack the tag themselves.
RESOURCE_DEFAULTS = {
    "legacy-shop-production": {"product": "shop", "environment": "production"},
    "bolt-electronics": {
        "owner": "it@bolt-electronics.example",
        "product": "bolt-electronics",
        "environment": "shared",
    },
}


@dataclass(frozen=True)
class Planted:
    """One planted problem, its subject resolved to an ARN. `region` is set where it is part of the subject."""

    rule: str
    account: str
    account_id: str
    subject: str
    arn: str
    why: str
    region: str | None = None


@dataclass
class DemoOrganization:
    """What was built, by name, and the server it lives on."""

    server: DemoServer = field(repr=False)
    accounts: dict[str, Account]
    governance: Governance

    def arn_of(self, account: str, subject: str) -> str:
        """ARN of a subject as `planted.yaml` names it. Raises KeyError for names the builder does not know."""
        if subject in self.accounts:
            stem = f"arn:aws:organizations::{MANAGEMENT_ACCOUNT}:account/{self.governance.organization_id}"
            return f"{stem}/{self.accounts[subject].id}"
        if subject in self.governance.arns:
            return self.governance.arns[subject]
        return self.accounts[account].subjects[subject]

    def planted(self) -> list[Planted]:
        """Every planted problem, in the order of the file."""
        return [self._resolve(entry) for entry in yaml.safe_load(PLANTED.read_text(encoding="utf-8"))]

    def _resolve(self, entry: dict[str, str]) -> Planted:
        arn = self.arn_of(entry["account"], entry["subject"])
        return Planted(account_id=self.accounts[entry["account"]].id, arn=arn, **entry)


def build(server: DemoServer) -> DemoOrganization:
    """Create everything on an empty server. Takes some seconds."""
    session = boto3.Session()
    own = Access(server.url, session, {"AccessKeyId": "AKIADEMOMANAGEMENT00", "SecretAccessKey": "demo"})
    organizations = own.client("organizations", "us-east-1")
    organization_id, root = found(organizations)
    accounts = {MANAGEMENT: Account(MANAGEMENT, MANAGEMENT_ACCOUNT, _tags(MANAGEMENT), own)}
    organizations.tag_resource(ResourceId=MANAGEMENT_ACCOUNT, Tags=_listed(_tags(MANAGEMENT)))
    for name in ACCOUNTS:
        if name != MANAGEMENT:
            accounts[name] = _create_account(own, name)
    governance = arrange(organizations, organization_id, root, accounts)
    _fill(server, accounts, organization_id)
    return DemoOrganization(server, accounts, governance)


def _tags(name: str) -> dict[str, str]:
    owner, product, environment, cost_centre = ACCOUNTS[name]
    mail = f"{owner}@harbour-goods.example" if owner else None
    tags = {"owner": mail, "product": product, "environment": environment, "cost-centre": cost_centre}
    return {key: value for key, value in tags.items() if value is not None}


def _listed(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _create_account(own: Access, name: str) -> Account:
    made = own.client("organizations", "us-east-1").create_account(
        AccountName=name, Email=f"aws+{name}@harbour-goods.example", Tags=_listed(_tags(name))
    )
    number = made["CreateAccountStatus"]["AccountId"]
    entered = own.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{number}:role/{ACCESS_ROLE}", RoleSessionName="demo-builder"
    )
    access = Access(own.url, own.session, entered["Credentials"])
    account = Account(name, number, _tags(name), access, RESOURCE_DEFAULTS.get(name, {}))
    harden_access_role(account, MANAGEMENT_ACCOUNT)
    return account


def _fill(server: DemoServer, accounts: dict[str, Account], organization_id: str) -> None:
    store, backup = server.layer.store, accounts["backup-vaults"]
    platform.build_management(accounts[MANAGEMENT])
    platform.build_log_archive(accounts["log-archive"], organization_id)
    vaults = platform.build_backup(backup, store)
    platform.build_network(accounts["network-shared"], accounts)
    deployer = platform.build_tooling(accounts["tooling-shared"])
    checkout = products.build_checkout_production(
        accounts["checkout-production"], store, vaults, backup, deployer, accounts["checkout-test"], organization_id
    )
    checkout_test = products.build_checkout_test(accounts["checkout-test"])
    catalog = products.build_catalog_production(
        accounts["catalog-production"], store, vaults, accounts["tooling-shared"], deployer, organization_id
    )
    orders = products.build_orders_production(accounts["orders-production"], store, vaults, backup)
    marketing = troubled.build_marketing_production(accounts["marketing-production"], store, vaults)
    marketing_test = troubled.build_marketing_test(accounts["marketing-test"])
    troubled.build_team_phoenix(accounts["team-phoenix"])
    troubled.build_legacy(accounts["legacy-shop-production"], store, vaults)
    troubled.build_bolt(accounts["bolt-electronics"])
    recovery.build_copies(accounts, store, vaults)
    slicing.build(accounts, store)
    auditing.build(accounts, store)
    identity.build_identity_center(accounts[MANAGEMENT], accounts)
    chains.build(
        accounts[MANAGEMENT], accounts["tooling-shared"], accounts["catalog-production"], accounts["checkout-test"]
    )
    compute.build_compute(checkout, checkout_test, accounts["legacy-shop-production"], accounts["marketing-production"])
    peer(catalog, orders, "catalog-orders")
    peer(checkout_test, marketing_test, "test-test")
    joined.join(
        accounts, {vpc.account.name: vpc for vpc in (checkout, checkout_test, catalog, orders)}, store, vaults.good
    )
    peer(marketing, marketing_test, "campaign-preview")
    limits.use_quotas(accounts, store)
    money.arrange_money(accounts, accounts[MANAGEMENT], store)
