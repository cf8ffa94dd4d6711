"""Everybody who can open a connection to a database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from scanner.analysis.connections.doubts import Doubt
from scanner.analysis.connections.paths import Path, Paths
from scanner.analysis.connections.rows import Row, Target, Writer
from scanner.analysis.network.addresses import INTERNET, Match, Spot, is_public, met
from scanner.analysis.network.databases import Database
from scanner.analysis.network.groups import Ask, opens
from scanner.analysis.network.model import Host
from scanner.analysis.network.verdicts import DENY, Finding, among, either


@dataclass(frozen=True, slots=True)
class Reached:
    """What holds for every database with the same interfaces and port. `why` is said where interfaces differ."""

    hosts: tuple[Host, ...]
    ask: Ask
    why: str | None
    found: tuple[Path | Doubt, ...]
    links: tuple[Doubt, ...]


def stores(paths: Paths, writer: Writer) -> Iterator[Row]:
    """Yield the rows of every database; the members of a cluster are reached as the cluster is."""
    alike: dict[tuple[tuple[str, ...], int | None], list[Database]] = defaultdict(list)
    for database in sorted(paths.databases.all, key=lambda one: one.arn):
        if database.cluster is None:
            hosts, _, _ = paths.databases.hosts(database)
            alike[tuple(host.host_id for host in hosts), database.port].append(database)
    for (_, port), members in alike.items():
        if port is None:
            yield from (_without_port(writer, one) for one in members)
            continue
        reached = _reached(paths, members[0], Ask("tcp", port))
        for database in members:
            yield from _store(paths, writer, database, reached)


def _without_port(writer: Writer, database: Database) -> Row:
    target = writer.database(database.arn, database.account, database.region)
    why = f"the port of {database.name} is not known: rds.describe_db_instances"
    return writer.doubt(target, "tcp", None, Doubt(database.account, None, None, why))


def _differ(database: Database) -> str:
    return f"which interface is that of {database.name} is not told, and they differ"


def _reached(paths: Paths, database: Database, ask: Ask) -> Reached:
    hosts, one_of, _ = paths.databases.hosts(database)
    why = _differ(database) if one_of else None
    doubts = paths.doubts.of(hosts[0], lambda rule: opens(rule, ask))
    found = (*paths.to(hosts, why, ask), *doubts)
    return Reached(hosts, ask, why, found, tuple(_hidden_links(paths, hosts[0], ask)))


def _store(paths: Paths, writer: Writer, database: Database, reached: Reached) -> Iterator[Row]:
    target = writer.database(database.arn, database.account, database.region)
    for path in (*reached.found, *reached.links):
        if isinstance(path, Doubt):
            yield writer.doubt(target, "tcp", reached.ask.port, path)
        else:
            yield from writer.rows(target, reached.ask, _of(database, reached, path))
    yield from _internet(paths, writer, target, database, reached.hosts, reached.ask)


def _of(database: Database, reached: Reached, path: Path) -> Path:
    """The same path, with this database in its sentences."""
    if reached.why not in path.finding.reasons:
        return path
    reasons = (_differ(database) if one == reached.why else one for one in path.finding.reasons)
    return replace(path, finding=Finding(path.finding.verdict, tuple(reasons)))


def _internet(
    paths: Paths, writer: Writer, target: Target, database: Database, hosts: Sequence[Host], ask: Ask
) -> Iterator[Row]:
    if database.public is False:
        return
    admitted = tuple(sorted(_admitting_internet(paths, hosts[0], ask)))
    finding = _from_internet(paths, hosts, ask)
    if finding.verdict != DENY:
        yield writer.internet(target, ask, str(finding.verdict), admitted, finding.reasons)
    elif database.public is None and admitted:
        why = f"whether {database.name} has a public address is not known: rds.describe_db_instances"
        yield writer.internet(target, ask, "unknown", admitted, (why,))


def _from_internet(paths: Paths, hosts: Sequence[Host], ask: Ask) -> Finding:
    """The best of both families of addresses, and of the parts of the internet that some rule names.

    Where the interface is not told, all of them have to agree.
    """
    found = []
    for outside in (*INTERNET, *_parts(paths, hosts[0], ask)):
        each = [paths.judge.inbound(outside, host, ask) for host in hosts]
        found.append(either(each, "which interface it has is not told, and they differ"))
    return among(found)


def _parts(paths: Paths, host: Host, ask: Ask) -> list[Spot]:
    """Ranges of the internet that a group or a network ACL names: whoever is in one is surely admitted, or not."""
    opening = (rule for rule in paths.admission.rules(host.groups or ()) if opens(rule, ask))
    named = {one for rule in opening for one in paths.admission.ranges(rule) or ()}
    acl = paths.estate.acls.get(host.subnet_id or "", "")
    named |= {entry.cidr for way in ("ingress", "egress") for entry in paths.estate.entries.get((acl, way), ())}
    return sorted((one for one in named if one.prefixlen and is_public(one)), key=str)


def _admitting_internet(paths: Paths, host: Host, ask: Ask) -> Iterator[str]:
    for rule in paths.admission.rules(host.groups or ()):
        ranges = paths.admission.ranges(rule) if opens(rule, ask) else ()
        if ranges is None or any(met(one, outside) != Match.NONE for one in ranges for outside in INTERNET):
            yield rule.peer


def _hidden_links(paths: Paths, host: Host, ask: Ask) -> Iterator[Doubt]:
    """Consumers of an endpoint service that nobody listed, or services that nobody listed."""
    balancers = [one for one in paths.balancers(host.vpc_id) if one.host_id != host.host_id]
    gap = paths.gaps.gap("endpoint_services", host.account, host.region)
    missing = paths.gaps.anywhere("vpc_endpoints")
    if not balancers or not (gap or missing):
        return
    inner = among([paths.judge.class_meets(one, (host,), None, ask) for one in balancers])
    if inner.verdict == DENY:
        return
    if gap:
        yield Doubt(host.account, "private_link", None, f"which services its load balancers offer is not known: {gap}")
    for service, _, _ in paths.private_links(host, ask):
        if missing:
            yield Doubt(None, "private_link", service, f"who has an endpoint of {service} is not known: {missing}")
