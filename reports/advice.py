"""`bulkhead advise` on paper: text, Markdown, JSON, and a backlog as CSV.

The CSV has one row a change. Jira's importer reads columns by the names in the header and wants one called Summary
(support.atlassian.com, "Prepare and structure your CSV file"); Asana's takes the first column as the task's name and asks
about the others. No cell is a formula.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence

from reports.csv import defused
from reports.json import advice_fields
from reports.markdown import code, escaped
from reports.text import clipped, paragraphs, visible
from reports.values import counted, rounded_score, score_text
from scanner.findings import Advice

COLUMNS = ("Summary", "Description", "Issue Type", "Priority", "Labels", "Story Points", "Effort", "Score Gain", "Account", "External ID")  # fmt: skip
PRIORITIES = {"critical": "Highest", "high": "High", "medium": "Medium", "low": "Low"}
"""Severities as the names of Jira's own scheme of priorities."""
POINTS = {"hours": 1, "days": 5, "weeks": 13}
LONGEST_SUMMARY = 250
"""Jira refuses a summary of more than 255 characters."""
_CLOSES = 8
_ACCOUNTS = 20


def text(changes: Sequence[Advice], overall: float | None) -> str:
    """The changes in their order, and where the score is after each."""
    if not changes:
        return "Nothing that was evaluated would lift the score."
    lines = [f"Score {score_text(overall)}. The changes that lift it most for their effort:", ""]
    for number, one in enumerate(changes, start=1):
        lines += [
            f"{number:>3}. +{one.gain:.1f} -> {score_text(one.after)}  {_line(one.title)}",
            *_told(one),
            "",
        ]
    return "\n".join(lines).rstrip()


def _told(one: Advice) -> list[str]:
    rules = ", ".join(map(visible, one.rules))
    where = f"{counted(one.findings, 'finding')} in {counted(one.accounts, 'account')}, effort {visible(one.effort)}"
    first = [f"       {_line(message)}" for message in one.messages[:3]]
    more = [f"       ... and {one.findings - 3:,} more"] if one.findings > 3 else []
    at = [f"       at {_line(one.at)}"] if one.at else []
    return [*at, f"       {one.severity}, {where} ({rules})", *first, *more]


def _line(value: str) -> str:
    return clipped(visible(" ".join(value.split())), 200)


def markdown(changes: Sequence[Advice], overall: float | None) -> str:
    """The same for a wiki or a pull request."""
    lines = ["# What first", "", f"Score {score_text(overall)}. The changes that lift it most for their effort:", ""]
    for one in changes:
        where = f"{counted(one.findings, 'finding')} in {counted(one.accounts, 'account')}, effort {escaped(one.effort, 30)}"
        rules = ", ".join(code(rule, 90) for rule in one.rules[:6])
        at = f": {escaped(one.at)}" if one.at else ""
        lines.append(
            f"1. **+{one.gain:.1f}** (to {score_text(one.after)}) {escaped(one.title)}{at} ({one.severity}, {where}: {rules})"
        )
        lines += [f"   - {escaped(message)}" for message in one.messages[:3]]
        lines += [f"   - … and {one.findings - 3:,} more"] if one.findings > 3 else []
    return "\n".join(lines if changes else [*lines[:2], "Nothing that was evaluated would lift the score."])


def as_json(changes: Sequence[Advice], overall: float | None) -> str:
    """The same for programs."""
    rows = [advice_fields(one) for one in changes]
    return json.dumps({"score": rounded_score(overall), "changes": rows}, indent=1, allow_nan=False)


def backlog(changes: Sequence[Advice], overall: float | None) -> str:
    """CSV that Jira and Asana import."""
    stream = io.StringIO()
    table = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows(map(_row, changes))
    return stream.getvalue().rstrip("\n")


STYLES: Mapping[str, Callable[[Sequence[Advice], float | None], str]] = {
    "text": text,
    "markdown": markdown,
    "json": as_json,
    "csv": backlog,
}


def _row(one: Advice) -> list[str]:
    summary = f"{one.title}: {one.at}" if one.at else one.title
    labels = ["bulkhead", *dict.fromkeys(rule.partition("/")[0].replace("_", "-") for rule in one.rules)]
    accounts = [*one.account_ids[:_ACCOUNTS], *(["..."] if len(one.account_ids) > _ACCOUNTS else [])]
    cells = [
        clipped(visible(" ".join(summary.split())), LONGEST_SUMMARY), None, "Task", PRIORITIES[one.severity],
        " ".join("-".join(label.split()) for label in labels), str(POINTS.get(one.effort, POINTS["weeks"])), one.effort,
        f"{one.gain:.2f}", " ".join(accounts), one.fingerprints[0] if one.fingerprints else "",
    ]  # fmt: skip
    return [_description(one) if cell is None else defused(cell) for cell in cells]


def _description(one: Advice) -> str:
    """Several lines; the cell begins with words of ours."""
    lines = [
        f"Lifts the overall score by {one.gain:.1f}.",
        f"Closes {counted(one.findings, 'finding')} in {counted(one.accounts, 'account')} of {', '.join(one.rules)}:",
        *(f"* {message}" for message in one.messages[:_CLOSES]),
        *([f"* and {one.findings - _CLOSES:,} more"] if one.findings > _CLOSES else []),
        "What to do:",
        *paragraphs(one.fix),
    ]
    return "\n".join(clipped(visible(line), 1000) for line in lines)
