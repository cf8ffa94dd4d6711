"""Reads copies from the snapshot and judges them: all of them at the loss of their own account, or one data store at any loss."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from scanner.analysis.blast_radius import CUT, Radius
from scanner.analysis.recovery.judge import World, fate
from scanner.analysis.recovery.keys import Keys
from scanner.analysis.recovery.model import Fate, Held, RadiusOf, StoreCopy
from scanner.analysis.recovery.scopes import Scopes
from scanner.analysis.recovery.threats import Reached, Threats
from scanner.analysis.recovery.vaults import policies, vaults
from scanner.analysis.trust import Answer
from scanner.config import Config


class Later:
    """The blast radius, worked out when the first question comes: most copies hang on none."""

    def __init__(self, connection: Any, config: Config):
        self._connection = connection
        self._config = config

    @cached_property
    def _radius(self) -> Radius:
        return Radius.shared(self._connection, self._config)

    def of_account(self, account_id: str) -> Mapping[str, Held]:
        return self._radius.of_account(account_id)

    def may(self, held: Any, action: str, resource: str) -> Answer:
        return self._radius.may(held, action, resource)


NEVER = datetime(1970, 1, 1)
BATCH = 20_000


class Recovery:
    """Questions about the copies of one snapshot; needs the tables of the analysis."""

    def __init__(self, connection: Any, radius: RadiusOf, reached: Reached = None):
        self._connection = connection
        keys = Keys(connection)
        self.world = World(
            vaults(connection, read_at(connection)),
            policies(connection),
            dict(connection.execute("SELECT arn, min(object_lock) FROM buckets GROUP BY arn").fetchall()),
            dict(connection.execute("SELECT account_id, status FROM accounts").fetchall()),
            dict(connection.execute("SELECT account_id, name FROM accounts WHERE name IS NOT NULL").fetchall()),
            keys,
            Threats(radius, keys, Scopes(connection), reached),
        )

    @classmethod
    def load(cls, connection: Any, config: Config, reached: Reached = None) -> Recovery:
        """Open the questions. `reached` are the pairs of accounts to ask the blast radius about, all of them by default."""
        return cls(connection, Later(connection, config), reached)

    def survivors(self, store_arn: str, lost: str) -> list[tuple[StoreCopy, Fate]]:
        """Return every copy of a data store with its fate when account `lost` is lost, newest first."""
        rows = self._connection.execute(f"{_COPIES} WHERE c.store_arn = ? {_ORDER}", [store_arn]).fetchall()
        return [(copy, fate(copy, lost, self.world)) for copy in map(_copy, rows)]

    def own_losses(self) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the rows of `survival`, some thousands at a time: an organization may have a million copies."""
        sql = f"SELECT s.account_id, s.region, x.* FROM ({_COPIES}) x JOIN data_stores s ON s.arn = x.store_arn ORDER BY ALL"
        # Read whole, as columns: questions are asked on the connection meanwhile, and another one would not see what this one made.
        for batch in self._connection.sql(sql).to_arrow_table().to_batches(BATCH):
            rows = zip(*(column.to_pylist() for column in batch.columns), strict=True)
            yield [self._own_loss(account, region, _copy(row)) for account, region, *row in rows]

    def _own_loss(self, account: str, region: str, copy: StoreCopy) -> tuple[Any, ...]:
        found = fate(copy, account, self.world)
        return (
            account, region, copy.store_arn, copy.arn, copy.account or None, copy.kind, copy.created_at, copy.key_arn,
            copy.key_account, self.world.immutable(copy), found.fate, found.why, list(found.chain), found.cause,
            found.key and found.key.fate, found.reach and found.reach.fate, list(found.reach.chain) if found.reach else [],
        )  # fmt: skip


def pairs_reached(connection: Any) -> Reached:
    """The pairs of `account_reach` that the loss of a data store's own account hangs on, and those of accounts that have not all
    their rows there."""
    return frozenset(connection.execute(_REACHED).fetchall())


def read_at(connection: Any) -> datetime:
    """When the snapshot was made; before every lock date when nobody says."""
    sql = "SELECT count(*) FROM information_schema.tables WHERE table_name = 'read_at'"
    if not connection.execute(sql).fetchone()[0]:
        return NEVER
    found: datetime = connection.execute("SELECT moment FROM read_at").fetchone()[0]
    return found


def _copy(row: Any) -> StoreCopy:
    store, arn, account, region, kind, created, complete, status, key, key_unknown, vault, parent, shared, unseen = row
    shared_with = tuple(sorted(shared or ()))
    return StoreCopy(
        store, arn, account or "", region, kind, created, complete, status, key, key_unknown, vault, parent, shared_with, unseen
    )  # fmt: skip


_COPIES = """
SELECT c.store_arn, c.copy_arn, c.account_id, c.region, c.kind, c.created_at, c.complete, c.status, c.key_arn, c.key_unknown,
  c.vault_arn, c.parent_arn, c.shared_with, c.unseen
FROM store_copies c"""
_ORDER = "ORDER BY c.created_at DESC NULLS LAST, c.copy_arn, c.account_id"

_REACHED = f"""
WITH pairs AS (
  SELECT DISTINCT s.account_id AS lost, c.account_id AS holder FROM store_copies c JOIN data_stores s ON s.arn = c.store_arn
  UNION SELECT DISTINCT s.account_id, split_part(c.key_arn, ':', 5) FROM store_copies c JOIN data_stores s ON s.arn = c.store_arn
  UNION SELECT DISTINCT s.account_id, p.principal_account FROM store_copies c JOIN data_stores s ON s.arn = c.store_arn
    JOIN policy_statements t ON t.holder_arn = c.copy_arn AND t.kind = 'resource' AND t.effect = 'Allow'
    JOIN statement_principals p ON p.statement_id = t.statement_id AND p.account_id = t.account_id
  WHERE c.kind = 'replication' AND p.principal_account IS NOT NULL
)
SELECT DISTINCT lost, holder FROM pairs JOIN account_reach r ON r.account_id = lost AND r.target_account_id = holder
UNION SELECT DISTINCT lost, holder FROM pairs JOIN ({CUT}) c ON c.account_id = lost"""
