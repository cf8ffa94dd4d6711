"""What follows from planned rows and no plan says: where things inherit from, what AWS makes along, what goes with what is deleted.

Each step looks at tables that were touched only, and fills in only what is NULL there and what a snapshot always has.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from scanner import policy
from scanner.analysis.network import workers
from scanner.collect import registry
from scanner.gate.overlay import GROUPED, Overlay
from scanner.gate.shape.organization import ROOT
from scanner.gate.values import DEFAULT_GROUP
from scanner.policy import Row
from scanner.snapshot.tables import TABLES

LAST = 32767


def derive(
    overlay: Overlay,
    new_accounts: Mapping[str, str],
    vaults_gone: Iterable[str] = (),
    accounts_gone: Iterable[str] = (),
    left: Sequence[Mapping[str, Any]] = (),
    taken: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Complete the tables.

    `new_accounts` are accounts that the change makes, with the address of each; `vaults_gone` ARNs of backup vaults it deletes,
    `accounts_gone` ids of accounts that it closes or lets go; `left` are rows of `compute` as they were, of what goes or
    changes, `taken` as they are, of what is new or changes.
    """
    if closed := sorted(set(accounts_gone)):
        _closed(overlay, closed)
    touched = set(overlay.touched)
    if touched & {"accounts", "organizational_units"}:
        _tree(overlay)
        _full_access(overlay)
    if touched & {"subnets", "network_acls", "network_acl_associations"}:
        _default_acls(overlay)
    if touched & {"route_tables", "vpc_cidrs"}:
        _local_routes(overlay)
    for table, sql in _PLACES.items():
        if table in touched:
            overlay.rewrite(table, sql)
    for table in sorted(touched & {*_GROUPED}):
        _default_groups(overlay, table)
    _move(overlay, *(set(_places(rows)) for rows in (left, taken)))
    if "vpc_peerings" in touched:
        overlay.rewrite("vpc_peerings", _PEERINGS)
    if touched & {"transit_gateway_routes", "transit_gateway_associations", "transit_gateway_propagations"}:
        for table in ("transit_gateway_routes", "transit_gateway_associations", "transit_gateway_propagations"):
            overlay.rewrite(table, _ATTACHED)
    if "transit_gateway_attachments" in touched:
        overlay.rewrite("transit_gateway_attachments", _OWNERS)
    if touched & {"share_principals", "share_resources", "resource_shares"}:
        _shares(overlay)
    if gone := sorted(set(vaults_gone)):
        listed = ", ".join("'" + arn.replace("'", "''") + "'" for arn in gone)
        overlay.rewrite("recovery_points", _POINTS.replace("{gone}", listed))
    if "policy_attachments" in touched:
        _policies_of_aws(overlay)
    if new_accounts:
        _fresh(overlay, new_accounts)


# ---------------------------------------------------------------------- the organization


def _tree(overlay: Overlay) -> None:
    """Rebuild inheritance: who is under whom, and what units are called from the root on. Who names no parent is under the root."""
    roots = overlay.query("SELECT unit_id FROM organizational_units WHERE is_root")
    root = "'" + str(roots[0][0]).replace("'", "''") + "'" if len(roots) == 1 else "NULL"
    overlay.rewrite("accounts", _UNDER_ROOT.replace("{root}", root))
    parents: dict[str, str | None] = dict(overlay.query("SELECT unit_id, parent_id FROM organizational_units"))
    names = dict(overlay.query("SELECT unit_id, name FROM organizational_units"))
    members = overlay.query("SELECT account_id, parent_id FROM accounts WHERE parent_id IS NOT NULL")
    chains = {unit: _chain(unit, parents) for unit in parents}
    listed = [(unit, unit, 0, chains[unit]) for unit in parents]
    rows: list[dict[str, Any]] = []
    for unit, _, _, chain in listed:
        rows += _ancestors(unit, chain)
    for account, parent in members:
        rows += _ancestors(account, (parent, *chains.get(parent, ())))
    overlay.keep("unit_ancestors", "unit_ancestors_before")
    known = ", ".join(f"'{one}'" for one in sorted({row["target_id"].replace("'", "''") for row in rows})) or "''"
    overlay.rewrite("unit_ancestors", f"SELECT * FROM {{base}} WHERE target_id NOT IN ({known})")
    overlay.rows("unit_ancestors", rows)
    above = {*(parent for _, parent in members), *(one for chain in chains.values() for one in chain)}
    overlay.unmatched += sorted(above - parents.keys())
    paths = {unit: " / ".join(str(names.get(one, one)) for one in reversed((unit, *chains[unit]))) for unit in parents}
    overlay.rewrite("organizational_units", _paths(paths, chains))


