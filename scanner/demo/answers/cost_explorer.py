"""Cost Explorer: the activated cost allocation tags. moto lacks the call."""

from __future__ import annotations

from typing import Any

from scanner.demo.store import Store
from scanner.demo.wire import Call

SERVICE = "ce"

ACTIVE_TAGS = ("cost-centre", "environment", "owner", "product")


def list_cost_allocation_tags(call: Call, store: Store) -> dict[str, Any]:
    tags = [{"TagKey": key, "Type": "UserDefined", "Status": "Active"} for key in ACTIVE_TAGS]
    return {"CostAllocationTags": tags}
