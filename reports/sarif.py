"""report.sarif: SARIF 2.1.0 (OASIS), for code scanning and other viewers of analysis results.

Own writer, not Checkov's `Sarif`: that knows physical locations only, no fingerprints and no kinds, writes its own version and
address, `attachments` that the schema refuses and the first finding into the help of a rule, and holds the log in memory.

- A finding of a plan has a physical location, a live one logical locations (resource, account, Region). GitHub refuses a
  file with a result without a physical location (github/codeql-action issue 2459), so upload what the gate writes.
- What could not be evaluated is `kind: open` ("insufficient information to decide whether a problem exists", 3.27.9) under
  a rule of its own without a severity, since GitHub shows every kind as an alert of the severity of its rule.
- What somebody accepted carries `suppressions` (3.27.23).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TextIO
from urllib.parse import quote

from reports import about
from reports.lines import text as _text
from reports.lines import write_list
from reports.markdown import escaped
from reports.summary import gap_groups
from reports.text import clipped, paragraphs, visible, words
from reports.values import counted, harmless, instant, rounded_ratio, rounded_score
from scanner.findings import Finding, Result, RuleResult

EXTENSION = "sarif"

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
SECURITY_SEVERITIES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}
"""In the middle of what GitHub calls by the same names: critical above 9.0, high from 7.0, medium from 4.0."""
UNEVALUATED = "/not_evaluated"
"""Follows the id of a rule where it could not be evaluated."""
LONGEST = 1000
"""Characters of a message; GitHub shows 1,000 of a text in a list."""


def write(result: Result, stream: TextIO) -> None:
    """Write the log piece by piece; a million findings need no more memory than one."""
    rules = _Rules(result)
    stream.write(f'{{\n"$schema": {_text(SCHEMA)},\n"version": "2.1.0",\n"runs": [{{\n')
    stream.write(f'"tool": {_text({"driver": rules.driver(result.scan.tool_version)}, indent=1)},\n')
    organization = visible(result.scan.organization_id or "no-organization")
    scan = {"id": f"bulkhead/{organization}/{visible(result.scan.id)}"}
    stream.write(f'"automationDetails": {_text(scan)},\n')
    stream.write(f'"invocations": {_text([_invocation(result)], indent=1)},\n')
    stream.write('"columnKind": "unicodeCodePoints",\n')
    scores = {"score": rounded_score(result.score.overall), "coverage": rounded_ratio(result.coverage.ratio)}
    stream.write(f'"properties": {_text(scores)},\n"results": ')
    write_list((_result(finding, rules.place(finding)) for finding in result.findings), stream)
    stream.write("\n}]\n}\n")


class _Rules:
    """Descriptors of the rules, sorted by id: one for each, and one more where a rule could not be evaluated."""

    def __init__(self, result: Result) -> None:
        unseen = {finding.rule_id for finding in result.findings if about.is_unevaluated(finding)}
        self._descriptors: list[dict[str, Any]] = []
        self._places: dict[tuple[str, bool], int] = {}
        for rule_id, rule in sorted(about.rules(result).items()):
            self._add(rule, unevaluated=False)
            if rule_id in unseen:
                self._add(rule, unevaluated=True)

    def driver(self, version: str) -> dict[str, Any]:
        return {
            "name": "Bulkhead",
            "version": visible(version),
            "shortDescription": {"text": "Tells whether the accounts of an AWS Organization really contain damage"},
            "rules": self._descriptors,
        }

    def place(self, finding: Finding) -> int:
        return self._places[finding.rule_id, about.is_unevaluated(finding)]

    def _add(self, rule: RuleResult, *, unevaluated: bool) -> None:
        self._places[rule.rule_id, unevaluated] = len(self._descriptors)
        self._descriptors.append(_descriptor(rule, unevaluated))


def _descriptor(rule: RuleResult, unevaluated: bool) -> dict[str, Any]:
    why = about.prose(rule.why)
    references = [visible(reference) for reference in rule.references]
    told = [why, "How to fix it:", about.prose(rule.fix), *(["See:", *references] if references else [])]
    descriptor: dict[str, Any] = {
        "id": _rule_id(rule.rule_id, unevaluated),
        "shortDescription": {"text": _message(about.title(rule, unevaluated))},
        "fullDescription": {"text": _message(why or about.title(rule))},
        "help": {"text": _message("\n".join(told), width=8000), "markdown": _braces(_help(rule))},
        "defaultConfiguration": {"level": "none" if unevaluated else LEVELS[rule.severity]},
        "properties": {
            "tags": ["security", "aws", visible(rule.principle)],
            "precision": visible(rule.confidence),
            "effort": visible(rule.effort),
            "subject": visible(rule.subject_type),
        },
    }
    if not unevaluated:
        descriptor["properties"]["security-severity"] = SECURITY_SEVERITIES[rule.severity]
    if links := about.links(rule.references):
        descriptor["helpUri"] = links[0]
    return descriptor


def _help(rule: RuleResult) -> str:
    """Return why and fix as Markdown in which only this function makes structure."""
    parts = ["**Why**", *_paragraphs(rule.why), "**Fix**", *_paragraphs(rule.fix)]
    named = [f"[{escaped(one)}]({one})" if about.links([one]) else escaped(one) for one in rule.references]
    return "\n\n".join([*parts, *(["**See**", "\n".join(f"- {one}" for one in named)] if named else [])])


def _paragraphs(prose: str) -> list[str]:
    return [escaped(paragraph, 4000) for paragraph in paragraphs(prose)]


def _result(finding: Finding, rule: int) -> dict[str, Any]:
    unevaluated = about.is_unevaluated(finding)
    made: dict[str, Any] = {
        "ruleId": _rule_id(finding.rule_id, unevaluated),
        "ruleIndex": rule,
        "kind": "open" if unevaluated else "fail",
        "level": "none" if unevaluated else LEVELS[finding.severity],
        "message": {"text": _message(about.sentence(finding))},
        "locations": [_location(finding)],
        # The first is the one GitHub knows an alert again by.
        "partialFingerprints": {
            "primaryLocationLineHash": f"{visible(finding.fingerprint)}:1",
            "bulkhead/v1": visible(finding.fingerprint),
        },
        "properties": _properties(finding),
    }
    if finding.status != "open" and not unevaluated:
        why = {"kind": "external", "status": "accepted", "justification": about.standing(finding)}
        made["suppressions"] = [why]
    return made


def _location(finding: Finding) -> dict[str, Any]:
    subject = finding.subject
    logical = [
        {"name": about.subject(finding), "fullyQualifiedName": visible(subject.arn or subject.id), "kind": "resource"},
        {"name": about.account(finding), "fullyQualifiedName": visible(finding.account_id or ""), "kind": "account"},
        {"name": visible(finding.region or ""), "kind": "region"},
    ]
    location: dict[str, Any] = {"logicalLocations": [one for one in logical if one["name"]]}
    if finding.file:
        physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(finding.file)}}
        if finding.line:
            physical["region"] = {"startLine": finding.line}
        location["physicalLocation"] = physical
    return location


def _properties(finding: Finding) -> dict[str, Any]:
    fields = {
        "severity": finding.severity,
        "confidence": finding.confidence,
        "outcome": finding.outcome,
        "status": finding.status,
        "principle": finding.principle,
        "subject_type": finding.subject.type,
        "account_id": finding.account_id,
        "account_name": finding.account_name,
        "region": finding.region,
        "environment": finding.environment,
        "workload": finding.workload,
        "first_seen": finding.first_seen,
        "fixed_at": finding.fixed_at,
        "evidence": finding.evidence,
    }
    return {name: harmless(value) for name, value in fields.items() if value is not None}


def _invocation(result: Result) -> dict[str, Any]:
    made: dict[str, Any] = {"executionSuccessful": True, "toolExecutionNotifications": list(_notifications(result))}
    for name, moment in (("startTimeUtc", result.scan.started_at), ("endTimeUtc", result.scan.finished_at)):
        if at := instant(moment):
            made[name] = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return made


def _notifications(result: Result) -> Iterable[dict[str, Any]]:
    for group in gap_groups(result.coverage.gaps):
        where = f"{counted(group.calls, 'call')} in {counted(len(group.accounts), 'account')} could not be read"
        why = f"{words(group.status)}, {visible(group.reason)}"
        yield {"level": "warning", "message": {"text": _message(f"{where}: {why}")}}
    for note in result.coverage.notes:
        yield {"level": "warning", "message": {"text": _message(visible(note))}}


def _rule_id(rule_id: str, unevaluated: bool) -> str:
    return visible(rule_id) + (UNEVALUATED if unevaluated else "")


def _message(text: str, width: int = LONGEST) -> str:
    """Return text that a viewer shows as it is: no placeholder (3.11.5), no embedded link (3.11.6)."""
    return _braces(clipped(text, width).replace("](", "] ("))


def _braces(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _uri(file: str) -> str:
    """Return a file as a relative reference; what a URI would read (a scheme, a host) is percent-encoded or goes."""
    path = quote(visible(file), safe="/")
    return "/" + path.lstrip("/") if path.startswith("//") else path
