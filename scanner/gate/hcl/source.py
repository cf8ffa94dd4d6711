"""What the names of each module of a plan stand for: variables, locals, resources, outputs, followed through the files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from scanner.gate.hcl import agree, evaluate, functions, nested, syntax
from scanner.gate.hcl.evaluate import Budget, Scope
from scanner.gate.hcl.functions import Named, Opaque
from scanner.gate.hcl.lost import Lost
from scanner.gate.hcl.mentions import mentioned, names_in
from scanner.gate.hcl.types import converted
from scanner.gate.identity import identity, own_names
from scanner.gate.planned import Planned, Step, any_unknown

SAME_ID: Mapping[str, str] = {
    "aws_ec2_transit_gateway_vpc_attachment_accepter": "transit_gateway_attachment_id",
    "aws_vpc_peering_connection_accepter": "vpc_peering_connection_id",
    **dict.fromkeys(
        "aws_s3_bucket_ownership_controls aws_s3_bucket_policy aws_s3_bucket_public_access_block "
        "aws_s3_bucket_server_side_encryption_configuration aws_s3_bucket_versioning".split(),
        "bucket",
    ),
}
"""Resources that only say something of another one and go by its id, which this attribute names."""
MADE_ALONG: Mapping[str, tuple[tuple[str | int, ...], ...]] = {
    "aws_eks_cluster": (("vpc_config", 0, "cluster_security_group_id"),),
    "aws_vpc": (("default_security_group_id",), ("main_route_table_id",), ("default_network_acl_id",)),
}
"""Attributes that name what AWS makes with a resource: the shapes call it by the last of them."""
MOST_STEPS = 60
Instances = Mapping[tuple[tuple[Step, ...], str], Sequence[Planned]]
"""Resources by the instance of a module, and what it calls them."""


class Source:
    """The files of a root module and of the local modules below it; `variables` are the values of the root module's variables.

    `believe` raises Lost where the files say something else of an attribute than the plan; `configuration` is what that says
    of a module.
    Every question is answered with a value, or with `Lost`.
    """

    def __init__(
        self,
        root: Path,
        instances: Instances,
        variables: Mapping[str, Any],
        document: Callable[[Planned], str | None],
        believe: Callable[[Source, Planned, Sequence[str | int]], None],
        configuration: Callable[[tuple[Step, ...]], agree.Configuration | None] | None = None,
    ):
        self._root = root
        self._believe = believe
        self._configuration = configuration
        self._variables = variables
        self._document = document
        self._instances = instances
        self._bodies: dict[tuple[Step, ...], syntax.Body | Lost] = {}
        self._depth = 0
        self.budget = Budget()

    def value(self, resource: Planned, path: Sequence[str | int]) -> Any:
        """The value of an attribute of a resource, or of one in its nested blocks (`statement`, 0, `actions`)."""
        if self._depth > MOST_STEPS:
            raise Lost("a circle")
        if self._depth == 0:
            self.budget = Budget()
        self._depth += 1
        try:
            self._believe(self, resource, path)
            names = Module(self, resource.module, resource)
            return self._within(names.block(resource), tuple(path), names.scope(), resource.after, resource.unknown)
        finally:
            self._depth -= 1

    def written(self, resource: Planned, name: str) -> set[str]:
        """What an attribute, or all nested blocks of a name, refer to: `aws_vpc.main`, `var.name`, `data.aws_region.here`."""
        body = Module(self, resource.module, resource).block(resource)
        found = set(mentioned(body.attributes[name])) if name in body.attributes else set()
        for _, inner in body.named(name):
            found |= names_in(inner)
        for labels, inner in body.named("dynamic"):
            if labels == (name,):
                found |= names_in(inner)
        return found

    def _within(self, body: syntax.Body, path: tuple[str | int, ...], scope: Scope, planned: Any, mark: Any) -> Any:
        name = str(path[0])
        if name in body.attributes:
            return functions.inside(evaluate.value(body.attributes[name], scope), path[1:])
        place = path[1] if len(path) > 2 else None
        if not isinstance(place, int):
            raise Lost(name)
        said = planned.get(name) if isinstance(planned, Mapping) else None
        mark = mark.get(name) if isinstance(mark, Mapping) else mark
        inner, scope = nested.chosen(body, name, place, scope, said, mark)
        said = said[place] if isinstance(said, list) and place < len(said) else said
        mark = mark[place] if isinstance(mark, list) and place < len(mark) else mark
        return self._within(inner, path[2:], scope, said, mark)

    # ------------------------------------------------------------------ for Module

    def body(self, module: tuple[Step, ...]) -> syntax.Body:
        """What the files of a module say, read once."""
        if module not in self._bodies:
            try:
                read = syntax.folder(self.folder(module))
                if self._configuration is not None:
                    agree.check(read, self.configuration(module))
                self._bodies[module] = read
            except Lost as lost:
                self._bodies[module] = lost
        found = self._bodies[module]
        if isinstance(found, Lost):
            raise Lost(*found.args)
        return found

    def configuration(self, module: tuple[Step, ...]) -> agree.Configuration:
        """What the plan says of a module, nothing where it is not asked."""
        return (self._configuration(module) if self._configuration else None) or {}

    def agree(self, module: tuple[Step, ...], tree: Any, *place: str) -> None:
        """Raise Lost unless an expression of a module refers to what the plan says, at a place in its configuration."""
        if self._configuration is None:
            return
        said: Any = self.configuration(module)
        for name in place:
            said = said.get(name) if isinstance(said, Mapping) else None
        agree.names(tree, said)

    def folder(self, module: tuple[Step, ...]) -> Path:
        if not module:
            return self._root
        source = self.call(module).attributes.get("source")
        where = evaluate.value(source, Scope(evaluate.NOTHING)) if source is not None else None
        if not isinstance(where, str) or not where.startswith(("./", "../")):
            raise Lost("a module from elsewhere")
        return self.folder(module[:-1]) / where

    def call(self, module: tuple[Step, ...]) -> syntax.Body:
        found = [body for labels, body in self.body(module[:-1]).named("module") if labels == (module[-1][0],)]
        if len(found) != 1:
            raise Lost("a module")
        return found[0]

    def variable(self, name: str) -> Any:
        if name not in self._variables:
            raise Lost(f"var.{name}")
        return self._variables[name]

    def instances(self, module: tuple[Step, ...], name: str) -> Any:
        """A resource; a list or a mapping of them, where it is repeated."""
        found = [
            one
            for one in self._instances.get((module, name), ())
            if one.after is not None and "(deposed" not in one.address
        ]
        if not found:
            raise Lost(name)
        if found[0].index is None:
            return Reference(self, found[0])
        if isinstance(found[0].index, int):
            listed = sorted(found, key=lambda one: int(one.index or 0))
            if [one.index for one in listed] != list(range(len(listed))):
                raise Lost(name)  # some are not in this plan
            return [Reference(self, one) for one in listed]
        return {str(one.index): Reference(self, one) for one in found}

    def attribute(self, resource: Planned, path: tuple[str | int, ...]) -> Any:
        """An attribute as it will be: the value of the plan, else what its expression comes to, else a name of ours."""
        name = str(path[0])
        data, mark = resource.after or {}, resource.unknown
        mark = mark.get(name) if isinstance(mark, Mapping) else mark
        if not any_unknown(mark):
            if name not in data:
                return _place(resource, name)
            return functions.inside(data[name], path[1:])
        if resource.type == "aws_iam_policy_document" and name == "json":
            made = self._document(resource)
            if made is None:
                raise Lost(name)
            return made
        if resource.is_data:
            return _place(resource, name)
        if len(path) == 1 and name in own_names(resource.type):
            return Named(identity(resource, name))  # as its id and ARN have it, however it is written
        try:
            return self.value(
                resource, (SAME_ID[resource.type],) if path == ("id",) and resource.type in SAME_ID else path
            )
        except Lost:
            if path in MADE_ALONG.get(resource.type, ()):
                return Named(identity(resource, str(path[-1])))
            if len(path) > 1 or name not in ("id", "arn", "name", "bucket") or not resource.type.startswith("aws_"):
                return Opaque(".".join([resource.label, *map(str, path)]))
            known = (data if mark is not True else {}).get(name)
            return known or Named(identity(resource, name))


def _place(resource: Planned, name: str) -> str:
    """Where the provider of a data source leads, which only a plan has in it as a value."""
    region = dict.fromkeys(("aws_region.name", "aws_region.region", "aws_region.id"), resource.region)
    said = {
        "aws_caller_identity.account_id": resource.account_id,
        "aws_partition.partition": resource.partition,
        **region,
    }
    if resource.type == "aws_region" and any((resource.after or {}).get(one) for one in ("name", "region", "endpoint")):
        raise Lost(name)  # of another one
    found = said.get(f"{resource.type}.{name}") if resource.is_data else None
    if found is None:
        raise Lost(name)
    return found


class Reference:
    """A resource in an expression."""

    def __init__(self, source: Source, resource: Planned):
        self._source = source
        self.resource = resource

    def attribute(self, path: tuple[str | int, ...]) -> Any:
        return self._source.attribute(self.resource, path)


class Module:
    """The names of one instance of a module, seen from one of its resources (or module calls, which have a key too)."""

    def __init__(
        self, source: Source, module: tuple[Step, ...], resource: Planned | None = None, step: Step | None = None
    ):
        self._source = source
        self._module = module
        self._resource = resource
        self._step = step

    def block(self, resource: Planned) -> syntax.Body:
        kind = "data" if resource.is_data else "resource"
        listed = self._source.body(self._module).named(kind)
        found = [body for labels, body in listed if labels == (resource.type, resource.name)]
        if len(found) != 1:
            raise Lost(resource.address)
        return found[0]

    def look_up(self, path: evaluate.Way) -> Any:
        head = str(path[0])
        if len(path) < 2 or head in ("self", "terraform", "ephemeral"):
            raise Lost(head)
        if head == "var":
            return functions.inside(self._variable(str(path[1])), path[2:])
        if head == "local":
            return functions.inside(self._local(str(path[1])), path[2:])
        if head in ("each", "count"):
            return functions.inside(self._each(f"{head}.{path[1]}"), path[2:])
        if head == "module":
            return self._output(path)
        if path == ("path", "module"):
            return Opaque(self._source.folder(self._module))  # which Terraform calls by another path
        size = 3 if head == "data" else 2
        if len(path) < size:
            raise Lost(head)
        return functions.inside(self._source.instances(self._module, ".".join(map(str, path[:size]))), path[size:])

    def _variable(self, name: str) -> Any:
        if not self._module:
            return self._typed(name, self._source.variable(name))
        call, caller = self._source.call(self._module), self._module[:-1]
        above = Module(self._source, caller, step=self._module[-1])
        if name in call.attributes:
            tree = call.attributes[name]
            self._source.agree(caller, tree, "module_calls", self._module[-1][0], "expressions", name)
            given = evaluate.value(tree, above.scope())
            if given is not None or "nullable" not in self._declared(name):
                return self._typed(name, given)
        default = self._declared(name).get("default")
        if default is None:
            raise Lost(f"var.{name}")
        return self._typed(name, evaluate.value(default, Scope(evaluate.NOTHING)))

    def _declared(self, name: str) -> Mapping[str, Any]:
        found = [body for labels, body in self._source.body(self._module).named("variable") if labels == (name,)]
        if len(found) != 1:
            raise Lost(f"var.{name}")
        return found[0].attributes

    def _typed(self, name: str, given: Any) -> Any:
        kind = self._declared(name).get("type")
        return given if kind is None else converted(given, kind)

    def scope(self) -> Scope:
        return Scope(self, budget=self._source.budget)

    def _local(self, name: str) -> Any:
        found = [
            body.attributes[name]
            for _, body in self._source.body(self._module).named("locals")
            if name in body.attributes
        ]
        if len(found) != 1:
            raise Lost(f"local.{name}")
        return evaluate.value(found[0], Module(self._source, self._module).scope())

    def _each(self, name: str) -> Any:
        key = self._resource.index if self._resource else self._step[1] if self._step else None
        if key is None:
            raise Lost(name)
        if name in ("each.key", "count.index"):
            return key
        body = (
            self.block(self._resource)
            if self._resource
            else self._source.call((*self._module, self._step or ("", None)))
        )
        if name != "each.value" or "for_each" not in body.attributes:
            raise Lost(name)
        listed = evaluate.value(body.attributes["for_each"], Module(self._source, self._module).scope())
        return key if isinstance(listed, list) else functions.inside(listed, (key,))

    def _output(self, path: evaluate.Way) -> Any:
        name = str(path[1])
        call = self._source.call((*self._module, (name, None)))
        repeated = "for_each" in call.attributes or "count" in call.attributes
        if len(path) < (4 if repeated else 3):
            raise Lost(f"module.{name}")
        inner = (*self._module, (name, path[2] if repeated else None))
        asked = path[3:] if repeated else path[2:]
        for labels, body in self._source.body(inner).named("output"):
            if labels == (str(asked[0]),):
                self._source.agree(inner, body.attributes["value"], "outputs", labels[0], "expression")
                found = evaluate.value(body.attributes["value"], Module(self._source, inner).scope())
                return functions.inside(found, asked[1:])
        raise Lost(f"module.{name}")
