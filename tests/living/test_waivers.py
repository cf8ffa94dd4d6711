"""Waivers: what they cover, what they may not cover any more, and what nobody can say of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.analysis.policies import glob
from scanner.errors import WaiverError
from scanner.findings import Gap, Subject
from scanner.lasting import Waiver, WaiverUse
from scanner.living import waivers
from scanner.living.waivers import Ground, Place
from tests.living.findings import HERE, LAB, RULE, SHOP, THERE, failing, hidden, shut, unjudged

TODAY = "2026-06-01"
GOOD = """\
waivers:
  - rule: backup_isolation/*
    account: 012345670123
    reason: goes away
    owner: data
    expiry: 2026-12-31
"""


def read(tmp_path: Path, text: str) -> tuple[Waiver, ...]:
    file = tmp_path / "bulkhead-waivers.yaml"
    file.write_text(text)
    return waivers.load(file)


def test_values_are_text_and_the_line_is_kept(tmp_path: Path) -> None:
    (one,) = read(tmp_path, GOOD)
    assert (one.account, one.expiry, one.line, one.subject) == ("012345670123", "2026-12-31", 2, None)


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (("    reason: goes away\n", ""), 2, "reason: is missing"),
        (("    owner: data\n", ""), 2, "owner: is missing"),
        (("    expiry: 2026-12-31\n", ""), 2, "expiry: is missing"),
        (("rule: backup_isolation/*\n    account", "account"), 2, "rule: is missing"),
        (("owner: data", "owner: ' '"), 5, "owner: is empty"),
        (("owner: data", "owner: [data]"), 5, "owner: is no text"),
        (("owner: data", "ovner: data"), 5, "ovner: is not a known key"),
        (("2026-12-31", "2026-13-45"), 6, "2026-13-45 is no day"),
        (("2026-12-31", "next year"), 6, "next year is no day"),
        (("2026-12-31", "20261231"), 6, "20261231 is no day"),
        (("2026-12-31", "2026-12-31T10:00:00"), 6, "is no day"),
        (("    account: 012345670123\n", ""), 2, "say what it is about"),
        (("waivers:", "waiver:"), 1, "waiver: is not a known key"),
        (("waivers:", "- waivers:"), 1, "is no mapping"),
        (("    reason: goes away", "   reason: goes away"), 4, "not YAML"),
    ],
)
def test_one_error_names_file_and_line(tmp_path: Path, change: tuple[str, str], line: int, words: str) -> None:
    with pytest.raises(WaiverError) as error:
        read(tmp_path, GOOD.replace(*change))
    told = str(error.value)
    assert told.startswith(f"{tmp_path / 'bulkhead-waivers.yaml'}:{line}: ") and words in told
    assert "\n" not in told


@settings(deadline=None)
@given(st.text(max_size=20), st.text(max_size=5), st.text(max_size=5))
def test_a_text_fits_itself_and_what_it_is_part_of(text: str, before: str, after: str) -> None:
    plain = text.replace("*", "").replace("?", "")
    assert glob(plain, plain)
    assert glob("*", text)
    assert glob(f"*{plain}*", before + plain + after)
    assert glob("?" * len(text), text)
    assert glob(plain, plain + "x") is False


def test_brackets_and_dots_are_themselves() -> None:
    assert glob("db[1].x", "db[1].x")
    assert not glob("db[1].x", "db1.x")
    assert not glob("a.c", "abc")


def waiver(rule: str = RULE, expiry: str = "2026-06-01", **patterns: str) -> Waiver:
    given: dict[str, Any] = dict.fromkeys(("account", "unit", "workload", "region", "subject"), None)
    return Waiver(rule=rule, reason="because", owner="data", expiry=expiry, line=7, **{**given, **patterns})


PLACES = {
    SHOP: Place(
        SHOP, frozenset({SHOP, "shop-production"}), frozenset({"ou-1", "Shop", "Root / Shop", "Root/Shop", "Root"})
    ),
    LAB: Place(LAB, frozenset({LAB, "lab"}), frozenset({"ou-2", "Lab", "Root"})),
    "ou-2": Place("ou-2", frozenset({"ou-2"}), frozenset({"ou-2", "Lab", "Root"})),
}


def ground(
    *gaps: Gap, run: tuple[str, ...] = (RULE,), known: tuple[str, ...] = (RULE, "limits/x"), **places: Place
) -> Ground:
    return Ground({**PLACES, **places}, gaps, frozenset(run), frozenset(known))


def status(one: Waiver, finding: Any) -> str:
    return waivers.apply([finding], [one], ground(), TODAY)[0][0].status


@pytest.mark.parametrize(
    ("patterns", "covers"),
    [
        ({"account": SHOP}, True),
        ({"account": "shop-*"}, True),
        ({"account": LAB}, False),
        ({"unit": "Shop"}, True),
        ({"unit": "ou-1"}, True),
        ({"unit": "Root/Shop"}, True),
        ({"unit": "Root / Sh*"}, True),
        ({"unit": "Lab"}, False),
        ({"workload": "shop"}, True),
        ({"workload": "billing"}, False),
        ({"region": HERE}, True),
        ({"region": THERE}, False),
        ({"subject": "orders"}, True),
        ({"subject": "arn:aws:rds:*:*:db:ord*"}, True),
        ({"subject": "order"}, False),
        ({"account": SHOP, "subject": "billing"}, False),
        ({"rule": "backup_isolation/*", "account": "*"}, True),
        ({"rule": "blast_radius/*", "account": "*"}, False),
    ],
)
def test_every_pattern_has_to_fit(patterns: dict[str, str], covers: bool) -> None:
    assert status(waiver(**patterns), failing()) == ("waived" if covers else "open")


def test_a_unit_itself_is_below_itself() -> None:
    finding = failing(account=None, subject=Subject("organizational_unit", "ou-2", None, "Lab"))
    assert status(waiver(unit="Lab"), finding) == "waived"
    assert status(waiver(unit="Shop"), finding) == "open"


def test_a_star_also_fits_what_has_no_account() -> None:
    finding = failing(account=None, region=None, subject=Subject("workload", "shop", None, "shop"))
    assert status(waiver(account="*", unit="*", region="*"), finding) == "waived"
    assert status(waiver(account="1*"), finding) == "open"


def test_the_last_day_counts_and_the_next_does_not() -> None:
    assert status(waiver(account="*", expiry="2026-06-01"), failing()) == "waived"
    assert status(waiver(account="*", expiry="2026-05-31"), failing()) == "open"


def test_a_waived_finding_says_why_by_whom_and_until_when() -> None:
    found, _ = waivers.apply(
        [failing()], [waiver(account="*", expiry="2025-01-01"), waiver(account="*")], ground(), TODAY
    )
    assert found[0].waiver is not None
    assert (found[0].waiver.reason, found[0].waiver.owner, found[0].waiver.expiry) == (
        "because",
        "data",
        "2026-06-01",
    )


def test_what_was_not_evaluated_is_never_waived() -> None:
    found, _ = waivers.apply([unjudged(), hidden()], [waiver(account="*")], ground(), TODAY)
    assert [one.status for one in found] == ["open", "open"]


def used(one: Waiver, *findings: Any, over: Ground | None = None) -> WaiverUse:
    return waivers.apply(findings, [one], over or ground(), TODAY)[1][0]


def test_what_becomes_of_waivers() -> None:
    assert used(waiver(account="*"), failing()).status == "active"
    assert (used(waiver(account="*", expiry="2025-01-01"), failing()).status, 1) == ("expired", 1)
    assert used(waiver(account="*", expiry="2025-01-01"), failing()).findings == 1
    assert used(waiver(account="*")).status == "unmatched"
    assert used(waiver(rule="backup_isolation/misspelt", account="*"), failing()).note == "there is no such rule"


@pytest.mark.parametrize(
    ("patterns", "findings", "over"),
    [
        ({"subject": "orders"}, (unjudged(),), ground()),
        ({"subject": "other"}, (hidden(),), ground()),
        ({"workload": "billing"}, (hidden(),), ground()),
        ({"subject": f"arn:aws:rds:{HERE}:{SHOP}:db:x"}, (hidden(),), ground()),
        ({"account": SHOP}, (), ground(shut(SHOP))),
        ({"unit": "Shop"}, (), ground(shut(SHOP))),
        ({"account": "333333333333"}, (), ground(shut("333333333333"))),
        ({"subject": "x", "region": THERE}, (), ground(shut(SHOP, "not_selected", THERE))),
        ({"account": "old"}, (), ground(**{"4": Place("4", frozenset({"4", "old"}), frozenset(), chosen=False)})),
        (
            {"account": "x"},
            (),
            ground(Gap(SHOP, "global", "organizations", "organizations.list_accounts", "access_denied", "no")),
        ),
        ({"rule": "limits/x", "account": "*"}, (), ground()),
        ({"rule": "*", "account": LAB}, (), ground()),
    ],
)
def test_what_was_not_seen_is_not_unmatched(patterns: dict[str, str], findings: tuple[Any, ...], over: Ground) -> None:
    assert used(waiver(**patterns), *findings, over=over).status == "unseen"


@pytest.mark.parametrize(
    ("patterns", "findings", "over"),
    [
        ({"subject": "other"}, (unjudged(),), ground()),
        ({"account": LAB}, (hidden(),), ground()),
        ({"region": THERE, "account": "*"}, (hidden(),), ground()),
        ({"subject": f"arn:aws:rds:{HERE}:{LAB}:db:x"}, (hidden(),), ground()),
        ({"subject": f"arn:aws:rds:{THERE}:{SHOP}:db:x"}, (hidden(),), ground()),
        ({"account": SHOP}, (), ground(shut(LAB))),
        ({"account": SHOP, "region": HERE}, (), ground(shut(SHOP, "not_selected", THERE))),
    ],
)
def test_a_gap_elsewhere_is_no_excuse(patterns: dict[str, str], findings: tuple[Any, ...], over: Ground) -> None:
    assert used(waiver(**patterns), *findings, over=over).status == "unmatched"
