"""Recordings of network cases: read into a network, and asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from scanner import analysis
from scanner.analysis.network import Network
from scanner.config import Config
from scanner.scan import Reading, make_snapshot
from scanner.snapshot.read import connect, connect_empty

OWN = Path(__file__).parent / "cases"
SHARED = Path(__file__).parents[4] / "shared" / "cases" / "network"
CASES = sorted(path.parent.name for path in OWN.glob("*/expected.json"))
TABLES = [
    "coverage", "call_tables", "vpcs", "vpc_cidrs", "subnets", "route_tables", "route_table_associations", "routes",
    "security_groups", "security_group_rules", "network_acls", "network_acl_associations", "network_acl_entries",
    "network_interfaces", "instances", "vpc_peerings", "internet_gateways", "nat_gateways", "vpc_endpoints",
    "endpoint_services", "prefix_lists", "public_access_blocks", "public_access_exclusions", "transit_gateways",
    "transit_gateway_attachments", "transit_gateway_route_tables", "transit_gateway_routes",
    "transit_gateway_associations", "transit_gateway_propagations", "databases", "subnet_groups",
]  # fmt: skip


def network_of(recording: Path, folder: Path) -> Network:
    """Collect a recording into a snapshot below `folder`, and load it."""
    path = make_snapshot(folder / "snapshot", Config(), Reading(recorded=recording, workers=1))
    connection = connect(path)
    analysis.run_all(connection, Config(), wanted=["unread"])
    return Network.load(connection)


def rows_of(case: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((case / "expected.json").read_text())["rows"]
    return rows


def wrong(network: Network, rows: list[dict[str, Any]]) -> list[str]:
    """Return a line for every row whose answer is neither the verdict nor one of those that are honest as well."""
    lines = []
    for row in rows:
        answer = network.ask(row["from"], row["to"], row.get("protocol", "tcp"), row["port"])
        if answer.verdict not in {row["verdict"], *row.get("accept", ())}:
            lines.append(
                f"{row['from']} -> {row['to']}:{row['port']} {answer.verdict}, not {row['verdict']}: {answer.reasons}"
            )
    return lines


class Copy:
    """The rows of a snapshot, to be loaded again and again with changes."""

    def __init__(self, connection: Any):
        self._rows = {name: connection.sql(f"SELECT * FROM {name} ORDER BY ALL").to_arrow_table() for name in TABLES}

    def network(self, change: str = "", order: Callable[[int], list[int]] | None = None) -> Network:
        connection = self.connection(change, order)
        analysis.run_all(connection, Config(), wanted=["unread"])
        return Network.load(connection)

    def connection(self, change: str = "", order: Callable[[int], list[int]] | None = None) -> Any:
        connection = connect_empty()
        for name, found in self._rows.items():
            shuffled = found.take(pa.array(order(found.num_rows), pa.int64())) if order else found
            connection.register("rows_to_copy", shuffled)
            connection.execute(f"INSERT INTO {name} SELECT * FROM rows_to_copy")
            connection.unregister("rows_to_copy")
        connection.execute(change or "SELECT 1")
        return connection
