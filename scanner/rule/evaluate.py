"""Evaluation: one statement per rule; every subject passes, fails, or is not evaluated with the reason.

A rule applies to a subject unless `when` is FALSE. `when` or `fails_when` NULL: not evaluated. Where the table that lists
the subjects was not read in some account and Region, the subjects there are unknown: one not-evaluated line stands for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scanner.analysis import keeping
from scanner.config import Config
from scanner.engine import Engine, QueryError, Row
from scanner.engine.duck import Duck
from scanner.errors import RuleError
from scanner.findings import Finding, RuleResult, Tally
from scanner.rule.bind import bind, columns_of
from scanner.rule.finding import FIXED_AT, Maker, names_said, severity
from scanner.rule.gaps import Gaps
from scanner.rule.load import Rule
from scanner.vocabulary import View

COMMON = ("id", "arn", "name", "account_id", "account_name", "environment", "workload", "region")


@dataclass(frozen=True)
class Evaluation:
    """Findings, counts per rule, and counts per rule and account (for the score)."""

    findings: tuple[Finding, ...]
    rules: tuple[RuleResult, ...]
    tallies: tuple[Tally, ...]


def evaluate(
    connection: Any, rules: Sequence[Rule], views: Mapping[str, View], config: Config, engine: Engine | None = None
) -> Evaluation:
    """Evaluate rules over a DuckDB connection that has the vocabulary. Raises RuleError.

    With an `engine`, that has the rows of the vocabulary; those of the connection are not asked for, its types are.
    """
    gaps = Gaps(connection)
    engine = engine or Duck(connection)
    findings: list[Finding] = []
    results: list[RuleResult] = []
    tallies: list[Tally] = []
    with keeping():
        for rule in rules:
            found, counts = _evaluate(connection, rule, views, config, gaps, engine)
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
    connection: Any, rule: Rule, views: Mapping[str, View], config: Config, gaps: Gaps, engine: Engine
) -> tuple[list[Finding], list[Tally]]:
    when, fails, at = bind(rule, views, config, connection)
    view = views[rule.body.for_each]
    judged = _judged(rule, view, when, fails, at, gaps.narrowed)
    counts = [
        Tally(rule.id, account, workload, gaps.unit(account), *numbers)
        for account, workload, *numbers in sorted(_asked(engine, rule, _count(judged))[1], key=_nulls_last)
    ]
    needs = view.needs(columns_of(when) | columns_of(fails))
    names, rows = _asked(engine, rule, f"SELECT * FROM ({judged}) j WHERE outcome <> 'pass' ORDER BY id")
    maker = Maker(rule, config)
    found = [maker.finding(dict(zip(names, row, strict=True)), gaps, needs) for row in rows]
    for account, region, reason in gaps.hidden(view.listed_from):
        found.append(maker.hidden(account, region, reason, gaps))
        counts.append(Tally(rule.id, account, None, gaps.unit(account), 0, 0, 1))
    return found, counts


def _asked(engine: Engine, rule: Rule, sql: str) -> tuple[list[str], list[Row]]:
    try:
        return engine.rows(sql)
    except QueryError as error:
        raise RuleError(f"{rule.where('fails_when')}: {error}") from error


def _nulls_last(row: Row) -> list[tuple[bool, Any]]:
    return [(value is None, value) for value in row]


def _judged(rule: Rule, view: View, when: str, fails: str, at: str, narrowed: bool) -> str:
    """SQL of one row per subject the rule applies to: the common columns, the evidence, `fixed_at`, and `outcome`.

    `narrowed`: the scan was of some accounts only, and those of others are no subjects.
    """
    known = {word.name for word in view.words}
    common = ", ".join(f"s.{name}" if name in known else f"CAST(NULL AS VARCHAR) AS {name}" for name in COMMON)
    extra = [name for name in dict.fromkeys([*rule.body.evidence, *names_said(rule.body.says)]) if name not in COMMON]
    columns = "".join(f", s.{name}" for name in extra)
    return f"""
        SELECT {common}{columns}, {at} AS {FIXED_AT}, CASE
            WHEN ({when}) IS NULL THEN 'not_evaluated' WHEN ({fails}) IS NULL THEN 'not_evaluated'
            WHEN ({fails}) THEN 'fail' ELSE 'pass' END AS outcome
        FROM "{view.name}" s{_CHOSEN if narrowed else " WHERE"} ({when}) IS DISTINCT FROM FALSE"""


_CHOSEN = """ LEFT JOIN (SELECT account_id AS chosen_id, in_scope FROM scope) c ON c.chosen_id = s.account_id
        WHERE coalesce(c.in_scope, TRUE) AND"""


def _count(judged: str) -> str:
    return f"""
        SELECT account_id, workload, count(CASE WHEN outcome = 'pass' THEN 1 END) AS passed, count(CASE WHEN outcome = 'fail' THEN 1 END) AS failed,
            count(CASE WHEN outcome = 'not_evaluated' THEN 1 END) AS undecided
        FROM ({judged}) j GROUP BY account_id, workload"""


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
