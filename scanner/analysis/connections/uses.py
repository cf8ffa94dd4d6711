"""What peerings are used for: what somebody on one side can open a connection to on the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from scanner.analysis.connections.admission import tcp_or_udp
from scanner.analysis.connections.crossings import ENOUGH
from scanner.analysis.connections.paths import Paths
from scanner.analysis.network.databases import REQUESTER
from scanner.analysis.network.judge import NO_SERVERS
from scanner.analysis.network.kept import Kept
from scanner.analysis.network.model import Host, Rule
from scanner.analysis.network.verdicts import ALLOW, DENY, RANK

DATABASE_PORTS = frozenset((1433, 1434, 1521, 3306, 5432, 5439, 6379, 8182, 9042, 11211, 27017, 27018, 27019, 50000))
"""Default ports of SQL Server, Oracle, MySQL, PostgreSQL, Redshift, Redis, Neptune, Cassandra, memcached, MongoDB and Db2."""
Use = tuple[Any, ...]
"""A row of `peering_uses`."""


class Uses:
    """Looks at every end of a peered VPC. Of uses that are no database's, a few of two VPCs are enough."""

    def __init__(self, paths: Paths):
        self._paths = paths
        self._letting: dict[tuple[Any, ...], tuple[Rule, ...]] = Kept()
        self._lets: dict[tuple[Any, ...], bool] = Kept()
        self._done: Counter[frozenset[str | None]] = Counter()
        self._peers = {vpc: sorted(found, key=str) for vpc, found in paths.joins.peerings.items() if found}

    def rows(self, connection: Any) -> Iterator[Use]:
        """Yield what every peering lets through: databases by `network_paths`, everything else by its rules."""
        yield from connection.execute(_DATABASES_SQL).fetchall()
        clients, hosts = self._paths.clients, self._paths.estate.hosts
        for number in clients.numbers(set(self._peers)):
            if clients.kinds[number] not in NO_SERVERS and self._open(clients.subnets[number], clients.vpcs[number]):
                client = clients.get(number)
                yield from self._of(client.host, client.facts[0].arn)
        for host_id in sorted(hosts.keys() - clients.hosts.ids()):
            host = hosts[host_id]
            if host.requester != REQUESTER and host.kind not in NO_SERVERS and self._open(host.subnet_id, host.vpc_id):
                yield from self._of(host, host_id)

    def _open(self, subnet: str | None, vpc: str | None) -> bool:
        """Whether something may come to a subnet over a peering of which not enough is known."""
        return any(True for _ in self._wanted(vpc)) and not self._paths.judge.stays(subnet, vpc)

    def _wanted(self, vpc: str | None) -> Iterator[str | None]:
        return (one for one in self._peers.get(vpc, ()) if self._done[frozenset((vpc, one))] < ENOUGH)

    def _of(self, host: Host, arn: str) -> Iterator[Use]:
        for vpc in self._wanted(host.vpc_id):
            if self._paths.led.from_vpc(vpc, host):
                for rule in self._rules(host.groups or (), vpc):
                    yield from self._use(host, arn, rule, vpc)

    def _rules(self, groups: tuple[str, ...], vpc: str | None) -> tuple[Rule, ...]:
        """Those rules of some groups that admit somebody of a VPC."""
        key = (groups, vpc)
        if key not in self._letting:
            rules = (rule for rule in self._paths.admission.alive(groups) if tcp_or_udp(rule))
            self._letting[key] = tuple(rule for rule in rules if self._lets_in(rule, vpc))
        return self._letting[key]

    def _lets_in(self, rule: Rule, vpc: str | None) -> bool:
        key = (rule.peer_type, rule.peer, vpc)
        if key not in self._lets:
            around = self._paths.admission.only(vpc)
            self._lets[key] = self._paths.admission.lets(rule, around, self._paths.clients.environments)
        return self._lets[key]

    def _use(self, host: Host, arn: str, rule: Rule, vpc: str | None) -> Iterator[Use]:
        """What one rule lets in from one VPC."""
        ports, both = tcp_or_udp(rule), frozenset((host.vpc_id, vpc))
        if ports is None or self._done[both] >= ENOUGH:
            return
        best: tuple[str, str, str | None] | None = None
        for number in self._admitted(rule, vpc, host):
            client = self._paths.clients.get(number)
            finding, _ = self._paths.best(client.host, host, *ports)
            via = self._paths.via(client.host, host)
            if via[0] == "peering" and (best is None or RANK[finding.verdict] > RANK[best[0]]):  # type: ignore[index]
                best = finding.verdict, client.facts[0].arn, via[1]
            if finding.verdict == ALLOW:
                break
        if best and best[0] != DENY:
            is_database = ports[1] == ports[2] and ports[1] in DATABASE_PORTS
            self._done[both] += not is_database and best[0] == ALLOW
            yield host.account, host.region, best[2], arn, *ports, is_database, best[1], str(best[0])

    def _admitted(self, rule: Rule, vpc: str | None, host: Host) -> Iterator[int]:
        """Whom a rule admits of a VPC, as far as routes may lead."""
        for environment in self._paths.clients.environments:
            for number in self._paths.admission.numbers(rule, self._paths.admission.only(vpc), environment):
                if self._paths.led.leads(number, host):
                    yield number


_DATABASES_SQL = """
SELECT account_id, region, via_id, target_arn, protocol, port, port, TRUE, source_arn, verdict FROM network_paths
WHERE target_kind = 'database' AND via = 'peering'
"""
