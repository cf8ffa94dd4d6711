"""Engines: where the vocabulary is computed and the rules are judged. DuckDB in this process, or Spark Connect elsewhere.

An engine is asked in DuckDB's SQL and gives the same answers whichever it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

Row = tuple[Any, ...]


class QueryError(Exception):
    """The engine refuses a statement: what is wrong with it, in one line. Whoever wrote the statement says where it stands."""


class Engine(Protocol):
    """What the vocabulary and the rules need."""

    def load(self, name: str, columns: Mapping[str, Sequence[str]]) -> None:
        """Make a small table of text columns."""

    def keep(self, name: str, sql: str) -> list[str]:
        """Compute a SELECT once and keep it as a table; returns its columns. Raises QueryError."""

    def rows(self, sql: str) -> tuple[list[str], list[Row]]:
        """Answer a SELECT: names of the columns, and rows. Raises QueryError."""
