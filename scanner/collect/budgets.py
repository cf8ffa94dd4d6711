"""Budgets, which every account keeps for itself and the management account for any of its members.

A budget has either filters and types of costs, or an expression and metrics. The expression is shown to who asks for it, which SDKs
older than a year cannot do; what it leaves out is not known then.
https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-create-filters.html
https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_UpdateBudget.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.collect.api import Api, Call, moment
from scanner.policy import Row

SCOPE = "account"
CALLS = (Call("budgets.describe_budgets", ("budgets",), "budgets:ViewBudget"),)

LINKED_ACCOUNT = "LinkedAccount"
# Filters that leave all usage of an account in: whose it is, who sells it, and which kinds of charges are counted.
WHOSE = frozenset({LINKED_ACCOUNT, "BillingEntity", "InvoicingEntity", "LegalEntityName", "RecordType"})


def fetch(api: Api) -> Iterator[Row]:
    for budget in api.list("budgets.describe_budgets", "Budgets", AccountId=api.account_id):
        filters = budget.get("CostFilters") or {}
        for account in sorted(filters.get(LINKED_ACCOUNT) or ()) or [None]:
            yield "budgets", {**budget_row(budget, filters), "linked_account_id": account}


def budget_row(budget: Mapping[str, Any], filters: Mapping[str, Any]) -> dict[str, Any]:
    limit = budget.get("BudgetLimit") or {}
    shown = bool(filters or budget.get("CostTypes") or budget.get("BudgetType") != "COST")
    narrowing = sorted(name for name, values in filters.items() if values and name not in WHOSE)
    return {
        "name": budget["BudgetName"],
        "type": budget.get("BudgetType"),
        "time_unit": budget.get("TimeUnit"),
        "limit_amount": float(limit["Amount"]) if limit.get("Amount") else None,
        "limit_unit": limit.get("Unit"),
        "filtered_by": ", ".join(narrowing) or None,
        "filters_shown": shown and not (budget.get("FilterExpression") or budget.get("Metrics")),
        "ends_at": moment((budget.get("TimePeriod") or {}).get("End")),
    }
