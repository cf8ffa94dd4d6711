"""Who a request is signed as. One client serves all accounts: its credentials are looked up per request.

The signer asks the client's credentials object for frozen credentials at every request; `ContextCredentials` answers
with those of the identity that the current context has entered. A client is never told about accounts, so one account's
answer cannot be signed with another account's key.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from botocore.credentials import ReadOnlyCredentials

RENEW_BEFORE = timedelta(minutes=5)


class Identity(Protocol):
    """Credentials of one account."""

    @property
    def account_id(self) -> str: ...

    def frozen(self) -> ReadOnlyCredentials: ...


@dataclass(frozen=True)
class Own:
    """The credentials the scan was started with (botocore renews them itself where it can)."""

    account_id: str
    credentials: Any

    def frozen(self) -> ReadOnlyCredentials:
        frozen: ReadOnlyCredentials = self.credentials.get_frozen_credentials()
        return frozen


class Assumed:
    """A role session in a member account, renewed shortly before it ends."""

    def __init__(self, account_id: str, role_arn: str, assume: Callable[[str], dict[str, Any]]):
        self.account_id = account_id
        self.role_arn = role_arn
        self._assume = assume
        self._lock = threading.Lock()
        self._renew()

    def frozen(self) -> ReadOnlyCredentials:
        with self._lock:
            if datetime.now(UTC) >= self._ends - RENEW_BEFORE:
                self._renew()
            return self._frozen

    def _renew(self) -> None:
        session = self._assume(self.role_arn)
        self._ends: datetime = session["Expiration"]
        self._frozen = ReadOnlyCredentials(session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])


@dataclass(frozen=True, slots=True)
class Entered:
    """The identity, and the Region name used for politeness, that the current context works under."""

    identity: Identity
    region: str


_ENTERED: ContextVar[Entered] = ContextVar("entered")


@contextmanager
def entered(identity: Identity, region: str) -> Iterator[None]:
    """Sign everything inside as `identity`."""
    token = _ENTERED.set(Entered(identity, region))
    try:
        yield
    finally:
        _ENTERED.reset(token)


def current() -> Entered:
    """Return what was entered. Raises LookupError outside `entered`: nothing is ever signed by default."""
    return _ENTERED.get()


class ContextCredentials:
    """What a client holds instead of credentials; the members are those botocore's signer asks for."""

    method = "context"

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        return current().identity.frozen()

    def get_deferred_property(self, name: str) -> Callable[[], Any]:
        return lambda: getattr(self.get_frozen_credentials(), name, None)

    @property
    def access_key(self) -> str:
        value: str = self.get_frozen_credentials().access_key
        return value

    @property
    def secret_key(self) -> str:
        value: str = self.get_frozen_credentials().secret_key
        return value

    @property
    def token(self) -> str | None:
        value: str | None = self.get_frozen_credentials().token
        return value


class ContextProvider:
    """The credential provider component of a botocore session whose clients serve every account."""

    def load_credentials(self) -> ContextCredentials:
        return ContextCredentials()
