"""Keys that copies are encrypted with. Without its key a copy is noise.

States: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html. A key that belongs to AWS and to no account, or none at
all, is named by no ARN and is no obstacle. A key of the service in an account (`aws/rds`) dies with that account like any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.analysis.recovery.model import DIES, UNKNOWN, Fate, StoreCopy

USABLE = ("Enabled", "Creating", "Updating")


class Keys:
    """Every key that was read: its state, and whether it belongs to AWS."""

    def __init__(self, connection: Any):
        self._found: dict[str, tuple[str | None, str | None]] = {
            row[0]: (row[1], row[2]) for row in connection.execute(_KEYS).fetchall()
        }
        self._origins: dict[str, str | None] = dict(connection.execute(_ORIGINS).fetchall())
        self._aliases: dict[str, str] = {row[0]: row[1] for row in connection.execute(_ALIASES).fetchall()}
        self._unread = {(row[0], row[1]): row[2] for row in connection.execute(_UNREAD).fetchall()}
        self._accounts = {row[0] for row in connection.execute("SELECT account_id FROM accounts").fetchall()}

    def fates(self, copy: StoreCopy, lost: str) -> Iterator[Fate]:
        """Yield why a copy cannot be, or may not be, decrypted without the lost account."""
        if copy.key_unknown:
            yield Fate(UNKNOWN, "key", f"Which key it needs is not known: {copy.key_unknown}.")
        if copy.key_arn is None:
            return
        account = copy.key_account
        if account is None:
            yield Fate(UNKNOWN, "key", f"Whose key {copy.key_arn} is cannot be told.")
        elif account == lost:
            yield Fate(
                DIES, "key", f"Its key {copy.key_arn} is in the lost account, and without it nobody can read the copy."
            )
        else:
            yield from self._state(copy.key_arn, account)

    def managed_by_aws(self, key_arn: str) -> bool:
        """Nobody can delete or disable such a key."""
        if ":alias/aws/" in key_arn:
            return True
        return self._found.get(self._resolved(key_arn), (None, None))[1] == "AWS"

    def imported(self, key_arn: str) -> bool:
        """Its material came from outside and can be deleted at once. A key that was not read is not known to be usable anyway."""
        return self._origins.get(self._resolved(key_arn)) == "EXTERNAL"

    def _resolved(self, key_arn: str) -> str:
        return self._aliases.get(key_arn, key_arn)

    def _state(self, key_arn: str, account: str) -> Iterator[Fate]:
        state, manager = self._found.get(self._resolved(key_arn), (None, None))
        if state in USABLE or (state is None and (manager == "AWS" or ":alias/aws/" in key_arn)):
            return
        if state is not None:
            yield Fate(DIES, "key_state", f"Its key {key_arn} is {state}: as it stands, nobody can read the copy.")
        else:
            yield Fate(
                UNKNOWN, "key", f"Whether its key {key_arn} can be used was not read; {self._settle(key_arn, account)}."
            )

    def _settle(self, key_arn: str, account: str) -> str:
        if account not in self._accounts:
            return f"account {account} is none of ours, kms.describe_key in it would settle it"
        region = key_arn.split(":")[3]
        why = self._unread.get((account, region)) or self._unread.get((account, "*"))
        return f"kms.describe_key of account {account} settles it" + (f" ({why})" if why else ", which did not list it")


_KEYS = "SELECT arn, min(state), min(manager) FROM kms_keys GROUP BY arn"
_ORIGINS = "SELECT arn, min(origin) FROM kms_keys GROUP BY arn"
_ALIASES = """
SELECT DISTINCT regexp_replace(arn, 'key/.*$', '') || alias, arn FROM (SELECT arn, unnest(aliases) AS alias FROM kms_keys) ORDER BY ALL"""
_UNREAD = """
SELECT account_id, region, min(status) FROM unread WHERE table_name = 'kms_keys' GROUP BY account_id, region"""
