"""Contacts, budgets and the bill: what is asked, and what is kept of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from scanner.collect import account_contacts, budgets, cost_explorer
from scanner.collect.api import Api, Place, ReadError
from scanner.collect.run import ledger_rows
from scanner.config import Config
from tests.collect.answers.account_contacts import ANSWERS as CONTACTS
from tests.collect.answers.budgets import ANSWERS as BUDGETS
from tests.collect.answers.cost_explorer import ANSWERS as BILL
from tests.collect.answers.cost_explorer import OTHER
from tests.collect.fake import ACCOUNT, Fake, read, table_of

NOW = datetime(2025, 6, 2, 3, 0, tzinfo=UTC)


def bill(source: Fake, config: Config | None = None, account: str = ACCOUNT) -> tuple[list[Any], dict[str, str]]:
    """Rows, and the status of every call in the ledger."""
    calls = {call.name: call for call in cost_explorer.CALLS}
    api = Api(source, Place(account, "global"), calls, config=config or Config(), now=NOW)
    rows = list(cost_explorer.fetch(api))
    ledger = ledger_rows("x", cost_explorer.CALLS, api.tallies, None)
    return rows, {row["call"]: row["status"] for row in ledger}


def test_of_contacts_only_whether_there_is_one_is_kept() -> None:
    assert table_of(read(account_contacts, CONTACTS), "account_contacts") == [
        {"kind": "BILLING", "present": True},
        {"kind": "OPERATIONS", "present": False},
        {"kind": "SECURITY", "present": True},
    ]


def test_a_budget_is_told_once_for_each_account_and_what_narrows_it() -> None:
    rows = table_of(read(budgets, BUDGETS), "budgets")
    assert [(row["name"], row["linked_account_id"], row["filtered_by"]) for row in rows] == [
        ("everything", None, None),
        ("two-teams", ACCOUNT, "Service"),
        ("two-teams", OTHER, "Service"),
        ("hours", None, None),
    ]
    assert rows[0]["limit_amount"] == 1200.5


@pytest.mark.parametrize(
    ("budget", "shown"),
    [
        ({"CostFilters": {"Service": ["AWS Lambda"]}}, True),
        ({"CostTypes": {"IncludeTax": True}}, True),
        # It is confined by an expression, which is shown to nobody who does not ask for it.
        ({}, False),
        ({"Metrics": ["UnblendedCost"]}, False),
        ({"BudgetType": "USAGE"}, True),
    ],
)
def test_what_confines_a_budget_may_not_be_shown(budget: dict[str, Any], shown: bool) -> None:
    row = budgets.budget_row({"BudgetName": "b", "BudgetType": "COST", **budget}, budget.get("CostFilters", {}))
    assert row["filters_shown"] is shown


def test_the_bill_is_asked_for_the_last_full_month_in_few_requests() -> None:
    source = Fake(BILL)
    rows, ledger = bill(source)
    asked = [request for name, _, request in source.requests if name == "ce.get_cost_and_usage"]
    assert {(one["TimePeriod"]["Start"], one["TimePeriod"]["End"]) for one in asked} == {("2025-05-01", "2025-06-01")}
    assert len(asked) == 3, "no key for the workload or environment is activated: there is nothing to ask"
    assert set(ledger.values()) == {"collected"}
    assert table_of(rows, "spend_months") == [{"starts_at": datetime(2025, 5, 1), "estimated": False}]
    spend = [(row["dimension"], row["value"], row["amount"]) for row in table_of(rows, "spend")]
    assert spend == [
        ("service", "Amazon RDS", 12.5),
        ("service", "AWS Lambda", 0.5),
        ("service", "AWS Lambda", 3.0),
        ("region", "eu-west-1", 13.0),
        ("region", "NoRegion", 3.0),
    ]


def test_untagged_is_what_no_activated_spelling_of_a_kind_is_on() -> None:
    source = Fake(BILL)
    rows, _ = bill(source)
    untagged = {(row["kind"], row["linked_account_id"]): row["amount"] for row in table_of(rows, "untagged_spend")}
    assert untagged == {
        ("owner", OTHER): 3.0,
        ("workload", ACCOUNT): 13.0,
        ("workload", OTHER): 3.0,
        ("environment", ACCOUNT): 13.0,
        ("environment", OTHER): 3.0,
    }
    last = [request["Filter"]["And"] for _, _, request in source.requests if "And" in request.get("Filter", {})]
    assert [one["Tags"] for one in last[0][1:]] == [
        {"Key": "Owner", "MatchOptions": ["ABSENT"]},
        {"Key": "team", "MatchOptions": ["ABSENT"]},
    ]


def test_january_looks_back_into_december() -> None:
    start, end = cost_explorer.last_full_month(datetime(2026, 1, 31, tzinfo=UTC))
    assert (start.isoformat(), end.isoformat()) == ("2025-12-01", "2026-01-01")


def test_a_member_account_is_not_asked_for_its_bill() -> None:
    source = Fake(BILL)
    rows, ledger = bill(source, account=OTHER)
    assert rows == []
    assert [name for name, _, _ in source.requests] == ["organizations.describe_organization"]
    assert set(ledger.values()) == {"collected"}


def test_an_account_that_stands_alone_pays_for_itself() -> None:
    alone = ReadError("not_in_use", "no organization", code="AWSOrganizationsNotInUseException")
    rows, _ = bill(Fake({**BILL, "organizations.describe_organization": alone}))
    assert table_of(rows, "spend")


@pytest.mark.parametrize("code", ["AccessDeniedException", "DataUnavailableException"])
def test_cost_explorer_that_was_never_switched_on_is_a_gap_and_no_empty_bill(code: str) -> None:
    status = "access_denied" if code.startswith("Access") else "failed"
    off = ReadError(status, "not enabled", code=code)
    rows, ledger = bill(Fake({**BILL, "ce.get_cost_and_usage": off}))
    assert {table for table, _ in rows} == {"cost_allocation_tags"}
    assert ledger["ce.get_cost_and_usage"] == status


def test_without_cost_allocation_tags_the_bill_is_read_but_not_what_is_untagged() -> None:
    source = Fake(BILL, frozenset({"ce.list_cost_allocation_tags"}))
    rows, ledger = bill(source)
    assert {table for table, _ in rows} == {"spend", "spend_months"}
    assert ledger["ce.list_cost_allocation_tags"] == "access_denied"
