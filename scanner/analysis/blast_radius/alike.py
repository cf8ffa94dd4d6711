"""Rows that are the same for many compromised accounts but for the account's name: told once, written out by the database."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from typing import Any

from scanner.analysis.blast_radius.beyond import WHOSE
from scanner.snapshot.schema import Table


class Alike:
    """Collects rows of one table. Its column `whose` is the compromised account, which is named in the column `chain` where
    `WHOSE` stands; `shown` are all accounts as sentences name them."""

    def __init__(self, table: Table, whose: str, shown: Mapping[str, str]):
        self._table = table
        self._whose = whose
        self._shown = shown
        self._numbers: dict[object, int] = {}
        self._rows: list[tuple[Any, ...]] = []
        self._places = {account: place for place, account in enumerate(shown)}
        self._of_account, self._of_row = array("q"), array("q")

    def add(self, account: str, key: object, tell: Callable[[], tuple[Any, ...]]) -> None:
        """Add the row of a key for an account. It is told when the key is new, in the order of the table's columns."""
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self._rows)
            self._rows.append(tell())
        self._of_account.append(self._places[account])
        self._of_row.append(number)

    def write(self, connection: Any) -> None:
        """Write them into the table."""
        import pyarrow as pa

        columns = zip(*self._rows, strict=True) if self._rows else ([] for _ in self._table.names)
        told = {
            name: pa.array(values, kind)
            for name, kind, values in zip(self._table.arrow.names, self._table.arrow.types, columns, strict=True)
        }
        places = [pa.array(range(len(listed)), pa.int64()) for listed in (self._rows, self._shown)]
        connection.register("alike_rows", pa.table({**told, "number": places[0]}))
        connection.register(
            "alike_accounts",
            pa.table({"number": places[1], "account": list(self._shown), "shown": list(self._shown.values())}),
        )
        connection.register("alike_pairs", pa.table({"account": self._of_account, "row": self._of_row}))
        connection.execute(f"INSERT INTO {self._table.name} SELECT {self._columns()} {_FROM}", [WHOSE])
        for name in ("alike_rows", "alike_accounts", "alike_pairs"):
            connection.unregister(name)

    def _columns(self) -> str:
        own = {self._whose: "a.account", "chain": "list_transform(r.chain, lambda text: replace(text, ?, a.shown))"}
        return ", ".join(own.get(name, f'r."{name}"') for name in self._table.names)


_FROM = "FROM alike_pairs p JOIN alike_rows r ON r.number = p.row JOIN alike_accounts a ON a.number = p.account"
