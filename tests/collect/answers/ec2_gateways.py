"""One of everything that leads out of a VPC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

BALANCER = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/orders/1"

ANSWERS: dict[str, Any] = {
    "ec2.describe_vpc_peering_connections": {
        "VpcPeeringConnections": [
            {
                "VpcPeeringConnectionId": "pcx-1",
                "Status": {"Code": "active", "Message": "Active"},
                "RequesterVpcInfo": {
                    "CidrBlock": "10.0.0.0/16",
                    "CidrBlockSet": [{"CidrBlock": "10.0.0.0/16"}, {"CidrBlock": "10.1.0.0/16"}],
                    "Ipv6CidrBlockSet": [{"Ipv6CidrBlock": "2600:1f00::/56"}],
                    "OwnerId": "111122223333",
                    "VpcId": "vpc-1",
                    "Region": "eu-west-1",
                },
                "AccepterVpcInfo": {
                    "CidrBlock": "10.2.0.0/16",
                    "OwnerId": "444455556666",
                    "VpcId": "vpc-2",
                    "Region": "us-east-1",
                },
            },
            {
                "VpcPeeringConnectionId": "pcx-2",
                "ExpirationTime": datetime(2026, 1, 9, tzinfo=UTC),
                "Status": {"Code": "pending-acceptance"},
                "RequesterVpcInfo": {"OwnerId": "444455556666", "VpcId": "vpc-3", "CidrBlock": "10.3.0.0/16"},
                "AccepterVpcInfo": {"OwnerId": "111122223333", "VpcId": "vpc-1"},
            },
        ]
    },
    "ec2.describe_internet_gateways": {
        "InternetGateways": [
            {"InternetGatewayId": "igw-1", "Attachments": [{"State": "available", "VpcId": "vpc-1"}]},
            {"InternetGatewayId": "igw-2", "Attachments": []},
        ]
    },
    "ec2.describe_egress_only_internet_gateways": {
        "EgressOnlyInternetGateways": [
            {"EgressOnlyInternetGatewayId": "eigw-1", "Attachments": [{"State": "attached", "VpcId": "vpc-1"}]}
        ]
    },
    "ec2.describe_vpn_gateways": {
        "VpnGateways": [{"VpnGatewayId": "vgw-1", "VpcAttachments": [{"State": "attached", "VpcId": "vpc-1"}]}]
    },
    "ec2.describe_nat_gateways": {
        "NatGateways": [
            {
                "NatGatewayId": "nat-1",
                "VpcId": "vpc-1",
                "SubnetId": "subnet-1",
                "State": "available",
                "ConnectivityType": "private",
                "CreateTime": datetime(2026, 1, 1, tzinfo=UTC),
                "NatGatewayAddresses": [{"PrivateIp": "10.0.1.5", "NetworkInterfaceId": "eni-5"}],
            },
            {
                "NatGatewayId": "nat-old",
                "VpcId": "vpc-1",
                "State": "available",
                "NatGatewayAddresses": [{"PrivateIp": "10.0.1.6", "PublicIp": "3.3.3.6"}],
            },
        ]
    },
    "ec2.describe_vpc_endpoints": {
        "VpcEndpoints": [
            {
                "VpcEndpointId": "vpce-1",
                "VpcEndpointType": "Interface",
                "VpcId": "vpc-1",
                "ServiceName": "com.amazonaws.vpce.eu-west-1.vpce-svc-9",
                "State": "available",
                "OwnerId": "111122223333",
                "SubnetIds": ["subnet-1"],
                "RouteTableIds": [],
                "Groups": [{"GroupId": "sg-1", "GroupName": "database"}],
                "NetworkInterfaceIds": ["eni-8"],
            }
        ]
    },
    "ec2.describe_vpc_endpoint_service_configurations": {
        "ServiceConfigurations": [
            {
                "ServiceId": "vpce-svc-1",
                "ServiceName": "com.amazonaws.vpce.eu-west-1.vpce-svc-1",
                "AcceptanceRequired": False,
                "NetworkLoadBalancerArns": [BALANCER],
            }
        ]
    },
}
