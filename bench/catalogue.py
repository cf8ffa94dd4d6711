"""What the catalogue costs: the views of the vocabulary and every rule, over what the analyses found before.

python -m bench.catalogue SNAPSHOT

The analyses run in one process, which leaves their tables as Parquet; a fresh process loads these (not measured, but inside
its peak of memory) and computes each view and each rule. The aims at 10,000 accounts on 2 cores: 60 s and 2 GB.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.analyses import HEAD, Cost, line, slowest
from bench.client import peak, used
from scanner import analysis, vocabulary
from scanner.config import Config
from scanner.engine.duck import Duck
from scanner.rule import evaluate, load
from scanner.snapshot.files import read_parquet, write_parquet
from scanner.snapshot.read import connect
from scanner.snapshot.store import read_at, read_manifest


class Timed(Duck):
    """DuckDB that notes how much CPU time every view takes."""

    def __init__(self, connection: Any):
        super().__init__(connection)
        self.seconds: dict[str, float] = {}

    def keep(self, name: str, sql: str) -> list[str]:
        began = used()
        columns = super().keep(name, sql)
        self.seconds[name] = used() - began
        return columns


def analyse(snapshot: Path, folder: Path) -> None:
    """Run every analysis, and leave its tables in a folder."""
    connection = connect(snapshot)
    analysis.run_all(connection, Config(), read_at(snapshot))
    for table in (*(table.name for table in analysis.tables()), "read_at"):
        write_parquet(connection, table, folder / f"{table}.parquet")


def measure(snapshot: Path, folder: Path) -> list[Cost]:
    """Compute views and rules over a snapshot and the tables in a folder, in this process."""
    config, connection = Config(), connect(snapshot)
    for path in sorted(folder.glob("*.parquet")):
        read_parquet(connection, path.stem, path)
    views = vocabulary.load(load.folders(config)[1:])
    rules = load.configured(config)
    engine = Timed(connection)
    began, cpu = time.perf_counter(), used()
    vocabulary.compute(engine, views, config, read_at(snapshot))
    rows = sum(engine.rows(f"SELECT count(*) FROM {name}")[1][0][0] for name in views)
    costs = [Cost("views", time.perf_counter() - began, used() - cpu, peak(), rows, engine.seconds)]
    began, cpu = time.perf_counter(), used()
    parts, found = {}, []
    for rule in rules:
        before = used()
        found += evaluate.evaluate(connection, [rule], views, config, engine).findings
        parts[rule.id] = used() - before
    return [*costs, Cost("rules", time.perf_counter() - began, used() - cpu, peak(), len(found), parts)]


def _in_own_process(*arguments: str) -> str:
    command = [sys.executable, "-m", "bench.catalogue", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed:\n{done.stderr}")
    return done.stdout


def report(snapshot: Path, *, every: bool = False) -> Iterator[str]:
    """Measure views and rules over a snapshot; yields a line each, one with the slowest parts or, with `every`, one per part."""
    accounts = read_manifest(snapshot)["tables"]["accounts"]
    with tempfile.TemporaryDirectory() as folder:
        _in_own_process(str(snapshot), "--analyse", folder)
        costs = [Cost(**cost) for cost in json.loads(_in_own_process(str(snapshot), "--over", folder))]
    for cost in costs:
        yield line(accounts, cost)
        if every:
            yield from (f"{'':>10}{name:<70} {seconds:>6.2f}" for name, seconds in cost.parts.items())
        elif slowest(cost):
            yield f"{'':>10}{slowest(cost)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("snapshot", type=Path)
    parser.add_argument("--every", action="store_true", help="CPU seconds of every view and rule")
    parser.add_argument(
        "--analyse", type=Path, metavar="DIR", help="only run the analyses, and leave their tables there"
    )
    parser.add_argument("--over", type=Path, metavar="DIR", help="only measure, over these tables, and print JSON")
    given = parser.parse_args()
    if given.analyse:
        analyse(given.snapshot, given.analyse)
    elif given.over:
        print(json.dumps([vars(cost) for cost in measure(given.snapshot, given.over)]))
    else:
        print(HEAD)
        for text in report(given.snapshot, every=given.every):
            print(text, flush=True)


if __name__ == "__main__":
    main()
