"""What has to hold whatever the policies say."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.analysis.trust.world import ALLOW_ALL, LAYERS, NEAR, ROLE, SOURCES, TARGETS, USER, A, Stage, World

STAGE = Stage()
LOOSENESS = {"deny": 0, "conditional": 1, "allow": 2}
MANY = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))

effects = st.sampled_from(["Allow", "Allow", "Deny"])
actions = st.sampled_from(["sts:AssumeRole", "sts:*", "*", "s3:*", ["iam:*", "sts:Assume*"]])
resources = st.sampled_from(["*", NEAR, "arn:aws:iam::*:role/x", "arn:aws:iam::*:role/${aws:PrincipalTag/a}"])
principals = st.sampled_from(
    ["*", {"AWS": A}, {"AWS": USER}, {"AWS": [ROLE]}, {"AWS": f"arn:aws:sts::{A}:assumed-role/r/s"},
     {"AWS": "444444444444"}, {"AWS": "AROAEXAMPLEEXAMPLE123"}, {"Service": "ec2.amazonaws.com"}]
)  # fmt: skip
conditions = st.sampled_from(
    [None, None, None,
     {"StringEquals": {"sts:ExternalId": "1"}}, {"StringNotEquals": {"sts:ExternalId": "1"}},
     {"Bool": {"aws:MultiFactorAuthPresent": "true"}}, {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
     {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}},
     {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1/r-1/ou-1/*"}}, {"Null": {"aws:SourceArn": "false"}},
     {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}, {"StringEquals": {"aws:PrincipalAccount": A}},
     {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, {"Resembles": {"aws:SourceIp": "10.0.0.0/8"}}]
)  # fmt: skip


@st.composite
def statements(draw: Any, layer: str, effect: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"Effect": effect or draw(effects), "Action": draw(actions)}
    if layer in ("trust", "rcp"):
        found["Principal"] = draw(principals) if layer == "trust" else "*"
    if layer != "trust":
        found["Resource"] = draw(resources)
    condition = draw(conditions)
    return {**found, "Condition": condition} if condition else found


@st.composite
def worlds(draw: Any) -> World:
    """Mostly open, so that verdicts differ."""
    layers = {layer: tuple(draw(st.lists(statements(layer), max_size=2))) for layer in LAYERS}
    for layer in ("managed", "boundary", "scp-root", "scp-account"):
        if draw(st.integers(0, 3)):
            layers[layer] = (*layers[layer], ALLOW_ALL)
    if draw(st.booleans()):
        layers["trust"] = (*layers["trust"], {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": A}})
    return World(layers, bounded=draw(st.booleans()))


@st.composite
def denials(draw: Any) -> tuple[str, dict[str, Any]]:
    layer = draw(st.sampled_from(LAYERS))
    return layer, draw(statements(layer, "Deny"))


sources, targets = st.sampled_from(SOURCES), st.sampled_from(TARGETS)
GAPS = (
    "trust",
    "managed",
    "boundary",
    "scp-root",
    "scp-account",
    "rcp",
    "organizations",
    "tree",
    "types",
    "targets",
    "iam",
)


@MANY
@given(worlds(), denials(), sources, targets)
def test_more_denies_never_loosen(world: World, denial: tuple[str, dict[str, Any]], source: str, target: str) -> None:
    before = STAGE.ask(world, source, target)
    after = STAGE.ask(world.adding(*denial), source, target)
    assert LOOSENESS[after.verdict] <= LOOSENESS[before.verdict]


@MANY
@given(worlds(), sources, targets, st.randoms())
def test_the_order_of_statements_never_matters(world: World, source: str, target: str, random: Any) -> None:
    shuffled = {layer: tuple(random.sample(found, len(found))) for layer, found in world.statements.items()}
    one = STAGE.ask(world, source, target)
    two = STAGE.ask(World(shuffled, world.bounded), source, target)
    assert (one.verdict, one.conditions) == (two.verdict, two.conditions)


@MANY
@given(worlds(), sources, targets, st.sets(st.sampled_from(GAPS), min_size=1, max_size=3))
def test_a_gap_only_ever_makes_an_answer_unknown(world: World, source: str, target: str, gaps: set[str]) -> None:
    whole = STAGE.ask(world, source, target)
    partial = STAGE.ask(World(world.statements, world.bounded, frozenset(gaps)), source, target)
    assert partial.verdict in (whole.verdict, "unknown")
    assert partial.verdict != "unknown" or any("settles" in reason for reason in partial.reasons)


@MANY
@given(worlds(), targets)
def test_the_list_is_the_questions(world: World, target: str) -> None:
    trust = STAGE.trust(world)
    listed = {one["arn"]: one["verdict"] for one in trust.who_can_assume(target)["principals"]}
    for source in (USER, ROLE, NEAR):
        assert listed.get(source, "deny") == trust.ask(source, target).verdict


@MANY
@given(worlds(), sources, targets)
def test_every_answer_has_reasons(world: World, source: str, target: str) -> None:
    answer = STAGE.ask(world, source, target)
    assert answer.reasons and all(answer.reasons)
    assert bool(answer.conditions) == (answer.verdict in ("conditional", "unknown"))
