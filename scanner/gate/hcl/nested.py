"""The nested blocks of files, and which of them is which block of a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.gate.hcl import evaluate, functions, syntax
from scanner.gate.hcl.evaluate import Scope
from scanner.gate.hcl.functions import Named, Opaque
from scanner.gate.hcl.lost import Lost
from scanner.gate.hcl.mentions import mentioned
from scanner.gate.planned import any_unknown

Block = tuple[syntax.Body, Scope]


def chosen(body: syntax.Body, name: str, place: int, scope: Scope, planned: Any, mark: Any) -> Block:
    """The block of the files that is the one at `place` in the plan, `mark` telling what is not known of them.

    Many providers keep blocks as sets, which a plan has in another order than the files. Raises Lost where two may be it.
    """
    blocks = list(expanded(body, name, scope))
    listed = [planned] if isinstance(planned, Mapping) else list(planned or ())
    marks = [mark] if isinstance(mark, Mapping) else list(mark) if isinstance(mark, list) else []
    marks += [None] * (len(listed) - len(marks))
    if not listed and len(blocks) == 1 and place == 0:
        return blocks[0]  # all of it is not known
    if len(blocks) != len(listed) or place >= len(blocks):
        raise Lost(name)
    if all(_fits(one, *said) for one, said in zip(blocks, zip(listed, marks, strict=False), strict=False)):
        return blocks[place]
    fitting = [one for one in blocks if _fits(one, listed[place], marks[place])]
    if len(fitting) != 1:
        raise Lost(name)
    return fitting[0]


def expanded(body: syntax.Body, name: str, scope: Scope) -> Iterator[Block]:
    """The nested blocks of a name in their order, with those that dynamic blocks make.

    https://developer.hashicorp.com/terraform/language/expressions/dynamic-blocks
    """
    for kind, labels, inner in body.blocks:
        if kind == name:
            yield inner, scope
        elif kind == "dynamic" and labels == (name,):
            if "iterator" in inner.attributes or "for_each" not in inner.attributes:
                raise Lost(name)
            pairs, certain = functions.pairs(evaluate.value(inner.attributes["for_each"], scope))
            if not certain:
                raise Lost(name)
            for content in [one for _, one in inner.named("content")]:
                for key, one in pairs:
                    yield content, scope.within(**{name: {"key": key, "value": one}})


def _fits(block: Block, planned: Any, mark: Any) -> bool:
    """Whether nothing that a plan knows of a block, or does not know of it, speaks against its being this one."""
    body, scope = block
    for name, tree in body.attributes.items():
        unknown = mark is True or any_unknown(mark.get(name) if isinstance(mark, Mapping) else None)
        if unknown and not any(mentioned(tree)):
            return False  # a constant is known
        if unknown or not isinstance(planned, Mapping) or name not in planned:
            continue
        try:
            said = evaluate.value(tree, scope)
        except Lost:
            continue
        leaves = functions.leaves(said)
        if any(isinstance(one, Opaque) or not isinstance(one, str | int | float | None) for one in leaves):
            continue
        if any(isinstance(one, Named) for one in leaves) or _plain(said) != _plain(planned[name]):
            return False
    return True


def _plain(one: Any) -> Any:
    """A value without its order and with numbers as texts, as providers take them."""
    if isinstance(one, Mapping):
        return {str(key): _plain(inner) for key, inner in one.items()} or None
    if isinstance(one, list):
        return sorted((_plain(inner) for inner in one), key=repr) or None
    return None if one in (None, "") else functions.text(one)
