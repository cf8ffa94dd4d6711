from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner import score
from scanner.findings import RuleResult, Tally


def rule(name: str, severity: Any = "high", passed: int = 0, failed: int = 0, unknown: int = 0) -> RuleResult:
    return RuleResult(
        name, name.partition("/")[0], "t", severity, "high", "days", "account", "w", "f", (), passed, failed, unknown
    )


def tally(
    name: str,
    passed: int,
    failed: int,
    unknown: int = 0,
    account: str | None = "1",
    workload: str | None = None,
    unit: str | None = None,
) -> Tally:
    return Tally(name, account, workload, unit, passed, failed, unknown)


def test_rules_weigh_by_severity_not_by_subjects() -> None:
    rules = [rule("a/x", "critical"), rule("a/y", "low")]
    found = score.score([tally("a/x", 1, 1), tally("a/y", 1000, 0)], rules)
    assert found.overall == pytest.approx(100 * (10 * 0.5 + 1 * 1) / 11)


def test_a_unit_is_scored_with_all_below_it() -> None:
    tallies = [tally("a/x", 1, 0, unit="leaf"), tally("a/x", 0, 3, unit="other"), tally("a/x", 1, 0, unit="loop")]
    parents = {"root": None, "top": "root", "leaf": "top", "other": "root", "loop": "loop"}
    found = score.score(tallies, [rule("a/x")], parents).units
    assert found == {"leaf": 100, "top": 100, "other": 0, "root": 25, "loop": 100}


def test_groups_are_scored_by_what_is_theirs() -> None:
    rules = [rule("a/x"), rule("b/y")]
    tallies = [
        tally("a/x", 1, 0, account="1", workload="shop", unit="ou-1"),
        tally("b/y", 0, 1, account="2", workload="unknown", unit="ou-1"),
        tally("b/y", 0, 0, 3, account="3", workload=None, unit=None),
    ]
    found = score.score(tallies, rules)
    assert found.principles == {"a": 100, "b": 0}
    assert found.accounts == {"1": 100, "2": 0, "3": None}
    assert found.workloads == {"shop": 100}
    assert found.units == {"ou-1": 50}


def test_nothing_evaluated_is_no_score() -> None:
    assert score.score([], []).overall is None
    assert score.score([tally("a/x", 0, 0, 5)], [rule("a/x")]).overall is None
    assert score.coverage([], [], []).ratio is None


def test_coverage_counts_pairs_and_names_rules_evaluated_nowhere() -> None:
    rules = [rule("a/x", passed=1, failed=1, unknown=2), rule("a/y", unknown=4), rule("b/z")]
    found = score.coverage([tally("a/x", 1, 1, 2), tally("a/y", 0, 0, 4)], rules, [])
    assert found.ratio == 0.25
    assert found.principles == {"a": 0.25}
    assert found.unevaluated_rules == ("a/y",)


def test_lifting_every_failure_reaches_a_perfect_score() -> None:
    rules = [
        rule("a/x", "critical", 1, 3),
        rule("b/y", "low", 0, 2),
        rule("c/z", "high", 5, 0),
        rule("d/u", "high", 0, 0, 4),
    ]
    overall = score.score([tally(one.rule_id, one.passed, one.failed) for one in rules], rules).overall
    assert overall is not None
    assert overall + score.lift(rules, {"a/x": 3, "b/y": 2}) == pytest.approx(100)
    assert score.whole(rules) == pytest.approx(overall)
    assert score.lift(rules, {}) == 0
    assert score.lift([], {"a/x": 3}) == 0


counts = st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))


@settings(deadline=None)
@given(st.lists(counts, min_size=1, max_size=5))
def test_a_gap_never_raises_a_score_and_always_lowers_coverage(given_counts: list[tuple[int, int, int]]) -> None:
    names = [f"a/{number}" for number in range(len(given_counts))]
    rules = [rule(name) for name in names]
    before = [tally(name, *found) for name, found in zip(names, given_counts, strict=True)]
    worse = [tally(name, p, f, u + 1) for name, (p, f, u) in zip(names, given_counts, strict=True)]
    assert score.score(before, rules).overall == score.score(worse, rules).overall
    assert (score.coverage(worse, rules, []).ratio or 0) <= (score.coverage(before, rules, []).ratio or 1)


@settings(deadline=None)
@given(counts, st.integers(1, 9))
def test_a_fix_never_lowers_a_score(found: tuple[int, int, int], fixed: int) -> None:
    passed, failed, _ = found
    fixed = min(fixed, failed)
    before = score.score([tally("a/x", passed, failed)], [rule("a/x")]).overall
    after = score.score([tally("a/x", passed + fixed, failed - fixed)], [rule("a/x")]).overall
    assert (after or 0) >= (before or 0)
