"""How far collection is: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from scanner.collect.run import Progress as State

PLAIN_SECONDS = 10.0


@contextmanager
def shown(console: Console, quiet: bool) -> Iterator[Callable[[State], None]]:
    """Yield the function that collection calls as it goes on."""
    if quiet:
        yield lambda _: None
    elif console.is_terminal:
        with _bar(console) as report:
            yield report
    else:
        yield _Lines(console)


@contextmanager
def _bar(console: Console) -> Iterator[Callable[[State], None]]:
    columns = (
        TextColumn("Reading accounts"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None)

        def report(state: State) -> None:
            text = f"{state.accounts_done} of {state.accounts}, {state.units_done} units"
            progress.update(task, total=state.accounts or None, completed=state.accounts_done, description=text)

        yield report


class _Lines:
    """A line every few seconds, and one at the end."""

    def __init__(self, console: Console):
        self._console = console
        self._lock = threading.Lock()
        self._last = time.monotonic()

    def __call__(self, state: State) -> None:
        with self._lock:
            finished = state.accounts and state.accounts_done == state.accounts
            if not finished and time.monotonic() - self._last < PLAIN_SECONDS:
                return
            self._last = time.monotonic()
            gaps = f", {state.gaps} calls could not be read" if state.gaps else ""
            self._console.print(
                f"read {state.accounts_done} of {state.accounts} accounts, {state.units_done} units{gaps}",
                highlight=False,
            )


def console(color: bool = True) -> Console:
    """Where people read: standard error, so that standard output carries results only."""
    return Console(file=sys.stderr, no_color=not color or None, highlight=False)
