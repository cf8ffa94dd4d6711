"""The tables of the analysis: rows are few where accounts are many, counts are of all, and whoever needs all rows gets them."""

from __future__ import annotations

from typing import Any

import pytest

from scanner import analysis, drill
from scanner.analysis import blast_radius
from scanner.analysis.blast_radius import CUT
from scanner.analysis.blast_radius.escalations import rows as escalations
from scanner.analysis.recovery.engine import pairs_reached
from scanner.config import Config
from tests.analysis.blast_radius.estates import EVERYTHING, A, B, C, M, Person, Stage, World, arn, may, root, trusts

ASSUMES = may("sts:AssumeRole")


def tables(world: World) -> Any:
    stage = Stage()
    stage.set(world)
    stage.connection.execute("UPDATE organizational_units SET name = path")
    stage.connection.execute("DROP TABLE unread")
    analysis.run_all(stage.connection, Config(), wanted=["recovery"])
    return stage.connection


def reached(connection: Any) -> list[tuple[str, str]]:
    rows = connection.execute("SELECT account_id, target_account_id FROM account_reach ORDER BY ALL").fetchall()
    return [tuple(row) for row in rows]


OPEN = World(
    (
        Person(B, "reader", trust=(trusts("*"),)),
        Person(C, "reader", trust=(trusts("*"),)),
        Person(C, "mighty", trust=(trusts(root(A)),), policy=(EVERYTHING,)),
    )
)


@pytest.fixture
def few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blast_radius, "ROWS", 1)
    monkeypatch.setattr(blast_radius, "FEWEST", 1)


@pytest.mark.usefixtures("few_rows")
def test_the_administered_account_stays_where_rows_are_cut_and_counts_are_of_all() -> None:
    connection = tables(OPEN)
    assert (A, C) in reached(connection) and (A, B) not in reached(connection)
    counted = connection.execute("SELECT reached FROM account_radius WHERE account_id = ?", [A]).fetchone()
    assert counted == (2,)
    assert A in {row[0] for row in connection.execute(CUT).fetchall()}


@pytest.mark.usefixtures("few_rows")
def test_the_drill_of_one_account_is_complete_and_that_of_all_says_what_is_missing() -> None:
    whole = tables(OPEN)
    (one,) = drill.drills(whole, [M])
    everyone = {each.account: each for each in drill.drills(whole)}
    assert [each.account_id for each in one.falls_too] == [A, B, C] and one.notes == ()
    assert len(everyone[M].falls_too) == 1
    assert everyone[M].notes == ("2 more accounts are reached; the drill of this account alone lists all of them",)


def test_nothing_is_cut_where_there_is_room() -> None:
    connection = tables(OPEN)
    assert {(A, B), (A, C)} <= set(reached(connection))
    assert connection.execute(CUT).fetchall() == []
    (one,) = drill.drills(connection, [M])
    assert one == {each.account: each for each in drill.drills(connection)}[M]


@pytest.mark.usefixtures("few_rows")
def test_recovery_asks_about_every_pair_of_an_account_whose_rows_were_cut() -> None:
    connection = tables(OPEN)
    connection.execute("INSERT INTO data_stores (account_id, arn) VALUES (?, 's')", [A])
    connection.execute("INSERT INTO store_copies (store_arn, copy_arn, account_id) VALUES ('s', 'c', ?)", [B])
    assert (A, B) not in reached(connection)
    assert pairs_reached(connection) >= {(A, B)}


def test_recovery_asks_about_accounts_that_the_bucket_of_a_copy_lets_in() -> None:
    connection = tables(OPEN)
    connection.execute("INSERT INTO data_stores (account_id, arn) VALUES (?, 's')", [A])
    copy = "INSERT INTO store_copies (store_arn, copy_arn, account_id, kind) VALUES ('s', 'c', ?, 'replication')"
    connection.execute(copy, [M])
    assert (A, B) not in pairs_reached(connection)
    statement = "INSERT INTO policy_statements (account_id, statement_id, holder_arn, kind, effect) VALUES (?, 'x', 'c', 'resource', 'Allow')"
    connection.execute(statement, [M])
    connection.execute(
        "INSERT INTO statement_principals (account_id, statement_id, principal_account) VALUES (?, 'x', ?)", [M, B]
    )
    assert (A, B) in pairs_reached(connection)


# ---------------------------------------------------------------------- roles that trust everybody


def test_who_may_assume_only_some_roles_gets_only_those_that_trust_everybody() -> None:
    people = (
        Person(A, "any", policy=(ASSUMES,)),
        Person(A, "some", policy=(may("sts:AssumeRole", arn(B, "*")),)),
        Person(B, "one", trust=(trusts("*"),)),
        Person(B, "two", trust=(trusts("*"),)),
        Person(C, "one", trust=(trusts("*"),)),
    )
    radius = Stage().radius(World(people))
    every, some = radius.of_principal(arn(A, "any")), radius.of_principal(arn(A, "some"))
    assert [who for who, _, _ in every[B].principals] == [arn(B, "one"), arn(B, "two")]
    assert every[C].chain == (
        f"{arn(A, 'any')} may assume {arn(C, 'one')} (statement 1 of its trust policy; statement 1 of inline policy own)",
    )
    assert set(some) == {A, B}
    assert len(radius.graph.edges(arn(A, "any"))) == 1
    assert len(radius.graph.edges(arn(A, "some"))) == 2


def test_a_way_to_administration_through_another_account_is_an_escalation() -> None:
    """Searching backwards leaves out nothing: the way leads through a role of B that trusts everybody."""
    people = (
        Person(A, "sender", policy=(may(["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]),)),
        Person(A, "worker", trust=(_runs(),), policy=(ASSUMES,)),
        Person(B, "bridge", trust=(trusts("*"),), policy=(ASSUMES,)),
        Person(A, "mighty", trust=(trusts(arn(B, "bridge")),), policy=(EVERYTHING,)),
        Person(A, "idle", policy=(may(["iam:PassRole", "lambda:CreateFunction"]),)),
    )
    found = list(escalations(Stage().radius(World(people))))
    assert [(row[2], row[3], len(row[4])) for row in found] == [(arn(A, "sender"), "allow", 4)]


def _runs() -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
