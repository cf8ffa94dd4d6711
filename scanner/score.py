"""Scores: from counts per rule and account to numbers between 0 and 100. Pure.

A rule's score is the share of its evaluated subjects that pass. A principle, an account, a unit, a workload, and the whole
are the means of their rules' scores, weighted by severity. What was not evaluated lowers coverage and never a score; where
nothing was evaluated there is no score.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from scanner.findings import Coverage, Gap, RuleResult, Score, Tally

WEIGHTS: Mapping[str, float] = {"critical": 10.0, "high": 5.0, "medium": 2.0, "low": 1.0}


def score(
    tallies: Sequence[Tally], rules: Sequence[RuleResult], parents: Mapping[str, str | None] | None = None
) -> Score:
    """Score everything. Keys with nothing evaluated have None.

    `parents` are those of the units: the score of a unit is that of all below it.
    """
    weight = {rule.rule_id: WEIGHTS[rule.severity] for rule in rules}
    principle = {rule.rule_id: rule.principle for rule in rules}
    return Score(
        overall=_mean(tallies, weight),
        principles=_by(tallies, weight, lambda tally: principle[tally.rule_id]),
        accounts=_by(tallies, weight, lambda tally: tally.account_id),
        workloads=_by(tallies, weight, lambda tally: tally.workload if tally.workload != "unknown" else None),
        units=_units(tallies, weight, parents or {}),
    )


def coverage(tallies: Sequence[Tally], rules: Sequence[RuleResult], gaps: Iterable[Gap]) -> Coverage:
    """Return the share of rule-subject pairs that were evaluated, overall and by principle and account."""
    principle = {rule.rule_id: rule.principle for rule in rules}
    nowhere = [rule.rule_id for rule in rules if rule.not_evaluated and not rule.passed + rule.failed]
    return Coverage(
        ratio=_share(tallies),
        principles=_grouped(tallies, lambda tally: principle[tally.rule_id], _share),
        accounts=_grouped(tallies, lambda tally: tally.account_id, _share),
        gaps=tuple(gaps),
        unevaluated_rules=tuple(nowhere),
    )


def whole(rules: Sequence[RuleResult]) -> float | None:
    """Return the overall score from the counts of the rules, exactly; None where nothing was evaluated."""
    evaluated = [rule for rule in rules if rule.passed + rule.failed]
    total = sum(WEIGHTS[rule.severity] for rule in evaluated)
    earned = sum(WEIGHTS[rule.severity] * rule.passed / (rule.passed + rule.failed) for rule in evaluated)
    return 100 * earned / total if total else None


def lift(rules: Sequence[RuleResult], fixed: Mapping[str, int]) -> float:
    """Return by how many points the overall score rises once so many failures of each rule pass."""
    evaluated = [rule for rule in rules if rule.passed + rule.failed]
    total = sum(WEIGHTS[rule.severity] for rule in evaluated)
    return sum(
        100 * WEIGHTS[rule.severity] * fixed.get(rule.rule_id, 0) / (rule.passed + rule.failed) / total
        for rule in evaluated
    )


def _mean(tallies: Iterable[Tally], weight: Mapping[str, float]) -> float | None:
    passed: dict[str, int] = defaultdict(int)
    judged: dict[str, int] = defaultdict(int)
    for tally in tallies:
        passed[tally.rule_id] += tally.passed
        judged[tally.rule_id] += tally.passed + tally.failed
    rules = [rule for rule in sorted(judged) if judged[rule]]
    total = sum(weight[rule] for rule in rules)
    return 100 * sum(weight[rule] * passed[rule] / judged[rule] for rule in rules) / total if total else None


def _share(tallies: Iterable[Tally]) -> float | None:
    judged = unknown = 0
    for tally in tallies:
        judged += tally.passed + tally.failed
        unknown += tally.not_evaluated
    return judged / (judged + unknown) if judged + unknown else None


def _by(
    tallies: Sequence[Tally], weight: Mapping[str, float], key: Callable[[Tally], str | None]
) -> dict[str, float | None]:
    return _grouped(tallies, key, lambda group: _mean(group, weight))


def _units(
    tallies: Sequence[Tally], weight: Mapping[str, float], parents: Mapping[str, str | None]
) -> dict[str, float | None]:
    groups: dict[str, list[Tally]] = defaultdict(list)
    for tally in tallies:
        unit, seen = tally.unit_id, set[str]()
        while unit is not None and unit not in seen:  # a damaged recording may have a unit above itself
            groups[unit].append(tally)
            seen.add(unit)
            unit = parents.get(unit)
    return {name: _mean(groups[name], weight) for name in sorted(groups)}


def _grouped(
    tallies: Sequence[Tally], key: Callable[[Tally], str | None], measure: Callable[[list[Tally]], Any]
) -> dict[str, float | None]:
    groups: dict[str, list[Tally]] = defaultdict(list)
    for tally in tallies:
        name = key(tally)
        if name is not None:
            groups[name].append(tally)
    return {name: measure(groups[name]) for name in sorted(groups)}
