"""Whether files say what a plan says that they said: files of another revision are not believed.

A plan tells what a module consists of, its constants, and what its expressions refer to; locals, and constants within expressions
that refer to something, it does not tell.
https://developer.hashicorp.com/terraform/internals/json-format#configuration-representation
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.gate.hcl import evaluate, functions, syntax
from scanner.gate.hcl.evaluate import Scope
from scanner.gate.hcl.lost import Lost
from scanner.gate.hcl.mentions import head, mentioned

Configuration = Mapping[str, Any]


def check(body: syntax.Body, module: Configuration) -> None:
    """Raise Lost unless a module has the same resources, calls, outputs, variables and constants in its files as in the plan."""
    calls: Mapping[str, Any] = module.get("module_calls") or {}
    resources = {
        ("data" if one.get("mode") == "data" else "resource", str(one.get("type")), str(one.get("name"))): one
        for one in module.get("resources") or ()
    }
    written = {(kind, *labels): inner for kind, labels, inner in body.blocks if kind in ("data", "resource")}
    same(set(written), set(resources))
    for kind, listed in (("module", calls), ("output", module.get("outputs")), ("variable", module.get("variables"))):
        same({labels for labels, _ in body.named(kind)}, {(name,) for name in listed or {}})
    for key, one in resources.items():
        _constants(written[key], one.get("expressions") or {})
    for labels, inner in body.named("module"):
        _constants(inner, calls[labels[0]].get("expressions") or {})
        _constants(inner, {"source": {"constant_value": calls[labels[0]].get("source")}})
    variables: Mapping[str, Any] = module.get("variables") or {}
    for labels, inner in body.named("variable"):
        if "default" in (said := variables[labels[0]]) and "type" not in inner.attributes:
            _constants(inner, {"default": {"constant_value": said["default"]}})


def same(written: Any, said: Any) -> None:
    if written != said:
        raise Lost("other files")


def names(tree: Any, expression: Any) -> None:
    """Raise Lost unless an expression refers in the files to what it refers to in the plan."""
    same(set(mentioned(tree)), {head(one) for one in gathered(expression)})


def gathered(expression: Any) -> Iterator[str]:
    """All references of an expression of a plan, or of nested blocks of them."""
    if isinstance(expression, list):
        for one in expression:
            yield from gathered(one)
    elif isinstance(expression, Mapping):
        if isinstance(expression.get("references"), list):
            yield from map(str, expression["references"])
            return
        for key, one in expression.items():
            if key != "constant_value":
                yield from gathered(one)


def _constants(body: syntax.Body, expressions: Mapping[str, Any]) -> None:
    for name, one in expressions.items():
        if name not in body.attributes or not isinstance(one, Mapping):
            continue
        same(any(mentioned(body.attributes[name])), any(gathered(one)))
        if "constant_value" not in one:
            continue
        try:
            said = evaluate.value(body.attributes[name], Scope(evaluate.NOTHING))
        except Lost:
            continue
        same(functions.encoded(said), functions.encoded(one["constant_value"]))
