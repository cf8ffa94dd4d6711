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
from collections.abc import Iterable, Iterator, Sequence
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
    with standing_by(snapshot, config, read_at) as other:
        other.begin(connection)
        analysis.run_all(connection, config, read_at, without=[NAME])
        return other.finish(connection, config)


def pays(connection: Any, large: int) -> bool:
    """Whether the organization is large, and there is a core for another process."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores > 1 and connection.execute("SELECT count(*) FROM accounts").fetchone()[0] >= large


@dataclass(frozen=True)
class Other:
    """The other process, None where it could not be started, and the folder for its tables."""

    process: subprocess.Popen[bytes] | None
    folder: Path

    def begin(self, connection: Any, laid: Iterable[str] = ()) -> None:
        """Let it begin. `laid` are tables of which the connection has other rows than the snapshot."""
        try:
            for name in laid:
                write_parquet(connection, name, self.folder / name)
            self._tell(sorted(laid))
        except OSError:  # no room for files, or nobody there
            if self.process is not None:
                self.process.kill()

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

    def _tell(self, told: Any) -> None:
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.write(pickle.dumps(told))
            self.process.stdin.flush()


@contextmanager
def standing_by(snapshot: Path, config: Config, read_at: str) -> Iterator[Other]:
    """Start the process, which opens the snapshot and waits until it is told to begin. It ends with the block at the latest."""
    with tempfile.TemporaryDirectory(prefix="bulkhead-") as folder:
        other = Other(_process(Path(folder)), Path(folder))
        try:
            with suppress(BrokenPipeError):
                other._tell((snapshot.resolve(), config, read_at))
            yield other
        finally:
            if other.process is not None:
                other.process.kill()
                other.process.communicate()


def _process(folder: Path) -> subprocess.Popen[bytes] | None:
    """A process that finds modules where this one does: not in the folder it is started in, which may be anybody's."""
    places = os.pathsep.join(place or str(Path.cwd()) for place in sys.path)
    environment = {**os.environ, "PYTHONPATH": places, "TMPDIR": str(folder)}
    command = [sys.executable, "-P", "-c", f"from {__name__} import work; work()", str(folder)]
    quiet = subprocess.DEVNULL  # what goes wrong goes wrong again, and is told, where it is run again
    with suppress(OSError):  # no room for a process
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, env=environment)
    return None


def work() -> None:
    """What the other process does: its argument is the folder to write into, its standard input says what to read and when to begin."""
    folder = Path(sys.argv[1])
    try:
        snapshot, config, read_at = pickle.load(sys.stdin.buffer)
        with connect(snapshot) as connection:
            import pyarrow.parquet  # noqa: F401  as long as there is time

            analysis.registry()
            _compute(connection, pickle.load(sys.stdin.buffer), config, read_at, folder)
    except EOFError:
        _clear(folder)


def _compute(connection: Any, laid: Sequence[str], config: Config, read_at: str, folder: Path) -> None:
    threading.Thread(target=_end_with_the_first, args=(folder,), daemon=True).start()
    for name in laid:
        connection.execute(f'DROP VIEW "{name}"')
        read_parquet(connection, name, folder / name)
    analysis.run_all(connection, config, read_at, [NAME])
    for table in analysis.registry()[NAME].TABLES:
        write_parquet(connection, table.name, folder / table.name)


def _end_with_the_first(folder: Path) -> None:
    """Standard input ends early only where the process that holds its other end was killed."""
    os.read(sys.stdin.fileno(), 1)
    _clear(folder)


def _clear(folder: Path) -> None:
    """End, and leave nothing: nobody else cleans up where the first process was killed."""
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)
