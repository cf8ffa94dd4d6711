"""Databases as ends. Their addresses are those of interfaces that RDS made; the instance record has none.

RDS describes all its interfaces alike (`RDSNetworkInterface`): which database one belongs to is told by subnet group and
security groups. Where no interface fits, the subnets of the subnet group stand for it, and the answer says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scanner.analysis.network.addresses import INTERNET, Spot
from scanner.analysis.network.gaps import Gaps
from scanner.analysis.network.model import Estate, Host
from scanner.analysis.network.rows import rows

RDS_TEXT = "RDSNetworkInterface"
REQUESTER = "amazon-rds"


@dataclass(frozen=True, slots=True)
class Database:
    """What the analysis needs of a database. `subnets` empty: its subnet group was not read."""

    arn: str
    name: str
    resource_id: str
    endpoint: str
    account: str
    region: str
    vpc_id: str | None
    groups: tuple[str, ...] | None
    port: int | None
    public: bool | None
    subnet_group: str
    subnets: tuple[str, ...]
    cluster: str | None = None


class Databases:
    """Finds databases and the ends that stand for them."""

    def __init__(self, connection: Any, estate: Estate, gaps: Gaps):
        self._estate = estate
        self._gaps = gaps
        self.all = _load(connection)
        self._by_name: dict[str, list[Database]] = defaultdict(list)
        for database in self.all:
            for name in {database.arn, database.name, database.resource_id, database.endpoint} - {""}:
                self._by_name[name].append(database)
        self._made = defaultdict(list)
        for host in estate.hosts.values():
            if host.requester == REQUESTER or host.description.startswith(RDS_TEXT):
                self._made[host.subnet_id].append(host)

    def find(self, text: str) -> list[Database]:
        return self._by_name.get(text.partition(":")[0] if ".rds." in text else text, self._by_name.get(text, []))

    def hosts(self, database: Database) -> tuple[tuple[Host, ...], bool, tuple[str, ...]]:
        """Return the hosts that stand for a database, whether it is one of them, and what to say about it."""
        fitting = self._interfaces(database)
        if fitting:
            how = "told by description" if len(fitting) == 1 else "told by subnet group and security groups"
            enis = ", ".join(host.host_id for host in fitting)
            return fitting, len(fitting) > 1, (f"{database.name} is reached at {enis}, {how}",)
        gap = self._gaps.gap("network_interfaces", database.account, database.region)
        note = (
            f"no interface of {database.name} is known ({gap or 'none fits'}): "
            f"its subnet group {database.subnet_group or '?'} and security groups stand for it"
        )
        subnets = database.subnets or (None,)
        return tuple(self._stand_in(database, one) for one in subnets), len(subnets) > 1, (note,)

    def unplaced(self, database: Database) -> str:
        """The call that would tell where a database is."""
        tables = ("subnet_groups", "databases", "subnets", "vpcs")
        gaps = [self._gaps.gap(table, database.account, database.region) for table in tables]
        return next((gap for gap in gaps if gap), f"rds.describe_db_subnet_groups in account {database.account}")

    def _interfaces(self, database: Database) -> tuple[Host, ...]:
        if database.arn.split(":")[2:3] != ["rds"]:
            return ()  # what the interfaces of other services look like is not known
        near = [host for subnet in database.subnets for host in self._made.get(subnet, ())]
        told = [host for host in near if database.resource_id and database.resource_id in host.description]
        groups = set(database.groups or ())
        alike = [host for host in near if host.groups is not None and set(host.groups) == groups]
        return tuple(sorted(told or alike, key=lambda host: host.host_id))

    def _stand_in(self, database: Database, subnet_id: str | None) -> Host:
        subnet = self._estate.subnets.get(subnet_id or "")
        vpc = self._estate.vpcs.get(database.vpc_id or (subnet.vpc_id if subnet else ""))
        ranges: tuple[Spot, ...] = subnet.cidrs if subnet else vpc.cidrs if vpc else ()
        return Host(
            f"{database.arn}@{subnet_id}",
            database.name,
            database.account,
            database.region,
            database.vpc_id or (subnet.vpc_id if subnet else None),
            subnet_id,
            database.groups,
            ranges,
            INTERNET if database.public else (),
        )


def _load(connection: Any) -> list[Database]:
    members: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for account, region, name, subnet in rows(connection, "account_id, region, name, subnet_id", "subnet_groups"):
        members[account, region, name].append(subnet)
    columns = (
        "arn, name, resource_id, endpoint, account_id, region, vpc_id, group_ids, port, publicly_accessible, "
        "subnet_group, subnet_ids, cluster_name"
    )
    found = [row for row in rows(connection, columns, "databases") if row.vpc_id or row.subnet_ids != []]
    public: dict[tuple[str, str, str], bool] = defaultdict(bool)
    for row in found:
        if row.cluster_name:
            public[row.account_id, row.region, row.cluster_name] |= bool(row.publicly_accessible)
    return [
        Database(
            row.arn,
            row.name or "",
            row.resource_id or "",
            row.endpoint or "",
            row.account_id,
            row.region,
            row.vpc_id,
            None if row.group_ids is None else tuple(sorted(row.group_ids)),
            row.port,
            public.get((row.account_id, row.region, row.name), row.publicly_accessible),
            row.subnet_group or "",
            tuple(sorted(set(_subnets(row, members)))),
            row.cluster_name,
        )
        for row in found
    ]


def _subnets(row: Any, members: Mapping[tuple[str, str, str], list[str]]) -> list[str]:
    """Subnets a database is in. RDS names a group of them; another service's group of that name is another one."""
    if row.subnet_ids is not None:
        return list(row.subnet_ids)
    rds = row.arn.split(":")[2:3] == ["rds"]
    return members.get((row.account_id, row.region, row.subnet_group or ""), []) if rds else []
