"""Who reaches whom and the drill: counts, order, shapes, ages; small and honest where not all of it fits."""

from __future__ import annotations

import io
import re
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from reports import drill, html, reach, reach_matrix
from reports.damage import prepare
from reports.reach_matrix import CELL, matrix
from reports.terminal import summary as terminal_summary
from reports.values import way
from scanner.findings import Drill, Finding, Reach, Result, SurvivingCopy, Survivor, UselessCopy
from tests.reports import damage, results
from tests.reports.test_report_html import data_of


def pair(source: str, target: str, verdict: str = "allow", administers: bool | None = False) -> Reach:
    return Reach(source, target, verdict, administers, administers, 1, (f"{source} to {target}",))


def prepared(*pairs: Reach) -> tuple[Result, dict[str, reach.Place], list[reach.Radius]]:
    result = replace(results.empty(), reach=pairs)
    where = reach.places(result)
    return result, where, reach.radii(result, where)


def page_of(result: Result) -> tuple[str, dict]:  # type: ignore[type-arg]
    stream = io.StringIO()
    html.write(result, stream)
    return stream.getvalue(), data_of(stream.getvalue())


def test_a_condition_or_a_doubt_is_never_counted_as_reached() -> None:
    _, _, [first, *_] = prepared(
        pair("a", "b", administers=True), pair("a", "c", "conditional"), pair("a", "d", "unknown"), pair("a", "e", administers=None)
    )  # fmt: skip
    assert (first.id, first.reaches, first.conditional, first.unknown) == ("a", 2, 1, 1)
    assert (first.administers, first.administers_unknown) == (1, 1)


def test_being_reached_perhaps_is_told_apart() -> None:
    _, _, radii = prepared(pair("a", "b"), pair("c", "b", "conditional"), pair("d", "b", "unknown"))
    [target] = [radius for radius in radii if radius.id == "b"]
    assert (target.reached_by, target.perhaps_reached_by) == (2, 1)


def test_hubs_come_first_then_clusters_whole() -> None:
    teams = [[f"{team}{number}" for number in range(5)] for team in "pqrstuvw"]
    inside = [pair(one, other) for team in teams for one in team for other in team if one != other]
    hub = [pair("hub", one, administers=True) for team in teams for one in team]
    _, where, radii = prepared(*inside, *hub)
    ids, groups = reach.ordered([radius.id for radius in radii], [*inside, *hub], where)
    assert ids[0] == "hub"
    assert [group.size for group in groups] == [1] + [5] * 8
    for group in groups[1:]:
        assert len({name[0] for name in ids[group.start : group.start + group.size]}) == 1


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh")), max_size=30, unique=True),
    st.randoms(),
)
def test_the_order_never_depends_on_the_order_of_pairs(edges: list[tuple[str, str]], chance) -> None:  # type: ignore[no-untyped-def]
    pairs = [pair(*edge) for edge in edges if edge[0] != edge[1]]
    shuffled = pairs[:]
    chance.shuffle(shuffled)
    _, where, radii = prepared(*pairs)
    ids = [radius.id for radius in radii]
    ordered, groups = reach.ordered(ids, pairs, where)
    assert (ordered, groups) == reach.ordered(reversed(ids), shuffled, where)
    assert sorted(ordered) == sorted(ids)
    assert sum(group.size for group in groups) == len(ids)


def marks(picture: str, name: str) -> list[str]:
    """Return the marks of one layer of a picture."""
    layer = re.search(rf'<g class="mark-rect role-mark {name}_marks"[^>]*[^/]>.*?</g>', picture)
    return re.findall(r"<path[^>]*>", layer[0]) if layer else []


