"""report.gitlab.json: GitLab's security report of type SAST, schema 15.0.7, for `artifacts: reports: sast`.

GitLab reads `description` and `solution` as its Markdown, so texts are escaped for that. It tells findings apart by rule,
file and line only (lib/gitlab/ci/reports/security/locations/sast.rb); one that has no file gets its place as a path, since
all of a rule would become one. What could not be evaluated has the severity Unknown, what somebody accepted Info: the format has
no word for either, and nothing is left out. Calls that were not answered are the scan's messages.
Own writer: Checkov's `GitLabSast` drops what is skipped, draws random ids, takes the time from the clock and names itself.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, TextIO

from reports import about
from reports.lines import text as _text
from reports.lines import write_list
from reports.markdown import escaped
from reports.summary import gap_groups
from reports.text import clipped, paragraphs, visible, words
from reports.values import counted, instant
from scanner.findings import Finding, Result, RuleResult, Scan

EXTENSION = "gitlab.json"

VERSION = "15.0.7"
SCHEMA = f"https://gitlab.com/gitlab-org/security-products/security-report-schemas/-/raw/v{VERSION}/dist/sast-report-format.json"
SEVERITIES = {"critical": "Critical", "high": "High", "medium": "Medium", "low": "Low"}
IDENTIFIER = "bulkhead_rule"
MESSAGES = 200
"""Kinds of unanswered calls, and other things not read, that become messages; past that one says how many more there are."""
_LONGEST_NAME = 255
_LONGEST_SOLUTION = 7000
_IDS = uuid.UUID("5f6c0c0e-7c57-5d7e-9d0b-6f6d2a2f6f10")
_NO_TIME = "1970-01-01T00:00:00"


def write(result: Result, stream: TextIO) -> None:
    """Write the report piece by piece."""
    rules = about.rules(result)
    stream.write(f'{{\n"schema": {_text(SCHEMA)},\n"version": {_text(VERSION)},\n')
    stream.write(f'"scan": {_text(_scan(result), indent=1)},\n"vulnerabilities": ')
    write_list((_vulnerability(finding, rules[finding.rule_id]) for finding in result.findings), stream)
    stream.write("\n}\n")


def _scan(result: Result) -> dict[str, Any]:
    scan = result.scan
    tool = {
        "id": "bulkhead",
        "name": "Bulkhead",
        "vendor": {"name": "Bulkhead"},
        "version": visible(scan.tool_version) or "unknown",
    }
    return {
        "type": "sast",
        "status": "success",
        **_times(scan),
        "analyzer": tool,
        "scanner": tool,
        "messages": list(_messages(result)),
    }


def _times(scan: Scan) -> dict[str, str]:
    moments = {"start_time": instant(scan.started_at), "end_time": instant(scan.finished_at)}
    return {name: at.strftime("%Y-%m-%dT%H:%M:%S") if at else _NO_TIME for name, at in moments.items()}


def _messages(result: Result) -> Iterable[dict[str, str]]:
    texts = [
        f"{counted(group.calls, 'call')} in {counted(len(group.accounts), 'account')}: {words(group.status)}, {visible(group.reason)}"
        for group in gap_groups(result.coverage.gaps)
    ]
    texts += map(visible, result.coverage.notes)
    for text in texts[:MESSAGES]:
        yield {"level": "warn", "value": f"Not read: {text}"}
    if len(texts) > MESSAGES:
        yield {"level": "warn", "value": f"{counted(len(texts) - MESSAGES, 'more reason')} in findings.json"}


def _vulnerability(finding: Finding, rule: RuleResult) -> dict[str, Any]:
    standing = about.standing(finding)
    unevaluated = about.is_unevaluated(finding)
    rule_id = visible(finding.rule_id) or "unknown"
    made: dict[str, Any] = {
        "id": str(uuid.uuid5(_IDS, visible(finding.fingerprint))),
        "name": clipped(about.title(rule, unevaluated), _LONGEST_NAME),
        "description": _description(finding, rule),
        "severity": "Unknown" if unevaluated else "Info" if standing else SEVERITIES[finding.severity],
        "solution": _markdown(finding.remediation or rule.fix, _LONGEST_SOLUTION),
        "identifiers": [{"type": IDENTIFIER, "name": rule_id, "value": rule_id}],
        "location": _location(finding),
        "details": _details(finding),
    }
    if links := about.links(finding.references):
        made["links"] = [{"url": link} for link in links]
    return made


def _description(finding: Finding, rule: RuleResult) -> str:
    standing = about.standing(finding)
    first = f"**{escaped(standing, 600)}**: " if standing else ""
    return f"{first}{escaped(finding.message, 2000)}\n\n{_markdown(rule.why, 20_000)}".rstrip()


@lru_cache(maxsize=1024)  # many findings share a rule
def _markdown(prose: str, width: int) -> str:
    """Return paragraphs, as many as fit whole."""
    kept: list[str] = []
    for paragraph in paragraphs(prose):
        kept.append(escaped(paragraph, width // 8))
        if len("\n\n".join(kept)) > width:
            return "\n\n".join(kept[:-1])
    return "\n\n".join(kept)


def _location(finding: Finding) -> dict[str, Any]:
    if not finding.file:
        return {"file": about.place(finding)}
    location: dict[str, Any] = {"file": visible(finding.file)}
    if finding.line:
        location["start_line"] = finding.line
    return location


def _details(finding: Finding) -> dict[str, Any]:
    rows = [("severity", finding.severity), *about.facts(finding)]
    return {f"{number:02}": {"name": name, "type": "text", "value": text} for number, (name, text) in enumerate(rows)}
