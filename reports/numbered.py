"""The tables of strings that the page's JSON refers to by number."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any


class Numbered:
    """Values, each once, and the number of each. `size` is about what they take as JSON."""

    def __init__(self) -> None:
        self.size = 0
        self.values: list[Any] = []
        self._numbers: dict[Hashable, int] = {}

    def number(self, value: Hashable) -> int:
        known = self._numbers.get(value)
        if known is None:
            known = self._numbers[value] = len(self.values)
            self.values.append(value)
            self.size += len(value) + 3 if isinstance(value, str) else 12
        return known
