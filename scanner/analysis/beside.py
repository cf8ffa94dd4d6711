"""Every analysis over a published snapshot, the longest that no other waits for in a process beside this one.

With two cores, a large organization takes little more than half the time. The other process opens the snapshot by itself, so this is
for a snapshot as it was published, nothing laid over it. It hands its tables over as Arrow files, in a folder that only this user can read.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from scanner import analysis
from scanner.config import Config
from scanner.snapshot.read import connect

NAMES = ("connections",)
LARGE = 300
"""Accounts from which on it pays: starting a process takes about a second."""
ROWS = 20_000


def run_all(connection: Any, snapshot: Path, config: Config, read_at: str, large: int = LARGE) -> int | None:
    """As `analysis.run_all`. Returns the exit code of the process beside this one, None where there was none.

    What that one could not finish is run here: if it was an error it shows then, as if there had been one process only.
    """
    accounts = connection.execute("SELECT count(*) FROM accounts").fetchone()[0]
    if accounts < large or _cores() < 2:
        analysis.run_all(connection, config, read_at)
        return None
    with _started(snapshot, config, read_at) as (process, folder):
        analysis.run_all(connection, config, read_at, without=NAMES)
        code = process.wait()
        for name in NAMES:
            if code == 0:
                _read(connection, name, folder)
            else:
                analysis.run_one(connection, name, config)
        return code


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _started(snapshot: Path, config: Config, read_at: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """The other process, which ends with the block at the latest, and the folder for its tables."""
    with tempfile.TemporaryDirectory(prefix="bulkhead-") as folder:
        asked = pickle.dumps((snapshot.resolve(), config, read_at, Path(folder)))
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        command = [sys.executable, "-c", f"from {__name__} import work; work()"]
        quiet = subprocess.DEVNULL  # what goes wrong goes wrong again, and is told, where it is run again
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, env=environment)
        try:
            assert process.stdin is not None
            with suppress(BrokenPipeError), process.stdin:
                process.stdin.write(asked)
            yield process, Path(folder)
        finally:
            process.kill()
            process.wait()


def work() -> None:
    """What the other process does: it is told on its standard input what to read, and into which folder to write."""
    snapshot, config, read_at, folder = pickle.loads(sys.stdin.buffer.read())
    with connect(snapshot) as connection:
        analysis.run_all(connection, config, read_at, NAMES)
        for name in NAMES:
            _write(connection, name, folder)


def _write(connection: Any, name: str, folder: Path) -> None:
    import pyarrow as pa

    for table in analysis.registry()[name].TABLES:
        rows = connection.execute(f'FROM "{table.name}"').to_arrow_reader(ROWS)
        with pa.ipc.new_file(folder / table.name, rows.schema) as file:
            for batch in rows:
                file.write_batch(batch)


def _read(connection: Any, name: str, folder: Path) -> None:
    import pyarrow as pa

    declared = analysis.registry()[name].TABLES
    analysis.create(connection, declared)
    for table in declared:
        with pa.memory_map(str(folder / table.name)) as mapped, pa.ipc.open_file(mapped) as file:
            for place in range(file.num_record_batches):
                connection.register("rows_brought", pa.Table.from_batches([file.get_batch(place)]))
                connection.execute(f'INSERT INTO "{table.name}" FROM rows_brought')
                connection.unregister("rows_brought")
