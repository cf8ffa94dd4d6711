"""Parts of the small organization for rules about gateways, peerings, shares, policies of resources and trust."""

from __future__ import annotations

from typing import Any

from tests.rule import organization as o

PLACE = f"{o.HERE}:{o.NETWORK}"
JOINED, APART = "tgw-rtb-1", "tgw-rtb-2"


def gateways() -> dict[str, Any]:
    """`tgw-1` joins production and test in one table; `tgw-2` keeps them apart in two."""
    owners = {"orders": o.ORDERS, "test": o.TEST, "payments": o.PAYMENTS}
    tables = {("tgw-1", "orders"): JOINED, ("tgw-1", "test"): JOINED, ("tgw-1", "payments"): JOINED}
    tables |= {("tgw-2", "orders"): APART, ("tgw-2", "payments"): APART, ("tgw-2", "test"): "tgw-rtb-3"}

    def link(gateway: str, name: str, state: str) -> dict[str, Any]:
        return {"TransitGatewayAttachmentId": f"tgw-attach-{gateway[-1]}-{name}", "ResourceType": "vpc", "ResourceId": f"vpc-{name}", "State": state}  # fmt: skip

    def described(gateway: str, name: str, table: str) -> dict[str, Any]:
        return {**link(gateway, name, "available"), "TransitGatewayId": gateway, "TransitGatewayOwnerId": o.NETWORK, "ResourceOwnerId": owners[name],
                "Association": {"TransitGatewayRouteTableId": table, "State": "associated"}}  # fmt: skip

    def of_table(answer: Any, **more: Any) -> list[dict[str, Any]]:
        found = {
            table: answer([pair for pair, other in tables.items() if other == table])
            for table in sorted(set(tables.values()))
        }
        return o.per("TransitGatewayRouteTableId", found, **more)

    def route(number: int, pair: tuple[str, str]) -> dict[str, Any]:
        return {"DestinationCidrBlock": f"10.{100 + number}.0.0/16", "Type": "propagated", "State": "active", "TransitGatewayAttachments": [link(pair[0], pair[1], "available")]}  # fmt: skip

    return {
        "ec2.describe_transit_gateways": {"TransitGateways": [
            {"TransitGatewayId": name, "TransitGatewayArn": f"arn:aws:ec2:{PLACE}:transit-gateway/{name}", "OwnerId": o.NETWORK, "State": "available",
             "Options": {"DefaultRouteTableAssociation": "enable", "AssociationDefaultRouteTableId": JOINED} if name == "tgw-1" else {}} for name in ("tgw-1", "tgw-2")]},
        "ec2.describe_transit_gateway_attachments": {"TransitGatewayAttachments": [described(*pair, table) for pair, table in tables.items()]},
        "ec2.describe_transit_gateway_vpc_attachments": {"TransitGatewayVpcAttachments": [
            {"TransitGatewayAttachmentId": link(pair[0], pair[1], "")["TransitGatewayAttachmentId"], "SubnetIds": ["subnet-s1"]} for pair in tables]},
        "ec2.describe_transit_gateway_route_tables": {"TransitGatewayRouteTables": [
            {"TransitGatewayRouteTableId": table, "TransitGatewayId": gateway, "State": "available"} for gateway, table in sorted({(pair[0], table) for pair, table in tables.items()})]},
        "ec2.search_transit_gateway_routes": of_table(
            lambda pairs: {"Routes": [route(number, pair) for number, pair in enumerate(pairs)]}, Filters=[{"Name": "state", "Values": ["active", "blackhole"]}]),
        "ec2.get_transit_gateway_route_table_associations": of_table(lambda pairs: {"Associations": [link(pair[0], pair[1], "associated") for pair in pairs]}),
        "ec2.get_transit_gateway_route_table_propagations": of_table(lambda pairs: {"TransitGatewayRouteTablePropagations": [link(pair[0], pair[1], "enabled") for pair in pairs]}),
    }  # fmt: skip


def peerings() -> dict[str, Any]:
    """One VPC peered with six others."""
    return {"ec2.describe_vpc_peering_connections": {"VpcPeeringConnections": [
        {"VpcPeeringConnectionId": f"pcx-s{n}", "Status": {"Code": "active"},
         "RequesterVpcInfo": {"OwnerId": o.NETWORK, "VpcId": "vpc-shared", "Region": o.HERE, "CidrBlock": "10.9.0.0/16"},
         "AccepterVpcInfo": {"OwnerId": o.OUTSIDER, "VpcId": f"vpc-branch-{n}", "Region": o.HERE, "CidrBlock": f"10.2{n}.0.0/16"}} for n in range(6)]}}  # fmt: skip


def lone_bucket() -> dict[str, Any]:
    """Production of a workload that has the account to itself."""
    name, said = "reports", o.tag_list(workload="reports", environment="production", owner="x")
    absent = {
        "s3.get_bucket_replication": "ReplicationConfigurationNotFoundError",
        "s3.get_object_lock_configuration": "ObjectLockConfigurationNotFoundError",
        "s3.get_bucket_encryption": "ServerSideEncryptionConfigurationNotFoundError",
        "s3.get_public_access_block": "NoSuchPublicAccessBlockConfiguration",
        "s3.get_bucket_policy": "NoSuchBucketPolicy",
    }
    found = {call: o.refusal(code) for call, code in absent.items()}
    found |= {"s3.get_bucket_versioning": {"Status": "Enabled"}, "s3.get_bucket_tagging": {"TagSet": said}}
    listed = {"s3.list_buckets": {"Buckets": [{"Name": name, "BucketRegion": o.HERE}]}}
    return listed | {call: o.per("Bucket", {name: answer}) for call, answer in found.items()}


def legacy_secrets() -> dict[str, Any]:
    """Credentials of a database that another account may read, and some that none may; a secret that is no credentials."""
    arn = {
        name: f"arn:aws:secretsmanager:{o.HERE}:{o.LEGACY}:secret:{name}" for name in ("s", "shop-db", "blog-database")
    }
    policies = {"s": o.allow({"AWS": o.root_of(o.ORDERS)}), "shop-db": o.allow({"AWS": o.root_of(o.PAYMENTS)}, "secretsmanager:GetSecretValue")}  # fmt: skip
    return {
        "secretsmanager.list_secrets": {"SecretList": [{"ARN": arn[name], "Name": name, "Tags": o.tag_list(workload="blog")} for name in arn]},
        "secretsmanager.get_resource_policy": o.per("SecretId", {
            arn[name]: {"ResourcePolicy": o.document(policies[name])} if name in policies else {} for name in arn}),
    }  # fmt: skip


PARTS = (
    (o.NETWORK, o.HERE, gateways() | peerings()),
    (o.BACKUP, "global", lone_bucket()),
    (o.LEGACY, o.HERE, legacy_secrets()),
)


def trusting(role: Any, trusts: Any) -> list[dict[str, Any]]:
    """Roles that trust who is gone."""
    return [
        role("trusts-deleted", trusts({"AWS": "AROAEXAMPLE1234567890"})),
        role("trusts-closed", trusts({"AWS": o.root_of(o.CLOSED)})),
        role("trusts-missing", trusts({"AWS": f"arn:aws:iam::{o.TEST}:role/gone"})),
        role("trusts-no-provider", trusts({"Federated": f"arn:aws:iam::{o.ORDERS}:saml-provider/gone"})),
    ]
