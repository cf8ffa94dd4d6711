"""A budget for everything, one for two accounts and one service, one that ended."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.collect.fake import ACCOUNT

ANSWERS: dict[str, Any] = {
    "budgets.describe_budgets": {
        "Budgets": [
            {
                "BudgetName": "everything",
                "BudgetType": "COST",
                "TimeUnit": "MONTHLY",
                "BudgetLimit": {"Amount": "1200.50", "Unit": "USD"},
                "CostFilters": {"RecordType": ["Usage"]},
                "TimePeriod": {
                    "Start": datetime(2025, 1, 1, tzinfo=UTC),
                    "End": datetime(2087, 6, 15, tzinfo=UTC),
                },
            },
            {
                "BudgetName": "two-teams",
                "BudgetType": "COST",
                "TimeUnit": "MONTHLY",
                "CostFilters": {"LinkedAccount": ["444455556666", ACCOUNT], "Service": ["AWS Lambda"]},
            },
            {"BudgetName": "hours", "BudgetType": "USAGE", "BudgetLimit": {"Amount": "10", "Unit": "Hrs"}},
        ]
    }
}
