"""Living with findings: what changed, what to do first, how it went, and what was there when it began."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from scanner.cli.apps import app, waivers_app
from scanner.cli.options import (
    Baseline,
    ConfigFile,
    History,
    Ignore,
    Level,
    Out,
    RulesDir,
    Select,
    Waivers,
    configured,
    snapshot_of,
)
from scanner.errors import UsageError

Judged = Annotated[
    Path | None,
    typer.Argument(help="Snapshot or findings.json; OUT/bulkhead.snapshot by default.", metavar="SNAPSHOT|FINDINGS"),
]
Output = Annotated[Path | None, typer.Option("--output", help="Write to this file instead of standard output.")]


@app.command()
def diff(
    before: Annotated[Path, typer.Argument(help="The earlier snapshot or findings.json.", metavar="A")],
    after: Annotated[Path, typer.Argument(help="The later one.", metavar="B")],
    format: Annotated[str, typer.Option(help="text, markdown or json.")] = "text",
    fail_on: Annotated[Level, typer.Option(help="Exit 1 when something new is this severe or worse.")] = Level.never,
    select: Select = None, ignore: Ignore = None, rules: RulesDir = None, waivers: Waivers = None,
    baseline: Baseline = None, config: ConfigFile = None,
) -> None:  # fmt: skip
    """What is new, fixed and changed between two scans?

    What could not be evaluated any more is not fixed. Snapshots are judged by the same rules now; a findings.json is taken
    as it was written.
    """
    from reports import comparison
    from scanner import scan as story
    from scanner.living.compare import worse

    if format not in comparison.STYLES:
        raise UsageError(f"--format {format}: choose text, markdown or json")
    settings = configured(
        config, select=select, ignore=ignore, rules=rules, waivers=waivers, baseline=baseline
    )  # fmt: skip
    found = story.compare(before, after, settings)
    print(comparison.STYLES[format](found))
    raise typer.Exit(story.FINDINGS if worse(found, fail_on.value) else story.OK)


@app.command()
def advise(
    snapshot: Judged = None,
    format: Annotated[str, typer.Option(help="text, markdown, json, or csv for a backlog.")] = "text",
    top: Annotated[int | None, typer.Option(min=1, help="So many changes; 10 as text and Markdown, else all.")] = None,
    backlog: Annotated[Path | None, typer.Option(help="Also write a CSV that Jira and Asana import.")] = None,
    select: Select = None, ignore: Ignore = None, rules: RulesDir = None, waivers: Waivers = None, out: Out = None,
    config: ConfigFile = None,
) -> None:  # fmt: skip
    """What should be changed first?

    The changes that lift the score most for their effort. What is fixed at one place is one change; what is waived is left out.
    """
    from reports import advice
    from scanner import scan as story

    if format not in advice.STYLES:
        raise UsageError(f"--format {format}: choose text, markdown, json or csv")
    settings = configured(config, select=select, ignore=ignore, rules=rules, waivers=waivers, out=out)
    changes, score = story.advise_on(snapshot_of(settings, snapshot), settings, None)
    shown = top or (10 if format in ("text", "markdown") else None)
    print(advice.STYLES[format](changes[:shown], score))
    if backlog is not None:
        _write(advice.backlog(changes[:top], score), backlog)


@app.command()
def trend(
    account: Annotated[str | None, typer.Option(help="Of one account, by id.")] = None,
    principle: Annotated[str | None, typer.Option(help="Of one principle.")] = None,
    last: Annotated[int | None, typer.Option(min=1, help="Only so many scans, the newest.")] = None,
    series: Annotated[str | None, typer.Option(help="Other scans of the history, by the id it names them with.")] = None,
    format: Annotated[str, typer.Option(help="text or json.")] = "text",
    history: History = None, out: Out = None, config: ConfigFile = None,
) -> None:  # fmt: skip
    """How did the score go from scan to scan?"""
    from reports import trend as paper
    from scanner.living import history as keeping

    if format not in ("text", "json") or (account and principle):
        raise UsageError("--format is text or json; name an account or a principle, not both")
    chosen, points, others = keeping.points(keeping.path_of(configured(config, out=out, history=history)), series)
    points = points[-last:] if last else points
    about, values = keeping.asked(points, account, principle)
    if format == "json":
        print(paper.as_json(points, about, values, chosen.id))
    else:
        more = [f"{number} more of --series {one.id}: {one.label or 'another organization'}" for one, number in others]
        print(paper.text(points, about, values, chosen.label, more))


@app.command()
def baseline(
    snapshot: Judged = None,
    output: Output = None,
    select: Select = None, ignore: Ignore = None, rules: RulesDir = None, waivers: Waivers = None, out: Out = None,
    config: ConfigFile = None,
) -> None:  # fmt: skip
    """Print what fails today, for --baseline.

    With it only what is new fails a run. What a waiver covers is left out.
    """
    from scanner import scan as story
    from scanner.living.baseline import written

    settings = configured(config, select=select, ignore=ignore, rules=rules, waivers=waivers, out=out)
    _write(written(story.judged(snapshot_of(settings, snapshot), settings)), output)


@waivers_app.command("import")
def waivers_import(
    mutelist: Annotated[Path, typer.Argument(help="A mutelist of Prowler (YAML).", metavar="FILE")],
    owner: Annotated[str, typer.Option(help="Who decided; a mutelist does not say.")],
    expiry: Annotated[str, typer.Option(help="The last day the waivers hold (YYYY-MM-DD).")],
    reason: Annotated[str | None, typer.Option(help="Where an entry has no description.")] = None,
    output: Output = None,
) -> None:
    """Turn a mutelist of Prowler into waivers.

    Only what corresponds to a rule here, never more than it mutes; the rest is listed on standard error.
    """
    from scanner.living import prowler

    found = prowler.imported(mutelist, owner, expiry, reason)
    _write(found.text, output)
    _tell(found.left_out)


def _tell(left_out: Iterable[str]) -> None:
    from reports.text import visible

    for line in left_out:
        print(f"not imported: {visible(line)}", file=sys.stderr)


def _write(text: str, path: Path | None) -> None:
    from scanner.errors import OutputError

    if path is None:
        print(text.rstrip("\n"))
        return
    try:
        path.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}; choose another file") from error
