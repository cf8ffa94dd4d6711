"""What a resource type makes of its properties: attributes by the names that the shapes read, split into known and not known."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scanner.gate.cloudformation.leaves import Reference, Unknown
from scanner.gate.planned import Planned, Step
from scanner.gate.references import References, Target

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
CIDRS = frozenset(
    "cidr cidr_block cidr_blocks cidr_ipv4 cidr_ipv6 ipv6_cidr_block ipv6_cidr_blocks destination_cidr_block "
    "destination_ipv6_cidr_block".split()
)
NUMBERS = frozenset(
    "automated_snapshot_retention_period backup_retention_period changeable_for_days from_port icmp_code icmp_type "
    "limit_amount max_retention_days min_retention_days port rule_number snapshot_retention_limit to_port".split()
)
TRUTHS = frozenset(
    "acceptance_required allow_external_principals at_rest_encryption_enabled auto_accept blackhole block_public_acls "
    "block_public_policy deletion_protection deletion_protection_enabled enabled encrypted ignore_public_acls internal "
    "is_enabled map_public_ip_on_launch multi_az multi_region object_lock_enabled publicly_accessible restrict_public_buckets "
    "source_dest_check storage_encrypted".split()
)
LISTS = frozenset(
    "cidr_blocks groups ipv6_addresses ipv6_cidr_blocks managed_policy_arns network_load_balancer_arns "
    "gateway_load_balancer_arns not_resources prefix_list_ids private_ips resources route_table_ids security_group_ids "
    "security_groups subnet_ids subnets users values vpc_security_group_ids".split()
)


def snake(name: str) -> str:
    """`VPCSecurityGroups` -> `vpc_security_groups`."""
    return _HUMP.sub("_", name).lower()


def finish(value: Any, name: str = "") -> Any:
    """Numbers and truth values from texts, as parameters give them; what is not of the kind that its name asks for is not known."""
    if isinstance(value, Unknown | Reference) or name == "tags":
        return value
    if name in NUMBERS:
        return _number(value)
    if name in TRUTHS:
        return truth(value)
    if name.endswith(("_id", "_name", "_arn")) and value is not None:
        return Unknown("is no text") if isinstance(value, dict | list) else str(value)
    if name in LISTS and not isinstance(value, list):
        value = [value]
    if isinstance(value, dict):
        return {key: finish(one, key) for key, one in value.items()}
    if isinstance(value, list):
        of = "cidr" if name in CIDRS else "" if name in LISTS else name
        members = [finish(one, of) for one in value]
        return list(dict.fromkeys(members)) if all(isinstance(one, Reference | str) for one in members) else members
    if name in CIDRS and value not in (None, "") and not _is_range(value):
        return Unknown("is no range of addresses")
    return value


def _number(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"-?\d+", value):
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"\d+\.\d+", value):
        return float(value)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else Unknown("is no number")


def truth(value: Any) -> Any:
    """A truth value, from its name too; Unknown where it is neither."""
    if isinstance(value, bool | Unknown):
        return value
    return {"true": True, "false": False}.get(str(value).lower(), Unknown("is no truth value"))


def _is_range(value: Any) -> bool:
    try:
        ipaddress.ip_network(str(value), strict=False)
    except ValueError:
        return False
    return True


def split(value: Any) -> tuple[Any, Any]:
    """Known values, and marks of those that are not: as a plan has them, references among the latter."""
    if isinstance(value, Unknown | Reference):
        return None, True
    if isinstance(value, dict):
        found = {key: split(one) for key, one in value.items()}
        marks = {key: mark for key, (_, mark) in found.items() if mark is not None}
        return {key: one for key, (one, _) in found.items()}, marks or None
    if isinstance(value, list):
        if any(isinstance(one, Unknown) for one in value):
            return None, True  # not even how many there are
        both = [split(one) for one in value]
        listed = [mark for _, mark in both]
        return [one for one, _ in both], listed if any(mark is not None for mark in listed) else None
    return value, None


class Trees(References):
    """Leads from attributes of resources to what they name; in a template every value says that for itself."""

    def __init__(self) -> None:
        super().__init__({}, (), {})
        self._trees: dict[int, Mapping[str, Any]] = {}

    def add(self, resource: Planned, tree: Mapping[str, Any]) -> None:
        """Give a resource its attributes."""
        self._trees[id(resource)] = tree
        resource.after, resource.unknown = split(dict(tree))

    def configured(self, resource: Planned, attribute: str) -> bool:
        """Whether the template sets an attribute at all."""
        return attribute in self._trees.get(id(resource), {})

    def targets(self, resource: Planned, path: Sequence[str | int], values: Any = None) -> list[Target] | None:
        """The resources that the value at `path` names; None where that cannot be told."""
        found = self._at(resource, path)
        listed = list(_leaves(found))
        if not listed or any(isinstance(one, Unknown) for one in listed):
            return None
        return [Target(one.resource, one.attribute) for one in dict.fromkeys(listed) if isinstance(one, Reference)]

    def why(self, resource: Planned, path: Sequence[str | int]) -> str | None:
        """Why the value at `path` is not known."""
        for one in _leaves(self._at(resource, path)):
            if isinstance(one, Unknown):
                return one.why
            return f"is the {one.attribute} of {one.resource.label}, which is known after apply only"
        return None

    def values(self, references: Any, module: tuple[Step, ...]) -> list[Any]:
        """Nothing: there are no provider blocks whose variables could be followed."""
        return []

    def _at(self, resource: Planned, path: Sequence[str | int]) -> Any:
        here: Any = self._trees.get(id(resource), {})
        for step in path:
            if isinstance(here, Unknown | Reference):
                return here
            if isinstance(here, Mapping) and isinstance(step, str):
                here = here.get(step)
            elif isinstance(here, list) and isinstance(step, int):
                here = here[step] if step < len(here) else None
        return here


def _leaves(value: Any) -> Iterator[Unknown | Reference]:
    if isinstance(value, Unknown | Reference):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one)
