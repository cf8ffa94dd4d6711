"""Condition operators: how their names are read, and how each compares. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from scanner.analysis.policies import glob, literal


@dataclass(frozen=True, slots=True)
class Operator:
    """`base` is the positive operator in lower case; `quantifier` is `all`, `any` or empty."""

    base: str
    negated: bool = False
    if_exists: bool = False
    quantifier: str = ""


_QUANTIFIERS = {"forallvalues:": "all", "foranyvalue:": "any"}


@lru_cache(maxsize=1_000)
def operator(name: str) -> Operator | None:
    """Read an operator's name, such as `ForAnyValue:StringNotLikeIfExists`; None when AWS has no such operator."""
    rest = name.lower()
    quantifier = ""
    for prefix, short in _QUANTIFIERS.items():
        if rest.startswith(prefix):
            rest, quantifier = rest.removeprefix(prefix), short
    if_exists = rest.endswith("ifexists")
    rest = rest.removesuffix("ifexists")
    negated = "not" in rest
    base = rest.replace("not", "", 1)
    if base == "null" and not negated:
        return None if if_exists else Operator(base, quantifier=quantifier)
    if base not in _COMPARE or (negated and base not in _NEGATABLE):
        return None
    return Operator(base, negated, if_exists, quantifier)


def compare(base: str, wanted: str, value: str) -> bool:
    """Whether a value of the request matches one wanted value. What cannot be read as a number, time or address does not."""
    return _COMPARE[base](wanted, value)


def arn_like(pattern: str, value: str) -> bool:
    """Each of the six parts of an ARN is compared for itself; `ArnEquals` behaves the same."""
    if pattern == "*":
        return True
    wanted, found = pattern.split(":", 5), value.split(":", 5)
    return len(wanted) == len(found) == 6 and all(map(glob, wanted, found))


@lru_cache(maxsize=10_000)
def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


@lru_cache(maxsize=10_000)
def _moment(text: str) -> float | None:
    """Seconds since 1970, from a W3C date or a number of seconds."""
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return _number(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


@lru_cache(maxsize=10_000)
def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def _in_network(wanted: str, value: str) -> bool:
    network = _network(wanted)
    try:
        return network is not None and ip_address(value) in network
    except ValueError:
        return False


def _ordered(read: Callable[[str], float | None], test: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    def ordered(wanted: str, value: str) -> bool:
        left, right = read(value), read(wanted)
        return left is not None and right is not None and test(left, right)

    return ordered


_ORDERS: dict[str, Callable[[float, float], bool]] = {
    "equals": lambda a, b: a == b,
    "lessthan": lambda a, b: a < b,
    "lessthanequals": lambda a, b: a <= b,
    "greaterthan": lambda a, b: a > b,
    "greaterthanequals": lambda a, b: a >= b,
}
_COMPARE: dict[str, Callable[[str, str], bool]] = {
    "stringequals": lambda wanted, value: literal(wanted) == value,
    "stringequalsignorecase": lambda wanted, value: literal(wanted).lower() == value.lower(),
    "stringlike": glob,
    "arnequals": arn_like,
    "arnlike": arn_like,
    "bool": lambda wanted, value: wanted.lower() == value.lower(),
    "binaryequals": lambda wanted, value: wanted == value,
    "ipaddress": _in_network,
    **{f"numeric{name}": _ordered(_number, test) for name, test in _ORDERS.items()},
    **{f"date{name}": _ordered(_moment, test) for name, test in _ORDERS.items()},
}
_NEGATABLE = frozenset(
    "stringequals stringequalsignorecase stringlike arnequals arnlike ipaddress numericequals dateequals".split()
)
