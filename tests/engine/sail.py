"""An engine that is not DuckDB: Sail, which speaks Spark Connect, in this process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from pysail.spark import SparkConnectServer

# PySpark takes a main module without a file, as the workers of pytest-xdist have, for its own doctests and ends the process.
with mock.patch.object(sys.modules["__main__"], "__file__", __file__, create=True):
    import pyspark.sql.connect.session  # noqa: F401


@contextmanager
def serving() -> Iterator[str]:
    """Serve on a free port; yields the address as `--engine` takes it."""
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    try:
        yield f"spark://127.0.0.1:{server.listening_address[1]}"
    finally:
        server.stop()
