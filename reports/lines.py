"""JSON written piece by piece: one element of a list per line, ASCII only, so that a large report needs little memory."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TextIO


def text(value: Any, indent: int | None = None) -> str:
    """Return a value as JSON; nothing in it acts on a terminal."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False, indent=indent)


def write_list(rows: Iterable[Any], stream: TextIO) -> None:
    """Write `[...]`, one row per line."""
    stream.write("[")
    separator = "\n"
    for row in rows:
        stream.write(separator + text(row))
        separator = ",\n"
    stream.write("\n]" if separator != "\n" else "]")
