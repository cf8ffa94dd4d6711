"""The findings of the HTML page as compact JSON (compressed by `packed`): 100,000 of them have to fit a page that opens at once.

Every text is stored once, in `strings`, and rows hold its number. Messages and ARNs are stored with holes where they
repeat the finding's own values (U+0001 name, U+0002 id, U+0003 account id, U+0004 account name, U+0005 region), so that
thousands of them become one string. `visible` has removed control characters before, so a hole is always a hole.
`html/report.js` reads this; the positions in a row are declared here and there, and a test compares what both show.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports import summary
from reports.damage_data import Damage, damage_data
from reports.numbered import Numbered
from reports.text import clipped, is_link, paragraphs, visible, words
from reports.values import counted, shown, way
from scanner.findings import SEVERITIES, Account, Finding, Gap, Result, RuleResult

MOST_BYTES = 48_000_000
"""Of findings in a page, before compression: a quarter of it is left then, and a browser still opens it at once."""
LONGEST_VALUE = 2000
MOST_LINES = 30
_ROWS_PER_PIECE = 500
_PLACE_COST = 90
_STATES = ("fail", "not_evaluated"), ("open", "waived", "baseline")
_BANDS = ("none", "poor", "weak", "fair", "sound", "unsure")


@dataclass(frozen=True, slots=True)
class AccountGaps:
    """What could not be read in one account: the first lines, and how many more there are."""

    lines: tuple[str, ...]
    more: int


def page_data(
    result: Result,
    findings: Sequence[Finding],
    accounts: Sequence[Account],
    gaps: Mapping[str, AccountGaps],
    workloads: Sequence[summary.Workload],
    damage: Damage,
) -> Iterator[str]:
    """Yield one JSON object in pieces. Past MOST_BYTES of findings the others, the least severe, are counted as `left`."""
    tables = _Tables(result.rules)
    yield '{"rows":['
    written = start = 0
    while start < len(findings) and written + tables.size < MOST_BYTES:
        rows = [tables.finding(finding) for finding in findings[start : start + _ROWS_PER_PIECE]]
        piece = ("," if start else "") + _json(rows)[1:-1] + "\n"
        written += len(piece)
        start += len(rows)
        yield piece
    yield f'],"left":{len(findings) - start},"accounts":'
    yield _json(_account_rows(accounts, findings, gaps, result, tables))
    yield ',"matrix":'
    yield _json(_matrix_rows(workloads, accounts, result))
    yield ',"damage":'
    yield _json(damage_data(damage, accounts, tables.strings))
    others = {
        "environments": [visible(name) for name in summary.environments(result)],
        "expected": [int(name in summary.EXPECTED) for name in summary.environments(result)],
        "kinds": tables.kinds.values,
        "places": tables.places.values,
        "references": tables.references.values,
        "keys": tables.keys.values,
        "strings": tables.strings.values,
    }
    yield "," + _json(others)[1:]


def finding_facts(finding: Finding) -> list[tuple[str, list[str], bool]]:
    """Return what unfolds under a finding as (label, lines, whether they are steps): what it is about, then the evidence."""
    subject = finding.subject
    source = f"{finding.file}:{finding.line}" if finding.file and finding.line else finding.file
    facts = [
        ("Rule", finding.rule_id),
        ("Subject", subject.type),
        ("ARN" if subject.arn else "Id", subject.arn or subject.id),
        ("Region", finding.region),
        ("Confidence", finding.confidence),
        ("First seen", finding.first_seen),
        ("File", source),
        *zip(("Waived because", "Waived by", "Waived until"), _waiver(finding), strict=True),
        ("Fixed at", finding.fixed_at),
    ]
    lines = [(label, [visible(value)], False) for label, value in facts if value]
    return lines + [
        (visible(key), _evidence(key, value), bool(way(key, value))) for key, value in finding.evidence.items()
    ]


def _waiver(finding: Finding) -> tuple[str | None, str | None, str | None]:
    why = finding.waiver
    return (why.reason, why.owner, why.expiry) if why else (None, None, None)


def account_gaps(gaps: Iterable[Gap], most: int = 5) -> dict[str, AccountGaps]:
    """Return per account the gaps with most calls, as lines."""
    grouped: dict[str, list[Gap]] = defaultdict(list)
    for gap in gaps:
        grouped[gap.account_id].append(gap)
    return {account_id: _account_gaps(members, most) for account_id, members in grouped.items()}


def _account_gaps(gaps: list[Gap], most: int) -> AccountGaps:
    ordered = sorted(gaps, key=lambda gap: (-gap.count, gap.collector, gap.call, gap.region))
    lines = tuple(
        f"{gap.collector} {gap.call} in {gap.region}: {words(gap.status)}, {gap.reason} ({counted(gap.count, 'call')})"
        for gap in ordered[:most]
    )
    return AccountGaps(lines, len(gaps) - len(lines))


def _evidence(key: str, value: Any) -> list[str]:
    lines = [clipped(line, LONGEST_VALUE) for line in way(key, value) or shown(value)]
    more = len(lines) - MOST_LINES
    return lines if more <= 0 else [*lines[:MOST_LINES], f"… {more} more are in findings.json"]


class _Tables:
    """Turns findings into rows of numbers and keeps what the numbers mean."""

    def __init__(self, rules: Iterable[RuleResult]) -> None:
        self._rules = {rule.rule_id: rule for rule in rules}
        self.strings = Numbered()
        self.strings.number("")  # number 0 is "nothing" everywhere
        self.kinds = Numbered()
        self.places = Numbered()
        self.references = Numbered()
        self.keys = Numbered()

    @property
    def size(self) -> int:
        """About what the tables take as JSON."""
        return self.strings.size + _PLACE_COST * len(self.places.values) + self.keys.size

    def text(self, value: str | None) -> int:
        """Return the number of a text as it is shown."""
        return self.strings.number(visible(value)) if value else 0

    def finding(self, finding: Finding) -> list[Any]:
        """Return a finding's row. Order: see `report.js`."""
        subject = finding.subject
        place = tuple(
            visible(value or "")
            for value in (
                finding.account_id, finding.account_name, finding.environment, finding.workload, finding.region
            )
        )  # fmt: skip
        outer = ((place[0], "\x03"), (place[1], "\x04"), (place[4], "\x05"))
        name, identity = visible(subject.name or ""), visible(subject.id)
        naming = ((name, "\x01"), *outer)
        inner = ((identity, "\x02"), *naming)
        row: list[Any] = [
            visible(finding.fingerprint),
            self.kinds.number(self._kind(finding)),
            3 * _STATES[0].index(finding.outcome) + _STATES[1].index(finding.status),
            self.text(subject.type),
            self._holed(name, outer),
            self._holed(identity, naming),
            self._holed(visible(subject.arn or ""), inner),
            self.places.number(place),
            self._holed(visible(finding.message), inner),
            self._holed("\n".join(paragraphs(finding.remediation)), inner),
            self.references.number(tuple((visible(text), int(is_link(text))) for text in finding.references)),
            self.keys.number(tuple(map(visible, finding.evidence))),
            [self._value(key, value, inner) for key, value in finding.evidence.items()],
            self.text(finding.first_seen),
            self.text(finding.file),
            finding.line or 0,
            *(self.text(value) for value in _waiver(finding)),
            self._holed(visible(finding.fixed_at or ""), inner),
        ]
        while row[-1] == 0:
            row.pop()
        return row

    def _kind(self, finding: Finding) -> tuple[Any, ...]:
        rule = self._rules.get(finding.rule_id)
        title = rule.title if rule else words(finding.rule_id)
        why = tuple(paragraphs(rule.why)) if rule else ()
        names = (finding.rule_id, finding.principle, finding.severity, finding.confidence, title)
        return (*map(visible, names), why)

    def _value(self, key: str, value: Any, holes: Iterable[tuple[str, str]]) -> int | list[int]:
        numbers = [self._holed(line, holes) for line in _evidence(key, value)]
        return numbers[0] if len(numbers) == 1 else numbers

    def _holed(self, text: str, holes: Iterable[tuple[str, str]]) -> int:
        """Return the number of an already visible text, the finding's own values in it replaced by holes."""
        for value, hole in holes:
            if len(value) > 2:
                text = text.replace(value, hole)
        return self.strings.number(text)


