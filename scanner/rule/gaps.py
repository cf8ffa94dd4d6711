"""What was not read, put into words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any


class Gaps:
    """Calls that gave no answer, by the tables they fill and the places they are of."""

    def __init__(self, connection: Any):
        self._by_table: dict[str, dict[str, list[tuple[str, str, str]]]] = defaultdict(lambda: defaultdict(list))
        self._hidden: dict[str, dict[tuple[str, str], list[tuple[str, str]]]] = defaultdict(lambda: defaultdict(list))
        self._reasons: dict[tuple[str | None, str | None, frozenset[str]], str] = {}
        self._elsewhere: dict[frozenset[str], str] = {}
        self._names = dict(connection.execute("SELECT account_id, name FROM accounts").fetchall())
        self._units = dict(connection.execute("SELECT account_id, parent_id FROM accounts").fetchall())
        outside = "SELECT count(*) FROM scope WHERE NOT in_scope"
        self.narrowed: bool = connection.execute(outside).fetchone()[0] > 0
        rows = connection.execute(
            """SELECT DISTINCT u.table_name, u.collector, u.account_id, u.region, u.call, u.status, u.cause, u.reason, u.selected,
                coalesce(s.in_scope, TRUE)
            FROM unread u LEFT JOIN scope s ON s.account_id = u.account_id ORDER BY ALL"""
        ).fetchall()
        for table, collector, account, region, call, status, cause, reason, selected, in_scope in rows:
            text = self._text(account, region, call, status, cause, reason)
            self._by_table[table][account].append((collector, region, text))
            if selected and in_scope:
                self._hidden[table][account, region].append((collector, text))

    def _text(self, account: str, region: str, call: str, status: str, cause: str | None, reason: str | None) -> str:
        name = self._names.get(account) or account
        place = f"{name}" if region in ("*", "global") else f"{name} {region}"
        what = "nothing could be read" if call == "*" else f"{call} could not be read"
        why = f"{status}({cause})" if cause else status
        return f"{what} in {place}: {why}" + (f" - {reason}" if reason else "")

    def hidden(self, tables: Sequence[str]) -> Iterator[tuple[str, str, str]]:
        """Yield account, Region and reason wherever one of the tables that list a subject was not read."""
        places: dict[tuple[str, str], str] = {}
        for table, wanted in map(_collector, tables):
            for place, entries in self._hidden.get(table, {}).items():
                for collector, text in entries:
                    if wanted in (None, collector) or collector == "*":
                        places.setdefault(place, text)
        for (account, region), text in sorted(places.items()):
            yield account, region, text

    def reason(self, account: str | None, region: str | None, needs: frozenset[str]) -> str:
        """Say which calls a verdict hangs on: those of the subject's own account, and where there are none, all others."""
        asked = (account, region, needs)
        if asked not in self._reasons:
            own = () if account is None else self._texts(needs, account)
            near = [t for where, t in own if region in (None, "global") or where in (region, "*", "global")]
            self._reasons[asked] = _summed_up(near) if near else self._anywhere(needs)
        return self._reasons[asked]

    def _anywhere(self, needs: frozenset[str]) -> str:
        if needs not in self._elsewhere:
            self._elsewhere[needs] = _summed_up([text for _, text in self._texts(needs, None)])
        return self._elsewhere[needs]

    def _texts(self, needs: frozenset[str], account: str | None) -> Iterator[tuple[str, str]]:
        """Yield Region and sentence of each gap in these tables: of one account, or of all."""
        for table, wanted in map(_collector, sorted(needs)):
            by_account = self._by_table.get(table, {})
            for entries in by_account.values() if account is None else [by_account.get(account, [])]:
                for collector, where, text in entries:
                    if wanted in (None, collector) or collector == "*":
                        yield where, text

    def account_name(self, account: str) -> str | None:
        return self._names.get(account)

    def unit(self, account: str | None) -> str | None:
        return self._units.get(account)


def _collector(need: str) -> tuple[str, str | None]:
    """`policy_statements@iam` -> the table, and the only collector whose gaps matter."""
    table, _, collector = need.partition("@")
    return table, collector or None


def _summed_up(texts: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(texts))
    if not distinct:
        return "what it hangs on is not known: it was read, but does not say"
    more = f" (and {len(distinct) - 3} more)" if len(distinct) > 3 else ""
    return "; ".join(distinct[:3]) + more
