"""What every step of a privilege path is made of: whether it is feasible, calls of IAM on a principal, and the edge in words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from scanner.analysis.blast_radius.closure import Edge
from scanner.analysis.blast_radius.paths import Path
from scanner.analysis.blast_radius.rights import Actor, Facts, Rights
from scanner.analysis.blast_radius.weigh import Outcome, loosest
from scanner.analysis.trust.conditions import ABSENT, Fact
from scanner.analysis.trust.inventory import Holder

ADMINISTRATION = ("arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::aws:policy/IAMFullAccess")


@lru_cache(maxsize=100_000)
def feasible(covered: frozenset[str] | None, paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """Paths whose every permission the policies speak of."""
    return tuple(path for path in paths if covered is None or covered.issuperset(path.covered))


def on(rights: Rights, actor: Actor, action: str, target: Holder) -> Outcome:
    """A call of IAM on a principal, with the policy that suits the intruder best."""
    return on_arn(rights, actor, action, target.arn, target.boundary, target.tags)


def on_arn(
    rights: Rights, actor: Actor, action: str, arn: str, boundary: str | None, tags: Mapping[str, str] | None
) -> Outcome:
    """The same on a principal of this ARN; `boundary` is what `iam:PermissionsBoundary` says."""
    facts: Facts = (("iam:permissionsboundary", ABSENT if boundary is None else Fact((boundary,))),)
    if not action.startswith("iam:Attach"):
        return rights.may(actor, action, arn, facts, tags)
    return loosest(
        rights.may(actor, action, arn, (("iam:policyarn", Fact((policy,))), *facts), tags) for policy in ADMINISTRATION
    )


def edge(source: str, target: str, outcome: Outcome, says: str, kind: str) -> Edge:
    return Edge(source, target, outcome.verdict, says, outcome.conditions, kind)


def who(actor: Actor) -> str:
    if actor.holder is None:
        return f"account {actor.account}"
    return f"{actor.holder.arn}, which may give itself permissions," if actor.grown else actor.holder.arn
