"""One statement that lets somebody in, judged for one caller against all the denies of its policy and the RCPs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from scanner.analysis.policies import CERTAIN, Atom, Atoms, Document, Principal, Statement
from scanner.analysis.trust.conditions import Fact, hold, matching_resource
from scanner.analysis.trust.decide import Answer, Case, decide, negation
from scanner.analysis.trust.layers import Clause, names, of_rcps
from scanner.analysis.trust.organization import RCP, Organization
from scanner.analysis.trust.request import Caller, Request
from scanner.analysis.trust.sources import stranger
from scanner.analysis.trust_edges.residue import positive

TRUST_ACTIONS = ("sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity")


@dataclass(frozen=True, slots=True)
class Policy:
    """A trust or resource policy. `actions` (lower case) are those that count as coming in; not every
    service heeds RCPs (https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html)."""

    arn: str
    account: str
    document: Document
    actions: tuple[str, ...]
    trust: bool
    rcps: bool = True

    @property
    def where(self) -> str:
        return f"the trust policy of {self.arn}" if self.trust else f"the policy of {self.arn}"


class ResourceRequest(Request):
    """A request to a resource. KMS and SNS have names of their own for the caller's account."""

    def _look_up(self, key: str) -> Fact:
        return super()._look_up("aws:principalaccount" if key in ("kms:calleraccount", "aws:sourceowner") else key)


def request(policy: Policy, caller: Caller, action: str, resource: str, organization: Organization) -> Request:
    """A request whose resource has no tags that are known, as those of roles and resources are not read for this."""
    kind = Request if policy.trust else ResourceRequest
    return kind(caller, action, resource, policy.account, None, organization)


def admitting(policy: Policy) -> Iterator[Statement]:
    """Yield the statements that may let somebody in."""
    for statement in policy.document.statements:
        if statement.effect == "Allow" and not fault(policy, statement):
            yield statement


def covered(policy: Policy, statement: Statement) -> list[str]:
    """What counts as coming in, as far as the statement is about it."""
    return [action for action in policy.actions if statement.covers_action(action)]


def others(policy: Policy, statement: Statement) -> list[str]:
    """What else a resource's statement is about, one action of each pattern."""
    if policy.trust or statement.actions_negated:
        return []
    return [action.replace("*", "any").replace("?", "a") for action in statement.actions]


def fault(policy: Policy, statement: Statement) -> str | None:
    """Why a statement grants nothing. A trust policy has neither NotPrincipal nor Resource."""
    if statement.malformed:
        return statement.malformed
    if policy.trust and (statement.principals_negated or statement.resources or statement.resources_negated):
        return "not valid in a trust policy"
    return None


def judge(
    policy: Policy, statement: Statement, caller: Caller, organization: Organization
) -> tuple[Answer, bool] | None:
    """The loosest answer over what the statement lets the caller do, and whether that counts as coming in."""
    for actions, counts in ((covered(policy, statement), True), (others(policy, statement), False)):
        asked = (
            request(policy, caller, action, resource, organization)
            for action in actions
            if not policy.trust or action == caller.action
            for resource in probes(policy, statement)
        )
        best = _loosest(answer for one in asked if (answer := _judge(policy, statement, one)) is not None)
        if best is not None:
            return best, counts
    return None


def _loosest(answers: Iterable[Answer]) -> Answer | None:
    best: Answer | None = None
    for answer in answers:
        if best is None or _rank(answer) < _rank(best):
            best = answer
        if best.verdict == "allow":
            break
    return best


def probes(policy: Policy, statement: Statement) -> list[str]:
    """Resources the statement is about, as one of each pattern: the holder itself where it says nothing or all."""
    found = [
        one.replace("*", "any").replace("?", "a")
        for one in statement.resources
        if not statement.resources_negated and one.startswith(policy.arn)
    ]
    return sorted({*found, policy.arn, *([f"{policy.arn}/any"] if ":s3:::" in policy.arn else [])})


_LOOSEST = ("allow", "conditional", "unknown")


def _rank(answer: Answer) -> tuple[int, int]:
    return _LOOSEST.index(answer.verdict), len(answer.residual)


def _judge(policy: Policy, statement: Statement, asked: Request) -> Answer | None:
    atoms = _about(policy, statement, asked)
    if atoms is None:
        return None
    denies = [
        Clause(found, f"{one.label} of {policy.where}")
        for one in policy.document.statements
        if one.effect == "Deny" and one.covers_action(asked.action)
        if (found := _spoken(policy, one, asked)) is not None
    ]
    if policy.rcps:
        denies += of_rcps(asked.organization.controls(policy.account, RCP), asked)
    answer = decide(
        Case([(Clause(atoms, f"{statement.label} of {policy.where}"), [])], denies), f"{asked.action} on {policy.arn}"
    )
    return None if answer.verdict == "deny" else replace(answer, residual=_turned(answer.residual, denies))


def _about(policy: Policy, statement: Statement, asked: Request) -> Atoms | None:
    """What the conditions leave open; the principals were looked at by whoever asks."""
    resource: Atoms | None = CERTAIN
    if statement.resources or statement.resources_negated:
        resource = matching_resource(statement, asked.resource, asked.fact, policy.document.variables)
    conditions = hold(statement.conditions, asked.fact, policy.document.variables)
    return None if resource is None or conditions is None else resource | conditions


def _spoken(policy: Policy, statement: Statement, asked: Request) -> Atoms | None:
    """Under which atoms a deny speaks about the request; None when it never does."""
    if fault(policy, statement):
        return None
    who = _meant(statement, asked.caller)
    about = None if who is None else _about(policy, statement, asked)
    return None if who is None or about is None else who | about


def _meant(statement: Statement, caller: Caller) -> Atoms | None:
    found = [atoms for one in statement.principals if (atoms := names(one, caller)) is not None]
    if not statement.principals_negated:
        return min(found, key=len) if found else None
    if any(not atoms for atoms in found):
        return None
    return frozenset(negation(atoms) for atoms in found)


def _turned(residual: tuple[Atom, ...], denies: list[Clause]) -> tuple[Atom, ...]:
    """Say "not (StringNotEquals k v)" as "StringEquals k v", so that what a deny demands is known for what it is."""
    plain = {
        f"not ({atom.text})": replace(positive(atom), text=f"not ({atom.text})")
        for clause in denies
        if len(clause.atoms) == 1
        for atom in clause.atoms
        if atom.key and "not" in atom.operator.lower() and atom.operator != "not"
    }
    return tuple(plain.get(atom.text, atom) for atom in residual)


def caller_of(principal: Principal, partition: str) -> Caller:
    """The caller a principal stands for; what its own account lets it do is not looked at."""
    if principal.kind == "everyone":
        return stranger(partition)
    if principal.kind == "account":
        account = principal.account or ""
        return Caller("account", f"arn:{partition}:iam::{account}:root", account, partition)
    if principal.kind == "federated":
        return Caller("provider", principal.value, None, partition)
    return Caller(principal.kind, principal.value, principal.account, partition, principal.value)
