"""What the analysis speaks of: copies, fates, and what it has to know of the blast radius. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scanner.analysis.trust import Answer

SURVIVES, DIES, UNKNOWN = "survives", "dies", "unknown"
WORST_FIRST = (DIES, UNKNOWN, SURVIVES)


class Held(Protocol):
    """What somebody got hold of in one account; `verdict` is allow, conditional or unknown."""

    @property
    def verdict(self) -> str: ...
    @property
    def administers(self) -> bool | None: ...
    @property
    def chain(self) -> Sequence[str]: ...


class RadiusOf(Protocol):
    """The blast radius of an account, as far as copies hang on it."""

    def of_account(self, account_id: str, /) -> Mapping[str, Held]: ...
    def may(self, held: Held, action: str, resource: str, /) -> Answer: ...


@dataclass(frozen=True, slots=True)
class StoreCopy:
    """One copy. `complete` is None when its state is not known; `unseen` names the call that would show it."""

    store_arn: str
    arn: str
    account: str
    region: str
    kind: str
    created_at: datetime | None
    complete: bool | None
    status: str | None
    key_arn: str | None
    key_unknown: str | None = None
    vault_arn: str | None = None
    parent_arn: str | None = None
    shared_with: tuple[str, ...] = ()
    unseen: str | None = None

    @property
    def key_account(self) -> str | None:
        parts = (self.key_arn or "").split(":")
        return parts[4] if len(parts) > 5 and parts[4] else None


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a copy, in one sentence; `cause` as in the table `survival`.

    `key` and `reach` are the fates that its key alone, and whoever reaches it alone, would bring; None where nobody asked,
    since something else had decided.
    """

    fate: str
    cause: str
    why: str
    chain: tuple[str, ...] = ()
    key: Fate | None = None
    reach: Fate | None = None


def worst(fates: Sequence[Fate]) -> Fate:
    """The one that decides; the first of equals."""
    return min(fates, key=lambda one: WORST_FIRST.index(one.fate))
