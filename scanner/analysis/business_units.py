"""Business units: which one an account and what runs in it is paid for, by tags of the keys that say so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.analysis import insert
from scanner.classify import tag_key
from scanner.config import Config
from scanner.snapshot.schema import table

USES = ("classification",)
UNITS = table(
    "account_business_units",
    "Business units that an account or resources in it are tagged with.",
    """
        account_id string The account.
        region string Always global.
        business_unit string As written first; case and spaces around it are no difference.
        source string account (its own tag, or bulkhead.yaml) or resources.
        evidence string The tag that says so, and on how many resources.
        resources int Resources that say so; 0 for the account itself.
    """,
)
TABLES = (UNITS,)


def run(connection: Any, config: Config) -> None:
    keys = _keys(connection, config)
    rows = [(row, False) for row in _configured(connection, config)]
    known = {row[0] for row, _ in rows}
    costs = {tag_key(key) for key in config.classification.tag_keys()["cost"]}
    tagged = [row for row in _of_accounts(connection, keys) if row[0][0] not in known]
    rows += [(row, tag_key(key) in costs) for row, key in (*tagged, *_of_resources(connection, keys))]
    # A cost centre and the unit it belongs to are two names of one payer, not two payers.
    named = {row[0] for row, is_cost in rows if not is_cost}
    insert(connection, UNITS, sorted(row for row, is_cost in rows if not (is_cost and row[0] in named)))


def _keys(connection: Any, config: Config) -> list[tuple[str, int]]:
    """Keys as written, each with the rank of its kind in the configuration."""
    ranks = {tag_key(key): rank for rank, key in reversed(list(enumerate(config.classification.business_unit_tags)))}
    written = connection.execute("SELECT DISTINCT key FROM tags WHERE key IS NOT NULL ORDER BY 1").fetchall()
    return [(key, ranks[tag_key(key)]) for (key,) in written if tag_key(key) in ranks]


def _configured(connection: Any, config: Config) -> Iterator[tuple[Any, ...]]:
    said = config.classification.accounts
    for account, name in connection.execute("SELECT account_id, name FROM accounts ORDER BY ALL").fetchall():
        found = said.get(account) or said.get(name or "")
        if found and found.business_unit:
            yield account, "global", found.business_unit, "account", "bulkhead.yaml", 0


def _of_accounts(connection: Any, keys: list[tuple[str, int]]) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Rows and their keys. The first key of the configuration that an account carries decides; all values under it are said."""
    for account, value, key, _, _ in _rows(connection, _ACCOUNTS_SQL, keys):
        yield (account, "global", value, "account", f"{key}={value}", 0), key


def _of_resources(connection: Any, keys: list[tuple[str, int]]) -> Iterator[tuple[tuple[Any, ...], str]]:
    for account, value, key, resources, example in _rows(connection, _RESOURCES_SQL, keys):
        said = f"{key}={value} on {resources}, such as {example}"
        yield (account, "global", value, "resources", said, resources), key


def _rows(connection: Any, sql: str, keys: list[tuple[str, int]]) -> list[tuple[Any, ...]]:
    if not keys:
        return []
    parameters = {"keys": [key for key, _ in keys], "ranks": [rank for _, rank in keys]}
    found: list[tuple[Any, ...]] = connection.execute(sql, parameters).fetchall()
    return found


_KEYED = """
WITH named AS (SELECT unnest($keys) AS key, unnest($ranks) AS rank),
said AS (
  SELECT o.account_id, o.arn, o.name, n.rank, t.key, trim(t.value) AS value
  FROM tags t JOIN named n ON n.key = t.key JOIN {owners} o ON o.arn = t.arn
  WHERE trim(coalesce(t.value, '')) <> ''
),
best AS (SELECT arn, min(rank) AS rank FROM said GROUP BY arn)
SELECT s.account_id, min(s.value), min(s.key), count(DISTINCT s.arn), min(coalesce(s.name, s.arn))
FROM said s JOIN best b ON b.arn = s.arn AND b.rank = s.rank
GROUP BY s.account_id, lower(s.value), s.rank ORDER BY ALL
"""
_ACCOUNTS_SQL = _KEYED.replace("{owners}", "accounts")
_RESOURCES_SQL = _KEYED.replace("{owners}", "(SELECT account_id, arn, name FROM resource_facts WHERE kind <> 'other')")
