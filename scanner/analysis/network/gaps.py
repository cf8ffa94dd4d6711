"""What was not read, and the call that would settle it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

_GAPS_SQL = "SELECT DISTINCT table_name, account_id, region, call, status FROM unread"
_READ_SQL = """
SELECT DISTINCT t.table_name, c.account_id, c.region
FROM coverage c JOIN call_tables t ON t.call = c.call AND t.collector = c.collector
WHERE c.status IN ('collected', 'not_in_use', 'region_off')
"""


class Gaps:
    """Answers whether a table is complete for an account and Region, by the ledger."""

    def __init__(self, connection: Any):
        self._gaps: dict[tuple[str, str], list[tuple[str, str, str]]] = defaultdict(list)
        self._tables: dict[str, list[tuple[str, str, str, str]]] = defaultdict(list)
        for table, account, region, call, status in sorted(connection.execute(_GAPS_SQL).fetchall(), key=str):
            self._gaps[table, account].append((region, call, status))
            self._tables[table].append((account, region, call, status))
        self._read = set(connection.execute(_READ_SQL).fetchall())
        self._accounts = {account for _, account, _ in self._read} | {account for _, account in self._gaps}
        calls = connection.execute("SELECT DISTINCT table_name, call FROM call_tables ORDER BY ALL").fetchall()
        self._calls: dict[str, list[str]] = defaultdict(list)
        for table, call in calls:
            self._calls[table].append(call)

    def gap(self, table: str, account: str | None, region: str, call: str | None = None) -> str | None:
        """Return the sentence that names the missing call; None where the table is complete there."""
        if account is None:
            return self.anywhere(table, call) or f"{self._named(table, call)} of the owner was not read"
        for where, missing, status in self._gaps.get((table, account), ()):
            if where in (region, "*", "global") and (missing == "*" or call in (None, missing)):
                name = missing if missing != "*" else self._named(table, call)
                return f"{name} in account {account}, {region} was not read ({status})"
        if (table, account, region) not in self._read:
            return f"{self._named(table, call)} in account {account}, {region} was not read"
        return None

    def knows(self, account: str | None) -> bool:
        """Whether anything was read, or tried, in an account."""
        return account in self._accounts

    def complete_in_one(self, table: str, accounts: Iterable[str | None], region: str) -> str | None:
        """None where at least one of the accounts has the complete table; else what to read."""
        wanted = list(dict.fromkeys(accounts)) or [None]
        found = [self.gap(table, account, region) for account in wanted]
        return None if None in found else found[0]

    def anywhere(self, table: str, call: str | None = None) -> str | None:
        """Return the first gap of a table in any account, None without one."""
        for account, region, missing, status in self._tables.get(table, ()):
            if call in (None, missing) or missing == "*":
                name = missing if missing != "*" else self._named(table, call)
                return f"{name} in account {account}, {region} was not read ({status})"
        return None

    def _named(self, table: str, call: str | None) -> str:
        return call or " and ".join(self._calls.get(table, [table])[:2])
