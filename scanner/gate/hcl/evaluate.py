"""What an expression comes to, as far as that can be told before apply.

Only what is certain: operators but comparisons, and functions but those below, are not worked out.
https://developer.hashicorp.com/terraform/language/expressions
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from scanner.gate.hcl import functions, syntax
from scanner.gate.hcl.functions import Opaque
from scanner.gate.hcl.lost import Lost

Way = tuple[str | int, ...]


class Names(Protocol):
    """What the names of a module stand for."""

    def look_up(self, path: Way) -> Any:
        """The value at a path such as ("aws_vpc", "main", "id"). Raises Lost."""


@dataclass
class Budget:
    """How many expressions may still be worked out for one value: files may be made to take for ever."""

    left: int = 200_000

    def spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Lost("too much to work out")


@dataclass(frozen=True)
class Scope:
    """The names of a module, and those that a `for` adds."""

    names: Names
    local: Mapping[str, Any] = field(default_factory=dict)
    budget: Budget = field(default_factory=lambda: Budget())

    def within(self, **more: Any) -> Scope:
        return Scope(self.names, {**self.local, **more}, self.budget)


def value(tree: Any, scope: Scope) -> Any:
    """The value of an expression: text, number, truth, None, list or dict. Raises Lost."""
    scope.budget.spend()
    kind = getattr(tree, "data", None)
    if kind is None:
        return _token(tree, scope)
    worker = _WORKERS.get(str(kind))
    if worker is None:
        raise Lost(str(kind))
    return worker(tree, scope)


def text(raw: str, scope: Scope, *, quoted: bool) -> Any:
    """A template. One that is nothing but an expression is the value of that."""
    parts = syntax.template(raw, quoted=quoted)
    found = [
        value(syntax.expression(one[0]), scope) if isinstance(one, tuple) else _unescaped(one) if quoted else one
        for one in parts
    ]
    if len(found) == 1 and isinstance(parts[0], tuple):
        return found[0]
    return functions.joined(found)


def _unescaped(raw: str) -> str:
    try:
        return str(json.loads(f'"{raw}"'))
    except ValueError as error:
        raise Lost("an escape") from error


def _token(tree: Any, scope: Scope) -> Any:
    if getattr(tree, "type", "") == "STRING_LIT":
        return text(str(tree)[1:-1], scope, quoted=True)
    raise Lost(str(tree))


def _term(tree: Any, scope: Scope) -> Any:
    inner = [one for one in syntax.content(tree) if str(one) not in ("(", ")")]
    if len(inner) != 1:
        raise Lost("a term")
    return value(inner[0], scope)


def _number(tree: Any, _: Scope) -> Any:
    written = "".join(map(str, tree.children))
    number = float(written)
    return int(written) if written.isdecimal() else int(number) if number.is_integer() else number


def _identifier(tree: Any, scope: Scope) -> Any:
    name = syntax.text(tree)
    if name in ("true", "false", "null"):
        return {"true": True, "false": False, "null": None}[name]
    return _path((name,), scope)


def _path(path: Way, scope: Scope) -> Any:
    if path[0] in scope.local:
        return functions.inside(scope.local[str(path[0])], path[1:])
    return scope.names.look_up(path)


def steps(tree: Any, scope: Scope) -> tuple[Any, Way]:
    """The innermost term of `a.b[0].c`, and the way from there."""
    found: list[str | int] = []
    kind = getattr(tree, "data", None)
    while kind in ("expr_term", "get_attr_expr_term", "index_expr_term"):
        inner = syntax.content(tree)
        if kind == "expr_term":
            inner = [one for one in inner if str(one) not in ("(", ")")]
            if len(inner) != 1:
                break
        elif kind == "get_attr_expr_term":
            found.append(syntax.text(inner[1].children[0]))
        else:
            key = syntax.content(inner[1])
            said = int(str(key[0])) if getattr(key[0], "type", "") == "DECIMAL" else value(key[0], scope)
            if not isinstance(said, str | int):
                raise Lost("a key")
            found.append(said)
        tree = inner[0]
        kind = getattr(tree, "data", None)
    return tree, tuple(reversed(found))


def _access(tree: Any, scope: Scope) -> Any:
    inner, path = steps(tree, scope)
    if getattr(inner, "data", None) == "identifier" and syntax.text(inner) not in ("true", "false", "null"):
        return _path((syntax.text(inner), *path), scope)
    return functions.inside(value(inner, scope), path)


def _splat(tree: Any, scope: Scope) -> Any:
    inner = syntax.content(tree)
    base = value(inner[0], scope)
    way: list[str | int] = []
    for one in syntax.content(inner[1]):
        part = syntax.content(one)[0]
        way.append(syntax.text(part) if getattr(part, "data", "") == "identifier" else value(part, scope))
    if isinstance(base, Opaque):
        raise Lost("a splat")  # of a list, a value or null: nobody knows
    if inner[1].data == "attr_splat" and any(not isinstance(one, str) for one in way):
        raise Lost("a splat")  # a number after `.*` counts elsewhere in other places
    listed = base if isinstance(base, list) else [] if base is None else [base]
    return _ordered([functions.inside(one, tuple(way)) for one in listed], functions.pairs(listed)[1])


def _ordered(listed: list[Any], certain: bool) -> list[Any]:
    return listed if certain else functions.Unordered(listed)


def _tuple(tree: Any, scope: Scope) -> Any:
    return [value(one, scope) for one in syntax.content(tree)]


def _object(tree: Any, scope: Scope) -> Any:
    found: dict[str, Any] = {}
    for element in syntax.content(tree):
        if getattr(element, "data", "") != "object_elem":
            continue
        name, worth = syntax.content(element)
        found[key(name, scope)] = value(worth, scope)
    return found


def key(tree: Any, scope: Scope) -> str:
    """The key of an element of an object."""
    while getattr(tree, "data", "") == "expr_term" and len(tree.children) == 1:
        tree = tree.children[0]
    return syntax.text(tree) if getattr(tree, "data", "") == "identifier" else functions.text(value(tree, scope))


def _call(tree: Any, scope: Scope) -> Any:
    inner = syntax.content(tree)
    name = syntax.text(inner[0])
    arguments = [] if len(inner) < 2 else syntax.content(inner[1])
    if any(getattr(one, "type", "") for one in arguments):
        raise Lost("...")
    said = [value(one, scope) for one in arguments]
    return _filled(scope, *said) if name == "templatefile" else functions.call(name, said)


def _filled(scope: Scope, *arguments: Any) -> Any:
    """The template of a file, filled in. https://developer.hashicorp.com/terraform/language/functions/templatefile

    Paths begin with `path.module`, which is ours: where Terraform was started, from where others count, nobody knows. They lead nowhere
    but into the module and what lies where the gate runs: a change may name any file of the machine, and reports show names.
    """
    try:
        file, names = arguments
        if not isinstance(file, Opaque) or not isinstance(names, Mapping):
            raise Lost("templatefile()")
        whole, module = Path(file).resolve(), Path(scope.names.look_up(("path", "module"))).resolve()
        if not whole.is_relative_to(module) and not whole.is_relative_to(Path.cwd()):
            raise Lost("templatefile()")
        raw = syntax.read(whole)
    except (OSError, TypeError, ValueError) as error:
        raise Lost("templatefile()") from error
    return text(raw, Scope(NOTHING, names, scope.budget), quoted=False)


class _Nothing:
    def look_up(self, path: Way) -> Any:
        raise Lost(str(path[0]))


NOTHING = _Nothing()
"""No names at all."""


def _conditional(tree: Any, scope: Scope) -> Any:
    asked, yes, no = syntax.content(tree)
    decided = value(asked, scope)
    if not isinstance(decided, bool):
        raise Lost("a condition")
    return _branch(yes, no, scope) if decided else _branch(no, yes, scope)


def _branch(taken: Any, other: Any, scope: Scope) -> Any:
    """The result of a condition: both sides are of one type, so that a number beside a text becomes a text."""
    found = value(taken, scope)
    if isinstance(found, bool | int | float) and isinstance(value(other, scope), str):
        return functions.text(found)
    return found


_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": functions.same,
    "!=": lambda left, right: not functions.same(left, right),
    "<": lambda left, right: functions.less(left, right),
    ">": lambda left, right: functions.less(right, left),
    "<=": lambda left, right: not functions.less(right, left),
    ">=": lambda left, right: not functions.less(left, right),
}


def _binary(tree: Any, scope: Scope) -> Any:
    """One comparison. The grammar knows no precedence: it takes `a == b ? c : d` for `a == (b ? c : d)`."""
    left, term = syntax.content(tree)
    operator, right = syntax.content(term)
    compare = _COMPARED.get(str(operator.children[0]))
    if compare is None or getattr(left, "data", "") in _LOOSE or getattr(right, "data", "") == "binary_op":
        raise Lost("an operator")
    if getattr(right, "data", "") == "conditional":
        asked, yes, no = syntax.content(right)
        if getattr(asked, "data", "") in _LOOSE:
            raise Lost("an operator")
        decided = compare(value(left, scope), value(asked, scope))
        return _branch(yes, no, scope) if decided else _branch(no, yes, scope)
    return compare(value(left, scope), value(right, scope))


_LOOSE = ("binary_op", "conditional", "unary_op")


def _rounds(tree: Any, scope: Scope) -> tuple[list[tuple[list[Any], Scope]], bool]:
    """The results and scopes of a `for`, of those rounds that its condition lets through, and whether their order is known."""
    intro, *parts = [one for one in tree.children if getattr(one, "data", None) is not None]
    *names, said = [one for one in intro.children if getattr(one, "data", None) is not None]
    pairs, certain = functions.pairs(value(said, scope))
    rounds: list[tuple[list[Any], Scope]] = []
    condition = next((one for one in parts if one.data == "for_cond"), None)
    results = [one for one in parts if one.data != "for_cond"]
    for pair in pairs:
        inner = scope.within(**dict(zip(map(syntax.text, names), pair[2 - len(names) :], strict=True)))
        if condition is not None:
            lets = value(next(one for one in condition.children if getattr(one, "data", None) is not None), inner)
            if not isinstance(lets, bool):
                raise Lost("if")
            if not lets:
                continue
        rounds.append((results, inner))
    return rounds, certain


def _for_tuple(tree: Any, scope: Scope) -> Any:
    rounds, certain = _rounds(tree, scope)
    return _ordered([value(worth[0], inner) for worth, inner in rounds], certain)


def _for_object(tree: Any, scope: Scope) -> Any:
    if any(str(one) == "..." for one in tree.children):
        raise Lost("...")
    return {functions.text(value(worth[0], inner)): value(worth[1], inner) for worth, inner in _rounds(tree, scope)[0]}


_WORKERS: Mapping[str, Callable[[Any, Scope], Any]] = {
    "expr_term": _term,
    "int_lit": _number,
    "float_lit": _number,
    "identifier": _identifier,
    "get_attr_expr_term": _access,
    "index_expr_term": _access,
    "attr_splat_expr_term": _splat,
    "full_splat_expr_term": _splat,
    "tuple": _tuple,
    "object": _object,
    "function_call": _call,
    "conditional": _conditional,
    "binary_op": _binary,
    "for_tuple_expr": _for_tuple,
    "for_object_expr": _for_object,
    "heredoc_template": lambda tree, scope: text(syntax.heredoc(str(tree.children[0])), scope, quoted=False),
    "heredoc_template_trim": lambda tree, scope: text(syntax.heredoc(str(tree.children[0])), scope, quoted=False),
}
