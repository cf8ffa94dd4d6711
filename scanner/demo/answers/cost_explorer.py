"""Cost Explorer of the management account: the bill, and the activated cost allocation tags. moto lacks the calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from scanner.demo.store import Charge, Store
from scanner.demo.wire import Call

SERVICE = "ce"

ACTIVE_TAGS = ("cost-centre", "environment", "owner")
SEEN_TAGS = ("product",)


def list_cost_allocation_tags(call: Call, store: Store) -> dict[str, Any]:
    tags = [{"TagKey": key, "Type": "UserDefined", "Status": "Active"} for key in ACTIVE_TAGS]
    tags += [{"TagKey": key, "Type": "UserDefined", "Status": "Inactive"} for key in SEEN_TAGS]
    return {"CostAllocationTags": tags}


def get_cost_and_usage(call: Call, store: Store) -> dict[str, Any]:
    """By linked account and one dimension more, everything or what lacks some tags: what a scan asks for."""
    dimensions = [one["Key"] for one in call.params["GroupBy"]]
    absent = [part["Tags"]["Key"] for part in call.params["Filter"].get("And", ()) if "Tags" in part]
    sums: Counter[tuple[str, ...]] = Counter()
    for charge in store.charges:
        if not any(key in ACTIVE_TAGS and key in charge.tags for key in absent):
            keys = _dimensions(charge)
            sums[tuple(keys[name] for name in dimensions)] += charge.amount  # type: ignore[assignment]
    groups = [
        {"Keys": list(keys), "Metrics": {"UnblendedCost": {"Amount": f"{amount:.10f}", "Unit": "USD"}}}
        for keys, amount in sorted(sums.items())
    ]
    period = {"TimePeriod": call.params["TimePeriod"], "Total": {}, "Groups": groups, "Estimated": False}
    return {"ResultsByTime": [period], "GroupDefinitions": call.params["GroupBy"]}


def _dimensions(charge: Charge) -> Mapping[str, str]:
    return {"LINKED_ACCOUNT": charge.account, "SERVICE": charge.service, "REGION": charge.region}
