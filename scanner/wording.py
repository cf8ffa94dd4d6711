"""Small pieces of sentences."""

from __future__ import annotations

from collections.abc import Sequence


def some(texts: Sequence[str], most: int) -> str:
    """`a, b and 7 more`: the first few of many, and how many are left."""
    left = len(texts) - most
    return ", ".join(texts[:most]) + (f" and {left} more" if left > 0 else "")
