"""What the formats for machines say about a finding, its place and its rule. Every text returned here is visible and on one line."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from reports.text import clipped, is_link, paragraphs, visible
from reports.values import NOT_EVALUATED, shown
from scanner.findings import Finding, Result, RuleResult

NO_ACCOUNT = "organization"
"""Stands for the account of what belongs to no single one."""


def rules(result: Result) -> dict[str, RuleResult]:
    """Return the rules of a result by id; one that only findings name is made of the first of them."""
    known = {rule.rule_id: rule for rule in result.rules}
    for finding in result.findings:
        if finding.rule_id not in known:
            known[finding.rule_id] = _rule_of(finding)
    return known


def is_unevaluated(finding: Finding) -> bool:
    """Say whether a gap hides the answer."""
    return finding.outcome == "not_evaluated"


def standing(finding: Finding) -> str:
    """Return why a finding is no open failure, as the start of a sentence; empty where it is one."""
    if is_unevaluated(finding):
        return "Not evaluated"
    if finding.status == "waived":
        return waiver(finding)
    return "Known in the baseline" if finding.status == "baseline" else ""


def waiver(finding: Finding) -> str:
    """Return what a waiver says, e.g. `Waived until 2027-01-31 by platform@example.com (moves next month)`."""
    why = finding.waiver
    return "Waived" if why is None else visible(f"Waived until {why.expiry} by {why.owner} ({why.reason})")


def sentence(finding: Finding) -> str:
    """Return the message, with what it stands for in front where that is no open failure."""
    message = visible(finding.message)
    before = standing(finding)
    return f"{before}: {message}" if before else message


def subject(finding: Finding) -> str:
    """Return what the finding is about by name; by id where there is none."""
    return visible(finding.subject.name or finding.subject.id)


def account(finding: Finding) -> str:
    """Return the account as `name (id)`, its id alone, or `organization`."""
    name, number = visible(finding.account_name or ""), visible(finding.account_id or "")
    return f"{name} ({number})" if name and number and name != number else number or name or NO_ACCOUNT


def place(finding: Finding) -> str:
    """Return `account/region/type/subject`: where a finding is that has no file. Unique within a rule."""
    parts = (finding.account_id or NO_ACCOUNT, finding.region or "global", finding.subject.type)
    name = finding.subject.arn or finding.subject.id
    return "/".join([*(visible(part) for part in parts), visible(name)])


def facts(finding: Finding, width: int = 1000) -> list[tuple[str, str]]:
    """Return (name, text) of everything a reader of one finding wants beside its sentence, at most `width` characters each."""
    found = [
        ("account", account(finding)),
        ("region", visible(finding.region or "")),
        ("environment", visible(finding.environment or "")),
        ("workload", visible(finding.workload or "")),
        ("subject", visible(f"{finding.subject.type} {finding.subject.arn or finding.subject.id}")),
        ("file", source(finding)),
        ("to be changed", visible(finding.fixed_at or "")),
        ("first seen", visible(finding.first_seen or "")),
        *((visible(key), "; ".join(shown(value))) for key, value in finding.evidence.items()),
        ("confidence", visible(finding.confidence)),
        ("fingerprint", visible(finding.fingerprint)),
    ]
    return [(clipped(name, 100), clipped(text, width)) for name, text in found if name and text]


def source(finding: Finding) -> str:
    """Return `file:line`, the file alone, or nothing for a live finding."""
    if not finding.file:
        return ""
    return visible(finding.file) + (f":{finding.line}" if finding.line else "")


def links(references: Iterable[str]) -> list[str]:
    """Return the references that may become links."""
    return [reference for reference in references if is_link(reference)]


@lru_cache(maxsize=1024)  # many findings share a rule
def prose(text: str) -> str:
    """Return a rule's `why` or `fix` as plain text, a line a paragraph."""
    return "\n".join(paragraphs(text))


def title(rule: RuleResult, unevaluated: bool = False) -> str:
    """Return a rule's title; for its findings that could not be evaluated, one that says so."""
    text = visible(rule.title)
    return f"{NOT_EVALUATED.capitalize()}: {text}" if unevaluated else text


def _rule_of(finding: Finding) -> RuleResult:
    return RuleResult(
        finding.rule_id, finding.principle, finding.rule_id, finding.severity, finding.confidence, "", finding.subject.type,
        "", finding.remediation, finding.references, 0, 0, 0,
    )  # fmt: skip
