"""What somebody may do, for an intruder: every layer of permission, with what it can decide itself taken as given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from scanner.analysis.blast_radius.estate import Estate
from scanner.analysis.blast_radius.graph import GROWN
from scanner.analysis.blast_radius.paths import INTERESTING
from scanner.analysis.blast_radius.weigh import DENY, Outcome, loosest, weigh
from scanner.analysis.policies import CERTAIN, Atom, Document
from scanner.analysis.trust import Answer, Trust
from scanner.analysis.trust.conditions import Fact, resolve
from scanner.analysis.trust.decide import Case
from scanner.analysis.trust.inventory import AccountIam, Holder
from scanner.analysis.trust.layers import Clause, Layer
from scanner.analysis.trust.organization import Held
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
    """Answers for one snapshot; every answer is worked out once."""

    def __init__(self, trust: Trust, estate: Estate):
        self.trust = trust
        self.estate = estate
        self._policies: dict[str, list[Held]] = {}
        self._covered: dict[int, tuple[Document, frozenset[str]]] = {}
        self._known: dict[tuple[object, ...], Outcome] = {}

    # ------------------------------------------------------------------ assuming roles

    def assume(self, actor: Actor, role: Holder) -> Outcome:
        """Whether an actor can assume a role."""
        case = self.trust.case(self._caller(actor, role.arn.split(":")[1]), role.arn, role.account, role)
        if isinstance(case, Answer):
            return DENY
        if actor.grown:
            case.first = [(clause, [one for one in layers if not _is_identity(one)]) for clause, layers in case.first]
        return weigh(case, self._at_will(actor))

    def runs_as(self, principal: str, role: Holder) -> Outcome:
        """Whether a service acting for somebody of the role's own account can assume the role."""
        key = ("runs", principal, role.arn)
        if key not in self._known:
            case = self.trust.case(service(principal, role.arn.split(":")[1]), role.arn, role.account, role)
            self._known[key] = DENY if isinstance(case, Answer) else weigh(case, _of_service(role.account))
        return self._known[key]

    def _caller(self, actor: Actor, partition: str) -> Caller:
        if actor.holder is not None:
            return self.trust.sources.holder(actor.holder)
        return Caller("account", f"arn:{partition}:iam::{actor.account}:root", actor.account, partition)

    # ------------------------------------------------------------------ anything else

    def may(self, actor: Actor, action: str, resource: str, facts: Facts = (), tags: Tags = None) -> Outcome:
        """Whether an actor's own side lets it do something.

        `facts` are condition keys that the question itself settles; `tags` are the resource's, None when they are not known.
        """
        key = (actor.key, action, resource, tuple((name, fact.values) for name, fact in facts))
        if key not in self._known:
            self._known[key] = self._weigh(actor, action, resource, dict(facts), tags)
        return self._known[key]

    def some(self, actor: Actor, action: str, facts: Facts = ()) -> Outcome:
        """Whether it may do something to anything at all: each pattern of a statement that allows it stands for what it matches."""
        if actor.holder is None or actor.grown:
            return self.may(actor, action, "*", facts)
        return loosest(self.may(actor, action, pattern, facts) for pattern in self._patterns(actor, action))

    def everything(self, actor: Actor) -> Outcome:
        """Whether its own policies and boundary let it do everything: then it is only bound by what binds the whole account."""
        if actor.holder is None:
            return Outcome("allow")
        first = self._without_scps(actor, "any:any")
        return first if first.verdict == "deny" else first.also(self._without_scps(actor, "iam:putrolepolicy"))

    def covers(self, actor: Actor, action: str) -> bool:
        """Whether some statement that allows speaks of an action of `INTERESTING` (lower case) at all, or was not read."""
        if actor.holder is None or actor.grown:
            return True
        return any(
            held.document is None or action in self._allowing(held.document) for held in self._identity(actor.holder)
        )

    # ------------------------------------------------------------------ layers

    def _weigh(self, actor: Actor, action: str, resource: str, facts: Mapping[str, Fact], tags: Tags) -> Outcome:
        identity, others = self._sides(actor, action, resource, facts, tags)
        denies = [clause for layer in (identity, *others) for clause in layer.denies]
        return weigh(Case([(clause, others) for clause in identity.allows], denies), self._at_will(actor))

    def _without_scps(self, actor: Actor, action: str) -> Outcome:
        identity, others = self._sides(actor, action, "any", {}, None)
        bounded = others[:1] if actor.holder is not None and actor.holder.boundary else []
        denies = [clause for layer in (identity, *bounded) for clause in layer.denies]
        return weigh(Case([(clause, bounded) for clause in identity.allows], denies), self._at_will(actor))

    def _sides(
        self, actor: Actor, action: str, resource: str, facts: Mapping[str, Fact], tags: Tags
    ) -> tuple[Layer, list[Layer]]:
        caller = self._caller(actor, "aws")
        account = _account_of(resource) or actor.account
        request = Request(
            caller, action.lower(), resource, account, tags, self.trust.organization, {**_CHOSEN, **facts}
        )
        identity, others = self.trust.own_side(request)
        if actor.grown or actor.holder is None:
            identity = Layer(identity.name, [Clause(CERTAIN, "a policy it gives itself")])
        return identity, others

    def _identity(self, holder: Holder) -> list[Held]:
        found = self._policies.get(holder.arn)
        if found is None:
            found = self._policies[holder.arn] = self.trust.inventory.identity_policies(holder)
        return found

    def _allowing(self, document: Document) -> frozenset[str]:
        """Interesting actions that a document's allows speak of. The document is kept, so that its id stays its own."""
        found = self._covered.get(id(document))
        if found is None:
            actions = {
                action
                for statement in document.statements
                if statement.effect == "Allow" and not statement.malformed
                for action in INTERESTING
                if statement.covers_action(action)
            }
            found = self._covered[id(document)] = (document, frozenset(actions))
        return found[1]

    def _patterns(self, actor: Actor, action: str) -> list[str]:
        """Resources that statements allowing an action name, their variables put in."""
        assert actor.holder is not None
        request = Request(
            self._caller(actor, "aws"), action.lower(), "*", actor.account, None, self.trust.organization, dict(_CHOSEN)
        )
        patterns: set[str] = set()
        for held in self._identity(actor.holder):
            if held.document is None:
                patterns.add("*")
                continue
            for statement in held.document.statements:
                if statement.effect == "Allow" and statement.covers_action(request.action):
                    named = ("any",) if statement.resources_negated else statement.resources
                    found = (resolve(pattern, request.fact, held.document.variables) for pattern in named)
                    patterns.update(one if isinstance(one, str) else "*" for one in found if one is not None)
        return sorted(patterns)

    def _at_will(self, actor: Actor) -> AtWillOf:
        return AtWillOf(actor.holder is None, self.estate.dead)


