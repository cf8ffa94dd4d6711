"""What the type of a variable makes of the value it is given.

https://developer.hashicorp.com/terraform/language/expressions/type-constraints
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanner.gate.hcl import evaluate, functions, syntax
from scanner.gate.hcl.evaluate import Scope
from scanner.gate.hcl.functions import Instance, Opaque
from scanner.gate.hcl.lost import Lost


def converted(one: Any, tree: Any) -> Any:
    """The value as the type that a `tree` writes. What is not known, and whole resources, stay what they are. Raises Lost."""
    while getattr(tree, "data", "") == "expr_term" and len(syntax.content(tree)) == 1:
        (tree,) = syntax.content(tree)
    if one is None or isinstance(one, Opaque | Instance):
        return one
    kind = getattr(tree, "data", "")
    if kind == "identifier":
        return _simple(one, syntax.text(tree))
    if getattr(tree, "type", "") == "STRING_LIT":  # as it was written before Terraform 0.12
        return _simple(one, str(tree)[1:-1])
    if kind != "function_call":
        raise Lost("a type")
    name, arguments = syntax.content(tree)
    return _composed(one, syntax.text(name), syntax.content(arguments)[0])


def _simple(one: Any, name: str) -> Any:
    if name in ("any", "list", "map"):
        return one
    if name == "string":
        return functions.text(one)
    if name == "bool" and one in ("true", "false"):
        return one == "true"
    if name == "number" and isinstance(one, str) and one.isdecimal():
        return int(one)
    if isinstance(one, bool) if name == "bool" else name == "number" and type(one) in (int, float):
        return one
    raise Lost("a type")


def _composed(one: Any, name: str, inner: Any) -> Any:
    if name == "list" and isinstance(one, list):
        return [converted(each, inner) for each in (one if type(one) is list else functions.call("tolist", [one]))]
    if name == "set" and isinstance(one, list):
        return functions.unordered([converted(each, inner) for each in one])
    if name == "map" and isinstance(one, Mapping):
        return {key: converted(each, inner) for key, each in one.items()}
    if name == "object" and isinstance(one, Mapping):
        return _object(one, inner)
    raise Lost("a type")


def _object(one: Mapping[str, Any], tree: Any) -> dict[str, Any]:
    """The attributes that the type names and no others, those that are missing as it says."""
    while getattr(tree, "data", "") == "expr_term" and len(syntax.content(tree)) == 1:
        (tree,) = syntax.content(tree)
    found: dict[str, Any] = {}
    for element in syntax.content(tree):
        if getattr(element, "data", "") != "object_elem":
            continue
        key, kind = syntax.content(element)
        name = evaluate.key(key, Scope(evaluate.NOTHING))
        kind, default = _optional(kind)
        given = one.get(name)
        if given is None and default is not None:
            given = evaluate.value(default, Scope(evaluate.NOTHING))
        found[name] = converted(given, kind)
    return found


def _optional(tree: Any) -> tuple[Any, Any]:
    """The type in an `optional()`, and the default."""
    inner = tree
    while getattr(inner, "data", "") == "expr_term" and len(syntax.content(inner)) == 1:
        (inner,) = syntax.content(inner)
    if getattr(inner, "data", "") == "function_call":
        name, arguments = syntax.content(inner)
        if syntax.text(name) == "optional":
            kind, *default = syntax.content(arguments)
            return kind, default[0] if default else None
    return tree, None
