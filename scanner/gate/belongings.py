"""What the rows of a change belong to: a rule to its group, a route to its table, a policy to its holder.

Where that is nowhere - made since the snapshot, in an account it left out, misspelled - no verdict shows what the change does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.gate.changes import Rows
from scanner.gate.overlay import Overlay

OWNERS: Mapping[str, tuple[str, str, str]] = {
    "backup_selections": ("plan_id", "backup_plans", "plan_id"),
    "group_members": ("user_arn", "principals", "arn"),
    "instances": ("subnet_id", "subnets", "subnet_id"),
    "nat_gateways": ("subnet_id", "subnets", "subnet_id"),
    "network_acl_entries": ("acl_id", "network_acls", "acl_id"),
    "network_acls": ("vpc_id", "vpcs", "vpc_id"),
    "policy_attachments": ("principal_arn", "principals", "arn"),
    "policy_documents": ("holder_arn", "principals", "arn"),
    "route_tables": ("vpc_id", "vpcs", "vpc_id"),
    "routes": ("route_table_id", "route_tables", "route_table_id"),
    "security_group_rules": ("group_id", "security_groups", "group_id"),
    "security_groups": ("vpc_id", "vpcs", "vpc_id"),
    "subnets": ("vpc_id", "vpcs", "vpc_id"),
    "vpc_endpoints": ("vpc_id", "vpcs", "vpc_id"),
    "vpc_peerings": ("requester_vpc_id", "vpcs", "vpc_id"),
}
"""By table, the column that names what its rows belong to, and the table and column where that is."""


def nowhere(laid: Overlay, come: Rows) -> Iterator[str]:
    """The ids and ARNs that rows which come belong to, and that are neither there nor come too."""
    for table, (column, owners, name) in OWNERS.items():
        named = {str(row[column]) for row in come.plain.get(table, ()) if row.get(column) and _belongs(table, row)}
        yield from laid.missing(owners, name, named) if named else ()


def _belongs(table: str, row: Mapping[str, Any]) -> bool:
    """Policies stand in a principal where they are inline; the others have rows of their own."""
    return table != "policy_documents" or row.get("kind") == "inline"
