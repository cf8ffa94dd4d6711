"""Ends of connections: network interfaces, and instances whose interfaces were not read."""

from __future__ import annotations

from typing import Any

from scanner.analysis.network import workers
from scanner.analysis.network.addresses import spots
from scanner.analysis.network.columns import Column
from scanner.analysis.network.kept import Kept
from scanner.analysis.network.model import Estate, Host
from scanner.analysis.network.rows import rows

NAT_PREFIX = "Interface for NAT Gateway "


def load(connection: Any, estate: Estate, spared: str | None = None) -> None:
    """Add the ends; those that the table `spared` lists by `host_id` are left out."""
    _interfaces(connection, estate, spared)
    _instances(connection, estate, spared)
    _workers(connection, estate)
    _nat_addresses(estate)
    for found in estate.names.values():
        found[:] = sorted(set(found))


def _without(spared: str | None, column: str) -> str:
    return f"{column} NOT IN (SELECT host_id FROM {spared})" if spared else "TRUE"


def _interfaces(connection: Any, estate: Estate, spared: str | None) -> None:
    columns = (
        "eni_id, arn, vpc_id, subnet_id, owner_id, account_id, region, description, interface_type, requester_id, "
        "instance_id, private_ips, ipv6_ips, public_ips, group_ids, source_dest_check"
    )
    for row in rows(connection, columns, "network_interfaces", _without(spared, "eni_id")):
        if row.eni_id in estate.hosts:
            continue
        estate.hosts[row.eni_id] = host_of(row.eni_id, row)
        for name in (row.eni_id, row.arn, row.instance_id):
            if name:
                estate.names.setdefault(name, []).append(row.eni_id)


def _workers(connection: Any, estate: Estate) -> None:
    """Functions and services are called by their ARN, and connect from the interfaces they work from."""
    for arn, eni_id in connection.execute(workers.SQL).fetchall():
        if eni_id in estate.hosts:
            estate.names.setdefault(arn, []).append(eni_id)


def host_of(host_id: str, row: Any) -> Host:
    """The end that a row of `network_interfaces` tells of."""
    check = row.source_dest_check
    public = spots([*(row.public_ips or ()), *(row.ipv6_ips or ())])
    return Host(
        host_id,
        _label(host_id, row.instance_id),
        row.owner_id or row.account_id,
        row.region,
        row.vpc_id,
        row.subnet_id,
        None if row.group_ids is None else tuple(sorted(row.group_ids)),
        spots([*(row.private_ips or ()), *(row.ipv6_ips or ())]),
        public,
        row.interface_type or "interface",
        None if check is None else not check,
        row.instance_id,
        row.description or "",
        row.requester_id or "",
    )


class Listed:
    """Ends of a table, by their place in it. They become objects when somebody asks, and are not kept for ever.

    The table has the columns of `network_interfaces` that count, the id as `host_id`, and lists as names that are joined.
    """

    REPEATED = (
        "vpc_id subnet_id owner_id account_id region interface_type requester_id group_names source_dest_check".split()
    )
    SINGLE = "host_id instance_id description ip_names six_names public_names".split()

    def __init__(self, rows: Any):
        self._repeated = {name: Column(rows.column(name)) for name in self.REPEATED}
        self._single = {name: rows.column(name).combine_chunks() for name in self.SINGLE}
        self._made: dict[int, Host] = Kept()

    def __len__(self) -> int:
        return len(self._single["host_id"])

    def ids(self) -> list[str]:
        found: list[str] = self._single["host_id"].to_pylist()
        return found

    def column(self, name: str) -> Column:
        return self._repeated[name]

    def __getitem__(self, place: int) -> Host:
        known = self._made.get(place)
        if known is None:
            row = {name: column[place] for name, column in self._repeated.items()}
            row |= {name: column[place].as_py() for name, column in self._single.items()}
            known = self._made[place] = _named(row)
        return known


def _named(row: dict[str, Any]) -> Host:
    check, groups, six = row["source_dest_check"], row["group_names"], (row["six_names"] or "").split()
    host_id, instance = row["host_id"], row["instance_id"]
    return Host(
        host_id,
        _label(host_id, instance),
        row["owner_id"] or row["account_id"],
        row["region"],
        row["vpc_id"],
        row["subnet_id"],
        None if groups is None else tuple(groups.split()),
        spots((row["ip_names"] or "").split()),
        spots([*(row["public_names"] or "").split(), *six]),
        row["interface_type"] or "interface",
        None if check is None else not check,
        instance,
        row["description"] or "",
        row["requester_id"] or "",
    )


def _label(host_id: str, instance_id: str | None) -> str:
    return f"{instance_id} ({host_id})" if instance_id not in (None, host_id) else host_id


def _instances(connection: Any, estate: Estate, spared: str | None) -> None:
    """Give instances their names; one whose interfaces were not read is an end by itself."""
    columns = "instance_id, arn, name, state, account_id, region, vpc_id, subnet_id, private_ip, public_ip, group_ids"
    for row in rows(connection, columns, "instances", _without(spared, "instance_id")):
        known = estate.names.get(row.instance_id, [])
        if not known:
            groups = None if row.group_ids is None else tuple(sorted(row.group_ids))
            where = (row.account_id, row.region, row.vpc_id, row.subnet_id)
            ends = (spots([row.private_ip]), spots([row.public_ip]))
            estate.hosts[row.instance_id] = Host(
                row.instance_id, row.instance_id, *where, groups, *ends, instance_id=row.instance_id
            )
            known = [row.instance_id]
            estate.names.setdefault(row.instance_id, []).append(row.instance_id)
        for name in (row.arn, f"name:{row.name}" if row.name else None):
            if name:
                estate.names.setdefault(name, []).extend(known)
        if row.state not in ("running", None):
            estate.notes[row.instance_id] = f"{row.instance_id} is {row.state}: the answer holds once it runs"


def _nat_addresses(estate: Estate) -> None:
    """NAT gateways own their addresses even where interfaces were not read."""
    described = {host.description: host for host in estate.hosts.values() if host.description.startswith(NAT_PREFIX)}
    for nat in estate.nats.values():
        listed = [described[NAT_PREFIX + nat.nat_id]] if NAT_PREFIX + nat.nat_id in described else []
        vpc = estate.vpcs.get(nat.vpc_id)
        if not listed and vpc:
            where = (vpc.owner or "", vpc.region, nat.vpc_id, nat.subnet_id)
            ends = (nat.private_ips, nat.public_ips)
            estate.hosts[nat.nat_id] = Host(nat.nat_id, nat.nat_id, *where, (), *ends, kind="nat_gateway")
        estate.names[nat.nat_id] = [host.host_id for host in listed] or [nat.nat_id]
