"""What first: gains are what a new score would say, one place is one change, the order is gain for effort."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reports import advice as paper
from scanner import score
from scanner.findings import Finding, Result, RuleResult, Tally
from scanner.living.advise import EFFORT_DAYS, advice
from tests.living.findings import LAB, SHOP, failing, rule_of
from tests.reports.hostile_text import texts

A, B, C = "a/one", "b/two", "c/three"
RULES = (
    rule_of(A, 6, 4, severity="critical", effort="weeks"),
    rule_of(B, 5, 5, severity="medium", effort="hours"),
    rule_of(C, 0, 2, severity="high", effort="days"),
)


def overall(rules: tuple[RuleResult, ...]) -> float:
    tallies = [Tally(one.rule_id, SHOP, None, None, one.passed, one.failed, 0) for one in rules]
    found = score.score(tallies, rules).overall
    assert found is not None
    return found


def without(rules: tuple[RuleResult, ...], gone: list[str]) -> tuple[RuleResult, ...]:
    less = Counter(gone)
    return tuple(
        replace(one, passed=one.passed + less[one.rule_id], failed=one.failed - less[one.rule_id]) for one in rules
    )


def test_one_place_is_one_change_whatever_the_rules() -> None:
    found = advice(
        [failing("x", A, fixed_at="unit Shop"), failing("y", C, account=LAB, fixed_at="unit Shop"), failing("z", C)],
        RULES, 50.0,
    )  # fmt: skip
    shared = next(one for one in found if one.at == "unit Shop")
    assert (shared.findings, shared.accounts, set(shared.rules), shared.effort) == (2, 2, {A, C}, "weeks")
    assert next(one for one in found if one.findings == 1).at == "data store z in shop-production"


def test_without_a_place_every_subject_is_a_change_of_its_own() -> None:
    assert len(advice([failing("x", A), failing("y", A), failing("x", C)], RULES, 50.0)) == 3


def test_what_is_waived_is_left_out_and_the_baseline_is_not() -> None:
    found = advice([failing("x", A, status="waived"), failing("y", A, status="baseline")], RULES, 50.0)
    assert [one.at for one in found] == ["data store y in shop-production"]


places = st.sampled_from([None, "unit One", "unit Two", "permission set Three"])


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from([A, B, C]), places, st.integers(0, 2)), max_size=8))
def test_gains_are_what_scoring_again_says(chosen: list[tuple[str, str | None, int]]) -> None:
    room = {one.rule_id: one.failed for one in RULES}
    findings: list[Finding] = []
    for number, (rule, place, account) in enumerate(chosen):
        if room[rule]:
            room[rule] -= 1
            findings.append(failing(f"n{number}", rule, account=(SHOP, LAB, None)[account], fixed_at=place))
    start = overall(RULES)
    found = advice(findings, RULES, start)
    by_mark = {one.fingerprint: one.rule_id for one in findings}
    for one in found:
        again = overall(without(RULES, [by_mark[mark] for mark in one.fingerprints]))
        assert one.gain == pytest.approx(again - start)
    worth = [one.gain / EFFORT_DAYS[one.effort] for one in found]
    assert worth == sorted(worth, reverse=True)
    marks = [mark for one in found for mark in one.fingerprints]
    assert sorted(marks) == sorted(by_mark)
    if found:
        assert found[-1].after == pytest.approx(overall(without(RULES, list(by_mark.values()))))


def test_a_recorded_organization_is_lifted_to_a_hundred_by_all_changes(result: Result) -> None:
    found = advice(result.findings, result.rules, result.score.overall)
    assert found[-1].after == pytest.approx(100)
    assert sum(one.findings for one in found) == sum(one.outcome == "fail" for one in result.findings)
    assert any(len(one.rules) > 1 for one in found) and any(one.findings > 2 for one in found)


@settings(deadline=None)
@given(text=texts)
@example(text="\u202egnp.exe\u2066" + 300 * "x")
def test_paper_keeps_hostile_text_harmless(text: str) -> None:
    finding = failing(text, A, message=text, account_name=text, fixed_at=text)
    found = advice([finding], RULES, 50.0)
    for style in (paper.text, paper.markdown, paper.as_json, paper.backlog):
        assert not set(style(found, 50.0)) & {*map(chr, range(0x0A)), "\r", "\x1b", "\x7f", "\x9b", "\u202e", "\u2066"}
    header, row = csv.reader(io.StringIO(paper.backlog(found, 50.0)))
    assert tuple(header) == paper.COLUMNS and header[0] == "Summary" and len(row) == len(header)
    assert not any(cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")) for cell in row)
    cells = dict(zip(header, row, strict=True))
    assert len(cells["Summary"]) <= 255 and "\n" not in cells["Summary"]
    assert cells["Priority"] == "High" and cells["Labels"] == "bulkhead a"


def test_nothing_to_do_is_said() -> None:
    assert "Nothing" in paper.text((), 100.0) and "Nothing" in paper.markdown((), 100.0)
