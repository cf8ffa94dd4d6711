"""A small organization as a snapshot on disk, and plans for it, written by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from scanner import policy
from scanner.collect import registry
from scanner.collect.run import call_tables
from scanner.config import Config
from scanner.gate import judge
from scanner.gated import Gated
from scanner.snapshot.store import MANIFEST, SCHEMA_VERSION
from scanner.snapshot.tables import TABLES

MANAGEMENT, PRODUCTION, TEST, BACKUP = "111111111111", "222222222222", "333333333333", "444444444444"
NAMES = {MANAGEMENT: "management", PRODUCTION: "shop-production", TEST: "shop-test", BACKUP: "backup"}
ROOT, WORKLOADS = "r-abcd", "ou-abcd-workload"
REGION = "eu-central-1"
SCP = "arn:aws:organizations::111111111111:policy/o-small00000/service_control_policy/p-guard"

Rows = dict[str, list[dict[str, Any]]]


def write(path: Path, more: Mapping[str, list[dict[str, Any]]] | None = None) -> Path:
    """Write the snapshot, with more rows by table; returns its path."""
    rows = organization()
    for name, added in (more or {}).items():
        rows.setdefault(name, []).extend(added)
    path.mkdir(parents=True)
    for table in TABLES.values():
        listed = [{"region": REGION, **row} for row in rows.get(table.name, [])]
        arrays = [pa.array([row.get(field.name) for row in listed], field.type) for field in table.arrow]
        arrays.append(pa.array([str(number) for number, _ in enumerate(listed)], pa.string()))
        schema = table.arrow.append(pa.field("row_hash", pa.string()))
        pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path / f"{table.name}.parquet")
    manifest = {"schema_version": SCHEMA_VERSION, "id": "small", "started_at": "2026-06-01T00:00:00Z"}
    manifest |= {"finished_at": "2026-06-01T01:00:00Z", "organization_id": "o-small00000", "tool_version": "0"}
    (path / MANIFEST).write_text(json.dumps(manifest))
    return path


def organization() -> Rows:
    """Four accounts, all of them read; production and test each have a VPC with an instance, production a database too."""
    rows: Rows = {
        "call_tables": [{**row, "region": None} for row in call_tables()],
        "organizations": [{"account_id": MANAGEMENT, "organization_id": "o-small00000", "feature_set": "ALL", "management_account_id": MANAGEMENT}],
        "organizational_units": [
            {"account_id": MANAGEMENT, "unit_id": ROOT, "name": "Root", "is_root": True, "path": "Root", "depth": 0},
            {"account_id": MANAGEMENT, "unit_id": WORKLOADS, "name": "Workloads", "parent_id": ROOT, "is_root": False, "path": "Root / Workloads", "depth": 1},
        ],
        "policy_types": [{"account_id": MANAGEMENT, "root_id": ROOT, "type": "SERVICE_CONTROL_POLICY", "status": "ENABLED"}],
    }  # fmt: skip
    _accounts(rows)
    _guardrail(rows)
    for number, account in enumerate((PRODUCTION, TEST), 1):
        _network(rows, account, number)
    _database(rows)
    return rows


def _accounts(rows: Rows) -> None:
    for account, name in NAMES.items():
        arn = f"arn:aws:organizations::{MANAGEMENT}:account/o-small00000/{account}"
        row = {"account_id": account, "region": "global", "arn": arn, "name": name, "status": "ACTIVE"}
        row |= {"joined_method": "CREATED", "parent_id": WORKLOADS}
        rows.setdefault("accounts", []).append({**row, "is_management": account == MANAGEMENT, "is_member": True})
        rows.setdefault("scope", []).append({"account_id": account, "in_scope": True})
        for distance, unit in enumerate((account, WORKLOADS, ROOT)):
            ancestor = {"account_id": MANAGEMENT, "target_id": account, "ancestor_id": unit, "distance": distance}
            rows.setdefault("unit_ancestors", []).append(ancestor)
        for key, value in (
            ("owner", "shop"),
            ("product", "shop"),
            ("cost-centre", "1"),
            ("environment", _environment(name)),
        ):
            rows.setdefault("tags", []).append({"account_id": MANAGEMENT, "arn": arn, "key": key, "value": value})
        for name_of, module in registry().items():
            regions = [REGION] if module.SCOPE == "region" else ["global"]
            if module.SCOPE != "organization" or account == MANAGEMENT:
                rows.setdefault("coverage", []).extend(
                    {"account_id": account, "region": region, "collector": name_of, "call": call.name, "status": "collected", "items": 1, "failed": 0, "requests": 1}
                    for region in regions for call in module.CALLS
                )  # fmt: skip
    for distance, unit in enumerate((WORKLOADS, ROOT)):
        rows["unit_ancestors"].append(
            {"account_id": MANAGEMENT, "target_id": WORKLOADS, "ancestor_id": unit, "distance": distance}
        )
    rows["unit_ancestors"].append({"account_id": MANAGEMENT, "target_id": ROOT, "ancestor_id": ROOT, "distance": 0})


def _environment(name: str) -> str:
    return name.rpartition("-")[2] if "-" in name else "shared"


def _guardrail(rows: Rows) -> None:
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    deny = {"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}
    for policy_id, name, statement, managed in (
        ("p-FullAWSAccess", "FullAWSAccess", allow, True),
        ("p-guard", "guard", deny, False),
    ):
        arn = "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess" if managed else SCP
        document = {"Version": "2012-10-17", "Statement": [statement]}
        row = {
            "account_id": MANAGEMENT,
            "policy_id": policy_id,
            "arn": arn,
            "name": name,
            "type": "SERVICE_CONTROL_POLICY",
        }
        rows.setdefault("organization_policies", []).append(
            {**row, "aws_managed": managed, "content": json.dumps(document)}
        )
        _add(rows, MANAGEMENT, policy.rows(arn, "scp", name, document))
        for target in (ROOT, WORKLOADS, *NAMES) if managed else (ROOT,):
            kind = "ROOT" if target == ROOT else "ORGANIZATIONAL_UNIT" if target == WORKLOADS else "ACCOUNT"
            attached = {"account_id": MANAGEMENT, "policy_id": policy_id, "target_id": target, "target_type": kind}
            rows.setdefault("policy_targets", []).append(attached)


def _add(rows: Rows, account: str, made: Any) -> None:
    for table, row in made:
        rows.setdefault(table, []).append({"account_id": account, **row})


def _network(rows: Rows, account: str, number: int) -> None:
    here = {"account_id": account, "owner_id": account}
    vpc, subnet, table, acl, group = (f"{kind}-{number}" for kind in ("vpc", "subnet", "rtb", "acl", "sg"))
    stem = f"arn:aws:ec2:{REGION}:{account}:"
    add = lambda table, row: rows.setdefault(table, []).append(row)  # noqa: E731
    add(
        "vpcs",
        {**here, "vpc_id": vpc, "arn": f"{stem}vpc/{vpc}", "name": vpc, "is_default": False, "state": "available"},
    )
    add(
        "vpc_cidrs",
        {"account_id": account, "vpc_id": vpc, "cidr": f"10.{number}.0.0/16", "family": 4, "state": "associated"},
    )
    cidr = f"10.{number}.0.0/24"
    add(
        "subnets",
        {**here, "subnet_id": subnet, "arn": f"{stem}subnet/{subnet}", "vpc_id": vpc, "cidr": cidr, "ipv6_cidrs": []},
    )
    add("route_tables", {**here, "route_table_id": table, "vpc_id": vpc, "is_main": True})
    local = {"target_type": "local", "target_id": "local", "state": "active", "origin": "CreateRouteTable"}
    add(
        "routes",
        {
            "account_id": account,
            "route_table_id": table,
            "destination": f"10.{number}.0.0/16",
            "destination_type": "ipv4",
            **local,
        },
    )
    add("network_acls", {**here, "acl_id": acl, "vpc_id": vpc, "is_default": True})
    add("network_acl_associations", {"account_id": account, "acl_id": acl, "subnet_id": subnet})
    for direction in ("ingress", "egress"):
        entry = {
            "account_id": account,
            "acl_id": acl,
            "direction": direction,
            "protocol": "-1",
            "cidr": "0.0.0.0/0",
            "family": 4,
        }
        add("network_acl_entries", {**entry, "number": 100, "action": "allow"})
    for part in ("app", "db"):
        name = f"{group}-{part}"
        add(
            "security_groups",
            {**here, "group_id": name, "arn": f"{stem}security-group/{name}", "vpc_id": vpc, "name": part},
        )
        out = {
            "account_id": account,
            "group_id": name,
            "direction": "egress",
            "protocol": "-1",
            "peer_type": "ipv4",
            "peer": "0.0.0.0/0",
        }
        add("security_group_rules", out)
    rule = {
        "account_id": account,
        "group_id": f"{group}-db",
        "direction": "ingress",
        "protocol": "tcp",
        "from_port": 5432,
        "to_port": 5432,
    }
    add("security_group_rules", {**rule, "peer_type": "group", "peer": f"{group}-app", "peer_account_id": account})
    instance = f"i-{number}"
    common = {"vpc_id": vpc, "subnet_id": subnet, "group_ids": [f"{group}-app"]}
    add(
        "instances",
        {
            "account_id": account,
            "instance_id": instance,
            "arn": f"{stem}instance/{instance}",
            "name": "app",
            "state": "running",
            "private_ip": f"10.{number}.0.10",
            **common,
        },
    )
    add(
        "network_interfaces",
        {
            **here,
            "eni_id": f"eni-{number}",
            "instance_id": instance,
            "interface_type": "interface",
            "status": "in-use",
            "private_ips": [f"10.{number}.0.10"],
            "ipv6_ips": [],
            "public_ips": [],
            "source_dest_check": True,
            **common,
        },
    )
    add("public_access_blocks", {"account_id": account, "mode": "off"})


DATABASE = f"arn:aws:rds:{REGION}:{PRODUCTION}:db:orders"
VAULT = f"arn:aws:backup:{REGION}:{BACKUP}:backup-vault:copies"


def _database(rows: Rows) -> None:
    row = {
        "account_id": PRODUCTION,
        "arn": DATABASE,
        "name": "orders",
        "type": "instance",
        "engine": "postgres",
        "status": "available",
    }
    row |= {"resource_id": "db-1", "vpc_id": "vpc-1", "subnet_group": "orders", "group_ids": ["sg-1-db"], "port": 5432}
    row |= {"publicly_accessible": False, "encrypted": True, "backup_retention_days": 7, "deletion_protection": True}
    rows["databases"] = [row]
    rows["subnet_groups"] = [{"account_id": PRODUCTION, "name": "orders", "vpc_id": "vpc-1", "subnet_id": "subnet-1"}]
    for key, value in (("environment", "production"), ("product", "shop"), ("owner", "shop")):
        rows["tags"].append({"account_id": PRODUCTION, "arn": DATABASE, "key": key, "value": value})
    vault = {
        "account_id": BACKUP,
        "arn": VAULT,
        "name": "copies",
        "type": "BACKUP_VAULT",
        "recovery_points": 1,
        "locked": False,
    }
    rows["backup_vaults"] = [{**vault, "policy_read": True}]
    point = {
        "account_id": BACKUP,
        "arn": f"{VAULT}/point",
        "vault_arn": VAULT,
        "source_arn": DATABASE,
        "resource_type": "RDS",
    }
    rows["recovery_points"] = [{**point, "status": "COMPLETED", "encrypted": False}]


# ---------------------------------------------------------------------- plans

ACCOUNTS = {"aws.production": PRODUCTION, "aws.test": TEST, "aws.backup": BACKUP, "aws": MANAGEMENT}


def change(
    address: str,
    after: dict[str, Any] | None = None,
    *,
    before: dict[str, Any] | None = None,
    actions: list[str] | None = None,
    unknown: dict[str, Any] | None = None,
    provider: str = "aws.production",
    refs: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """One resource change; `refs` are attributes whose expression names something. Deletes have no `after`, creates no `before`."""
    kind, name = address.split(".")
    how = actions or (["create"] if before is None else ["delete"] if after is None else ["update"])
    expressions = {key: {"constant_value": value} for key, value in (after or {}).items()}
    expressions |= {key: {"references": one} if isinstance(one, list) else one for key, one in (refs or {}).items()}
    return {
        "change": {
            "address": address, "mode": "managed", "type": kind, "name": name,
            "change": {"actions": how, "before": before, "after": after, "after_unknown": unknown or {}},
        },
        "block": {"address": address, "mode": "managed", "type": kind, "name": name, "provider_config_key": provider, "expressions": expressions},
    }  # fmt: skip


def plan(path: Path, *changes: dict[str, Any], **more: Any) -> Path:
    """Write a plan with these changes; providers assume a role in the account of `ACCOUNTS`."""
    providers = {
        key: {"name": "aws", "expressions": {
            "region": {"constant_value": REGION},
            "assume_role": [{"role_arn": {"constant_value": f"arn:aws:iam::{account}:role/deploy"}}],
        }}
        for key, account in ACCOUNTS.items()
    }  # fmt: skip
    document = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {}},
        "resource_changes": [one["change"] for one in changes],
        "configuration": {
            "provider_config": providers,
            "root_module": {"resources": [one["block"] for one in changes]},
        },
        **more,
    }
    path.write_text(json.dumps(document))
    return path


def gate(snapshot: Path, path: Path, *select: str, **settings: Any) -> Gated:
    """Judge one plan by the rules that are named; whatever is new fails."""
    return judge.gate((path,), snapshot, Config(select=list(select), fail_on="low", **settings))
