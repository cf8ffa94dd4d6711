"""One CloudFormation template, parsed by Checkov: its sections, and where each resource is written.

What CloudFormation itself would refuse is refused here too: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from scanner.errors import GateError
from scanner.gate import checkov
from scanner.gate.planned import Skip

MOST_BYTES = 1024 * 1024
MOST_VALUES = 300_000
"""YAML anchors can make a small file a huge tree."""
ENDINGS = (".yaml", ".yml", ".json", ".template")
_MARK = re.compile(
    r"""AWSTemplateFormatVersion|^["']?Resources["']?\s*:|[{,]\s*["']?Resources["']?\s*:\s*\{""", re.MULTILINE
)
FUNCTIONS = frozenset(
    """And Base64 Cidr Contains EachMemberEquals EachMemberIn Equals FindInMap GetAtt GetAZs GetStackOutput If ImportValue Join Length
    Not Or RefAll Select Split Sub ToJsonString Transform ValueOf ValueOfAll""".split()
)
"""Intrinsic functions, and those of rules: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html"""
OWN_TRANSFORMS = "AWS::"
"""Macros of AWS bring no functions of their own; others may."""
MARK_KEYS = ("__startline__", "__endline__", "__file__")


@dataclass(frozen=True)
class Written:
    """Where a resource is written, in lines from 1, and which checks are waived there."""

    line: int
    skips: tuple[Skip, ...] = ()


@dataclass(frozen=True)
class Template:
    """A template: plain dictionaries, lists and constants by section, without what the parser notes in them."""

    path: Path
    sections: Mapping[str, Any]
    written: Mapping[str, Written] = field(default_factory=dict)

    def section(self, name: str) -> Mapping[str, Any]:
        found = self.sections.get(name)
        return found if isinstance(found, Mapping) else {}

    @property
    def transforms(self) -> list[str]:
        said = self.sections.get("Transform")
        listed = said if isinstance(said, list) else [] if said is None else [said]
        return [str(one.get("Name", one)) if isinstance(one, Mapping) else str(one) for one in listed]


def is_template(path: Path) -> bool:
    """Whether a file calls itself a template by a section that every one has."""
    if path.suffix.lower() not in ENDINGS or not path.is_file():
        return False
    text = _text(path)
    return _MARK.search(text) is not None and not ('"planned_values"' in text and _is_plan(text))


def _text(path: Path) -> str:
    """What a file says, without the mark that tells its encoding."""
    written = path.read_bytes()
    wide = written.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return written.decode("utf-16" if wide else "utf-8-sig", errors="replace")


def _is_plan(text: str) -> bool:
    """Whether it is a plan of Terraform, which may have a template in it."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and "planned_values" in document


def load(path: Path, *, empty: bool = False) -> Template:
    """Parse a template. Raises GateError naming file and reason. With `empty` it may have no resources, as CDK writes it."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise GateError(f"cannot read {path}: {error.strerror}") from error
    if size == 0:
        raise GateError(f"{path} is empty")
    if size > MOST_BYTES:
        raise GateError(f"{path} has {size:,} bytes; CloudFormation takes no template above {MOST_BYTES:,}")
    parsed, lines = checkov.template_of(path)
    budget = iter(range(MOST_VALUES))
    try:
        sections = _plain(parsed, budget)
    except (StopIteration, RecursionError) as error:
        raise GateError(f"{path} is nested or repeated beyond what a template can be") from error
    if not isinstance(sections, dict):
        raise GateError(f"{path} is no CloudFormation template")
    resources = sections.get("Resources")
    if resources is None and empty:
        return Template(path, sections)
    if not isinstance(resources, dict) or not (resources or empty):
        raise GateError(f"{path} is no CloudFormation template: it has no Resources")
    _check(path, resources)
    template = Template(path, sections, dict(_written(parsed["Resources"], lines, resources)))
    if all(name.startswith(OWN_TRANSFORMS) for name in template.transforms):
        _check_functions(template)
    return template


def _check_functions(template: Template) -> None:
    for name, block in template.section("Resources").items():
        strange = next(_strange(block), None)
        if strange is not None:
            line = template.written[name].line
            raise GateError(
                f"{template.path}:{line}: resource {name} uses {strange}, which is no function of CloudFormation that is known here"
            )
    for section in ("Conditions", "Outputs"):
        strange = next(_strange(template.section(section)), None)
        if strange is not None:
            raise GateError(
                f"{template.path}: {section} use {strange}, which is no function of CloudFormation that is known here"
            )


def _strange(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            if key.startswith("Fn::") and key.split("::")[1] not in FUNCTIONS and not key.startswith("Fn::ForEach::"):
                yield key
            yield from _strange(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strange(one)


def _check(path: Path, resources: Mapping[str, Any]) -> None:
    for name, block in resources.items():
        if name.startswith("Fn::"):
            continue
        if not isinstance(block, Mapping) or not isinstance(block.get("Type"), str):
            raise GateError(f"{path}: resource {name} has no Type")
        if not isinstance(block.get("Properties", {}), Mapping):
            raise GateError(f"{path}: the Properties of {name} are no mapping")
        if "Condition" in block and not isinstance(block["Condition"], str):
            raise GateError(f"{path}: the Condition of {name} is no name")


def _plain(value: Any, budget: Iterator[int]) -> Any:
    next(budget)
    if isinstance(value, dict):
        return {str(key): _plain(one, budget) for key, one in value.items() if key not in MARK_KEYS}
    if isinstance(value, list | tuple):
        return [_plain(one, budget) for one in value]
    if isinstance(value, date):
        return value.isoformat()  # `Version: 2012-10-17` without quotes
    return str(value) if isinstance(value, str) else value


def _written(
    parsed: Mapping[Any, Any], lines: list[str], resources: Mapping[str, Any]
) -> Iterator[tuple[str, Written]]:
    """Each resource from the line of its name to that of the next one, or to where its values end."""
    starts = {str(key): _line(key, one) for key, one in parsed.items() if str(key) in resources}
    for key, block in parsed.items():
        name = str(key)
        if name not in starts:
            continue
        first = starts[name]
        following = [line for line in starts.values() if line > first]
        last = min([*following, getattr(getattr(block, "end_mark", None), "line", first) + 1])
        text = _without_following_comments(lines[first - 1 : max(last, first)])
        metadata = block.get("Metadata") if isinstance(block, Mapping) else None
        yield name, Written(first, (*checkov.skips_in("\n".join(text)), *_waived(metadata)))


def _line(key: Any, block: Any) -> int:
    mark = getattr(key, "start_mark", None) if type(key) is not str else None
    mark = mark or getattr(block, "start_mark", None)
    return int(getattr(mark, "line", 0)) + 1


def _without_following_comments(text: list[str]) -> list[str]:
    """Comments that stand as far left as the name of the resource belong to what follows."""
    if not text:
        return text
    margin = len(text[0]) - len(text[0].lstrip())
    while len(text) > 1 and (not text[-1].strip() or len(text[-1]) - len(text[-1].lstrip()) <= margin):
        text = text[:-1]
    return text


def _waived(metadata: Any) -> Iterator[Skip]:
    """`Metadata: checkov: skip:` with id and comment. https://www.checkov.io/2.Basics/Suppressing%20and%20Skipping%20Policies.html"""
    said = metadata.get("checkov") if isinstance(metadata, Mapping) else None
    listed = said.get("skip") if isinstance(said, Mapping) else None
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, Mapping) and one.get("id") and str(one.get("comment") or "").strip():
            yield Skip(str(one["id"]), str(one["comment"]).strip())
