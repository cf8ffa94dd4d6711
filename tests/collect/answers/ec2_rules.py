"""Routes to every kind of target, groups with every kind of peer, a network ACL, and prefix lists."""

from __future__ import annotations

from typing import Any

ROUTES = [
    {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "Origin": "CreateRouteTable", "State": "active"},
    {"DestinationIpv6CidrBlock": "2600:1f00::/56", "GatewayId": "local", "State": "active"},
    {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "Origin": "CreateRoute", "State": "active"},
    {"DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": "eigw-1", "State": "active"},
    {"DestinationCidrBlock": "10.2.0.0/16", "VpcPeeringConnectionId": "pcx-1", "State": "blackhole"},
    {"DestinationCidrBlock": "10.3.0.0/16", "TransitGatewayId": "tgw-1", "State": "active"},
    {"DestinationCidrBlock": "10.4.0.0/16", "NatGatewayId": "nat-1", "State": "active"},
    {"DestinationCidrBlock": "10.5.0.0/16", "GatewayId": "vgw-1", "Origin": "EnableVgwRoutePropagation"},
    {"DestinationCidrBlock": "10.6.0.0/16", "InstanceId": "i-1", "NetworkInterfaceId": "eni-1", "State": "active"},
    {"DestinationCidrBlock": "10.7.0.0/16", "CoreNetworkArn": "arn:aws:networkmanager::1:core-network/core-1"},
    {"DestinationCidrBlock": "10.8.0.0/16", "State": "blackhole"},
    {"DestinationPrefixListId": "pl-s3", "GatewayId": "vpce-1", "State": "active"},
]

ANSWERS: dict[str, Any] = {
    "ec2.describe_route_tables": {
        "RouteTables": [
            {
                "RouteTableId": "rtb-1",
                "VpcId": "vpc-1",
                "OwnerId": "111122223333",
                "Associations": [
                    {"Main": True, "RouteTableAssociationId": "rtbassoc-1", "RouteTableId": "rtb-1"},
                    {"Main": False, "SubnetId": "subnet-1", "AssociationState": {"State": "associated"}},
                    {"Main": False, "GatewayId": "igw-1", "AssociationState": {"State": "associated"}},
                ],
                "Routes": ROUTES,
            }
        ]
    },
    "ec2.describe_security_groups": {
        "SecurityGroups": [
            {
                "GroupId": "sg-1",
                "GroupName": "database",
                "VpcId": "vpc-1",
                "OwnerId": "111122223333",
                "IpPermissions": [
                    {
                        "IpProtocol": "tcp",
                        "FromPort": 5432,
                        "ToPort": 5432,
                        "IpRanges": [{"CidrIp": "10.0.0.0/16"}, {"CidrIp": "10.2.0.0/16", "Description": "peer"}],
                        "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
                        "PrefixListIds": [{"PrefixListId": "pl-own"}],
                        "UserIdGroupPairs": [
                            {"GroupId": "sg-2", "UserId": "111122223333"},
                            {
                                "GroupId": "sg-9",
                                "UserId": "444455556666",
                                "VpcId": "vpc-9",
                                "VpcPeeringConnectionId": "pcx-1",
                                "PeeringStatus": "active",
                            },
                        ],
                    },
                    {"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
                ],
                "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
            }
        ]
    },
    "ec2.describe_network_acls": {
        "NetworkAcls": [
            {
                "NetworkAclId": "acl-1",
                "VpcId": "vpc-1",
                "OwnerId": "111122223333",
                "IsDefault": True,
                "Associations": [{"NetworkAclId": "acl-1", "SubnetId": "subnet-1"}],
                "Entries": [
                    {
                        "CidrBlock": "10.0.0.0/8",
                        "Egress": False,
                        "PortRange": {"From": 443, "To": 443},
                        "Protocol": "6",
                        "RuleAction": "allow",
                        "RuleNumber": 100,
                    },
                    {
                        "Ipv6CidrBlock": "::/0",
                        "Egress": True,
                        "IcmpTypeCode": {"Code": -1, "Type": 128},
                        "Protocol": "58",
                        "RuleAction": "allow",
                        "RuleNumber": 101,
                    },
                    {
                        "CidrBlock": "0.0.0.0/0",
                        "Egress": True,
                        "Protocol": "-1",
                        "RuleAction": "deny",
                        "RuleNumber": 32767,
                    },
                ],
            }
        ]
    },
    "ec2.describe_managed_prefix_lists": {
        "PrefixLists": [
            {"PrefixListId": "pl-own", "PrefixListName": "offices", "OwnerId": "111122223333"},
            {"PrefixListId": "pl-empty", "PrefixListName": "nothing", "OwnerId": "111122223333"},
            {"PrefixListId": "pl-s3", "PrefixListName": "com.amazonaws.eu-west-1.s3", "OwnerId": "AWS"},
            {"PrefixListId": "pl-unused", "PrefixListName": "com.amazonaws.global.groundstation", "OwnerId": "AWS"},
        ]
    },
    "ec2.get_managed_prefix_list_entries": [
        ({"PrefixListId": "pl-own"}, {"Entries": [{"Cidr": "192.0.2.0/24"}, {"Cidr": "198.51.100.0/24"}]}),
        ({"PrefixListId": "pl-empty"}, {"Entries": []}),
        ({"PrefixListId": "pl-s3"}, {"Entries": [{"Cidr": "52.92.0.0/17"}]}),
    ],
}
