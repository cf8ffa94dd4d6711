"""An engine that is not DuckDB: Sail, which speaks Spark Connect, in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pysail.spark import SparkConnectServer


@contextmanager
def serving() -> Iterator[str]:
    """Serve on a free port; yields the address as `--engine` takes it."""
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    try:
        yield f"spark://127.0.0.1:{server.listening_address[1]}"
    finally:
        server.stop()
