"""More of what has to hold whatever the policies say: beyond denies and gaps, what moving, adding and reordering may do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.analysis.trust import Trust
from tests.analysis.trust.test_trust_properties import LOOSENESS, STAGE, sources, statements, targets, worlds
from tests.analysis.trust.world import LAYERS, A, World

MANY = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
RANK = {**LOOSENESS, "unknown": 1}


@st.composite
def grants(draw: Any) -> tuple[str, dict[str, Any]]:
    layer = draw(st.sampled_from([layer for layer in LAYERS if layer != "rcp"]))
    return layer, draw(statements(layer, "Allow"))


@MANY
@given(worlds(), grants(), sources, targets)
def test_adding_an_allow_never_tightens(
    world: World, grant: tuple[str, dict[str, Any]], source: str, target: str
) -> None:
    before = STAGE.ask(world, source, target)
    after = STAGE.ask(world.adding(*grant), source, target)
    assert RANK[after.verdict] >= RANK[before.verdict], (before, after)


@MANY
@given(worlds(), st.lists(statements("scp-account", "Deny"), min_size=1, max_size=2), sources, targets)
def test_moving_an_account_under_a_unit_never_removes_its_denies(
    world: World, denies: list[dict[str, Any]], source: str, target: str
) -> None:
    """The unit has what the root has, and denies beside it."""
    STAGE.trust(world)
    before = Trust.load(STAGE.connection).ask(source, target)
    inside = replace(world, statements={**world.statements, "scp-account": (*world.statements["scp-account"], *denies)})
    deny_everywhere = STAGE.ask(inside, source, target)
    _move_under_unit(world, denies)
    after = Trust.load(STAGE.connection).ask(source, target)
    assert RANK[after.verdict] <= RANK[before.verdict]
    assert after.verdict == deny_everywhere.verdict, "a deny of the unit weighs as much as one of the account"


def _move_under_unit(world: World, denies: list[dict[str, Any]]) -> None:
    """Put account A below a new unit that has the root's policy and one of denies."""
    import json

    STAGE.trust(world)
    ask = STAGE.connection.execute
    ask("INSERT INTO organizational_units (unit_id, path, is_root) VALUES ('ou-new', 'Root / new', FALSE)")
    ask("UPDATE unit_ancestors SET distance = distance + 1 WHERE target_id = ? AND distance > 0", [A])
    ask("INSERT INTO unit_ancestors (target_id, ancestor_id, distance) VALUES (?, 'ou-new', 1)", [A])
    content = json.dumps({"Version": "2012-10-17", "Statement": denies})
    ask(
        "INSERT INTO organization_policies (policy_id, name, type, content) VALUES ('p-new', 'new', 'SERVICE_CONTROL_POLICY', ?)",
        [content],
    )
    ask("INSERT INTO policy_targets (policy_id, target_id) VALUES ('p-new', 'ou-new')")
    ask("INSERT INTO policy_targets (policy_id, target_id) VALUES ('p-scp-root', 'ou-new')")


@MANY
@given(worlds(), sources, targets, st.randoms())
def test_the_order_of_rows_never_matters(world: World, source: str, target: str, random: Any) -> None:
    one = STAGE.ask(world, source, target)
    for table in sorted(STAGE._rows):
        rows = STAGE.connection.execute(f"SELECT * FROM {table}").fetchall()
        random.shuffle(rows)
        STAGE.connection.execute(f"DELETE FROM {table}")
        marks = ", ".join("?" * len(rows[0]))
        STAGE.connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
    two = Trust.load(STAGE.connection).ask(source, target)
    assert one == two


@MANY
@given(worlds(), sources, targets, st.data())
def test_values_conditions_and_documents_in_other_order_and_form(
    world: World, source: str, target: str, data: Any
) -> None:
    """One value or a list of one, keys in any order, statements one by one or together: all the same."""
    one = STAGE.ask(world, source, target)
    other = {
        layer: tuple(_rewritten(statement, data) for statement in found) for layer, found in world.statements.items()
    }
    two = STAGE.ask(World(other, world.bounded), source, target)
    assert (one.verdict, one.conditions) == (two.verdict, two.conditions)


def _rewritten(statement: dict[str, Any], data: Any) -> dict[str, Any]:
    keys = data.draw(st.permutations(sorted(statement)))
    return {key: _in_list(statement[key]) if key in ("Action", "Resource") else statement[key] for key in keys}


def _in_list(value: Any) -> list[Any]:
    return list(reversed(value)) if isinstance(value, list) else [value]
