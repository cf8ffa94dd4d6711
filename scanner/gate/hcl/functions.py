"""Functions of Terraform that need nothing but what they are given, and not whole texts that nobody knows yet.

https://developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from scanner.gate.hcl.lost import Lost


class Opaque(str):
    """A text in which something stands for what is known after apply only, and is no id, name or ARN."""

    __slots__ = ()


class Named(str):
    """A text in which an id or ARN stands that is ours, because AWS has not drawn one yet: these are its `pieces`."""

    __slots__ = ("pieces",)
    pieces: tuple[str, ...]

    def __new__(cls, made: str, pieces: Iterable[str] = ()) -> Named:
        one = super().__new__(cls, made)
        one.pieces = tuple(pieces) or (made,)
        return one


@runtime_checkable
class Instance(Protocol):
    """A resource, whose attributes are looked up when they are asked for."""

    def attribute(self, path: tuple[str | int, ...]) -> Any:
        """The value at a path that begins with an attribute. Raises Lost."""


def text(one: Any) -> str:
    if isinstance(one, bool):
        return "true" if one else "false"
    if isinstance(one, str):
        return one
    if isinstance(one, int | float):
        return f"{one:g}" if isinstance(one, float) else str(one)
    raise Lost("no text")


def joined(parts: Sequence[Any], between: str = "") -> str:
    made = between.join(map(text, parts))
    if any(isinstance(one, Opaque) or (isinstance(one, Encoded) and ours(one)) for one in parts):
        return Opaque(made)
    pieces = [piece for one in parts if isinstance(one, Named) for piece in one.pieces]
    return Named(made, pieces) if pieces else made


def inside(one: Any, path: Sequence[str | int]) -> Any:
    """What lies at a path in a value."""
    for at, part in enumerate(path):
        if isinstance(one, Mapping) and str(part) in one:
            one = one[str(part)]
        elif isinstance(one, Instance):
            return one.attribute(tuple(path[at:]))
        elif isinstance(one, list) and str(part).isdigit() and int(part) < len(one):
            one = one[int(part)]
        else:
            raise Lost(str(part))
    return one


def same(left: Any, right: Any) -> bool:
    """Whether two values are equal. Nobody knows of a text that is ours."""
    if any(ours(one) or isinstance(one, Mapping | list) for one in (left, right)):
        raise Lost("a comparison")
    return type(left) is type(right) and bool(left == right)


def less(left: Any, right: Any) -> bool:
    """Whether a number is less than another."""
    if any(isinstance(one, bool) or not isinstance(one, int | float) for one in (left, right)):
        raise Lost("a comparison")
    return bool(left < right)


def call(name: str, arguments: list[Any]) -> Any:
    """The result of a function. Raises Lost."""
    known = _KNOWN.get(name)
    if known is None:
        raise Lost(f"{name}()")
    try:
        return known(*arguments)
    except (TypeError, AttributeError, IndexError, KeyError, ValueError) as error:
        raise Lost(f"{name}()") from error


class Encoded(str):
    """What `jsonencode` makes, and what it was given."""

    __slots__ = ("content",)
    content: Any


def encoded(content: Any) -> Encoded:
    """jsonencode."""
    for one in leaves(content):
        if not isinstance(one, str | int | float | bool | None):
            raise Lost("no value")
    made = Encoded(json.dumps(content))
    made.content = content
    return made


def ours(one: Any) -> bool:
    """Something in it stands for what is known after apply only."""
    if isinstance(one, Encoded):
        return any(map(ours, leaves(one.content)))
    return isinstance(one, Opaque | Named)


def marked(one: Any, pieces: Sequence[str]) -> Any:
    """What a text was parsed to, with the texts in it that hold a piece of ours told."""
    if isinstance(one, Mapping):
        return {marked(key, pieces): marked(inner, pieces) for key, inner in one.items()}
    if isinstance(one, list):
        return [marked(inner, pieces) for inner in one]
    return Named(one) if isinstance(one, str) and any(piece in one for piece in pieces) else one


def leaves(one: Any) -> list[Any]:
    if isinstance(one, Mapping):
        return [leaf for key, inner in one.items() for leaf in (key, *leaves(inner))]
    return [leaf for inner in one for leaf in leaves(inner)] if isinstance(one, list) else [one]


def _flatten(listed: list[Any]) -> list[Any]:
    return [leaf for one in listed for leaf in (_flatten(one) if isinstance(one, list) else [one])]


def _distinct(listed: list[Any]) -> list[Any]:
    found: list[Any] = []
    for one in listed:
        if one not in found:
            found.append(one)
    return found


def _merge(*maps: Mapping[str, Any] | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in maps:
        found.update(one or {})
    return found


def _replace(whole: str, old: str, new: str) -> str:
    if isinstance(whole, Opaque):
        return Opaque(whole)  # another text that nobody knows
    if ours(whole) or old.startswith("/"):
        raise Lost("replace()")
    return whole.replace(old, new)


def _plain(work: Callable[..., Any]) -> Callable[..., Any]:
    """A function that looks into its texts: not into ours."""

    def checked(*arguments: Any) -> Any:
        if any(map(ours, leaves(list(arguments)))):
            raise Lost("a text that is not known")
        return work(*arguments)

    return checked


def _length(one: Any) -> int:
    if ours(one):
        raise Lost("a text that is not known")
    return len(one)


def _values(one: Mapping[str, Any]) -> list[Any]:
    return [one[key] for key in sorted(one)]


def _one(listed: list[Any]) -> Any:
    (found,) = listed or [None]
    return found


_KNOWN: Mapping[str, Callable[..., Any]] = {
    "compact": lambda listed: [one for one in listed if one not in (None, "")],
    "concat": lambda *lists: [one for listed in lists for one in [*listed]],
    "contains": _plain(lambda listed, one: one in listed),
    "distinct": _distinct,
    "flatten": _flatten,
    "join": lambda between, listed: joined(listed, between),
    "jsonencode": encoded,
    "keys": lambda one: sorted(one),
    "length": _length,
    "lower": _plain(str.lower),
    "merge": _merge,
    "one": _one,
    "replace": _replace,
    "sort": _plain(sorted),
    "split": _plain(lambda between, whole: whole.split(between)),
    "tolist": list,
    "toset": _distinct,
    "tostring": text,
    "upper": _plain(str.upper),
    "values": _values,
}
