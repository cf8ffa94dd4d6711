"""What somebody may do, for an intruder: every layer of permission, with what it can decide itself taken as given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from scanner.analysis.blast_radius.aims import Aims, aims
from scanner.analysis.blast_radius.at_will import AtWillOf, of_service
from scanner.analysis.blast_radius.closure import GROWN
from scanner.analysis.blast_radius.cuts import Cut, indifferent
from scanner.analysis.blast_radius.estate import Estate
from scanner.analysis.blast_radius.numbers import PLACES, Answers, opened
from scanner.analysis.blast_radius.paths import ANYTHING, ASSUME
from scanner.analysis.blast_radius.patterns import named
from scanner.analysis.blast_radius.profiles import Profiles
from scanner.analysis.blast_radius.weigh import DENY, Outcome, loosest, weigh
from scanner.analysis.policies import CERTAIN, Document, Statement
from scanner.analysis.trust import Answer, Trust
from scanner.analysis.trust.conditions import Fact
from scanner.analysis.trust.decide import Case
from scanner.analysis.trust.inventory import Holder
from scanner.analysis.trust.layers import Clause, Layer, names, of_policies, of_scps
from scanner.analysis.trust.organization import RCP
from scanner.analysis.trust.request import Caller, Request
from scanner.analysis.trust.sources import service

Facts = tuple[tuple[str, Fact], ...]
Tags = Mapping[str, str] | None


@dataclass(frozen=True, slots=True, eq=False)
class Actor:
    """Who acts: a user or role; one that may give itself anything its boundary leaves (`grown`); or, without a holder, whoever
    holds all of an account."""

    account: str
    holder: Holder | None = None
    grown: bool = False

    @property
    def key(self) -> str:
        if self.holder is None:
            return self.account
        return self.holder.arn + (GROWN if self.grown else "")


class Rights:
    """Answers for one snapshot; every answer is worked out once for all whom it is the same for."""

    def __init__(self, trust: Trust, estate: Estate):
        self.trust = trust
        self.estate = estate
        self._profiles = Profiles(trust)
        self.numbers = self._profiles.numbers
        self._known = Answers()
        self._trusts: dict[int, tuple[Document, bool, bool]] = {}
        self._rcps: dict[str, bool] = {}

    # ------------------------------------------------------------------ assuming roles

    def assume(self, actor: Actor, role: Holder) -> Outcome:
        """Whether an actor can assume a role."""
        caller = self._caller(actor, role.arn.split(":")[1])
        key = self._assume_key(actor, caller, role)
        if key is None:
            return DENY
        return self._known.of(key, (actor.account, role.account), lambda: self._assume(actor, caller, role))

    def _assume(self, actor: Actor, caller: Caller, role: Holder) -> Outcome:
        case = self.trust.case(caller, role.arn, role.account, role)
        if isinstance(case, Answer):
            return DENY
        if actor.grown:
            case.first = [(clause, [one for one in layers if not _is_identity(one)]) for clause, layers in case.first]
        outcome = weigh(case, self._at_will(actor))
        mine = f" of {actor.holder.short}" if actor.holder else ""
        wheres = (where.replace(f"the trust policy of {role.arn}", "its trust policy") for where in outcome.named)
        return replace(outcome, wheres=tuple(where.removesuffix(mine) for where in wheres))

    def _assume_key(self, actor: Actor, caller: Caller, role: Holder) -> tuple[object, ...] | None:
        """What the answer hangs on; None when the trust policy names nobody whom the actor is."""
        if role.trust is None:
            return ("unread", actor.key, role.arn)
        named = [names(one, caller) for statement in role.trust.statements for one in statement.principals]
        if all(one is None for one in named):
            return None
        accounts = (actor.account, role.account)
        cut = self.cut(actor, ASSUME)
        anybody, anything = self._looks_at(role.trust)
        whose = None if cut.anybody and anybody else actor.key
        what = None
        if not (cut.anything and anything) or self.bound(role.account):
            what = opened(role.arn, accounts) if anything and cut.exact and not self.bound(role.account) else role.arn
        near = role.account == actor.account
        member = self.estate.members.get(actor.account)
        mine = cut.text.replace(role.account, PLACES[1]) if role.account in cut.numbers else cut.number
        partitions = (caller.partition, role.arn.split(":")[1])
        kind = (caller.kind, partitions, actor.grown, near, member, role.service_linked)
        # Of two accounts, one may have the principal that a policy names and the other may not.
        will = self._at_will(actor)
        said = tuple(one and tuple((opened(atom.text, accounts), will(atom)) for atom in one) for one in named)
        return ("assume", self.numbers.of(role.trust, accounts), said, mine, whose, what, kind)

    def aims(self, actor: Actor) -> Aims | None:
        """Which roles of other accounts an actor's own policies may mean; None for all of them."""
        if actor.holder is None or actor.grown:
            return None
        return aims(self._profiles.sliced(actor.holder, actor.account, ASSUME, bound=False).identity)

    def alike(self, actor: Actor, role: Holder) -> bool:
        """Whether the answer for a role that trusts everybody is the same for all roles of other accounts with this trust policy."""
        if role.trust is None or self.bound(role.account):
            return False
        cut = self.cut(actor, ASSUME)
        principals = {one.kind for statement in role.trust.statements for one in statement.principals}
        unnamed = principals <= {"everyone", "service", "federated"}
        return unnamed and cut.anybody and cut.anything and self._looks_at(role.trust) == (True, True)

    def _looks_at(self, document: Document) -> tuple[bool, bool]:
        """Whether a trust policy has the same answer for every caller it names, and for every role that carries it."""
        found = self._trusts.get(id(document))
        if found is None:
            keys = {condition.key for one in document.statements for condition in one.conditions}
            variables = any("${" in v for one in document.statements for c in one.conditions for v in c.values)
            anybody = all(indifferent(key) or key == "aws:principalorgid" for key in keys) and not variables
            anything = not variables and not any("resource" in key for key in keys)
            found = self._trusts[id(document)] = (document, anybody, anything)
        return found[1:]

    def bound(self, account: str) -> bool:
        """Whether resource control policies of an account deny, or might deny, that a role is assumed."""
        found = self._rcps.get(account)
        if found is None:
            controls = self.trust.organization.controls(account, RCP)
            policies = [held.document for level in controls.levels for held in level.policies]
            denies = any(one is None or any(map(_denies_assuming, one.statements)) for one in policies)
            found = self._rcps[account] = controls.gap is not None or denies
        return found

    def runs_as(self, principal: str, role: Holder) -> Outcome:
        """Whether a service acting for somebody of the role's own account can assume the role."""
        if role.trust is None or self.bound(role.account) or any(one.conditions for one in role.trust.statements):
            return self._runs_as(principal, role)
        own = (role.account,)
        key = ("runs", principal, self.numbers.of(role.trust, own), role.arn.split(":")[1], role.service_linked)

        def work() -> Outcome:
            found = self._runs_as(principal, role)
            return replace(found, wheres=tuple(one.replace(role.arn, _ROLE) for one in found.wheres))

        found = self._known.of(key, own, work)
        wheres = tuple([one.replace(_ROLE, role.arn) for one in found.wheres])
        return Outcome(found.verdict, wheres, found.conditions)

    def _runs_as(self, principal: str, role: Holder) -> Outcome:
        case = self.trust.case(service(principal, role.arn.split(":")[1]), role.arn, role.account, role)
        return DENY if isinstance(case, Answer) else weigh(case, of_service(role.account))

    def _caller(self, actor: Actor, partition: str) -> Caller:
        if actor.holder is not None:
            return self.trust.sources.holder(actor.holder)
        return Caller("account", f"arn:{partition}:iam::{actor.account}:root", actor.account, partition)

    # ------------------------------------------------------------------ anything else

    def cut(self, actor: Actor, action: str) -> Cut:
        """What is to be told of the statements that bear on an action (lower case) of an actor."""
        return self._profiles.cut(actor.holder, actor.account, action)

    def may(
        self, actor: Actor, action: str, resource: str, facts: Facts = (), tags: Tags = None, *, bound: bool = True
    ) -> Outcome:
        """Whether an actor's own side lets it do something.

        `facts` are condition keys that the question itself settles; `tags` are the resource's, None when they are not known.
        Not `bound`: as if no service control policy were attached.
        """
        own = (actor.account,)
        cut = self._profiles.cut(actor.holder, actor.account, action.lower(), bound=bound)
        key = (
            bound,
            cut.number,
            self._standing(actor, cut),
            None if cut.anything else opened(resource, own) if cut.exact else resource,
            None if cut.plain else tuple((name, _open_values(fact, own)) for name, fact in facts),
            tuple(sorted(tags.items())) if cut.tags and tags is not None else None,
        )
        return self._known.of(key, own, lambda: self._may(actor, action.lower(), resource, facts, tags, bound=bound))

    def some(self, actor: Actor, action: str, facts: Facts = ()) -> Outcome:
        """Whether it may do something to anything at all: each pattern of a statement stands for what it matches."""
        cut = self.cut(actor, action.lower())
        if cut.anything:
            return self.may(actor, action, "*", facts)
        own = (actor.account,)
        said = None if cut.plain else tuple((name, _open_values(fact, own)) for name, fact in facts)
        return self._known.of(
            ("some", cut.number, self._standing(actor, cut), said),
            own,
            lambda: loosest(self.may(actor, action, pattern, facts) for pattern in self.patterns(actor, action)),
        )

    def likeness(self, actor: Actor, actions: tuple[str, ...]) -> tuple[object, ...]:
        """The same for all whose answers about some actions (lower case) are the same, whatever account they are of."""
        alike = self._profiles.likeness(actor.holder, actions) if actor.holder is not None else None
        return actor.grown, self.estate.members.get(actor.account), alike or actor.key

    def _standing(self, actor: Actor, cut: Cut) -> tuple[object, ...]:
        """What an answer hangs on beside the policies: who acts, if that is looked at."""
        whose = None if cut.anybody else actor.key
        return actor.grown, actor.holder is None, self.estate.members.get(actor.account), whose

    def everything(self, actor: Actor, *, bounded: bool = True) -> Outcome:
        """Whether its own policies and boundary let it do everything: then it is only bound by what binds the whole account.

        Not `bounded`: as if it had no boundary.
        """
        if actor.holder is None:
            return Outcome("allow")
        probed = (ANYTHING, "iam:putrolepolicy")
        cuts = [self._profiles.cut(actor.holder, actor.account, action, bound=False) for action in probed]
        key = ("everything", bounded, *((cut.number, self._standing(actor, cut)) for cut in cuts))

        def work() -> Outcome:
            found = Outcome("allow")
            for action in probed:
                found = found.also(self._may(actor, action, "any", (), None, bound=False, bounded=bounded))
            return found

        return self._known.of(key, (actor.account,), work)

    def covered(self, actor: Actor) -> frozenset[str] | None:
        """The interesting actions that its policies speak of; None for all of them."""
        if actor.holder is None or actor.grown:
            return None
        return self._profiles.of(actor.holder).covered

    def covers(self, actor: Actor, actions: Iterable[str]) -> bool:
        """Whether statements that allow speak of all these (of `INTERESTING`, lower case) at all, or were not read."""
        covered = self.covered(actor)
        return covered is None or covered.issuperset(actions)

    # ------------------------------------------------------------------ layers

    def _request(self, actor: Actor, action: str, resource: str, facts: Facts, tags: Tags) -> Request:
        account = _account_of(resource) or actor.account
        known = {**_CHOSEN, **dict(facts)}
        return Request(
            self._caller(actor, "aws"), action.lower(), resource, account, tags, self.trust.organization, known
        )

    def _may(
        self,
        actor: Actor,
        action: str,
        resource: str,
        facts: Facts,
        tags: Tags,
        *,
        bound: bool = True,
        bounded: bool = True,
    ) -> Outcome:
        request = self._request(actor, action, resource, facts, tags)
        policies = self._profiles.sliced(actor.holder, actor.account, action, bound=bound)
        identity = Layer("", [Clause(CERTAIN, "a policy it gives itself")])
        if actor.holder is not None and not actor.grown:
            identity = of_policies("", policies.identity, request)
        linked = actor.holder is not None and actor.holder.service_linked
        others = [] if linked else of_scps(policies.controls, request)
        if policies.boundary is not None and bounded:
            others.insert(0, of_policies("", [policies.boundary], request))
        denies = [clause for layer in (identity, *others) for clause in layer.denies]
        found = weigh(Case([(clause, others) for clause in identity.allows], denies), self._at_will(actor))
        return replace(found, wheres=tuple(found.named))

    def patterns(self, actor: Actor, action: str) -> list[str]:
        """Resources that an action may be possible on, as policies name them, their variables put in: what some layer allows, and
        what a deny of everything else spares."""
        request = self._request(actor, action, "*", (), None)
        policies = self._profiles.sliced(actor.holder, actor.account, request.action)
        patterns = {"*"} if actor.holder is None or actor.grown else set[str]()
        for held in policies.identity:
            patterns.update(named(held, request))
        for held in policies.limits:
            patterns.update(one for one in named(held, request) if one != "*")
        return sorted(patterns)

    def _at_will(self, actor: Actor) -> AtWillOf:
        return AtWillOf(actor.holder is None, self.estate.dead)


def _denies_assuming(statement: Statement) -> bool:
    return statement.effect == "Deny" and statement.covers_action(ASSUME)


def _is_identity(layer: Layer) -> bool:
    return layer.name.startswith("the identity policies of ")


def _open_values(fact: Fact, own: tuple[str, ...]) -> object:
    return fact.values and tuple(opened(value, own) for value in fact.values)


def _account_of(resource: str) -> str | None:
    parts = resource.split(":")
    return parts[4] if len(parts) > 5 and parts[4].isdigit() else None


_ROLE = "{role}"  # stands for a role in what is remembered for all with its trust policy

# What a call's author writes into it.
_CHOSEN = {"iam:associatedresourcearn": Fact(by="caller")}
