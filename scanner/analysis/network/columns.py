"""Columns of tables too large to be kept as objects. Pure."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any


class Column:
    """A column (an Arrow array in chunks) of which most values repeat: each is kept once."""

    def __init__(self, column: Any):
        encoded = column.combine_chunks().dictionary_encode()
        self._values = [*encoded.dictionary.to_pylist(), None]  # the last one is where there is none
        self._places = array("i")
        indices = encoded.indices.fill_null(-1)
        if len(indices):
            listed = memoryview(indices.buffers()[1]).cast("i")
            self._places.frombytes(listed[indices.offset : indices.offset + len(indices)].tobytes())

    def __getitem__(self, place: int) -> Any:
        return self._values[self._places[place]]

    def part(self, first: int, size: int) -> Sequence[Any]:
        """Some values that follow one another."""
        values = self._values
        return [values[place] for place in self._places[first : first + size]]
