"""Free questions to a snapshot: one SELECT, shown as a table, JSON lines or CSV."""

from __future__ import annotations

import csv
import json
from typing import Any, TextIO

from scanner.errors import UsageError


def ask(connection: Any, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Run one SELECT; returns column names and rows. Raises UsageError for anything else, or wrong SQL."""
    import duckdb

    try:
        statements = connection.extract_statements(sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise UsageError("query wants exactly one SELECT")
        cursor = connection.execute(statements[0])
        return [column[0] for column in cursor.description], cursor.fetchall()
    except duckdb.Error as error:
        raise UsageError(str(error).split("\n\n")[0]) from error


def show(columns: list[str], rows: list[tuple[Any, ...]], style: str, stream: TextIO) -> None:
    """Write rows as `table`, `json` (one object a line) or `csv`. Raises UsageError for another style."""
    if style == "json":
        for row in rows:
            stream.write(json.dumps(dict(zip(columns, row, strict=True)), default=str) + "\n")
    elif style == "csv":
        csv.writer(stream).writerows([columns, *rows])
    elif style == "table":
        _table(columns, rows, stream)
    else:
        raise UsageError(f"--format {style}: choose table, json or csv")


def _table(columns: list[str], rows: list[tuple[Any, ...]], stream: TextIO) -> None:
    cells = [columns, *([_cell(value) for value in row] for row in rows)]
    widths = [min(60, max(len(row[n]) for row in cells)) for n in range(len(columns))]
    for number, row in enumerate(cells):
        stream.write("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() + "\n")
        if number == 0:
            stream.write("  ".join("-" * width for width in widths) + "\n")


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
