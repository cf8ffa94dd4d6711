"""Principals that are made, and boundaries that are taken away: who may do that has the whole account.

A new user or role has no permissions boundary, unless the call has to name one (`iam:PermissionsBoundary`):
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from scanner.analysis.blast_radius.closure import Edge, Growth
from scanner.analysis.blast_radius.paths import LIFT, MAKE, Path
from scanner.analysis.blast_radius.rights import Actor, Rights
from scanner.analysis.blast_radius.steps import ADMINISTRATION, edge, feasible, on_arn, who
from scanner.analysis.blast_radius.weigh import DENY, Outcome, loosest
from scanner.analysis.trust.inventory import AccountIam, Holder

USER_WITH_KEY = ("iam:CreateUser", "iam:CreateAccessKey")
NEW = "new"


def makes(rights: Rights, actor: Actor) -> Iterator[Edge]:
    """That it may make a principal with whatever permissions it likes."""
    for path in feasible(rights.covered(actor), MAKE):
        outcome = newcomer(rights, actor, path.target, path.actions)
        if outcome.verdict != "deny":
            says = f"{who(actor)} may call {', '.join(path.needs)} on a new {path.target}{outcome.because}"
            yield edge(actor.key, actor.account, outcome, says, "path")


def newcomer(rights: Rights, actor: Actor, kind: str, actions: tuple[str, ...]) -> Outcome:
    """Whether all these calls may be made on one and the same user or role that is not there yet."""
    return loosest(
        _all(on_arn(rights, actor, action, arn, None, None) for action in actions)
        for arn in _free(rights, actor, kind, actions)
    )


def lifts(rights: Rights, actor: Actor, home: AccountIam) -> Iterator[Growth]:
    """Whose boundary it may take away, where the account is what that leaves."""
    for path in feasible(rights.covered(actor), LIFT):
        for target in home.callers():
            if target.boundary is None or target.protected or path.target not in (target.kind, "policy"):
                continue
            outcome = _lifting(rights, actor, path, target, target.boundary)
            if outcome.verdict != "deny" and not (actor.grown and target is actor.holder):
                outcome = outcome.also(rights.everything(Actor(target.account, target), bounded=False))
            if outcome.verdict != "deny":
                what = target.arn if path.target == target.kind else f"{target.boundary}, the boundary of {target.arn}"
                says = f"{who(actor)} may call {path.needs[0]} on {what}{outcome.because}"
                yield Growth(edge(actor.key, target.account, outcome, says, "path"), target.arn)


def _lifting(rights: Rights, actor: Actor, path: Path, target: Holder, boundary: str) -> Outcome:
    action = path.needs[0]
    if path.target == "policy":
        return DENY if ":iam::aws:" in boundary else rights.may(actor, action, boundary)
    named = ADMINISTRATION[0] if action.startswith("iam:Put") else boundary
    return on_arn(rights, actor, action, target.arn, named, target.tags)


def _free(rights: Rights, actor: Actor, kind: str, actions: tuple[str, ...]) -> list[str]:
    """ARNs of users or roles that are not there, one for each pattern that bears on a call."""
    partition = actor.holder.arn.split(":")[1] if actor.holder else "aws"
    own = f"arn:{partition}:iam::{actor.account}:"
    names = {f"{kind}/{NEW}"}
    for action in actions:
        for pattern in rights.patterns(actor, action):
            name = re.sub(r"[*?]+", NEW, pattern.split(":", 5)[-1])
            if name.startswith(f"{kind}/"):
                names.add(name)
    return sorted(own + one for one in names if rights.trust.inventory.find(own + one, actor.account) is None)


def _all(outcomes: Iterator[Outcome]) -> Outcome:
    whole = Outcome("allow")
    for one in outcomes:
        whole = whole.also(one)
    return whole
