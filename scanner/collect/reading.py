"""Helpers that collectors share. No `fetch`, so it is no collector."""

from __future__ import annotations

from typing import Any

from scanner.collect.api import Api, Response, Unread


def whole(api: Api, name: str, key: str, **params: Any) -> list[Any] | None:
    """Return all items of one listing, or None when any page of it could not be read.

    For values that would be wrong, not merely incomplete, with half of the items.
    """
    before = _failed(api, name)
    items = list(api.list(name, key, **params))
    return items if _failed(api, name) == before else None


def _failed(api: Api, name: str) -> int:
    tally = api.tallies.get(name)
    return tally.failed if tally else 0


def known(answer: Response | Unread | None) -> Response | None:
    """Return the answer; None where there is none or it was not read, for callers who need not tell these apart."""
    return None if isinstance(answer, Unread) else answer


def owned_arn(api: Api, service: str, owner: str | None, resource: str) -> str:
    """Build an ARN in the Region of the unit for what another account may own, such as a shared subnet."""
    return f"arn:{api.place.partition}:{service}:{api.region}:{owner or api.account_id}:{resource}"


def ids(items: Any, key: str) -> list[str]:
    """Return the values under `key` of a list of mappings, in order, without gaps and repetitions."""
    return list(dict.fromkeys(item[key] for item in items or () if item.get(key)))
