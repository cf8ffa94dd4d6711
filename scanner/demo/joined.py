"""What joins accounts: transit gateways, a mesh of peerings, databases handed over, an administrator of them all."""

from __future__ import annotations

from typing import Any

from scanner.demo.data import (
    Original,
    Vault,
    copy_snapshot,
    keep_copy,
    make_key,
    make_secret,
    make_snapshot,
    make_table,
)
from scanner.demo.estate import MAIN, Account, document
from scanner.demo.network import Vpc, make_vpc, peer
from scanner.demo.roles import READ_ONLY, make_role, trust_aws
from scanner.demo.store import Store

BRANCHES = 6


def join(accounts: dict[str, Account], vpcs: dict[str, Vpc], store: Store, vault: Vault) -> None:
    """Build all of it, between the VPCs of the products, by account."""
    _join_flat(accounts["network-shared"], vpcs)
    _join_apart(accounts["network-shared"], vpcs)
    _peer_branches(accounts["network-shared"])
    _hand_over(accounts)
    _open_to_others(accounts, store, vault)
    _delegate(accounts)


def _delegate(accounts: dict[str, Account]) -> None:
    """Planted: a product's account administers Systems Manager in all others."""
    organizations = accounts["harbour-management"].client("organizations", "us-east-1")
    organizations.register_delegated_administrator(
        AccountId=accounts["catalog-production"].id, ServicePrincipal="ssm.amazonaws.com"
    )


# ---------------------------------------------------------------------- transit gateways


def _join_flat(account: Account, vpcs: dict[str, Vpc]) -> None:
    """Planted: production and test in the one route table that a gateway has from the start."""
    gateway, table = _gateway(account, "backbone")
    for name in ("checkout-production", "catalog-production", "checkout-test"):
        vpc = vpcs[name]
        _route(account, table, vpc, _attach(account, gateway, vpc))


def _join_apart(account: Account, vpcs: dict[str, Vpc]) -> None:
    """Clean: production in one table, test in another."""
    gateway, first = _gateway(account, "segmented")
    ec2 = account.client("ec2")
    production, test = (
        ec2.create_transit_gateway_route_table(
            TransitGatewayId=gateway, TagSpecifications=_tags(account, "transit-gateway-route-table", name)
        )["TransitGatewayRouteTable"]["TransitGatewayRouteTableId"]
        for name in ("segmented-production", "segmented-test")
    )
    for name, table in (("orders-production", production), ("catalog-production", production), ("checkout-test", test)):
        vpc = vpcs[name]
        attachment = _attach(account, gateway, vpc)
        # moto cannot undo an association that nobody asked for.
        for which in (first, table):
            ec2.associate_transit_gateway_route_table(
                TransitGatewayRouteTableId=which, TransitGatewayAttachmentId=attachment
            )
            if which == first:
                ec2.disassociate_transit_gateway_route_table(
                    TransitGatewayRouteTableId=which, TransitGatewayAttachmentId=attachment
                )
        _route(account, table, vpc, attachment)


def _gateway(account: Account, name: str) -> tuple[str, str]:
    """A transit gateway and its first route table."""
    gateway = account.client("ec2").create_transit_gateway(
        Description=name, TagSpecifications=_tags(account, "transit-gateway", name)
    )["TransitGateway"]
    account.remember(name, gateway["TransitGatewayArn"])
    return gateway["TransitGatewayId"], gateway["Options"]["AssociationDefaultRouteTableId"]


def _attach(account: Account, gateway: str, vpc: Vpc) -> str:
    made = account.client("ec2").create_transit_gateway_vpc_attachment(
        TransitGatewayId=gateway,
        VpcId=vpc.id,
        SubnetIds=vpc.subnets,
        TagSpecifications=_tags(account, "transit-gateway-attachment", vpc.account.name),
    )
    return str(made["TransitGatewayVpcAttachment"]["TransitGatewayAttachmentId"])


def _route(account: Account, table: str, vpc: Vpc, attachment: str) -> None:
    account.client("ec2").create_transit_gateway_route(
        DestinationCidrBlock=vpc.cidr, TransitGatewayRouteTableId=table, TransitGatewayAttachmentId=attachment
    )


def _tags(account: Account, kind: str, name: str) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": account.resource_tags(name)}]


# ---------------------------------------------------------------------- peerings


def _peer_branches(account: Account) -> None:
    """Planted: a VPC peered with more VPCs than anybody can keep apart."""
    hub = make_vpc(account, "branch-hub", 100)
    for number in range(1, BRANCHES + 1):
        peer(hub, make_vpc(account, f"branch-{number}", 100 + number), f"hub-branch-{number}")


# ---------------------------------------------------------------------- databases handed over


def _hand_over(accounts: dict[str, Account]) -> None:
    """Planted: a snapshot for the campaigns, who copied it, and a cluster lent to the checkout."""
    marketing, catalog = accounts["marketing-production"], accounts["catalog-production"]
    checkout = accounts["checkout-production"]
    payments = Original(checkout, MAIN, "RDS", "checkout-payments", checkout.subjects["checkout-payments"])
    dump = make_snapshot(payments, "checkout-payments-for-campaigns", marketing.id)
    copy_snapshot(marketing, dump, "checkout-payments-of-campaigns", make_key(marketing, "campaigns-key"))
    tags = [{"key": tag["Key"], "value": tag["Value"]} for tag in catalog.resource_tags("catalog-cluster")]
    catalog.client("ram", MAIN).create_resource_share(
        name="catalog-cluster",
        resourceArns=[catalog.subjects["catalog"]],
        principals=[checkout.id],
        allowExternalPrincipals=False,
        tags=tags,
    )


# ---------------------------------------------------------------------- policies of resources, and of a role


def _open_to_others(accounts: dict[str, Account], store: Store, vault: Vault) -> None:
    """Planted: a key for the test account, a login and a table for other workloads, a role for one that was deleted.

    Clean: a login for nobody else, a table for an account that serves all.
    """
    orders, catalog, marketing = (accounts[f"{name}-production"] for name in ("orders", "catalog", "marketing"))
    test, tooling = accounts["checkout-test"], accounts["tooling-shared"]
    make_key(accounts["checkout-production"], "checkout-export-key", MAIN, _allow(test, "kms:Decrypt"))
    make_secret(catalog, "catalog-database-login", _allow(orders, "secretsmanager:GetSecretValue"))
    make_secret(orders, "orders-database-login")
    for name, reader in (("orders-events", marketing), ("orders-parcels", tooling)):
        table = make_table(orders, name, recoverable=True)
        keep_copy(store, table, vault)
        policy = document({**_allow(reader, "dynamodb:Query"), "Resource": table.arn})
        orders.client("dynamodb").put_resource_policy(ResourceArn=table.arn, Policy=policy)
    make_role(marketing, "old-pipeline", trust_aws("AROAEXAMPLEDELETED123"), managed=READ_ONLY)


def _allow(reader: Account, action: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": {"AWS": reader.root_arn}, "Action": action, "Resource": "*"}
