"""VPCs, security groups and instances, all of them tagged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scanner.demo.estate import MAIN, Account, Tags

IMAGE = "ami-0a1b2c3d4e5f60718"


@dataclass
class Vpc:
    """A VPC with two private subnets in two zones."""

    account: Account
    region: str
    id: str
    cidr: str
    subnets: list[str]

    @property
    def ec2(self) -> Any:
        return self.account.client("ec2", self.region)

    def subnet_arn(self, number: int) -> str:
        return f"arn:aws:ec2:{self.region}:{self.account.id}:subnet/{self.subnets[number]}"


def make_vpc(account: Account, name: str, second_octet: int, region: str = MAIN, **tags: str | None) -> Vpc:
    """A VPC 10.<second_octet>.0.0/16 with two /24 subnets; what AWS creates along with it is tagged too."""
    ec2, cidr = account.client("ec2", region), f"10.{second_octet}.0.0/16"
    vpc = ec2.create_vpc(CidrBlock=cidr, TagSpecifications=_tagged("vpc", account.resource_tags(name, **tags)))
    vpc_id = vpc["Vpc"]["VpcId"]
    subnets = []
    for number, zone in enumerate("ab"):
        subnet = ec2.create_subnet(
            VpcId=vpc_id,
            CidrBlock=f"10.{second_octet}.{number}.0/24",
            AvailabilityZone=f"{region}{zone}",
            TagSpecifications=_tagged("subnet", account.resource_tags(f"{name}-{zone}", **tags)),
        )
        subnets.append(subnet["Subnet"]["SubnetId"])
    ec2.create_tags(Resources=_created_along(ec2, vpc_id), Tags=account.resource_tags(f"{name}-default", **tags))
    account.remember(name, f"arn:aws:ec2:{region}:{account.id}:vpc/{vpc_id}")
    return Vpc(account, region, vpc_id, cidr, subnets)


def _created_along(ec2: Any, vpc_id: str) -> list[str]:
    """Main route table, default security group and default network ACL of a new VPC."""
    of_vpc = [{"Name": "vpc-id", "Values": [vpc_id]}]
    return [
        ec2.describe_route_tables(Filters=of_vpc)["RouteTables"][0]["RouteTableId"],
        ec2.describe_security_groups(Filters=of_vpc)["SecurityGroups"][0]["GroupId"],
        ec2.describe_network_acls(Filters=of_vpc)["NetworkAcls"][0]["NetworkAclId"],
    ]


def make_public(vpc: Vpc, name: str) -> None:
    """An internet gateway and a default route to it."""
    tags = vpc.account.resource_tags(name)
    gateway = vpc.ec2.create_internet_gateway(TagSpecifications=_tagged("internet-gateway", tags))
    gateway_id = gateway["InternetGateway"]["InternetGatewayId"]
    vpc.ec2.attach_internet_gateway(InternetGatewayId=gateway_id, VpcId=vpc.id)
    tables = vpc.ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc.id]}])["RouteTables"]
    vpc.ec2.create_route(RouteTableId=tables[0]["RouteTableId"], DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway_id)


def make_group(vpc: Vpc, name: str, **tags: str | None) -> str:
    """A security group that admits nothing."""
    group = vpc.ec2.create_security_group(
        GroupName=name,
        Description=f"{name} of {vpc.account.name}",
        VpcId=vpc.id,
        TagSpecifications=_tagged("security-group", vpc.account.resource_tags(name, **tags)),
    )
    return str(group["GroupId"])


def admit_groups(vpc: Vpc, group: str, port: int, *sources: str) -> None:
    """Let members of the source groups reach members of `group` on a TCP port."""
    pairs = [{"GroupId": source, "UserId": vpc.account.id} for source in sources]
    _admit(vpc, group, port, UserIdGroupPairs=pairs)


def admit_cidr(vpc: Vpc, group: str, port: int, cidr: str) -> None:
    """Let addresses of a range reach members of `group` on a TCP port."""
    _admit(vpc, group, port, IpRanges=[{"CidrIp": cidr, "Description": "opened by hand"}])


def _admit(vpc: Vpc, group: str, port: int, **source: Any) -> None:
    permission = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **source}
    vpc.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])


def make_instance(vpc: Vpc, name: str, group: str, **tags: str | None) -> str:
    """An instance in the first subnet; its volume and interface carry its tags."""
    wanted = vpc.account.resource_tags(name, **tags)
    instance = vpc.ec2.run_instances(
        ImageId=IMAGE,
        InstanceType="t3.small",
        MinCount=1,
        MaxCount=1,
        SubnetId=vpc.subnets[0],
        SecurityGroupIds=[group],
        TagSpecifications=[*_tagged("instance", wanted), *_tagged("volume", wanted)],
    )["Instances"][0]
    interfaces = [interface["NetworkInterfaceId"] for interface in instance["NetworkInterfaces"]]
    if wanted:
        vpc.ec2.create_tags(Resources=interfaces, Tags=wanted)  # moto ignores TagSpecifications for them
    return str(instance["InstanceId"])


def _tagged(kind: str, tags: Tags) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": tags}]


def peer(requester: Vpc, accepter: Vpc, name: str) -> str:
    """A peering with routes both ways. Security groups still decide what passes."""
    made = requester.ec2.create_vpc_peering_connection(
        VpcId=requester.id,
        PeerVpcId=accepter.id,
        PeerOwnerId=accepter.account.id,
        PeerRegion=accepter.region,
        TagSpecifications=_tagged("vpc-peering-connection", requester.account.resource_tags(name)),
    )
    peering = str(made["VpcPeeringConnection"]["VpcPeeringConnectionId"])
    accepter.ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
    stem = f"arn:aws:ec2:{requester.region}:{requester.account.id}:vpc-peering-connection"
    requester.account.remember(name, f"{stem}/{peering}")
    for vpc, other in ((requester, accepter), (accepter, requester)):
        table = _created_along(vpc.ec2, vpc.id)[0]
        vpc.ec2.create_route(RouteTableId=table, DestinationCidrBlock=other.cidr, VpcPeeringConnectionId=peering)
    return peering
