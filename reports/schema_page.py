"""docs/schema/findings.md: the fields of findings.json, generated from its schema.

`python -m reports.schema_page > docs/schema/findings.md`; a test fails when the page is stale.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SCHEMA = Path(__file__).parent / "findings.schema.json"


def page() -> str:
    """Return the page as Markdown."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    head = (
        f"# findings.json\n\n{schema['description']}\n\nGenerated from `reports/findings.schema.json` "
        f"(JSON Schema 2020-12, version {schema['properties']['schema_version']['const']}); do not edit.\n\n"
        "| field | type | meaning |\n|---|---|---|\n"
    )
    rows = (f"| `{path}` | {kind} | {meaning} |\n" for path, kind, meaning in _fields(schema, "", schema["$defs"]))
    return head + "".join(rows)


def _fields(node: dict[str, Any], path: str, shared: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name, described in node.get("properties", {}).items():
        here = f"{path}.{name}" if path else name
        target = _target(described, shared)
        yield here, _kind(target), described.get("description", target.get("description", ""))
        inner = _target(target.get("items", target), shared)
        yield from _fields(inner, f"{here}[]" if "items" in target else here, shared)


def _target(node: dict[str, Any], shared: dict[str, Any]) -> dict[str, Any]:
    reference = node.get("$ref", "")
    return shared[reference.rsplit("/", 1)[1]] if reference else node


def _kind(node: dict[str, Any]) -> str:
    if "enum" in node:
        return ", ".join(f"`{value}`" for value in node["enum"])
    if "const" in node:
        return f"`{node['const']}`"
    kinds = node["type"]
    return kinds if isinstance(kinds, str) else " or ".join(kinds)


if __name__ == "__main__":
    sys.stdout.write(page())
