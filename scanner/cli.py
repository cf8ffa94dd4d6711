"""The command line: parse, call, print. No decisions about AWS or rules."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Sequence
from enum import Enum, StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from scanner import __version__
from scanner.errors import BulkheadError, UsageError

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


class Level(StrEnum):
    """Severities, and `never`."""

    critical = "critical"
    high = "high"
    medium = "medium"
    low = "low"
    never = "never"


READING, JUDGING, OUTPUT = "Reading", "Judging", "Output"
Many = list[str] | None


def _option(names: str, text: str, panel: str, **more: Any) -> Any:
    return typer.Option(*names.split(), help=text, rich_help_panel=panel, **more)


ConfigFile = Annotated[Path | None, _option("--config", "Configuration; else bulkhead.yaml here or above.", OUTPUT)]
SnapshotPath = Annotated[Path | None, _option("--snapshot", "The snapshot; OUT/bulkhead.snapshot by default.", OUTPUT)]
Profile = Annotated[str | None, _option("--profile", "AWS profile to start with.", READING)]
RoleName = Annotated[Many, _option("--role-name", "Role to assume in each account; repeat for fallbacks.", READING)]
ExternalId = Annotated[str | None, _option("--external-id", "External id to send when assuming it.", READING)]
Accounts = Annotated[Many, _option("--accounts", "Only these accounts (ids or names).", READING)]
Exclude = Annotated[Many, _option("--exclude-accounts", "Not these accounts.", READING)]
Units = Annotated[Many, _option("--units", "Only accounts below these units (ids, names, paths).", READING)]
Regions = Annotated[Many, _option("--regions", "Only these Regions.", READING)]
Share = Annotated[float | None, _option("--max-api-share", "Share of AWS's request limits to use (0.25).", READING)]
Resume = Annotated[bool, _option("--resume", "Go on with a collection that was cut off.", READING)]
Recorded = Annotated[Path | None, _option("--recorded", "Read recorded responses instead of AWS.", READING)]
Record = Annotated[Path | None, _option("--record", "Keep AWS's responses in this directory.", READING)]
Select = Annotated[Many, _option("--select", "Only these rules or principles (patterns).", JUDGING)]
Ignore = Annotated[Many, _option("--ignore", "Not these rules or principles (patterns).", JUDGING)]
Severity = Annotated[Level | None, _option("--severity", "Only rules of this severity and above.", JUDGING)]
RulesDir = Annotated[list[Path] | None, _option("--rules", "Another directory of rules; repeatable.", JUDGING)]
FailOn = Annotated[Level | None, _option("--fail-on", "Exit 1 from this severity on (high).", JUDGING)]
MinCoverage = Annotated[float | None, _option("--min-coverage", "Exit 3 below this share evaluated (0.95).", JUDGING)]
Format = Annotated[Many, _option("--format", "html, markdown, json, csv; repeatable.", OUTPUT)]
Out = Annotated[Path | None, _option("--out", "Directory for reports and the snapshot (out).", OUTPUT)]
NoColor = Annotated[bool, _option("--no-color", "No colours (NO_COLOR works too).", OUTPUT)]
Quiet = Annotated[bool, _option("--quiet -q", "No progress, no summary.", OUTPUT)]
Verbose = Annotated[bool, _option("--verbose -v", "Say more on standard error.", OUTPUT)]


def _config(file: Path | None, **given: Any) -> Any:
    """The configuration, with what the command line says on top."""
    from pydantic import ValidationError

    from scanner.config import Config, find, load

    if file is not None and not file.is_file():
        raise UsageError(f"there is no configuration {file}")
    config = load(file or find(Path.cwd()))
    said = {key: _said(value) for key, value in given.items() if value is not None and value != []}
    try:
        return Config.model_validate(config.model_dump() | said)
    except ValidationError as error:
        one = error.errors()[0]
        raise UsageError(f"--{str(one['loc'][0]).replace('_', '-')}: {one['msg']}") from error


def _said(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return [part for item in value for part in item.split(",") if part]
    return value


@app.command()
def scan(
    profile: Profile = None, role_name: RoleName = None, external_id: ExternalId = None, accounts: Accounts = None,
    exclude_accounts: Exclude = None, units: Units = None, regions: Regions = None, max_api_share: Share = None,
    resume: Resume = False, recorded: Recorded = None, record: Record = None, select: Select = None, ignore: Ignore = None,
    severity: Severity = None, rules: RulesDir = None, fail_on: FailOn = None, min_coverage: MinCoverage = None,
    format: Format = None, out: Out = None, snapshot: SnapshotPath = None, config: ConfigFile = None,
    no_color: NoColor = False, quiet: Quiet = False, verbose: Verbose = False,
) -> None:  # fmt: skip
    """Read an organization, judge it, and write the reports."""
    settings = _config(
        config, profile=profile, role_names=role_name, external_id=external_id, accounts=accounts,
        exclude_accounts=exclude_accounts, units=units, regions=regions, max_api_share=max_api_share, select=select,
        ignore=ignore, rules=rules, fail_on=fail_on, min_coverage=min_coverage, formats=format, out=out,
    )  # fmt: skip
    settings = _at_least(settings, severity)
    target = _collect(settings, snapshot, recorded, record, resume, no_color, quiet, verbose, judging=True)
    raise typer.Exit(_judge(target, settings, no_color, quiet))


@app.command()
def collect(
    profile: Profile = None, role_name: RoleName = None, external_id: ExternalId = None, accounts: Accounts = None,
    exclude_accounts: Exclude = None, units: Units = None, regions: Regions = None, max_api_share: Share = None,
    resume: Resume = False, recorded: Recorded = None, record: Record = None, out: Out = None,
    snapshot: SnapshotPath = None, config: ConfigFile = None, no_color: NoColor = False, quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:  # fmt: skip
    """Read an organization into a snapshot and judge nothing."""
    settings = _config(
        config, profile=profile, role_names=role_name, external_id=external_id, accounts=accounts,
        exclude_accounts=exclude_accounts, units=units, regions=regions, max_api_share=max_api_share, out=out,
    )  # fmt: skip
    print(_collect(settings, snapshot, recorded, record, resume, no_color, quiet, verbose, judging=False))


@app.command()
def evaluate(
    snapshot: SnapshotPath = None, select: Select = None, ignore: Ignore = None, severity: Severity = None,
    rules: RulesDir = None, fail_on: FailOn = None, min_coverage: MinCoverage = None, format: Format = None,
    out: Out = None, config: ConfigFile = None, no_color: NoColor = False, quiet: Quiet = False,
) -> None:  # fmt: skip
    """Judge a snapshot again, without AWS, and write the reports."""
    settings = _config(
        config,
        select=select,
        ignore=ignore,
        rules=rules,
        fail_on=fail_on,
        min_coverage=min_coverage,
        formats=format,
        out=out,
    )
    settings = _at_least(settings, severity)
    raise typer.Exit(_judge(_snapshot(settings, snapshot), settings, no_color, quiet))


@app.command()
def report(
    snapshot: Annotated[Path | None, typer.Argument(help="The snapshot; OUT/bulkhead.snapshot by default.")] = None,
    format: Format = None, out: Out = None, select: Select = None, ignore: Ignore = None, rules: RulesDir = None,
    config: ConfigFile = None,
) -> None:  # fmt: skip
    """Write reports of a snapshot; exits 0 whatever they say."""
    from scanner import scan as story

    settings = _config(config, formats=format, out=out, select=select, ignore=ignore, rules=rules)
    story.check_formats(settings)
    for path in story.write_reports(story.judge(_snapshot(settings, snapshot), settings), settings):
        print(path)


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

    settings = _config(config, out=out)
    from scanner import scan as story

    connection, _ = story.open_vocabulary(_snapshot(settings, snapshot), settings)
    show(*ask(connection, sql), format, sys.stdout)


@app.command()
def permissions(
    management: Annotated[bool, typer.Option(help="For the credentials the scan starts with.")] = False,
    role_name: RoleName = None,
) -> None:
    """Print the least-privilege IAM policy that reading needs, for the role in each account."""
    from scanner.permissions import management_policy, member_policy

    policy = management_policy(role_name or ["BulkheadReadOnly"]) if management else member_policy()
    print(json.dumps(policy, indent=2))


@app.command()
def demo(
    out: Out = None,
    serve: Annotated[bool, typer.Option(help="Keep the sample organization running until interrupted.")] = False,
    no_color: NoColor = False,
) -> None:
    """Build a sample organization on this machine, scan it over HTTP, and write the report."""
    from scanner.demo.run import run

    raise typer.Exit(run(out or Path("out"), serve=serve, color=not no_color))


@app.command()
def version() -> None:
    """Print the version."""
    print(__version__)


Style = Annotated[str, typer.Option("--format", help="text or json.")]


Batch = Annotated[Path | None, typer.Option(help="JSON list of questions; prints the JSON list of answers.")]


@explain_app.command("trust")
def explain_trust(
    source: Annotated[str | None, typer.Option("--from", help="Role, user, account or session: ARN, id or name.")] = None,
    target: Annotated[str | None, typer.Option("--to", help="Role: ARN or name.")] = None,
    batch: Batch = None, snapshot: SnapshotPath = None, format: Style = "text", out: Out = None, config: ConfigFile = None,
) -> None:  # fmt: skip
    """Can a principal assume a role, and why? (--batch: a list of {from, to})"""
    from scanner import explain

    ask = explain.trust(_snapshot(_config(config, out=out), snapshot))
    _answer(ask, batch, source, target, format)


@explain_app.command("network")
def explain_network(
    source: Annotated[str | None, typer.Option("--from", help="Instance, interface, database or address.")] = None,
    target: Annotated[str | None, typer.Option("--to", help="Instance, interface, database or address.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; a database's own by default.")] = None,
    protocol: Annotated[str, typer.Option(help="tcp or udp.")] = "tcp",
    batch: Batch = None, snapshot: SnapshotPath = None, format: Style = "text", out: Out = None, config: ConfigFile = None,
) -> None:  # fmt: skip
    """Can a connection be opened, hop by hop, and if not, what is missing? (--batch: a list of {from, to, protocol, port})"""
    from scanner import explain

    ask = explain.network(_snapshot(_config(config, out=out), snapshot))
    _answer(ask, batch, source, target, format, protocol=protocol, port=port)


@explain_app.command("who-can-assume")
def explain_who_can_assume(
    role: Annotated[str, typer.Argument(help="Role: ARN or name.")],
    snapshot: SnapshotPath = None, format: Style = "text", out: Out = None, config: ConfigFile = None,
) -> None:  # fmt: skip
    """Everybody who can assume a role."""
    from scanner import explain

    found = explain.who_can_assume(_snapshot(_config(config, out=out), snapshot), role)
    _show(found, format, explain.spoken_principals)


def _answer(
    ask: Callable[..., Any], batch: Path | None, source: str | None, target: str | None, style: str, **more: Any
) -> None:
    from scanner import explain

    if batch is not None:
        print(json.dumps(explain.batch(ask, batch), indent=1))
    elif source is None or target is None:
        raise UsageError("name --from and --to, or a --batch of questions")
    else:
        _show(ask(source, target, **more), style, explain.spoken)


def _show(answer: dict[str, Any], style: str, spoken: Callable[[dict[str, Any]], str]) -> None:
    if style not in ("text", "json"):
        raise UsageError(f"--format {style}: choose text or json")
    print(json.dumps(answer, indent=1) if style == "json" else spoken(answer))


@rules_app.command("list")
def rules_list(rules: RulesDir = None, config: ConfigFile = None) -> None:
    """List every rule: severity, id, title."""
    from scanner.rule import load

    for rule in load.load(load.folders(_config(config, rules=rules))):
        print(f"{rule.body.severity:<8}  {rule.id:<58}  {rule.body.title}")


@rules_app.command("show")
def rules_show(rule_id: str, rules: RulesDir = None, config: ConfigFile = None) -> None:
    """Print the documentation of one rule."""
    from scanner.rule import docs, load

    found = load.choose(load.load(load.folders(_config(config, rules=rules))), [rule_id], [])
    for rule in found:
        print(docs.page(rule))


@rules_app.command("test")
def rules_test(rules: RulesDir = None, select: Select = None, config: ConfigFile = None) -> None:
    """Run the examples of every rule and check every expression against the vocabulary."""
    from scanner import vocabulary
    from scanner.rule import examples, load

    settings = _config(config, rules=rules, select=select)
    chosen = load.choose(load.load(load.folders(settings)), settings.select, [])
    outcomes = list(examples.run(chosen, vocabulary.load(load.folders(settings)[1:]), settings))
    wrong = [one for one in outcomes if not one.ok]
    for one in wrong:
        print(f"{one.where}: {one.because}: expected {one.expected}, got {one.got}")
    print(f"{len(chosen)} rules, {len(outcomes)} examples, {len(wrong)} wrong")
    raise typer.Exit(1 if wrong else 0)


@rules_app.command("new")
def rules_new(
    rule_id: Annotated[str, typer.Argument(help="principle/problem, such as backup_isolation/copies_stale")],
    subject: Annotated[str, typer.Option(help="What the rule is about, such as account or data_store.")] = "account",
    directory: Annotated[Path, typer.Option(help="Where to put it.")] = Path("rules"),
) -> None:
    """Start a new rule file, with everything that has to be in it."""
    from scanner.rule.scaffold import new

    print(new(rule_id, subject, directory))


@rules_app.command("docs")
def rules_docs(directory: Path = Path("docs"), check: bool = False) -> None:
    """Write the generated pages; with --check, fail when one is stale."""
    from scanner.rule.docs import stale, write_all

    old = stale(directory) if check else write_all(directory)
    for path in old:
        print(f"{path} is stale: run `make docs`" if check else path)
    raise typer.Exit(1 if check and old else 0)


def _at_least(settings: Any, severity: Level | None) -> Any:
    """Ignore the rules below a severity."""
    if severity is None or severity is Level.never:
        return settings
    from scanner.findings import SEVERITIES
    from scanner.rule import load
    from scanner.rule.evaluate import severity as severity_of

    below = SEVERITIES[SEVERITIES.index(severity.value) + 1 :]
    low = [rule.id for rule in load.load(load.folders(settings)) if severity_of(rule, settings) in below]
    return settings.model_copy(update={"ignore": [*settings.ignore, *low]})


def _snapshot(settings: Any, given: Path | None) -> Path:
    return given or Path(settings.out) / "bulkhead.snapshot"


def _collect(
    settings: Any, given: Path | None, recorded: Path | None, record: Path | None, resume: bool, no_color: bool,
    quiet: bool, verbose: bool, *, judging: bool,
) -> Path:  # fmt: skip
    from scanner import progress
    from scanner import scan as story
    from scanner.rule import load

    if recorded and record:
        raise UsageError("--record keeps what AWS answers; with --recorded there is nothing to keep")
    logging.basicConfig(level=logging.INFO if verbose else logging.ERROR, format="%(name)s: %(message)s")
    if judging:  # a misspelt rule or format must not be found out after hours of reading
        story.check_formats(settings)
        load.choose(load.load(load.folders(settings)), settings.select, settings.ignore)
        story.check_writable(settings.out)
    target = _snapshot(settings, given)
    story.check_writable(target.parent)
    with progress.shown(progress.console(not no_color), quiet) as tell:
        return story.make_snapshot(target, settings, story.Reading(recorded, record, resume), progress=tell)


def _judge(snapshot: Path, settings: Any, no_color: bool, quiet: bool) -> int:
    from reports import terminal
    from scanner import progress
    from scanner import scan as story

    story.check_formats(settings)
    result = story.judge(snapshot, settings)
    paths = story.write_reports(result, settings)
    code = story.exit_code(result, settings.fail_on, settings.min_coverage)
    if not quiet:
        terminal.summary(result, progress.console(not no_color), paths)
    if code == story.LOW_COVERAGE:
        print(f"bulkhead: {story.too_little(result, settings.min_coverage)}", file=sys.stderr)
    return code


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code. A known problem is one sentence on standard error."""
    try:
        code = app(args=arguments, standalone_mode=False)
    except BulkheadError as error:
        print(f"bulkhead: {error}", file=sys.stderr)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        print("bulkhead: interrupted; what was read is kept, go on with --resume", file=sys.stderr)
        return 130
    except typer.TyperException as error:
        show = getattr(error, "show", None)  # usage errors show themselves, with the usage line
        print(f"bulkhead: {error}", file=sys.stderr) if show is None else show()
        return 2
    return code if isinstance(code, int) else 0


def entry() -> None:
    """The console script."""
    sys.exit(main())
