"""Instances that something else starts: groups that scale, and the nodes of Kubernetes clusters."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.collect.api import tag_rows
from scanner.gate.identity import identity
from scanner.gate.planned import Planned
from scanner.gate.shape import shapes
from scanner.gate.shape.network import among_members
from scanner.gate.values import DEFAULT_GROUP, Values, rows_of
from scanner.policy import Row

INSTANCES = "ec2.describe_instances"
INTERFACES = "ec2.describe_network_interfaces"
TEMPLATE = (
    "iam_instance_profile",
    "network_interfaces",
    "security_groups",
    "tag_specifications",
    "vpc_security_group_ids",
)
"""What of a template instances are known by here."""
FLEET = ("launch_configuration", "launch_template", "mixed_instances_policy", "tag", "vpc_zone_identifier")
NODES = ("launch_template", "node_role_arn", "remote_access", "subnet_ids")


@shapes("aws_launch_template", "aws_launch_configuration", call=INSTANCES)
def template(v: Values) -> Iterator[Row]:
    """A template starts nothing. What becomes of instances that are started by it already is not known when it changes."""
    _told(v, TEMPLATE)
    yield from ()


@shapes("aws_autoscaling_group", call=INSTANCES)
def scaling_group(v: Values) -> Iterator[Row]:
    """A new group has an instance in each of its subnets, as its template says; how many more there are bears on nothing here.

    Tags come from those that are propagated, not from the provider's defaults:
    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/autoscaling_group
    """
    if not v.is_new or v.gone:
        _told(v, FLEET)
        return
    if v.get("max_size") == 0:
        return
    if not v.has("vpc_zone_identifier"):
        _note(v, "vpc_zone_identifier", "is left to AWS, which takes subnets of the default VPC")
        return
    if _has_other_templates(v):
        _note(v, "mixed_instances_policy", "starts instances by more than one template")
        return
    named = _template(v)
    if named is None:
        _note(v, "launch_template", "is a template that this plan does not show")
        return
    said = v.of(named)
    tags = {
        **_tags(said),
        **{
            str(one.text("key")): one.text("value")
            for one in rows_of(v.blocks("tag"))
            if one.get("propagate_at_launch")
        },
    }
    groups = _groups(said)
    for subnet in v.refs("vpc_zone_identifier") or ():
        yield from _instance(v, subnet, groups or [DEFAULT_GROUP] if groups is not None else None, _profile(said), tags)


@shapes("aws_eks_node_group", call=INSTANCES)
def node_group(v: Values) -> Iterator[Row]:
    """The nodes of a new group, in the groups of its template or else in the one that EKS made with the cluster.

    https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html
    """
    if not v.is_new or v.gone:
        _told(v, NODES)
        return
    block, cluster = v.block("launch_template"), v.target("cluster_name")
    named = _named(block, "id", "name") if block else None
    said = v.of(named) if named else None
    groups = _groups(said) if said else []
    if (block and said is None) or (groups == [] and (cluster is None or cluster.before is not None)):
        _note(v, "launch_template" if block else "cluster_name", "does not say in which groups its nodes are")
        return
    if groups == [] and cluster is not None:
        groups = [identity(cluster, CLUSTER_GROUP)]
    profile = v.arn_of("iam", f"instance-profile/{v.resource.label}", region="")
    yield (
        "instance_profiles",
        {"arn": profile, "name": v.resource.label, "role_arn": v.ref("node_role_arn"), "region": "global"},
    )
    for subnet in v.refs("subnet_ids") or ():
        yield from _instance(v, subnet, groups, profile, _tags(said) if said else {})


CLUSTER_GROUP = "cluster_security_group_id"


def cluster_group(v: Values) -> Iterator[Row]:
    """The group that EKS makes with a cluster.

    https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html
    """
    inside = v.block("vpc_config")
    subnet = inside.first("subnet_ids") if inside and v.is_new else None
    if subnet is None or subnet.type != "aws_subnet":
        return
    group = v.other(CLUSTER_GROUP)
    own = {"group_id": group, "arn": v.arn_of("ec2", f"security-group/{group}"), "owner_id": v.account}
    yield "security_groups", {**own, "name": f"eks-cluster-sg-{v.text('name')}", "vpc_id": v.of(subnet).ref("vpc_id")}
    yield from among_members(v, group)


def _told(v: Values, names: tuple[str, ...]) -> None:
    """Note what changes of something that has started instances already."""
    was, will = v.resource.before, v.resource.after
    if was is None or will is None or v.side == "before" or not v.resource.touched:
        return
    for name in names:
        if not v.is_known(name) or was.get(name) != will.get(name):
            _note(v, name, "changes, and what runs already hangs on it")


def _note(v: Values, name: str, why: str) -> None:
    """Instances are missing then, and with them the interfaces that they open connections from."""
    for call in (INSTANCES, INTERFACES):
        v.read_by(call).note(name, why, whole=True)


def _template(v: Values) -> Planned | None:
    if v.has("launch_configuration"):
        return v.target("launch_configuration")
    block = v.block("launch_template")
    if block is None and (policy := v.block("mixed_instances_policy")):
        inner = policy.block("launch_template")
        block = inner.block("launch_template_specification") if inner else None
        return _named(block, "launch_template_id", "launch_template_name") if block else None
    return _named(block, "id", "name") if block else None


def _has_other_templates(v: Values) -> bool:
    policy = v.block("mixed_instances_policy")
    inner = policy.block("launch_template") if policy else None
    return any(one.has("launch_template_specification") for one in rows_of(inner.blocks("override") if inner else None))


def _named(block: Values, *names: str) -> Planned | None:
    found = next((one for name in names if (one := block.target(name)) is not None), None)
    return found if found is not None and found.type.startswith("aws_launch_") else None


def _groups(said: Values) -> list[str] | None:
    inside = said.blocks("network_interfaces")
    if inside is None:
        return None
    listed = [one.refs("security_groups") for one in inside]
    if listed:
        known = [one for one in listed if one is not None]
        return None if len(known) < len(listed) else list(dict.fromkeys(group for one in known for group in one))
    return said.refs(
        "security_groups" if said.resource.type == "aws_launch_configuration" else "vpc_security_group_ids"
    )


def _profile(said: Values) -> str | None:
    """The ARN of the instance profile, which a template names in a block, a configuration as such."""
    block = said.block("iam_instance_profile") if said.resource.type == "aws_launch_template" else None
    name = "name" if block is None or not block.has("arn") else "arn"
    holder, attribute = (block, name) if block else (said, "iam_instance_profile")
    if said.resource.type == "aws_launch_template" and block is None:
        return None
    return instance_profile(holder, attribute)


def instance_profile(v: Values, attribute: str) -> str | None:
    """The ARN of the instance profile that an attribute names, by its ARN or by its name."""
    found, named = v.target(attribute), v.ref(attribute)
    if found is not None and found.type == "aws_iam_instance_profile":
        return identity(found, "arn")
    return named if named is None or named.startswith("arn:") else v.principal("instance-profile", named)


def _tags(said: Values) -> dict[str, str | None]:
    if said.resource.type != "aws_launch_template":
        return {}
    found: dict[str, str | None] = {}
    for one in rows_of(said.blocks("tag_specifications")):
        if one.text("resource_type") == "instance":
            found |= one.get("tags", {}, whole=True) or {}
    return found


def _instance(
    v: Values, subnet: str, groups: list[str] | None, profile: str | None, tags: dict[str, str | None]
) -> Iterator[Row]:
    name = f"{v.resource.label}@{subnet}"
    arn = v.arn_of("ec2", f"instance/{name}")
    row = {
        "instance_id": name,
        "arn": arn,
        "name": tags.get("Name") or v.resource.label,
        "state": "running",
        "vpc_id": None,
    }
    yield "instances", {**row, "subnet_id": subnet, "group_ids": groups, "instance_profile_arn": profile}
    yield from tag_rows(arn, tags)
