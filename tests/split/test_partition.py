"""The cut: what is fixed stays, the rest costs no more to cut off than the algorithm promises, and never another part by chance."""

from __future__ import annotations

import itertools
import subprocess
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.split.partition import partition

Edge = tuple[str, str, int]
FREE = ("a", "b", "c", "d", "e")


@st.composite
def graphs(draw: st.DrawFn, labels: int) -> tuple[dict[str, tuple[str]], list[Edge]]:
    fixed = {f"t{number}": (f"L{number}",) for number in range(labels)}
    pairs = list(itertools.combinations([*FREE, *fixed], 2))
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=14))
    return fixed, [(one, other, draw(st.integers(1, 6))) for one, other in chosen]


def cost(labels: dict[str, tuple[str]], edges: list[Edge]) -> int:
    return sum(weight for one, other, weight in edges if labels.get(one) != labels.get(other))


def cheapest(fixed: dict[str, tuple[str]], free: list[str], edges: list[Edge]) -> int:
    choices = itertools.product(fixed.values(), repeat=len(free))
    return min(cost({**fixed, **dict(zip(free, choice, strict=True))}, edges) for choice in choices)


@settings(deadline=None)
@given(graphs(2))
def test_between_two_it_is_the_cheapest_cut(graph: tuple[dict[str, tuple[str]], list[Edge]]) -> None:
    fixed, edges = graph
    found = partition([*FREE, *fixed], fixed, edges)
    inside = [edge for edge in edges if all(end in found or end in fixed for end in edge[:2])]
    assert cost({**fixed, **found}, inside) == cheapest(fixed, list(found), inside)


@settings(deadline=None)
@given(graphs(3))
def test_between_three_it_costs_at_most_a_third_more(graph: tuple[dict[str, tuple[str]], list[Edge]]) -> None:
    fixed, edges = graph
    found = partition([*FREE, *fixed], fixed, edges)
    inside = [edge for edge in edges if all(end in found or end in fixed for end in edge[:2])]
    assert cost({**fixed, **found}, inside) <= cheapest(fixed, list(found), inside) * 4 / 3


@settings(deadline=None)
@given(graphs(3), st.randoms(use_true_random=False))
def test_the_order_of_couplings_does_not_matter(
    graph: tuple[dict[str, tuple[str]], list[Edge]], random: object
) -> None:
    fixed, edges = graph
    nodes, other = [*FREE, *fixed], list(edges)
    random.shuffle(other)  # type: ignore[attr-defined]
    random.shuffle(nodes)  # type: ignore[attr-defined]
    turned = [(b, a, weight) for a, b, weight in other]
    assert partition(nodes, fixed, turned) == partition([*FREE, *fixed], fixed, edges)


@settings(deadline=None)
@given(graphs(3))
def test_whoever_is_connected_with_a_fixed_one_gets_a_label_and_nobody_else(
    graph: tuple[dict[str, tuple[str]], list[Edge]],
) -> None:
    fixed, edges = graph
    found = partition([*FREE, *fixed], fixed, edges)
    reached, size = set(fixed), 0
    while size != len(reached):
        size = len(reached)
        reached |= {end for one, other, _ in edges if {one, other} & reached for end in (one, other)}
    assert set(found) == reached - fixed.keys()


def test_the_seed_of_hashes_does_not_matter() -> None:
    program = (
        "from scanner.split.partition import partition\n"
        "fixed = {f't{n}': (f'L{n}',) for n in range(4)}\n"
        "nodes = [*fixed, *(f'n{n}' for n in range(40))]\n"
        "edges = [(nodes[a % 44], nodes[(a * 7 + 3) % 44], 1 + a % 3) for a in range(130) if a % 44 != (a * 7 + 3) % 44]\n"
        "print(sorted(partition(set(nodes), fixed, edges).items()))"
    )
    answers = {
        subprocess.run([sys.executable, "-c", program], env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)}, capture_output=True, text=True, check=True).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip
    assert len(answers) == 1 and answers.pop().count("L") > 20
