"""Options that several commands take, and what they make of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from enum import Enum, StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scanner.errors import UsageError

if TYPE_CHECKING:  # importing it takes longer than --help may
    from scanner.config import Config


class Level(StrEnum):
    """Severities, and `never`."""

    critical = "critical"
    high = "high"
    medium = "medium"
    low = "low"
    never = "never"


class From(StrEnum):
    """Where resources are read."""

    aws = "aws"
    config_aggregator = "config-aggregator"


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
Source = Annotated[From | None, _option("--source", "Where to read: aws, or what AWS Config holds first.", READING)]
Aggregator = Annotated[str | None, _option("--aggregator", "ARN of the aggregator of AWS Config to read.", READING)]
Resume = Annotated[bool, _option("--resume", "Go on with a collection that was cut off.", READING)]
Recorded = Annotated[Path | None, _option("--recorded", "Read recorded responses instead of AWS.", READING)]
Record = Annotated[Path | None, _option("--record", "Keep AWS's responses in this directory.", READING)]
Select = Annotated[Many, _option("--select", "Only these rules or principles (patterns).", JUDGING)]
Ignore = Annotated[Many, _option("--ignore", "Not these rules or principles (patterns).", JUDGING)]
Severity = Annotated[Level | None, _option("--severity", "Only rules of this severity and above.", JUDGING)]
RulesDir = Annotated[list[Path] | None, _option("--rules", "Another directory of rules; repeatable.", JUDGING)]
FailOn = Annotated[Level | None, _option("--fail-on", "Exit 1 from this severity on (high).", JUDGING)]
MinCoverage = Annotated[float | None, _option("--min-coverage", "Exit 3 below this share evaluated (0.95).", JUDGING)]
Waivers = Annotated[Path | None, _option("--waivers", "Accepted risks; else bulkhead-waivers.yaml.", JUDGING)]
Baseline = Annotated[Path | None, _option("--baseline", "Failures known before: baseline or findings.json.", JUDGING)]
Engine = Annotated[str, _option("--engine", "duckdb, or spark://HOST:PORT (Spark Connect).", JUDGING)]
History = Annotated[Path | None, _option("--history", "Scores of all scans; OUT/bulkhead.history by default.", OUTPUT)]
NoHistory = Annotated[bool, _option("--no-history", "Neither read nor write a history.", OUTPUT)]
Compare = Annotated[
    Path | None, _option("--compare", "What changed since this earlier snapshot or findings.json.", OUTPUT)
]
FORMATS = "html, markdown, json, csv, sarif, junit, gitlab, ocsf, asff"
Format = Annotated[Many, _option("--format", f"{FORMATS}; repeatable.", OUTPUT)]
Template = Annotated[list[Path] | None, _option("--template", "Own Jinja template of a report; repeatable.", OUTPUT)]
Push = Annotated[bool, _option("--push-security-hub", "Import the findings into Security Hub.", OUTPUT)]
Out = Annotated[Path | None, _option("--out", "Directory for reports and the snapshot (out).", OUTPUT)]
NoColor = Annotated[bool, _option("--no-color", "No colours (NO_COLOR works too).", OUTPUT)]
Quiet = Annotated[bool, _option("--quiet -q", "No progress, no summary.", OUTPUT)]
Verbose = Annotated[bool, _option("--verbose -v", "Say more on standard error.", OUTPUT)]
Style = Annotated[str, typer.Option("--format", help="text or json.")]
Batch = Annotated[Path | None, typer.Option(help="JSON list of questions; prints the JSON list of answers.")]


def configured(file: Path | None, **given: Any) -> Config:
    """The configuration, with what the command line says on top."""
    from pydantic import ValidationError

    from scanner.config import Config, find, find_waivers, load

    if file is not None and not file.is_file():
        raise UsageError(f"there is no configuration {file}")
    found = file or find(Path.cwd())
    config = load(found)
    if config.waivers is None:
        given.setdefault("waivers", None)
        given["waivers"] = given["waivers"] or find_waivers(found, Path.cwd())
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


def at_least(settings: Config, severity: Level | None) -> Config:
    """Ignore the rules below a severity."""
    if severity is None or severity is Level.never:
        return settings
    from scanner.findings import SEVERITIES
    from scanner.rule import load
    from scanner.rule.finding import severity as severity_of

    below = SEVERITIES[SEVERITIES.index(severity.value) + 1 :]
    low = [rule.id for rule in load.configured(settings) if severity_of(rule, settings) in below]
    return settings.model_copy(update={"ignore": [*settings.ignore, *low]})


def snapshot_of(settings: Config, given: Path | None) -> Path:
    """The snapshot that is meant."""
    return given or Path(settings.out) / "bulkhead.snapshot"


def show(answer: dict[str, Any], style: str, spoken: Callable[[dict[str, Any]], str]) -> None:
    """Print an answer as JSON or, by `spoken`, as text. Raises UsageError."""
    if style not in ("text", "json"):
        raise UsageError(f"--format {style}: choose text or json")
    print(json.dumps(answer, indent=1) if style == "json" else spoken(answer))
