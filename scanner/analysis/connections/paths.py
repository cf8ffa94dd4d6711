"""Judges who of those that are admitted has a path, and over which connection of VPCs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from scanner.analysis.connections.admission import Admission
from scanner.analysis.connections.clients import Arm, Client, Clients, Facts
from scanner.analysis.connections.doubts import Doubt, Doubts
from scanner.analysis.connections.ends import forget, sort_out
from scanner.analysis.connections.led import Led, Toward
from scanner.analysis.network.databases import Databases
from scanner.analysis.network.gaps import Gaps
from scanner.analysis.network.groups import Ask, opens
from scanner.analysis.network.joins import Joins
from scanner.analysis.network.judge import Judge
from scanner.analysis.network.load import load_network
from scanner.analysis.network.load_hosts import load as load_hosts
from scanner.analysis.network.model import Estate, Host, Rule
from scanner.analysis.network.verdicts import ALLOW, DENY, RANK, UNKNOWN, Finding, along, among, conditional

Via = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class Path:
    """A class of clients that is not denied, and how it comes."""

    client: Client
    finding: Finding
    via: Via
    admitted_by: tuple[str, ...]
    facts: tuple[Facts, ...]


WORKLOADS, ACCOUNTS = 5, 3
"""Workloads, and accounts of each, that are listed over one kind of connection from one environment: more say nothing new."""


MOST = 2_000
"""Classes of one environment that are tried for one target. Behind a range as wide as a company there may be more."""


def too_many(via: Via) -> Doubt:
    return Doubt(None, *via, f"more than {MOST:,} kinds of clients are admitted; the others were not looked at")


class Tally:
    """Counts who is known to come already: what is new, and when it is enough. Own accounts are counted by themselves."""

    def __init__(self, target: Host, arm: Arm):
        self.tries = 0
        self._target = target
        self._at_home = target.vpc_id in arm.members and len(arm.vpcs) == 1
        self._known: dict[bool, dict[str | None, set[str]]] = {True: {}, False: {}}

    def news(self, client: Client, environment: str | None) -> tuple[Facts, ...]:
        """What is said of its members that is not known yet."""
        known = self._known[client.host.account == self._target.account]
        if len(known) >= WORKLOADS:
            return ()
        return tuple(
            one for one in client.facts
            if one.environment == environment and self._is_new(known.get(one.workload), client.host.account)
        )  # fmt: skip

    def _is_new(self, accounts: set[str] | None, account: str) -> bool:
        return accounts is None or (account not in accounts and len(accounts) < ACCOUNTS)

    def knows(self, said: Iterable[tuple[str | None, str]]) -> bool:
        """Whether clients for these workloads, each of an account, are no news."""
        return not any(self._of(account, workload) for workload, account in said)

    def _of(self, account: str, workload: str | None) -> bool:
        known = self._known[account == self._target.account]
        return len(known) < WORKLOADS and self._is_new(known.get(workload), account)

    def enough(self, client: Client, facts: Iterable[Facts]) -> bool:
        """Note a client; whether no other can be news. Behind a connection only other accounts count."""
        known = self._known[client.host.account == self._target.account]
        for one in facts:
            known.setdefault(one.workload, set()).add(client.host.account)
        return not self._at_home and len(self._known[False]) >= WORKLOADS


class Paths:
    """The estate with one end for each class of clients, and the questions to it."""

    def __init__(self, connection: Any):
        self.estate: Estate = load_network(connection)
        self.gaps = Gaps(connection)
        sort_out(connection, self.estate)
        load_hosts(connection, self.estate, "client_spares")
        self.clients = Clients(connection)
        forget(connection)
        self.databases = Databases(connection, self.estate, self.gaps)
        self.judge = Judge(self.estate, self.gaps)
        self.joins = Joins(self.estate)
        self.admission = Admission(self.estate, self.joins, self.clients, self.judge.translated())
        self.doubts = Doubts(self.estate, self.gaps, self.joins, self.admission)
        self.led = Led(self.estate, self.judge, self.clients)
        self._vias: dict[tuple[str | None, str | None], Via | None] = {}
        self._starts: dict[tuple[str | None, str], tuple[int, ...]] = {}

    def to(self, targets: tuple[Host, ...], one_of: str | None, ask: Ask) -> Iterator[Path | Doubt]:
        """Yield classes that are not denied on one port. The targets are readings of one end, in one VPC.

        Over every kind of connection and for every environment there are enough of them to tell whether several
        workloads and other accounts come; not necessarily all.
        """
        host, passed = targets[0], set[int]()
        rules = [rule for rule in self.admission.alive(host.groups or ()) if opens(rule, ask)]
        toward = self.led.toward(targets)
        for arm in self.admission.arms(host.vpc_id) if rules else ():
            if toward.home and host.vpc_id not in arm.members:
                continue
            for environment in self.clients.environments:
                for path in self._search(targets, one_of, ask, rules, arm, environment, toward):
                    if isinstance(path, Path):
                        passed.add(path.client.number)
                    yield path
        yield from self._over_private_link(host, ask, passed)

    def _search(
        self,
        targets: tuple[Host, ...],
        one_of: str | None,
        ask: Ask,
        rules: Sequence[Rule],
        arm: Arm,
        environment: str | None,
        toward: Toward,
    ) -> Iterator[Path | Doubt]:
        host, seen, tally = targets[0], set[int](), Tally(targets[0], arm)
        around = self.admission.only(host.vpc_id) if toward.home else arm
        for rule in rules:
            for number in self.admission.numbers(rule, around, environment, tally.knows):
                if number in seen or not self._may_name(host, self.clients.vpcs[number], rule):
                    continue
                seen.add(number)
                if not toward(number) or tally.knows(self.clients.pairs(number, environment)):
                    continue
                client = self.clients.get(number)
                facts = tally.news(client, environment)
                tally.tries += 1
                if tally.tries > MOST:
                    yield too_many(self.via(client.host, host))
                    return
                finding = self._meets(client.host, targets, one_of, ask)
                if finding.verdict == DENY:
                    continue
                yield Path(client, finding, self.via(client.host, host), (rule.peer,), facts)
                if finding.verdict == ALLOW and tally.enough(client, facts):
                    return

    def _meets(self, source: Host, targets: tuple[Host, ...], one_of: str | None, ask: Ask) -> Finding:
        """As `Judge.class_meets`, with one of those targets that are alike; who says *unknown* has to name all."""
        alike: dict[Any, Host] = {}
        for one in targets:
            alike.setdefault(self.judge.key(source, one, ask), one)
        finding = self.judge.class_meets(source, tuple(alike.values()), one_of, ask)
        if len(alike) < len(targets) and finding.verdict == UNKNOWN:
            return self.judge.class_meets(source, targets, one_of, ask)
        return finding

    def _may_name(self, host: Host, vpc: str | None, rule: Rule) -> bool:
        """Whether a rule that names a group can mean a member of it in another VPC."""
        if rule.peer_type != "group" or host.vpc_id == vpc:
            return True
        return self.judge.groups.valid(host.vpc_id, vpc, "ingress").verdict != DENY

    def via(self, source: Host, target: Host) -> Via:
        """The connection of VPCs between two ends."""
        if source.vpc_id == target.vpc_id:
            return "same_vpc" if source.account == target.account else "shared_subnet", target.vpc_id
        key = (source.vpc_id, target.vpc_id)
        if key not in self._vias:
            self._vias[key] = self._only(*key)
        return self._vias[key] or self._taken(source, target)

    def _only(self, here: str | None, there: str | None) -> Via | None:
        """The one connection of two VPCs; None where there are several."""
        found: list[Via] = [("peering", one) for one in self.joins.peerings.get(here, {}).get(there, ())]
        found += [("transit_gateway", one) for one in sorted(self.joins.gateways(here) & self.joins.gateways(there))]
        return found[0] if len(found) == 1 else None

    def _taken(self, source: Host, target: Host) -> Via:
        for here in source.addresses:
            for there in target.addresses:
                if here.version == there.version and (taken := self.judge.taken(source, here, target, there)):
                    return taken
        return None, None

    def best(self, source: Host, target: Host, protocol: str, low: int, high: int) -> tuple[Finding, Ask]:
        """The best verdict on any of these ports, and the port. Verdicts change only where some range begins."""
        found = Finding(DENY), Ask(protocol, low)
        for port in self._ports(source, target, protocol, low, high):
            ask = Ask(protocol, port)
            finding = self.judge.class_meets(source, (target,), None, ask)
            if RANK[finding.verdict] > RANK[found[0].verdict]:
                found = finding, ask
            if finding.verdict == ALLOW:
                break
        return found

    def _ports(self, source: Host, target: Host, protocol: str, low: int, high: int) -> Iterator[int]:
        yield low
        yield from sorted({port for port in self._begins(source, target, protocol) if low < port <= high})

    def _begins(self, source: Host, target: Host, protocol: str) -> Iterator[int]:
        rules = (rule for group in source.groups or () for rule in self.estate.rules.get(group))
        yield from (rule.low for rule in rules if rule.direction == "egress" and rule.protocol == protocol and rule.low)
        for subnet, direction in ((source.subnet_id, "egress"), (target.subnet_id, "ingress")):
            yield from self._of_acl(subnet, direction)
        if source.vpc_id != target.vpc_id:
            for subnet in self.joins.entrances(source.vpc_id) | self.joins.entrances(target.vpc_id):
                yield from (*self._of_acl(subnet, "ingress"), *self._of_acl(subnet, "egress"))

    def _of_acl(self, subnet: str | None, direction: str) -> tuple[int, ...]:
        if (subnet, direction) not in self._starts:
            entries = self.estate.entries.get((self.estate.acls.get(subnet or "", ""), direction), ())
            starts = {port for one in entries if one.low is not None for port in (one.low, (one.high or one.low) + 1)}
            self._starts[subnet, direction] = tuple(sorted(starts))
        return self._starts[subnet, direction]

    # ------------------------------------------------------------------ PrivateLink

    @cached_property
    def _balancers(self) -> dict[str | None, list[Host]]:
        found: dict[str | None, list[Host]] = {}
        for _, host in sorted(self.estate.hosts.items()):
            if host.description.startswith("ELB "):
                found.setdefault(host.vpc_id, []).append(host)
        return found

    def balancers(self, vpc: str | None) -> list[Host]:
        return self._balancers.get(vpc, [])

    @cached_property
    def _doors(self) -> dict[str | None, list[tuple[str, tuple[Host, ...], tuple[Host, ...]]]]:
        """By VPC of the provider: service, interfaces of consumers, interfaces of the load balancers."""
        balancers: dict[str, list[Host]] = {}
        for host in (one for found in self._balancers.values() for one in found):
            balancers.setdefault(host.description.removeprefix("ELB "), []).append(host)
        found: dict[str | None, list[tuple[str, tuple[Host, ...], tuple[Host, ...]]]] = {}
        for service, arns in sorted(self.estate.services.items()):
            inner = [host for arn in arns for host in balancers.get(arn.partition(":loadbalancer/")[2], ())]
            ends = (one for one in self.estate.endpoints.values() if one.service == service)
            outer = sorted({eni for one in ends for eni in one.enis if eni in self.estate.hosts})
            for vpc in sorted({host.vpc_id for host in inner}, key=str):
                here = tuple(host for host in inner if host.vpc_id == vpc)
                found.setdefault(vpc, []).append((service, tuple(self.estate.hosts[one] for one in outer), here))
        return found

    def private_links(self, host: Host, ask: Ask) -> Iterator[tuple[str, tuple[Host, ...], Finding]]:
        """Yield the services whose load balancers may reach a host: name, interfaces of consumers, verdict inside."""
        for service, outer, inner in self._doors.get(host.vpc_id, ()):
            ends = [one for one in inner if one.host_id != host.host_id]
            finding = among([self.judge.class_meets(one, (host,), None, ask) for one in ends])
            if finding.verdict != DENY:
                yield service, outer, finding

    def _over_private_link(self, host: Host, ask: Ask, passed: set[int]) -> Iterator[Path]:
        for service, outer, inner in self.private_links(host, ask):
            for door in outer:
                rules = [rule for rule in self.admission.rules(door.groups or ()) if opens(rule, ask)]
                for client, rule in self.admission.everyone(rules, door.vpc_id):
                    if client.number in passed:
                        continue
                    passed.add(client.number)
                    first = self.judge.class_meets(client.host, (door,), None, ask)
                    why = f"only if the load balancer of {service} forwards to {host.label}"
                    finding = along([first, inner, conditional(f"{why} (elasticloadbalancing is not read)")])
                    if finding.verdict != DENY:
                        yield Path(client, finding, ("private_link", service), (rule.peer,), client.facts)
