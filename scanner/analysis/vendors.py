"""Accounts of well-known vendors and of AWS's own services, by name.

A name is a hint for people, never a reason to trust: no verdict hangs on it. Where the list comes from stands in its first line.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from scanner.analysis import insert
from scanner.config import Config
from scanner.snapshot.schema import table

LIST = Path(__file__).with_name("vendors.csv")
USES: tuple[str, ...] = ()
VENDORS = table(
    "known_vendors",
    "Accounts of well-known vendors, from a public list.",
    "account_id string The twelve digits.\n region string Always global.\n name string Whose account it is.",
)
TABLES = (VENDORS,)


def run(connection: Any, config: Config) -> None:
    insert(connection, VENDORS, [(account, "global", name) for account, name in names().items()])


@cache
def names() -> Mapping[str, str]:
    """Names by account id."""
    with LIST.open(encoding="utf-8", newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        return {row["account_id"]: row["name"] for row in csv.DictReader(lines)}


def shown(account: str) -> str:
    """`Datadog (464622532012)`; the bare number of an account nobody knows."""
    name = names().get(account)
    return f"{name} ({account})" if name else account
