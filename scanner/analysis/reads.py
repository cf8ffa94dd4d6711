"""What each analysis may read: every table whose name stands in a string of its source, or of any analysis module it imports."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType

from scanner import analysis
from scanner.snapshot.tables import TABLES

HOME = Path(analysis.__file__).parent
Reads = Mapping[str, frozenset[str]]
WORD = re.compile(r"[a-z][a-z0-9_]*")


@cache
def reads() -> Reads:
    """The tables that each analysis may read, by its name."""
    known = {*TABLES, *(table.name for table in analysis.tables())}
    return {name: frozenset(_named(_files(module), known)) for name, module in analysis.registry().items()}


def _files(module: ModuleType) -> set[Path]:
    """The source of an analysis: its module or package, and every other module of analyses it imports."""
    start = Path(str(module.__file__))
    left = list(start.parent.rglob("*.py")) if start.name == "__init__.py" else [start]
    found: set[Path] = set()
    while left:
        path = left.pop()
        if path not in found:
            found.add(path)
            left += _imported(path)
    return found


@cache
def _imported(path: Path) -> tuple[Path, ...]:
    names = set()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("scanner.analysis"):
            names |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names if alias.name.startswith("scanner.analysis.")}
    paths = [HOME.joinpath(*name.split(".")[2:]) for name in sorted(names) if name != "scanner.analysis"]
    files = [candidate for path in paths for candidate in (path.with_suffix(".py"), path / "__init__.py")]
    return tuple(path for path in files if path.is_file())


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _named(files: Iterable[Path], known: set[str]) -> set[str]:
    found: set[str] = set()
    for path in files:
        found |= _words(path) & known
    return found


@cache
def _words(path: Path) -> frozenset[str]:
    """Words in strings that are no docstrings."""
    tree = _tree(path)
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
    ]
    return frozenset(word for text in texts for word in WORD.findall(text))
