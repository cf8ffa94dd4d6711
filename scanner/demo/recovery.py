"""Copies that look like copies: within reach, without a key of their own, old, in the wrong account; and an unguarded bucket."""

from __future__ import annotations

from scanner.demo.data import (
    Original,
    Vault,
    copy_snapshot,
    keep_copy,
    make_bucket,
    make_database,
    make_key,
    make_snapshot,
    make_table,
    make_vault,
)
from scanner.demo.estate import Account, allow
from scanner.demo.network import Vpc, make_group, make_vpc
from scanner.demo.platform import Vaults
from scanner.demo.roles import make_role, trust_aws, trust_service
from scanner.demo.store import Store


def build_copies(accounts: dict[str, Account], store: Store, vaults: Vaults) -> None:
    """Planted in catalog, orders and marketing; each beside data stores whose copies are in order."""
    backup, catalog = accounts["backup-vaults"], accounts["catalog-production"]
    vpc = make_vpc(catalog, "catalog-archive-vpc", 31)
    _within_reach(vpc, store, backup)
    _key_of_the_source(vpc, backup)
    keep_copy(store, make_table(catalog, "catalog-prices", recoverable=True), vaults.good, hours_old=24 * 30)
    _neighbour(store, accounts["checkout-production"], accounts["marketing-production"])
    _unguarded_bucket(accounts["orders-production"])


def _within_reach(vpc: Vpc, store: Store, backup: Account) -> None:
    """Planted: a role of the catalog may enter the backup account and delete recovery points there; the vault is not locked."""
    janitor = make_role(
        vpc.account,
        "backup-janitor",
        trust_service("lambda"),
        inline={"enter-backup": allow("sts:AssumeRole", backup.role_arn("expire-copies"))},
    )
    clean = allow("backup:DeleteRecoveryPoint", "*")
    make_role(backup, "expire-copies", trust_aws(janitor), inline={"delete-copies": clean})
    vault = make_vault(backup, "catalog-archive-copies", locked=False, keeps=False)
    keep_copy(store, _database(vpc, "catalog-history"), vault)


def _key_of_the_source(vpc: Vpc, backup: Account) -> None:
    """Planted: copied to the backup account, encrypted with a key of the catalog."""
    original = _database(vpc, "catalog-suppliers")
    use = {
        "Effect": "Allow",
        "Principal": {"AWS": backup.root_arn},
        "Action": ["kms:Decrypt", "kms:CreateGrant"],
        "Resource": "*",
    }
    key = make_key(vpc.account, "catalog-suppliers-key", vpc.region, use)
    shared = make_snapshot(original, "catalog-suppliers-2026", backup.id)
    copy_snapshot(backup, shared, "catalog-suppliers-2026-copy", key)


def _database(vpc: Vpc, name: str) -> Original:
    return make_database(vpc, name, make_group(vpc, f"{name}-db"))


def _neighbour(store: Store, checkout: Account, marketing: Account) -> Vault:
    """Planted: the copy of the checkout's table lies in an account that runs campaigns. Clean: it is out of reach, and locked."""
    vault = make_vault(marketing, "neighbourly-copies")
    keep_copy(store, make_table(checkout, "checkout-coupons", recoverable=True), vault)
    return vault


def _unguarded_bucket(orders: Account) -> None:
    """Planted: versioning was suspended to save money."""
    make_bucket(orders, "harbour-orders-exports")
    suspended = {"Status": "Suspended"}
    orders.client("s3").put_bucket_versioning(Bucket="harbour-orders-exports", VersioningConfiguration=suspended)
