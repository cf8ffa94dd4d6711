"""What a user or role makes of its permissions inside its own account: the privilege paths, as edges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scanner.analysis.blast_radius.graph import GROWN, Edge, Growth
from scanner.analysis.blast_radius.paths import ASSUME, ENTER, GROW, PASS, PASS_ROLE, USE, Path
from scanner.analysis.blast_radius.rights import Actor, Facts, Rights, assumable
from scanner.analysis.blast_radius.weigh import DENY, Outcome, loosest
from scanner.analysis.trust.conditions import ABSENT, Fact
from scanner.analysis.trust.inventory import AccountIam, Holder

EC2 = "ec2.amazonaws.com"
ADMINISTRATION = ("arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::aws:policy/IAMFullAccess")


class Powers:
    """Edges that start at one actor and stay in its account."""

    def __init__(self, rights: Rights):
        self._rights = rights

    def administers(self, actor: Actor) -> Iterator[Edge]:
        """That it may do everything already."""
        found = self._rights.everything(actor)
        if found.verdict != "deny":
            yield _edge(actor.key, actor.account, found, f"{_who(actor)} may do everything in account {actor.account}")

    def growths(self, actor: Actor, home: AccountIam) -> Iterator[Growth]:
        """Whom it may give any permission: itself or others, directly, through a group or through a policy they carry."""
        for path in GROW:
            if not self._rights.covers(actor, path.needs[0].lower()):
                continue
            for target in home.callers():
                if not target.service_linked:
                    outcome, what = self._grows(actor, path, target, home)
                    if outcome.verdict != "deny":
                        says = f"{_who(actor)} may call {path.needs[0]} on {what}{outcome.because}"
                        becomes = target.account if target.boundary is None else target.arn + GROWN
                        yield Growth(_edge(actor.key, becomes, outcome, says), target.arn)

    def enters(self, actor: Actor, home: AccountIam) -> Iterator[Edge]:
        """Principals it can make itself: by a new password, key or trust policy, or as a member of a group."""
        for path in ENTER:
            if not self._rights.covers(actor, path.needs[0].lower()):
                continue
            for target in home.holders.values():
                if target.kind != path.target or target.service_linked or target is actor.holder:
                    continue
                outcome = self._on(actor, path.needs[0], target)
                if path.target == "group" and outcome.verdict != "deny":
                    outcome = outcome.also(self._has_user(actor, home))
                if outcome.verdict != "deny":
                    says = f"{_who(actor)} may call {path.needs[0]} on {target.arn}{outcome.because}"
                    yield _edge(actor.key, target.arn, outcome, says)

    def passes(self, actor: Actor, home: AccountIam) -> Iterator[Edge]:
        """Roles it can put behind something new, or that something it controls already runs with."""
        for path in (*PASS, *USE):
            if not all(self._rights.covers(actor, action.lower()) for action in path.needs):
                continue
            calls = _all(self._rights.some(actor, action) for action in path.actions)
            if calls.verdict == "deny":
                continue
            for target in assumable(home):
                if target is not actor.holder:
                    yield from self._through(actor, path, calls, target)

    # ------------------------------------------------------------------ one step

    def _through(self, actor: Actor, path: Path, calls: Outcome, target: Holder) -> Iterator[Edge]:
        best = DENY
        for service in path.services:
            runs = self._rights.runs_as(service, target)
            if runs.verdict == "deny":
                continue
            outcome = calls.also(runs)
            if path.kind == "pass":
                facts = (("iam:passedtoservice", Fact((service,))),)
                outcome = outcome.also(self._rights.may(actor, PASS_ROLE, target.arn, facts, target.tags))
            elif service != EC2 or target.arn not in self._rights.estate.running:
                outcome = outcome.also(Outcome("conditional", (), (f"something of {service} runs as {target.arn}",)))
            best = loosest([best, outcome])
        if best.verdict != "deny":
            calls_named = ", ".join(path.needs)
            says = f"{_who(actor)} may call {calls_named} and so act as {target.arn}{best.because}"
            yield _edge(actor.key, target.arn, best, says)

    def _grows(self, actor: Actor, path: Path, target: Holder, home: AccountIam) -> tuple[Outcome, str]:
        action = path.needs[0]
        if path.target == target.kind:
            return self._on(actor, action, target), target.arn
        groups = [group for name in target.groups if (group := home.group(name)) is not None]
        if path.target == "group":
            tried = [(self._on(actor, action, group), f"{group.arn}, a group of {target.arn}") for group in groups]
        elif path.target == "policy":
            carried = dict.fromkeys(arn for one in (target, *groups) for arn in one.attached if ":iam::aws:" not in arn)
            tried = [
                (self._rights.may(actor, action, arn), f"{arn}, a policy of {target.arn}") for arn in sorted(carried)
            ]
        else:
            tried = []
        return min(tried, key=lambda one: (one[0].rank, one[0].conditions, one[1]), default=(DENY, ""))

    def _on(self, actor: Actor, action: str, target: Holder) -> Outcome:
        """A call of IAM on a principal, with the policy that suits the intruder best."""
        boundary = ABSENT if target.boundary is None else Fact((target.boundary,))
        facts: Facts = (("iam:permissionsboundary", boundary),)
        if not action.startswith("iam:Attach"):
            return self._rights.may(actor, action, target.arn, facts, target.tags)
        return loosest(
            self._rights.may(actor, action, target.arn, (("iam:policyarn", Fact((arn,))), *facts), target.tags)
            for arn in ADMINISTRATION
        )

    def _has_user(self, actor: Actor, home: AccountIam) -> Outcome:
        """Only users are members of groups: it is one, or can become one."""
        if actor.holder is not None and actor.holder.kind == "user":
            return Outcome("allow")
        users = [holder for holder in home.callers() if holder.kind == "user"]
        ways = [path.needs[0] for path in ENTER if path.target == "user"]
        return loosest(self._on(actor, action, user) for action in ways for user in users)


def covers_assume(rights: Rights, actor: Actor) -> bool:
    """Whether its own policies speak of sts:AssumeRole at all."""
    return rights.covers(actor, ASSUME)


def _all(outcomes: Iterable[Outcome]) -> Outcome:
    whole = Outcome("allow")
    for one in outcomes:
        whole = whole.also(one)
    return whole


def _edge(source: str, target: str, outcome: Outcome, says: str) -> Edge:
    return Edge(source, target, outcome.verdict, says, outcome.conditions)


def _who(actor: Actor) -> str:
    if actor.holder is None:
        return f"account {actor.account}"
    return f"{actor.holder.arn}, which may give itself permissions," if actor.grown else actor.holder.arn
