"""`bulkhead explain ...`: one question about a snapshot, and its reasons."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from scanner.cli.apps import explain_app
from scanner.cli.options import Batch, ConfigFile, Out, RulesDir, SnapshotPath, Style, configured, show, snapshot_of
from scanner.errors import UsageError


@explain_app.command("trust")
def explain_trust(
    source: Annotated[str | None, typer.Option("--from", help="Role, user, account or session: ARN, id or name.")] = None,
    target: Annotated[str | None, typer.Option("--to", help="Role: ARN or name.")] = None,
    batch: Batch = None, snapshot: SnapshotPath = None, format: Style = "text", out: Out = None, config: ConfigFile = None,
) -> None:  # fmt: skip
    """Can a principal assume a role?

    With every layer that decides it. --batch takes a list of {from, to}.
    """
    from scanner import explain

    ask = explain.trust(snapshot_of(configured(config, out=out), snapshot))
    _answer(ask, batch, source, target, format)


@explain_app.command("network")
def explain_network(
    source: Annotated[str | None, typer.Option("--from", help="Instance, interface, database or address.")] = None,
    target: Annotated[str | None, typer.Option("--to", help="Instance, interface, database or address.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; a database's own by default.")] = None,
    protocol: Annotated[str, typer.Option(help="tcp or udp.")] = "tcp",
    batch: Batch = None, snapshot: SnapshotPath = None, format: Style = "text", out: Out = None, config: ConfigFile = None,
) -> None:  # fmt: skip
    """Can a connection be opened?

    Hop by hop, there and back; if not, what is missing. --batch takes a list of {from, to, protocol, port}.
    """
    from scanner import explain

    ask = explain.network(snapshot_of(configured(config, out=out), snapshot))
    _answer(ask, batch, source, target, format, protocol=protocol, port=port)


@explain_app.command("who-can-assume")
def explain_who_can_assume(
    role: Annotated[str, typer.Argument(help="Role: ARN or name.")],
    snapshot: SnapshotPath = None, format: Style = "text", out: Out = None, config: ConfigFile = None,
) -> None:  # fmt: skip
    """Who can assume a role?"""
    from scanner import explain

    found = explain.who_can_assume(snapshot_of(configured(config, out=out), snapshot), role)
    show(found, format, explain.spoken_principals)


@explain_app.command("who-can-reach")
def explain_who_can_reach(
    target: Annotated[str, typer.Argument(help="Database, instance, interface or address.")],
    port: Annotated[int | None, typer.Option(help="Port; a database's own by default.")] = None,
    protocol: Annotated[str, typer.Option(help="tcp or udp.")] = "tcp",
    snapshot: SnapshotPath = None, format: Style = "text", out: Out = None, config: ConfigFile = None,
) -> None:  # fmt: skip
    """Who can open a connection to a target?"""
    from scanner import explain

    found = explain.who_can_reach(snapshot_of(configured(config, out=out), snapshot), target, port, protocol)
    show(found, format, explain.spoken_reachers)


@explain_app.command("classification")
def explain_classification(
    subject: Annotated[str, typer.Argument(help="Account or resource: id, name or ARN.", metavar="ACCOUNT_OR_RESOURCE")],
    snapshot: SnapshotPath = None, format: Style = "text", out: Out = None, config: ConfigFile = None,
) -> None:  # fmt: skip
    """What is it for, and whose is it?

    Environment, workload and owner of an account or a resource, with the evidence for and against.
    """
    from scanner import explain

    settings = configured(config, out=out)
    found = explain.classification(snapshot_of(settings, snapshot), settings, subject)
    show(found, format, explain.spoken_classification)


@explain_app.command("finding")
def explain_finding(
    what: Annotated[str, typer.Argument(help="Fingerprint (its first digits do) or rule.", metavar="FINGERPRINT|RULE")],
    subject: Annotated[str | None, typer.Argument(help="With a rule: id, name or ARN of the subject.")] = None,
    rules: RulesDir = None, snapshot: SnapshotPath = None, format: Style = "text", out: Out = None,
    config: ConfigFile = None,
) -> None:  # fmt: skip
    """Why does a rule fail, pass, or stay open?

    For one subject: the columns it looks at, what they hang on, and what would settle an open verdict.
    """
    from scanner import explain
    from scanner import scan as story
    from scanner.rule import load

    settings = configured(config, out=out, rules=rules)
    connection, views = story.open_vocabulary(snapshot_of(settings, snapshot), settings)
    asked = explain.Asked(connection, views, load.configured(settings), settings)
    show(explain.finding(asked, what, subject), format, explain.spoken_finding)


def _answer(
    ask: Callable[..., Any], batch: Path | None, source: str | None, target: str | None, style: str, **more: Any
) -> None:
    from scanner import explain

    if batch is not None and (source is not None or target is not None):
        raise UsageError("--batch brings its own questions; leave out --from and --to")
    if batch is not None:
        print(json.dumps(explain.batch(ask, batch), indent=1))
    elif source is None or target is None:
        raise UsageError("name --from and --to, or a --batch of questions")
    else:
        show(ask(source, target, **more), style, explain.spoken)
