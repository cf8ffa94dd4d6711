"""What connections of VPCs let through: to production from a lower environment, and what a peering is used for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from scanner.analysis.connections.admission import Doubt, tcp_or_udp
from scanner.analysis.connections.clients import OTHERS, PRODUCTION, Arm, Client, Facts
from scanner.analysis.connections.paths import MOST, Path, Paths, too_many
from scanner.analysis.connections.rows import Row, Target, Writer
from scanner.analysis.network.databases import REQUESTER
from scanner.analysis.network.groups import Ask
from scanner.analysis.network.judge import NO_SERVERS
from scanner.analysis.network.kept import Kept
from scanner.analysis.network.model import Host, Rule
from scanner.analysis.network.verdicts import ALLOW, DENY, RANK

ENOUGH = 3
"""Clients of one environment that are listed for one production workload over one kind of connection."""
ENOUGH_TARGETS = 5
"""Production workloads of one VPC that are listed as open, for certain, to one environment over one kind of connection."""
DATABASE_PORTS = frozenset((1433, 1434, 1521, 3306, 5432, 5439, 6379, 8182, 9042, 11211, 27017, 27018, 27019, 50000))
"""Default ports of SQL Server, Oracle, MySQL, PostgreSQL, Redshift, Redis, Neptune, Cassandra, memcached, MongoDB and Db2."""


class Crossings:
    """Looks at every class of workloads as a target."""

    def __init__(self, paths: Paths, writer: Writer):
        self._paths = paths
        self._writer = writer
        self._lower = [one for one in paths.clients.environments if one in (*OTHERS, None)]
        self._accounts: dict[str | None, set[str]] = defaultdict(set)
        for number in range(len(paths.clients)):
            self._accounts[paths.clients.vpcs[number]].add(paths.clients.accounts[number])
        self._opened: Counter[tuple[Any, ...]] = Counter()
        self._gateways: dict[str, set[str]] = defaultdict(set)
        for gateway, attachments in paths.estate.attachments.items():
            for one in attachments:
                self._gateways[one.resource].add(gateway)
        self._quiet: dict[tuple[Any, ...], bool] = Kept()
        self._letting: dict[tuple[Any, ...], tuple[tuple[Arm, tuple[Rule, ...]], ...]] = Kept()
        self._far: dict[tuple[Any, ...], bool] = Kept()
        self._passing: dict[tuple[Any, ...], tuple[tuple[str | None, tuple[Rule, ...]], ...]] = Kept()
        self._peers: dict[tuple[Any, ...], bool] = Kept()

    def rows(self) -> Iterator[Row]:
        """Yield connections from a lower environment, or an unread one, to production, or what may be it."""
        clients = self._paths.clients
        for number in range(len(clients)) if self._lower else ():
            if clients.kinds[number] in NO_SERVERS or not clients.of(number) & {PRODUCTION, None}:
                continue
            if not self._idle(number):
                target = clients.get(number)
                yield from self._to(target, tuple(one for one in target.facts if one.environment in (PRODUCTION, None)))

    def _idle(self, number: int) -> bool:
        """Whether nobody can come to a class, and nothing hides anybody: as with all of its VPC with the same groups."""
        clients = self._paths.clients
        groups, vpc = clients.groups(number), clients.vpcs[number]
        if not groups:
            return False
        home = self._paths.judge.stays(clients.subnets[number], vpc)
        key = (groups, vpc, clients.accounts[number], home)
        if key not in self._quiet:
            doubts = self._paths.admission.doubts(clients.get(number).host, tcp_or_udp)
            self._quiet[key] = not self._around(groups, vpc, home) and not any(True for _ in doubts)
        return self._quiet[key]

    def _to(self, target: Client, upper: tuple[Facts, ...]) -> Iterator[Row]:
        host = target.host
        for ask, path in self._from_lower(host):
            for facts in upper:
                if isinstance(path, Doubt):
                    yield self._writer.doubt(_target(host, facts), ask.protocol, ask.port, path)
                    continue
                yield from self._writer.rows(_target(host, facts), ask, path)
        for doubt in dict.fromkeys(self._paths.admission.doubts(host, tcp_or_udp)):
            for facts in upper if doubt.via_id or not host.groups else ():
                yield self._writer.doubt(_target(host, facts), "tcp", None, doubt)

    def _from_lower(self, host: Host) -> Iterator[tuple[Ask, Path | Doubt]]:
        for around, rules in self._around(host.groups or (), host.vpc_id, self._paths.led.stays(host)):
            for environment in self._lower:
                key = (host.vpc_id, around, environment)
                # With two gateways, what comes over the one must not hide the other.
                if self._opened[key] < ENOUGH_TARGETS or len(self._gateways.get(host.vpc_id or "", ())) > 1:
                    certain = False
                    for ask, path in self._over(host, rules, around, environment):
                        certain |= isinstance(path, Path) and path.finding.verdict == ALLOW
                        yield ask, path
                    self._opened[key] += certain

    def _around(
        self, groups: tuple[str, ...], vpc: str | None, home: bool
    ) -> tuple[tuple[Arm, tuple[Rule, ...]], ...]:
        """The connections of a VPC, each with the rules of some groups that admit somebody over it.

        `home`: no route leads out of the VPC.
        """
        key = (groups, vpc, home)
        if key not in self._letting:
            arms = (
                one
                for one in self._paths.admission.arms(vpc)
                if (not home and vpc not in one.members)
                or (vpc in one.members and (len(one.vpcs) > 1 or self._shared(vpc)))
            )
            rules = [rule for rule in self._paths.admission.alive(groups) if tcp_or_udp(rule)]
            found = ((one, tuple(rule for rule in rules if self._lets(rule, one))) for one in arms)
            self._letting[key] = tuple((one, letting) for one, letting in found if letting)
        return self._letting[key]

    def _shared(self, vpc: str | None) -> bool:
        return len(self._accounts[vpc]) > 1

    def _lets(self, rule: Rule, around: Arm) -> bool:
        """Whether a rule admits anybody of a lower environment in these VPCs; groups are asked about again and again."""
        key = (rule.peer_type, rule.peer, around)
        if key not in self._far:
            self._far[key] = self._paths.admission.lets(rule, around, self._lower)
        return self._far[key]

    def _over(
        self, host: Host, rules: Sequence[Rule], around: Arm, environment: str | None
    ) -> Iterator[tuple[Ask, Path | Doubt]]:
        clients, seen = self._paths.clients, set[tuple[int, str, int, int]]()
        found = 0
        for rule in rules:
            ports = tcp_or_udp(rule)
            for number in self._paths.admission.numbers(rule, around, environment) if ports else ():
                if ports is None or not self._crosses(number, host) or (number, *ports) in seen:
                    continue
                if not self._paths.led.leads(number, host):
                    continue
                seen.add((number, *ports))
                client = clients.get(number)
                if len(seen) > MOST:
                    yield Ask("tcp", ports[1]), too_many(self._paths.via(client.host, host))
                    return
                finding, ask = self._paths.best(client.host, host, *ports)
                if finding.verdict != DENY:
                    facts = tuple(one for one in client.facts if one.environment == environment)
                    yield ask, Path(client, finding, self._paths.via(client.host, host), (rule.peer,), facts)
                    found += finding.verdict == ALLOW
                if found >= ENOUGH:
                    return

    def _crosses(self, number: int, target: Host) -> bool:
        clients = self._paths.clients
        return clients.vpcs[number] != target.vpc_id or clients.accounts[number] != target.account

    # ------------------------------------------------------------------ peerings

    def uses(self, connection: Any) -> Iterator[tuple[Any, ...]]:
        """Yield what every peering lets through: databases by `network_paths`, everything else by its rules."""
        yield from connection.execute(_DATABASES_SQL).fetchall()
        done: Counter[frozenset[str | None]] = Counter()
        for host, arn, vpc, rules in self._behind_peerings():
            for rule in rules if self._paths.led.from_vpc(vpc, host) else ():
                yield from self._use(host, arn, rule, vpc, done)

    def _through(self, groups: tuple[str, ...], vpc: str | None) -> tuple[tuple[str | None, tuple[Rule, ...]], ...]:
        """VPCs that a VPC is peered with, each with the rules of some groups that admit somebody of it."""
        key = (groups, vpc)
        if key not in self._passing:
            peers = sorted(self._paths.joins.peerings[vpc], key=str)
            rules = [rule for rule in self._paths.admission.alive(groups) if tcp_or_udp(rule)]
            found = ((one, tuple(rule for rule in rules if self._lets_peer(rule, one))) for one in peers)
            self._passing[key] = tuple((one, letting) for one, letting in found if letting)
        return self._passing[key]

    def _lets_peer(self, rule: Rule, vpc: str | None) -> bool:
        key = (rule.peer_type, rule.peer, vpc)
        if key not in self._peers:
            around = self._paths.admission.only(vpc)
            self._peers[key] = self._paths.admission.lets(rule, around, self._paths.clients.environments)
        return self._peers[key]

    def _behind_peerings(self) -> Iterator[tuple[Host, str, str | None, tuple[Rule, ...]]]:
        """Ends of peered VPCs, each with the other VPC and the rules that admit somebody of it."""
        clients = self._paths.clients
        peered = {vpc for vpc, others in self._paths.joins.peerings.items() if others}
        for number in clients.numbers(peered):
            for vpc, rules in self._through(clients.groups(number), clients.vpcs[number]):
                client = clients.get(number)
                yield client.host, client.facts[0].arn, vpc, rules
        ids = self._paths.estate.hosts.keys() & clients.hosts.ids()
        for host_id, host in sorted(self._paths.estate.hosts.items()):
            if host.vpc_id in peered and host_id not in ids and host.requester != REQUESTER:
                for vpc, rules in self._through(host.groups or (), host.vpc_id):
                    yield host, host_id, vpc, rules

    def _use(
        self, host: Host, arn: str, rule: Rule, vpc: str | None, done: Counter[frozenset[str | None]]
    ) -> Iterator[tuple[Any, ...]]:
        """What one rule lets in from one VPC. Of uses that are no database's, a few are enough."""
        ports, both = tcp_or_udp(rule), frozenset((host.vpc_id, vpc))
        if done[both] >= ENOUGH:
            return
        best: tuple[str, str, str | None] | None = None
        for number in self._admitted(rule, vpc) if ports and host.kind not in NO_SERVERS else ():
            if not self._paths.led.leads(number, host):
                continue
            client = self._paths.clients.get(number)
            finding, _ = self._paths.best(client.host, host, *ports or ("tcp", 1, 1))
            via = self._paths.via(client.host, host)
            if via[0] == "peering" and (best is None or RANK[finding.verdict] > RANK[best[0]]):  # type: ignore[index]
                best = finding.verdict, client.facts[0].arn, via[1]
            if finding.verdict == ALLOW:
                break
        if best and ports and best[0] != DENY:
            is_database = ports[1] == ports[2] and ports[1] in DATABASE_PORTS
            done[both] += not is_database and best[0] == ALLOW
            yield host.account, host.region, best[2], arn, *ports, is_database, best[1], str(best[0])

    def _admitted(self, rule: Rule, vpc: str | None) -> Iterator[int]:
        for environment in self._paths.clients.environments:
            yield from self._paths.admission.numbers(rule, self._paths.admission.only(vpc), environment)


def _target(host: Host, facts: Facts) -> Target:
    return Target(facts.arn, host.account, host.region, facts.workload, facts.environment, "workload")


_DATABASES_SQL = """
SELECT account_id, region, via_id, target_arn, protocol, port, port, TRUE, source_arn, verdict FROM network_paths
WHERE target_kind = 'database' AND via = 'peering'
"""
