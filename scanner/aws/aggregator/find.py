"""Which aggregator to read: the one that is named, else one of the organization, where the scan starts or where it is delegated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scanner.collect.api import Call, Place, ReadError
from scanner.collect.config_aggregators import AGGREGATORS
from scanner.collect.estate import Estate
from scanner.collect.run import ALWAYS_ON
from scanner.errors import UsageError

DELEGATES = Call("organizations.list_delegated_administrators", ())
DELEGATED = Call("organizations.list_delegated_services_for_account", ())
SERVICES = frozenset({"config.amazonaws.com", "config-multiaccountsetup.amazonaws.com"})
ARN = re.compile(r"arn:[\w-]+:config:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):config-aggregator/[\w-]+")


@dataclass(frozen=True, slots=True)
class Found:
    """An aggregator and where it is asked. `whole` says that it reads all accounts of the organization in all Regions."""

    place: Place
    name: str
    arn: str
    whole: bool


def find(estate: Estate, wanted: str | None) -> Found:
    """Return the aggregator with the ARN `wanted`, or the best there is. Raises UsageError when there is none."""
    refusals: list[str] = []
    best: Found | None = None
    for place in _places(estate, wanted):
        for one in _at(estate, place, refusals):
            if wanted in (None, one.arn) and (best is None or (one.whole and not best.whole)):
                best = one
        if best and (best.whole or wanted):
            break
    if best is None:
        why = f" ({'; '.join(dict.fromkeys(refusals))})" if refusals else ""
        raise UsageError(
            f"no aggregator of AWS Config was found{why}: name one with --aggregator ARN, "
            "start in the account that has it, or read AWS directly without --source"
        )
    return best


def _places(estate: Estate, wanted: str | None) -> Iterator[Place]:
    caller = estate.caller()
    if wanted is not None:
        named = ARN.fullmatch(wanted)
        if named is None:
            raise UsageError(f"--aggregator {wanted}: not the ARN of an aggregator of AWS Config")
        yield Place(named["account"], named["region"], caller.partition)
        return
    for account in (caller.account_id, *_delegates(estate, caller.account_id, caller.partition)):
        for region in estate.regions(account) or ALWAYS_ON.get(caller.partition, ()):
            yield Place(account, region, caller.partition)


def _delegates(estate: Estate, account: str, partition: str) -> list[str]:
    """The member accounts that administer AWS Config for the organization; none where that is not told."""
    place = Place(account, "global", partition)
    found = []
    try:
        estate.enter(account)
        for page in estate.pages(place, DELEGATES, {}):
            for one in page.get("DelegatedAdministrators") or ():
                services = estate.pages(place, DELEGATED, {"AccountId": one["Id"]})
                named = {item["ServicePrincipal"] for part in services for item in part.get("DelegatedServices") or ()}
                if named & SERVICES:
                    found.append(one["Id"])
    except ReadError:
        return found
    return found


def _at(estate: Estate, place: Place, refusals: list[str]) -> list[Found]:
    try:
        estate.enter(place.account_id)
        pages = list(estate.pages(place, AGGREGATORS, {}))
    except ReadError as error:
        refusals.append(f"account {place.account_id}: {error.reason}")
        return []
    return [_found(place, one) for page in pages for one in page.get("ConfigurationAggregators") or ()]


def _found(place: Place, one: dict[str, Any]) -> Found:
    source = one.get("OrganizationAggregationSource") or {}
    return Found(
        place,
        one["ConfigurationAggregatorName"],
        one.get("ConfigurationAggregatorArn", ""),
        bool(source.get("AllAwsRegions")),
    )
