"""Whom the ingress rules of a target admit, before any route is walked: they name few, and only those are worth a walk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from scanner.analysis.connections.clients import Arm, Client, Clients
from scanner.analysis.network.addresses import INTERNET, Spot, inside, spot
from scanner.analysis.network.groups import ALL
from scanner.analysis.network.joins import Joins
from scanner.analysis.network.kept import Kept
from scanner.analysis.network.model import Estate, Rule

Known = Callable[[frozenset[tuple[str | None, str]]], bool]


def nobody(said: frozenset[tuple[str | None, str]]) -> bool:
    """Nothing is known yet."""
    return False


class Admission:
    """Looks rules up by what they admit."""

    def __init__(self, estate: Estate, joins: Joins, clients: Clients, translated: Iterable[tuple[Spot, str]] = ()):
        """`translated`: addresses that clients of a VPC may come by instead of their own."""
        self._translated = tuple(translated)
        self._estate = estate
        self._joins = joins
        self._clients = clients
        self._rules: dict[tuple[str, ...], tuple[Rule, ...]] = Kept()
        self._alive: dict[tuple[str, ...], tuple[Rule, ...]] = Kept()
        self._single: dict[str | None, Arm] = {}
        self._arms: dict[str | None, tuple[Arm, ...]] = {}
        self._transit: dict[int, tuple[frozenset[str], tuple[Arm, ...]]] = {}

    def arms(self, vpc: str | None) -> tuple[Arm, ...]:
        """The VPC itself, each that it is peered with, and those behind transit gateways, by their gateways.

        Of every arm a few clients are enough: so each has to be one connection, or one would hide another.
        """
        if vpc not in self._arms:
            peered = sorted((one for one in self._joins.peerings.get(vpc, {}) if one != vpc), key=str)
            arms = (self.only(vpc), *map(self.only, peered), *self._gateways(self._joins.over_transit(vpc)))
            self._arms[vpc] = tuple(one for one in arms if one.vpcs)
        return self._arms[vpc]

    def _gateways(self, vpcs: frozenset[str]) -> tuple[Arm, ...]:
        if id(vpcs) not in self._transit:
            found: dict[tuple[str, ...], list[str]] = defaultdict(list)
            for vpc in vpcs:
                found[tuple(sorted(self._joins.gateways(vpc)))].append(vpc)
            self._transit[id(vpcs)] = vpcs, tuple(arm(members) for _, members in sorted(found.items()))
        return self._transit[id(vpcs)][1]

    def rules(self, groups: tuple[str, ...]) -> tuple[Rule, ...]:
        """Every ingress rule of some groups, each once; those that name groups first."""
        if groups not in self._rules:
            found = (rule for group in groups for rule in self._estate.rules.get(group))
            self._rules[groups] = ordered(rule for rule in found if rule.direction == "ingress")
        return self._rules[groups]

    def alive(self, groups: tuple[str, ...]) -> tuple[Rule, ...]:
        """Those of them that admit anybody who is known, wherever."""
        if groups not in self._alive:
            if len(groups) > 1:
                self._alive[groups] = ordered(rule for group in groups for rule in self.alive((group,)))
            else:
                self._alive[groups] = tuple(rule for rule in self.rules(groups) if self._admits(rule))
        return self._alive[groups]

    def _admits(self, rule: Rule) -> bool:
        if rule.peer_type == "group":
            return self._clients.carried(rule.peer)
        return any(self._anybody(where) for where in self.ranges(rule) or ())

    def _anybody(self, where: Spot) -> bool:
        return self._clients.anywhere(where) or any(inside(one, (where,)) for one, _ in self._translated)

    def _inside(self, where: Spot, around: Arm, environment: str | None) -> Iterator[tuple[str | None, Iterator[int]]]:
        """Yield VPCs with their classes whose own address, or that of a NAT gateway they may come by, is in a range."""
        yield from self._clients.inside(where, around, environment)
        vpcs = {vpc for one, vpc in self._translated if vpc in around.members and inside(one, (where,))}
        for vpc in sorted(vpcs):
            yield from self._clients.inside(INTERNET[0], self.only(vpc), environment)

    def ranges(self, rule: Rule) -> tuple[Spot, ...] | None:
        """What a rule admits by address; None: it was not read. Prefix lists of AWS hold nobody's own addresses."""
        if rule.peer_type == "group":
            return ()
        if rule.peer_type != "prefix_list":
            return (spot(rule.peer),)
        found = self._estate.prefix_lists.get(rule.peer)
        return () if found is None and self._estate.prefix_owners.get(rule.peer) == "AWS" else found

    def clients(self, rule: Rule, around: Arm, environment: str | None) -> Iterator[Client]:
        """Yield the classes of an environment in these VPCs that a rule admits."""
        return map(self._clients.get, self.numbers(rule, around, environment))

    def numbers(self, rule: Rule, around: Arm, environment: str | None, known: Known = nobody) -> Iterator[int]:
        """Yield the numbers of those classes. A VPC whose clients are for what is `known` already, by workload and
        account, may be left out."""
        if rule.peer_type == "group":
            yield from self._clients.carrying(rule.peer, around, environment)
            return
        for where in self.ranges(rule) or ():
            for vpc, numbers in self._inside(where, around, environment):
                said = self._clients.said(vpc, environment)
                for number in numbers:
                    if known(said):
                        break
                    yield number

    def lets(self, rule: Rule, around: Arm, environments: Iterable[str | None]) -> bool:
        """Whether a rule admits anybody of some environments in these VPCs."""
        if rule.peer_type == "group":
            return any(True for one in environments for _ in self._clients.carrying(rule.peer, around, one))
        ranges = [where for where in self.ranges(rule) or () if self._anybody(where)]
        found = (numbers for where in ranges for one in environments
                 for _, numbers in self._inside(where, around, one))  # fmt: skip
        return any(True for numbers in found for _ in numbers)

    def only(self, vpc: str | None) -> Arm:
        """One VPC as an arm."""
        if vpc not in self._single:
            self._single[vpc] = arm([vpc])
        return self._single[vpc]

    def everyone(self, rules: Iterable[Rule], vpc: str | None) -> Iterator[tuple[Client, Rule]]:
        """Yield every class that some rule admits, once."""
        seen: set[int] = set()
        for around in self.arms(vpc):
            for environment in self._clients.environments:
                for rule in rules:
                    for client in self.clients(rule, around, environment):
                        if client.number not in seen:
                            seen.add(client.number)
                            yield client, rule


def ordered(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Each once, those that name groups first."""
    return tuple(sorted(dict.fromkeys(rules), key=lambda rule: rule.peer_type != "group"))


def arm(vpcs: Iterable[str | None]) -> Arm:
    listed = tuple(sorted(vpcs, key=str))
    return Arm(listed, frozenset(listed))


def tcp_or_udp(rule: Rule) -> tuple[str, int, int] | None:
    """Protocol and ports of a rule that lets connections in; None for ICMP and the like."""
    if rule.protocol in ALL:
        return "tcp", 1, 65535
    if rule.protocol not in ("tcp", "udp"):
        return None
    low = max(rule.low or 1, 1) if rule.low is not None else 1
    return rule.protocol, low, (rule.high if rule.high is not None else low) if rule.low is not None else 65535