@dataclass(frozen=True, slots=True)
class AtWillOf:
    """What an intruder who holds a principal, or a `whole` account, of the organization can make hold."""

    whole: bool
    dead: frozenset[str]

    def __call__(self, atom: Atom) -> bool | None:
        if atom.operator == "is" and atom.key in self.dead:
            return None
        return atom.set_by == "caller" or (self.whole and atom.set_by == "owner")


def _of_service(account: str) -> Callable[[Atom], bool | None]:
    """A service acts for somebody of this account: conditions on whom it acts for hold when they name the account."""

    def at_will(atom: Atom) -> bool | None:
        if atom.set_by == "caller":
            return True
        if atom.set_by != "service":
            return False
        if atom.key == "aws:sourceaccount" and atom.operator.lower().startswith("string"):
            named = account in atom.values or any("*" in value for value in atom.values)
            return True if named else None
        return any(f":{account}:" in value or "*" in value for value in atom.values)

    return at_will


def _is_identity(layer: Layer) -> bool:
    return layer.name.startswith("the identity policies of ")


def _account_of(resource: str) -> str | None:
    parts = resource.split(":")
    return parts[4] if len(parts) > 5 and parts[4].isdigit() else None


def assumable(home: AccountIam) -> Iterator[Holder]:
    """Roles of an account that are not a service's own."""
    return (holder for holder in home.holders.values() if holder.kind == "role" and not holder.service_linked)


# What a call's author writes into it.
_CHOSEN = {"iam:associatedresourcearn": Fact(by="caller")}
