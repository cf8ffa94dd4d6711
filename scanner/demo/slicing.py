"""What is spread, missing, forgotten: workloads over accounts, and roles that nobody used for long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from scanner.demo.data import make_bucket
from scanner.demo.estate import Account, document
from scanner.demo.roles import ADMINISTRATOR, make_role, trust_service
from scanner.demo.store import RoleUse, Store


def build(accounts: dict[str, Account], store: Store) -> None:
    """Planted: orders in two accounts, an administrator of two workloads, one that was forgotten."""
    make_bucket(accounts["bolt-electronics"], "harbour-orders-from-bolt", product="orders", environment="production")
    for name, workload in (("catalog", "catalog"), ("orders", "orders")):
        # They have no ARN, and a cluster is called catalog too.
        accounts[f"{name}-production"].remember(f"workload {workload}", workload)
    make_role(accounts["legacy-shop-production"], "shop-operator", trust_service("ec2"), managed=ADMINISTRATOR)
    _make_maker(accounts["tooling-shared"])
    _remember_uses(accounts, store)


def _make_maker(account: Account) -> None:
    """Clean: a role that creates roles, within a boundary."""
    bound = {"StringEquals": {"iam:PermissionsBoundary": f"arn:aws:iam::{account.id}:policy/service-limit"}}
    create = {"Effect": "Allow", "Action": "iam:CreateRole", "Resource": f"arn:aws:iam::{account.id}:role/services/*"}
    policy = document({**create, "Condition": bound})
    make_role(account, "service-factory", trust_service("codebuild"), inline={"create-bounded-roles": policy})


def _remember_uses(accounts: dict[str, Account], store: Store) -> None:
    """Planted: one administrator was last used 200 days ago. Clean: one as old was used yesterday, the others are new."""
    now = datetime.now(UTC).replace(microsecond=0)
    for account, role, days in (
        ("orders-production", "orders-operator", 200),
        ("team-phoenix", "phoenix-admin-anna", 1),
    ):
        used = now - timedelta(days=days)
        store.role_uses[accounts[account].role_arn(role)] = RoleUse(now - timedelta(days=700), used)
