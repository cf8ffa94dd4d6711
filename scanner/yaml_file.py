"""Files of YAML that people write, read into models; every complaint is `file:line: key: problem`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from yaml.composer import Composer

from scanner.errors import UsageError

Model = TypeVar("Model", bound=BaseModel)
Loader = type[yaml.SafeLoader] | type[yaml.BaseLoader]
Lines = Mapping[tuple[str | int, ...], int]
"""For every key and item by its path, its line (from 1)."""


def _fast(name: str, plain: Loader) -> Any:
    """A loader that reads in C and builds the tree in Python: built in C, a tree too deep for the stack ends the process."""
    read_in_c: Any = getattr(yaml, name, None)
    if read_in_c is None:  # PyYAML was built without it
        return plain

    class Fast(Composer, read_in_c):  # type: ignore[misc]
        def __init__(self, text: str):
            read_in_c.__init__(self, text)
            Composer.__init__(self)

    return Fast


_FAST: Mapping[Loader, Any] = {
    yaml.SafeLoader: _fast("CSafeLoader", yaml.SafeLoader),
    yaml.BaseLoader: _fast("CBaseLoader", yaml.BaseLoader),
}

_PROBLEMS = {
    "extra_forbidden": "is not a known key",
    "missing": "is missing",
    "string_too_short": "is empty",
    "model_type": "is no mapping of keys to values",
    "list_type": "is no list",
    "string_type": "is no text",
}


def read(
    path: Path, model: type[Model], kind: type[UsageError], what: str, loader: Loader = yaml.SafeLoader
) -> tuple[Model, Lines]:
    """Return a file as a model, and its lines; an empty file is an empty mapping. With `yaml.BaseLoader` every value is text.

    Raises `kind` with one line per problem; `what` names the file where it cannot be opened.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise kind(f"cannot read {what} {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise kind(f"cannot read {what} {path}: {error}") from error
    try:
        data, lines = _parsed(text, loader)
    except (ValueError, RecursionError) as error:  # such as 2027-13-45, which looks like a day
        raise kind(f"{path}:1: a value cannot be read: {error}") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise kind(f"{path}:{line}: not YAML: {getattr(error, 'problem', error)}") from error
    try:
        return model.model_validate({} if data is None else data), lines
    except ValidationError as error:
        raise kind("\n".join(f"{path}:{_complaint(lines, one)}" for one in _causes(error))) from error


def _causes(error: ValidationError) -> list[Any]:
    """All problems but keys that are missing beside a misspelt one, which is why they are."""
    found = error.errors()
    misspelt = {one["loc"][:-1] for one in found if one["type"] == "extra_forbidden"}
    return [one for one in found if one["type"] != "missing" or one["loc"][:-1] not in misspelt]


def _complaint(lines: Lines, problem: Any) -> str:
    where = tuple(problem["loc"])
    line = next((lines[where[:n]] for n in range(len(where), -1, -1) if where[:n] in lines), 1)
    told = _PROBLEMS.get(problem["type"], problem["msg"].removeprefix("Value error, "))
    if problem["type"] == "string_type" and isinstance(problem["input"], bool | int | float | date):
        told += "; put it in quotes"
    return f"{line}: {'.'.join(map(str, where)) or 'the file'}: {told}"


def _parsed(text: str, loader: Loader) -> tuple[Any, Lines]:
    """What a text holds; what the fast reader refuses the other one has to refuse as well, and says it better."""
    try:
        return _composed(text, _FAST[loader])
    except yaml.YAMLError:
        return _composed(text, loader)


def _composed(text: str, loader: Any) -> tuple[Any, Lines]:
    lines: dict[tuple[str | int, ...], int] = {}
    reader = loader(text)
    try:
        node = reader.get_single_node()
        if node is None:
            return None, lines
        _note_lines(node, (), lines, set())
        return reader.construct_document(node), lines
    finally:
        reader.dispose()


def _note_lines(node: yaml.Node, where: tuple[str | int, ...], lines: dict[Any, int], seen: set[int]) -> None:
    lines.setdefault(where, node.start_mark.line + 1)
    if id(node) in seen:
        return  # an alias: it may hold itself, or be one of very many
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue  # no key that Python takes: said where values are made
            lines[*where, key.value] = key.start_mark.line + 1
            _note_lines(value, (*where, key.value), lines, seen)
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            _note_lines(item, (*where, number), lines, seen)
