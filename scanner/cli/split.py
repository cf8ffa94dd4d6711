"""`bulkhead split`: the accounts that an account which mixes workloads or environments should be."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scanner.cli.apps import app
from scanner.cli.options import ConfigFile, NoColor, Out, SnapshotPath, configured, snapshot_of
from scanner.errors import UsageError

if TYPE_CHECKING:  # importing it takes longer than --help may
    from scanner.split.model import Split

FORMATS = ("text", "json", "markdown")


@app.command()
def split(
    account: Annotated[str, typer.Argument(help="Account, by id or name.")],
    snapshot: SnapshotPath = None,
    format: Annotated[str, typer.Option(help="text, json or markdown.")] = "text",
    picture: Annotated[Path | None, typer.Option(help="Draw it to this SVG file too.")] = None,
    no_color: NoColor = False,
    out: Out = None,
    config: ConfigFile = None,
) -> None:
    """Which accounts should a mixed account become?

    One per workload and environment: what goes where, which couplings cross the new walls, and the cheapest order of moves.
    """
    from scanner.split import model, plan

    if format not in FORMATS:
        raise UsageError(f"--format {format}: choose {', '.join(FORMATS)}")
    settings = configured(config, out=out)
    found = plan.of_snapshot(snapshot_of(settings, snapshot), settings, account)
    if picture is not None:
        _draw(found, picture)
    if format == "json":
        print(json.dumps(model.as_json(found), indent=1))
    elif format == "markdown":
        from reports.split import markdown

        sys.stdout.write(markdown.text(found))
    else:
        _print(found, no_color)


def _draw(found: Split, picture: Path) -> None:
    import reports
    from reports.split import picture as drawing

    reports.save(picture, "picture", "svg", lambda stream: drawing.write(found, stream))


def _print(found: Split, no_color: bool) -> None:
    from rich.console import Console

    from reports.split import text

    console = Console(no_color=no_color or None, highlight=False)
    if console.is_terminal:
        text.write(found, console)
        return
    plain = Console(file=io.StringIO(), no_color=True, highlight=False, width=text.PLAIN_WIDTH)
    with plain.capture() as captured:
        text.write(found, plain)
    # What fills a line up to its width is nothing for a log.
    print("\n".join(line.rstrip() for line in captured.get().rstrip("\n").split("\n")))
