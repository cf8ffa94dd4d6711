"""A VPC of the account with two subnets, one more that another account shares, and interfaces."""

from __future__ import annotations

from typing import Any

OTHER = "444455556666"

ANSWERS: dict[str, Any] = {
    "ec2.describe_vpcs": {
        "Vpcs": [
            {
                "VpcId": "vpc-1",
                "OwnerId": "111122223333",
                "State": "available",
                "IsDefault": False,
                "CidrBlock": "10.0.0.0/16",
                "DhcpOptionsId": "dopt-1",
                "InstanceTenancy": "default",
                "CidrBlockAssociationSet": [
                    {"CidrBlock": "10.0.0.0/16", "CidrBlockState": {"State": "associated"}},
                    {"CidrBlock": "10.1.0.0/16", "CidrBlockState": {"State": "disassociated"}},
                ],
                "Ipv6CidrBlockAssociationSet": [
                    {"Ipv6CidrBlock": "2600:1f00::/56", "Ipv6CidrBlockState": {"State": "associated"}}
                ],
                "Tags": [{"Key": "Name", "Value": "orders"}, {"Key": "environment", "Value": "production"}],
            },
            {"VpcId": "vpc-shared", "OwnerId": OTHER, "State": "available", "CidrBlock": "10.9.0.0/16"},
        ]
    },
    "ec2.describe_subnets": {
        "Subnets": [
            {
                "SubnetId": "subnet-1",
                "SubnetArn": "arn:aws:ec2:eu-west-1:111122223333:subnet/subnet-1",
                "VpcId": "vpc-1",
                "OwnerId": "111122223333",
                "CidrBlock": "10.0.1.0/24",
                "AvailabilityZone": "eu-west-1a",
                "AvailabilityZoneId": "euw1-az1",
                "DefaultForAz": False,
                "MapPublicIpOnLaunch": False,
                "Ipv6CidrBlockAssociationSet": [
                    {"Ipv6CidrBlock": "2600:1f00::/64", "Ipv6CidrBlockState": {"State": "associated"}},
                    {"Ipv6CidrBlock": "2600:1f00:1::/64", "Ipv6CidrBlockState": {"State": "disassociated"}},
                ],
                "Tags": [{"Key": "Name", "Value": "orders-a"}],
            },
            {"SubnetId": "subnet-shared", "VpcId": "vpc-shared", "OwnerId": OTHER, "CidrBlock": "10.9.1.0/24"},
        ]
    },
    "ec2.describe_network_interfaces": {
        "NetworkInterfaces": [
            {
                "NetworkInterfaceId": "eni-1",
                "VpcId": "vpc-1",
                "SubnetId": "subnet-1",
                "OwnerId": "111122223333",
                "Description": "RDSNetworkInterface",
                "InterfaceType": "interface",
                "RequesterId": "amazon-rds",
                "RequesterManaged": True,
                "Status": "in-use",
                "SourceDestCheck": True,
                "PrivateIpAddress": "10.0.1.7",
                "PrivateIpAddresses": [
                    {"PrivateIpAddress": "10.0.1.8", "Primary": False, "Association": {"PublicIp": "3.3.3.4"}},
                    {"PrivateIpAddress": "10.0.1.7", "Primary": True, "Association": {"PublicIp": "3.3.3.3"}},
                ],
                "Association": {"PublicIp": "3.3.3.3", "IpOwnerId": "amazon"},
                "Ipv6Addresses": [{"Ipv6Address": "2600:1f00::7"}],
                "Groups": [{"GroupId": "sg-1", "GroupName": "database"}],
                "Attachment": {"InstanceOwnerId": "amazon-rds", "Status": "attached", "DeviceIndex": 1},
            },
            {
                "NetworkInterfaceId": "eni-2",
                "VpcId": "vpc-1",
                "SubnetId": "subnet-1",
                "OwnerId": "111122223333",
                "PrivateIpAddress": "10.0.1.9",
                "Groups": [],
                "Attachment": {"InstanceId": "i-1", "InstanceOwnerId": "111122223333"},
            },
        ]
    },
}
