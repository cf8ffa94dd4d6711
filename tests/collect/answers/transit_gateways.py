"""A transit gateway of the account with two route tables, and one that another account shares."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

ANSWERS: dict[str, Any] = {
    "ec2.describe_transit_gateways": {
        "TransitGateways": [
            {
                "TransitGatewayId": "tgw-1",
                "TransitGatewayArn": "arn:aws:ec2:eu-west-1:111122223333:transit-gateway/tgw-1",
                "OwnerId": "111122223333",
                "State": "available",
                "CreationTime": datetime(2026, 1, 1, tzinfo=UTC),
                "Options": {
                    "AssociationDefaultRouteTableId": "tgw-rtb-1",
                    "DefaultRouteTableAssociation": "enable",
                    "DefaultRouteTablePropagation": "disable",
                    "PropagationDefaultRouteTableId": "tgw-rtb-1",
                    "SecurityGroupReferencingSupport": "enable",
                },
                "Tags": [{"Key": "Name", "Value": "hub"}],
            },
            {"TransitGatewayId": "tgw-2", "OwnerId": "444455556666", "State": "available"},
        ]
    },
    "ec2.describe_transit_gateway_vpc_attachments": {
        "TransitGatewayVpcAttachments": [
            {
                "TransitGatewayAttachmentId": "tgw-attach-1",
                "TransitGatewayId": "tgw-1",
                "VpcId": "vpc-1",
                "State": "available",
                "SubnetIds": ["subnet-1", "subnet-2"],
                "Options": {"DnsSupport": "enable", "SecurityGroupReferencingSupport": "disable"},
            }
        ]
    },
    "ec2.describe_transit_gateway_attachments": {
        "TransitGatewayAttachments": [
            {
                "TransitGatewayAttachmentId": "tgw-attach-1",
                "TransitGatewayId": "tgw-1",
                "TransitGatewayOwnerId": "111122223333",
                "ResourceType": "vpc",
                "ResourceId": "vpc-1",
                "ResourceOwnerId": "111122223333",
                "State": "available",
                "Association": {"TransitGatewayRouteTableId": "tgw-rtb-1", "State": "associated"},
            },
            {
                "TransitGatewayAttachmentId": "tgw-attach-2",
                "TransitGatewayId": "tgw-1",
                "ResourceType": "peering",
                "ResourceId": "tgw-far",
                "State": "available",
            },
        ]
    },
    "ec2.describe_transit_gateway_route_tables": {
        "TransitGatewayRouteTables": [
            {"TransitGatewayRouteTableId": "tgw-rtb-1", "TransitGatewayId": "tgw-1", "State": "available"},
            {"TransitGatewayRouteTableId": "tgw-rtb-2", "TransitGatewayId": "tgw-1", "State": "available"},
            {"TransitGatewayRouteTableId": "tgw-rtb-gone", "TransitGatewayId": "tgw-1", "State": "deleted"},
        ]
    },
    "ec2.search_transit_gateway_routes": [
        (
            {"TransitGatewayRouteTableId": "tgw-rtb-1"},
            {
                "Routes": [
                    {
                        "DestinationCidrBlock": "10.0.0.0/16",
                        "Type": "propagated",
                        "State": "active",
                        "TransitGatewayAttachments": [
                            {
                                "ResourceId": "vpc-1",
                                "ResourceType": "vpc",
                                "TransitGatewayAttachmentId": "tgw-attach-1",
                            },
                            {
                                "ResourceId": "vpc-2",
                                "ResourceType": "vpc",
                                "TransitGatewayAttachmentId": "tgw-attach-3",
                            },
                        ],
                    },
                    {"DestinationCidrBlock": "10.66.0.0/16", "Type": "static", "State": "blackhole"},
                    {
                        "PrefixListId": "pl-own",
                        "Type": "static",
                        "State": "active",
                        "TransitGatewayAttachments": [
                            {"ResourceType": "peering", "TransitGatewayAttachmentId": "tgw-attach-2"}
                        ],
                    },
                ],
                "AdditionalRoutesAvailable": True,
            },
        ),
        ({"TransitGatewayRouteTableId": "tgw-rtb-2"}, {"Routes": []}),
    ],
    "ec2.get_transit_gateway_route_table_associations": [
        (
            {"TransitGatewayRouteTableId": "tgw-rtb-1"},
            {
                "Associations": [
                    {
                        "TransitGatewayAttachmentId": "tgw-attach-1",
                        "ResourceId": "vpc-1",
                        "ResourceType": "vpc",
                        "State": "associated",
                    }
                ]
            },
        ),
        ({}, {"Associations": []}),
    ],
    "ec2.get_transit_gateway_route_table_propagations": [
        (
            {"TransitGatewayRouteTableId": "tgw-rtb-1"},
            {
                "TransitGatewayRouteTablePropagations": [
                    {
                        "TransitGatewayAttachmentId": "tgw-attach-1",
                        "ResourceId": "vpc-1",
                        "ResourceType": "vpc",
                        "State": "enabled",
                    }
                ]
            },
        ),
        ({}, {"TransitGatewayRouteTablePropagations": []}),
    ],
}
