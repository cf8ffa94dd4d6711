"""Commands beside reading and judging: query, permissions, demo, version."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from scanner import __version__
from scanner.cli.apps import app
from scanner.cli.options import ConfigFile, NoColor, Out, RoleName, SnapshotPath, configured, snapshot_of


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="One SELECT over the tables and the vocabulary.")],
    snapshot: SnapshotPath = None,
    format: Annotated[str, typer.Option(help="table, json or csv.")] = "table",
    out: Out = None,
    config: ConfigFile = None,
) -> None:
    """Ask a snapshot anything, in SQL."""
    from scanner.snapshot.query import ask, show

    settings = configured(config, out=out)
    from scanner import scan as story

    connection, _ = story.open_vocabulary(snapshot_of(settings, snapshot), settings)
    show(*ask(connection, sql), format, sys.stdout)


@app.command()
def permissions(
    management: Annotated[bool, typer.Option(help="For the credentials the scan starts with.")] = False,
    role_name: RoleName = None,
) -> None:
    """Print the IAM policy that reading needs.

    Least privilege, for the role in each account.
    """
    from scanner.permissions import management_policy, member_policy

    policy = management_policy(role_name or ["BulkheadReadOnly"]) if management else member_policy()
    print(json.dumps(policy, indent=2))


@app.command()
def demo(
    out: Out = None,
    serve: Annotated[bool, typer.Option(help="Keep the sample organization running until interrupted.")] = False,
    no_color: NoColor = False,
) -> None:
    """Build, scan and report a sample organization.

    On this machine, over HTTP, with nothing leaving it.
    """
    from scanner.demo.run import run

    raise typer.Exit(run(out or Path("out"), serve=serve, color=not no_color))


@app.command()
def version() -> None:
    """Print the version."""
    print(__version__)
