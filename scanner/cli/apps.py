"""The command `bulkhead` and its groups, which the modules beside this one fill: one small function a command."""

from __future__ import annotations

import typer

app = typer.Typer(
    name="bulkhead",
    help="Tells whether the accounts of an AWS Organization really contain damage.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
rules_app = typer.Typer(help="List, show and test rules, and start a new one.", no_args_is_help=True)
app.add_typer(rules_app, name="rules")
explain_app = typer.Typer(help="Answer one question about a snapshot, with the reasons.", no_args_is_help=True)
app.add_typer(explain_app, name="explain")
waivers_app = typer.Typer(help="Bring in risks accepted elsewhere.", no_args_is_help=True)
app.add_typer(waivers_app, name="waivers")
