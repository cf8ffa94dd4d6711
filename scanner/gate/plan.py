"""A Terraform plan as `terraform show -json` prints it, read into planned resources.

https://developer.hashicorp.com/terraform/internals/json-format. Values are exact there, those known after apply only are left out
and marked. OpenTofu prints the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from scanner.errors import GateError
from scanner.gate.planned import Deed, Location, Planned, Step
from scanner.gate.references import References, parts

MAJOR = "1"
DEEDS: Mapping[tuple[str, ...], Deed] = {
    ("no-op",): "keep",
    ("create",): "create",
    ("read",): "read",
    ("update",): "update",
    ("delete",): "delete",
    ("forget",): "forget",
    ("delete", "create"): "replace",
    ("create", "delete"): "replace",
    ("create", "forget"): "create",
    ("forget", "create"): "create",
}
HOW = "make it with `terraform show -json PLAN > plan.json`"


class Unsettled(Protocol):
    """What an input says once it is known where it lands."""

    def settle(self, plan: Plan, plans: Sequence[Plan]) -> Plan:
        """Return the plan with what its resources say; the other plans may be named in it."""


@dataclass(frozen=True)
class Plan:
    """What one input says: its resources, and what is needed to make out where they land.

    `providers` are provider configurations by key, `references` follows expressions, `known` are resources that exist and are not
    changed (data sources among them), by address with their values; `drifted` counts what changed outside of Terraform.
    """

    path: Path
    resources: tuple[Planned, ...]
    references: References | None
    providers: Mapping[str, Mapping[str, Any]]
    known: Mapping[str, Mapping[str, Any]]
    data: tuple[Planned, ...] = ()
    drifted: int = 0
    notes: tuple[str, ...] = ()
    lost: tuple[str, ...] = field(default=())
    """What the input says is missing from it, a sentence each: it was not read."""
    unsettled: Unsettled | None = None
    """A template, whose values hang on its account and Region. It says itself where its resources are written."""


def read(path: Path) -> Plan:
    """Read a plan. Raises GateError naming the file."""
    document = _document(path)
    changes = document["resource_changes"]
    providers = (document.get("configuration") or {}).get("provider_config") or {}
    root = (document.get("configuration") or {}).get("root_module") or {}
    variables = {name: one.get("value") for name, one in (document.get("variables") or {}).items()}
    keys = dict(_provider_keys(root, ()))
    try:
        found = [_planned(change, keys, path) for change in changes]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise GateError(f"{path}: a resource change is not whole ({type(error).__name__}: {error}); {HOW}") from error
    state = dict(_state(((document.get("prior_state") or {}).get("values") or {}).get("root_module") or {}))
    data = [*_data_in_state(state, keys, {one.address for one in found}, path)]
    references = References(root, [*found, *data], variables)
    return Plan(
        path,
        tuple(one for one in found if not one.is_data),
        references,
        providers,
        state,
        tuple([one for one in found if one.is_data] + data),
        len(document.get("resource_drift") or ()),
        lost=tuple(_lost(document)),
    )


def _document(path: Path) -> dict[str, Any]:
    try:
        text = path.read_bytes()
    except OSError as error:
        raise GateError(f"cannot read {path}: {error.strerror}") from error
    if text[:2] == b"PK":
        raise GateError(f"{path} is a binary plan; {HOW}")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise GateError(f"{path} is no whole JSON ({error}); {HOW}") from error
    if not isinstance(document, dict):
        raise GateError(f"{path} is no plan; {HOW}")
    _check(path, document)
    return document


def _check(path: Path, document: Mapping[str, Any]) -> None:
    version = document.get("format_version")
    if not isinstance(version, str) or ("values" in document and "planned_values" not in document):
        kind = "a state" if "values" in document else "no plan"
        raise GateError(f"{path} is {kind}; {HOW}")
    if version.partition(".")[0] != MAJOR:
        raise GateError(f"{path} has plan format {version}; the gate reads {MAJOR}.x (Terraform 1.1 and later)")
    if document.get("errored"):
        raise GateError(f"{path}: planning ended with an error, so the plan is not whole")
    for name in ("planned_values", "configuration"):
        if not isinstance(document.get(name), dict):
            raise GateError(f"{path} has no {name}: it is not whole; {HOW}")
    if not isinstance(document.get("resource_changes", []), list):
        raise GateError(f"{path}: resource_changes is no list; {HOW}")
    if "resource_changes" not in document:
        if (document["planned_values"].get("root_module") or {}) != {}:
            raise GateError(f"{path} has planned values but no resource_changes: it is not whole; {HOW}")
        document.update(resource_changes=[])  # type: ignore[attr-defined]


def _lost(document: Mapping[str, Any]) -> Iterator[str]:
    for change in document.get("deferred_changes") or ():
        address = (change.get("resource_change") or {}).get("address", "a resource")
        yield f"{address} is put off to a later plan ({change.get('reason', 'no reason given')})"
    if document.get("complete") is False and not document.get("deferred_changes"):
        yield "the plan says that it is not complete: another one will follow it"


def _planned(change: Mapping[str, Any], keys: Mapping[tuple[str, ...], str], path: Path) -> Planned:
    what = change["change"]
    actions = tuple(what["actions"])
    if actions not in DEEDS:
        raise ValueError(f"unknown actions {', '.join(actions)}")
    address, module = change["address"], _module(change.get("module_address") or "")
    is_data = change.get("mode") == "data"
    local = f"{'data.' if is_data else ''}{change['type']}.{change['name']}"
    deposed = change.get("deposed")
    deed, before = DEEDS[actions], what.get("before")
    if deed == "delete" and (before or {}).get("skip_destroy") is True:
        deed = "forget"  # the provider leaves it as it is
    if "forget" in actions and deed == "create":
        before = None  # what was stays beside what is made
    return Planned(
        address=f"{address} (deposed {deposed})" if deposed else address,
        type=change["type"],
        name=change["name"],
        deed=deed,
        before=before,
        after=what.get("after") if deed != "forget" else before,
        unknown=what.get("after_unknown"),
        location=Location(str(path)),
        module=module,
        index=change.get("index"),
        is_data=is_data,
        provider=keys.get((*(name for name, _ in module), local), ""),
        label=address,
    )


def _module(address: str) -> tuple[Step, ...]:
    """`module.a["k"].module.b` -> (("a", "k"), ("b", None))."""
    steps: list[Step] = []
    found = parts(address)
    place = 0
    while place < len(found):
        name = str(found[place + 1])
        place += 2
        key = found[place] if place < len(found) and found[place] != "module" else None
        place += key is not None
        steps.append((name, key))
    return tuple(steps)


def _provider_keys(module: Mapping[str, Any], above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The provider configuration of every resource, by the names of its modules and its address there."""
    for block in module.get("resources") or ():
        yield (*above, str(block.get("address"))), str(block.get("provider_config_key", ""))
    for name, call in (module.get("module_calls") or {}).items():
        yield from _provider_keys(call.get("module") or {}, (*above, name))


def _state(module: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for resource in module.get("resources") or ():
        yield str(resource.get("address")), resource
    for child in module.get("child_modules") or ():
        yield from _state({**child})


def _data_in_state(
    state: Mapping[str, Mapping[str, Any]], keys: Mapping[tuple[str, ...], str], changed: set[str], path: Path
) -> Iterator[Planned]:
    """Data sources that are read already: references lead to them."""
    for address, resource in state.items():
        if resource.get("mode") != "data" or address in changed:
            continue
        kind, name = str(resource.get("type")), str(resource.get("name"))
        head = address.rpartition(f"data.{kind}.{name}")[0].rstrip(".")
        module = _module(head)
        values = resource.get("values") or {}
        key = keys.get((*(step for step, _ in module), f"data.{kind}.{name}"), "")
        yield Planned(
            address, kind, name, "keep", values, values, None, Location(str(path)), module, resource.get("index"),
            is_data=True, provider=key, label=address,
        )  # fmt: skip
