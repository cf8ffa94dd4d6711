"""What a user or role makes of its permissions inside its own account: the privilege paths, as edges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache

from scanner.analysis.blast_radius.closure import GROWN, HUB, Edge, Growth
from scanner.analysis.blast_radius.made import USER_WITH_KEY, newcomer
from scanner.analysis.blast_radius.paths import (
    ANYTHING,
    ASSUME,
    ENTER,
    GOVERNING,
    GROW,
    PASS,
    PASS_ROLE,
    PATHS,
    USE,
    Path,
)
from scanner.analysis.blast_radius.rights import Actor, Facts, Rights
from scanner.analysis.blast_radius.steps import edge, feasible, on, who
from scanner.analysis.blast_radius.weigh import DENY, Outcome, loosest
from scanner.analysis.trust.conditions import Fact
from scanner.analysis.trust.inventory import AccountIam, Holder

EC2 = "ec2.amazonaws.com"


class Powers:
    """Edges that start at one actor and stay in its account."""

    def __init__(self, rights: Rights):
        self._rights = rights
        self._served: dict[object, dict[str, tuple[Outcome, Path]]] = {}
        self._leaves: dict[str, list[Edge]] = {}
        self._trusted: dict[str, Trusted] = {}
        self._runs: dict[tuple[str, str], list[tuple[Holder, Outcome]]] = {}
        self.hubs: dict[str, list[Edge]] = {}

    def none(self, actor: Actor) -> bool:
        """Whether its policies speak of nothing that could be an edge: so it is with most roles."""
        covered = self._rights.covered(actor)
        return covered is not None and powerless(covered)

    def administers(self, actor: Actor) -> Iterator[Edge]:
        """That it may do everything already."""
        found = self._rights.everything(actor)
        if found.verdict != "deny":
            yield edge(
                actor.key, actor.account, found, f"{who(actor)} may do everything in account {actor.account}", "all"
            )

    def growths(self, actor: Actor, home: AccountIam) -> Iterator[Growth]:
        """Whom it may give any permission: itself or others, directly, through a group or through a policy they carry."""
        for path in feasible(self._rights.covered(actor), GROW):
            for target in home.callers():
                if not target.protected or path.target == "policy":
                    outcome, what = self._grows(actor, path, target, home)
                    if path.condition:
                        outcome = outcome.also(Outcome("conditional", (), (path.condition,)))
                    if outcome.verdict != "deny":
                        says = f"{who(actor)} may call {path.needs[0]} on {what}{outcome.because}"
                        becomes = target.account if target.boundary is None else target.arn + GROWN
                        yield Growth(edge(actor.key, becomes, outcome, says, "path"), target.arn)

    def enters(self, actor: Actor, home: AccountIam) -> Iterator[Edge]:
        """Principals it can make itself: by a new password, key or trust policy, or as a member of a group."""
        for path in feasible(self._rights.covered(actor), ENTER):
            for target in self._all_of(home):
                if target.kind != path.target or target.protected or target is actor.holder:
                    continue
                outcome = on(self._rights, actor, path.needs[0], target)
                if path.target == "group" and outcome.verdict != "deny":
                    outcome = outcome.also(self._has_user(actor, home))
                if outcome.verdict != "deny":
                    says = f"{who(actor)} may call {path.needs[0]} on {target.arn}{outcome.because}"
                    yield edge(actor.key, target.arn, outcome, says, "path")

    def passes(self, actor: Actor, home: AccountIam) -> Iterator[Edge]:
        """Roles it can put behind something new, or that something it controls already runs with.

        One hub per account and service stands for the roles that trust the service, where all of them may be passed.
        """
        for service, (calls, path) in sorted(self._services(actor, USE).items()):
            hub = self._hub(home, service, "running")
            if hub:
                yield edge(actor.key, hub, calls, _passing(actor, path, home, service, calls), "path")
        for service, (calls, path) in sorted(self._services(actor, PASS).items()):
            facts: Facts = (("iam:passedtoservice", Fact((service,))),)
            cut = self._rights.cut(actor, PASS_ROLE.lower())
            if cut.roles:
                both = calls.also(self._rights.may(actor, PASS_ROLE, "*" if cut.anything else _some_role(actor), facts))
                hub = self._hub(home, service, "passed") if both.verdict != "deny" else None
                if hub:
                    yield edge(actor.key, hub, both, _passing(actor, path, home, service, both), "path")
                continue
            for role, runs in self._trusting(service, self._all_of(home)):
                both = calls.also(runs).also(self._rights.may(actor, PASS_ROLE, role.arn, facts, role.tags))
                if both.verdict != "deny" and role is not actor.holder:
                    says = f"{who(actor)} may call {', '.join(path.needs)} and so act as {role.arn}{both.because}"
                    yield edge(actor.key, role.arn, both, says, "path")

    def _services(self, actor: Actor, paths: tuple[Path, ...]) -> dict[str, tuple[Outcome, Path]]:
        """Services whose calls it may make, each with the easiest path."""
        possible = feasible(self._rights.covered(actor), paths)
        if not possible:
            return {}
        key = (paths[0].kind, self._rights.likeness(actor, _actions(possible)))
        found = self._served.get(key)
        if found is None:
            found = self._work_out(actor, possible)
            if not any(
                actor.account in text for calls, _ in found.values() for text in (*calls.wheres, *calls.conditions)
            ):
                self._served[key] = found
        return found

    def _work_out(self, actor: Actor, paths: tuple[Path, ...]) -> dict[str, tuple[Outcome, Path]]:
        found: dict[str, tuple[Outcome, Path]] = {}
        for path in paths:
            calls = _all(self._rights.some(actor, action) for action in path.actions)
            for service in path.services:
                known = found.get(service)
                if calls.verdict != "deny" and (known is None or calls.rank < known[0].rank):
                    found[service] = (calls, path)
        return found

    def _all_of(self, home: AccountIam) -> Iterator[Holder]:
        """Everybody of an account, leaves included."""
        yield from home.holders.values()
        yield from self._rights.trust.inventory.rest(home.account).values()

    def _trusting(self, service: str, roles: Iterable[Holder]) -> Iterator[tuple[Holder, Outcome]]:
        """Those roles that a service can be made to act as."""
        for role in assumable(roles):
            if _names(role, service):
                runs = self._rights.runs_as(service, role)
                if runs.verdict != "deny":
                    yield role, runs

    def _hub(self, home: AccountIam, service: str, how: str) -> str | None:
        """The node for all roles of an account that trust a service; None without any. Its edges are in `hubs`, but for those to
        leaves, which `leaves` tells when somebody asks."""
        hub = f"{HUB}{home.account}:{service}:{how}"
        if hub not in self.hubs:
            self.hubs[hub] = self._out_of(hub, service, how, self._known_to_run(home, service))
        return hub if self.hubs[hub] or home.rest is None or self.leaves(hub) else None

    def leaves(self, hub: str) -> list[Edge]:
        """Edges from a hub of one account to the leaves behind it."""
        if hub not in self._leaves:
            account, service, how = hub.removeprefix(HUB).split(":")
            rest = self._rights.trust.inventory.rest(account).values()
            self._leaves[hub] = self._out_of(hub, service, how, self._trusting(service, rest))
        return self._leaves[hub]

    def _known_to_run(self, home: AccountIam, service: str) -> list[tuple[Holder, Outcome]]:
        """Those who lead on and trust a service, asked about once for both kinds of hubs."""
        key = (home.account, service)
        if key not in self._runs:
            if home.account not in self._trusted:
                self._trusted[home.account] = Trusted(home.holders.values())
            self._runs[key] = list(self._trusting(service, self._trusted[home.account].by(service)))
        return self._runs[key]

    def _out_of(self, hub: str, service: str, how: str, running: Iterable[tuple[Holder, Outcome]]) -> list[Edge]:
        edges = []
        for role, runs in running:
            if how == "running" and not (service == EC2 and role.arn in self._rights.estate.running):
                runs = runs.also(Outcome("conditional", (), (f"something of {service} runs as {role.arn}",)))
            edges.append(Edge(hub, role.arn, runs.verdict, "", runs.conditions))
        return edges

    # ------------------------------------------------------------------ one step

    def _grows(self, actor: Actor, path: Path, target: Holder, home: AccountIam) -> tuple[Outcome, str]:
        action = path.needs[0]
        if path.target == target.kind:
            return on(self._rights, actor, action, target), target.arn
        if path.target in ("user", "role"):
            return DENY, ""
        groups = [group for name in target.groups if (group := home.group(name)) is not None]
        if path.target == "group":
            tried = [
                (on(self._rights, actor, action, group), f"{group.arn}, a group of {target.arn}") for group in groups
            ]
        else:
            carried = dict.fromkeys(arn for one in (target, *groups) for arn in one.attached if ":iam::aws:" not in arn)
            tried = [
                (self._rights.may(actor, action, arn), f"{arn}, a policy of {target.arn}") for arn in sorted(carried)
            ]
        return min(tried, key=lambda one: (one[0].rank, one[0].conditions, one[1]), default=(DENY, ""))

    def _has_user(self, actor: Actor, home: AccountIam) -> Outcome:
        """Only users are members of groups: it is one, or can become one."""
        if actor.holder is not None and actor.holder.kind == "user":
            return Outcome("allow")
        users = [holder for holder in home.callers() if holder.kind == "user"]
        ways = [path.needs[0] for path in ENTER if path.target == "user"]
        known = loosest(on(self._rights, actor, action, user) for action in ways for user in users)
        return loosest([known, newcomer(self._rights, actor, "user", USER_WITH_KEY)])


@lru_cache(maxsize=100_000)
def powerless(covered: frozenset[str]) -> bool:
    """Whether policies that speak of these actions alone lead nowhere."""
    calls = [
        *(path.covered for path in PATHS),
        *(map(str.lower, actions) for actions in GOVERNING.values()),
        (ANYTHING,),
    ]
    return not any(covered.issuperset(needs) for needs in calls)


@lru_cache(maxsize=10_000)
def _actions(paths: tuple[Path, ...]) -> tuple[str, ...]:
    """The calls of some paths in lower case, passing a role left aside."""
    return tuple(sorted({action.lower() for path in paths for action in path.actions}))


def covers_assume(rights: Rights, actor: Actor) -> bool:
    """Whether its own policies speak of sts:AssumeRole at all."""
    return rights.covers(actor, (ASSUME,))


def _all(outcomes: Iterable[Outcome]) -> Outcome:
    whole = Outcome("allow")
    for one in outcomes:
        whole = whole.also(one)
    return whole


def _passing(actor: Actor, path: Path, home: AccountIam, service: str, outcome: Outcome) -> str:
    calls = ", ".join(path.needs)
    return f"{who(actor)} may call {calls} and so act as roles of account {home.account} that trust {service}{outcome.because}"


def _some_role(actor: Actor) -> str:
    """A role of an actor's account that stands for all of them."""
    partition = actor.holder.arn.split(":")[1] if actor.holder else "aws"
    return f"arn:{partition}:iam::{actor.account}:role/any"


def _names(role: Holder, service: str) -> bool:
    """Whether a trust policy could mean a service at all."""
    return not _named(role).isdisjoint((service, "*"))


def _named(role: Holder) -> frozenset[str]:
    """Services that a trust policy could mean; `*` for any."""
    if role.trust is None:
        return frozenset("*")
    return frozenset(
        one.value
        for statement in role.trust.statements
        for one in statement.principals
        if one.kind in ("service", "everyone")
    )


def assumable(holders: Iterable[Holder]) -> Iterator[Holder]:
    """Roles that are not a service's own."""
    return (holder for holder in holders if holder.kind == "role" and not holder.service_linked)


class Trusted:
    """Roles of one account by the services that they could trust."""

    def __init__(self, roles: Iterable[Holder]):
        self._roles: dict[str, dict[int, Holder]] = defaultdict(dict)
        for number, role in enumerate(assumable(roles)):
            for service in _named(role):
                self._roles[service][number] = role

    def by(self, service: str) -> list[Holder]:
        """Those that could trust a service, in their order."""
        found = {**self._roles.get(service, {}), **self._roles.get("*", {})}
        return [found[number] for number in sorted(found)]
