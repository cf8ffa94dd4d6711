"""Laws of a layout and an order of moves, over any resources and couplings; no tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.classify import Words
from scanner.config import Classification
from scanner.split import order, plan
from scanner.split.facts import Account
from scanner.split.kinds import KINDS, TOGETHER
from scanner.split.layout import Layout
from scanner.split.model import Coupling, Placement, Resource

WORDS = Words(Classification())
NATURES = ("ground", "stateless", "data", "secret", "copy")
NUMBERS = st.integers(0, 11)


@st.composite
def estates(draw: st.DrawFn) -> tuple[Account, dict[str, Resource], list[Coupling]]:
    resources = {}
    for number in range(draw(st.integers(1, 12))):
        workload = draw(st.sampled_from([None, None, "shop", "newsletter", "billing", "platform"]))
        environment = draw(st.sampled_from([None, None, "production", "test", "shared"]))
        told = [f"tag {value}" if value else None for value in (workload, environment)]
        arn = f"arn:aws:x:r:1:t/{number:02}"
        resources[arn] = Resource(
            arn, "t", f"n{number}", "r", draw(st.sampled_from(NATURES)), workload, environment, *told
        )
    arns = sorted(resources)
    couplings = {}
    for kind, one, other in draw(st.lists(st.tuples(st.sampled_from(sorted(KINDS)), NUMBERS, NUMBERS), max_size=20)):
        source, target = arns[one % len(arns)], arns[other % len(arns)]
        if source != target:
            couplings[kind, source, target] = Coupling(
                kind, source, target, KINDS[kind].weight, f"{source} {kind} {target}"
            )
    workload, environment = [draw(st.sampled_from([None, value])) for value in ("shop", "production")]
    return (
        Account("1", "legacy", workload, environment, is_management=draw(st.booleans())),
        resources,
        list(couplings.values()),
    )


def placed(estate: tuple[Account, dict[str, Resource], list[Coupling]]) -> list[Placement]:
    account, resources, couplings = estate
    return Layout(account, resources, couplings, WORDS).placements()


def ordered(estate: tuple[Account, dict[str, Resource], list[Coupling]]) -> tuple[Any, ...]:
    found = placed(estate)
    cells = plan.layout_cells(estate[0], found, {})
    crossings = plan.crossing(cells, found, estate[2])
    return cells, found, crossings, order.steps(cells, found, estate[2], crossings, frozenset())


@settings(deadline=None)
@given(estates())
def test_every_resource_lands_in_exactly_one_cell(estate: Any) -> None:
    cells, found, _, _ = ordered(estate)
    assert sorted(one.resource.arn for one in found) == sorted(estate[1])
    keys = [cell.key for cell in cells]
    assert len(keys) == len(set(keys)) and {one.key for one in found} == set(keys)


@settings(deadline=None)
@given(estates())
def test_nothing_is_moved_against_its_own_evidence(estate: Any) -> None:
    layout = Layout(estate[0], estate[1], estate[2], WORDS)
    for one in layout.placements():
        if layout.says_shared(one.resource):
            continue  # told apart below
        assert one.resource.own_workload in (None, one.workload)
        assert one.resource.own_environment in (None, one.environment)
        if one.resource.own_workload and one.resource.own_environment:
            assert one.basis == "evidence"


@settings(deadline=None)
@given(estates())
def test_what_is_tagged_as_shared_gets_a_cell_of_its_own_only_where_several_workloads_use_it(estate: Any) -> None:
    layout = Layout(estate[0], estate[1], estate[2], WORDS)
    found = {one.resource.arn: one for one in layout.placements()}
    shared = {arn for arn, one in estate[1].items() if layout.says_shared(one)}
    for group in set(layout._groups.values()):
        members = {arn for arn, of in layout._groups.items() if of == group}
        near = {
            far for one in estate[2] for far in (one.source, one.target) if {one.source, one.target} & members
        } - shared
        if any(estate[1][arn].own_workload is None for arn in near):
            continue  # whose those are is a guess
        users = {estate[1][arn].own_workload for arn in near | members} - {None, "platform"}
        if len(users) > 1:
            assert {found[arn].basis for arn in members} == {"shared"}
        elif users:
            assert {found[arn].workload for arn in members} == users
            assert "shared" not in {found[arn].basis for arn in members}
        else:
            assert {found[arn].basis for arn in members} == {"undecided"}


@settings(deadline=None)
@given(estates())
def test_every_coupling_between_cells_is_listed_and_no_other(estate: Any) -> None:
    _, found, crossings, _ = ordered(estate)
    where = {one.resource.arn: one.key for one in found}
    wanted = {one for one in estate[2] if where[one.source] != where[one.target]}
    assert {one.coupling for one in crossings} == wanted and len(crossings) == len(wanted)
    assert all(one.instead for one in crossings)


@settings(deadline=None)
@given(estates())
def test_everything_that_does_not_stay_moves_once(estate: Any) -> None:
    cells, found, _, steps = ordered(estate)
    staying = {cell.key for cell in cells if cell.stays}
    moved = [arn for step in steps for arn in step.moves]
    assert sorted(moved) == sorted(one.resource.arn for one in found if one.key not in staying)
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    assert all(step.needs or "anew" in step.title for step in steps)


@settings(deadline=None)
@given(estates())
def test_every_crossing_with_an_end_that_moves_is_cut_once(estate: Any) -> None:
    _, _, crossings, steps = ordered(estate)
    cut = [one for step in steps for one in step.cuts]
    moved = {arn for step in steps for arn in step.moves}
    wanted = [one for one in crossings if {one.coupling.source, one.coupling.target} & moved]
    assert sorted(map(str, cut)) == sorted(map(str, wanted))


@settings(deadline=None)
@given(estates())
def test_nothing_moves_before_what_it_needs(estate: Any) -> None:
    cells, found, _, steps = ordered(estate)
    at = {arn: step.number for step in steps for arn in step.moves}
    of = {one.resource.arn: one for one in found}
    lent = {cell.key for cell in cells if cell.sort == "shared"}
    for one in estate[2]:
        source, target = of[one.source], of[one.target]
        needed = KINDS[one.kind].needed and (source.key == target.key or target.key in lent)
        if needed and {one.source, one.target} <= at.keys() and source.resource.nature != "ground":
            assert at[one.target] <= at[one.source]
    for cell in cells:
        mine = [step.number for step in steps if step.cell == cell.name]
        opened = [step.number for step in steps if step.cell == cell.name and "anew" in step.title]
        assert cell.stays or (opened and opened[0] == min(mine))


@settings(deadline=None)
@given(estates())
def test_what_is_one_thing_in_two_parts_moves_together(estate: Any) -> None:
    _, found, _, steps = ordered(estate)
    at = {arn: step.number for step in steps for arn in step.moves}
    of = {one.resource.arn: one for one in found}
    for one in estate[2]:
        ends = [of[one.source], of[one.target]]
        same = ends[0].key == ends[1].key and "ground" not in {end.resource.nature for end in ends}
        if one.weight >= TOGETHER and same and one.source in at:
            assert at[one.source] == at[one.target]


@settings(deadline=None)
@given(estates(), st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(estate: Any, random: Any) -> None:
    account, resources, couplings = estate
    arns, turned = list(resources), list(couplings)
    random.shuffle(arns)
    random.shuffle(turned)
    other = (account, {arn: resources[arn] for arn in arns}, turned)
    one, two = ordered(estate), ordered(other)
    assert sorted(map(str, one[1])) == sorted(map(str, two[1]))
    assert one[0] == two[0] and one[2] == two[2] and one[3] == two[3]


@settings(deadline=None)
@given(estates())
def test_a_guess_names_a_coupling_that_leads_to_its_cell(estate: Any) -> None:
    found = placed(estate)
    where = {one.resource.arn: one for one in found}
    for one in found:
        if one.basis == "guessed" and one.decided_by is not None and not one.because.startswith("tag"):
            assert one.resource.arn in (one.decided_by.source, one.decided_by.target)
            far = where[one.decided_by.other(one.resource.arn)]
            assert far.workload == one.workload or far.environment == one.environment


def test_weak_guesses_are_of_low_confidence() -> None:
    web = Resource("arn:web", "instance", "web", "r", "stateless", "shop", "production", "tag a", "tag b")
    bare = Resource("arn:bare", "instance", "bare", "r", "stateless")
    other = replace(bare, arn="arn:other")
    couplings = [Coupling("vpc", "arn:bare", "arn:web", 1, "x"), Coupling("role", "arn:other", "arn:web", 4, "y")]
    estate = (Account("1", "n", None, None, False), {one.arn: one for one in (web, bare, other)}, couplings)
    confidence = {one.resource.arn: (one.basis, one.confidence, one.key) for one in placed(estate)}
    assert confidence["arn:web"] == ("evidence", "high", ("shop", "production"))
    assert confidence["arn:bare"] == ("guessed", "low", ("shop", "production"))
    assert confidence["arn:other"] == ("guessed", "medium", ("shop", "production"))
