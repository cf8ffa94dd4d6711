"""Contacts, budgets and the bill of the organization of `organization.py`."""

from __future__ import annotations

import json
from typing import Any

from scanner.collect.account_contacts import KINDS
from scanner.collect.cost_explorer import METRIC, NO_USAGE
from tests.rule import organization as o

ACTIVE, INACTIVE = ("environment", "owner", "workload"), ("cost-centre",)
TAG_POLICIES = {
    "p-tags": ({"tags": {"owner": {"tag_key": {"@@assign": "owner"}, "enforced_for": {"@@assign": ["ec2:instance"]}}}}, ["ou-prod"]),
    "p-report": ({"tags": {"owner": {"tag_key": {"@@assign": "owner"}}}}, ["ou-infra"]),
}  # fmt: skip
"""Content, and where it is attached."""
# Account -> what it cost, what of it carries no environment, no owner, no workload.
BILL = {
    o.MANAGEMENT: (100, 0, 100, 100),
    o.BACKUP: (50, 0, 0, 50),
    o.NETWORK: (30, 0, 0, 0),
    o.ORDERS: (500, 0, 400, 0),
    o.TEST: (80, 0, 80, 80),
    o.LEGACY: (300, 0, 200, 0),
    o.PAYMENTS: (200, 0, 10, 0),
}
NOBODY = {o.LEGACY: KINDS, o.NETWORK: ("SECURITY",)}
"""Account -> contacts it lacks."""


def add(found: dict[tuple[str, str, str], Any]) -> None:
    for account in o.READ:
        mine = {**contacts(NOBODY.get(account, ())), "budgets.describe_budgets": budgets(account)}
        mine["organizations.describe_organization"] = o.organizations()["organizations.describe_organization"]
        found.update({(account, "global", call): answer for call, answer in mine.items()})
    found.update({(o.MANAGEMENT, "global", call): answer for call, answer in bill().items()})
    add_tag_policies(found)


def add_tag_policies(found: dict[tuple[str, str, str], Any]) -> None:
    def extend(call: str, answers: list[dict[str, Any]]) -> None:
        found[o.MANAGEMENT, "global", call] = [*found[o.MANAGEMENT, "global", call], *answers]

    root = found[o.MANAGEMENT, "global", "organizations.list_roots"]["Roots"][0]
    root["PolicyTypes"].append({"Type": "TAG_POLICY", "Status": "ENABLED"})
    listed = [{"Id": key, "Arn": f"arn:aws:organizations::{o.MANAGEMENT}:policy/{key}", "Name": key, "Type": "TAG_POLICY", "AwsManaged": False} for key in TAG_POLICIES]  # fmt: skip
    extend("organizations.list_policies", o.per("Filter", {"TAG_POLICY": {"Policies": listed}}))
    extend("organizations.describe_policy", o.per("PolicyId", {
        key: {"Policy": {"PolicySummary": {"Id": key}, "Content": json.dumps(content)}} for key, (content, _) in TAG_POLICIES.items()}))  # fmt: skip
    extend("organizations.list_targets_for_policy", o.per("PolicyId", {
        key: {"Targets": [{"TargetId": one, "Type": "ORGANIZATIONAL_UNIT"} for one in targets]} for key, (_, targets) in TAG_POLICIES.items()}))  # fmt: skip


def contacts(missing: Any) -> dict[str, Any]:
    named = {
        kind: {"AlternateContact": {"AlternateContactType": kind, "EmailAddress": "x@acme.example"}} for kind in KINDS
    }
    none = dict.fromkeys(missing, o.refusal("ResourceNotFoundException"))
    return {"account.get_alternate_contact": o.per("AlternateContactType", named | none)}


def budgets(account: str) -> list[dict[str, Any]]:
    def budget(name: str, **more: Any) -> dict[str, Any]:
        return {"BudgetName": name, "BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": {"Amount": "100", "Unit": "USD"}, "CostTypes": {"IncludeTax": True}, **more}  # fmt: skip

    kept = {
        o.MANAGEMENT: [budget("all"), budget("members", CostFilters={"LinkedAccount": [o.PAYMENTS, o.BACKUP]})],
        o.ORDERS: [budget("own", CostFilters={"RecordType": ["Usage"]})],
        o.NETWORK: [budget("own")],
        o.TEST: [budget("functions", CostFilters={"Service": ["AWS Lambda"]})],
        o.LEGACY: [budget("last year", TimePeriod={"Start": "2023-01-01T00:00:00Z", "End": "2024-01-01T00:00:00Z"}), budget("hours", BudgetType="USAGE")],
    }  # fmt: skip
    return [{"request": {"AccountId": account}, "response": {"Budgets": kept.get(account, [])}}]


def bill() -> dict[str, Any]:
    tags = [{"TagKey": key, "Type": "UserDefined", "Status": "Active"} for key in ACTIVE]
    tags += [{"TagKey": key, "Type": "UserDefined", "Status": "Inactive"} for key in INACTIVE]
    by_service = [((account, "Amazon RDS"), amounts[0]) for account, amounts in BILL.items()]
    by_region = [((account, o.HERE), amounts[0]) for account, amounts in BILL.items()]
    answers = [costs(NO_USAGE, by_service, "SERVICE"), costs(NO_USAGE, by_region, "REGION")]
    for place, key in enumerate(ACTIVE, 1):
        without = {"And": [NO_USAGE, {"Tags": {"Key": key, "MatchOptions": ["ABSENT"]}}]}
        answers.append(costs(without, [((account,), amounts[place]) for account, amounts in BILL.items()]))
    return {"ce.list_cost_allocation_tags": {"CostAllocationTags": tags}, "ce.get_cost_and_usage": answers}


def costs(only: Any, rows: list[tuple[tuple[str, ...], int]], *dimensions: str) -> dict[str, Any]:
    groups = [
        {"Keys": list(keys), "Metrics": {METRIC: {"Amount": str(amount), "Unit": "USD"}}} for keys, amount in rows
    ]
    asked = {
        "TimePeriod": {"Start": "2025-05-01", "End": "2025-06-01"}, "Granularity": "MONTHLY", "Metrics": [METRIC], "Filter": only,
        "GroupBy": [{"Type": "DIMENSION", "Key": one} for one in ("LINKED_ACCOUNT", *dimensions)],
    }  # fmt: skip
    answer = {"TimePeriod": asked["TimePeriod"], "Total": {}, "Groups": groups, "Estimated": False}
    return {"request": asked, "response": {"ResultsByTime": [answer]}}
