"""Budgets and quotas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scanner.collect.api import moment
from scanner.collect.budgets import WHOSE
from scanner.gate.shape import shapes
from scanner.gate.values import Values, rows_of
from scanner.policy import Row

LINKED_ACCOUNT = "LinkedAccount"


@shapes("aws_budgets_budget", call="budgets.describe_budgets")
def budget(v: Values) -> Iterator[Row]:
    filters: dict[str, list[str] | None] = {}
    for block in rows_of(v.blocks("cost_filter")):
        filters[str(block.text("name"))] = block.refs("values")
    narrowing = sorted(name for name in filters if name not in WHOSE)
    amount, ends = v.get("limit_amount"), v.text("time_period_end")
    row = {
        "region": "global",
        "name": v.text("name") or v.resource.label,
        "type": v.text("budget_type"),
        "time_unit": v.text("time_unit"),
        "limit_amount": None if amount is None else float(amount),
        "limit_unit": v.text("limit_unit"),
        "filtered_by": ", ".join(narrowing) or None,
        "filters_shown": True,
        "ends_at": moment(ends.replace("_", "T") + ":00+00:00") if ends else None,
    }
    accounts: Sequence[str | None] = filters.get(LINKED_ACCOUNT) or [None]
    for account in accounts:
        yield "budgets", {**row, "linked_account_id": account}


@shapes("aws_servicequotas_service_quota", call="service-quotas.list_service_quotas")
def quota(v: Values) -> Iterator[Row]:
    """Asks for a larger quota. Whether AWS grants it is not known, so nothing is taken for granted."""
    if not v.gone:
        v.note("value", "is asked for; AWS decides")
    yield from ()
