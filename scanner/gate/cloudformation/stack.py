"""A template as a stack: what its names mean, and the resources that it makes.

Which resources there are is known at once, what they say only when account and Region are: `settle` works it out then. Parameters
have their defaults. There is no state: everything is judged as if it were made now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from scanner.errors import GateError
from scanner.gate.cloudformation import gaps, kinds
from scanner.gate.cloudformation.gaps import STACK
from scanner.gate.cloudformation.intrinsics import as_text, document, evaluate, holds
from scanner.gate.cloudformation.kinds import Block, dig
from scanner.gate.cloudformation.leaves import NO_VALUE, Reference, Unknown
from scanner.gate.cloudformation.template import Template, load
from scanner.gate.cloudformation.tree import Trees, finish
from scanner.gate.identity import identity
from scanner.gate.planned import Location, Planned, shown

OPAQUE = ("AWS::EC2::EIP", "AWS::CloudFormation::CustomResource", "Custom::")
"""Types whose `Ref` is an address, or whatever a function says."""
BEHIND = {"AWS::SecretsManager::SecretTargetAttachment": "SecretId"}
"""Types whose `Ref` gives what one of their properties does."""


class Stack:
    """One template, its own resources and those of the stacks nested in it. `name` begins the addresses of its resources.

    `said` are values of its parameters, `paths` better names of resources, `tags` those of the whole stack, `stack_name` what it is called
    in AWS where that is known.
    """

    def __init__(
        self,
        template: Template,
        name: str,
        provider: str,
        *,
        said: Mapping[str, Any] | None = None,
        paths: Mapping[str, str] | None = None,
        tags: Mapping[str, Any] | None = None,
        stack_name: str | None = None,
        within: Stack | None = None,
    ):
        self.template = template
        self.name = name
        self.provider = provider
        self.stack_name = stack_name
        self.trees: Trees = within.trees if within else Trees()
        self.lost: list[str] = within.lost if within else []
        self.others: Sequence[Stack] = ()
        self.nested: dict[str, Stack] = {}
        self.anchor: Planned = within.anchor if within else self._anchor()
        self._within = within
        self._said = dict(said or {})
        self._tags = tags or {}
        self._settled: dict[str, list[Planned]] = {}
        self._conditions: dict[str, bool | Unknown] = {}
        self._under_way: set[str] = set()
        self.made = dict(self._made(paths or {}))
        self._nest()

    def _anchor(self) -> Planned:
        """The stack itself: where it lands, its resources do."""
        where = Location(shown(self.template.path), 1)
        return Planned(self.name, STACK, self.name, "read", None, {}, None, where, is_data=True, provider=self.provider)

    def _made(self, paths: Mapping[str, str]) -> Iterator[tuple[str, Planned]]:
        file, taken = shown(self.template.path), set()
        for name, block in self.template.section("Resources").items():
            if name.startswith("Fn::"):
                continue
            kind = kinds.registry().get(block["Type"])
            written = self.template.written[name]
            path = str(dig(block, "Metadata", "aws:cdk:path") or paths.get(name) or "")
            address = path.replace("/", ".") if path and path not in taken else f"{self.name}.{name}"
            taken.add(path)
            yield (
                name,
                Planned(
                    address, kind.type if kind else block["Type"], name, "create", None, None, None,
                    Location(file, written.line), provider=self.provider, skips=written.skips, label=address,
                ),
            )  # fmt: skip

    def _nest(self) -> None:
        """Read the templates of nested stacks that lie beside this one."""
        for name in self.made:
            block = self.template.section("Resources")[name]
            path = nested_path(self.template, block)
            if path is None:
                continue
            above: Stack | None = self
            while above is not None:
                if above.template.path.resolve() == path.resolve():
                    raise GateError(f"{path} is nested in itself")
                above = above._within
            said = dig(block, "Properties", "Parameters")
            self.nested[name] = Stack(
                load(path, empty=True),
                self.made[name].address,
                self.provider,
                said=said if isinstance(said, Mapping) else {},
                within=self,
            )

    def say(self, values: Mapping[str, Any]) -> None:
        """Give parameters values, before what it makes is worked out."""
        self._said |= values

    # ------------------------------------------------------------------ what it makes

    def everything(self) -> Iterator[Planned]:
        """Resources as they are named in templates, before what they say is known."""
        yield from self.made.values()
        for inner in self.nested.values():
            yield from inner.everything()

    def settle(self, others: Sequence[Stack], doubt: Unknown | None = None) -> list[Planned]:
        """Return the resources that will be there, with what they say. With `doubt` it is not known whether they will."""
        self.others = others
        self.lost += gaps.of_template(self.template, shown(self.template.path))
        found: list[Planned] = []
        for name in self.made:
            found += self._one(name, doubt)
        return found

    def _one(self, name: str, doubt: Unknown | None) -> list[Planned]:
        main, block = self.made[name], self.template.section("Resources")[name]
        there = self._there(name)
        if there is False:
            return []
        unsure = there if isinstance(there, Unknown) else doubt
        if unsure is not None:
            main.unplaced = main.unplaced or f"its condition {unsure.why}"
        inner = self.nested.get(name)
        if inner is not None:
            return inner.settle(self.others, unsure)
        self.lost += gaps.of_block(main.address, block)
        return [main] if unsure is not None else self._parts(name)

    def _there(self, name: str) -> bool | Unknown:
        condition = self.template.section("Resources")[name].get("Condition")
        return True if condition is None else self.condition(condition)

    def _parts(self, name: str) -> list[Planned]:
        """What a block makes, the first of it being what its name means."""
        if name in self._settled or name in self._under_way:
            return self._settled.get(name, [])
        main, block = self.made[name], self.template.section("Resources")[name]
        kind = kinds.registry().get(block["Type"])
        self._under_way.add(name)
        parts = list(kind.make(self._block(name, block))) if kind else [(main.type, {})]
        self._under_way.discard(name)
        found = [main, *(replace(main, is_part=True) for _ in parts[1:])]
        for planned, (what, tree) in zip(found, parts, strict=True):
            planned.type = what
            own = tree.get("tags") or {}
            if planned is main and kind and self._tags and not isinstance(own, Unknown):
                tree = {**tree, "tags": {**self._tags, **own}}
            self.trees.add(planned, finish(tree))
        self._settled[name] = found
        return found

    def _block(self, name: str, block: Mapping[str, Any]) -> Block:
        properties = evaluate(block.get("Properties") or {}, self)
        if not isinstance(properties, dict):
            why = properties.why if isinstance(properties, Unknown) else "is left out"
            self.lost.append(f"{self.made[name].address}: what it says {why}")
            properties = {}
        main = self.made[name]
        where = (self.anchor.account_id or main.account_id, main.region or self.anchor.region)
        return Block(
            block["Type"],
            properties,
            lambda attribute: Reference(main, attribute),
            lambda one: document(one, self),
            *where,
        )

    # ------------------------------------------------------------------ what names mean

    def ref(self, name: str) -> Any:
        if name.startswith("AWS::"):
            return self._pseudo(name)
        if name in self.template.section("Parameters"):
            return self._parameter(name)
        block = self.template.section("Resources").get(name)
        if block is None:
            return Unknown(f"refers to {name}, which is not in the template")
        kind = kinds.registry().get(block["Type"])
        if block["Type"] in BEHIND:
            return self._behind(name, dig(block, "Properties", BEHIND[block["Type"]]))
        if (kind and kind.ref is None) or block["Type"].startswith(OPAQUE):
            return Unknown(f"is what AWS makes of {name}")
        return self._reference(name, kind.ref if kind and kind.ref else "id")

    def _behind(self, name: str, node: Any) -> Any:
        if name in self._under_way:
            return Unknown(f"goes in a circle through {name}")
        self._under_way.add(name)
        found = evaluate(node, self)
        self._under_way.discard(name)
        return found

    def attribute(self, name: str, attribute: str) -> Any:
        block = self.template.section("Resources").get(name)
        if block is None:
            return Unknown(f"refers to {name}, which is not in the template")
        if name in self.nested and attribute.startswith("Outputs."):
            return self.nested[name].output(attribute.removeprefix("Outputs."))
        kind = kinds.registry().get(block["Type"])
        if kind is not None and attribute in kind.attributes:
            return self._reference(name, kind.attributes[attribute])
        properties = block.get("Properties") or {}
        if kind is not None and attribute in properties:
            return evaluate(properties[attribute], self)
        if kind is None and attribute.endswith("Arn") and not block["Type"].startswith(OPAQUE):
            return self._reference(name, "arn")
        return Unknown(f"is {attribute} of {name}, which only AWS knows")

    def _reference(self, name: str, attribute: str) -> Any:
        if self._there(name) is False:
            return Unknown(f"names {name}, which its condition leaves out")
        self._parts(name)
        return Reference(self.made[name], attribute)

    def text(self, reference: Reference) -> str | Unknown:
        if reference.resource.after is None:
            return Unknown(f"goes in a circle through {reference.resource.address}")
        return identity(reference.resource, reference.attribute)

    def _pseudo(self, name: str) -> Any:
        where = self.anchor
        suffix = "amazonaws.com.cn" if where.partition == "aws-cn" else "amazonaws.com"
        found: Mapping[str, Any] = {
            "AWS::NoValue": NO_VALUE,
            "AWS::AccountId": where.account_id,
            "AWS::Region": where.region,
            "AWS::Partition": where.partition,
            "AWS::URLSuffix": suffix,
            "AWS::StackName": self.stack_name,
        }
        value = found.get(name)
        return value if value is not None else Unknown(f"hangs on {name}, which is not known")

    def _parameter(self, name: str) -> Any:
        declared = self.template.section("Parameters")[name]
        kind = str(declared.get("Type", "String")) if isinstance(declared, Mapping) else "String"
        value: Any = NO_VALUE
        if name in self._said:
            value = evaluate(self._said[name], self._within or self)
        if value is NO_VALUE and isinstance(declared, Mapping) and "Default" in declared:
            value = evaluate(declared["Default"], self)
        if value is NO_VALUE:
            hint = "" if self._within else " (--parameter says a value)"
            return Unknown(f"hangs on parameter {name}, which has no default{hint}")
        if "AWS::SSM::Parameter::Value" in kind:
            return Unknown(f"hangs on parameter {name}, which is read from Parameter Store")
        if ("List" in kind) and isinstance(value, str | int | float):
            return [part.strip() for part in str(value).split(",")] if str(value) else []
        return value

    def mapping(self, name: str, first: str, second: str) -> Any:
        found: Any = self.template.section("Mappings").get(name)
        for key in (first, second):
            found = found.get(key) if isinstance(found, Mapping) else None
        return Unknown(f"is not in mapping {name}") if found is None else evaluate(found, self)

    def condition(self, name: str) -> bool | Unknown:
        if name not in self._conditions:
            said = self.template.section("Conditions").get(name)
            if said is None:
                return Unknown(f"{name} is not in the template")
            self._conditions[name] = Unknown(f"{name} goes in a circle")
            found = holds(said, self)
            self._conditions[name] = Unknown(f"{name} {found.why}") if isinstance(found, Unknown) else found
        return self._conditions[name]

    # ------------------------------------------------------------------ what others see of it

    def output(self, name: str) -> Any:
        block = self.template.section("Outputs").get(name)
        if not isinstance(block, Mapping) or "Value" not in block:
            return Unknown(f"is output {name}, which is not in the template")
        condition = block.get("Condition")
        if condition is not None and self.condition(str(condition)) is not True:
            return Unknown(f"is output {name}, which hangs on condition {condition}")
        return evaluate(block["Value"], self)

    def imported(self, name: str) -> Any:
        here = (self.anchor.account_id, self.anchor.region)
        found = [
            (stack, output)
            for stack in self.others
            if None not in here and (stack.anchor.account_id, stack.anchor.region) == here
            for output in stack.exports(name)
        ]
        if len(found) != 1:
            return Unknown(f"is the export {name} of a stack that is not given")
        stack, output = found[0]
        return stack.output(output)

    def exports(self, name: str) -> Iterator[str]:
        """The outputs that are exported under a name."""
        for output, block in self.template.section("Outputs").items():
            export = block.get("Export") if isinstance(block, Mapping) else None
            if isinstance(export, Mapping) and as_text(evaluate(export.get("Name"), self), self) == name:
                yield output

    def family(self) -> Iterator[Stack]:
        """It and the stacks nested in it."""
        yield self
        for inner in self.nested.values():
            yield from inner.family()


def nested_path(template: Template, block: Mapping[str, Any]) -> Path | None:
    """The file of a nested stack: where CDK left it, or a path that `aws cloudformation package` would upload."""
    if block["Type"] != STACK:
        return None
    said = dig(block, "Metadata", "aws:asset:path") or dig(block, "Properties", "TemplateURL")
    if not isinstance(said, str) or "://" in said:
        return None
    path = template.path.parent / said
    return path if path.is_file() else None
