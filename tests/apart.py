"""The demo's server in a process of its own: tests of the demo keep theirs for as long as the worker runs, and moto has one state."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_SERVE = """
import sys
from scanner.demo.server import DemoServer
with DemoServer() as server:
    print(server.url, flush=True)
    sys.stdin.read()
"""


@contextmanager
def server_apart() -> Iterator[str]:
    """Serve until the block ends; yields the address. The server also ends when this process does."""
    with subprocess.Popen(
        [sys.executable, "-c", _SERVE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdin is not None and run.stdout is not None
        try:
            url = run.stdout.readline().strip()
            assert url, f"the server did not start: exit {run.poll()}"
            yield url
        finally:
            run.stdin.close()
            assert run.wait(30) == 0
