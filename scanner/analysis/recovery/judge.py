"""The fate of one copy when an account is lost (REACH.md, "Recoverability").

It survives when it is complete, belongs to another account, its key is usable without the lost one, and nobody who holds the lost
account may destroy it - or nobody can, because it is immutable. What is not known leaves the fate open, unless something else
decides it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from scanner.analysis.recovery.keys import Keys
from scanner.analysis.recovery.model import DIES, SURVIVES, UNKNOWN, Fate, StoreCopy, worst
from scanner.analysis.recovery.threats import Threats
from scanner.analysis.recovery.vaults import Policy, Vault

CLOSING = ("SUSPENDED", "PENDING_CLOSURE", "CLOSED")


@dataclass(frozen=True)
class World:
    """Everything a fate hangs on beside the copy. `statuses` are of accounts, as AWS Organizations says them."""

    vaults: Mapping[str, Vault]
    policies: Mapping[str, Policy]
    object_locks: Mapping[str, str | None]
    statuses: Mapping[str, str | None]
    names: Mapping[str, str]
    keys: Keys
    threats: Threats

    def immutable(self, copy: StoreCopy) -> bool:
        """Nobody can delete it before its time."""
        vault = self.vaults.get(copy.vault_arn or "")
        if copy.kind == "recovery_point":
            return vault is not None and vault.immutable
        return copy.kind == "replication" and self.object_locks.get(copy.arn) == "COMPLIANCE"

    def called(self, account: str) -> str:
        return self.names.get(account, account)


def fate(copy: StoreCopy, lost: str, world: World) -> Fate:
    """What becomes of a copy when account `lost` is in somebody else's hands."""
    early = _not_there(copy) or _at_home(copy, lost, world)
    if early is not None and early.fate == DIES:
        return early
    if early is not None and early.cause in ("unseen", "not_reachable"):
        return replace(early, key=early if early.cause == "unseen" else None, reach=early)
    doubts, elsewhere = list(_doubts(copy, early)), _elsewhere(copy, lost, world)
    keys = list(world.keys.fates(copy, lost))
    threats = list(world.threats.fates(copy, lost, world.immutable(copy), world.vaults, world.policies))
    key = worst([*(one for one in keys if one.cause == "key"), elsewhere])
    reach = worst([*doubts, *threats, elsewhere])
    return replace(worst([*doubts, *keys, *threats, elsewhere]), key=key, reach=reach)


def _not_there(copy: StoreCopy) -> Fate | None:
    if copy.complete is False:
        return Fate(DIES, "complete", f"It is not complete: {copy.status}.")
    if copy.unseen:
        where = f" in account {copy.account}" if copy.account else ""
        return Fate(UNKNOWN, "unseen", f"Whether there is a copy{where} was not read; {copy.unseen} settles it.")
    return None


def _doubts(copy: StoreCopy, early: Fate | None) -> Iterator[Fate]:
    if early is not None:
        yield early
    if copy.complete is None:
        state = copy.status or "not said"
        yield Fate(UNKNOWN, "complete", f"Whether it is complete is not known: its state is {state}.")


def _at_home(copy: StoreCopy, lost: str, world: World) -> Fate | None:
    """What the lost account owns is lost; but the data of an air-gapped vault lies elsewhere."""
    if copy.account != lost:
        return _closing(copy, world)
    vault = world.vaults.get(copy.vault_arn or "")
    if vault is None or not vault.air_gapped:
        return _lost_with(copy, world.called(lost))
    name = vault.arn.rsplit(":", 1)[-1]
    if vault.shared_with is None:
        return Fate(
            UNKNOWN,
            "not_reachable",
            f"It is in air-gapped vault {name}, and with whom that is shared was not read (ram.list_principals).",
        )
    others = sorted(vault.shared_with - {lost})
    if not others:
        settle = "an approval team could open it (backup.describe_backup_vault, not collected)"
        return Fate(
            UNKNOWN,
            "not_reachable",
            f"It exists, but nobody else reaches it: air-gapped vault {name} is not shared; only {settle}.",
        )
    return Fate(
        SURVIVES,
        "shared",
        f"Air-gapped vault {name} is shared with {', '.join(others)} through RAM, and its data is in no account of ours.",
    )


def _closing(copy: StoreCopy, world: World) -> Fate | None:
    status = world.statuses.get(copy.account)
    if status not in CLOSING:
        return None
    text = f"Account {world.called(copy.account)} is {status}: AWS deletes what is in it within 90 days."
    return Fate(DIES, "closing", text)


def _lost_with(copy: StoreCopy, lost: str) -> Fate:
    lent = [account for account in copy.shared_with if account != "all"]
    if copy.kind == "snapshot" and lent:
        return Fate(DIES, "lent", f"It is lent to {', '.join(lent)}, but belongs to {lost} and goes with it.")
    return Fate(DIES, "own_account", f"{_KINDS[copy.kind]} of {lost} goes with the account.")


_KINDS = {
    "recovery_point": "A recovery point",
    "snapshot": "A snapshot",
    "automated_backup": "The automated backup",
    "point_in_time": "The point-in-time recovery",
    "table_backup": "A backup in DynamoDB",
    "replica": "A replica",
    "replication": "A bucket",
}


def _elsewhere(copy: StoreCopy, lost: str, world: World) -> Fate:
    owner, gone = world.called(copy.account), world.called(lost)
    if copy.kind == "replica" and ":elasticfilesystem:" in copy.arn:
        # https://docs.aws.amazon.com/efs/latest/ug/efs-replication.html: a replica follows its original until replication ends.
        return Fate(
            UNKNOWN,
            "radius",
            f"It follows its original: files that whoever holds {gone} deletes are deleted in {owner} too, unless replication is ended first.",
        )
    if copy.kind == "replication":
        return Fate(
            SURVIVES,
            "elsewhere",
            f"Versions written since the replication rule was made are in {owner}; whoever holds {gone} cannot delete them there.",
        )
    if world.immutable(copy):
        return Fate(SURVIVES, "elsewhere", f"It belongs to {owner} and is immutable.")
    return Fate(SURVIVES, "elsewhere", f"It belongs to {owner}, and whoever holds {gone} cannot delete it there.")
