"""Commands that read an organization, judge it, or both: scan, collect, evaluate, report."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scanner.cli.apps import app
from scanner.cli.options import (
    Accounts,
    Aggregator,
    Baseline,
    Compare,
    ConfigFile,
    Engine,
    Exclude,
    ExternalId,
    FailOn,
    Format,
    History,
    Ignore,
    MinCoverage,
    NoColor,
    NoHistory,
    Out,
    Profile,
    Push,
    Quiet,
    Record,
    Recorded,
    Regions,
    Resume,
    RoleName,
    RulesDir,
    Select,
    Severity,
    Share,
    SnapshotPath,
    Source,
    Template,
    Units,
    Verbose,
    Waivers,
    at_least,
    configured,
    snapshot_of,
)
from scanner.errors import DeliveryError, InterruptedScanError, UsageError

if TYPE_CHECKING:  # importing it takes longer than --help may
    from scanner.aws.security_hub import SecurityHub
    from scanner.config import Config
    from scanner.findings import Result


@app.command()
def scan(
    profile: Profile = None, role_name: RoleName = None, external_id: ExternalId = None, accounts: Accounts = None,
    exclude_accounts: Exclude = None, units: Units = None, regions: Regions = None, max_api_share: Share = None,
    source: Source = None, aggregator: Aggregator = None, resume: Resume = False, recorded: Recorded = None,
    record: Record = None, select: Select = None, ignore: Ignore = None,
    severity: Severity = None, rules: RulesDir = None, waivers: Waivers = None, baseline: Baseline = None,
    fail_on: FailOn = None, min_coverage: MinCoverage = None, format: Format = None, template: Template = None,
    push_security_hub: Push = False, out: Out = None, snapshot: SnapshotPath = None, history: History = None,
    no_history: NoHistory = False, config: ConfigFile = None, no_color: NoColor = False, quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:  # fmt: skip
    """Read an organization, judge it, and write the reports."""
    settings = configured(
        config, profile=profile, role_names=role_name, external_id=external_id, accounts=accounts,
        exclude_accounts=exclude_accounts, units=units, regions=regions, max_api_share=max_api_share, source=source,
        aggregator=aggregator, select=select,
        ignore=ignore, rules=rules, waivers=waivers, baseline=baseline, fail_on=fail_on, min_coverage=min_coverage,
        formats=format, templates=template, out=out, history=history,
    )  # fmt: skip
    settings = at_least(settings, severity)
    hub = _hub(settings, push_security_hub)
    target = _collect(settings, snapshot, recorded, record, resume, no_color, quiet, verbose, judging=True)
    raise typer.Exit(_judge(target, settings, no_color, quiet, no_history, hub))


@app.command()
def collect(
    profile: Profile = None, role_name: RoleName = None, external_id: ExternalId = None, accounts: Accounts = None,
    exclude_accounts: Exclude = None, units: Units = None, regions: Regions = None, max_api_share: Share = None,
    source: Source = None, aggregator: Aggregator = None, resume: Resume = False, recorded: Recorded = None,
    record: Record = None, out: Out = None,
    snapshot: SnapshotPath = None, config: ConfigFile = None, no_color: NoColor = False, quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:  # fmt: skip
    """Read an organization into a snapshot and judge nothing."""
    settings = configured(
        config, profile=profile, role_names=role_name, external_id=external_id, accounts=accounts,
        exclude_accounts=exclude_accounts, units=units, regions=regions, max_api_share=max_api_share, source=source,
        aggregator=aggregator, out=out,
    )  # fmt: skip
    print(_collect(settings, snapshot, recorded, record, resume, no_color, quiet, verbose, judging=False))


@app.command()
def evaluate(
    snapshot: SnapshotPath = None, select: Select = None, ignore: Ignore = None, severity: Severity = None,
    rules: RulesDir = None, waivers: Waivers = None, baseline: Baseline = None, fail_on: FailOn = None,
    engine: Engine = "duckdb", min_coverage: MinCoverage = None, format: Format = None, template: Template = None,
    push_security_hub: Push = False, profile: Profile = None, out: Out = None, history: History = None,
    no_history: NoHistory = False, config: ConfigFile = None, no_color: NoColor = False, quiet: Quiet = False,
) -> None:  # fmt: skip
    """Judge a snapshot again, without AWS, and write the reports."""
    settings = configured(
        config, select=select, ignore=ignore, rules=rules, waivers=waivers, baseline=baseline, fail_on=fail_on,
        min_coverage=min_coverage, formats=format, templates=template, profile=profile, out=out, history=history,
    )  # fmt: skip
    settings = at_least(settings, severity)
    hub = _hub(settings, push_security_hub)
    address = None if engine == "duckdb" else engine
    raise typer.Exit(_judge(snapshot_of(settings, snapshot), settings, no_color, quiet, no_history, hub, address))


@app.command()
def report(
    snapshot: Annotated[Path | None, typer.Argument(help="The snapshot; OUT/bulkhead.snapshot by default.")] = None,
    compare: Compare = None, format: Format = None, template: Template = None, push_security_hub: Push = False,
    profile: Profile = None, out: Out = None, select: Select = None, ignore: Ignore = None, rules: RulesDir = None, waivers: Waivers = None,
    baseline: Baseline = None, history: History = None, no_history: NoHistory = False, config: ConfigFile = None,
) -> None:  # fmt: skip
    """Write reports of a snapshot; exits 0 whatever they say.

    The history is read and stays as it is. With --compare the reports say what is new and fixed since an earlier scan.
    """
    from scanner import scan as story

    settings = configured(
        config, formats=format, templates=template, profile=profile, out=out, select=select, ignore=ignore, rules=rules,
        waivers=waivers, baseline=baseline, history=history,
    )  # fmt: skip
    story.check_before(settings)
    hub = _hub(settings, push_security_hub)
    chosen = snapshot_of(settings, snapshot)
    result = story.judge(chosen, settings)
    if not no_history:
        result = story.remember(result, settings, record=False)
    if compare:
        result = story.compared(result, chosen, compare, settings)
    for path in story.write_reports(result, settings):
        print(path)
    if hub:
        _push(result, hub)


def _collect(
    settings: Config, given: Path | None, recorded: Path | None, record: Path | None, resume: bool, no_color: bool,
    quiet: bool, verbose: bool, *, judging: bool,
) -> Path:  # fmt: skip
    from scanner import progress
    from scanner import scan as story
    from scanner.rule import load

    if recorded and record:
        raise UsageError("--record keeps what AWS answers; with --recorded there is nothing to keep")
    if settings.aggregator and settings.source == "aws":
        raise UsageError("--aggregator goes with --source config-aggregator")
    logging.basicConfig(level=logging.INFO if verbose else logging.ERROR, format="%(name)s: %(message)s")
    if judging:  # a misspelt rule or format must not be found out after hours of reading
        story.check_before(settings)
        load.choose(load.configured(settings), settings.select, settings.ignore)
        story.check_writable(settings.out)
    target = snapshot_of(settings, given)
    story.check_writable(target.parent)
    with progress.shown(progress.console(not no_color), quiet) as tell:
        try:
            return story.make_snapshot(target, settings, story.Reading(recorded, record, resume), progress=tell)
        except KeyboardInterrupt as error:
            raise InterruptedScanError("interrupted; what was read is kept, go on with --resume") from error


def _judge(
    snapshot: Path,
    settings: Config,
    no_color: bool,
    quiet: bool,
    no_history: bool,
    hub: SecurityHub | None,
    engine: str | None = None,
) -> int:
    from reports import terminal
    from scanner import progress
    from scanner import scan as story

    story.check_before(settings, engine)
    result = story.judge(snapshot, settings, engine=engine)
    if not no_history:
        result = story.remember(result, settings, record=True)
    paths = story.write_reports(result, settings)
    code = story.exit_code(result, settings.fail_on, settings.min_coverage)
    if not quiet:
        terminal.summary(result, progress.console(not no_color), paths)
    if code == story.LOW_COVERAGE:
        print(f"bulkhead: {story.too_little(result, settings.min_coverage)}", file=sys.stderr)
    if hub:
        _push(result, hub)
    return code


def _hub(settings: Config, push: bool) -> SecurityHub | None:
    """Where findings are imported, asked before anything is read."""
    from scanner import scan as story

    if not push:
        return None
    story.check_before(settings)  # what is misspelt is told first
    return story.security_hub(settings)


def _push(result: Result, hub: SecurityHub) -> None:
    """Import the findings and say what was not taken, finding by finding. Raises DeliveryError where that is any."""
    from reports.text import visible
    from scanner import scan as story

    found = story.push(result, hub)
    for one in found.failures:
        print(visible(f"bulkhead: not imported: {one.id}: {one.code}: {one.message}"), file=sys.stderr)
    told = f"{found.count:,} of {found.count + len(found.failures):,} findings are in Security Hub"
    where = f"{told} of account {hub.caller.account_id} in {hub.region}"
    if found.failures:
        raise DeliveryError(f"{where}; the others are named above with the reason")
    print(f"bulkhead: {where}", file=sys.stderr)
