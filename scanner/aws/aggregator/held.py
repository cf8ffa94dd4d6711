"""How one call is answered from what AWS Config holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scanner.aws.aggregator.holdings import Holdings
from scanner.aws.aggregator.spelling import Item, NotHeld, configuration, tags
from scanner.collect.api import Response
from scanner.errors import BulkheadError

Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: the items that answer it, and all that is held beside them."""

    account: str
    items: list[dict[str, Any]]
    params: Params
    holdings: Holdings
    aws_policies: Callable[[], Iterator[Mapping[str, Any]]]
    """Policies of AWS that AWS Config does not hold, read from one account. Raises ReadError."""


@dataclass(frozen=True, slots=True)
class Held:
    """A call that AWS Config can answer. `types` are the types of resources it takes, the first one being what is asked for.

    `of` is the parameter that names one resource. `everywhere` is set where a call asks for all Regions at once. `partial` says
    what of the answer AWS Config does not hold: then AWS is asked first, and the answer counts as incomplete where it refuses.
    """

    types: tuple[str, ...]
    answer: Callable[[Asked], Response]
    of: str | None = None
    everywhere: bool = False
    partial: str | None = None


def listing(key: str, *needs: str, tagged: str | None = "Tags") -> Callable[[Asked], Response]:
    """Answer with every configuration under `key`, and its tags under `tagged`."""

    def answer(asked: Asked) -> Response:
        return {key: [described(item, *needs, tagged=tagged) for item in asked.items]}

    return answer


def described(item: Item, *needs: str, tagged: str | None = "Tags") -> dict[str, Any]:
    """Return one configuration as a call that describes it would. Raises NotHeld."""
    found = configuration(item, *needs)
    return {**found, tagged: tags(item)} if tagged else found


def only(asked: Asked) -> dict[str, Any]:
    """Return the one item that a call about one resource is answered from. Raises NotHeld."""
    if not asked.items:
        raise NotHeld(f"AWS Config has no item for {', '.join(map(str, asked.params.values()))}")
    return asked.items[0]


def merged(*parts: Mapping[str, Held]) -> dict[str, Held]:
    """Put the calls of several modules together."""
    found: dict[str, Held] = {}
    for part in parts:
        if found.keys() & part.keys():
            raise BulkheadError(f"answered twice: {sorted(found.keys() & part.keys())}")
        found |= part
    return found


def types_of(held: Iterable[Held]) -> set[str]:
    return {kind for one in held for kind in one.types}
