"""The page's data, compressed (zlib) and in base64, a piece at a time: a fifth of its size, and nothing in it can end a script."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Iterator


def packed(pieces: Iterable[str]) -> Iterator[str]:
    """Yield text as base64 of its zlib stream."""
    deflate = zlib.compressobj(6)
    rest = b""
    for piece in pieces:
        rest += deflate.compress(piece.encode())
        whole = len(rest) - len(rest) % 3  # three bytes are four letters; a rest waits for the next piece
        if whole > 4096:
            yield base64.b64encode(rest[:whole]).decode()
            rest = rest[whole:]
    yield base64.b64encode(rest + deflate.flush()).decode()


def unpacked(text: str) -> str:
    """Return what `packed` was given."""
    return zlib.decompress(base64.b64decode(text)).decode()
