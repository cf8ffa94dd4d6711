"""What the gate is given - plans and directories of Terraform, CloudFormation templates, output of CDK - and where it is written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from scanner.errors import GateError
from scanner.gate import checkov, cloudformation, directory, plan
from scanner.gate.changes import Changes
from scanner.gate.cloudformation import assembly, template
from scanner.gate.plan import Plan
from scanner.gate.planned import Location, Skip, shown
from scanner.gate.references import References

YAML = (".yaml", ".yml", ".template")


def read_all(paths: Iterable[Path]) -> list[Plan]:
    """Read all inputs, each file once: also where it is named twice, or a folder and what lies in it are."""
    found: list[Plan] = []
    for path in paths:
        seen = {one.path.resolve() for one in found}
        found += [one for one in read(path) if one.path.resolve() not in seen]
    return found


def read(path: Path) -> list[Plan]:
    """Read one input, which may hold many templates. Raises GateError naming what is broken."""
    if not path.exists():
        raise GateError(f"there is no {path}")
    if path.is_dir():
        return _read_folder(path)
    if path.name == assembly.MANIFEST and assembly.is_assembly(path.parent):
        return assembly.read(path.parent)
    if path.suffix.lower() in YAML or template.is_template(path):
        return [cloudformation.read(path)]
    return [plan.read(path)]


def _read_folder(path: Path) -> list[Plan]:
    """Terraform, as it reads it: the folder itself; and every template and every output of CDK in it and below."""
    folders = cloudformation.folders_in(path)
    assemblies = [one for one in folders if assembly.is_assembly(one)]
    outermost = [one for one in assemblies if not any(other in one.parents for other in assemblies)]
    found = [read for one in outermost for read in assembly.read(one)]
    found += cloudformation.templates_in(path, but=outermost)
    if any(path.glob("*.tf")):
        return [directory.read(path), *found]
    if not found:
        raise GateError(f"{path} has no .tf files and no CloudFormation templates")
    below = next((one for one in folders if any(one.glob("*.tf"))), None)
    if below is not None:
        raise GateError(f"{path} has templates, and Terraform in {below}, which is read by itself only: name both")
    return found


def follow(plans: Iterable[Plan], source: Path | None) -> None:
    """Let expressions be followed through the `.tf` files of `source`, or those that lie beside each plan."""
    for one in plans:
        root = source or (one.path if one.path.is_dir() else one.path.parent)
        if isinstance(one.references, References) and any(root.glob("*.tf")):
            one.references.read_from(root)


def locate(changes: Changes, source: Path | None) -> None:
    """Say of every resource where it is written: in the `.tf` files of `source`, or beside the plan, else in the plan itself."""
    for one in changes.plans:
        if one.unsettled is not None:
            continue
        if one.path.is_dir() and source is None:
            _skips_of(one)
            continue
        root = source or one.path.parent
        written = dict(_written(one, root)) if any(root.glob("*.tf")) else {}
        lines = {} if written else _lines(one.path)
        for resource in one.resources:
            found = written.get((tuple(name for name, _ in resource.module), resource.type, resource.name))
            if found is not None:
                resource.location, resource.skips = found
            else:
                resource.location = Location(resource.location.file, lines.get(resource.address, 1))


def _lines(path: Path) -> dict[str, int]:
    """The line (from 1) of each change in a plan that was indented; Terraform itself prints one line. Checkov says 0 for all of them."""
    found: dict[str, int] = {}
    inside = False
    if path.is_file():
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                text = line.strip()
                inside = inside or text.startswith('"resource_changes"')
                if inside and text.startswith('"address": "'):
                    found.setdefault(json.loads(text.removeprefix('"address": ').rstrip(",")), number)
    return found


def _skips_of(one: Plan) -> None:
    """A directory knows its lines; comments are read from them."""
    blocks: dict[str, list[tuple[str, str, int, int]]] = {}
    for resource in one.resources:
        path = Path(resource.location.file)
        for kind, name, first, last in blocks.setdefault(
            str(path), checkov.blocks_of(path) if str(path) not in blocks else []
        ):
            if (kind, name) == (resource.type, resource.name):
                text = path.read_text(encoding="utf-8", errors="replace").splitlines()
                block = "\n".join(text[first - 1 : last])
                resource.skips = checkov.skips_in(block)
                resource.location = Location(shown(path), first)


def _written(one: Plan, root: Path) -> Iterator[tuple[tuple[Any, ...], tuple[Location, tuple[Skip, ...]]]]:
    """Blocks of the root module and of local modules, by module names, type and name."""
    yield from _module(root, (), one.references.root if one.references else {})


def _module(folder: Path, names: tuple[str, ...], configuration: Mapping[str, Any]) -> Iterator[Any]:
    for path in sorted(folder.glob("*.tf")):
        text = path.read_text(encoding="utf-8", errors="replace").splitlines()
        for kind, name, first, last in checkov.blocks_of(path):
            block = "\n".join(text[first - 1 : last])
            yield (names, kind, name), (Location(shown(path), first), checkov.skips_in(block))
    for name, call in (configuration.get("module_calls") or {}).items():
        where = str(call.get("source") or "")
        inner = folder / where
        if where.startswith(".") and inner.is_dir():
            yield from _module(inner, (*names, name), call.get("module") or {})
