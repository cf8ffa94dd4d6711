"""What the rows of a change belong to: a rule to its group, a route to its table, a policy to its holder.

Where that is nowhere - made since the snapshot, in an account it left out, misspelled - no verdict shows what the change does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.gate.changes import Rows
from scanner.gate.overlay import Overlay
from scanner.gate.values import DEFAULT_GROUP

TARGETS = (
    ("peering", "vpc_peerings", "peering_id"),
    ("transit_gateway", "transit_gateways", "transit_gateway_id"),
    ("nat_gateway", "nat_gateways", "nat_gateway_id"),
    ("internet_gateway", "internet_gateways", "gateway_id"),
)
"""What routes lead to, by the kind of their target."""
OWNERS: tuple[tuple[str, str, str, str], ...] = (
    ("backup_selections", "plan_id", "backup_plans", "plan_id"),
    ("compute", "group_ids", "security_groups", "group_id"),
    ("compute", "subnet_ids", "subnets", "subnet_id"),
    ("databases", "group_ids", "security_groups", "group_id"),
    ("group_members", "user_arn", "principals", "arn"),
    ("instances", "group_ids", "security_groups", "group_id"),
    ("instances", "subnet_id", "subnets", "subnet_id"),
    ("nat_gateways", "subnet_id", "subnets", "subnet_id"),
    ("network_acl_associations", "acl_id", "network_acls", "acl_id"),
    ("network_acl_entries", "acl_id", "network_acls", "acl_id"),
    ("network_acls", "vpc_id", "vpcs", "vpc_id"),
    ("network_interfaces", "group_ids", "security_groups", "group_id"),
    ("policy_attachments", "principal_arn", "principals", "arn"),
    ("policy_documents", "holder_arn", "principals", "arn"),
    ("policy_targets", "policy_id", "organization_policies", "policy_id"),
    ("route_table_associations", "route_table_id", "route_tables", "route_table_id"),
    ("route_tables", "vpc_id", "vpcs", "vpc_id"),
    ("routes", "route_table_id", "route_tables", "route_table_id"),
    *(("routes", "target_id", owners, name) for _, owners, name in TARGETS),
    ("security_group_rules", "group_id", "security_groups", "group_id"),
    ("security_group_rules", "peer", "security_groups", "group_id"),
    ("security_groups", "vpc_id", "vpcs", "vpc_id"),
    ("share_principals", "share_arn", "resource_shares", "arn"),
    ("share_resources", "share_arn", "resource_shares", "arn"),
    ("subnets", "vpc_id", "vpcs", "vpc_id"),
    ("transit_gateway_associations", "attachment_id", "transit_gateway_attachments", "attachment_id"),
    ("transit_gateway_associations", "route_table_id", "transit_gateway_route_tables", "route_table_id"),
    ("transit_gateway_attachments", "transit_gateway_id", "transit_gateways", "transit_gateway_id"),
    ("transit_gateway_propagations", "attachment_id", "transit_gateway_attachments", "attachment_id"),
    ("transit_gateway_propagations", "route_table_id", "transit_gateway_route_tables", "route_table_id"),
    ("transit_gateway_route_tables", "transit_gateway_id", "transit_gateways", "transit_gateway_id"),
    ("transit_gateway_routes", "attachment_id", "transit_gateway_attachments", "attachment_id"),
    ("transit_gateway_routes", "route_table_id", "transit_gateway_route_tables", "route_table_id"),
    ("vpc_endpoints", "vpc_id", "vpcs", "vpc_id"),
    ("vpc_peerings", "requester_vpc_id", "vpcs", "vpc_id"),
)
"""A table, the column that names what its rows belong to, and the table and column where that is."""


def nowhere(laid: Overlay, come: Rows) -> Iterator[str]:
    """The ids and ARNs that rows which come belong to, and that are neither there nor come too."""
    told: set[str] = set()
    for table, column, owners, name in OWNERS:
        rows = [row for row in come.plain.get(table, ()) if row.get(column) and _belongs(table, column, owners, row)]
        named = {str(one) for row in rows for one in _listed(row[column])} - told - {DEFAULT_GROUP}
        missing = laid.missing(owners, name, named) if named else []
        told.update(missing)
        yield from missing


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _belongs(table: str, column: str, owners: str, row: Mapping[str, Any]) -> bool:
    """Whether the column names one of these owners here: policies stand in a principal where they are inline, a group of another
    account may be one that nobody reads."""
    if table == "policy_documents":
        return row.get("kind") == "inline"
    if column == "target_id":
        return (row.get("target_type"), owners) in {(kind, where) for kind, where, _ in TARGETS}
    if column == "peer":
        return row.get("peer_type") == "group" and row.get("peer_account_id") in (None, row.get("account_id"))
    return True
