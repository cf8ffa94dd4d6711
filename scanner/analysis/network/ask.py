"""The questions: one pair, or everybody who can reach a target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from scanner.analysis.network.addresses import INTERNET, Spot, shown
from scanner.analysis.network.classes import Classes
from scanner.analysis.network.databases import Databases
from scanner.analysis.network.gaps import Gaps
from scanner.analysis.network.groups import Ask
from scanner.analysis.network.judge import WHICH, Judge
from scanner.analysis.network.load import load
from scanner.analysis.network.model import Estate, Host
from scanner.analysis.network.parties import Parties, Party, described
from scanner.analysis.network.verdicts import (
    ALLOW,
    CONDITIONAL,
    DENY,
    UNKNOWN,
    Finding,
    Verdict,
    allow,
    along,
    among,
    conditional,
    deny,
    either,
    unique,
    unknown,
)
from scanner.errors import UsageError

PROTOCOLS = {"tcp": "tcp", "6": "tcp", "udp": "udp", "17": "udp"}


@dataclass(frozen=True, slots=True)
class Answer:
    """`verdict` is allow, deny, conditional or unknown; `reasons` are sentences, in the order of the path."""

    verdict: Verdict
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reacher:
    """Interfaces that are alike in everything that counts, and what holds for all of them."""

    verdict: Verdict
    members: tuple[str, ...]
    reasons: tuple[str, ...]


def answer_as_dict(answer: Answer) -> dict[str, Any]:
    return {"verdict": answer.verdict.value, "reasons": list(answer.reasons)}


class Network:
    """The network of a snapshot, loaded once for many questions."""

    def __init__(self, estate: Estate, gaps: Gaps, databases: Databases):
        self._parties = Parties(estate, gaps, databases)
        self._judge = Judge(estate, gaps)
        self._estate = estate
        self._classes: Classes | None = None

    @classmethod
    def load(cls, connection: Any) -> Network:
        """Load from a connection to a snapshot that has the table `unread`."""
        estate, gaps = load(connection), Gaps(connection)
        return cls(estate, gaps, Databases(connection, estate, gaps))

    def ask(self, source: str, target: str, protocol: str = "tcp", port: int | None = None) -> Answer:
        """Whether `source` can open a connection to `target`. Raises UsageError for what cannot be asked.

        Without a port, that of the database that is asked for.
        """
        one, two = self._parties.find(source), self._parties.find(target)
        ask = _ask(protocol, port if port is not None else two.port, target)
        missing = [party.missing for party in (one, two) if party.missing]
        finding = unknown(*missing) if missing else self._parties_meet(one, two, ask)
        gaps = [party.incomplete for party in (one, two) if party.incomplete]
        if finding.verdict == DENY and gaps:
            finding = unknown(*(f"other interfaces may exist: {gap}" for gap in gaps), *finding.reasons)
        head = (f"{described(one)} -> {described(two)}, {ask}",) if finding.verdict in (ALLOW, CONDITIONAL) else ()
        return Answer(finding.verdict, unique((*head, *finding.reasons, *one.notes, *two.notes)))

    def _parties_meet(self, one: Party, two: Party, ask: Ask) -> Finding:
        if one.outside is not None and two.outside is not None:
            return unknown(
                f"neither {described(one)} nor {described(two)} is in the snapshot: AWS tells nothing about them"
            )
        if one.outside is not None:
            return _combined(two, [self._from_outside(one.outside, host, two.only, ask) for host in two.hosts])
        found = [self._from_host(host, one, two, ask) for host in one.hosts]
        if one.only is not None and len({finding.verdict for finding in found}) > 1:
            owners = ", ".join(host.label for host in one.hosts)
            raise UsageError(f"{one.label} is an address of {owners}, which differ; name the interface")
        return _combined(one, found)

    def _from_host(self, host: Host, one: Party, two: Party, ask: Ask) -> Finding:
        here = _used(host, one.only)
        if two.outside is not None:
            return among([self._to_outside(host, spot, two.outside, ask) for spot in here] or [_no_family(host)])
        found = [self._pair(host, here, other, two.only, ask) for other in two.hosts]
        return _combined(two, found)

    def _pair(self, source: Host, here: Sequence[Spot], target: Host, only: Spot | None, ask: Ask) -> Finding:
        if source.host_id == target.host_id:
            return allow("both ends are the same interface")
        found = list(self._ways(source, here, target, only, ask))
        if not found:
            return deny(f"{source.label} and {target.label} have no addresses of one family")
        best = among(found)
        if best.verdict == DENY and only is None:
            return self._over_endpoint(source, here, target, ask) or best
        return best

    def _ways(self, source: Host, here: Sequence[Spot], target: Host, only: Spot | None, ask: Ask) -> Iterator[Finding]:
        """By its private addresses; by a public one only where that was named."""
        for spot in here:
            for there in _used(target, only):
                if there.version == spot.version and (only is None or only in target.addresses):
                    yield self._judge.private(source, spot, target, there, ask, named=only is not None)
            if only is not None and only in target.public and only.version == spot.version:
                yield self._judge.over_internet(source, spot, target, only, ask)

    def _over_endpoint(self, source: Host, here: Sequence[Spot], target: Host, ask: Ask) -> Finding | None:
        """A service behind PrivateLink: whether its balancer forwards to the target is not collected."""
        for doors, balancers, arn in self._parties.behind(target):
            outer = [one for door in doors for one in self._ways(source, here, door, None, ask)]
            inner = [one for end in balancers for one in self._ways(end, end.addresses, target, None, ask)]
            met = along([among(outer), among(inner)])
            if met.verdict in (ALLOW, CONDITIONAL):
                why = f"only if {arn} forwards to {target.label} (elasticloadbalancing is not read)"
                return along([met, conditional(why)])
            if met.verdict == UNKNOWN:
                return met
        gap = self._parties.hidden(source, target)
        return unknown(f"whether PrivateLink leads to {target.label} is not known: {gap}") if gap else None

    def _to_outside(self, host: Host, here: Spot, there: Spot, ask: Ask) -> Finding:
        if here.version != there.version:
            return deny(f"{host.label} has no IPv{there.version} address to reach {shown(there)} from")
        if not self._parties.is_internet(there):
            return self._judge.to_nobody(host, here, there, ask)
        return either([finding for finding, _ in self._judge.outbound(host, here, there, ask)], WHICH)

    def _from_outside(self, here: Spot, host: Host, only: Spot | None, ask: Ask) -> Finding:
        if self._parties.is_internet(here):
            if only is not None and (only not in host.public or only.version != here.version):
                return deny(
                    f"{shown(only)} is no public address of {host.label}: the internet has no route to it from {shown(here)}"
                )
            return self._judge.inbound(here, host, ask)
        found = [
            self._judge.from_nobody(here, host, there, ask)
            for there in _used(host, only)
            if there.version == here.version
        ]
        return among(found or [_no_family(host)])

    def port_of(self, target: str, port: int | None = None) -> int | None:
        """The port a question without one is about: that of a database."""
        return port if port is not None else self._parties.find(target).port

    def who_can_reach(self, target: str, port: int | None = None, protocol: str = "tcp") -> list[Reacher]:
        """Return every class of interfaces, and the internet, that is not denied. Raises UsageError like `ask`."""
        party = self._parties.find(target)
        ask = _ask(protocol, port if port is not None else party.port, target)
        if party.missing or not party.hosts:
            raise UsageError(party.missing or f"{target} is nothing in the snapshot; ask who can reach what is in it")
        self._classes = self._classes or Classes(self._estate)
        found = []
        for members in self._classes.near(party.hosts):
            source = self._estate.hosts[members[0]]
            finding = self._judge.class_meets(source, party.hosts, _one_of(party), ask, party.only)
            if finding.verdict != DENY:
                found.append(Reacher(finding.verdict, members, finding.reasons))
        for outside in INTERNET:
            finding = _combined(party, [self._from_outside(outside, host, party.only, ask) for host in party.hosts])
            if finding.verdict != DENY:
                found.append(Reacher(finding.verdict, (shown(outside),), finding.reasons))
        return found


def _one_of(party: Party) -> str | None:
    return f"which interface is that of {party.label} is not told, and they differ" if party.one_of else None


def _combined(party: Party, found: list[Finding]) -> Finding:
    why = _one_of(party)
    return either(found, why) if why else among(found)


def _used(host: Host, only: Spot | None) -> tuple[Spot, ...]:
    """The private addresses that a question is about: the one that was named, else all."""
    return (only,) if only is not None and only in host.addresses else host.addresses


def _no_family(host: Host) -> Finding:
    return deny(f"{host.label} has no address of that family")


def _ask(protocol: str, port: int | None, target: str) -> Ask:
    word = PROTOCOLS.get(str(protocol).lower())
    if word is None:
        raise UsageError(f"protocol {protocol} is not supported; ask for tcp or udp")
    if port is None:
        raise UsageError(f"name a port: {target} does not tell one")
    if not 0 < port < 65536:
        raise UsageError(f"{port} is no port; ports are 1 to 65535")
    return Ask(word, port)
