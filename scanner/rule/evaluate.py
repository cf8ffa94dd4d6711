"""Evaluation: one statement per rule; every subject passes, fails, or is not evaluated with the reason.

A rule applies to a subject unless `when` is FALSE. `when` or `fails_when` NULL: not evaluated. Where the table that lists
the subjects was not read in some account and Region, the subjects there are unknown: one not-evaluated line stands for them.
"""

from __future__ import annotations

import string
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from scanner.config import Config
from scanner.findings import Finding, RuleResult, Subject, Tally, fingerprint, hidden_id
from scanner.rule.bind import bind, columns_of, fixed_at
from scanner.rule.load import Rule
from scanner.vocabulary import View

FIXED_AT = "what_is_changed"
COMMON = ("id", "arn", "name", "account_id", "account_name", "environment", "workload", "region")


@dataclass(frozen=True)
class Evaluation:
    """Findings, counts per rule, and counts per rule and account (for the score)."""

    findings: tuple[Finding, ...]
    rules: tuple[RuleResult, ...]
    tallies: tuple[Tally, ...]


def evaluate(connection: Any, rules: Sequence[Rule], views: Mapping[str, View], config: Config) -> Evaluation:
    """Evaluate rules over a connection that has the vocabulary. Raises RuleError."""
    gaps = Gaps(connection)
    findings: list[Finding] = []
    results: list[RuleResult] = []
    tallies: list[Tally] = []
    for rule in rules:
        found, counts = _evaluate(connection, rule, views, config, gaps)
        findings += found
        tallies += counts
        results.append(_result(rule, config, counts))
    return Evaluation(tuple(sorted(findings, key=sort_key)), tuple(results), tuple(tallies))


def sort_key(finding: Finding) -> tuple[Any, ...]:
    """Failures first, the worst first, then by rule and subject."""
    order = ("critical", "high", "medium", "low")
    return (
        finding.outcome != "fail",
        order.index(finding.severity),
        finding.rule_id,
        finding.account_name or "",
        finding.subject.id,
        finding.fingerprint,
    )


def _evaluate(
    connection: Any, rule: Rule, views: Mapping[str, View], config: Config, gaps: Gaps
) -> tuple[list[Finding], list[Tally]]:
    when, fails = bind(rule, views, config, connection)
    view = views[rule.body.for_each]
    at = fixed_at(rule, {word.name for word in view.words}, config, connection)
    judged = _judged(rule, view, when, fails, at)
    counts = [
        Tally(rule.id, account, workload, unit, passed, failed, unknown)
        for account, workload, unit, passed, failed, unknown in connection.execute(_count(judged)).fetchall()
    ]
    needs = view.needs(columns_of(when) | columns_of(fails))
    cursor = connection.execute(f"SELECT * FROM ({judged}) WHERE outcome <> 'pass' ORDER BY id")
    names = [column[0] for column in cursor.description]
    found = [_finding(rule, config, dict(zip(names, row, strict=True)), gaps, needs) for row in cursor.fetchall()]
    for account, region, reason in gaps.hidden(view.listed_from):
        found.append(_hidden(rule, config, account, region, reason, gaps))
        counts.append(Tally(rule.id, account, None, gaps.unit(account), 0, 0, 1))
    return found, counts


def _judged(rule: Rule, view: View, when: str, fails: str, at: str) -> str:
    """SQL of one row per subject the rule applies to: the common columns, the evidence, `fixed_at`, and `outcome`."""
    known = {word.name for word in view.words}
    common = ", ".join(f"s.{name}" if name in known else f"CAST(NULL AS VARCHAR) AS {name}" for name in COMMON)

    said = [name for _, name, _, _ in string.Formatter().parse(rule.body.says) if name]
    extra = [name for name in dict.fromkeys([*rule.body.evidence, *said]) if name not in COMMON]
    columns = "".join(f", s.{name}" for name in extra)
    return f"""
        SELECT {common}{columns}, {at} AS {FIXED_AT}, CASE
            WHEN ({when}) IS NULL THEN 'not_evaluated' WHEN ({fails}) IS NULL THEN 'not_evaluated'
            WHEN ({fails}) THEN 'fail' ELSE 'pass' END AS outcome
        FROM "{view.name}" s LEFT JOIN (SELECT account_id AS chosen_id, in_scope FROM scope) c ON c.chosen_id = s.account_id
        WHERE coalesce(c.in_scope, TRUE) AND ({when}) IS DISTINCT FROM FALSE"""


def _count(judged: str) -> str:
    return f"""
        SELECT j.account_id, j.workload, a.parent_id,
            sum(CASE WHEN outcome = 'pass' THEN 1 ELSE 0 END)::BIGINT, sum(CASE WHEN outcome = 'fail' THEN 1 ELSE 0 END)::BIGINT,
            sum(CASE WHEN outcome = 'not_evaluated' THEN 1 ELSE 0 END)::BIGINT
        FROM ({judged}) j LEFT JOIN accounts a ON a.account_id = j.account_id
        GROUP BY j.account_id, j.workload, a.parent_id ORDER BY ALL"""


def _finding(rule: Rule, config: Config, row: dict[str, Any], gaps: Gaps, needs: frozenset[str]) -> Finding:
    outcome = row["outcome"]
    failed = outcome == "fail"
    message = says(rule, row) if failed else gaps.reason(row["account_id"], row["region"], needs)
    return Finding(
        fingerprint=fingerprint(rule.id, rule.body.for_each, row["id"]),
        rule_id=rule.id,
        principle=rule.principle,
        severity=severity(rule, config),
        confidence=rule.body.confidence,
        outcome=outcome,
        status="open",
        subject=Subject(rule.body.for_each, row["id"], row["arn"], row["name"]),
        account_id=row["account_id"],
        account_name=row["account_name"],
        environment=row["environment"],
        workload=row["workload"],
        region=row["region"],
        message=message,
        evidence={name: plain(row[name]) for name in rule.body.evidence},
        remediation=rule.body.fix.strip(),
        references=tuple(rule.body.references),
        fixed_at=row[FIXED_AT] if failed else None,
    )


