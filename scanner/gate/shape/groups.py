"""Security groups and their rules, in every spelling the provider has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from scanner.gate.identity import identity
from scanner.gate.shape import shapes
from scanner.gate.shape.network import name_tag
from scanner.gate.shape.tagged import tags
from scanner.gate.values import Values, rows_of
from scanner.policy import Row

GROUPS = "ec2.describe_security_groups"
WORDS = {"all": "-1", "6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}
PEERS = (("cidr_blocks", "ipv4"), ("ipv6_cidr_blocks", "ipv6"), ("prefix_list_ids", "prefix_list"))
FOREIGN = re.compile(r"(\d{12})/(.+)")
SINGLE_PEERS = (("cidr_ipv4", "ipv4"), ("cidr_ipv6", "ipv6"), ("prefix_list_id", "prefix_list"))


@shapes("aws_security_group", "aws_default_security_group", call=GROUPS)
def group(v: Values) -> Iterator[Row]:
    group_id, arn = v.id, v.arn
    if v.resource.type == "aws_default_security_group":
        group_id = default_group(v)
        arn = v.arn_of("ec2", f"security-group/{group_id}")
    name = v.text("name") or (v.id if v.resource.type == "aws_security_group" else "default")
    row = {"group_id": group_id, "arn": arn, "vpc_id": v.ref("vpc_id"), "owner_id": v.account}
    yield "security_groups", {**row, "name": name or name_tag(v)}
    for direction in ("ingress", "egress"):
        for block in rows_of(v.blocks(direction)):
            yield from listed_rules(block, group_id, direction, "security_groups")
    yield from tags(v, arn)


def default_group(v: Values) -> str:
    """The id of the default group that a resource takes over. Without rules it only closes it, whichever that is.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/default_security_group
    """
    if v.resource.before is not None:
        return v.id
    vpc = v.target("vpc_id")
    if vpc is not None and vpc.type in ("aws_vpc", "aws_default_vpc"):
        return identity(vpc, "default_security_group_id")
    if v.blocks("ingress", whole=False) or v.blocks("egress", whole=False):
        v.note("id", "is that of the default group of a VPC that the plan does not have", whole=True)
    return v.id


@shapes("aws_security_group_rule", call=GROUPS)
def rule(v: Values) -> Iterator[Row]:
    group_id = v.ref("security_group_id")
    if group_id is not None:
        yield from listed_rules(v, group_id, str(v.get("type", "ingress", whole=True)), "source_security_group_id")


@shapes("aws_vpc_security_group_ingress_rule", call=GROUPS)
def ingress_rule(v: Values) -> Iterator[Row]:
    yield from single_rule(v, "ingress")


@shapes("aws_vpc_security_group_egress_rule", call=GROUPS)
def egress_rule(v: Values) -> Iterator[Row]:
    yield from single_rule(v, "egress")


def listed_rules(v: Values, group_id: str, direction: str, groups: str) -> Iterator[Row]:
    """Rules whose peers are lists: of inline blocks, and of `aws_security_group_rule`."""
    common = rule_columns(v, group_id, direction, "protocol")
    for name, kind in PEERS:
        for peer in (v.refs(name) if kind == "prefix_list" else v.texts(name, whole=True)) or ():
            yield "security_group_rules", {**common, "peer_type": kind, "peer": peer}
    one = v.ref(groups) if groups != "security_groups" and v.has(groups) else None
    for named in (v.refs(groups) or []) if groups == "security_groups" else [one]:
        if named is not None:
            yield group_rule(common, named, v.account)
    if v.get("self", False, whole=True):
        yield group_rule(common, group_id, v.account)


def single_rule(v: Values, direction: str) -> Iterator[Row]:
    group_id = v.ref("security_group_id")
    if group_id is None:
        return
    common = rule_columns(v, group_id, direction, "ip_protocol")
    for name, kind in SINGLE_PEERS:
        if v.has(name):
            peer = v.ref(name) if kind == "prefix_list" else v.text(name, whole=True)
            if peer is not None:
                yield "security_group_rules", {**common, "peer_type": kind, "peer": peer}
    if v.has("referenced_security_group_id"):
        peer = v.ref("referenced_security_group_id")
        if peer is not None:
            yield group_rule(common, peer, v.account)


def group_rule(common: dict[str, Any], peer: str, account: str) -> Row:
    """A rule whose peer is a group. One of another account is written as `account/group`."""
    foreign = FOREIGN.fullmatch(peer)
    owner, group_id = foreign.groups() if foreign else (account, peer)
    named = {"peer_type": "group", "peer": group_id, "peer_account_id": owner}
    return "security_group_rules", {**common, **named}


def rule_columns(v: Values, group_id: str, direction: str, protocol_name: str) -> dict[str, Any]:
    word = str(v.get(protocol_name, "-1", whole=True)).lower()
    protocol = WORDS.get(word, word)
    everything = protocol == "-1"
    ports = ("from_port", "to_port")
    low, high = (None, None) if everything else (port(v.get(name, whole=True)) for name in ports)
    return {
        "group_id": group_id,
        "direction": direction,
        "protocol": protocol,
        "from_port": low,
        "to_port": high,
        "peer_account_id": None,
        "peer_vpc_id": None,
        "peering_id": None,
    }


def port(value: Any) -> int | None:
    """The provider writes -1 for all ICMP types or codes."""
    return None if value in (None, -1, "-1") else int(value)
