"""Functions of Terraform that need nothing but what they are given, and not whole texts that nobody knows yet.

https://developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from scanner.gate.hcl.lost import Lost

LONGEST = 1_000_000
"""Letters of a text, and elements of a list: what is longer is not worked out."""


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


def stands_alone(one: str) -> bool:
    """Whether each piece of ours is all of what stands between `:` and `/`, so that it is a thing's own name, not part of another's.

    What is called `${other}-logs` goes here by another name than that.
    """
    return all(
        (found.start() == 0 or one[found.start() - 1] in ":/")
        and one[found.end() : found.end() + 1] in ("", ":", "/", "*")
        for piece in (one.pieces if isinstance(one, Named) else ())
        for found in re.finditer(re.escape(piece), one)
    )


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
    if isinstance(one, int | float) and "e" not in (made := repr(one)):
        return made
    raise Lost("no text")


def joined(parts: Sequence[Any], between: str = "") -> str:
    texts = [text(one) for one in parts]
    if sum(map(len, texts)) + len(between) * len(texts) > LONGEST:
        raise Lost("a text that is too long")
    made = between.join(texts)
    parts = [*parts, between]
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
        elif isinstance(one, list) and not isinstance(one, Unordered) and _is_place(part) and int(part) < len(one):
            one = one[int(part)]
        else:
            raise Lost(str(part))
    return one


def _is_place(part: str | int) -> bool:
    return not ours(part) and str(part).isdecimal()


def same(left: Any, right: Any) -> bool:
    """Whether two values are equal. Nobody knows of a text that is ours."""
    if any(ours(one) or isinstance(one, Mapping | list) for one in (left, right)):
        raise Lost("a comparison")
    return _kind(left) is _kind(right) and bool(left == right)


def _kind(one: Any) -> type:
    """Terraform's types: a text is a text however it was made, and all numbers are numbers."""
    return next(
        (kind for kind in (str, bool, int) if isinstance(one, kind)), int if isinstance(one, float) else type(one)
    )


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
        made = known(*arguments)
    except (TypeError, AttributeError, IndexError, KeyError, ValueError) as error:
        raise Lost(f"{name}()") from error
    if isinstance(made, str | list | dict) and len(made) > LONGEST:
        raise Lost(f"{name}() of too much")
    return made


class Encoded(str):
    """What `jsonencode` makes, and what it was given."""

    __slots__ = ("content",)
    content: Any


def encoded(content: Any) -> Encoded:
    """jsonencode, letter by letter. https://developer.hashicorp.com/terraform/language/functions/jsonencode"""
    for one in leaves(content):
        if not isinstance(one, str | int | float | bool | None):
            raise Lost("no value")
    raw = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    made = Encoded(re.sub("[<>&\u2028\u2029]", lambda found: f"\\u{ord(found[0]):04x}", raw))
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
    held = [piece for piece in pieces if isinstance(one, str) and piece in one]
    return Named(one, held) if held else one


def leaves(one: Any) -> list[Any]:
    if isinstance(one, Mapping):
        return [leaf for key, inner in one.items() for leaf in (key, *leaves(inner))]
    return [leaf for inner in one for leaf in leaves(inner)] if isinstance(one, list) else [one]


class Unordered(list[Any]):
    """A set, in the order in which Terraform goes through it as far as that is known. It has no first element."""

    __slots__ = ()


def unordered(one: Any) -> Unordered:
    """toset: texts are sorted, numbers too. Where one of them is ours, nobody knows the order."""
    found = _distinct(one)
    kinds = set(map(_kind, found))
    if len(found) > 1 and not any(map(ours, found)):
        if kinds not in ({str}, {int}):
            raise Lost("a set")
        found.sort()
    return Unordered(found)


def pairs(one: Any) -> tuple[list[tuple[Any, Any]], bool]:
    """The keys and values that are gone through, of a list, set or mapping, and whether their order is known. Raises Lost."""
    if isinstance(one, Mapping):
        return sorted(one.items(), key=lambda pair: pair[0]), len(one) < 2 or not any(map(ours, one))
    if isinstance(one, Unordered):
        return [(inner, inner) for inner in one], len(one) < 2 or not any(map(ours, one))
    return list(enumerate(_listed(one))), True


def _listed(one: Any) -> list[Any]:
    """A text that is not known may stand for a list, of which nobody knows the length then."""
    if not isinstance(one, list):
        raise Lost("no list")
    return one


def _whole(one: Any) -> list[Any]:
    """A list of which each element is one."""
    if any(isinstance(inner, Opaque) for inner in _listed(one)):
        raise Lost("a list")
    return list(one)


def _flatten(listed: Any) -> list[Any]:
    return [leaf for one in _whole(listed) for leaf in (_flatten(one) if isinstance(one, list) else [one])]


def _distinct(listed: Any) -> list[Any]:
    found: list[Any] = []
    if len({_kind(one) for one in _listed(listed)}) > 1:
        raise Lost("a list of different things")
    for one in _whole(listed) if len(listed) > 1 else listed:
        if one not in found:
            found.append(one)
    return found


def _merge(*maps: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in maps:
        if not isinstance(one, Mapping | None):
            raise Lost("merge()")
        found.update(one or {})
    return found


def _contains(listed: Any, asked: Any) -> bool:
    if {_kind(one) for one in _listed(listed)} - {_kind(asked)} or isinstance(asked, Mapping | list):
        raise Lost("contains()")
    return asked in listed


def _tolist(one: Any) -> list[Any]:
    if isinstance(one, Unordered) and not pairs(one)[1]:
        raise Lost("the order of a set")
    return list(_listed(one))


def _in_order(one: Any) -> list[Any]:
    """keys and values go by the order of keys."""
    if not isinstance(one, Mapping) or not pairs(one)[1]:
        raise Lost("the order of keys")
    return sorted(one)


def _sort(one: Any) -> list[str]:
    if not all(isinstance(inner, str) for inner in _listed(one)):
        raise Lost("sort()")  # of texts only: others become texts
    return sorted(one)


def _ascii(work: Callable[[str], str]) -> Callable[[str], str]:
    """Beyond ASCII, letters have other capitals in Terraform."""

    def checked(one: str) -> str:
        if not one.isascii():
            raise Lost("letters")
        return work(one)

    return checked


def _replace(whole: str, old: str, new: str) -> str:
    if isinstance(whole, Opaque):
        return Opaque(whole)  # another text that nobody knows
    if any(map(ours, (whole, old, new))) or old.startswith("/"):
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
    if ours(one) or (isinstance(one, str) and not one.isascii()):
        raise Lost("a text that is not known")
    return len(one)


def _one(listed: Any) -> Any:
    (found,) = _listed(listed) or [None]
    return found


_KNOWN: Mapping[str, Callable[..., Any]] = {
    "compact": lambda listed: [one for one in _whole(listed) if one not in (None, "")],
    "concat": lambda *lists: [one for listed in lists for one in _listed(listed)],
    "contains": _plain(_contains),
    "distinct": _distinct,
    "flatten": _flatten,
    "join": lambda between, listed: joined(_tolist(listed), between),
    "jsonencode": encoded,
    "keys": _in_order,
    "length": _length,
    "lower": _plain(_ascii(str.lower)),
    "merge": _merge,
    "one": _one,
    "replace": _replace,
    "sort": _plain(_sort),
    "split": _plain(lambda between, whole: whole.split(between)),
    "tolist": _tolist,
    "toset": unordered,
    "tostring": text,
    "upper": _plain(_ascii(str.upper)),
    "values": lambda one: [one[key] for key in _in_order(one)],
}
