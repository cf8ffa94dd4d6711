"""AWS Config: aggregators, which gather in one place what recorders of many accounts and Regions keep.

Any account may gather from accounts that it lists; from the whole organization only the management account and the delegated
administrators of AWS Config. Without a name all aggregators of the account in that Region are told, so each is asked once.
https://docs.aws.amazon.com/config/latest/APIReference/API_PutConfigurationAggregator.html
https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigurationAggregator.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.collect.api import Api, Call
from scanner.policy import Row

SCOPE = "region"
AGGREGATORS = Call("config.describe_configuration_aggregators", ("configuration_aggregators",))
CALLS = (AGGREGATORS,)


def fetch(api: Api) -> Iterator[Row]:
    for aggregator in api.list(AGGREGATORS.name, "ConfigurationAggregators"):
        yield "configuration_aggregators", aggregator_row(aggregator)


def aggregator_row(aggregator: dict[str, Any]) -> dict[str, Any]:
    organization = aggregator.get("OrganizationAggregationSource")
    sources = [organization] if organization else aggregator.get("AccountAggregationSources") or []
    return {
        "arn": aggregator["ConfigurationAggregatorArn"],
        "name": aggregator["ConfigurationAggregatorName"],
        "created_by": aggregator.get("CreatedBy"),
        "of_organization": bool(organization),
        "all_regions": any(source.get("AllAwsRegions") for source in sources),
        "regions": _all(sources, "AwsRegions"),
        "accounts": _all(sources, "AccountIds"),
        "is_filtered": bool(aggregator.get("AggregatorFilters")),
        "role_arn": (organization or {}).get("RoleArn"),
    }


def _all(sources: list[dict[str, Any]], key: str) -> list[str]:
    return sorted({value for source in sources for value in source.get(key) or ()})
