"""What collection needs to know of the place it reads, whether that is AWS or a directory of recordings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from scanner.collect.api import Source


@dataclass(frozen=True, slots=True)
class Caller:
    """Who collects: the account the credentials belong to, and its partition (aws, aws-us-gov, aws-cn)."""

    account_id: str
    partition: str
    arn: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """Requests sent for one account and service."""

    account_id: str
    service: str
    requests: int
    throttled: int


class Estate(Source, Protocol):
    """A source of answers that can be entered account by account."""

    def caller(self) -> Caller:
        """Return who collects. Raises AccessError when nobody can."""

    def enter(self, account_id: str) -> None:
        """Open a role session in an account. Raises ReadError (`no_role`, `not_recorded`) with the reason."""

    def leave(self, account_id: str) -> Iterable[Sent]:
        """Forget an account; returns what was sent there."""

    def finish(self) -> Iterable[Sent]:
        """Everything is read; returns what was sent and not yet told."""

    def unit_done(self, account_id: str) -> None:
        """One unit of work of this account is over: a recorder writes its files."""

    def accounts(self) -> tuple[str, ...]:
        """Accounts that are known without asking the organization."""

    def regions(self, account_id: str) -> tuple[str, ...]:
        """Regions that are known without asking the account, for when it does not answer."""
