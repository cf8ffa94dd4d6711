"""What was not read, table by table: what every answer has to look at before it says no."""

from __future__ import annotations

from typing import Any

from scanner.config import Config
from scanner.snapshot.schema import table

USES: tuple[str, ...] = ()
UNREAD = table(
    "unread",
    "Tables that are not, or may not be, whole for an account and Region, and the call that gave no answer.",
    """
        account_id string The account.
        region string Region, global, or `*` for all of them.
        table_name string The table.
        collector string Collector that makes the call, `*` for all.
        call string The call, `*` where an account or Region was not entered.
        status string As in coverage.
        cause string As in coverage.
        reason string As in coverage.
        selected bool It was to be read: neither left out by choice nor suspended.
    """,
)
TABLES = (UNREAD,)


def run(connection: Any, config: Config) -> None:
    connection.execute(_SQL)


_SQL = """
INSERT INTO unread BY NAME
WITH bad AS (
  SELECT account_id, region, collector, call, status, cause, reason, status NOT IN ('not_selected', 'suspended') AS selected
  FROM coverage WHERE status NOT IN ('collected', 'not_in_use', 'region_off')
)
SELECT b.*, t.table_name FROM bad b JOIN call_tables t ON t.call = b.call AND t.collector = b.collector
UNION ALL
SELECT b.*, t.table_name FROM bad b CROSS JOIN (SELECT DISTINCT table_name FROM call_tables) t WHERE b.call = '*'
"""
