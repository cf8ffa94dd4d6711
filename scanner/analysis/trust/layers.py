"""Layers of permission: which statements of a set of policies allow a request, which deny it, and what that hangs on. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from scanner.analysis.policies import CERTAIN, Atom, Atoms, Document, Principal, Statement
from scanner.analysis.trust.conditions import hold, matching_resource
from scanner.analysis.trust.organization import Controls, Held
from scanner.analysis.trust.request import IN_ACCOUNTS, Caller, Request


@dataclass(frozen=True, slots=True)
class Clause:
    """A statement that speaks about the request, if its atoms hold. `where` names it."""

    atoms: Atoms
    where: str


@dataclass(frozen=True, slots=True)
class Grant:
    """A statement of a trust policy that admits the caller, and as what kind of principal it names it."""

    clause: Clause
    kind: str
    statement: Statement | None


@dataclass
class Layer:
    """What one layer says. `name` completes "no statement of ... allows it"."""

    name: str
    allows: list[Clause] = field(default_factory=list)
    denies: list[Clause] = field(default_factory=list)

    def unknown(self, what: str, settle: str) -> None:
        """Something here was not read: it might allow, and it might deny."""
        self.allows.append(unread("allows", what, settle))
        self.denies.append(unread("denies", what, settle))


def unread(effect: str, what: str, settle: str) -> Clause:
    """What was not read, as a clause; that it allows and that it denies are two different questions."""
    return Clause(frozenset([Atom(f"{what}: not read; {settle} settles it", "unread", effect, what)]), what)


def of_policies(name: str, policies: Iterable[Held], request: Request, where: str = "") -> Layer:
    """What identity policies, a boundary or the control policies of one level say."""
    layer = Layer(name)
    for held in policies:
        if held.document is None:
            layer.unknown(held.label, held.settle)
            continue
        for statement in held.document.about(request.action):
            atoms = _about(statement, held.document, request)
            if atoms is not None:
                clause = Clause(atoms, f"{statement.label} of {held.label}{where}")
                (layer.allows if statement.effect == "Allow" else layer.denies).append(clause)
    return layer


def _about(statement: Statement, document: Document, request: Request) -> Atoms | None:
    """The atoms under which a statement about the action, without principals, speaks about the request; None when it never does."""
    if statement.malformed:
        return None
    resource = matching_resource(statement, request.resource, request.fact, document.variables)
    if resource is None:
        return None
    conditions = hold(statement.conditions, request.fact, document.variables)
    return None if conditions is None else resource | conditions


def of_scps(controls: Controls, request: Request) -> list[Layer]:
    """One layer per level, root first: each has to allow."""
    layers = [
        of_policies(f"the SCPs at {level.label}", level.policies, request, f" at {level.label}")
        for level in controls.levels
    ]
    if controls.gap:
        layers = layers or [Layer("the SCPs of the caller's account")]
        for layer in layers:
            layer.unknown("SCPs of the caller's account", controls.gap.text)
    return layers


def of_rcps(controls: Controls, request: Request) -> list[Clause]:
    """Denies of the resource control policies. Their allows never matter: RCPFullAWSAccess cannot be detached."""
    denies = []
    for level in controls.levels:
        for held in level.policies:
            if held.document is None:
                denies.append(unread("denies", held.label, held.settle))
                continue
            for statement in held.document.about(request.action):
                atoms = _about(statement, held.document, request) if statement.effect == "Deny" else None
                if atoms is not None:
                    denies.append(Clause(atoms, f"{statement.label} of {held.label} at {level.label}"))
    if controls.gap:
        denies.append(unread("denies", "RCPs of the role's account", controls.gap.text))
    return denies


# ---------------------------------------------------------------------- trust policies


def of_trust(document: Document, role: str, request: Request) -> tuple[list[Grant], list[Clause]]:
    """Grants and denies of a role's trust policy."""
    grants: list[Grant] = []
    denies: list[Clause] = []
    for statement in document.about(request.action):
        if trust_fault(statement):
            continue
        named = [(p, atoms) for p in statement.principals if (atoms := names(p, request.caller)) is not None]
        conditions = hold(statement.conditions, request.fact, document.variables) if named else None
        if conditions is None:
            continue
        for principal, atoms in named:
            clause = Clause(conditions | atoms, f"{statement.label} of the trust policy of {role}")
            if statement.effect == "Allow":
                grants.append(Grant(clause, principal.kind, statement))
            else:
                denies.append(clause)
    return grants, denies


def trust_fault(statement: Statement) -> str | None:
    """Why a statement of a trust policy is not valid, and so grants nothing."""
    if statement.malformed:
        return statement.malformed
    if statement.principals_negated:
        return "NotPrincipal is not valid in a trust policy"
    if statement.resources or statement.resources_negated:
        return "Resource is not valid in a trust policy"
    return None


def names(principal: Principal, caller: Caller) -> Atoms | None:
    """Whether a principal of a trust policy names the caller."""
    if principal.kind == "everyone":
        return CERTAIN
    if principal.kind == "service":
        return CERTAIN if caller.kind == "service" and principal.value in (caller.arn, "*") else None
    if principal.kind == "federated":
        return CERTAIN if caller.kind == "provider" and principal.value in (caller.arn, "*") else None
    if caller.kind not in IN_ACCOUNTS or principal.account is None or principal.account != caller.account:
        return None
    if principal.kind == "account" or principal.value in (caller.arn, caller.iam_arn):
        return CERTAIN
    if caller.kind == "account":
        return frozenset([Atom(f"the caller is {principal.value}", caller.by, key=principal.value, operator="is")])
    if principal.kind == "role" and caller.kind == "session" and caller.iam_arn is None:
        # A session shows its role's name without the path. Where the role is known, its whole ARN was compared above.
        return CERTAIN if principal.value.rsplit("/", 1)[1] == caller.arn.split("/", 2)[1] else None
    if principal.kind == "session" and caller.kind == "role":
        _, role, session = principal.value.split("/", 2)
        if caller.arn.rsplit("/", 1)[1] == role:
            return frozenset([Atom(f"the session is named {session}", "caller", key=session, operator="is")])
    return None
