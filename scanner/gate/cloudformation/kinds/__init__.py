"""What the resource types of CloudFormation become: the types and attributes that the shapes read, one module a service.

A type is declared with its name there, what `Ref` and `Fn::GetAtt` give, and what its properties become. One block may make several
resources: a bucket, and what protects it. Names of properties follow those of the provider for Terraform unless it says otherwise.
Being in the folder is enough. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from scanner.gate.cloudformation.leaves import Reference, Unknown
from scanner.gate.cloudformation.tree import snake

Tree = dict[str, Any]
Part = tuple[str, Tree]


@dataclass(frozen=True)
class Block:
    """A resource of a template, its functions worked out. `me` names it by an attribute, `document` writes a policy as text."""

    type: str
    properties: Mapping[str, Any]
    me: Callable[[str], Reference]
    document: Callable[[Any], Any]
    account_id: str | None
    region: str | None

    def get(self, *names: str) -> Any:
        """A value by the names that lead to it; Unknown where one of them is, None where nothing is there."""
        return dig(self.properties, *names)


Maker = Callable[[Block], Iterator[Part]]


@dataclass(frozen=True)
class Kind:
    """A resource type. `type` is what it is taken for at first, `ref` the attribute that `Ref` gives, None where it is not known;
    `attributes` are those of `Fn::GetAtt`."""

    type: str
    make: Maker
    ref: str | None = "id"
    attributes: Mapping[str, str] = field(default_factory=dict)


_KINDS: dict[str, Kind] = {}


def declare(
    name: str, kind: str, *, ref: str | None = "id", attributes: Mapping[str, str] | None = None
) -> Callable[[Maker], Maker]:
    """Declare what makes the resources of a type."""

    def with_maker(make: Maker) -> Maker:
        if name in _KINDS:
            raise ValueError(f"{name} is declared twice")
        _KINDS[name] = Kind(kind, make, ref, {"Arn": "arn", "Id": "id", **(attributes or {})})
        return make

    return with_maker


def plain(
    name: str,
    kind: str,
    renames: Mapping[str, str] | None = None,
    *,
    ref: str | None = "id",
    attributes: Mapping[str, str] | None = None,
    documents: tuple[str, ...] = (),
) -> None:
    """Declare a type whose properties are attributes; `documents` are policies among them."""

    def make(block: Block) -> Iterator[Part]:
        yield kind, attributes_of(block, renames or {}, documents)

    declare(name, kind, ref=ref, attributes=attributes)(make)


def attributes_of(block: Block, renames: Mapping[str, str] | None = None, documents: tuple[str, ...] = ()) -> Tree:
    """Properties under the names that the shapes read, tags as one mapping."""
    made: Tree = {}
    for name, value in block.properties.items():
        if name in ("Tags", "FileSystemTags", "BackupVaultTags"):
            made["tags"] = tags(value)
        elif name in documents:
            made[(renames or {}).get(name, snake(name))] = block.document(value)
        else:
            made[(renames or {}).get(name, snake(name))] = snaked(value)
    return made


def snaked(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {snake(str(key)): snaked(one) for key, one in value.items()}
    return [snaked(one) for one in value] if isinstance(value, list) else value


def tags(value: Any) -> Any:
    """`[{Key, Value}]`, or a mapping, as a mapping of texts."""
    if isinstance(value, Mapping):
        return {str(key): _tag(one) for key, one in value.items()}
    made: Tree = {}
    for one in listed(value):
        if isinstance(one, Unknown):
            return one
        if not isinstance(one, Mapping) or not isinstance(one.get("Key"), str):
            return Unknown("has a tag whose key is not known")
        made[one["Key"]] = _tag(one.get("Value", ""))
    return made


def _tag(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping | list):
        return Unknown("is no text")
    return str(value) if isinstance(value, int | float) else value


def dig(value: Any, *names: str) -> Any:
    """What lies under names; Unknown where one of them is, None where nothing is there."""
    for name in names:
        if isinstance(value, Unknown):
            return value
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def listed(value: Any) -> list[Any]:
    """The members of a list, one that is no list alone, none where there is nothing. An unknown list is one unknown member."""
    return [] if value is None else value if isinstance(value, list) else [value]


def each(value: Any, make: Callable[[Any], Any]) -> Any:
    """A list of blocks made from a list; Unknown where it, or a member of it, is not known."""
    members = listed(value)
    return next((one for one in members if isinstance(one, Unknown)), None) or [make(one) for one in members]


def picked(value: Any, *names: str) -> Tree:
    """Some of the properties of a block, under the names that the shapes read; those that are there."""
    return without_none({snake(name): dig(value, name) for name in names})


def without_none(tree: Tree) -> Tree:
    return {key: one for key, one in tree.items() if one is not None}


@cache
def registry() -> dict[str, Kind]:
    """Return what every known type becomes."""
    for info in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{info.name}")
    return dict(sorted(_KINDS.items()))
