"""DuckDB, in this process: the engine unless another one is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scanner.engine import QueryError, Row


class Duck:
    """A connection as an engine. With `outline`, what it keeps has columns and types, and no rows."""

    def __init__(self, connection: Any, *, outline: bool = False):
        self._connection = connection
        self._rows = "WITH NO DATA" if outline else ""

    def load(self, name: str, columns: Mapping[str, Sequence[str]]) -> None:
        self._connection.execute(f"CREATE TABLE {name} ({', '.join(f'{column} VARCHAR' for column in columns)})")
        marks = ", ".join("?" * len(columns))
        for row in zip(*columns.values(), strict=True):
            self._connection.execute(f"INSERT INTO {name} VALUES ({marks})", list(row))

    def keep(self, name: str, sql: str) -> list[str]:
        import duckdb

        try:
            if len(self._connection.extract_statements(sql)) != 1:
                raise QueryError("a view is exactly one SELECT")
            self._connection.execute(f'CREATE TABLE "{name}" AS {sql} {self._rows}')
        except duckdb.Error as error:
            raise QueryError(" ".join(str(error).split())[:400]) from error
        found = self._connection.execute(f'SELECT * FROM "{name}" LIMIT 0').description
        return [column[0] for column in found]

    def rows(self, sql: str) -> tuple[list[str], list[Row]]:
        import duckdb

        try:
            cursor = self._connection.execute(sql)
            return [column[0] for column in cursor.description], cursor.fetchall()
        except duckdb.Error as error:
            raise QueryError(str(error).splitlines()[0]) from error
