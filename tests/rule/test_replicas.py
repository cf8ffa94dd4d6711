"""A read replica is the same data at another address: who reaches it reaches the data store it belongs to."""

from __future__ import annotations

from typing import Any

import pytest

from scanner import analysis, vocabulary
from scanner.aws.recording import Replay
from scanner.config import Config
from tests.rule import organization
from tests.rule.memory import Rows, collected, connection_of

ASKED = "publicly_reachable, public_path, reached_across_accounts, client_workload_count, open_to_whole_network"


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Rows:
    return collected(Replay(organization.write(tmp_path_factory.mktemp("o")))).tables()


def stores(rows: Rows, *changes: str) -> dict[str, tuple[Any, ...]]:
    """What is said of every relational data store, by ARN."""
    connection = connection_of(rows)
    for change in changes:
        connection.execute(change)
    analysis.run_all(connection, Config(), organization.READ_AT)
    vocabulary.create(connection, vocabulary.load(), Config(), organization.READ_AT)
    found = connection.execute(f"SELECT id, {ASKED} FROM data_store WHERE is_relational").fetchall()
    return {arn: tuple(said) for arn, *said in found}


def replica(arn: str, source: str) -> str:
    return f"UPDATE databases SET source_arn = '{source}' WHERE arn = '{arn}'"


def test_a_store_is_reached_as_its_replicas_are(rows: Rows) -> None:
    before = stores(rows)
    public = min(arn for arn, said in before.items() if said[0])
    hidden = sorted(arn for arn, said in before.items() if ":rds:" in arn and ":db:" in arn and said[0] is False)[:2]
    assert len(hidden) == 2, "the example has two databases that the internet does not reach"
    after = stores(rows, replica(public, hidden[0]))
    assert public not in after, "a replica is no data store of its own"
    assert after[hidden[0]][:2] == before[public][:2]
    assert after[hidden[0]][4] or not before[public][4]
    of_a_replica = stores(rows, replica(hidden[1], hidden[0]), replica(public, hidden[1]))
    assert of_a_replica[hidden[0]][0] is True


def test_a_replica_of_what_nobody_listed_is_judged_itself(rows: Rows) -> None:
    before = stores(rows)
    public = min(arn for arn, said in before.items() if said[0])
    assert stores(rows, replica(public, f"arn:aws:rds:ap-south-1:{organization.ORDERS}:db:gone"))[public][0] is True
