"""Who might be able to assume a role: everybody its trust policy could mean, before anything is decided."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.analysis.policies import Document, Principal, Statement
from scanner.analysis.trust.inventory import AccountIam, Holder, Inventory
from scanner.analysis.trust.layers import of_trust, trust_fault
from scanner.analysis.trust.organization import Organization
from scanner.analysis.trust.request import Caller, Request
from scanner.analysis.trust.sources import Sources, provider, service, stranger


def candidates(
    role: Holder | None, inventory: Inventory, organization: Organization, sources: Sources
) -> Iterator[Caller]:
    """Yield callers, some of them twice; none for a role whose trust policy was not read."""
    if role is None or role.trust is None:
        return
    partition = role.arn.split(":")[1]
    for principal in sorted({one for one, _ in admitted(role.trust)}, key=lambda one: (one.kind, one.value)):
        if principal.kind == "everyone":
            yield from _everyone(role, partition, inventory, organization, sources)
        elif principal.kind == "account" and principal.account:
            yield from _account(inventory.account(principal.account), partition, sources)
        elif principal.kind in ("service", "federated"):
            yield (service if principal.kind == "service" else provider)(principal.value, partition)
        elif principal.account:
            yield from _named(principal, principal.account, sources)


def admitted(document: Document) -> Iterator[tuple[Principal, Statement]]:
    """Yield the principals that a trust policy admits, each with its statement; not those that match nobody."""
    for statement in document.statements:
        if statement.effect == "Allow" and not trust_fault(statement):
            for principal in statement.principals:
                if principal.kind not in ("deleted", "invalid"):
                    yield principal, statement


def _named(principal: Principal, account: str, sources: Sources) -> Iterator[Caller]:
    found = sources.named(principal.value, account, principal.kind)
    if found is None:
        return
    yield found
    if found.kind == "session" and found.holder is not None:
        yield sources.holder(found.holder)


def _account(home: AccountIam, partition: str, sources: Sources) -> Iterator[Caller]:
    yield from (sources.holder(holder) for holder in home.callers())
    if home.gap:
        yield sources.account(home.account, partition)


def _everyone(
    role: Holder, partition: str, inventory: Inventory, organization: Organization, sources: Sources
) -> Iterator[Caller]:
    """Everybody: account by account, without those that the trust policy's conditions rule out as a whole."""
    possible = [
        account
        for account in sorted({*inventory.readable(), *organization.accounts})
        if _admits(role, sources.account(account, partition), organization)
    ]
    for home in inventory.each(possible):
        yield from _account(home, partition, sources)
    yield stranger(partition)


def _admits(role: Holder, caller: Caller, organization: Organization) -> bool:
    request = Request(caller, caller.action, role.arn, role.account, role.tags, organization)
    return role.trust is not None and bool(of_trust(role.trust, role.arn, request)[0])
