"""Rows that many accounts have in common are told once, and are in the table for each of them with its name in them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from scanner.analysis import create
from scanner.analysis.blast_radius.alike import Alike
from scanner.analysis.blast_radius.beyond import WHOSE
from scanner.snapshot.read import connect_empty
from scanner.snapshot.schema import table
from tests.analysis.blast_radius.estates import A, B, C

WAYS = table(
    "ways",
    "Ways.",
    """
        account_id string Of the target.
        region string Always global.
        from_id string The compromised account.
        target string Whom it leads to.
        chain strings A sentence a step.
    """,
)
SHOWN = {A: "account a", B: "account b", C: "account c"}


def written(*pairs: tuple[str, str], told: Callable[[str], tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    connection = connect_empty()
    create(connection, (WAYS,))
    alike = Alike(WAYS, "from_id", SHOWN)
    for account, key in pairs:
        alike.add(account, key, partial(told, key))
    alike.write(connection)
    found: list[tuple[Any, ...]] = connection.execute("SELECT * FROM ways ORDER BY from_id, target").fetchall()
    return found


def test_a_row_is_told_once_and_written_for_every_account_with_its_name() -> None:
    asked = []

    def told(key: str) -> tuple[Any, ...]:
        asked.append(key)
        return (C, "global", "whose", key, [f"{WHOSE} may assume {key}", f"{key} may call {WHOSE}"])

    found = written((A, "x"), (B, "x"), (A, "y"), told=told)
    assert asked == ["x", "y"]
    assert found == [
        (C, "global", A, "x", ["account a may assume x", "x may call account a"]),
        (C, "global", A, "y", ["account a may assume y", "y may call account a"]),
        (C, "global", B, "x", ["account b may assume x", "x may call account b"]),
    ]


def test_a_chain_may_be_empty() -> None:
    found = written((C, "x"), told=lambda key: (A, "global", "whose", key, []))
    assert found == [(A, "global", C, "x", [])]


def test_without_rows_nothing_is_written() -> None:
    assert written(told=lambda key: (key,)) == []
