"""What a value of a template can be beside a constant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scanner.gate.planned import Planned


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that cannot be told from the template. `why` completes "the value ..."."""

    why: str


@dataclass(frozen=True, eq=False, slots=True)
class Reference:
    """The id, ARN or name of a resource that a template makes, by the attribute that the shapes call it."""

    resource: Planned
    attribute: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reference) and (self.resource, self.attribute) == (other.resource, other.attribute)

    def __hash__(self) -> int:
        return hash((id(self.resource), self.attribute))


class NoValue:
    """`AWS::NoValue`: the property is not there."""


NO_VALUE = NoValue()


def unknown_in(value: Any) -> Unknown | None:
    """The first value in a tree that is not known."""
    if isinstance(value, Unknown):
        return value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next((found for one in inner if (found := unknown_in(one)) is not None), None)


def known(value: Any) -> bool:
    """Neither a reference nor anything unknown stands in a tree."""
    if isinstance(value, dict):
        return all(map(known, value.values()))
    return all(map(known, value)) if isinstance(value, list) else not isinstance(value, Unknown | Reference)
