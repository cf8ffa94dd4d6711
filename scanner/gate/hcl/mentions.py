"""What an expression refers to, to tell whether a file says what a plan says that it said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.gate.hcl import syntax

_ACCESS = ("get_attr_expr_term", "index_expr_term", "attr_splat_expr_term", "full_splat_expr_term", "expr_term")


def mentioned(tree: Any, own: frozenset[str] = frozenset()) -> Iterator[str]:
    """The heads of all that an expression refers to: `aws_vpc.main`, `var.name`, `data.aws_region.here`, `each.value`."""
    kind = getattr(tree, "data", None)
    if kind is None:
        if getattr(tree, "type", "") == "STRING_LIT":
            yield from _in_text(str(tree)[1:-1], own, quoted=True)
    elif kind in ("heredoc_template", "heredoc_template_trim"):
        yield from _in_text(syntax.heredoc(str(tree.children[0])), own, quoted=False)
    elif kind in _ACCESS:
        yield from _accessed(tree, own)
    elif kind != "identifier":
        if kind in ("for_tuple_expr", "for_object_expr"):
            intro = next(one for one in tree.children if getattr(one, "data", None) == "for_intro")
            own |= {syntax.text(one) for one in intro.children if getattr(one, "data", "") == "identifier"}
        for child in tree.children:
            yield from mentioned(child, own)


def names_in(body: syntax.Body) -> set[str]:
    """What all that stands between two braces refers to."""
    found = {one for tree in body.attributes.values() for one in mentioned(tree)}
    return found.union(*(names_in(inner) for _, _, inner in body.blocks))


def head(reference: str) -> str:
    """The head of a reference as a plan writes it: `aws_vpc.main[0].id` -> aws_vpc.main."""
    parts = [part.partition("[")[0] for part in reference.split(".")]
    return ".".join(parts[: 3 if parts[0] == "data" else 2])


def _accessed(tree: Any, own: frozenset[str]) -> Iterator[str]:
    way: list[str] = []
    kind = getattr(tree, "data", None)
    while kind in _ACCESS:
        inner = [one for one in syntax.content(tree) if str(one) not in ("(", ")")]
        if kind == "get_attr_expr_term":
            way.append(syntax.text(inner[1].children[0]))
        elif kind != "expr_term":
            way += [syntax.text(one.children[0]) for one in inner[1].children if getattr(one, "data", "") == "get_attr"]
            yield from mentioned(inner[1], own)
        tree, kind = inner[0], getattr(inner[0], "data", None)
    if kind != "identifier":
        yield from mentioned(tree, own)
    elif (name := syntax.text(tree)) not in own and way:
        yield ".".join([name, *reversed(way)][: 3 if name == "data" else 2])


def _in_text(raw: str, own: frozenset[str], *, quoted: bool) -> Iterator[str]:
    for part in syntax.template(raw, quoted=quoted):
        if isinstance(part, tuple):
            yield from mentioned(syntax.expression(part[0]), own)
