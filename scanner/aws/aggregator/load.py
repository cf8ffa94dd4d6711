"""Reading an aggregator: one query for each type of resource, and what tells how complete the answers are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from scanner.aws.aggregator.calls import COUNTS, SELECT, SOURCES
from scanner.aws.aggregator.find import Found
from scanner.aws.aggregator.holdings import EVERY, RECORDER, Holdings
from scanner.collect.api import Call, Place, ReadError
from scanner.collect.estate import Estate
from scanner.errors import AccessError

HEAD = "accountId, awsRegion, resourceType, resourceId, resourceName, arn, configurationItemStatus, tags"
WHOLE = "configuration, supplementaryConfiguration"
# Environment variables of functions may hold secrets: what is not asked for is not sent.
CHOSEN = {
    "AWS::Lambda::Function": ", ".join(
        f"configuration.{name}" for name in ("functionName", "functionArn", "state", "role", "vpcConfig")
    )
}
FAILED = ("FAILED", "OUTDATED")
KEPT_AT_ONCE = 1000


def load(estate: Estate, found: Found, types: Iterable[str]) -> Holdings:
    """Read all items of these types. Raises AccessError when not one query was answered."""
    holdings = Holdings()
    wanted = [RECORDER, *sorted(set(types) - {RECORDER})]
    read = {kind: _read(estate, found, kind, holdings) for kind in wanted}
    if len(holdings.refused) == len(wanted):
        holdings.close()
        raise AccessError(f"the aggregator {found.name} could not be read: {holdings.refused[RECORDER]}")
    for kind, count in _counts(estate, found).items():
        if count and read.get(kind) == 0:
            holdings.refused[kind] = f"the aggregator counts {count} and gave none"
    holdings.learn_recorders()
    _learn_sources(estate, found, holdings)
    return holdings


def expression(kind: str) -> str:
    """The query for all resources of a type."""
    return f"SELECT {HEAD}, {CHOSEN.get(kind, WHOLE)} WHERE resourceType = '{kind}'"


def _read(estate: Estate, found: Found, kind: str, holdings: Holdings) -> int:
    count, waiting = 0, []
    try:
        for item in _items(_ask(estate, found, SELECT, Expression=expression(kind))):
            waiting.append(item)
            if len(waiting) == KEPT_AT_ONCE:
                count += holdings.add(waiting)
                waiting = []
    except ReadError as error:
        holdings.refused[kind] = error.reason
    except ValueError as error:
        holdings.refused[kind] = f"an item is no JSON: {error}"
    return count + holdings.add(waiting)


def _items(pages: Iterator[Any]) -> Iterator[dict[str, Any]]:
    for page in pages:
        yield from map(json.loads, page.get("Results") or ())


def _counts(estate: Estate, found: Found) -> dict[str, int]:
    """How many resources of each type the aggregator says it has; nothing where it does not tell."""
    try:
        pages = list(_ask(estate, found, COUNTS, GroupByKey="RESOURCE_TYPE"))
    except ReadError:
        return {}
    groups = (one for page in pages for one in page.get("GroupedResourceCounts") or ())
    return {one["GroupName"]: one["ResourceCount"] for one in groups}


def _learn_sources(estate: Estate, found: Found, holdings: Holdings) -> None:
    """Note the accounts and Regions that the aggregator does not follow; all of them where it does not tell."""
    try:
        pages = list(_ask(estate, found, SOURCES, UpdateStatus=list(FAILED)))
    except ReadError as error:
        places = {(EVERY, region) for _, region in holdings.recorders}
        holdings.behind |= dict.fromkeys(places, f"whether it does was not told: {error.reason}")
        return
    for source in (one for page in pages for one in page.get("AggregatedSourceStatusList") or ()):
        if source.get("LastUpdateStatus") in FAILED:
            account = source["SourceId"] if source.get("SourceType") == "ACCOUNT" else EVERY
            why = source.get("LastErrorMessage") or source.get("LastErrorCode") or source["LastUpdateStatus"]
            holdings.behind[account, source.get("AwsRegion", EVERY)] = why


def _ask(estate: Estate, found: Found, call: Call, **params: Any) -> Iterator[Any]:
    place: Place = found.place
    return estate.pages(place, call, {"ConfigurationAggregatorName": found.name, **params})
