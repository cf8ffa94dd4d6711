"""Interfaces of the instances, and peerings that carry something: a database's port only, or a way into production."""

from __future__ import annotations

from typing import Any

Answers = dict[tuple[str, str, str], Any]
PEERINGS = "ec2.describe_vpc_peering_connections"


def add(found: Answers, region: str, legacy: str, orders: str, payments: str) -> None:
    """Give every instance its interface, and join the network of `legacy` to those of two production accounts."""
    for account, where, call in [key for key in found if key[2] == "ec2.describe_instances"]:
        found[account, where, "ec2.describe_network_interfaces"] = _interfaces(found[account, where, call], account)
    _peer(found, region, "pcx-1", (legacy, "vpc-l", "10.2.0.0/16"), (orders, "vpc-p", "10.1.0.0/16"))
    _peer(found, region, "pcx-2", (legacy, "vpc-l", "10.2.0.0/16"), (payments, "vpc-y", "10.3.0.0/16"))
    web = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.2.0.0/16"}]}
    (group,) = found[payments, region, "ec2.describe_security_groups"]["SecurityGroups"]
    group["IpPermissions"].append(web)


def _interfaces(listed: dict[str, Any], account: str) -> dict[str, Any]:
    instances = [one for group in listed.get("Reservations", ()) for one in group["Instances"]]
    return {"NetworkInterfaces": [_interface(one, account) for one in instances]}


def _interface(instance: dict[str, Any], account: str) -> dict[str, Any]:
    machine = instance["InstanceId"]
    return {
        "NetworkInterfaceId": f"eni-{machine}",
        "OwnerId": account,
        "VpcId": instance["VpcId"],
        "SubnetId": instance["SubnetId"],
        "InterfaceType": "interface",
        "Status": "in-use",
        "SourceDestCheck": True,
        "PrivateIpAddresses": [{"PrivateIpAddress": instance["PrivateIpAddress"], "Primary": True}],
        "Groups": instance["SecurityGroups"],
        "Attachment": {"InstanceId": machine, "InstanceOwnerId": account, "Status": "attached"},
    }


def _peer(found: Answers, region: str, name: str, one: tuple[str, str, str], two: tuple[str, str, str]) -> None:
    """An active peering that both sides list, and routes both ways."""
    sides = [
        {"OwnerId": account, "VpcId": vpc, "Region": region, "CidrBlock": cidr} for account, vpc, cidr in (one, two)
    ]
    peering = {
        "VpcPeeringConnectionId": name,
        "Status": {"Code": "active"},
        "RequesterVpcInfo": sides[0],
        "AccepterVpcInfo": sides[1],
    }
    for (account, _, _), (_, _, other) in ((one, two), (two, one)):
        listed = found[account, region, PEERINGS].setdefault("VpcPeeringConnections", [])
        listed[:] = [*(known for known in listed if known["VpcPeeringConnectionId"] != name), peering]
        for table in found[account, region, "ec2.describe_route_tables"]["RouteTables"]:
            route = {"DestinationCidrBlock": other, "VpcPeeringConnectionId": name, "State": "active"}
            table["Routes"] = [*table["Routes"], route]
