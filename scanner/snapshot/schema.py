"""How a table is declared: a name, a sentence, and one line per column (`name type meaning`).

Types: `string`, `int` (64 bit), `float`, `bool`, `time` (UTC, microseconds), `strings` (list of string),
`json` (a JSON document as text). Every table starts with `account_id` and `region` (where the row was read;
`global` for services without Regions), unless it declares them itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

SQL_TYPES = {
    "string": "VARCHAR",
    "json": "VARCHAR",
    "int": "BIGINT",
    "float": "DOUBLE",
    "bool": "BOOLEAN",
    "time": "TIMESTAMP",
    "strings": "VARCHAR[]",
}


@dataclass(frozen=True)
class Column:
    """One column: its name, one of the types above, and one sentence of meaning."""

    name: str
    type: str
    meaning: str

    @property
    def sql_type(self) -> str:
        return SQL_TYPES[self.type]


WHERE_READ = (
    Column("account_id", "string", "Account the row was read in."),
    Column("region", "string", "Region the row was read in, `global` for services without Regions."),
)


@dataclass(frozen=True)
class Table:
    """One table of a snapshot."""

    name: str
    meaning: str
    columns: tuple[Column, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @cached_property
    def known(self) -> frozenset[str]:
        return frozenset(self.names)

    @cached_property
    def arrow(self) -> pa.Schema:
        """The Arrow schema its Parquet files have."""
        import pyarrow as pa

        kinds: dict[str, Any] = {
            "string": pa.string(),
            "json": pa.string(),
            "int": pa.int64(),
            "float": pa.float64(),
            "bool": pa.bool_(),
            "time": pa.timestamp("us"),
            "strings": pa.list_(pa.string()),
        }
        return pa.schema([(column.name, kinds[column.type]) for column in self.columns])


def table(name: str, meaning: str, columns: str) -> Table:
    """Declare a table from lines of `name type meaning`."""
    parsed = tuple(_column(line) for line in columns.splitlines() if line.strip())
    own = {column.name for column in parsed}
    shared = tuple(column for column in WHERE_READ if column.name not in own)
    return Table(name, meaning, shared + parsed)


def _column(line: str) -> Column:
    name, kind, meaning = line.split(maxsplit=2)
    if kind not in SQL_TYPES:
        raise ValueError(f"column {name}: {kind} is no column type; use one of {', '.join(SQL_TYPES)}")
    return Column(name, kind, meaning)
