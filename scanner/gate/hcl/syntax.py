"""The blocks and expressions of `.tf` files, as trees of Checkov's grammar.

https://developer.hashicorp.com/terraform/language/syntax/configuration
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from scanner.gate.hcl.lost import Lost


@dataclass(frozen=True, slots=True)
class Body:
    """What stands between two braces: attributes by name, and nested blocks in their order, with their labels."""

    attributes: dict[str, Any] = field(default_factory=dict)
    blocks: list[tuple[str, tuple[str, ...], Body]] = field(default_factory=list)

    def named(self, *kinds: str) -> Iterator[tuple[tuple[str, ...], Body]]:
        return ((labels, body) for kind, labels, body in self.blocks if kind in kinds)


def folder(path: Path) -> Body:
    """All `.tf` files of a folder as one body. Raises Lost where one of them cannot be parsed or an override changes them."""
    whole = Body()
    if next(path.glob("*.tf.json"), None) or next(path.glob("*.tofu*"), None):
        raise Lost(f"{path} has files that are not read")
    for file in sorted(path.glob("*.tf")):
        if file.name.startswith("."):
            continue  # as Terraform does
        if file.stem == "override" or file.stem.endswith("_override"):
            raise Lost(f"{file} overrides what is written")
        whole.blocks.extend(_parsed(file, file.stat().st_mtime_ns).blocks)
    return whole


LARGEST = 2_000_000
"""Bytes of a file."""


@lru_cache(maxsize=512)
def _parsed(file: Path, _: int) -> Body:
    return _body(_tree(read(file) + "\n").children[0])


def read(file: Path) -> str:
    """The text of a file. Raises Lost where it is none, or longer than anybody writes; OSError; ValueError where it is no text."""
    if not file.is_file() or file.stat().st_size > LARGEST:
        raise Lost(f"{file} is no file, or too large")
    return file.read_text(encoding="utf-8")


@lru_cache(maxsize=4096)
def expression(text: str) -> Any:
    """The tree of one expression."""
    return _body(_tree(f"x = ({text})\n").children[0]).attributes["x"]


def _tree(text: str) -> Any:
    from hcl2.parser import Hcl2

    try:
        return Hcl2.lark_parser.parse(text)
    except Exception as error:  # lark raises a dozen kinds; each means that the text is not understood
        raise Lost("not understood") from error


def _body(tree: Any) -> Body:
    found = Body()
    for child in tree.children:
        kind = getattr(child, "data", None)
        if kind == "attribute":
            found.attributes[text(child.children[0])] = child.children[1]
        elif kind == "block":
            said = [_label(one) for one in child.children if getattr(one, "data", None) != "body"]
            names = [one for one in said if one is not None]
            inner = next(one for one in child.children if getattr(one, "data", None) == "body")
            found.blocks.append((names[0], tuple(names[1:]), _body(inner)))
    return found


def _label(tree: Any) -> str | None:
    if getattr(tree, "data", None) == "identifier":
        return text(tree)
    kind = getattr(tree, "type", "")
    return str(tree).strip('"') if kind == "STRING_LIT" else None


def text(tree: Any) -> str:
    """The name that an identifier is."""
    return str(tree.children[0])


def content(tree: Any) -> list[Any]:
    """The children that mean something: line ends and comments are tokens of their own."""
    return [one for one in tree.children if getattr(one, "type", "") != "_NEW_LINE_OR_COMMENT" and one is not None]


_SPECIAL = re.compile(r"[$%\\]")
"""Letters at which a template may be something else than text."""


def template(raw: str, *, quoted: bool) -> list[str | tuple[str]]:
    """Cut a text with `${}` into texts and, as tuples, the expressions in it. Raises Lost where it has directives (`%{`).

    In a `quoted` text, and not in others, a backslash takes the next letter with it.
    """
    found: list[str | tuple[str]] = []
    plain, place = "", 0
    while place < len(raw):
        if raw.startswith(("$${", "%%{"), place):
            plain, place = plain + raw[place + 1 : place + 3], place + 3
        elif raw.startswith("%{", place):
            raise Lost("a directive")
        elif raw.startswith("${", place):
            end = _end(raw, place + 2)
            found += [plain, (raw[place + 2 : end],)]
            plain, place = "", end + 1
        elif quoted and raw[place] == "\\" and place + 1 < len(raw):
            plain, place = plain + raw[place : place + 2], place + 2
        else:
            special = _SPECIAL.search(raw, place + 1)
            end = special.start() if special else len(raw)
            plain, place = plain + raw[place:end], end
    return [one for one in [*found, plain] if one != ""]


def _end(raw: str, place: int) -> int:
    """Where the brace closes that was open before `place`."""
    depth, quoted = 0, False
    while place < len(raw):
        letter = raw[place]
        if letter == "\\":
            place += 1
        elif letter == '"':
            quoted = not quoted
        elif quoted and raw.startswith("${", place):
            place = _end(raw, place + 2)
        elif not quoted and letter == "{":
            depth += 1
        elif not quoted and letter == "}":
            if depth == 0:
                return place
            depth -= 1
        place += 1
    raise Lost("a brace that does not close")


_HEREDOC = re.compile(r"<<-?([A-Za-z][\w.-]*)\n(.*?)\n?[ \t]*\1\s*$", re.DOTALL)


def heredoc(raw: str) -> str:
    """The text of a heredoc, without the indentation that `<<-` takes away."""
    found = _HEREDOC.match(raw)
    if found is None:
        raise Lost("a heredoc")
    lines = found[2].split("\n")
    if raw.startswith("<<-"):
        indents = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
        lines = [line[min(indents, default=0) :] for line in lines]
    return "\n".join(lines) + "\n"
