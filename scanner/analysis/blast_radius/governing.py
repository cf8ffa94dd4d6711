"""Who governs other accounts: the management account, and delegated administrators.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_best-practices_mgmt-acct.html (the management account),
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html (sts:AssumeRoot).
"""

from __future__ import annotations

from collections.abc import Iterator

from scanner.analysis.blast_radius.closure import ALL, MEMBERS, Edge
from scanner.analysis.blast_radius.paths import GOVERNING
from scanner.analysis.blast_radius.rights import Actor, Rights
from scanner.analysis.blast_radius.weigh import DENY, Outcome


def governing(rights: Rights) -> Iterator[Edge]:
    """Whoever administers the management account administers every member; a delegated administrator of what deploys into or
    lets people into accounts, every member but the management account."""
    estate = rights.estate
    for account in estate.governed:
        yield Edge(ALL, account, "allow")
        if account != estate.management:
            yield Edge(MEMBERS, account, "allow")
    if estate.management in estate.members:
        says = (
            f"{estate.shown(estate.management or '')} governs the organization: it may administer every member account"
        )
        yield Edge(estate.management or "", ALL, "allow", says, kind="govern")
    elif estate.organization_gap is not None:
        for account in estate.members:
            says = f"whether account {account} governs the organization is not known: {estate.organization_gap.text} settles that"
            yield Edge(account, ALL, "unknown", says, kind="govern")
    for account in estate.members:
        if account != estate.management:
            yield from _delegated(rights, account)


def _delegated(rights: Rights, account: str) -> Iterator[Edge]:
    estate = rights.estate
    if account in estate.delegates:
        if None in estate.delegates[account]:
            says = (
                f"what {estate.shown(account)} administers for the organization is not known: "
                "organizations.list_delegated_services_for_account settles that"
            )
            yield Edge(account, MEMBERS, "unknown", says, kind="govern")
        yield from governs(rights, Actor(account))
    elif estate.delegates_gap is not None and "services" not in estate.delegates_gap.call:
        says = (
            f"whether account {account} administers a service for the organization is not known: "
            f"{estate.delegates_gap.text} settles that"
        )
        yield Edge(account, MEMBERS, "unknown", says, kind="govern")


def governs(rights: Rights, actor: Actor) -> Iterator[Edge]:
    """What a principal of the management account, or of a delegated administrator, may do to member accounts without
    administering its own."""
    estate = rights.estate
    for service, actions in GOVERNING.items():
        central = actor.account == estate.management
        if not central and service not in estate.delegates.get(actor.account, ()):
            continue
        outcome = _uses(rights, actor, actions)
        if outcome.verdict != "deny":
            who = estate.shown(actor.account) if actor.holder is None else actor.holder.arn
            where = "the management account" if central else f"the delegated administrator of {service}"
            says = f"{who}, of {where}, may call {', '.join(actions)} on every member account{outcome.because}"
            yield Edge(actor.key, ALL if central else MEMBERS, outcome.verdict, says, outcome.conditions, "govern")


def _uses(rights: Rights, actor: Actor, actions: tuple[str, ...]) -> Outcome:
    """Whether an actor may make all these calls."""
    if not rights.covers(actor, [action.lower() for action in actions]):
        return DENY
    whole = Outcome("allow")
    for action in actions:
        whole = whole.also(rights.some(actor, action))
    return whole
