"""What a value that is known after apply only will be, as far as the plan's `configuration` tells.

Terraform leaves such a value out of the plan, but says which other resources its expression names. Where it names exactly one,
that is where it comes from: a value that is not known cannot come from what is known. Where it names several, or anything that the
plan leaves out (locals, for_each values), nothing is guessed.
https://developer.hashicorp.com/terraform/internals/json-format#expression-representation
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scanner.gate.hcl.agree import gathered
from scanner.gate.hcl.lost import Lost
from scanner.gate.hcl.mentions import head
from scanner.gate.hcl.source import Source
from scanner.gate.planned import Planned, Step

_PART = re.compile(r'\.?([A-Za-z_][\w-]*)|\[(?:"((?:[^"\\]|\\.)*)"|(\d+))\]')
KNOWN = ("each.key", "count.index", "path.", "terraform.", "self.")
MOST_STEPS = 50


@dataclass(frozen=True, slots=True)
class Target:
    """A resource, and the attribute of it that is meant (`id` where the expression names the resource as a whole)."""

    resource: Planned
    attribute: str


def parts(reference: str) -> list[str | int]:
    """`module.a["k"].b[0]` -> module, a, k, b, 0. Names are text, numbers of instances are int."""
    found: list[str | int] = []
    for name, key, number in _PART.findall(reference):
        found.append(int(number) if number else name or key.replace('\\"', '"'))
    return found


def most_specific(references: Iterable[str]) -> list[str]:
    """Terraform lists `a.b.id` and `a.b` for one reference: keep the longest of each."""
    listed = list(dict.fromkeys(references))
    return [one for one in listed if not any(other != one and _extends(other, one) for other in listed)]


def _extends(longer: str, shorter: str) -> bool:
    return longer.startswith(shorter) and longer[len(shorter)] in ".["


class References:
    """Follows the expressions of one plan. `variables` are the values of the root module's variables.

    `exact` are blocks by the address of an instance, where instances are written each for itself.
    """

    def __init__(
        self,
        root: Mapping[str, Any],
        resources: Sequence[Planned],
        variables: Mapping[str, Any],
        exact: Mapping[str, Mapping[str, Any]] | None = None,
    ):
        self.root = root
        self._exact = exact or {}
        self._variables = variables
        self._instances: dict[tuple[tuple[Step, ...], str], list[Planned]] = defaultdict(list)
        for resource in resources:
            self._instances[resource.module, resource.written_as].append(resource)
        self._blocks: dict[int, dict[str, Mapping[str, Any]]] = {}
        self.source: Source | None = None

    def configured(self, resource: Planned, attribute: str) -> bool:
        """Whether the configuration sets an attribute at all, or leaves it to the provider."""
        block = self._block(resource)
        return block is None or attribute in (block.get("expressions") or {})

    def targets(self, resource: Planned, path: Sequence[str | int], values: Any = None) -> list[Target] | None:
        """The resources that the value at `path` comes from; None where that cannot be told.

        `path` begins with an attribute; within nested blocks `values` are the known values of the innermost block.
        """
        block = self._block(resource)
        if block is None:
            return None
        try:
            references = _expression((block.get("expressions") or {}).get(str(path[0])), path[1:], values)
            found: dict[tuple[int, str], Target] = {}
            for target in self._all(references, resource.module, resource, MOST_STEPS):
                found.setdefault((id(target.resource), target.attribute), target)
        except Lost:
            return None
        return list(found.values()) or None

    def why(self, resource: Planned, path: Sequence[str | int]) -> str | None:
        """Why the value at `path` is not known, where that can be said better than that it is."""
        return None

    def read_from(self, folder: Path) -> None:
        """Follow expressions through the `.tf` files that the root module is written in, too."""
        from scanner.gate.documents import document

        self.source = Source(
            folder,
            self._instances,
            self._variables,
            lambda one: document(one, self),
            self._same,
            None if self._exact else self._module,
        )

    def written(self, resource: Planned, path: Sequence[str | int]) -> Any:
        """What the expression at `path` comes to in the files. Raises Lost, also where they do not say what the plan does."""
        if self.source is None:
            raise Lost("no files")
        try:
            return self.source.value(resource, path)
        except (ArithmeticError, AttributeError, LookupError, OSError, RecursionError, TypeError, ValueError) as error:
            # Files that cannot be read, circles, and trees of a form that nobody foresaw.
            raise Lost(str(error)) from error

    def _same(self, source: Source, resource: Planned, path: Sequence[str | int]) -> None:
        """Raise Lost unless the files name for an attribute what the plan says that they do. A directory is its own files."""
        if self._exact:
            return
        name = str(path[0])
        said = {head(one) for one in gathered(((self._block(resource) or {}).get("expressions") or {}).get(name))}
        found = source.written(resource, name)
        # Of a dynamic block the plan names less than stands there.
        if said != found and (len(path) < 2 or not said <= found):
            raise Lost("other files")

    def variable(self, reference: str) -> Any:
        """The value of `var.x` of the root module; None where it has none."""
        value: Any = self._variables
        for part in parts(reference)[1:]:
            if isinstance(value, Mapping):
                value = value.get(str(part))
            elif isinstance(value, list) and isinstance(part, int) and part < len(value):
                value = value[part]
            else:
                return None
        return value

    def values(self, references: Iterable[str], module: tuple[Step, ...]) -> list[Any]:
        """Known values that an expression in a module hangs on: of variables, followed through module calls."""
        found: list[Any] = []
        for reference in most_specific(references):
            if not reference.startswith("var."):
                continue
            if not module:
                found.append(self.variable(reference))
                continue
            call = self._call(module) or {}
            expression = (call.get("expressions") or {}).get(str(parts(reference)[1])) or {}
            if "constant_value" in expression:
                found.append(expression["constant_value"])
            found += self.values(expression.get("references") or (), module[:-1])
        return found

    # ------------------------------------------------------------------ the configuration

    def _module(self, module: tuple[Step, ...]) -> Mapping[str, Any] | None:
        here: Mapping[str, Any] | None = self.root
        for name, _ in module:
            here = ((here or {}).get("module_calls") or {}).get(name, {}).get("module")
        return here

    def _call(self, module: tuple[Step, ...]) -> Mapping[str, Any] | None:
        return ((self._module(module[:-1]) or {}).get("module_calls") or {}).get(module[-1][0])

    def _block(self, resource: Planned) -> Mapping[str, Any] | None:
        if resource.address in self._exact:
            return self._exact[resource.address]
        module = self._module(resource.module)
        if module is None:
            return None
        blocks = self._blocks.get(id(module))
        if blocks is None:
            blocks = {str(block.get("address")): block for block in module.get("resources") or ()}
            self._blocks[id(module)] = blocks
        return blocks.get(resource.written_as)

    # ------------------------------------------------------------------ following

    def _all(
        self, references: Iterable[str], module: tuple[Step, ...], asking: Planned, steps: int
    ) -> Iterator[Target]:
        for reference in most_specific(references):
            if not reference.startswith(KNOWN):
                yield from self._follow(reference, module, asking, steps)

    def _follow(self, reference: str, module: tuple[Step, ...], asking: Planned, steps: int) -> Iterator[Target]:
        if steps == 0:
            raise Lost
        found = parts(reference)
        head = found[0]
        if head == "var":
            yield from self._variable(reference, str(found[1]), module, asking, steps)
        elif head == "module":
            yield from self._output(found, module, asking, steps)
        elif head in ("local", "each", "resource"):
            raise Lost
        else:
            yield from self._resource(found, module, asking)

    def _variable(
        self, reference: str, name: str, module: tuple[Step, ...], asking: Planned, steps: int
    ) -> Iterator[Target]:
        if not module:
            if self.variable(reference) is None:
                raise Lost
            return  # known: not where an unknown value comes from
        expression = ((self._call(module) or {}).get("expressions") or {}).get(name)
        if expression is None:
            return  # its default, which is a constant
        if _constant(expression) and "references" not in expression:
            return
        yield from self._all(_expression(expression, (), None), module[:-1], asking, steps - 1)

    def _output(
        self, found: list[str | int], module: tuple[Step, ...], asking: Planned, steps: int
    ) -> Iterator[Target]:
        name = str(found[1])
        call = ((self._module(module) or {}).get("module_calls") or {}).get(name)
        if call is None or len(found) < 3:
            raise Lost
        repeated = "for_each_expression" in call or "count_expression" in call
        key, rest = (found[2], found[3:]) if repeated else (None, found[2:])
        if not rest:
            raise Lost
        inner = (*module, (name, key))
        output = ((call.get("module") or {}).get("outputs") or {}).get(str(rest[0])) or {}
        yield from self._all(_expression(output.get("expression"), (), None), inner, asking, steps - 1)

    def _resource(self, found: list[str | int], module: tuple[Step, ...], asking: Planned) -> Iterator[Target]:
        size = 3 if found[0] == "data" else 2
        local, rest = ".".join(map(str, found[:size])), found[size:]
        instances = self._instances.get((module, local), [])
        repeated = any(instance.index is not None for instance in instances)
        if repeated and rest and any(str(instance.index) == str(rest[0]) for instance in instances):
            instances, rest = [one for one in instances if str(one.index) == str(rest[0])], rest[1:]
        elif repeated and asking.module == module and asking.index is not None:
            same = [one for one in instances if one.index == asking.index]
            instances = same or instances
        if not instances:
            raise Lost
        attribute = next((str(part) for part in rest if isinstance(part, str)), "id")
        for instance in instances:
            yield Target(instance, attribute)


def _expression(expression: Any, path: Sequence[str | int], values: Any) -> list[str]:
    """The references of an expression, or of the part of it at `path`. Raises Lost."""
    if expression is None:
        raise Lost
    names = [part for part in path if isinstance(part, str)]
    if isinstance(expression, list) and names:
        blocks = [block for block in expression if isinstance(block, Mapping)]
        fitting = [block for block in blocks if _fits(block, values)]
        chosen = fitting if len(fitting) == 1 else [block for block in blocks if names[0] in block]
        if len(chosen) != 1:
            raise Lost
        rest = path[path.index(names[0]) + 1 :]
        return _expression(chosen[0].get(names[0]), rest, None)
    if isinstance(expression, Mapping) and names and "references" not in expression and names[0] in expression:
        return _expression(expression[names[0]], path[path.index(names[0]) + 1 :], None)
    found = list(gathered(expression))
    if not found:
        raise Lost
    return found


def _fits(block: Mapping[str, Any], values: Any) -> bool:
    """Whether the constants of a nested block are those of a planned one, so that it is the one that is meant."""
    if not isinstance(values, Mapping):
        return False
    constants = {name: one["constant_value"] for name, one in block.items() if _constant(one)}
    return bool(constants) and all(values.get(name) == value for name, value in constants.items())


def _constant(expression: Any) -> bool:
    return isinstance(expression, Mapping) and "constant_value" in expression
