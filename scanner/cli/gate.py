"""`bulkhead gate`: what a planned change makes of the organization."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scanner.cli.apps import app
from scanner.cli.options import (
    Baseline,
    ConfigFile,
    FailOn,
    Ignore,
    Level,
    MinCoverage,
    Out,
    RulesDir,
    Select,
    Severity,
    Waivers,
    at_least,
    configured,
)
from scanner.errors import UsageError

if TYPE_CHECKING:
    from scanner.gated import Gated


@app.command()
def gate(
    inputs: Annotated[
        list[Path] | None,
        typer.Argument(help="Terraform plans (terraform show -json) and directories, CloudFormation templates, cdk.out; judged together.",
            metavar="PLAN.json|TEMPLATE|DIR...",
        ),
    ] = None,
    snapshot: Annotated[Path | None, typer.Option(help="What is there already; without one the plan alone is judged.")] = None,
    account: Annotated[
        list[str] | None,
        typer.Option(help="Where a provider or template leads: PROVIDER=ACCOUNT[/REGION], FILE=..., FOLDER/=...; repeatable.",
            metavar="PROVIDER=ID",
        ),
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option(help="A parameter of CloudFormation templates, or a JSON file of them; repeatable.", metavar="NAME=VALUE|FILE"),
    ] = None,
    source: Annotated[Path | None, typer.Option(help="The .tf files of the plan; beside it by default.")] = None,
    select: Select = None, ignore: Ignore = None, severity: Severity = None, rules: RulesDir = None,
    waivers: Waivers = None, baseline: Baseline = None, fail_on: FailOn = None, min_coverage: MinCoverage = None,
    format: Annotated[
        list[str] | None,
        typer.Option(help="text (default), markdown, json, or a report format; several are written to OUT/gate."),
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Write the one format to this file instead of standard output.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Judge four plans over the sample organization.")] = False,
    out: Out = None, config: ConfigFile = None,
) -> None:  # fmt: skip
    """What would a planned change make worse?

    The change is laid over the last snapshot, and the same rules judge both; it needs no AWS credentials. Exits 0 when nothing
    new fails, 1 when something does (--fail-on), 2 when an input is broken, 3 when too little could be judged (--min-coverage).
    """
    settings = configured(
        config, select=select, ignore=ignore, rules=rules, waivers=waivers, baseline=baseline, fail_on=fail_on,
        min_coverage=min_coverage, out=out,
    )  # fmt: skip
    settings = at_least(settings, severity if severity is not Level.never else None)
    if demo:
        from scanner.demo.gate import run

        raise typer.Exit(run(settings.out))
    if not inputs:
        raise UsageError(
            "name at least one plan, template or directory; a plan is made with `terraform show -json PLAN > plan.json`"
        )
    from scanner.gate import judge
    from scanner.gate.planned import shown
    from scanner.living import settle

    settle.check(settings)
    formats = _formats(format, output)
    paths = [Path(shown(path)) for path in inputs]  # reports name files as the repository does
    found = judge.gate(paths, snapshot, settings, said=account or (), parameters=parameter or (), source=source)
    if len(formats) == 1:
        _write(found, formats[0], output)
    else:
        _write_all(found, formats, Path(settings.out) / "gate")
    if found.exit_code == judge.LOW_COVERAGE:
        print(f"bulkhead: {'; '.join(found.shortfalls[:5])}", file=sys.stderr)
    raise typer.Exit(found.exit_code)


@app.command("checkov-dir")
def checkov_dir() -> None:
    """Print the directory that gives Checkov these rules: checkov --external-checks-dir "$(bulkhead checkov-dir)".

    Checkov then judges Terraform directories and plans as this gate does, over the snapshot that BULKHEAD_SNAPSHOT names.
    """
    from scanner import checkov_checks

    print(Path(checkov_checks.__file__).parent)


def _formats(given: list[str] | None, output: Path | None) -> list[str]:
    """The formats that are asked for, `sarif,markdown` among them. Raises UsageError."""
    import reports
    from reports import gate as papers

    known = sorted({*papers.STYLES, *reports.formats()})
    asked = list(dict.fromkeys(part for one in given or ["text"] for part in one.split(",") if part)) or ["text"]
    for format in asked:
        if format not in known:
            raise UsageError(f"--format {format}: choose {', '.join(known)}")
    if output and len(asked) > 1:
        raise UsageError("--output names the file of one --format; several are written to OUT/gate (--out)")
    return asked


def _write_all(found: Gated, formats: list[str], folder: Path) -> None:
    """Write every format to a file of its own, and the text to standard output."""
    from reports import file_name
    from reports import gate as papers

    for format in formats:
        if format != "text":
            _write(found, format, folder / (papers.FILES.get(format) or file_name(format)))
    print(papers.text(found))


def _write(found: Gated, format: str, path: Path | None) -> None:
    """Write what the gate has formats of its own for, else a report of the findings that are new, worse or not judged any more."""
    import reports
    from reports import gate as papers
    from scanner.gated import as_result

    if format not in papers.STYLES:
        reports.write(format, as_result(found), path or Path("/dev/stdout"))
        return
    text = papers.STYLES[format](found)
    if path is None:
        print(text)
        return
    reports.save(path, "report of the gate", path.suffix.lstrip("."), lambda stream: print(text, file=stream))
