"""From what somebody types to exactly one thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scanner.errors import UsageError
from scanner.wording import some

SHOWN = 3


def one_of(text: str, what: str, found: Sequence[Mapping[str, Any]], key: str) -> Mapping[str, Any]:
    """Return the only row, or the only one whose `key` is what was typed. Raises UsageError for none and for many."""
    exact = [row for row in found if row[key] == text]
    rows = exact or list(found)
    if len(rows) == 1:
        return rows[0]
    if not rows:
        raise UsageError(f"there is no {what} {text} in this snapshot")
    names = [str(row[key]) for row in rows]
    raise UsageError(f"{text} is ambiguous: {some(names, SHOWN)}; name one of them")
