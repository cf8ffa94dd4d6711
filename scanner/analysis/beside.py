"""The longest analysis that no other waits for, in a process beside this one: two cores take little more than half the time.

The other process opens the snapshot by itself; what was laid over it, and the tables it makes, are handed over as files, in a folder
that only this user can read.
"""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scanner import analysis
from scanner.config import Config
from scanner.snapshot.files import read_parquet, write_parquet
from scanner.snapshot.read import connect

NAME = "connections"
LARGE = 300
"""Accounts from which on it pays: starting a process takes about a second."""
NOT_STARTED = 127


def run_all(connection: Any, snapshot: Path, config: Config, read_at: str, large: int = LARGE) -> int | None:
    """As `analysis.run_all`, over a published snapshot. Returns the exit code of the process beside this one, None without."""
    if not pays(connection, large):
        analysis.run_all(connection, config, read_at)
        return None
    with started(connection, snapshot, config, read_at) as other:
        analysis.run_all(connection, config, read_at, without=[NAME])
        return other.finish(connection, config)


def pays(connection: Any, large: int = LARGE) -> bool:
    """Whether the organization is large, and there is a core for another process."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores > 1 and connection.execute("SELECT count(*) FROM accounts").fetchone()[0] >= large


@dataclass(frozen=True)
class Other:
    """The other process, None where it could not be started, and the folder for its tables."""

    process: subprocess.Popen[bytes] | None
    folder: Path

    def finish(self, connection: Any, config: Config) -> int:
        """Wait for the tables and add them to a connection; returns the exit code of the process, NOT_STARTED without one.

        What it could not finish is run here: if it was an error it shows then, as if there had been one process only.
        """
        code = self.process.wait() if self.process is not None else NOT_STARTED
        if code == 0:
            for table in analysis.registry()[NAME].TABLES:
                read_parquet(connection, table.name, self.folder / table.name)
        else:
            analysis.run_one(connection, NAME, config)
        return code


@contextmanager
def started(connection: Any, snapshot: Path, config: Config, read_at: str, laid: Iterable[str] = ()) -> Iterator[Other]:
    """Start the process, which ends with the block at the latest. `laid` are tables that the connection has other rows of."""
    with tempfile.TemporaryDirectory(prefix="bulkhead-") as folder:
        process = None
        with suppress(OSError):  # no room for files, or for a process
            for name in laid:
                write_parquet(connection, name, Path(folder) / name)
            asked = (snapshot.resolve(), config, read_at, sorted(laid), Path(folder))
            process = _process(Path(folder), pickle.dumps(asked))
        try:
            yield Other(process, Path(folder))
        finally:
            if process is not None:
                process.kill()
                process.communicate()


def _process(folder: Path, asked: bytes) -> subprocess.Popen[bytes]:
    """A process that finds modules where this one does: not in the folder it is started in, which may be anybody's."""
    places = os.pathsep.join(place or str(Path.cwd()) for place in sys.path)
    environment = {**os.environ, "PYTHONPATH": places, "TMPDIR": str(folder)}
    command = [sys.executable, "-P", "-c", f"from {__name__} import work; work()"]
    quiet = subprocess.DEVNULL  # what goes wrong goes wrong again, and is told, where it is run again
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, env=environment)
    assert process.stdin is not None
    with suppress(BrokenPipeError):
        process.stdin.write(asked)
        process.stdin.flush()
    return process


def work() -> None:
    """What the other process does: it is told on its standard input what to read, and into which folder to write."""
    snapshot, config, read_at, laid, folder = pickle.load(sys.stdin.buffer)
    threading.Thread(target=_end_with_the_first, args=(folder,), daemon=True).start()
    with connect(snapshot) as connection:
        for name in laid:
            connection.execute(f'DROP VIEW "{name}"')
            read_parquet(connection, name, folder / name)
        analysis.run_all(connection, config, read_at, [NAME])
        for table in analysis.registry()[NAME].TABLES:
            write_parquet(connection, table.name, folder / table.name)


def _end_with_the_first(folder: Path) -> None:
    """Standard input ends early only where the process that holds its other end was killed: nobody else cleans up then."""
    os.read(sys.stdin.fileno(), 1)
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)
