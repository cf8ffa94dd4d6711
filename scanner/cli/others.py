"""Commands beside reading and judging: query, permissions, demo, version."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from scanner import __version__
from scanner.cli.apps import app
from scanner.cli.options import ConfigFile, From, NoColor, Out, SnapshotPath, Source, configured, snapshot_of


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
    format: Annotated[str, typer.Option(help="policy, cloudformation or terraform.")] = "policy",
    role_name: Annotated[
        list[str] | None,
        typer.Option(help="Name of the role in each account (BulkheadReadOnly); with --management repeatable."),
    ] = None,
    source: Source = None,
) -> None:
    """Print the least privilege that reading needs: exactly what collectors call.

    Every account that is read, the management account too unless the scan starts there, needs a role with this policy; a StackSet
    or Terraform brings it there. Only the account that the scan starts in, the management account or a delegated administrator,
    needs more (--management): its credentials read the organization, enter the other accounts through that role, and read their
    own account directly. Nothing that is printed allows a change.

    With --source config-aggregator they may read the aggregator as well.

    A policy prints as one JSON document, or as a list where one managed policy cannot hold it.
    """
    from scanner.permissions import text

    print(
        text(format, management=management, roles=role_name or (), aggregator=source is From.config_aggregator), end=""
    )


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
