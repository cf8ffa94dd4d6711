"""RAM: shares, what they share, and with whom."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scanner.gate.shape import shapes
from scanner.gate.shape.tagged import tags
from scanner.gate.values import Values
from scanner.policy import Row

# The kind RAM calls a resource, by the part of its ARN that says so.
# https://docs.aws.amazon.com/ram/latest/userguide/shareable.html
_KIND = re.compile(r"arn:[^:]*:([^:]*):[^:]*:[^:]*:([a-z-]*)")
NAMES = {
    "ec2:subnet": "ec2:Subnet",
    "ec2:transit-gateway": "ec2:TransitGateway",
    "ec2:prefix-list": "ec2:PrefixList",
    "ec2:security-group": "ec2:SecurityGroup",
    "rds:cluster": "rds:Cluster",
    "backup:backup-vault": "backup:BackupVault",
}


@shapes("aws_ram_resource_share", call="ram.get_resource_shares")
def share(v: Values) -> Iterator[Row]:
    row = {"arn": v.arn, "name": v.text("name"), "owner_id": v.account, "status": "ACTIVE"}
    yield "resource_shares", {**row, "allows_external": v.get("allow_external_principals", False)}
    yield from tags(v)


@shapes("aws_ram_resource_association", call="ram.list_resources")
def resource(v: Values) -> Iterator[Row]:
    arn = v.ref("resource_arn")
    match = _KIND.match(arn or "")
    kind = NAMES.get(f"{match[1]}:{match[2]}", f"{match[1]}:{match[2]}") if match else None
    yield "share_resources", {"share_arn": v.ref("resource_share_arn"), "arn": arn, "resource_type": kind}


@shapes("aws_ram_principal_association", call="ram.list_principals")
def principal(v: Values) -> Iterator[Row]:
    """Whom it is shared with. Whether that is outside the organization, the snapshot knows."""
    yield (
        "share_principals",
        {"share_arn": v.ref("resource_share_arn"), "principal": v.ref("principal"), "external": None},
    )
