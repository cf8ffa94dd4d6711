"""Everybody who can open a connection to a database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scanner.analysis.connections.admission import Doubt
from scanner.analysis.connections.paths import Paths
from scanner.analysis.connections.rows import Row, Target, Writer
from scanner.analysis.network.addresses import INTERNET, Match, met
from scanner.analysis.network.databases import Database
from scanner.analysis.network.groups import Ask, opens
from scanner.analysis.network.model import Host
from scanner.analysis.network.verdicts import DENY, Finding, among, either


def stores(paths: Paths, writer: Writer) -> Iterator[Row]:
    """Yield the rows of every database; the members of a cluster are reached as the cluster is."""
    for database in sorted(paths.databases.all, key=lambda one: one.arn):
        if database.cluster is None:
            yield from _store(paths, writer, database)


def _store(paths: Paths, writer: Writer, database: Database) -> Iterator[Row]:
    target = writer.database(database.arn, database.account, database.region)
    if database.port is None:
        gap = Doubt(
            database.account, None, None, f"the port of {database.name} is not known: rds.describe_db_instances"
        )
        yield writer.doubt(target, "tcp", None, gap)
        return
    ask = Ask("tcp", database.port)
    hosts, one_of, _ = paths.databases.hosts(database)
    why = f"which interface is that of {database.name} is not told, and they differ" if one_of else None
    for path in paths.to(hosts, why, ask):
        if isinstance(path, Doubt):
            yield writer.doubt(target, "tcp", ask.port, path)
        else:
            yield from writer.rows(target, ask, path)
    rules = [rule for rule in paths.admission.rules(hosts[0]) if opens(rule, ask)]
    for doubt in paths.admission.doubts(hosts[0], rules):
        yield writer.doubt(target, "tcp", ask.port, doubt)
    yield from _internet(paths, writer, target, database, hosts, ask)
    for doubt in _hidden_links(paths, hosts[0], ask):
        yield writer.doubt(target, "tcp", ask.port, doubt)


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
    """The best of both families of addresses; where the interface is not told, all of them have to agree."""
    found = []
    for outside in INTERNET:
        each = [paths.judge.inbound(outside, host, ask) for host in hosts]
        found.append(either(each, "which interface it has is not told, and they differ"))
    return among(found)


def _admitting_internet(paths: Paths, host: Host, ask: Ask) -> Iterator[str]:
    for rule in paths.admission.rules(host):
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
