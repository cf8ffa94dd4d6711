"""Answers that are kept to be given again, and not without end."""

from __future__ import annotations

from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")

MOST = 200_000
"""Answers of one kind: with millions of addresses in an organization, memory would not suffice for all."""


class Kept(dict[K, V]):
    """A dictionary that forgets everything when it is full: whoever asks works it out again."""

    def __setitem__(self, key: K, value: V) -> None:
        if len(self) >= MOST:
            self.clear()
        super().__setitem__(key, value)
