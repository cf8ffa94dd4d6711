"""The baseline: what was there does not fail a run, what is new or worse does, and what was not seen is not gone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scanner.errors import UsageError
from scanner.living import baseline
from scanner.living.sight import Sight
from tests.living.findings import LAB, RULE, SHOP, failing, hidden, judged, rule_of, unjudged


def kept(tmp_path: Path, *findings: object) -> baseline.Known:
    file = tmp_path / "baseline.json"
    file.write_text(baseline.written(judged(*findings)))
    return baseline.load(file)


def seen(*findings: object, accounts: tuple[str, ...] = (SHOP, LAB)) -> Sight:
    return Sight(findings, [rule_of()], [], accounts)


def test_one_line_a_failure_and_no_waived_one(tmp_path: Path) -> None:
    text = baseline.written(judged(failing("b"), failing("a"), failing("w", status="waived"), unjudged("n")))
    assert [json.loads(line.rstrip(","))["subject"][-1] for line in text.splitlines()[1:-1]] == ["a", "b"]
    assert json.loads(text)["findings"][0]["rule_id"] == RULE


def test_known_failures_are_in_the_baseline_and_others_open(tmp_path: Path) -> None:
    known = kept(tmp_path, failing("old"), failing("worse", severity="medium"), failing("milder", severity="critical"))
    now = [failing("old"), failing("new"), failing("worse"), failing("milder"), failing("held", status="waived")]
    found, left = baseline.apply(now, known, seen(*now))
    assert [one.status for one in found] == ["baseline", "open", "open", "baseline", "waived"]
    assert (left.findings, left.failing, left.gone) == (3, 3, 0)


def test_what_is_not_evaluated_or_hidden_is_not_gone(tmp_path: Path) -> None:
    known = kept(tmp_path, failing("a"), failing("b"), failing("c", account=LAB), failing("d", rule="limits/x"))
    now = [unjudged("a"), hidden(SHOP)]
    found, left = baseline.apply(now, known, seen(*now))
    assert [one.status for one in found] == ["open", "open"]
    # c is really gone; d is of a rule that was not run.
    assert (left.findings, left.failing, left.unseen, left.gone) == (4, 0, 3, 1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is no JSON"),
        ("[]", "is no findings.json"),
        ('{"baseline_version": "9", "findings": []}', "version 9"),
        ('{"baseline_version": "1"}', "no whole baseline"),
        ('{"baseline_version": "1", "findings": [{"fingerprint": "x", "severity": "bad"}]}', "no whole baseline"),
        ('{"schema_version": "1"}', "no whole findings.json"),
    ],
)
def test_a_broken_file_is_told_in_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "baseline.json"
    file.write_text(text)
    with pytest.raises(UsageError, match=words):
        baseline.load(file)
