"""What tables of a connection hold, to be compared."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def contents(connection: Any, names: Iterable[str]) -> dict[str, list[str]]:
    """Rows of every table as text, in an order that does not hang on how they were made."""
    return {name: sorted(map(repr, connection.execute(f'FROM "{name}"').fetchall())) for name in names}
