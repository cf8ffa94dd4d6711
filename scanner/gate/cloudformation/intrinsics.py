"""Intrinsic functions, worked out as far as a template alone allows; Checkov leaves most of them as they stand.

What hangs on the account (`Fn::GetAZs`), on other stacks, macros or dynamic references is not known, and never guessed.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any, Protocol

from scanner.gate.cloudformation.leaves import NO_VALUE, NoValue, Reference, Unknown, known, unknown_in

_VARIABLE = re.compile(r"\$\{(!?)([^}]*)\}")
_DYNAMIC = "{{resolve:"
CONDITIONS = ("Fn::And", "Fn::Or", "Fn::Not", "Fn::Equals", "Condition")


class Names(Protocol):
    """What names mean in one template."""

    def ref(self, name: str) -> Any:
        """What `Ref` gives: of a parameter, a resource, a pseudo parameter."""

    def attribute(self, name: str, attribute: str) -> Any:
        """What `Fn::GetAtt` gives."""

    def mapping(self, name: str, first: str, second: str) -> Any:
        """What stands in a mapping; Unknown where nothing does."""

    def condition(self, name: str) -> bool | Unknown:
        """Whether a condition holds."""

    def imported(self, name: str) -> Any:
        """What another stack exports."""

    def text(self, reference: Reference) -> str | Unknown:
        """The id, ARN or name that a reference stands for, as it stands in a longer text."""


def evaluate(node: Any, names: Names) -> Any:
    """Return a value with all functions in it worked out: constants, references and what is not known. NO_VALUE where there is none."""
    if isinstance(node, list):
        return [one for part in node if (one := evaluate(part, names)) is not NO_VALUE]
    if isinstance(node, dict):
        return _mapping(node, names)
    if isinstance(node, str) and _DYNAMIC in node:
        return Unknown("is a dynamic reference, which is read when it is deployed")
    return node


def _mapping(node: dict[str, Any], names: Names) -> Any:
    function = next((key for key in node if key == "Ref" or key.startswith("Fn::")), None)
    if function is None:
        return {key: one for key, part in node.items() if (one := evaluate(part, names)) is not NO_VALUE}
    work = FUNCTIONS.get(function)
    if work is None or len(node) > 1:
        return Unknown(f"comes from {function}, which is not worked out")
    return work(node[function], names)


def holds(node: Any, names: Names) -> bool | Unknown:
    """Return whether a condition holds, as far as that can be told."""
    if not isinstance(node, dict) or len(node) != 1:
        return Unknown("is no condition")
    function, said = next(iter(node.items()))
    if function == "Condition":
        return names.condition(str(said))
    if function == "Fn::Equals" and isinstance(said, list) and len(said) == 2:
        return _equal(evaluate(said[0], names), evaluate(said[1], names), names)
    if function == "Fn::Not" and isinstance(said, list) and len(said) == 1:
        inner = holds(said[0], names)
        return inner if isinstance(inner, Unknown) else not inner
    if function in ("Fn::And", "Fn::Or") and isinstance(said, list):
        decided = bool(function == "Fn::Or")
        found: list[bool | Unknown] = [holds(one, names) for one in said]
        if decided in found:
            return decided
        return next((one for one in found if isinstance(one, Unknown)), not decided)
    return Unknown(f"hangs on {function}, which is not worked out")


def _equal(left: Any, right: Any, names: Names) -> bool | Unknown:
    found = [one if isinstance(one, list | dict) else as_text(one, names) for one in (left, right)]
    return unknown_in(found) or bool(found[0] == found[1])


def as_text(value: Any, names: Names) -> Any:
    """A scalar as CloudFormation puts it into a text; Unknown where it is none or not known."""
    if isinstance(value, Reference):
        return names.text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | str):
        return str(value)
    return value if isinstance(value, Unknown) else Unknown("is put together from what is no text")


def document(value: Any, names: Names) -> Any:
    """A policy document as JSON text; Unknown where a part of it is not known."""
    if isinstance(value, str | Unknown) or value is None:
        return value
    plain = _texts(value, names)
    return unknown_in(plain) or json.dumps(plain)


def _texts(value: Any, names: Names) -> Any:
    if isinstance(value, dict):
        return {key: _texts(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return [_texts(one, names) for one in value]
    return names.text(value) if isinstance(value, Reference) else value


# ---------------------------------------------------------------------- the functions


def _ref(said: Any, names: Names) -> Any:
    return names.ref(said) if isinstance(said, str) else Unknown("refers to what is no name")


def _get_att(said: Any, names: Names) -> Any:
    parts = said.split(".", 1) if isinstance(said, str) else evaluate(said, names)
    if not isinstance(parts, list) or len(parts) < 2 or not all(isinstance(one, str) for one in parts):
        return Unknown("is an attribute whose name is not known")
    return names.attribute(parts[0], ".".join(parts[1:]))


def _if(said: Any, names: Names) -> Any:
    if not isinstance(said, list) or len(said) != 3:
        return Unknown("comes from an Fn::If that is not whole")
    decided = names.condition(str(said[0]))
    if not isinstance(decided, Unknown):
        return evaluate(said[1] if decided else said[2], names)
    either, other = evaluate(said[1], names), evaluate(said[2], names)
    alike = not isinstance(either, NoValue) and known(either) and known(other) and either == other
    return either if alike else Unknown(f"hangs on condition {said[0]}, which {decided.why}")


def _sub(said: Any, names: Names) -> Any:
    text, own = (said[0], said[1]) if isinstance(said, list) and len(said) == 2 else (said, {})
    if not isinstance(text, str) or not isinstance(own, Mapping):
        return Unknown("comes from an Fn::Sub that is not whole")
    missing: list[Unknown] = []

    def put(match: re.Match[str]) -> str:
        name = match[2].strip()
        if match[1]:
            return "${" + match[2] + "}"
        if name in own:
            value = evaluate(own[name], names)
        else:
            head, dot, attribute = name.partition(".")
            value = names.attribute(head, attribute) if dot else names.ref(name)
        found = as_text(value, names)
        if isinstance(found, Unknown):
            missing.append(found)
            return ""
        return str(found)

    # `${Vpc}` alone is the VPC, not a text about it.
    alone = _VARIABLE.fullmatch(text)
    if alone and not alone[1] and alone[2].strip() not in own:
        name = alone[2].strip()
        return _get_att(name, names) if "." in name else names.ref(name)
    made = _VARIABLE.sub(put, text)
    return missing[0] if missing else evaluate(made, names)


def _join(said: Any, names: Names) -> Any:
    if not isinstance(said, list) or len(said) != 2 or not isinstance(said[0], str):
        return Unknown("comes from an Fn::Join that is not whole")
    parts = evaluate(said[1], names)
    if not isinstance(parts, list):
        return parts if isinstance(parts, Unknown) else Unknown("joins what is no list")
    if len(parts) == 1 and isinstance(parts[0], Reference):
        return parts[0]
    found = [as_text(one, names) for one in parts]
    return unknown_in(found) or evaluate(said[0].join(map(str, found)), names)


def _select(said: Any, names: Names) -> Any:
    if not isinstance(said, list) or len(said) != 2:
        return Unknown("comes from an Fn::Select that is not whole")
    number, parts = evaluate(said[0], names), evaluate(said[1], names)
    for one in (number, parts):
        if isinstance(one, Unknown):
            return one
    if not isinstance(parts, list) or not str(number).isdigit() or int(str(number)) >= len(parts):
        return Unknown("selects what is not there")
    return parts[int(str(number))]


def _split(said: Any, names: Names) -> Any:
    if not isinstance(said, list) or len(said) != 2:
        return Unknown("comes from an Fn::Split that is not whole")
    by, text = evaluate(said[0], names), as_text(evaluate(said[1], names), names)
    return unknown_in([by, text]) or (text.split(str(by)) if by else [text])


def _find_in_map(said: Any, names: Names) -> Any:
    if not isinstance(said, list) or len(said) < 3:
        return Unknown("comes from an Fn::FindInMap that is not whole")
    keys = [as_text(evaluate(one, names), names) for one in said[:3]]
    missing = unknown_in(keys)
    if missing is not None:
        return missing
    found = names.mapping(keys[0], keys[1], keys[2])
    otherwise = said[3] if len(said) > 3 and isinstance(said[3], Mapping) else {}
    if isinstance(found, Unknown) and "DefaultValue" in otherwise:
        return evaluate(otherwise["DefaultValue"], names)
    return found


def _cidr(said: Any, names: Names) -> Any:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-cidr.html"""
    parts = evaluate(said, names)
    missing = unknown_in(parts)
    if missing is not None:
        return missing
    if not isinstance(parts, list) or len(parts) not in (2, 3) or isinstance(parts[0], Reference):
        return Unknown("divides a range that is not known")
    try:
        block = ipaddress.ip_network(str(parts[0]), strict=False)
        count, bits = int(parts[1]), int(parts[2]) if len(parts) == 3 else 8
        found = [str(one) for one in islice(block.subnets(new_prefix=block.max_prefixlen - bits), count)]
    except (ValueError, TypeError):
        return Unknown("divides a range that cannot be divided so")
    return found if 0 < count == len(found) else Unknown("divides a range into more parts than it has")


def _import(said: Any, names: Names) -> Any:
    name = as_text(evaluate(said, names), names)
    return name if isinstance(name, Unknown) else names.imported(name)


def _length(said: Any, names: Names) -> Any:
    found = evaluate(said, names)
    return len(found) if isinstance(found, list) else Unknown("counts what is no list")


def _to_json(said: Any, names: Names) -> Any:
    return document(evaluate(said, names), names)


FUNCTIONS: Mapping[str, Callable[[Any, Names], Any]] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::If": _if,
    "Fn::Sub": _sub,
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::FindInMap": _find_in_map,
    "Fn::Cidr": _cidr,
    "Fn::ImportValue": _import,
    "Fn::Length": _length,
    "Fn::ToJsonString": _to_json,
    "Fn::GetAZs": lambda said, names: Unknown("names availability zones, which only the account knows"),
    "Fn::Transform": lambda said, names: Unknown("comes from a macro, which is not run"),
}
