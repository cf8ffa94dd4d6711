"""report.junit.xml: JUnit's XML as Jenkins and most CI systems read it (schema junit-10.xsd of Jenkins' xUnit plugin).

A suite is a principle, a class a rule, a case a subject. What fails is a `failure`; what could not be evaluated and what
somebody accepted is `skipped`, with the reason. Subjects that pass are counted, not listed: one case per rule stands for them.
Written by the standard library, not by Checkov's `Report` and the junit-xml package below it: these keep the whole document in
memory (787 MB more for 100,000 findings, against 13) and lay out a file and a line that live findings have not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TextIO, cast
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from reports import about
from reports.summary import GapGroup, gap_groups, is_open
from reports.text import visible, words
from reports.values import counted, instant, percent, score_text
from scanner.findings import Finding, Result, RuleResult

EXTENSION = "junit.xml"

NOT_READ = "not read"
"""Name of the suite whose cases are calls that were not answered, and what else was not read."""


@dataclass(slots=True)
class _Suite:
    name: str
    findings: list[Finding] = field(default_factory=list)
    passing: list[RuleResult] = field(default_factory=list)
    gaps: list[GapGroup] = field(default_factory=list)
    notes: tuple[str, ...] = ()

    def counts(self) -> dict[str, int]:
        failures = sum(map(is_open, self.findings))
        unread = len(self.gaps) + len(self.notes)
        tests = len(self.findings) + len(self.passing) + unread
        skipped = len(self.findings) - failures + unread
        return {"tests": tests, "failures": failures, "errors": 0, "skipped": skipped}


def write(result: Result, stream: TextIO) -> None:
    """Write the document piece by piece."""
    suites = _suites(result)
    xml = _Xml(stream)
    counts = [suite.counts() for suite in suites]
    total = {name: str(sum(count[name] for count in counts)) for name in ("tests", "failures", "errors")}
    xml.open("testsuites", {"name": "Bulkhead", **total})
    for suite, count in zip(suites, counts, strict=True):
        _write_suite(suite, count, result, xml)
    xml.close("testsuites")


def _suites(result: Result) -> list[_Suite]:
    suites: dict[str, _Suite] = {}

    def of(principle: str) -> _Suite:
        return suites.setdefault(principle, _Suite(visible(principle)))

    for rule in result.rules:
        suite = of(rule.principle)
        if rule.passed:
            suite.passing.append(rule)
    for finding in result.findings:
        of(finding.principle).findings.append(finding)
    unread = _Suite(NOT_READ, gaps=gap_groups(result.coverage.gaps), notes=result.coverage.notes)
    return [*(suites[name] for name in sorted(suites)), *([unread] if unread.gaps or unread.notes else [])]


def _write_suite(suite: _Suite, counts: Mapping[str, int], result: Result, xml: _Xml) -> None:
    when = instant(result.scan.finished_at)
    stamp = {"timestamp": when.strftime("%Y-%m-%dT%H:%M:%S")} if when else {}
    xml.open("testsuite", {"name": suite.name, **{name: str(number) for name, number in counts.items()}, **stamp})
    xml.open("properties")
    for name, value in _properties(suite, result).items():
        xml.element("property", {"name": name, "value": value})
    xml.close("properties")
    for rule in suite.passing:
        xml.open(
            "testcase", {"name": f"{visible(rule.subject_type)}: all that pass", "classname": _class(rule.rule_id)}
        )
        xml.element("system-out", text=f"{rule.passed:,} of {rule.passed + rule.failed + rule.not_evaluated:,} pass")
        xml.close("testcase")
    for finding in suite.findings:
        _write_case(finding, xml)
    for gap in suite.gaps:
        name = f"{counted(gap.calls, 'call')} in {counted(len(gap.accounts), 'account')}: {visible(gap.reason)}"
        xml.open("testcase", {"name": name, "classname": f"{NOT_READ}.{words(gap.status)}"})
        xml.element("skipped", {"message": f"{words(gap.status)}: {visible(gap.reason)}"})
        xml.close("testcase")
    for note in suite.notes:
        xml.open("testcase", {"name": visible(note), "classname": NOT_READ})
        xml.element("skipped", {"message": visible(note)})
        xml.close("testcase")
    xml.close("testsuite")


def _properties(suite: _Suite, result: Result) -> dict[str, str]:
    scores: Mapping[str, float | None] = {visible(name): score for name, score in result.score.principles.items()}
    coverage = {visible(name): ratio for name, ratio in result.coverage.principles.items()}
    return {
        "score": score_text(scores.get(suite.name)),
        "coverage": percent(coverage.get(suite.name)),
        "overall score": score_text(result.score.overall),
        "overall coverage": percent(result.coverage.ratio),
        "organization": visible(result.scan.organization_id or ""),
        "scan": visible(result.scan.id),
        "version": visible(result.scan.tool_version),
    }


def _write_case(finding: Finding, xml: _Xml) -> None:
    # With the fingerprint no two cases of a class have one name, and a case keeps its history.
    name = f"{about.subject(finding)} in {about.account(finding)} [{visible(finding.fingerprint)}]"
    xml.open("testcase", {"name": name, "classname": _class(finding.rule_id)})
    counts = is_open(finding)
    kind = finding.severity if counts else finding.outcome if about.is_unevaluated(finding) else finding.status
    attributes = {"message": about.sentence(finding), "type": kind}
    xml.element("failure" if counts else "skipped", attributes, "\n".join(_body(finding)))
    xml.close("testcase")


def _body(finding: Finding) -> Iterable[str]:
    yield f"{finding.severity}: {about.sentence(finding)}"
    for name, text in about.facts(finding):
        yield f"{name}: {text}"
    if finding.remediation:
        yield f"fix: {about.prose(finding.remediation)}"
    yield from (f"see: {visible(reference)}" for reference in finding.references)


def _class(rule_id: str) -> str:
    return visible(rule_id).replace("/", ".")


class _Xml:
    """Elements on lines of their own."""

    def __init__(self, stream: TextIO) -> None:
        # It takes text streams as well, which its type does not say.
        self._out = XMLGenerator(cast(Any, stream), "utf-8", short_empty_elements=True)
        self._out.startDocument()

    def open(self, name: str, attributes: Mapping[str, str] | None = None) -> None:
        self._out.startElement(name, AttributesImpl(dict(attributes or {})))
        self._out.ignorableWhitespace("\n")

    def close(self, name: str) -> None:
        self._out.endElement(name)
        self._out.ignorableWhitespace("\n")

    def element(self, name: str, attributes: Mapping[str, str] | None = None, text: str = "") -> None:
        self._out.startElement(name, AttributesImpl(dict(attributes or {})))
        if text:
            self._out.characters(text)
        self.close(name)
