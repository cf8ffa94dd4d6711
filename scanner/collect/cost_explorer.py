"""Cost Explorer: what every account cost in the last full month, what of it carries no tag that says whose it is, and which
tags the bill knows at all.

Read in the management account, wherever the scan starts: others see nothing but themselves. Each page of an answer costs
USD 0.01 (https://aws.amazon.com/aws-cost-management/aws-cost-explorer/pricing/), so there are few requests: one by service,
one by Region, and one for each required kind of tag. Reading cost allocation tags is free.
https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsage.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from scanner.classify import tag_key
from scanner.collect.api import Api, Call, Response, Unread, moment
from scanner.collect.reading import whole
from scanner.policy import Row

SCOPE = "account"
ORGANIZATION = "organizations.describe_organization"
TAGS = "ce.list_cost_allocation_tags"
COSTS = "ce.get_cost_and_usage"
CALLS = (
    Call(ORGANIZATION, ("cost_allocation_tags", "spend", "spend_months", "untagged_spend")),
    Call(TAGS, ("cost_allocation_tags", "untagged_spend")),
    Call(COSTS, ("spend", "spend_months", "untagged_spend")),
)

ALONE = ("AWSOrganizationsNotInUseException",)
METRIC = "UnblendedCost"
# Nobody can tag these, and credits and refunds would hide what was used.
NO_USAGE = {"Not": {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Credit", "Refund", "Support", "Tax"]}}}
DIMENSIONS = {"service": "SERVICE", "region": "REGION"}


def fetch(api: Api) -> Iterator[Row]:
    if not pays(api):
        return
    tags = whole(api, TAGS, "CostAllocationTags")
    for tag in tags or ():
        yield "cost_allocation_tags", tag_row(tag)
    totals: Counter[str] = Counter()
    for name, dimension in DIMENSIONS.items():
        for page in _costs(api, NO_USAGE, "LINKED_ACCOUNT", dimension):
            if name == "service":
                yield from month_rows(page)
            for row in spend_rows(page, name):
                yield "spend", row
                if name == "service":
                    totals[row["linked_account_id"]] += row["amount"]
    if tags is not None and not api.failed(COSTS):
        for kind in asked_kinds(api):
            yield from _untagged(api, kind, active_keys(api, kind, tags), totals)


def asked_kinds(api: Api) -> list[str]:
    """Kinds of tags whose absence is asked for: those that resources have to carry, and the owner in any case."""
    return sorted({"owner", *api.config.required_resource_tags})


def pays(api: Api) -> bool:
    """Whether the bill of the organization is this account's: it governs one, or stands alone."""
    answer = api.get(ORGANIZATION, absent=ALONE)
    if answer is None:
        return True
    if isinstance(answer, Unread):
        return False
    return bool((answer.get("Organization") or {}).get("MasterAccountId") == api.account_id)


def active_keys(api: Api, kind: str, tags: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the activated tag keys, as they are spelt, that mean a kind."""
    meant = {tag_key(key) for key in api.config.classification.tag_keys()[kind]}
    return sorted(
        tag["TagKey"]
        for tag in tags
        if tag.get("Status") == "Active" and tag.get("Type") != "AWSGenerated" and tag_key(tag["TagKey"]) in meant
    )


def _untagged(api: Api, kind: str, keys: list[str], totals: Mapping[str, float]) -> Iterator[Row]:
    """What carries none of the keys. Where none is activated the bill knows none: that is everything, and nothing to ask."""
    if not keys:
        for account, amount in sorted(totals.items()):
            yield "untagged_spend", {"linked_account_id": account, "kind": kind, "amount": amount}
        return
    absent = [{"Tags": {"Key": key, "MatchOptions": ["ABSENT"]}} for key in keys]
    for page in _costs(api, {"And": [NO_USAGE, *absent]}, "LINKED_ACCOUNT"):
        for account, _, amount in groups(page):
            yield "untagged_spend", {"linked_account_id": account, "kind": kind, "amount": amount}


def _costs(api: Api, only: Mapping[str, Any], *dimensions: str) -> Iterator[Response]:
    start, end = last_full_month(api.now)
    yield from api.pages(
        COSTS,
        TimePeriod={"Start": start.isoformat(), "End": end.isoformat()},
        Granularity="MONTHLY",
        Metrics=[METRIC],
        Filter=only,
        GroupBy=[{"Type": "DIMENSION", "Key": dimension} for dimension in dimensions],
    )


def last_full_month(now: datetime) -> tuple[date, date]:
    """Return its first day and the day after its last one."""
    end = now.date().replace(day=1)
    return (end - timedelta(days=1)).replace(day=1), end


def groups(page: Response) -> Iterator[tuple[str, str | None, float]]:
    """Yield account, the other dimension and the amount."""
    for period in page.get("ResultsByTime") or ():
        for group in period.get("Groups") or ():
            account, *other = group["Keys"]
            yield account, other[0] if other else None, float(group["Metrics"][METRIC]["Amount"])


def spend_rows(page: Response, name: str) -> Iterator[dict[str, Any]]:
    for account, value, amount in groups(page):
        yield {"linked_account_id": account, "dimension": name, "value": value, "amount": amount}


def month_rows(page: Response) -> Iterator[Row]:
    for period in page.get("ResultsByTime") or ():
        stretch = period.get("TimePeriod") or {}
        row = {"starts_at": moment(stretch.get("Start")), "estimated": bool(period.get("Estimated"))}
        yield "spend_months", row


def tag_row(tag: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "key": tag["TagKey"],
        "type": tag.get("Type"),
        "active": tag.get("Status") == "Active",
        "last_used_at": moment(tag.get("LastUsedDate")),
    }
