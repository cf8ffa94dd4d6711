"""Checkov as a parser, and nothing else of it: quiet, offline, and without its checks.

Importing it wraps standard output and puts a handler on the root logger: both are undone. `checkov.main` and the runner registry
are never imported. It is asked to call nobody.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

from scanner.errors import GateError
from scanner.gate.planned import Skip

OLDEST = (3, 3, 30)
"""Older ones parse plans differently; resolvers pull them in silently."""
SETTINGS = {
    "CHECKOV_EXPERIMENTAL_CROSS_VARIABLE_EDGES": "False",
    "BC_SKIP_MAPPING": "TRUE",
    "LOG_LEVEL": "ERROR",
}
CHECKS = (
    "checkov.terraform.checks.resource",
    "checkov.terraform.checks.data",
    "checkov.cloudformation.checks.resource.aws",
)
"""What its parsers import without using it: some 900 modules, a third of the time that importing takes."""
_SKIP = re.compile(r"(?:#|//)\s*(?:checkov|bulkhead):skip=\s*([\w/]+)\s*:\s*(\S[^\n]*)")


def skips_in(text: str) -> tuple[Skip, ...]:
    """Return the `checkov:skip=CHECK:reason` comments of a block, those with a reason."""
    return tuple(Skip(check, reason.strip()) for check, reason in _SKIP.findall(text))


@contextmanager
def quiet() -> Iterator[None]:
    """Keep standard output, the root logger and the environment as they are while Checkov is imported and used.

    Its checks are not imported, unless somebody has done so or does it later.
    """
    root, out, err = logging.getLogger(), sys.stdout, sys.stderr
    handlers, level, disabled = list(root.handlers), root.level, root.manager.disable
    logging.disable(logging.CRITICAL)  # what it has to say comes back as an error
    before = {name: os.environ.get(name) for name in SETTINGS}
    os.environ.update(SETTINGS)
    empty = {name: _empty(name) for name in CHECKS if name not in sys.modules}
    sys.modules.update(empty)
    try:
        yield
    finally:
        for name in empty:
            del sys.modules[name]
        sys.stdout, sys.stderr = out, err
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.disable(disabled)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _empty(name: str) -> ModuleType:
    """A package that imports nothing by itself; the modules in it can be imported all the same."""
    module = ModuleType(name)
    found = find_spec(name.partition(".")[0])
    module.__path__ = [
        str(Path(one, *name.split(".")[1:])) for one in (found.submodule_search_locations if found else None) or ()
    ]
    return module


def check_version() -> None:
    """Raises GateError when Checkov is older than what this was built on."""
    try:
        found = version("checkov")
    except PackageNotFoundError as error:
        raise GateError(
            "the gate parses with Checkov, which is not installed: pip install 'checkov>=3.3.30'"
        ) from error
    numbers = tuple(int(part) for part in found.split(".")[:3] if part.isdigit())
    if numbers < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        raise GateError(f"Checkov {found} is too old for the gate: pip install 'checkov>={wanted}'")


def attributes_of(path: Path) -> dict[str, Any]:
    """Parse one file of HCL. Raises GateError for broken HCL."""
    check_version()
    with quiet():
        import hcl2

        try:
            with path.open(encoding="utf-8") as file:
                parsed: dict[str, Any] = hcl2.load(file)  # type: ignore[attr-defined]
        except Exception as error:
            # The boundary of a parser: lark raises a dozen kinds, hcl2 a few more; each means that the file is not HCL.
            raise GateError(f"{path}: not HCL: {' '.join(str(error).split())[:200]}") from error
    return parsed


def blocks_of(path: Path) -> list[tuple[str, str, int, int]]:
    """Return type, name, first and last line of every resource block of a `.tf` file. Raises GateError for broken HCL."""
    parsed = attributes_of(path)
    found = []
    for block in parsed.get("resource") or ():
        for kind, named in block.items():
            for name, values in named.items():
                found.append((kind, name, int(values["__start_line__"]), int(values["__end_line__"])))
    return found


def template_of(path: Path) -> tuple[Any, list[str]]:
    """Parse a CloudFormation template; returns it with the marks of its lines, and its lines. Raises GateError for what is none."""
    check_version()
    errors: dict[str, str] = {}
    with quiet():
        from checkov.cloudformation.parser import parse
        from checkov.common.parsers.json import parse as parse_json

        try:
            parsed, lines = parse(str(path), errors)
            if errors and path.suffix == ".json":  # indented with tabs, say: JSON and no YAML
                again = parse_json(str(path), allow_nulls=False)
                (parsed, lines), errors = (again, {}) if again else ((parsed, lines), errors)
        except (RecursionError, AttributeError, TypeError, KeyError, AssertionError) as error:
            # What the parser lets through: a tag or a key that it does not expect.
            raise GateError(f"{path}: Checkov cannot parse it ({type(error).__name__}: {error})") from error
    if errors:
        why = " ".join(str(next(iter(errors.values()))).split())
        raise GateError(f"{path}: Checkov cannot parse it: {why[:300]}")
    if not parsed or lines is None:
        raise GateError(f"{path} is no CloudFormation template: {_no_template(path)}")
    return parsed, [text.rstrip("\n") for _, text in lines]


def _no_template(path: Path) -> str:
    """Why Checkov's parser, which does not say, gave nothing."""
    try:
        yaml.compose(path.read_text(encoding="utf-8", errors="replace"), Loader=yaml.SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        return f"line {mark.line + 1 if mark else 1} is not YAML: {getattr(error, 'problem', error)}"
    return "no Resources, or a value that is null"


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a directory as Checkov's graph has it, once an instance of `count` and `for_each`.

    `kind` is resource, data, module, provider, output or variable; `modules` the calls that lead to it, outermost first, with the key of
    the instance; `raw` its attributes as written (`${...}` around every expression), `rendered` with what Checkov made of them.
    """

    kind: str
    name: str
    modules: tuple[tuple[str, str | None], ...]
    raw: dict[str, Any]
    rendered: dict[str, Any]
    file: str
    line: int | None


def blocks_in(folder: Path) -> list[Block]:
    """Return every block of a Terraform directory and of the local modules it calls. Raises GateError for broken HCL."""
    check_version()
    whole = folder.resolve()  # Checkov finds no module beside a directory that is named otherwise
    with quiet():
        raw, rendered = _graph(whole, False), _graph(whole, True)
    values = {_key(vertex): _attributes(vertex) for vertex in rendered}
    return [
        Block(
            str(vertex.block_type),
            vertex.name,
            _modules(vertex),
            _attributes(vertex),
            values.get(_key(vertex), {}),
            str(vertex.path),
            _attributes(vertex).get("__start_line__"),
        )
        for vertex in raw
    ]


def _graph(folder: Path, render: bool) -> list[Any]:
    from checkov.common.graph.db_connectors.rustworkx.rustworkx_db_connector import RustworkxConnector
    from checkov.terraform.graph_manager import TerraformGraphManager

    errors: dict[str, Any] = {}
    manager = TerraformGraphManager(db_connector=RustworkxConnector())
    graph, _ = manager.build_graph_from_source_directory(str(folder), render_variables=render, parsing_errors=errors)
    if errors:
        path, why = next(iter(sorted(errors.items())))
        raise GateError(f"{path}: Checkov cannot parse it: {' '.join(str(why).split())[:200]}")
    return list(graph.vertices)


def _key(vertex: Any) -> tuple[Any, ...]:
    return str(vertex.block_type), vertex.name, _modules(vertex), str(vertex.path)


def _modules(vertex: Any) -> tuple[tuple[str, str | None], ...]:
    found: list[tuple[str, str | None]] = []
    module = getattr(vertex, "source_module_object", None)
    while module is not None:
        found.append((module.name, None if module.foreach_idx is None else str(module.foreach_idx)))
        module = module.nested_tf_module
    return tuple(reversed(found))


def _attributes(vertex: Any) -> dict[str, Any]:
    """The attributes of a block, which Checkov keeps under its type and name."""
    found: Any = vertex.config
    steps = {"resource": 2, "data": 2}.get(str(vertex.block_type), 1)
    for _ in range(steps):
        found = next(iter(found.values()), {}) if isinstance(found, dict) else {}
    return found if isinstance(found, dict) else {}
