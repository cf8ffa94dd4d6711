"""Who can open a connection to what, for the whole organization: the network analysis in bulk.

`scanner.analysis.network` answers one question; here every data store is asked about at once, and every workload that
something from a lower environment may reach over a connection of VPCs. Clients are instances, functions, tasks and the
internet; what comes in over VPN or Direct Connect AWS does not tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from scanner.analysis import insert
from scanner.analysis.connections.crossings import Crossings
from scanner.analysis.connections.paths import Paths
from scanner.analysis.connections.rows import Row, Target, Writer
from scanner.analysis.connections.stores import stores
from scanner.analysis.connections.tables import NETWORK_PATHS, PEERING_USES
from scanner.analysis.connections.uses import Uses
from scanner.config import Config

USES = ("unread", "classification")
TABLES = (NETWORK_PATHS, PEERING_USES)

__all__ = ["Row", "Target", "Writer", "run"]


BATCH = 20_000
"""Rows that are held before they go to the table: with their reasons, those of a large organization are gigabytes."""

_SAME_SQL = f"SELECT count(*) > count(DISTINCT hash({', '.join(NETWORK_PATHS.names)})) FROM network_paths"
_ONCE_SQL = "CREATE OR REPLACE TABLE network_paths AS SELECT DISTINCT * FROM network_paths ORDER BY ALL"


def run(connection: Any, config: Config) -> None:
    paths = Paths(connection)
    writer = Writer(connection)
    for batch in _batches(chain(stores(paths, writer), Crossings(paths, writer).rows())):
        insert(connection, NETWORK_PATHS, [tuple(row) for row in dict.fromkeys(batch)])
    if connection.execute(_SAME_SQL).fetchone()[0]:
        connection.execute(_ONCE_SQL)
    insert(connection, PEERING_USES, sorted(set(Uses(paths).rows(connection)), key=str))


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, BATCH)):
        yield batch