def _account_rows(
    accounts: Sequence[Account],
    findings: Iterable[Finding],
    gaps: Mapping[str, AccountGaps],
    result: Result,
    tables: _Tables,
) -> list[list[Any]]:
    failed: dict[str, list[int]] = defaultdict(lambda: [0] * len(SEVERITIES))
    for finding in findings:
        if summary.is_open(finding) and finding.account_id:
            failed[finding.account_id][SEVERITIES.index(finding.severity)] += 1
    mixed = summary.mixed_accounts(result.matrix)
    nothing = AccountGaps((), 0)
    rows = []
    for account in accounts:
        unseen = gaps.get(account.id, nothing)
        rows.append([
            visible(account.id),
            visible(account.name),
            _mark(summary.account_mark(account.id, result)),
            tables.text(" / ".join(account.unit_path)),
            tables.text(account.unit_id),
            tables.text(account.environment),
            tables.text(account.workload),
            tables.text(account.owner),
            tables.text(account.status),
            int(account.is_management) + 2 * int(account.read),
            account.resources,
            failed[account.id],
            [tables.text(line) for line in unseen.lines],
            unseen.more,
            [[tables.text(workload), tables.text(environment)] for workload, environment in mixed.get(account.id, [])],
        ])  # fmt: skip
    return rows


def _matrix_rows(workloads: Iterable[summary.Workload], accounts: Sequence[Account], result: Result) -> list[list[Any]]:
    place = {account.id: number for number, account in enumerate(accounts)}
    columns = summary.environments(result)
    return [
        [
            visible(row.name),
            _mark(row.mark),
            [[place.get(name, visible(name)) for name in row.cells.get(column, ())] for column in columns],
        ]
        for row in workloads
    ]


def _mark(mark: summary.Mark) -> list[Any]:
    return [mark.text, mark.coverage, _BANDS.index(mark.band)]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