def cells(drawn: list[str]) -> set[tuple[int, int]]:
    """Return the (row, column) that marks stand in."""
    found = set()
    for mark in drawn:
        [(x, y, width)] = re.findall(r' d="M([\d.]+),([\d.]+)h([\d.]+)', mark)
        columns = range(int(float(x)) // CELL, int(float(x) + float(width) - 0.01) // CELL + 1)
        found |= {(int(float(y)) // CELL, column) for column in columns}
    return found


@pytest.mark.parametrize("accounts", [14, 60])
def test_every_pair_is_one_mark_of_its_kind(accounts: int) -> None:
    result = results.make(accounts)
    where = reach.places(result)
    drawn = matrix(reach.radii(result, where), result.reach, where)
    place = {account.id: number for number, account in enumerate(drawn.accounts)}
    for name in reach.KINDS:
        expected = {(place[p.source], place[p.target]) for p in result.reach if reach.kind(p) == name}
        assert cells(marks(drawn.cells, name)) == expected


def test_marks_say_what_they_mean() -> None:
    [result, where, radii] = prepared(pair("a", "b", administers=True), pair("a", "c", "conditional"))
    drawn = matrix(radii, result.reach, where)
    said = [re.findall(r'aria-label="([^"]*)"', mark) for name in reach.KINDS for mark in marks(drawn.cells, name)]
    assert said == [["a administers b"], ["a enters under a condition c"]]


def test_a_matrix_of_too_many_marks_shows_fewer_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach_matrix, "MOST_MARKS", 200)
    result = results.make(400)
    where = reach.places(result)
    drawn = matrix(reach.radii(result, where), result.reach, where)
    assert 5 < len(drawn.accounts) < 300
    assert sum(len(marks(drawn.cells, name)) for name in reach.KINDS) <= 200


def test_a_large_organization_shows_those_that_matter_and_says_so() -> None:
    result = results.make(1000)
    text, data = page_of(result)
    assert len(data["damage"]["order"]) == reach.MOST_IN_MATRIX
    assert (
        "1,000 accounts of 1,000 reach another one or are reached; drawn are the 300 with the widest radius"
        in re.sub(r"\s+", " ", text)
    )
    shown = {result.accounts[0].id, result.accounts[1].id}
    names = [account[0] for account in data["accounts"]]
    assert shown <= {names[number] for number in data["damage"]["order"]}


@pytest.mark.parametrize(
    ("created", "text"),
    [
        ("2025-03-02T08:04:00Z", "new"), ("2025-03-02T08:02:11Z", "2 minutes old"), ("2025-03-02T08:03:11+00:00", "1 minute old"),
        ("2025-02-28T20:04:11Z", "36 hours old"), ("2025-02-27T08:04:11", "3 days old"), ("2025-03-09T00:00:00Z", "new"),
        (None, "of unknown age"), ("last week", "of unknown age"),
    ],
)  # fmt: skip
def test_ages_count_to_the_end_of_the_scan(created: str | None, text: str) -> None:
    assert drill.age(created, "2025-03-02T08:04:11Z") == text


def test_the_worst_copy_is_the_oldest_of_the_newest() -> None:
    def survivor(*created: str | None) -> Survivor:
        return Survivor(
            "arn", "n", "database", "production", tuple(SurvivingCopy("c", "9", at, None, False) for at in created)
        )

    def row(*survivors: Survivor) -> drill.Row:
        result = replace(results.empty(), drills=(Drill("1", (), survivors, (), ()),))
        return drill.rows(result, reach.places(result))[0]

    young, old = survivor("2025-03-02T07:04:11Z", "2024-01-01T00:00:00Z"), survivor("2025-02-20T08:04:11Z", None)
    assert row(young, old).age == "10 days old"
    assert row(young, survivor(None)).age == "of unknown age"
    assert row().age == ""


def test_copies_that_would_not_help_are_grouped_by_reason() -> None:
    def useless(number: int, why: str) -> UselessCopy:
        return UselessCopy(f"arn:aws:rds:eu-west-1:{number:012d}:snapshot:s", f"{number:012d}", "arn:store", why)

    reasons = [f"it is lent to 626805713671, but belongs to {number:012d}" for number in (1, 2)]
    drills = [Drill(f"{n:012d}", (), (), (), (), (useless(n, why),)) for n, why in enumerate(reasons, 1)]
    drills.append(Drill("000000000003", (), (), (), (), (useless(3, "nobody may read arn:aws:kms:eu:3:key/k"),)))
    groups = drill.useless(drills, {})
    assert [(group.why, len(group.copies)) for group in groups] == [
        ("it is lent to …, but belongs to …", 2), ("nobody may read arn:aws:kms:eu:3:key/k", 1)
    ]  # fmt: skip


def test_no_word_of_damage_where_nothing_was_analysed() -> None:
    text, _ = page_of(replace(results.make(12), reach=(), drills=()))
    assert 'id="drill"' not in text and 'id="reach"' not in text and "#reach" not in text.split("<script>")[1]
    assert "No account was found that reaches another one" in page_of(replace(results.make(12), reach=()))[0]


def test_the_way_behind_a_finding_is_numbered() -> None:
    base = results.make(3)
    finding: Finding = replace(
        base.findings[0],
        evidence={"chain": ["first step", "second step"], "path": "a/b"},
        outcome="fail",
        status="open",
    )
    result = replace(base, findings=(finding,))
    assert '<ol class="steps"><li><bdi>first step</bdi></li><li><bdi>second step</bdi></li></ol>' in page_of(result)[0]
    assert "<dd><bdi>a/b</bdi></dd>" in page_of(result)[0]
    stream = io.StringIO()
    terminal_summary(result, Console(file=stream, width=100), [])
    assert re.search(r"^ +1\. first step\n +2\. second step$", stream.getvalue(), re.M)


@pytest.mark.parametrize(
    ("key", "value", "steps"),
    [
        ("chain", ["a", "b"], ["a", "b"]), ("management_chain", "a; then b; c; then d", ["a", "b; c", "d"]),
        ("blast_radius_chain", "a; b", ["a", "b"]), ("unit_path", "Root / Workloads", []), ("path", ["a"], []),
        ("chain", None, []), ("copies", ["a", "b"], []), ("chain", "a\x1b; then b\u202e", ["a\\x1b", "b\\u202e"]),
    ],
)  # fmt: skip
def test_what_is_a_way(key: str, value: object, steps: list[str]) -> None:
    assert way(key, value) == steps


def test_the_largest_page_stays_below_20_megabytes() -> None:
    base = results.make(10_000, findings_per_account=10)
    pairs = damage.reach(base.accounts, hubs=8)
    result = replace(base, reach=pairs, drills=damage.drills(base.accounts, pairs))
    assert len(pairs) > 100_000 <= len(result.findings)
    started = time.process_time()
    text, data = page_of(result)
    assert time.process_time() - started < 20
    assert len(text.encode()) < 20_000_000
    assert data["damage"]["left"] == 0
    assert sum(len(row) // 4 for _, row in data["damage"]["pairs"]) == len(pairs)


def test_pairs_that_do_not_fit_are_counted_and_every_account_keeps_its_worst(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.damage_data.PAIR_BYTES", 4_000)
    result = results.make(100)
    _, data = page_of(result)
    kept = dict(data["damage"]["pairs"])
    assert data["damage"]["left"] == len(result.reach) - sum(len(row) // 4 for row in kept.values()) > 0
    assert len(kept) == len({pair.source for pair in result.reach})
    spread, _ = prepare(result)
    assert [radius[1] for radius in data["damage"]["radii"]] == [radius.reaches for radius in spread.radii]
