"""Transit gateways with their attachments, route tables and routes.

AWS shows the route tables of a transit gateway to its owner only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.collect.api import Api, Call, tag_value
from scanner.collect.reading import known
from scanner.policy import Row

SCOPE = "region"
CALLS = (
    Call("ec2.describe_transit_gateways", ("transit_gateways",)),
    Call("ec2.describe_transit_gateway_attachments", ("transit_gateway_attachments",)),
    Call("ec2.describe_transit_gateway_vpc_attachments", ("transit_gateway_attachments",)),
    Call("ec2.describe_transit_gateway_route_tables", ("transit_gateway_route_tables",)),
    Call("ec2.search_transit_gateway_routes", ("transit_gateway_routes", "transit_gateway_route_tables")),
    Call("ec2.get_transit_gateway_route_table_associations", ("transit_gateway_associations",)),
    Call("ec2.get_transit_gateway_route_table_propagations", ("transit_gateway_propagations",)),
)

GONE = ("deleting", "deleted")


def fetch(api: Api) -> Iterator[Row]:
    owned = False
    for gateway in api.list("ec2.describe_transit_gateways", "TransitGateways"):
        yield "transit_gateways", gateway_row(gateway)
        owned = owned or gateway.get("OwnerId") == api.account_id
    yield from _attachments(api)
    if owned or api.failed("ec2.describe_transit_gateways"):
        for route_table in api.list("ec2.describe_transit_gateway_route_tables", "TransitGatewayRouteTables"):
            yield from _route_table(api, route_table)


def _attachments(api: Api) -> Iterator[Row]:
    attachments = list(api.list("ec2.describe_transit_gateway_attachments", "TransitGatewayAttachments"))
    details: dict[str, dict[str, Any]] = {}
    if any(attachment.get("ResourceType") == "vpc" for attachment in attachments):
        listing = api.list("ec2.describe_transit_gateway_vpc_attachments", "TransitGatewayVpcAttachments")
        details = {item["TransitGatewayAttachmentId"]: item for item in listing}
    for attachment in attachments:
        found = details.get(attachment["TransitGatewayAttachmentId"])
        yield "transit_gateway_attachments", attachment_row(attachment, found)


def _route_table(api: Api, route_table: dict[str, Any]) -> Iterator[Row]:
    table_id, state = route_table["TransitGatewayRouteTableId"], route_table.get("State")
    row = {"route_table_id": table_id, "transit_gateway_id": route_table.get("TransitGatewayId"), "state": state}
    if state in GONE:
        yield "transit_gateway_route_tables", {**row, "routes_complete": None}
        return
    filters = [{"Name": "state", "Values": ["active", "blackhole"]}]
    call = "ec2.search_transit_gateway_routes"
    answer = known(api.get(call, TransitGatewayRouteTableId=table_id, Filters=filters))
    complete = None if answer is None else not answer.get("AdditionalRoutesAvailable", False)
    yield "transit_gateway_route_tables", {**row, "routes_complete": complete}
    for route in (answer or {}).get("Routes") or ():
        yield from route_rows(table_id, route)
    yield from _links(api, table_id)


def _links(api: Api, table_id: str) -> Iterator[Row]:
    call = "ec2.get_transit_gateway_route_table_associations"
    for item in api.list(call, "Associations", TransitGatewayRouteTableId=table_id):
        yield "transit_gateway_associations", link_row(table_id, item)
    call = "ec2.get_transit_gateway_route_table_propagations"
    for item in api.list(call, "TransitGatewayRouteTablePropagations", TransitGatewayRouteTableId=table_id):
        yield "transit_gateway_propagations", link_row(table_id, item)


def gateway_row(gateway: dict[str, Any]) -> dict[str, Any]:
    """Shape a transit gateway. Default tables count only while their automatic use is enabled."""
    options = gateway.get("Options") or {}
    associates = options.get("DefaultRouteTableAssociation") == "enable"
    propagates = options.get("DefaultRouteTablePropagation") == "enable"
    return {
        "transit_gateway_id": gateway["TransitGatewayId"],
        "arn": gateway.get("TransitGatewayArn"),
        "owner_id": gateway.get("OwnerId"),
        "state": gateway.get("State"),
        "name": tag_value(gateway.get("Tags"), "Name"),
        "security_group_referencing": referencing(options),
        "default_association_table_id": options.get("AssociationDefaultRouteTableId") if associates else None,
        "default_propagation_table_id": options.get("PropagationDefaultRouteTableId") if propagates else None,
    }


def attachment_row(attachment: dict[str, Any], details: dict[str, Any] | None) -> dict[str, Any]:
    """Shape an attachment; `details` is the answer for VPC attachments, None where there is none."""
    association = attachment.get("Association") or {}
    return {
        "attachment_id": attachment["TransitGatewayAttachmentId"],
        "transit_gateway_id": attachment.get("TransitGatewayId"),
        "transit_gateway_owner_id": attachment.get("TransitGatewayOwnerId"),
        "resource_type": attachment.get("ResourceType"),
        "resource_id": attachment.get("ResourceId"),
        "resource_owner_id": attachment.get("ResourceOwnerId"),
        "state": attachment.get("State"),
        "association_table_id": association.get("TransitGatewayRouteTableId"),
        "association_state": association.get("State"),
        "subnet_ids": None if details is None else list(details.get("SubnetIds") or ()),
        "security_group_referencing": referencing((details or {}).get("Options") or {}),
    }


def referencing(options: dict[str, Any]) -> bool | None:
    """Whether groups may be referenced. None where the answer lacks the option: SDKs before September 2024 drop it."""
    value = options.get("SecurityGroupReferencingSupport")
    return None if value is None else bool(value == "enable")


def route_rows(table_id: str, route: dict[str, Any]) -> Iterator[Row]:
    """Yield one row an attachment: a route over equal paths has several, a blackhole may have none."""
    for attachment in route.get("TransitGatewayAttachments") or [{}]:
        yield (
            "transit_gateway_routes",
            {
                "route_table_id": table_id,
                "destination": None if route.get("PrefixListId") else route.get("DestinationCidrBlock"),
                "prefix_list_id": route.get("PrefixListId"),
                "type": route.get("Type"),
                "state": route.get("State"),
                "attachment_id": attachment.get("TransitGatewayAttachmentId"),
                "resource_type": attachment.get("ResourceType"),
                "resource_id": attachment.get("ResourceId"),
            },
        )


def link_row(table_id: str, item: dict[str, Any]) -> dict[str, Any]:
    """Shape an association or a propagation: both tie an attachment to a route table."""
    return {
        "route_table_id": table_id,
        "attachment_id": item.get("TransitGatewayAttachmentId"),
        "resource_type": item.get("ResourceType"),
        "resource_id": item.get("ResourceId"),
        "state": item.get("State"),
    }
