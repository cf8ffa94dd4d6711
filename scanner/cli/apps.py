"""The command `bulkhead` and its groups, which the modules beside this one fill: one small function a command."""

from __future__ import annotations

from typing import Annotated

import typer

from scanner import __version__

app = typer.Typer(
    name="bulkhead",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(asked: bool) -> None:
    if asked:
        print(__version__)
        raise typer.Exit


@app.callback()
def bulkhead(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Tells whether the accounts of an AWS Organization really contain damage."""


rules_app = typer.Typer(help="List, show and test rules, and start a new one.", no_args_is_help=True)
app.add_typer(rules_app, name="rules")
explain_app = typer.Typer(help="Answer one question about a snapshot, with the reasons.", no_args_is_help=True)
app.add_typer(explain_app, name="explain")
waivers_app = typer.Typer(help="Bring in risks accepted elsewhere.", no_args_is_help=True)
app.add_typer(waivers_app, name="waivers")
