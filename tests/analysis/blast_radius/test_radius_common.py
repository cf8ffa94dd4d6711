"""What many accounts have in common is searched once: every account's closure is as if it had been searched for alone."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.analysis.blast_radius.beyond import Beyond, Starts
from scanner.analysis.blast_radius.closure import ANYBODY, EVERYONE, MEMBERS, WHATEVER, Edge, Growth
from scanner.analysis.blast_radius.graph import Graph
from scanner.analysis.blast_radius.reach import Reach, ReachBeyond
from tests.analysis.blast_radius.estates import A, B, C, arn

ACCOUNTS = [A, B, C]
OPEN = EVERYONE + "0:allow"
HUBS = [ANYBODY, OPEN, MEMBERS]
PEOPLE = [arn(account, name) for account in ACCOUNTS for name in ("x", "y")]
VERDICTS = st.sampled_from(["allow", "conditional", "unknown"])
PATIENT = settings(deadline=None, max_examples=300)


def _says(source: str, target: str) -> str:
    if source in HUBS or target == ANYBODY:
        return ""
    return f"{_shown(source)} may assume {WHATEVER if target == OPEN else target}"


def _shown(node: str) -> str:
    return f"account {node}" if node in ACCOUNTS else node


def _kind(target: str) -> str:
    return "govern" if target == MEMBERS else "assume"


into_hubs = st.lists(st.tuples(st.sampled_from(HUBS), VERDICTS), max_size=3).map(
    lambda steps: [
        Edge(account, hub, verdict, _says(account, hub), (), _kind(hub))
        for account in ACCOUNTS
        for hub, verdict in steps
    ]
)
others = st.lists(
    st.builds(
        lambda source, target, verdict: Edge(source, target, verdict, _says(source, target), (), _kind(target)),
        st.sampled_from([*ACCOUNTS, *HUBS, *PEOPLE, *PEOPLE]),
        st.sampled_from([*ACCOUNTS, OPEN, *PEOPLE, *PEOPLE]),
        VERDICTS,
    ),
    max_size=14,
)
growths = st.lists(
    st.builds(
        lambda giver, receiver, becomes, verdict: Growth(Edge(giver, becomes, verdict, f"{giver} grows"), receiver),
        st.sampled_from(PEOPLE),
        st.sampled_from(PEOPLE),
        st.sampled_from([*ACCOUNTS, *PEOPLE]),
        VERDICTS,
    ),
    max_size=3,
)


def graph_of(edges: list[Edge], grown: list[Growth] | None = None) -> Graph:
    graph = Graph()
    graph.add(edges)
    graph.grow(one for one in grown or () if one.edge.target != one.edge.source)
    return graph


@PATIENT
@given(into_hubs, others, st.booleans())
def test_ways_are_the_shortest_and_made_of_the_accounts_own_steps(
    hubs: list[Edge], more: list[Edge], governed: bool
) -> None:
    graph = graph_of([*hubs, *more])
    starts = Starts(graph, ACCOUNTS, _shown)
    for account in ACCOUNTS:
        closure, alone = starts.closure(account, governed=governed), graph.closure(account, governed=governed)
        assert set(closure) == set(alone)
        for node in closure:
            assert node in closure and node in alone
            assert (closure.rank(node), closure.hops(node)) == (alone.rank(node), alone.hops(node))
            steps = closure.steps(node)
            assert [one.source for one in steps] == [account, *(one.target for one in steps)][: len(steps)]
            assert all(one in graph.edges(one.source) for one in steps)
            assert closure.hops(node) == len(closure.chain(node))
            assert not any("\ue012" in text for text in closure.chain(node))


@PATIENT
@given(into_hubs, others, growths)
def test_nobody_grows_who_would_not_alone(hubs: list[Edge], more: list[Edge], grown: list[Growth]) -> None:
    graph = graph_of([*hubs, *more], grown)
    starts = Starts(graph, ACCOUNTS, _shown)
    for account in ACCOUNTS:
        closure, alone = starts.closure(account), graph.closure(account)
        assert {node: closure.rank(node) for node in closure} == {node: alone.rank(node) for node in alone}


@PATIENT
@given(into_hubs, others)
def test_what_is_held_in_an_account_is_the_same(hubs: list[Edge], more: list[Edge]) -> None:
    graph = graph_of([*hubs, *more])
    starts = Starts(graph, ACCOUNTS, _shown)
    for account in ACCOUNTS:
        closure, alone = starts.closure(account), Reach(graph.closure(account), lambda _: [])
        if isinstance(closure, Beyond):
            reached = ReachBeyond(closure, lambda _: [], Reach(closure.common, lambda _: []))
            assert list(reached) == list(alone) and len(reached) == len(alone) and reached.found() == alone.found()
            for target, held in reached.items():
                assert (reached.rank(target), reached.urgency(target)) == (alone.rank(target), alone.urgency(target))
                assert held.nodes == alone[target].nodes and held.hops == alone[target].hops
                assert len(held.chain) == len(alone[target].chain)


def test_most_accounts_have_what_lies_behind_a_hub_in_common() -> None:
    steps = [Edge(account, OPEN, "allow", _says(account, OPEN), (), "assume") for account in ACCOUNTS]
    graph = graph_of([*steps, Edge(OPEN, arn(C, "x"), "allow"), Edge(B, arn(A, "y"), "allow", "B enters A")])
    starts = Starts(graph, ACCOUNTS, _shown)
    found = [starts.closure(account) for account in ACCOUNTS]
    assert all(isinstance(one, Beyond) for one in found)
    assert found[0].chain(arn(C, "x")) == [f"account {A} may assume {arn(C, 'x')}"]
    assert found[1].chain(arn(A, "y")) == ["B enters A"] and arn(A, "y") not in found[0]


@PATIENT
@given(others, growths, st.sampled_from(PEOPLE), st.sampled_from(ACCOUNTS))
def test_looking_for_one_goal_finds_it_as_surely_and_as_near(
    edges: list[Edge], grown: list[Growth], start: str, goal: str
) -> None:
    graph = graph_of(edges, grown)
    every, one = graph.closure(start, assuming=False), graph.closure(start, assuming=False, goal=goal)
    assert (goal in one) == (goal in every)
    if goal in one:
        assert (one.verdict(goal), one.hops(goal)) == (every.verdict(goal), every.hops(goal))
        assert one.conditions(goal) == every.conditions(goal) and one.chain(goal) == every.chain(goal)
        assert graph.begins(start, {*PEOPLE, *ACCOUNTS, *HUBS})