def _closed(overlay: Overlay, accounts: list[str]) -> None:
    """With an account goes what it holds: nobody in the organization has its copies, keys and roles any more.

    https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-closing.html
    """
    listed = ", ".join("'" + one.replace("'", "''") + "'" for one in accounts)
    for name in TABLES:
        overlay.rewrite(name, f"SELECT * FROM {{base}} WHERE account_id IS NULL OR account_id NOT IN ({listed})")
    for name in ("unit_ancestors", "policy_targets"):
        overlay.rewrite(name, f"SELECT * FROM {{base}} WHERE target_id NOT IN ({listed})")


_UNDER_ROOT = (
    f"""SELECT * REPLACE (CASE WHEN parent_id = '{ROOT}' THEN {{root}} ELSE parent_id END AS parent_id) FROM {{base}}"""
)


def _full_access(overlay: Overlay) -> None:
    """AWS attaches FullAWSAccess (and RCPFullAWSAccess) to every new account and unit.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
    """
    found = overlay.query(
        """SELECT p.account_id, p.policy_id, t.target_id, t.target_type FROM organization_policies p
        CROSS JOIN (SELECT unit_id AS target_id, CASE WHEN is_root THEN 'ROOT' ELSE 'ORGANIZATIONAL_UNIT' END AS target_type
            FROM organizational_units UNION ALL SELECT account_id, 'ACCOUNT' FROM accounts WHERE is_member) t
        WHERE p.aws_managed AND p.name IN ('FullAWSAccess', 'RCPFullAWSAccess')
          AND NOT EXISTS (SELECT 1 FROM unit_ancestors_before b WHERE b.target_id = t.target_id)
          AND NOT EXISTS (SELECT 1 FROM policy_targets o WHERE o.policy_id = p.policy_id AND o.target_id = t.target_id) ORDER BY ALL"""
    )
    names = ("account_id", "policy_id", "target_id", "target_type")
    overlay.rows("policy_targets", [{"region": "global", **dict(zip(names, row, strict=True))} for row in found])


