"""The bill of two accounts, of which one is untagged."""

from __future__ import annotations

from typing import Any

from tests.collect.fake import ACCOUNT

OTHER = "444455556666"
MONTH = {"Start": "2025-05-01", "End": "2025-06-01"}


def costs(*rows: tuple[str, ...]) -> dict[str, Any]:
    """Rows of keys and, last, the amount."""
    groups = [
        {"Keys": list(keys), "Metrics": {"UnblendedCost": {"Amount": amount, "Unit": "USD"}}} for *keys, amount in rows
    ]
    return {"ResultsByTime": [{"TimePeriod": MONTH, "Total": {}, "Groups": groups, "Estimated": False}]}


def by(*dimensions: str) -> dict[str, Any]:
    return {"GroupBy": [{"Type": "DIMENSION", "Key": one} for one in dimensions]}


ANSWERS: dict[str, Any] = {
    "organizations.describe_organization": {"Organization": {"Id": "o-1", "MasterAccountId": ACCOUNT}},
    "ce.list_cost_allocation_tags": {
        "CostAllocationTags": [
            {"TagKey": "Owner", "Type": "UserDefined", "Status": "Active", "LastUsedDate": "2025-05-31T00:00:00Z"},
            {"TagKey": "team", "Type": "UserDefined", "Status": "Active"},
            {"TagKey": "product", "Type": "UserDefined", "Status": "Inactive"},
            {"TagKey": "aws:createdBy", "Type": "AWSGenerated", "Status": "Active"},
        ]
    },
    "ce.get_cost_and_usage": [
        (by("LINKED_ACCOUNT", "SERVICE"), costs((ACCOUNT, "Amazon RDS", "12.5"), (ACCOUNT, "AWS Lambda", "0.5"), (OTHER, "AWS Lambda", "3"))),
        (by("LINKED_ACCOUNT", "REGION"), costs((ACCOUNT, "eu-west-1", "13"), (OTHER, "NoRegion", "3"))),
        (by("LINKED_ACCOUNT"), costs((OTHER, "3"))),
    ],
}  # fmt: skip
