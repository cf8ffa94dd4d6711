"""Evaluation on another engine: analyses stay in DuckDB, here; the views are computed and the rules are judged there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scanner import analysis, vocabulary
from scanner.config import Config
from scanner.engine import spark
from scanner.engine.duck import Duck
from scanner.rule.evaluate import Evaluation, evaluate
from scanner.rule.load import Rule
from scanner.vocabulary import View

LOOKED_UP = ("account",)
"""Views that reports look up besides findings: only these are brought back."""


def evaluate_elsewhere(
    address: str, snapshot: Path, connection: Any, rules: Sequence[Rule], views: Mapping[str, View], config: Config,
    scanned_at: str,
) -> Evaluation:  # fmt: skip
    """Evaluate rules on the Spark Connect engine at `address`.

    `connection` is DuckDB with the snapshot and the tables of analyses; the views that reports look up are left in it.
    Raises RuleError, and EngineError when the engine cannot be reached or does not see the snapshot.
    """
    # Rules are bound here: types come from views that have no rows.
    vocabulary.compute(Duck(connection, outline=True), views, config, scanned_at)
    analysed = (*(table.name for table in analysis.tables()), "read_at")
    with spark.connect(address, snapshot, connection, analysed) as engine:
        vocabulary.compute(engine, views, config, scanned_at)
        found = evaluate(connection, rules, views, config, engine)
        for view in views:
            if view not in LOOKED_UP:
                connection.execute(f'DROP TABLE "{view}"')
        for view in LOOKED_UP:
            names, rows = engine.rows(f"SELECT * FROM {view}")
            analysis.load(connection, f"{view} ({', '.join(names)})", rows)
    return found
