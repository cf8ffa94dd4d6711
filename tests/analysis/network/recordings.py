"""Recordings of network cases: read into a network, and asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scanner.analysis.network import Network
from scanner.config import Config
from scanner.scan import Reading, make_snapshot
from scanner.snapshot.read import connect
from scanner.vocabulary import UNREAD_SQL

OWN = Path(__file__).parent / "cases"
SHARED = Path(__file__).parents[4] / "shared" / "cases" / "network"


def network_of(recording: Path, folder: Path) -> Network:
    """Collect a recording into a snapshot below `folder`, and load it."""
    path = make_snapshot(folder / "snapshot", Config(), Reading(recorded=recording, workers=1))
    connection = connect(path)
    connection.execute(UNREAD_SQL)
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
