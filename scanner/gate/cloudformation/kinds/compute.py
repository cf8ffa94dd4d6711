"""Security groups and their rules, instances, interfaces, volumes, functions, container services, clusters, load balancers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.gate.cloudformation.kinds import (
    Block,
    Part,
    Tree,
    attributes_of,
    declare,
    dig,
    each,
    listed,
    picked,
    plain,
    without_none,
)
from scanner.gate.cloudformation.leaves import Reference, Unknown

BY_NAME = Unknown("is a group by its name, which is not looked up")
EVERYWHERE: Tree = {"protocol": "-1", "cidr_blocks": ["0.0.0.0/0"]}
GROUP = {"GroupId": "id"}


@declare("AWS::EC2::SecurityGroup", "aws_security_group", attributes=GROUP)
def group(block: Block) -> Iterator[Part]:
    """A group. Without rules of its own, what goes out may go everywhere, as EC2 makes it."""
    made = attributes_of(block, {"GroupName": "name"})
    for name, direction in (("SecurityGroupIngress", "ingress"), ("SecurityGroupEgress", "egress")):
        made.pop(f"security_group_{direction}", None)
        made[direction] = each(block.get(name), inline_rule)
    yield "aws_security_group", {**made, "egress": made["egress"] or [EVERYWHERE]}


def inline_rule(said: Any) -> Tree:
    lists = {
        "cidr_blocks": dig(said, "CidrIp"),
        "ipv6_cidr_blocks": dig(said, "CidrIpv6"),
        "prefix_list_ids": first(said, "SourcePrefixListId", "DestinationPrefixListId"),
        "security_groups": peer(said),
    }
    made = {name: [one] for name, one in lists.items() if one is not None}
    ports = {"from_port": dig(said, "FromPort"), "to_port": dig(said, "ToPort")}
    return without_none({"protocol": dig(said, "IpProtocol"), **ports, **made})


def peer(said: Any) -> Any:
    """The group that a rule lets in; one of another account is written as `account/group`."""
    found = first(said, "SourceSecurityGroupId", "DestinationSecurityGroupId")
    if found is None:
        return BY_NAME if dig(said, "SourceSecurityGroupName") is not None else None
    owner = dig(said, "SourceSecurityGroupOwnerId")
    if owner is None or isinstance(found, Reference | Unknown):
        return found
    return owner if isinstance(owner, Unknown) else f"{owner}/{found}"


def first(said: Any, *names: str) -> Any:
    return next((found for name in names if (found := dig(said, name)) is not None), None)


@declare("AWS::EC2::SecurityGroupIngress", "aws_vpc_security_group_ingress_rule")
@declare("AWS::EC2::SecurityGroupEgress", "aws_vpc_security_group_egress_rule")
def rule(block: Block) -> Iterator[Part]:
    said, direction = block.properties, "ingress" if block.type.endswith("Ingress") else "egress"
    made = {
        "security_group_id": said.get("GroupId", BY_NAME),
        "ip_protocol": said.get("IpProtocol"),
        "from_port": said.get("FromPort"),
        "to_port": said.get("ToPort"),
        "cidr_ipv4": said.get("CidrIp"),
        "cidr_ipv6": said.get("CidrIpv6"),
        "prefix_list_id": first(said, "SourcePrefixListId", "DestinationPrefixListId"),
        "referenced_security_group_id": peer(said),
    }
    yield f"aws_vpc_security_group_{direction}_rule", without_none(made)


@declare("AWS::EC2::Instance", "aws_instance", attributes={"InstanceId": "id"})
def instance(block: Block) -> Iterator[Part]:
    made = attributes_of(block, {"SecurityGroupIds": "vpc_security_group_ids", "PrivateIpAddress": "private_ip"})
    if block.get("SecurityGroups") is not None:
        made["vpc_security_group_ids"] = BY_NAME
    interfaces = listed(block.get("NetworkInterfaces"))
    if interfaces:
        made |= _of_interface(interfaces[0])
    if block.get("LaunchTemplate") is not None:
        in_template = Unknown("may be said by the launch template")
        for name in ("subnet_id", "vpc_security_group_ids", "iam_instance_profile"):
            made.setdefault(name, in_template)
    yield "aws_instance", made


def _of_interface(said: Any) -> Tree:
    if isinstance(said, Unknown) or not isinstance(said, Mapping) or "NetworkInterfaceId" in said:
        why = said if isinstance(said, Unknown) else Unknown("is that of a network interface")
        return {"subnet_id": why, "vpc_security_group_ids": why}
    own = {"subnet_id": said.get("SubnetId"), "vpc_security_group_ids": said.get("GroupSet")}
    return without_none({**own, "private_ip": said.get("PrivateIpAddress")})


@declare("AWS::EC2::NetworkInterface", "aws_network_interface")
def interface(block: Block) -> Iterator[Part]:
    made = attributes_of(block, {"GroupSet": "security_groups"})
    addresses = [dig(one, "PrivateIpAddress") for one in listed(block.get("PrivateIpAddresses"))]
    made["private_ips"] = addresses or listed(block.get("PrivateIpAddress"))
    if "ipv6_addresses" in made:
        made["ipv6_addresses"] = each(block.get("Ipv6Addresses"), lambda one: dig(one, "Ipv6Address"))
    yield "aws_network_interface", made


plain("AWS::EC2::Volume", "aws_ebs_volume", attributes={"VolumeId": "id"})


@declare("AWS::Lambda::Function", "aws_lambda_function", ref="function_name")
def function(block: Block) -> Iterator[Part]:
    said = block.properties
    made = {name: said.get(name) for name in ("FunctionName", "Role", "VpcConfig", "Tags")}
    kept = Block(block.type, without_none(made), block.me, block.document, block.account_id, block.region)
    yield "aws_lambda_function", attributes_of(kept)


plain("AWS::Lambda::Permission", "aws_lambda_permission", {"PrincipalOrgID": "principal_org_id"})


@declare("AWS::ElasticLoadBalancingV2::LoadBalancer", "aws_lb", ref="arn", attributes={"LoadBalancerArn": "arn"})
def balancer(block: Block) -> Iterator[Part]:
    made, scheme = attributes_of(block), block.get("Scheme")
    made["internal"] = scheme if isinstance(scheme, Unknown) else scheme == "internal"
    if "subnet_mappings" in made:
        made["subnets"] = each(block.get("SubnetMappings"), lambda one: dig(one, "SubnetId"))
    yield "aws_lb", made


@declare("AWS::ElasticLoadBalancing::LoadBalancer", "aws_elb")
def classic_balancer(block: Block) -> Iterator[Part]:
    names = {"LoadBalancerName": "name"}
    made, scheme = attributes_of(block, names), block.get("Scheme")
    made["internal"] = scheme if isinstance(scheme, Unknown) else scheme == "internal"
    yield "aws_elb", made


@declare("AWS::ECS::Service", "aws_ecs_service", attributes={"ServiceArn": "id", "Name": "name"})
def service(block: Block) -> Iterator[Part]:
    made = attributes_of(block, {"ServiceName": "name"})
    inside = block.get("NetworkConfiguration", "AwsvpcConfiguration")
    if inside is not None:
        made["network_configuration"] = (
            inside if isinstance(inside, Unknown) else [picked(inside, "Subnets", "SecurityGroups")]
        )
    yield "aws_ecs_service", made


plain("AWS::ECS::Cluster", "aws_ecs_cluster", {"ClusterName": "name"})


@declare("AWS::EKS::Cluster", "aws_eks_cluster", ref="name")
def kubernetes_cluster(block: Block) -> Iterator[Part]:
    made = attributes_of(block)
    inside = block.get("ResourcesVpcConfig")
    if inside is not None:
        made["vpc_config"] = (
            inside if isinstance(inside, Unknown) else [picked(inside, "SubnetIds", "SecurityGroupIds")]
        )
    yield "aws_eks_cluster", made
