"""Which spellings are taken for one value, and which are not."""

from __future__ import annotations

import pytest

from scanner.analysis import create, tag_values
from scanner.config import Config
from scanner.snapshot.read import connect_empty


def variants(key: str, **carriers: int) -> set[tuple[str, str, str]]:
    """Judge values of one tag key, each on so many resources; `__` stands for a hyphen."""
    connection = connect_empty()
    for value, number in carriers.items():
        for n in range(number):
            text = value.replace("__", "-")
            connection.execute("INSERT INTO tags (arn, key, value) VALUES (?, ?, ?)", [f"{text}-{n}", key, text])
    create(connection, tag_values.TABLES)
    tag_values.run(connection, Config())
    rows = connection.execute("SELECT value, stands_for, reason FROM tag_value_variants").fetchall()
    return set(rows)


@pytest.mark.parametrize(
    ("key", "carriers", "expected"),
    [
        ("product", {"checkout": 3, "Checkout": 1}, {("Checkout", "checkout", "spelling")}),
        ("product", {"order__service": 3, "order_service": 1}, {("order_service", "order-service", "spelling")}),
        ("environment", {"production": 3, "prod": 1, "test": 2}, {("prod", "production", "abbreviation")}),
        ("environment", {"prd": 3, "production": 1}, {("production", "prd", "abbreviation")}),
        ("product", {"checkout": 5, "chekcout": 1}, {("chekcout", "checkout", "slip")}),
        ("product", {"shop__checkout": 5, "shop__checkuot": 1}, {("shop-checkuot", "shop-checkout", "slip")}),
        # Other words, other numbers, other people.
        ("product", {"checkout": 5, "chekcout": 4}, set()),
        ("product", {"team__a": 9, "team__b": 1}, set()),
        ("product", {"blue": 9, "glue": 1}, set()),
        ("cost-centre", {"20100": 9, "20101": 1, "2__0100": 1}, set()),
        ("product", {"tier__1__2": 3, "tier__12": 1, "tier__1__-2": 1}, {("tier-1--2", "tier-1-2", "spelling")}),
        ("product", {"c": 3, "c++": 1, "c#": 1}, set()),
        ("owner", {"maria.schmidt@x.example": 9, "maria.schmid@x.example": 1}, set()),
        ("environment", {"staging": 5, "uat": 2, "test": 5, "qa": 1}, set()),
        ("colour", {"checkout": 3, "Checkout": 1}, set()),
    ],
)
def test_variants(key: str, carriers: dict[str, int], expected: set[tuple[str, str, str]]) -> None:
    assert variants(key, **carriers) == expected