def _chain(unit: str, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    found: list[str] = []
    above = parents.get(unit)
    while above is not None and above not in found:
        found.append(above)
        above = parents.get(above)
    return tuple(found)


def _ancestors(target: str, chain: tuple[str, ...]) -> list[dict[str, Any]]:
    row = {"account_id": None, "region": "global", "target_id": target}
    return [{**row, "ancestor_id": one, "distance": n} for n, one in enumerate((target, *chain))]


def _paths(paths: Mapping[str, str], chains: Mapping[str, tuple[str, ...]]) -> str:
    quoted = {unit: path.replace("'", "''").replace("{", "{{").replace("}", "}}") for unit, path in paths.items()}
    path = " ".join(f"WHEN '{unit}' THEN '{text}'" for unit, text in sorted(quoted.items()))
    depth = " ".join(f"WHEN '{unit}' THEN {len(chain)}" for unit, chain in sorted(chains.items()))
    return (
        f"SELECT * REPLACE (CASE unit_id {path} ELSE path END AS path, CASE unit_id {depth} ELSE depth END AS depth) FROM {{base}}"
        if paths
        else "SELECT * FROM {base}"
    )


# ---------------------------------------------------------------------- the network


def _default_acls(overlay: Overlay) -> None:
    """A subnet that no network ACL names has the default one of its VPC."""
    found = overlay.query(
        """SELECT DISTINCT s.account_id, s.region, a.acl_id, s.subnet_id FROM subnets s
        JOIN (SELECT vpc_id, min(acl_id) AS acl_id FROM network_acls WHERE is_default GROUP BY vpc_id) a ON a.vpc_id = s.vpc_id
        WHERE s.account_id = coalesce(s.owner_id, s.account_id)
          AND NOT EXISTS (SELECT 1 FROM network_acl_associations n WHERE n.subnet_id = s.subnet_id) ORDER BY ALL"""
    )
    names = ("account_id", "region", "acl_id", "subnet_id")
    overlay.rows("network_acl_associations", [dict(zip(names, row, strict=True)) for row in found])


def _local_routes(overlay: Overlay) -> None:
    """Every route table leads to the ranges of its VPC."""
    found = overlay.query(
        """SELECT DISTINCT t.account_id, t.region, t.route_table_id, c.cidr, CASE WHEN c.family = 6 THEN 'ipv6' ELSE 'ipv4' END
        FROM route_tables t JOIN vpc_cidrs c ON c.vpc_id = t.vpc_id AND c.cidr IS NOT NULL AND coalesce(c.state, 'associated') = 'associated'
        WHERE NOT EXISTS (SELECT 1 FROM routes r WHERE r.route_table_id = t.route_table_id AND r.destination = c.cidr) ORDER BY ALL"""
    )
    names = ("account_id", "region", "route_table_id", "destination", "destination_type")
    local = {"target_type": "local", "target_id": "local", "state": "active", "origin": "CreateRouteTable"}
    overlay.rows("routes", [{**dict(zip(names, row, strict=True)), **local} for row in found])


_SUBNET = "(SELECT subnet_id, min(vpc_id) AS vpc_id, min(cidr) AS cidr FROM subnets GROUP BY subnet_id)"
# Addresses of what does not run yet lie somewhere in its subnet.
_PLACES: Mapping[str, str] = {
    "instances": f"""SELECT t.* REPLACE (coalesce(t.vpc_id, s.vpc_id) AS vpc_id,
            CASE WHEN t.vpc_id IS NULL THEN coalesce(t.private_ip, s.cidr) ELSE t.private_ip END AS private_ip)
        FROM {{base}} t LEFT JOIN {_SUBNET} s ON s.subnet_id = t.subnet_id""",
    "network_interfaces": f"""SELECT t.* REPLACE (coalesce(t.vpc_id, s.vpc_id) AS vpc_id, CASE WHEN t.vpc_id IS NULL AND len(coalesce(t.private_ips, [])) = 0
            AND s.cidr IS NOT NULL THEN [s.cidr] ELSE t.private_ips END AS private_ips)
        FROM {{base}} t LEFT JOIN {_SUBNET} s ON s.subnet_id = t.subnet_id""",
    "compute": f"""SELECT t.* REPLACE (coalesce(t.vpc_id, s.vpc_id) AS vpc_id)
        FROM {{base}} t LEFT JOIN {_SUBNET} s ON s.subnet_id = t.subnet_ids[1]""",
    "nat_gateways": f"""SELECT t.* REPLACE (coalesce(t.vpc_id, s.vpc_id) AS vpc_id)
        FROM {{base}} t LEFT JOIN {_SUBNET} s ON s.subnet_id = t.subnet_id""",
    "subnet_groups": f"""SELECT t.* REPLACE (coalesce(t.vpc_id, s.vpc_id) AS vpc_id)
        FROM {{base}} t LEFT JOIN {_SUBNET} s ON s.subnet_id = t.subnet_id""",
    "databases": """SELECT t.* REPLACE (coalesce(t.vpc_id, g.vpc_id) AS vpc_id)
        FROM {base} t LEFT JOIN (SELECT account_id, region, name, min(vpc_id) AS vpc_id FROM subnet_groups GROUP BY ALL) g
          ON g.account_id = t.account_id AND g.region = t.region AND g.name = t.subnet_group AND t.arn LIKE 'arn:%:rds:%'""",
}
_GROUPED = ("compute", "databases", "instances", "network_interfaces")


def _default_groups(overlay: Overlay, table: str) -> None:
    """Put the group that a VPC makes with itself in place of `DEFAULT_GROUP`."""
    waiting = f"t.group_ids = ['{DEFAULT_GROUP}']"
    own = f"({workers.DEFAULT_GROUPS})"
    found = overlay.query(
        f"SELECT t.arn, g.group_id FROM {table} t LEFT JOIN {own} g ON g.vpc_id = t.vpc_id WHERE {waiting}"
    )
    if found:
        overlay.unmatched += sorted({f"the default group of {arn}" for arn, group in found if group is None})
        overlay.rewrite(
            table,
            f"""SELECT t.* REPLACE (CASE WHEN NOT coalesce({waiting}, FALSE) THEN t.group_ids WHEN g.group_id IS NOT NULL THEN [g.group_id] END AS group_ids)
            FROM {{base}} t LEFT JOIN {own} g ON g.vpc_id = t.vpc_id""",
        )


Place = tuple[str, str, str, str, tuple[str, ...]]
"""ARN, account and type of a function or service, a subnet it runs in, and its groups."""


def _places(rows: Iterable[Mapping[str, Any]]) -> Iterator[Place]:
    for row in rows:
        if row["type"] in workers.COLLECTORS:
            groups = tuple(sorted(row["group_ids"] or [DEFAULT_GROUP]))
            for subnet in row["subnet_ids"] or ():
                yield row["arn"], row["account_id"], row["type"], subnet, groups


def _move(overlay: Overlay, left: set[Place], taken: set[Place]) -> None:
    """Let functions and services connect from where they are, and no more from where they were.

    With the last one that works from an interface goes the interface, unless not all of them were listed. Where none is yet, there will be one.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    """
    if gone := {place[1:] for place in left - taken}:
        idle = [
            eni_id
            for eni_id, account, kind, subnet, groups, is_default in overlay.query(_IDLE)
            if (account, kind, subnet, tuple(groups or ())) in gone
            or (is_default and (account, kind, subnet, (DEFAULT_GROUP,)) in gone)
        ]
        if idle:
            overlay.rewrite("network_interfaces", f"SELECT * FROM {{base}} WHERE eni_id NOT IN ({_quoted(idle)})")
    new = {(place[0], place[3]) for place in taken - left}
    if new:
        found = overlay.query(_UNHOUSED.replace("{arns}", _quoted(arn for arn, _ in new)))
        overlay.rows("network_interfaces", [_interface(*row) for row in found if (row[2], row[4]) in new])


def _quoted(texts: Iterable[str]) -> str:
    return ", ".join("'" + one.replace("'", "''") + "'" for one in sorted(set(texts)))


def _interface(
    account: str, region: str, arn: str, kind: str, subnet: str, groups: list[str], vpc: str | None, cidr: str | None
) -> dict[str, Any]:
    """The interface that a function or service will have in a subnet; its address lies somewhere in that."""
    return {
        "account_id": account,
        "region": region,
        "eni_id": f"{arn}@{subnet}",
        "arn": arn,
        "vpc_id": vpc,
        "subnet_id": subnet,
        "owner_id": account,
        "description": arn,
        "interface_type": "lambda" if kind == "function" else "interface",
        "status": "in-use",
        "private_ips": [cidr] if cidr else [],
        "public_ips": [],
        "ipv6_ips": [],
        "group_ids": groups,
        "source_dest_check": True,
    }


_UNHOUSED = f"""SELECT c.account_id, c.region, c.arn, c.type, c.subnet_id, c.group_ids, s.vpc_id, s.cidr
    FROM (SELECT *, unnest(subnet_ids) AS subnet_id FROM compute WHERE arn IN ({{arns}}) AND group_ids IS NOT NULL) c
    LEFT JOIN {_SUBNET} s ON s.subnet_id = c.subnet_id
    WHERE NOT EXISTS (SELECT 1 FROM ({workers.SQL}) w JOIN network_interfaces n ON n.eni_id = w.eni_id
      WHERE w.arn = c.arn AND n.subnet_id = c.subnet_id) ORDER BY ALL"""
_IDLE = f"""SELECT n.eni_id, n.owner, n.kind, n.subnet_id, n.group_ids, n.group_ids = [g.group_id]
    FROM (SELECT eni_id, coalesce(owner_id, account_id) AS owner, region, vpc_id, subnet_id, list_sort(group_ids) AS group_ids,
        CASE WHEN interface_type = 'lambda' THEN 'function' ELSE 'container_service' END AS kind
        FROM network_interfaces n WHERE n.interface_type = 'lambda' OR {workers.IS_TASK}) n
    LEFT JOIN ({workers.DEFAULT_GROUPS}) g ON g.vpc_id = n.vpc_id
    WHERE n.eni_id NOT IN (SELECT eni_id FROM ({workers.SQL}))
      AND NOT EXISTS (SELECT 1 FROM coverage c WHERE c.account_id = n.owner AND c.region IN (n.region, '*') AND c.status <> 'collected'
        AND c.collector IN ('*', CASE n.kind {" ".join(f"WHEN '{kind}' THEN '{name}'" for kind, name in workers.COLLECTORS.items())} END))"""
_CIDRS = (
    "(SELECT vpc_id, list(DISTINCT cidr ORDER BY cidr) AS cidrs FROM vpc_cidrs WHERE cidr IS NOT NULL GROUP BY vpc_id)"
)
_PEERINGS = f"""SELECT t.* REPLACE (coalesce(t.requester_cidrs, r.cidrs) AS requester_cidrs, coalesce(t.accepter_cidrs, a.cidrs) AS accepter_cidrs)
    FROM {{base}} t LEFT JOIN {_CIDRS} r ON r.vpc_id = t.requester_vpc_id AND t.status = 'active'
    LEFT JOIN {_CIDRS} a ON a.vpc_id = t.accepter_vpc_id AND t.status = 'active'"""
_ATTACHED = """SELECT t.* REPLACE (coalesce(t.resource_type, a.resource_type) AS resource_type, coalesce(t.resource_id, a.resource_id) AS resource_id)
    FROM {base} t LEFT JOIN (SELECT attachment_id, min(resource_type) AS resource_type, min(resource_id) AS resource_id
    FROM transit_gateway_attachments GROUP BY attachment_id) a ON a.attachment_id = t.attachment_id"""
_OWNERS = """SELECT t.* REPLACE (coalesce(t.transit_gateway_owner_id, g.owner_id) AS transit_gateway_owner_id)
    FROM {base} t LEFT JOIN (SELECT transit_gateway_id, min(owner_id) AS owner_id FROM transit_gateways GROUP BY transit_gateway_id) g
    ON g.transit_gateway_id = t.transit_gateway_id"""


# ---------------------------------------------------------------------- sharing and backups


def _shares(overlay: Overlay) -> None:
    """Whom a share lets in lists what is shared: subnets and transit gateways show up in the account of every participant."""
    overlay.rewrite("share_principals", _EXTERNAL)
    for table, column, part in (
        ("subnets", "subnet_id", ":subnet/"),
        ("transit_gateways", "transit_gateway_id", ":transit-gateway/"),
    ):
        overlay.rewrite(table, _PARTICIPANTS.format(base="{base}", column=column, part=part))


_EXTERNAL = """SELECT t.* REPLACE (coalesce(t.external, CASE
      WHEN t.principal LIKE 'arn:%:organizations:%' THEN o.organization_id IS NULL OR t.principal NOT LIKE '%' || o.organization_id || '%'
      WHEN regexp_full_match(t.principal, '[0-9]{{12}}') THEN a.account_id IS NULL AND o.organization_id IS NOT NULL END) AS external)
    FROM {base} t LEFT JOIN (SELECT DISTINCT account_id FROM accounts) a ON a.account_id = t.principal
    LEFT JOIN (SELECT min(organization_id) AS organization_id FROM organizations) o ON TRUE"""
_PARTICIPANTS = """SELECT * FROM {base}
    UNION ALL SELECT DISTINCT t.* REPLACE (m.target_id AS account_id) FROM {base} t
    JOIN share_resources r ON r.arn LIKE '%{part}' || t.{column}
    JOIN share_principals p ON p.share_arn = r.share_arn
    JOIN unit_ancestors m ON m.ancestor_id = p.principal OR p.principal LIKE '%/' || m.ancestor_id
      OR p.principal LIKE 'arn:%:organization/%' AND m.ancestor_id LIKE 'r-%'
    JOIN accounts c ON c.account_id = m.target_id
    WHERE t.account_id = t.owner_id AND m.target_id <> t.owner_id
      AND NOT EXISTS (SELECT 1 FROM {base} o WHERE o.{column} = t.{column} AND o.account_id = m.target_id)"""
# With a vault everything in it is gone.
_POINTS = "SELECT * FROM {base} WHERE vault_arn IS NULL OR vault_arn NOT IN ({gone})"


# ---------------------------------------------------------------------- policies of AWS

COPIED = ("managed_policies", "policy_documents", "policy_statements")
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
"""AdministratorAccess: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AdministratorAccess.html"""


def _policies_of_aws(overlay: Overlay) -> None:
    """A managed policy of AWS that an account did not use so far says there what it says in any other account."""
    missing = overlay.query(
        """SELECT DISTINCT p.account_id, p.policy_arn, o.account_id FROM policy_attachments p
        LEFT JOIN (SELECT arn, min(account_id) AS account_id FROM managed_policies WHERE arn LIKE 'arn:%:iam::aws:%' GROUP BY arn) o
          ON o.arn = p.policy_arn
        WHERE p.policy_arn LIKE 'arn:%:iam::aws:%'
          AND NOT EXISTS (SELECT 1 FROM managed_policies m WHERE m.account_id = p.account_id AND m.arn = p.policy_arn) ORDER BY ALL"""
    )
    copied: dict[str, list[dict[str, Any]]] = {}
    for account, arn, other in missing:
        for table, row in _from_other(overlay, arn, other) if other else _unread(arn):
            copied.setdefault(table, []).append({**row, "account_id": account})
    for table, rows in copied.items():
        overlay.rows(table, rows)


def _from_other(overlay: Overlay, arn: str, other: str) -> Iterator[Row]:
    quoted = arn.replace("'", "''")
    for table in (*COPIED, *GROUPED):
        if table in GROUPED:
            which = f"starts_with(statement_id, '{quoted}|')"
        else:
            which = f"{'arn' if table == 'managed_policies' else 'holder_arn'} = '{quoted}'"
        names = TABLES[table].names
        columns = ", ".join(f'"{name}"' for name in names)
        for values in overlay.query(f"SELECT {columns} FROM {table} WHERE account_id = '{other}' AND {which}"):
            yield table, dict(zip(names, values, strict=True))


def _unread(arn: str) -> Iterator[Row]:
    """A policy that no account uses so far: what it says was never read, but what those that roles usually get say is known."""
    name = arn.rpartition("/")[2]
    here = {"region": "global"}
    yield "managed_policies", {"arn": arn, "name": name, "aws_managed": True, **here}
    document = EVERYTHING if arn.endswith(":policy/AdministratorAccess") else _usual().get(arn, {}).get("document")
    for table, row in policy.rows(arn, "managed", name, document):
        yield table, {**row, **here}


@cache
def _usual() -> Mapping[str, Mapping[str, Any]]:
    """Managed policies of AWS that service roles usually get, by ARN: version and document, as AWS published them.

    https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html. Newer versions may say a little more.
    """
    read: dict[str, dict[str, Any]] = json.loads(
        Path(__file__).with_name("aws_policies.json").read_text(encoding="utf-8")
    )
    return read


# ---------------------------------------------------------------------- new accounts


NOT_KNOWN = ("iam_summary", "quotas", "cost_explorer")
"""Collectors that tell of a new account what nobody knows beforehand: its root user, its quotas and what it costs."""


def _fresh(overlay: Overlay, new_accounts: Mapping[str, str]) -> None:
    """What a new account holds beside what the plan puts there: nothing but AWS's own defaults.

    The role that the management account enters it by comes from its row. Default VPCs are left out: nothing runs in them.
    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_create.html
    """
    scopes = {name: module.SCOPE for name, module in registry().items() if module.SCOPE != "organization"}
    regions = [
        row[0]
        for row in overlay.query("SELECT DISTINCT region FROM coverage WHERE region NOT IN ('*', 'global') ORDER BY 1")
    ]
    rows: list[dict[str, Any]] = []
    for account, address in sorted(new_accounts.items()):
        for name, scope in sorted(scopes.items()):
            for region in regions if scope == "region" else ["global"]:
                rows += [_call(account, region, name, call.name, address) for call in registry()[name].CALLS]
    overlay.rows("coverage", rows)


def _call(account: str, region: str, collector: str, call: str, address: str) -> dict[str, Any]:
    known = collector not in NOT_KNOWN
    return {
        "account_id": account,
        "region": region,
        "collector": collector,
        "call": call,
        "status": "collected" if known else "unknown_until_apply",
        "reason": None if known else f"{address} is a new account",
        "items": 0,
        "failed": 0 if known else 1,
        "requests": 0,
    }