def _hidden(rule: Rule, config: Config, account: str, region: str, reason: str, gaps: Gaps) -> Finding:
    kind = rule.body.for_each
    where = "all Regions" if region == "*" else region
    return Finding(
        fingerprint=fingerprint(rule.id, kind, hidden_id(account, region)),
        rule_id=rule.id,
        principle=rule.principle,
        severity=severity(rule, config),
        confidence=rule.body.confidence,
        outcome="not_evaluated",
        status="open",
        subject=Subject(kind, hidden_id(account, region), None, f"every {kind.replace('_', ' ')} in {where}"),
        account_id=account,
        account_name=gaps.account_name(account),
        environment=None,
        workload=None,
        region=None if region == "*" else region,
        message=reason,
        evidence={},
        remediation=rule.body.fix.strip(),
        references=tuple(rule.body.references),
    )


def severity(rule: Rule, config: Config) -> Any:
    return config.severity.get(rule.id, rule.body.severity)


def says(rule: Rule, row: Mapping[str, Any]) -> str:
    """The rule's sentence, with the subject's values in it."""
    return rule.body.says.format(**{key: spoken(value) for key, value in row.items()})


def spoken(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds") + "Z"
    if isinstance(value, Decimal):
        return float(value)
    return value


def _result(rule: Rule, config: Config, counts: Sequence[Tally]) -> RuleResult:
    body = rule.body
    return RuleResult(
        rule_id=rule.id,
        principle=rule.principle,
        title=body.title,
        severity=severity(rule, config),
        confidence=body.confidence,
        effort=body.effort,
        subject_type=body.for_each,
        why=body.why.strip(),
        fix=body.fix.strip(),
        references=tuple(body.references),
        passed=sum(count.passed for count in counts),
        failed=sum(count.failed for count in counts),
        not_evaluated=sum(count.not_evaluated for count in counts),
    )


class Gaps:
    """What was not read, put into words."""

    def __init__(self, connection: Any):
        self._by_table: dict[str, dict[str, list[tuple[str, str, str]]]] = defaultdict(lambda: defaultdict(list))
        self._hidden: dict[str, dict[tuple[str, str], list[tuple[str, str]]]] = defaultdict(lambda: defaultdict(list))
        self._names = dict(connection.execute("SELECT account_id, name FROM accounts").fetchall())
        self._units = dict(connection.execute("SELECT account_id, parent_id FROM accounts").fetchall())
        rows = connection.execute(
            """SELECT DISTINCT u.table_name, u.collector, u.account_id, u.region, u.call, u.status, u.cause, u.reason, u.selected,
                coalesce(s.in_scope, TRUE)
            FROM unread u LEFT JOIN scope s ON s.account_id = u.account_id ORDER BY ALL"""
        ).fetchall()
        for table, collector, account, region, call, status, cause, reason, selected, in_scope in rows:
            text = self._text(account, region, call, status, cause, reason)
            self._by_table[table][account].append((collector, region, text))
            if selected and in_scope:
                self._hidden[table][account, region].append((collector, text))

    def _text(self, account: str, region: str, call: str, status: str, cause: str | None, reason: str | None) -> str:
        name = self._names.get(account) or account
        place = f"{name}" if region in ("*", "global") else f"{name} {region}"
        what = "nothing could be read" if call == "*" else f"{call} could not be read"
        why = f"{status}({cause})" if cause else status
        return f"{what} in {place}: {why}" + (f" - {reason}" if reason else "")

    def hidden(self, tables: Sequence[str]) -> Iterator[tuple[str, str, str]]:
        """Yield account, Region and reason wherever one of the tables that list a subject was not read."""
        places: dict[tuple[str, str], str] = {}
        for table, wanted in map(_collector, tables):
            for place, entries in self._hidden.get(table, {}).items():
                for collector, text in entries:
                    if wanted in (None, collector) or collector == "*":
                        places.setdefault(place, text)
        for (account, region), text in sorted(places.items()):
            yield account, region, text

    def reason(self, account: str | None, region: str | None, needs: frozenset[str]) -> str:
        """Say which calls a verdict hangs on: those of the subject's own account first."""
        near: list[str] = []
        far: list[str] = []
        for table, wanted in map(_collector, sorted(needs)):
            for owner, entries in self._by_table.get(table, {}).items():
                for collector, where, text in entries:
                    if wanted not in (None, collector) and collector != "*":
                        continue
                    own = owner == account and (region in (None, "global") or where in (region, "*", "global"))
                    (near if own else far).append(text)
        texts = list(dict.fromkeys(near or far))
        if not texts:
            return "what it hangs on is not known: it was read, but does not say"
        more = f" (and {len(texts) - 3} more)" if len(texts) > 3 else ""
        return "; ".join(texts[:3]) + more

    def account_name(self, account: str) -> str | None:
        return self._names.get(account)

    def unit(self, account: str) -> str | None:
        return self._units.get(account)


def _collector(need: str) -> tuple[str, str | None]:
    """`policy_statements@iam` -> the table, and the only collector whose gaps matter."""
    table, _, collector = need.partition("@")
    return table, collector or None
