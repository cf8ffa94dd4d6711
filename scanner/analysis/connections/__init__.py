"""Who can open a connection to what, for the whole organization: the network analysis in bulk.

`scanner.analysis.network` answers one question; here every data store is asked about at once, and every workload that
something from a lower environment may reach over a connection of VPCs. Clients are instances, functions, tasks and the
internet; what comes in over VPN or Direct Connect AWS does not tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.analysis import insert
from scanner.analysis.connections.crossings import Crossings
from scanner.analysis.connections.paths import Paths
from scanner.analysis.connections.rows import Row, Target, Writer
from scanner.analysis.connections.stores import stores
from scanner.analysis.connections.tables import NETWORK_PATHS, PEERING_USES
from scanner.config import Config

USES = ("classification",)
TABLES = (NETWORK_PATHS, PEERING_USES)

__all__ = ["Row", "Target", "Writer", "run"]


def run(connection: Any, config: Config) -> None:
    paths = Paths(connection)
    writer = Writer(connection)
    crossings = Crossings(paths, writer)
    rows = sorted(set(_rows(paths, writer, crossings)), key=str)
    insert(connection, NETWORK_PATHS, [tuple(row) for row in rows])
    insert(connection, PEERING_USES, sorted(set(crossings.uses(rows)), key=str))


def _rows(paths: Paths, writer: Writer, crossings: Crossings) -> Iterator[Row]:
    yield from stores(paths, writer)
    yield from crossings.rows()
