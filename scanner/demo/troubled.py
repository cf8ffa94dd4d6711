"""The accounts where most is wrong: marketing, a team's account, the old shop, an acquired company."""

from __future__ import annotations

from typing import Any

from scanner.demo.data import (
    PORT,
    keep_copy,
    make_bucket,
    make_database,
    make_disk_snapshot,
    make_image,
    make_secret,
)
from scanner.demo.estate import Account, allow
from scanner.demo.network import (
    Vpc,
    admit_cidr,
    admit_groups,
    make_group,
    make_instance,
    make_public,
    make_vpc,
)
from scanner.demo.platform import Vaults
from scanner.demo.products import build_shop
from scanner.demo.roles import ADMINISTRATOR, READ_ONLY, make_policy, make_role, trust_aws, trust_service
from scanner.demo.store import Store

ANALYTICS_VENDOR = "555566667777"
MONITORING_VENDOR = "464622532012"


def build_marketing_production(account: Account, store: Store, vaults: Vaults) -> Vpc:
    """Planted: databases open to a network and to the world, a public snapshot and bucket, an image lent, a careless trust."""
    vpc = make_vpc(account, "marketing-vpc", 60)
    make_public(vpc, "marketing-gateway")
    app = make_instance(vpc, "campaign-app", make_group(vpc, "campaign-app"))
    make_image(account, "campaign-image", app, lent_to=ANALYTICS_VENDOR)
    make_image(account, "campaign-base", app)
    wide, world = make_group(vpc, "campaigns-db"), make_group(vpc, "landing-pages-db")
    admit_cidr(vpc, wide, PORT, vpc.cidr)
    admit_cidr(vpc, world, PORT, "0.0.0.0/0")
    keep_copy(store, make_database(vpc, "campaigns", wide), vaults.good)
    keep_copy(store, make_database(vpc, "landing-pages", world, public=True), vaults.good)
    make_disk_snapshot(account, "campaign-disk", public=True)
    _open_bucket(account)
    make_role(account, "metrics-export", trust_aws(f"arn:aws:iam::{ANALYTICS_VENDOR}:role/exporter"), managed=READ_ONLY)
    agreed = {"StringEquals": {"sts:ExternalId": "harbour-goods-7f3a"}}
    vendor = trust_aws(f"arn:aws:iam::{MONITORING_VENDOR}:root", agreed)
    make_role(account, "monitoring", vendor, managed="arn:aws:iam::aws:policy/SecurityAudit")
    return vpc


def _open_bucket(account: Account) -> None:
    name = "harbour-campaign-assets"
    everyone = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*"}
    make_bucket(account, name, everyone)


def build_marketing_test(account: Account) -> Vpc:
    """Planted: a secret an outsider may read."""
    vpc = make_vpc(account, "marketing-test-vpc", 61)
    _, group = build_shop(vpc, "campaign-test")
    make_database(vpc, "campaigns-test", group, retention=1)
    vendor = {"AWS": f"arn:aws:iam::{ANALYTICS_VENDOR}:root"}
    outsider = {"Effect": "Allow", "Principal": vendor, "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    make_secret(account, "campaign-test-token", outsider)
    make_secret(account, "campaign-test-password")
    return vpc


def build_team_phoenix(account: Account) -> None:
    """Planted: too many administrators, wildcard policies, a role for everyone, hardly any tags."""
    untagged: dict[str, Any] = {"owner": None, "product": None, "environment": None}
    vpc = make_vpc(account, "phoenix-vpc", 70, **untagged)
    make_instance(vpc, "phoenix-experiment", make_group(vpc, "phoenix-experiment", **untagged), **untagged)
    make_bucket(account, "harbour-phoenix-scratch", **untagged)
    for name in ("phoenix-admin-anna", "phoenix-admin-ben", "phoenix-admin-cleo"):
        make_role(account, name, trust_service("ec2"), managed=ADMINISTRATOR)
    make_role(account, "jenkins", trust_service("ec2"), inline={"everything": allow("*")})
    identities = make_policy(account, "manage-identities", allow("iam:*"))
    make_role(account, "identity-tool", trust_service("lambda"), managed=identities)
    make_role(account, "demo-for-everyone", trust_aws("*"), managed=READ_ONLY)


def build_legacy(account: Account, store: Store, vaults: Vaults) -> None:
    """Planted: production, test and two workloads in one account and one VPC, around one database."""
    vpc = make_vpc(account, "legacy-vpc", 80)
    shop, database = make_group(vpc, "shop-web"), make_group(vpc, "shop-db")
    newsletter = make_group(vpc, "newsletter", product="newsletter")
    trial = make_group(vpc, "shop-trial", environment="test")
    make_instance(vpc, "shop-web", shop)
    make_instance(vpc, "newsletter", newsletter, product="newsletter")
    make_instance(vpc, "shop-trial", trial, environment="test")
    admit_groups(vpc, database, PORT, shop, newsletter)
    for workload in ("shop", "newsletter"):
        account.remember(workload, workload)  # it has no ARN
    keep_copy(store, make_database(vpc, "shop-main", database), vaults.good)


def build_bolt(account: Account) -> None:
    """Planted: nobody can tell what this account is for. What it holds is tagged, but as shared."""
    make_bucket(account, "bolt-electronics-files")
