"""Made-up reach between accounts and drills: hubs, product teams, one gap, copies that help and copies that do not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scanner.findings import (
    Account,
    Drill,
    FallsToo,
    Reach,
    Store,
    SurvivingCopy,
    Survivor,
    Undecided,
    UselessCopy,
)

TEAM = 6
"""Accounts of a product team that trust each other."""
_FINISHED_MINUS = ("2025-03-02T05:04:11Z", "2025-02-27T08:04:11Z", "2024-11-02T08:04:11Z", None)


def reach(members: Sequence[Account], hubs: int = 2) -> tuple[Reach, ...]:
    """Return pairs: the first accounts administer (or conditionally enter) all, teams enter their own, every ninth is unknown."""
    made = [pair for number, hub in enumerate(members[:hubs]) for pair in _hub(number, hub, members)]
    for start in range(hubs, len(members), TEAM):
        made += _team(members[start : start + TEAM], start)
    return tuple(sorted(made, key=lambda pair: (pair.source, pair.target)))


def _hub(number: int, hub: Account, members: Iterable[Account]) -> Iterable[Reach]:
    for place, target in enumerate(members):
        if target.id == hub.id:
            continue
        if number == 0:
            yield _pair(hub, target, "allow", True, ("OrganizationAccountAccessRole",))
        elif place % 4:
            unmet = ("aws:MultiFactorAuthPresent is true",) if place % 3 == 0 else ()
            yield _pair(hub, target, "conditional" if unmet else "allow", False, ("ci", "deploy"), unmet)


def _team(team: Sequence[Account], start: int) -> Iterable[Reach]:
    for one in team[:-1]:
        for other in team:
            if one.id == other.id or (other.environment == "production" and one.environment == "staging"):
                continue
            if start % 9 == 2:
                yield Reach(
                    one.id, other.id, "unknown", None, None, 1,
                    (f"iam:GetAccountAuthorizationDetails in {other.id} would tell who its roles trust",),
                )  # fmt: skip
            else:
                yield _pair(one, other, "allow", one.environment == other.environment, ("developer", "shared-tools"))


def _pair(
    one: Account, other: Account, verdict: str, administers: bool, roles: tuple[str, ...], unmet: tuple[str, ...] = ()
) -> Reach:
    chain = [f"Whoever holds {one.id} is administrator of it"]
    chain += [f"arn:aws:iam::{one.id}:role/{role} is a role of it" for role in roles[:-1]]
    chain.append(f"arn:aws:iam::{other.id}:role/{roles[-1]} trusts arn:aws:iam::{one.id}:root (statement 1)")
    return Reach(one.id, other.id, verdict, administers, administers, len(chain) - 1, tuple(chain), unmet)


def drills(members: Sequence[Account], pairs: Iterable[Reach]) -> tuple[Drill, ...]:
    """Return one drill per account; every fourth loses everything, every fifth cannot be told."""
    destroyed: dict[str, list[Reach]] = {}
    for pair in pairs:
        if pair.destroys or pair.verdict == "unknown":
            destroyed.setdefault(pair.source, []).append(pair)
    vault = members[-1]
    made = [_drill(number, account, vault, destroyed.get(account.id, [])) for number, account in enumerate(members)]
    return tuple(sorted(made, key=lambda drill: drill.account))


def _drill(number: int, account: Account, vault: Account, falls: Iterable[Reach]) -> Drill:
    stores = [
        (f"arn:aws:rds:eu-west-1:{account.id}:db:{account.workload or 'core'}-{n}", f"{account.workload or 'core'}-{n}")
        for n in range(number % 4)
    ]
    lost, kept, open_ = stores[:1], stores[1:2], stores[2:]
    if number % 5 == 0:
        lost, open_ = [], stores[:1] + stores[2:]
    environment = account.environment
    return Drill(
        account=account.id,
        lost=tuple(
            Store(arn, name, "database", environment, "its 2 snapshots are in the same account") for arn, name in lost
        ),
        survives=tuple(
            Survivor(arn, name, "dynamodb_table", environment, _copies(number, arn, vault)) for arn, name in kept
        ),
        unknown=tuple(
            Undecided(arn, name, "bucket", environment, f"backup:ListRecoveryPointsByResource in {vault.id} was denied")
            for arn, name in open_
        ),
        falls_too=tuple(FallsToo(pair.target, pair.verdict, pair.chain) for pair in falls),
        useless=tuple(
            UselessCopy(
                f"arn:aws:rds:eu-west-1:{account.id}:snapshot:{name}-nightly", account.id, arn,
                f"it is in {account.id}, the account of its original" if number % 2
                else "its key arn:aws:kms:eu-west-1:1:key/k is erased with the account",
            )
            for arn, name in lost
        ),
    )  # fmt: skip


def _copies(number: int, arn: str, vault: Account) -> tuple[SurvivingCopy, ...]:
    return tuple(
        SurvivingCopy(
            f"{arn}-copy-{age}", vault.id, _FINISHED_MINUS[(number + age) % 4], vault.id if age else None, age == 0
        )
        for age in range(1 + number % 2)
    )


def hostile_reach(text: str) -> tuple[Reach, ...]:
    """Return pairs every text of which is `text`."""
    other = text + "2"
    return (
        Reach(text, other, "conditional", None, None, 2, (text, text), (text,)),
        Reach(other, text, "allow", True, True, 1, (text,)),
    )


def hostile_drill(text: str) -> Drill:
    """Return a drill every text of which is `text`."""
    copy = SurvivingCopy(text, text, text, text, True)
    return Drill(
        text,
        (Store(text, text, text, text, text),),
        (Survivor(text, text, text, text, (copy,)),),
        (Undecided(text, text, text, text, text),),
        (FallsToo(text, text, (text, text)),),
        (UselessCopy(text, text, text, text),),
    )
