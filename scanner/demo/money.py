"""Contacts, budgets and the bill of every account."""

from __future__ import annotations

from scanner.demo.data import make_bucket
from scanner.demo.estate import MAIN, SECOND, Account
from scanner.demo.store import Charge, Store

KINDS = ("BILLING", "OPERATIONS", "SECURITY")
NOBODY_TO_CALL = "bolt-electronics"
NO_BUDGET = "team-phoenix"
# The management account keeps budgets for those that do not keep their own.
WATCHED_CENTRALLY = ("log-archive", "backup-vaults", "bolt-electronics")
# Account -> what it cost last month.
COSTS = {
    "harbour-management": 310,
    "log-archive": 240,
    "backup-vaults": 890,
    "network-shared": 1_150,
    "tooling-shared": 420,
    "checkout-production": 6_400,
    "checkout-test": 730,
    "catalog-production": 5_200,
    "orders-production": 7_900,
    "marketing-production": 2_100,
    "marketing-test": 260,
    "team-phoenix": 540,
    "legacy-shop-production": 3_300,
    "bolt-electronics": 95,
    "loyalty-prototype": 0,
}
UNTAGGED = {"legacy-shop-production": 0.6, "team-phoenix": 0.9, "catalog-production": 0.1}
"""Share of the costs that carries no tags."""


def arrange_money(accounts: dict[str, Account], management: Account, store: Store) -> None:
    """Planted: an account without contacts, one without a budget, one that does not know whose half of its costs are; a
    misspelt environment."""
    for name, account in accounts.items():
        if name != NOBODY_TO_CALL:
            _name_contacts(account)
        if name not in (*WATCHED_CENTRALLY, NO_BUDGET):
            make_budget(account, f"{name}-monthly", COSTS[name])
        store.charges += list(_charges(account))
    for name in WATCHED_CENTRALLY:
        make_budget(management, f"{name}-monthly", COSTS[name], LinkedAccount=[accounts[name].id])
    make_budget(accounts[NO_BUDGET], "functions-only", 50, Service=["AWS Lambda"])
    make_bucket(accounts["legacy-shop-production"], "harbour-shop-labels", environment="prod")


def _name_contacts(account: Account) -> None:
    client = account.client("account", "us-east-1")
    for kind in KINDS:
        client.put_alternate_contact(
            AlternateContactType=kind,
            Name=f"{kind.title()} desk",
            Title="Team mailbox",
            EmailAddress=f"{kind.lower()}@harbour-goods.example",
            PhoneNumber="+49 40 000000",
        )


def make_budget(account: Account, name: str, amount: float, **filters: list[str]) -> None:
    """A monthly cost budget of a tenth above what the account costs, and of 10 at least."""
    budget = {
        "BudgetName": name,
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "BudgetLimit": {"Amount": f"{max(10, amount * 1.1):.2f}", "Unit": "USD"},
        "CostFilters": filters,
    }
    account.client("budgets", "us-east-1").create_budget(AccountId=account.id, Budget=budget)


def _charges(account: Account) -> list[Charge]:
    """Databases and instances of an account, in both Regions; a part of them untagged."""
    total, bare = COSTS[account.name], UNTAGGED.get(account.name, 0.0)
    known = {**account.resource_defaults, **account.tags}
    tags = {key: value for key, value in known.items() if key in ("owner", "product", "environment")}
    parts = (("Amazon Relational Database Service", MAIN, 0.6), ("Amazon Elastic Compute Cloud - Compute", SECOND, 0.4))
    return [
        Charge(account.id, service, region, total * share * portion, carried)
        for service, region, share in parts
        for portion, carried in ((1 - bare, tags), (bare, {}))
        if total * portion
    ]
