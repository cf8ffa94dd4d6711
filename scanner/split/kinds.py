"""Kinds of couplings, what cutting one costs, and what a kind of resource is to a move.

Weights are points of work, comparable with each other only: a rule or a membership that is written anew counts 1 to 3, what needs a
policy on both sides or a key of its own 3 to 5, what needs new code (an API instead of a connection to a database) 8. What is one
thing in two parts, as an instance and its volume, counts 20: it moves together.
"""

from __future__ import annotations

from dataclasses import dataclass

TOGETHER = 20


@dataclass(frozen=True, slots=True)
class Kind:
    """`verb` joins source and target in the evidence. `needed`: the source cannot work before the target is there."""

    weight: int
    verb: str
    topic: str
    needed: bool = True


KINDS: dict[str, Kind] = {
    "attachment": Kind(TOGETHER, "is attached to", "disks and interfaces"),
    "cluster": Kind(TOGETHER, "is a member of the cluster", "databases"),
    "replica": Kind(8, "is a read replica of", "databases"),
    "connection": Kind(8, "can open a connection to", "databases"),
    "secret": Kind(6, "holds credentials of", "secrets"),
    "key": Kind(5, "is encrypted with", "keys"),
    "role": Kind(4, "acts as", "roles"),
    "policy": Kind(4, "may by its policy act on", "roles"),
    "resource_policy": Kind(3, "admits in its policy", "roles", needed=False),
    "trust": Kind(3, "may be assumed by", "roles", needed=False),
    "group_rule": Kind(3, "is admitted by", "network"),
    "secret_name": Kind(3, "is named after", "secrets"),
    "membership": Kind(2, "is a member of", "network"),
    "copy": Kind(2, "is a copy of", "copies"),
    "vault": Kind(1, "lies in", "copies"),
    "part": Kind(5, "is a part of", "network"),
    "subnet": Kind(1, "stands in", "network"),
    "vpc": Kind(1, "stands in", "network"),
}

ACCOUNT_PULL = 2
"""What the account's own name or tag counts for a resource that says nothing: more than its network, less than a role or a key."""

WEAK = 2
"""A guess that rests on no more than this is of low confidence."""

POINTS = {"data": 8, "secret": 2, "stateless": 2, "copy": 1, "ground": 1}
"""What moving one resource counts, by its nature."""

_GROUND = frozenset(
    "vpc subnet security_group route_table network_acl internet_gateway nat_gateway vpc_endpoint dhcp_options role user group policy "
    "instance_profile key alias backup_vault backup_plan subgrp pg cluster-pg og es egress_only_internet_gateway "
    "network_interface vpc_peering_connection transit_gateway_attachment vpc_flow_log prefix_list key_pair launch_template".split()
)
_COPIES = frozenset("snapshot cluster-snapshot recovery_point image backup auto-backup".split())
_DATA = frozenset("database dynamodb_table bucket volume file_system db cluster table".split())
_DATA_SERVICES = frozenset(
    "s3 rds dynamodb elasticfilesystem fsx redshift redshift-serverless elasticache memorydb es aoss docdb-elastic neptune-db "
    "kinesis timestream cassandra backup glacier".split()
)
_GROUND_SERVICES = frozenset("iam kms cloudformation backup sso config cloudtrail events budgets".split())


def nature(kind: str, arn: str) -> str:
    """What a resource is to a move: ground, copy, secret, data or stateless."""
    parts = arn.split(":", 5)
    service = parts[2] if len(parts) > 5 else ""
    if kind in _COPIES:
        return "copy"
    if kind == "secret":
        return "secret"
    if kind in _GROUND or (service in _GROUND_SERVICES and kind not in _DATA):
        return "ground"
    if service in ("eks", "ecs"):  # a cluster of containers, not one of databases
        return "stateless"
    return "data" if kind in _DATA or service in _DATA_SERVICES else "stateless"
