"""A Terraform directory, without a plan: its blocks, parsed by Checkov, as a plan that makes everything.

There is no state: what exists already is judged as if it were made now, and goes by its address where AWS draws an id. A value is known
where it is written as a constant, or where its expression names variables and locals only and Checkov could work it out; Checkov's
answers for anything else are not believed (a splat of a module becomes an empty list there). Every other value is known after
apply only, and made out through the expressions as in a plan. What `count`, `for_each` or a dynamic block leave open is a gap.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from scanner.errors import GateError
from scanner.gate import checkov
from scanner.gate.checkov import Block
from scanner.gate.plan import Plan
from scanner.gate.planned import Location, Planned, any_unknown, shown
from scanner.gate.references import References, parts

_EXPRESSION = re.compile(r"\$\{")
_REFERENCE = re.compile(
    r"(?<![\w.\"/:-])(?:data\.)?[A-Za-z_][\w-]*(?:\[[^\]]*\])?(?:\.[A-Za-z_*][\w-]*(?:\[[^\]]*\])?)+"
)
_RESIDUE = re.compile(
    r"\$\{|\b(?:var|local|each|count|module|data|path|self|terraform)\.|\baws_\w+\.|^\w+\(.*\)$", re.DOTALL
)
_QUOTED = re.compile(r"""(?<!\[)'[^'$]*'|(?<!\[)"(?!\])[^"$]*\"""")
PLAIN = ("var.", "local.")
SPELLINGS = ("*.tf.json", "*.tofu", "*.tofu.json")
META = ("provider", "providers", "count", "for_each", "depends_on", "lifecycle", "provisioner", "connection", "dynamic")
POLICIES = ("policy", "assume_role_policy", "content", "access_policies")
OPEN = {"references": ["local.not_known"]}
"""An expression of which nothing is known but that there is one."""


def read(path: Path) -> Plan:
    """Read a directory. Raises GateError naming the file that is broken."""
    files = sorted(path.glob("*.tf"))
    if not files:
        raise GateError(f"{path} has no .tf files")
    for file in files:
        checkov.blocks_of(file)
    blocks = checkov.blocks_in(path)
    calls = {_address((*one.modules, _step(one.name))): one for one in blocks if one.kind == "module"}
    made = [one for one in blocks if one.kind in ("resource", "data")]
    lost: list[str] = [
        f"{name}: the module was not read; its source is not in this directory"
        for name, one in calls.items()
        if not one.raw.get("__resolved__")
    ]
    lost += _left_out({path, *(Path(one.file).parent for one in blocks)})
    resources: list[Planned] = []
    exact: dict[str, Mapping[str, Any]] = {}
    for block in made:
        how_many = _how_many(block)
        address = _resource_address(block)
        if how_many is None:
            lost.append(f"{address}: how many there are (count, for_each) is not known")
        if how_many != 0:
            planned, written = _planned(block, address, calls)
            resources.append(planned)
            exact[address] = written
    providers = {
        _provider_name(one): {"name": "aws", "expressions": _expressions(one)}
        for one in blocks
        if one.kind == "provider" and not one.modules
    }
    _default_tags(resources, providers)
    variables = _variables(path, blocks)
    root = _configuration(blocks)
    references = References(root, resources, variables, exact)
    return Plan(
        path,
        tuple(one for one in resources if not one.is_data),
        references,
        providers,
        {},
        tuple(one for one in resources if one.is_data),
        lost=tuple(lost),
    )  # fmt: skip


def _left_out(folders: Iterable[Path]) -> Iterator[str]:
    """Files of other spellings, and blocks that take something away: neither was read.

    https://developer.hashicorp.com/terraform/language/files and .../language/block/removed
    """
    for folder in sorted({one.resolve() for one in folders}):
        for file in sorted(one for spelling in SPELLINGS for one in folder.glob(spelling)):
            yield f"{shown(file)} was not read: a directory is read from its .tf files"
        for file in sorted(folder.glob("*.tf")):
            if "removed" in file.read_text(encoding="utf-8", errors="replace"):
                yield from _removed(file)


def _removed(file: Path) -> Iterator[str]:
    for block in checkov.attributes_of(file).get("removed") or ():
        if not any(one.get("destroy") == [False] for one in block.get("lifecycle") or ()):
            name = str(*block.get("from") or ()).removeprefix("${").removesuffix("}")
            yield f"{shown(file)} takes {name} away: which that is, only a plan says"


# ---------------------------------------------------------------------- resources


def _planned(block: Block, address: str, calls: Mapping[str, Block]) -> tuple[Planned, Mapping[str, Any]]:
    kind, name, index = _named(block)
    after, unknown, expressions = values(block)
    planned = Planned(
        address, kind, name, "create", None, after, unknown, Location(block.file, block.line),
        module=tuple(block.modules), index=index, is_data=block.kind == "data",
        provider=_provider(block, calls), label=address,
    )  # fmt: skip
    return planned, {"expressions": expressions}


