"""The command line: parse, call, print. No decisions about AWS or rules.

A command is one small function in a module here, with `@app.command()` or that of a group; a new module is imported below.
Nothing heavy is imported before a command needs it, so that `--help` answers at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer

from scanner.cli.apps import app
from scanner.errors import INTERRUPTED, BulkheadError

# isort: off
# Commands are listed by --help in this order.
from scanner.cli import scanning, gate, living, drill, split, others, explain, rules  # noqa: F401
# isort: on

__all__ = ["app", "entry", "main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code. A known problem is one sentence on standard error."""
    try:
        code = app(args=arguments, standalone_mode=False)
    except BulkheadError as error:
        print(f"bulkhead: {error}", file=sys.stderr)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except RuntimeError as error:
        if str(error) != "Query interrupted":  # what DuckDB makes of an interrupt
            raise
        code = INTERRUPTED
    except typer.TyperException as error:
        show = getattr(error, "show", None)  # usage errors show themselves, with the usage line
        print(f"bulkhead: {error}", file=sys.stderr) if show is None else show()
        return 2
    if code == INTERRUPTED:  # what Typer makes of most interrupts, without a word
        print("bulkhead: interrupted", file=sys.stderr)
    return code if isinstance(code, int) else 0


def entry() -> None:
    """The console script."""
    sys.exit(main())
