"""findings.csv: one row per finding, for spreadsheets. No cell is a formula and no character acts.

A cell that starts with one of `= + - @`, a tab or a carriage return would be calculated by a spreadsheet (OWASP, "CSV
Injection"); it gets a leading apostrophe.
"""

from __future__ import annotations

import csv
import json
from typing import TextIO

from reports.text import visible
from reports.values import plain
from scanner.findings import Finding, Result

EXTENSION = "csv"
STEM = "findings"

COLUMNS = (
    "fingerprint", "severity", "confidence", "outcome", "status", "principle", "rule_id", "message",
    "subject_type", "subject_name", "subject_id", "subject_arn", "account_id", "account_name", "environment",
    "workload", "region", "evidence", "remediation", "references", "first_seen", "file", "line",
    "waiver_reason", "waiver_owner", "waiver_expiry", "fixed_at",
)  # fmt: skip
# The full-width forms count too: spreadsheets with an East Asian locale read them as the ASCII ones.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def write(result: Result, stream: TextIO) -> None:
    """Write a header and one row per finding, in the order of the result."""
    table = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows(map(_row, result.findings))


def defused(text: str) -> str:
    """Return `text` as a cell that a spreadsheet shows and does not calculate."""
    calculates = text.lstrip(" \u00a0").startswith(_FORMULA_STARTS)
    return ("'" if calculates else "") + visible(text)


def _row(finding: Finding) -> list[str]:
    subject = finding.subject
    values = (
        finding.fingerprint, finding.severity, finding.confidence, finding.outcome, finding.status, finding.principle,
        finding.rule_id, finding.message, subject.type, subject.name, subject.id, subject.arn, finding.account_id,
        finding.account_name, finding.environment, finding.workload, finding.region,
        json.dumps(plain(finding.evidence), allow_nan=False), finding.remediation, " ".join(finding.references),
        finding.first_seen, finding.file, finding.line,
        *((why.reason, why.owner, why.expiry) if (why := finding.waiver) else (None, None, None)), finding.fixed_at,
    )  # fmt: skip
    return ["" if value is None else defused(str(value)) for value in values]
