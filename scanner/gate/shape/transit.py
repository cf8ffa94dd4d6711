"""Transit gateways: attachments, route tables, routes, associations, propagations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.gate.identity import identity
from scanner.gate.shape import patch, shapes
from scanner.gate.shape.network import name_tag
from scanner.gate.shape.tagged import tags
from scanner.gate.values import Values
from scanner.policy import Row

GATEWAYS = "ec2.describe_transit_gateways"
ATTACHMENTS = "ec2.describe_transit_gateway_attachments"
TABLES = "ec2.describe_transit_gateway_route_tables"
ROUTES = "ec2.search_transit_gateway_routes"


@shapes("aws_ec2_transit_gateway", call=GATEWAYS)
def gateway(v: Values) -> Iterator[Row]:
    associates = v.get("default_route_table_association", "enable") == "enable"
    propagates = v.get("default_route_table_propagation", "enable") == "enable"
    yield (
        "transit_gateways",
        {
            "transit_gateway_id": v.id,
            "arn": v.arn,
            "owner_id": v.account,
            "state": "available",
            "name": name_tag(v),
            "security_group_referencing": v.get("security_group_referencing_support", "disable") == "enable",
            "default_association_table_id": v.other("association_default_route_table_id") if associates else None,
            "default_propagation_table_id": v.other("propagation_default_route_table_id") if propagates else None,
        },
    )
    # With both, one table serves both: https://docs.aws.amazon.com/vpc/latest/tgw/tgw-transit-gateways.html
    names = ("association_default_route_table_id",) if associates else ()
    for name in (*names, *(("propagation_default_route_table_id",) if propagates else ())):
        row = {"route_table_id": v.other(name), "transit_gateway_id": v.id, "state": "available"}
        yield "transit_gateway_route_tables", {**row, "routes_complete": True}
    yield from tags(v)


@shapes("aws_ec2_transit_gateway_vpc_attachment", call=ATTACHMENTS)
def vpc_attachment(v: Values) -> Iterator[Row]:
    transit, vpc_id = v.ref("transit_gateway_id"), v.ref("vpc_id")
    yield (
        "transit_gateway_attachments",
        {
            "attachment_id": v.id,
            "transit_gateway_id": transit,
            "resource_type": "vpc",
            "resource_id": vpc_id,
            "resource_owner_id": v.account,
            "state": "available",
            "subnet_ids": v.refs("subnet_ids"),
            "security_group_referencing": v.get("security_group_referencing_support", "enable") == "enable",
        },
    )
    yield from defaults(v, vpc_id)


def defaults(v: Values, vpc_id: str | None) -> Iterator[Row]:
    """A new attachment joins the default tables of its transit gateway unless told not to, one that is there when it is told to;
    which those are, its plan says."""
    target = v.target("transit_gateway_id")
    for asked, own, table in (
        (
            "transit_gateway_default_route_table_association",
            "association_default_route_table_id",
            "transit_gateway_associations",
        ),
        (
            "transit_gateway_default_route_table_propagation",
            "propagation_default_route_table_id",
            "transit_gateway_propagations",
        ),
    ):
        asked_before = not v.is_new and (v.resource.before or {}).get(asked) is not False
        if v.get(asked, True) is False or asked_before:
            continue
        if target is None or target.type != "aws_ec2_transit_gateway":
            v.note(asked, "leads to a route table that this plan does not name", whole=True)
            continue
        state = "associated" if table.endswith("associations") else "enabled"
        row = {"route_table_id": identity(target, own), "attachment_id": v.id, "resource_type": "vpc"}
        yield table, {**row, "resource_id": vpc_id, "state": state}
        if state == "enabled":
            continue
        columns = {"association_table_id": identity(target, own), "association_state": state}
        yield patch("transit_gateway_attachments", {"attachment_id": v.id, **columns})


@shapes("aws_ec2_transit_gateway_peering_attachment", call=ATTACHMENTS)
def peering_attachment(v: Values) -> Iterator[Row]:
    yield (
        "transit_gateway_attachments",
        {
            "attachment_id": v.id,
            "transit_gateway_id": v.ref("transit_gateway_id"),
            "transit_gateway_owner_id": v.account,
            "resource_type": "peering",
            "resource_id": v.ref("peer_transit_gateway_id"),
            "resource_owner_id": v.ref("peer_account_id") or v.account,
            "state": "pendingAcceptance",
        },
    )


@shapes("aws_ec2_transit_gateway_vpc_attachment_accepter", call=ATTACHMENTS)
def accepter(v: Values) -> Iterator[Row]:
    attachment = v.ref("transit_gateway_attachment_id")
    if attachment and not v.gone:
        yield patch("transit_gateway_attachments", {"attachment_id": attachment, "state": "available"})


@shapes("aws_ec2_transit_gateway_route_table", call=TABLES)
def route_table(v: Values) -> Iterator[Row]:
    row = {"route_table_id": v.id, "transit_gateway_id": v.ref("transit_gateway_id"), "state": "available"}
    yield "transit_gateway_route_tables", {**row, "routes_complete": True}


@shapes("aws_ec2_transit_gateway_route", call=ROUTES)
def route(v: Values) -> Iterator[Row]:
    blackhole = bool(v.get("blackhole", False))
    name = "transit_gateway_attachment_id"
    yield (
        "transit_gateway_routes",
        {
            "route_table_id": v.ref("transit_gateway_route_table_id"),
            "destination": v.text("destination_cidr_block", whole=True),
            "type": "static",
            "state": "blackhole" if blackhole else "active",
            "attachment_id": None if blackhole else v.ref(name),
            **attached(v, name),
        },
    )


@shapes("aws_ec2_transit_gateway_route_table_association", call="ec2.get_transit_gateway_route_table_associations")
def association(v: Values) -> Iterator[Row]:
    table, attachment = v.ref("transit_gateway_route_table_id"), v.ref("transit_gateway_attachment_id")
    row = {"route_table_id": table, "attachment_id": attachment, **attached(v, "transit_gateway_attachment_id")}
    yield "transit_gateway_associations", {**row, "state": "associated"}
    if attachment:
        joined = {"association_table_id": None if v.gone else table}
        state = {"association_state": None if v.gone else "associated"}
        yield patch("transit_gateway_attachments", {"attachment_id": attachment, **joined, **state})


@shapes("aws_ec2_transit_gateway_route_table_propagation", call="ec2.get_transit_gateway_route_table_propagations")
def propagation(v: Values) -> Iterator[Row]:
    table, attachment = v.ref("transit_gateway_route_table_id"), v.ref("transit_gateway_attachment_id")
    row = {"route_table_id": table, "attachment_id": attachment, **attached(v, "transit_gateway_attachment_id")}
    yield "transit_gateway_propagations", {**row, "state": "enabled"}


def attached(v: Values, name: str) -> dict[str, Any]:
    """What an attachment of this plan attaches; nothing is said of others, whose rows know."""
    found = v.target(name)
    if found is None or found.type != "aws_ec2_transit_gateway_vpc_attachment":
        return {"resource_type": None, "resource_id": None}
    return {"resource_type": "vpc", "resource_id": (found.after or {}).get("vpc_id")}
