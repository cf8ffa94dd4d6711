"""Two scans compared: fixed is what passes or is gone and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reports import comparison as paper
from scanner.findings import Gap
from scanner.lasting import Comparison
from scanner.living.compare import compare, worse
from tests.living.findings import LAB, RULE, SHOP, THERE, failing, hidden, judged, shut, unjudged

OTHER = "limits/x"
REFUSED = Gap(SHOP, "global", "organizations", "organizations.list_accounts", "access_denied", "no")


def reasons(found: Comparison) -> dict[str, list[tuple[str, str]]]:
    kinds = ("new", "fixed", "changed", "unseen")
    return {k: [(d.subject_name or "", d.reason) for d in getattr(found, k)] for k in kinds if getattr(found, k)}


def test_nothing_changes_between_a_scan_and_itself() -> None:
    one = judged(failing("a"), unjudged("b"), hidden())
    found = compare(one, one)
    assert reasons(found) == {} and found.same == 2 and not found.notes


def test_a_share_is_the_same_in_a_snapshot_and_as_findings_json_rounds_it() -> None:
    rounded, exact, other = (failing("a", evidence={"share": one}) for one in (0.9219, 0.921875, 0.9231))
    assert compare(judged(rounded), judged(exact)).same == 1
    assert reasons(compare(judged(rounded), judged(other))) == {"changed": [("a", "evidence")]}
    yes, one = (failing("a", evidence={"open": value}) for value in (True, 1))
    assert reasons(compare(judged(yes), judged(one))) == {"changed": [("a", "evidence")]}


def test_new_and_fixed() -> None:
    found = compare(judged(failing("a")), judged(failing("b")))
    assert reasons(found) == {"new": [("b", "appeared")], "fixed": [("a", "passes_or_gone")]}


@pytest.mark.parametrize("fate", ["passes", "not_applicable", "gone"])
def test_a_snapshot_knows_how_it_was_fixed(fate: Any) -> None:
    found = compare(judged(failing("a")), judged(), lambda asked: {one.fingerprint: fate for one in asked})
    assert reasons(found) == {"fixed": [("a", fate)]}


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        (judged(hidden()), "not_listed"),
        (judged(hidden(region="*")), "not_listed"),
        (judged(gaps=(shut(SHOP),), accounts=(LAB,)), "account_not_read"),
        (judged(gaps=(shut(SHOP, "not_selected"),), accounts=(LAB,)), "account_not_read"),
        (judged(gaps=(shut(SHOP, "not_selected", "eu-west-1"),)), "region_not_read"),
        (judged(gaps=(REFUSED,), accounts=(LAB,)), "account_not_read"),
        (judged(accounts=(LAB,), organization="o-other"), "account_not_read"),
        (judged(rules=(OTHER,)), "rule_not_run"),
    ],
)
def test_what_was_not_seen_is_not_fixed_and_the_other_way_not_simply_new(after: Any, reason: str) -> None:
    before = judged(failing("a"))
    assert reasons(compare(before, after)) == {"unseen": [("a", reason)]}
    assert ("a", reason) in reasons(compare(after, before))["new"]


def test_a_gap_elsewhere_does_not_keep_a_fix_from_being_one() -> None:
    after = judged(hidden(LAB), hidden(region=THERE), gaps=(shut(LAB, "not_selected", THERE),))
    assert reasons(compare(judged(failing("a")), after)) == {"fixed": [("a", "passes_or_gone")]}


def test_an_account_that_left_takes_its_failures_along() -> None:
    # Without the list of accounts nobody could say that it left: see above.
    assert reasons(compare(judged(failing("a")), judged(accounts=(LAB,)))) == {"fixed": [("a", "passes_or_gone")]}


def test_without_an_account_every_gap_counts() -> None:
    before = judged(failing("w", account=None, region=None))
    assert reasons(compare(before, judged(gaps=(shut(LAB),)))) == {"unseen": [("w", "account_not_read")]}
    assert reasons(compare(before, judged(gaps=(shut(LAB, "suspended"),)))) == {"fixed": [("w", "passes_or_gone")]}


def test_changes_of_one_finding() -> None:
    before = judged(failing("a"), failing("b"), failing("c"), failing("d"), unjudged("e"))
    after = judged(
        failing("a", severity="critical"), failing("b", message="b has one copy"), failing("c", evidence={"copies": 1}),
        unjudged("d"), failing("e"),
    )  # fmt: skip
    found = compare(before, after)
    changed = {one.subject_name: (one.what, one.reason) for one in found.changed}
    assert changed == {
        "a": (("severity",), "severity"),
        "b": (("message",), "message"),
        "c": (("evidence",), "evidence"),
        "d": (("outcome",), "not_evaluated"),
        "e": (("outcome",), "evaluated"),
    }
    assert not found.fixed and not found.new
    assert "not fixed" in next(one.why for one in found.changed if one.subject_name == "d")


def test_the_exit_code_follows_what_became_worse() -> None:
    quiet = judged(failing("a", severity="medium"))
    assert not worse(compare(quiet, quiet), "low")
    assert worse(compare(quiet, judged(failing("b"))), "high")
    assert not worse(compare(quiet, judged(failing("b"))), "critical")
    assert not worse(compare(quiet, judged(failing("b"))), "never")
    assert not worse(compare(quiet, judged(failing("b", status="waived"))), "low")
    assert worse(compare(quiet, judged(failing("a", severity="high"))), "high")
    assert not worse(compare(judged(failing("a")), quiet), "low")
    assert worse(compare(judged(unjudged("a")), judged(failing("a"))), "high")
    assert not worse(compare(judged(failing("a")), judged(unjudged("a"))), "low")


def test_what_makes_a_comparison_weaker_is_said() -> None:
    before, after = (
        judged(organization="o-a"),
        judged(organization="o-b", finished="2025-01-01T00:00:00Z", rules=(RULE, OTHER)),
    )
    notes = "\n".join(compare(before, replace(after, coverage=0.5)).notes)
    for words in ("two organizations", "later one", "1 more and 0 fewer", "share"):
        assert words in notes


HOSTILE = "\x1b[31m<b>|@all\n# x"


def test_paper_keeps_hostile_text_harmless() -> None:
    found = compare(
        judged(failing("a")),
        judged(failing(HOSTILE, message=HOSTILE, account_name=HOSTILE), unjudged("a", message=HOSTILE)),
    )
    for style in paper.STYLES.values():
        text = style(found)
        assert "\x1b" not in text and "\n# x" not in text
    assert "<b>" not in paper.markdown(found) and "@all" not in paper.markdown(found).replace("\u200b", "&")
    assert "New: 1" in paper.text(found)


def test_evidence_alone_is_counted_and_long_lists_are_cut() -> None:
    before = judged(*(failing(f"n{n}") for n in range(50)))
    after = judged(*(failing(f"n{n}", evidence={"copies": n + 1}) for n in range(50)))
    assert "50 of which only the evidence changed" in paper.text(compare(before, after))
    assert "... and 10 more" in paper.text(compare(judged(), before))