def values(block: Block) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Known values, marks of unknown ones, and expressions of a block, as a plan has them."""
    after: dict[str, Any] = {"id": None}
    unknown: dict[str, Any] = {"id": True, "arn": True}
    expressions: dict[str, Any] = {}
    for name, raw in block.raw.items():
        if name.startswith("__") or name in META:
            continue
        rendered = block.rendered.get(name)
        if name in POLICIES:  # one text or object, whatever it looks like
            raw, rendered = _single(raw), _single(rendered)
        value, mark, expression = _value(_unwrapped(raw), _unwrapped(rendered))
        if name in POLICIES and isinstance(value, dict | list):
            value, mark = (None, True) if any_unknown(mark) else (json.dumps(value), None)
        elif name in POLICIES and isinstance(value, str):
            value = _unescaped(value)
        after[name], expressions[name] = value, expression
        if mark is not None:
            unknown[name] = mark
    for dynamic in _list(block.raw.get("dynamic")):
        for name in dynamic if isinstance(dynamic, Mapping) else ():
            after.pop(name, None)
            unknown[name], expressions[name] = True, OPEN
    return after, unknown, expressions


def _unescaped(text: str) -> str:
    """A document written in quotes, without the escapes that the parser leaves in; one in a heredoc has none."""
    if '\\"' not in text:
        return text
    try:
        json.loads(text)
    except ValueError:
        try:
            return str(json.loads(f'"{text}"'))
        except ValueError:
            return text
    return text


def _value(raw: Any, rendered: Any) -> tuple[Any, Any, Any]:
    """A value, its mark (None where it is known), and its expression."""
    if isinstance(raw, str):
        return _text(raw, rendered)
    if isinstance(raw, list):
        others = rendered if isinstance(rendered, list) and len(rendered) == len(raw) else [None] * len(raw)
        found = [_value(one, other) for one, other in zip(raw, others, strict=True)]
        marks = [mark for _, mark, _ in found]
        return [value for value, _, _ in found], marks if any(map(any_unknown, marks)) else None, _together(found)
    if isinstance(raw, Mapping):
        inner = {
            str(name): _value(
                _unwrapped(one), _unwrapped(rendered.get(name) if isinstance(rendered, Mapping) else None)
            )
            for name, one in raw.items()
            if not str(name).startswith("__")
        }
        marks_by_name = {name: mark for name, (_, mark, _) in inner.items() if mark is not None}
        expression = {name: one for name, (_, _, one) in inner.items()}
        return {name: value for name, (value, _, _) in inner.items()}, marks_by_name or None, expression
    return raw, None, {"constant_value": raw}


def _text(raw: str, rendered: Any) -> tuple[Any, Any, Any]:
    if not _EXPRESSION.search(raw):
        return raw, None, {"constant_value": raw}
    named = references(raw)
    if all(one.startswith(PLAIN) for one in named) and rendered is not None and not _left_over(rendered):
        return rendered, None, {"constant_value": rendered, "references": named}
    return None, True, {"references": named or OPEN["references"]}


def references(text: str) -> list[str]:
    """What an expression names: `${aws_vpc.a[*].id}` -> aws_vpc.a.id. Texts in quotes name nothing, keys in brackets are kept."""
    bare = _QUOTED.sub("", text)
    return list(dict.fromkeys(one.replace("[*]", "").replace(".*", "") for one in _REFERENCE.findall(bare)))


def _left_over(value: Any) -> bool:
    """Something that Checkov could not work out stands in its answer."""
    if isinstance(value, str):
        return _RESIDUE.search(value) is not None
    if isinstance(value, Mapping):
        return any(map(_left_over, value.values()))
    return any(map(_left_over, value)) if isinstance(value, list) else False


def _unwrapped(value: Any) -> Any:
    """Checkov wraps every attribute in a list; nested blocks stay a list of blocks."""
    if isinstance(value, list) and len(value) == 1 and not _is_block(value[0]):
        return value[0]
    return value


def _single(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _is_block(value: Any) -> bool:
    """A nested block: its own attributes are wrapped too, which those of a map are not."""
    return (
        isinstance(value, Mapping)
        and bool(value)
        and all(isinstance(one, list) for name, one in value.items() if not str(name).startswith("__"))
    )


def _together(found: Sequence[tuple[Any, Any, Any]]) -> Any:
    """The expression of a list: that of its blocks, or all that its members name."""
    if found and all(isinstance(value, dict) for value, _, _ in found):
        return [expression for _, _, expression in found]
    named = [
        one for _, _, expression in found for one in expression.get("references", ()) if isinstance(expression, Mapping)
    ]
    return {"references": list(dict.fromkeys(named))} if named else {"constant_value": [value for value, _, _ in found]}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _how_many(block: Block) -> int | None:
    """0 where `count` says so, 1 for an instance; None where nobody can know."""
    for name in ("count", "for_each"):
        if name not in block.raw:
            continue
        if _named(block)[2] is not None:
            return 1  # Checkov made instances of it
        value = _unwrapped(block.rendered.get(name))
        if value in (0, "0", False, "false", {}, []):
            return 0
        return None
    return 1


# ---------------------------------------------------------------------- names


def _named(block: Block) -> tuple[str, str, str | int | None]:
    """Type, name and key of an instance: `aws_subnet.a[0]`, `aws_subnet.b["x"]`."""
    found = parts(block.name)
    index = found[2] if len(found) > 2 else None
    return str(found[0]), str(found[1]), index


def _step(name: str) -> tuple[str, str | None]:
    found = parts(name)
    return str(found[0]), str(found[1]) if len(found) > 1 else None


def _address(modules: Sequence[tuple[str, str | int | None]]) -> str:
    return ".".join(f"module.{name}" + ("" if key is None else f'["{key}"]') for name, key in modules)


def _resource_address(block: Block) -> str:
    local = f"data.{block.name}" if block.kind == "data" else block.name
    above = _address(block.modules)
    return f"{above}.{local}" if above else local


# ---------------------------------------------------------------------- providers, modules, variables


def _provider_name(block: Block) -> str:
    alias = _unwrapped(block.raw.get("alias"))
    return f"aws.{alias}" if alias else "aws"


def _provider(block: Block, calls: Mapping[str, Block]) -> str:
    """The provider configuration of the root module that a resource uses, through the `providers` of each module call."""
    text = str(_unwrapped(block.raw.get("provider")) or "aws")
    key = text.removeprefix("${").removesuffix("}")
    modules = tuple(block.modules)
    while modules:
        call = calls.get(_address(modules))
        mapping = _unwrapped(call.raw.get("providers")) if call else None
        if isinstance(mapping, Mapping) and key in mapping:
            key = str(_unwrapped(mapping[key])).removeprefix("${").removesuffix("}")
        elif key != "aws":
            return f"{_address(modules)}:{key}"
        modules = modules[:-1]
    return key


def _expressions(block: Block) -> dict[str, Any]:
    return values(block)[2]


def _default_tags(resources: Sequence[Planned], providers: Mapping[str, Mapping[str, Any]]) -> None:
    for one in resources:
        blocks = _list((providers.get(one.provider) or {}).get("expressions", {}).get("default_tags"))
        tags: dict[str, Any] = {}
        for block in blocks:
            found = block.get("tags") if isinstance(block, Mapping) else None
            if isinstance(found, Mapping):
                tags |= {key: value.get("constant_value") for key, value in found.items() if isinstance(value, Mapping)}
        own = (one.after or {}).get("tags")
        if tags and isinstance(one.after, dict):
            one.after["tags_all"] = {**tags, **(own if isinstance(own, Mapping) else {})}
            if isinstance(one.unknown, dict) and "tags" in one.unknown:
                one.unknown["tags_all"] = one.unknown["tags"]


def _configuration(blocks: Sequence[Block]) -> dict[str, Any]:
    """Module calls and outputs as the `configuration` of a plan has them."""
    root: dict[str, Any] = {"module_calls": {}, "outputs": {}}
    for block in sorted(blocks, key=lambda one: len(one.modules)):
        if block.kind == "module":
            name, key = _step(block.name)
            here = _inside(root, [step for step, _ in block.modules])
            call = here["module_calls"].setdefault(name, {"module": {"module_calls": {}, "outputs": {}}})
            call["expressions"] = _expressions(block)
            if key is not None:
                call["for_each_expression"] = {}
    for block in blocks:
        if block.kind == "output":
            here = _inside(root, [step for step, _ in block.modules])
            value = _unwrapped(block.raw.get("value"))
            here["outputs"][block.name] = {"expression": _value(value, None)[2]}
    return root


def _inside(root: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    here = root
    for name in names:
        call = here["module_calls"].setdefault(name, {"expressions": {}, "module": {"module_calls": {}, "outputs": {}}})
        here = call["module"]
    return here


def _variables(path: Path, blocks: Sequence[Block]) -> dict[str, Any]:
    """Defaults of the root module's variables, and what `terraform.tfvars` and `*.auto.tfvars` say."""
    found = {
        one.name: _unwrapped(one.raw.get("default"))
        for one in blocks
        if one.kind == "variable" and not one.modules and "default" in one.raw
    }
    for file in (path / "terraform.tfvars", *sorted(path.glob("*.auto.tfvars"))):
        if file.is_file():
            found |= dict(_settings(file))
    return found


def _settings(file: Path) -> Iterator[tuple[str, Any]]:
    for name, value in checkov.attributes_of(file).items():
        if not name.startswith("__"):
            yield name, _unwrapped(value)
