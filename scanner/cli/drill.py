"""`bulkhead drill`: what an account takes along when it is erased."""

from __future__ import annotations

from typing import Annotated

import typer

from scanner.cli.apps import app
from scanner.cli.options import ConfigFile, Out, SnapshotPath, Style, configured, snapshot_of


@app.command()
def drill(
    account: Annotated[str | None, typer.Argument(help="Account, by id or name; a table of all without one.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every account in full.")] = False,
    snapshot: SnapshotPath = None,
    format: Style = "text",
    out: Out = None,
    config: ConfigFile = None,
) -> None:
    """What is lost when an account is erased?

    What is lost for good, what survives and how old it is, and which other accounts fall too.
    """
    from scanner import drill_text

    settings = configured(config, out=out)
    print(drill_text.answer(snapshot_of(settings, snapshot), settings, account, every, format))
