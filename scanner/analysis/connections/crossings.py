"""What connections of VPCs let through to production from a lower environment."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from scanner.analysis.connections.admission import tcp_or_udp
from scanner.analysis.connections.clients import OTHERS, PRODUCTION, Arm, Client, Facts
from scanner.analysis.connections.doubts import Doubt
from scanner.analysis.connections.led import Toward
from scanner.analysis.connections.paths import MOST, Path, Paths, too_many
from scanner.analysis.connections.rows import Row, Target, Writer
from scanner.analysis.network.groups import Ask
from scanner.analysis.network.judge import NO_SERVERS
from scanner.analysis.network.kept import Kept
from scanner.analysis.network.model import Host, Rule
from scanner.analysis.network.verdicts import ALLOW, DENY

ENOUGH = 3
"""Clients of one environment that are listed for one production workload over one kind of connection."""
ENOUGH_TARGETS = 5
"""Production workloads of one VPC that are listed as open, for certain, to one environment over one kind of connection."""


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
            self._quiet[key] = not self._around(groups, vpc, home) and (
                self._paths.doubts.certain(groups, vpc)
                or not any(True for _ in self._paths.doubts.of(clients.get(number).host, tcp_or_udp))
            )
        return self._quiet[key]

    def _to(self, target: Client, upper: tuple[Facts, ...]) -> Iterator[Row]:
        host = target.host
        for ask, path in self._from_lower(host):
            for facts in upper:
                if isinstance(path, Doubt):
                    yield self._writer.doubt(_target(host, facts), ask.protocol, ask.port, path)
                    continue
                yield from self._writer.rows(_target(host, facts), ask, path)
        for doubt in dict.fromkeys(self._paths.doubts.of(host, tcp_or_udp)):
            for facts in upper if doubt.via_id or not host.groups else ():
                yield self._writer.doubt(_target(host, facts), "tcp", None, doubt)

    def _from_lower(self, host: Host) -> Iterator[tuple[Ask, Path | Doubt]]:
        toward = self._paths.led.toward((host,))
        for around, rules in self._around(host.groups or (), host.vpc_id, toward.home):
            for environment in self._lower:
                key = (host.vpc_id, around, environment)
                # With two gateways, what comes over the one must not hide the other.
                if self._opened[key] < ENOUGH_TARGETS or len(self._gateways.get(host.vpc_id or "", ())) > 1:
                    certain = False
                    for ask, path in self._over(host, rules, around, environment, toward):
                        certain |= isinstance(path, Path) and path.finding.verdict == ALLOW
                        yield ask, path
                    self._opened[key] += certain

    def _around(self, groups: tuple[str, ...], vpc: str | None, home: bool) -> tuple[tuple[Arm, tuple[Rule, ...]], ...]:
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
        self, host: Host, rules: Sequence[Rule], around: Arm, environment: str | None, toward: Toward
    ) -> Iterator[tuple[Ask, Path | Doubt]]:
        clients, seen = self._paths.clients, set[tuple[int, str, int, int]]()
        found = 0
        for rule in rules:
            ports = tcp_or_udp(rule)
            for number in self._paths.admission.numbers(rule, around, environment) if ports else ():
                if not toward(number) or not self._crosses(number, host) or ports is None or (number, *ports) in seen:
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
        return bool(clients.vpcs[number] != target.vpc_id or clients.accounts[number] != target.account)


def _target(host: Host, facts: Facts) -> Target:
    return Target(facts.arn, host.account, host.region, facts.workload, facts.environment, "workload")
