"""What was not read and could change the answer: said, never left out."""

from __future__ import annotations

from typing import Any

from scanner.split.couplings import LISTED


def not_seen(connection: Any, account_id: str) -> list[str]:
    """One sentence for every call of the account that was refused or failed, Regions together."""
    found = []
    for call, status, regions, tables in connection.execute(_GAPS_SQL, [list(LISTED), account_id]).fetchall():
        where = "" if regions in ("global", "*") else f" in {regions}"
        if call == "*":
            found.append(f"The account was not entered{where} ({status}): nothing of it was seen there.")
        else:
            found.append(f"{call}{where} ({status}): {tables.replace('_', ' ')} were not, or not all, seen.")
    for target, reason in connection.execute(_CLIENTS_SQL, [account_id]).fetchall():
        found.append(f"Who else can open a connection to {target} is not known: {reason}")
    return found


def is_closed(connection: Any, account_id: str) -> bool:
    """Whether the account as a whole was not entered."""
    sql = "SELECT count(*) FROM coverage WHERE account_id = ? AND call = '*' AND coalesce(region, '*') IN ('*', 'global') AND status <> 'collected'"
    return bool(connection.execute(sql, [account_id]).fetchone()[0])


_CLIENTS_SQL = """
SELECT target_arn, min(coalesce(reasons[-1], verdict)) FROM network_paths WHERE target_account_id = ? AND source_arn IS NULL
GROUP BY target_arn ORDER BY ALL"""
_GAPS_SQL = """
WITH missing AS (
  SELECT DISTINCT call, status, coalesce(region, '*') AS region, CASE WHEN call = '*' THEN '' ELSE table_name END AS table_name
  FROM unread WHERE list_contains(?, table_name) AND account_id = ?
)
SELECT call, status, string_agg(DISTINCT region, ', ' ORDER BY region), string_agg(DISTINCT table_name, ', ' ORDER BY table_name)
FROM missing GROUP BY call, status ORDER BY ALL"""
