"""Text for a terminal. What comes from AWS is hostile: control characters are shown, not sent."""

from __future__ import annotations


def printable(text: str) -> str:
    """Replace all that could move the cursor, hide or reorder text; line ends stay."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


def one_line(text: object) -> str:
    """A value that stays on its line."""
    return printable(" ".join(str(text).splitlines())) if str(text).strip() else '""'
