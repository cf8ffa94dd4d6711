"""Reports: one module per format. A module in this folder with `EXTENSION` and `write` is a format; nothing lists them."""

from __future__ import annotations

import importlib
import os
import pkgutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Protocol, TextIO, cast

from scanner.errors import OutputError, UsageError
from scanner.findings import Result


class Format(Protocol):
    """What a format module offers: the file extension (without the dot) and the function that writes the report.

    A module may also have `STEM`, the name of the file without it; `report` by default.
    """

    EXTENSION: str

    def write(self, result: Result, stream: TextIO) -> None:
        """Write the whole report as text; the same result gives the same text."""


def formats() -> tuple[str, ...]:
    """Return the names of all formats, sorted."""
    return tuple(sorted(_modules()))


def file_name(format: str) -> str:
    """Return the name of the file a format is written to, e.g. `report.md`. Raises UsageError for an unknown one."""
    module = _module(format)
    return f"{getattr(module, 'STEM', 'report')}.{module.EXTENSION}"


def write(format: str, result: Result, path: Path) -> None:
    """Write one report to `path`, whole or not at all (an existing file is replaced by a rename, readable by its owner).

    A path that exists and is no regular file (a pipe, /dev/stdout) is written to directly.
    Raises UsageError for an unknown format, OutputError where the file cannot be written.
    """
    module = _module(format)
    save(path, f"{format} report", module.EXTENSION, lambda stream: module.write(result, stream))


def save(path: Path, what: str, extension: str, write: Callable[[TextIO], None]) -> None:
    """Let `write` fill the file at `path`, as told for `write` of a report. Raises OutputError where that is not possible."""
    try:
        if path.is_dir():
            raise OutputError(f"{path} is a folder; name a file in it, for example {path / f'report.{extension}'}.")
        if path.exists() and not path.is_file():
            with path.open("w", encoding="utf-8", newline="") as stream:
                write(stream)
        else:
            _replace(path, write)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(
            f"The {what} could not be written to {path} ({reason}); choose a folder you may write to that has space left."
        ) from error


def _replace(path: Path, write: Callable[[TextIO], None]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    target = path.resolve()  # a symbolic link keeps pointing where it did
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:100]}.", suffix=".part")
    part = Path(name)
    try:
        with open(handle, "w", encoding="utf-8", newline="") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _module(format: str) -> Format:
    try:
        return _modules()[format]
    except KeyError:
        raise UsageError(f"There is no report format '{format}'; choose from {', '.join(formats())}.") from None


@cache
def _modules() -> dict[str, Format]:
    names = sorted(info.name for info in pkgutil.iter_modules(__path__))
    modules = {name: importlib.import_module(f"{__name__}.{name}") for name in names}
    return {name: cast(Format, module) for name, module in modules.items() if hasattr(module, "EXTENSION")}
