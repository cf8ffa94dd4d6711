"""Which of the required kinds of tags the bill is split by: table `cost_tag_facts`."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from scanner.analysis import insert
from scanner.classify import tag_key, tag_kinds
from scanner.config import Config
from scanner.snapshot.schema import table

USES: tuple[str, ...] = ()

FACTS = table(
    "cost_tag_facts",
    "Required kinds of tags, and the cost allocation tags that mean them, in the account that pays.",
    """
        kind string owner, workload, cost or environment.
        active_keys string Activated keys that mean it, joined with commas; NULL without one.
        inactive_keys string Keys that mean it and are not activated, joined with commas; NULL without one.
    """,
)
TABLES = (FACTS,)


def run(connection: Any, config: Config) -> None:
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    payers = connection.execute(
        """SELECT coalesce(max(o.management_account_id), min(a.account_id)) FROM accounts a LEFT JOIN organizations o ON TRUE"""
    ).fetchone()
    tags = connection.execute(
        "SELECT key, active FROM cost_allocation_tags WHERE account_id = ? AND type <> 'AWSGenerated' ORDER BY ALL",
        payers,
    ).fetchall()
    meanings = tag_kinds(config.classification)
    for key, active in tags:
        found[meanings.get(tag_key(key), ""), "active" if active else "inactive"].append(key)
    rows = [
        (payers[0], "global", kind, *(", ".join(found[kind, state]) or None for state in ("active", "inactive")))
        for kind in sorted(config.required_resource_tags)
    ]
    insert(connection, FACTS, rows)
