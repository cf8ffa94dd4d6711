"""CloudFormation templates and what CDK makes of an app, as plans that make everything.

template (Checkov's parser) -> stack: what its names mean -> kinds: properties as the attributes that the shapes read -> planned resources
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scanner.errors import GateError
from scanner.gate.accounts import TEMPLATE
from scanner.gate.cloudformation import parameters
from scanner.gate.cloudformation.stack import Stack, nested_path
from scanner.gate.cloudformation.template import ENDINGS, Template, is_template, load
from scanner.gate.plan import Plan
from scanner.gate.planned import Planned, shown

LEFT_OUT = ("node_modules",)


@dataclass(frozen=True)
class Pending:
    """A stack whose account was not known when it was read."""

    stack: Stack

    def settle(self, plan: Plan, plans: Sequence[Plan]) -> Plan:
        """Work out what its resources say, those that its conditions leave out left out."""
        stacks = [
            stack for one in plans if isinstance(one.unsettled, Pending) for stack in one.unsettled.stack.family()
        ]
        for stack in stacks:
            stack.others = stacks
        try:
            resources = tuple(self.stack.settle(stacks))
        except RecursionError as error:
            raise GateError(f"{plan.path}: its resources name each other in too long a chain") from error
        return replace(plan, resources=resources, lost=(*plan.lost, *self.stack.lost))


def tell(plans: Iterable[Plan], texts: Iterable[str]) -> None:
    """Say values of parameters to the templates that declare them. Raises UsageError."""
    stacks = [plan.unsettled.stack for plan in plans if isinstance(plan.unsettled, Pending)]
    parameters.tell(stacks, parameters.given(texts))


def plan_of(stack: Stack, account: str | None = None, region: str | None = None, lost: Sequence[str] = ()) -> Plan:
    """A stack as a plan; account and Region where something says them."""
    providers = {stack.provider: {"name": TEMPLATE, "account": account, "region": region}}
    resources: tuple[Planned, ...] = tuple(stack.everything())
    return Plan(
        stack.template.path, resources, stack.trees, providers, {}, (stack.anchor,), lost=tuple(lost), unsettled=Pending(stack)
    )  # fmt: skip


def read(path: Path) -> Plan:
    """Read one template. Raises GateError naming it."""
    return plan_of(_stack(load(path)))


def templates_in(folder: Path, but: Iterable[Path] = ()) -> list[Plan]:
    """Read the templates of a folder and of those below it, hidden ones left out, and `but` where something else is read."""
    elsewhere = {one.resolve() for one in but}
    loaded = [load(path) for path in sorted(_files(folder, elsewhere)) if is_template(path)]
    inner = {
        path.resolve()
        for template in loaded
        for name, block in template.section("Resources").items()
        if not name.startswith("Fn::") and (path := nested_path(template, block)) is not None
    }
    found = [_stack(one) for one in loaded if one.path.resolve() not in inner]
    seen = {one.template.path.resolve() for stack in found for one in stack.family()}
    # What is left is nested in a circle, which is an error.
    return [plan_of(one) for one in (*found, *(_stack(one) for one in loaded if one.path.resolve() not in seen))]


def folders_in(folder: Path) -> list[Path]:
    """The folder and those below it, hidden ones and installed packages left out."""
    found = []
    for where, names, _ in os.walk(folder):
        names[:] = sorted(name for name in names if not name.startswith(".") and name not in LEFT_OUT)
        found.append(Path(where))
    return found


def _files(folder: Path, elsewhere: set[Path]) -> Iterable[Path]:
    for where in folders_in(folder):
        if not any(one in elsewhere for one in (where.resolve(), *where.resolve().parents)):
            yield from (path for path in where.iterdir() if path.is_file())


def _stack(template: Template) -> Stack:
    return Stack(template, stem(template.path), shown(template.path))


def stem(path: Path) -> str:
    """`network.template.json` -> network."""
    name = path.name
    while (shorter := next((name.removesuffix(one) for one in ENDINGS if name.lower().endswith(one)), name)) != name:
        name = shorter
    return name or path.name
