"""What judging costs: every analysis, the vocabulary, the rules and the whole, over synthetic organizations.

Each step is measured in a process of its own; what it builds upon runs before, in the same process, outside the measure
(but inside the peak of memory, which is that of the process, or of both where there are two).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.client import peak, used
from scanner import analysis, vocabulary
from scanner.analysis import beside
from scanner.config import Config
from scanner.rule import evaluate, load
from scanner.snapshot.read import connect
from scanner.snapshot.store import read_at, read_manifest

STEPS = ("analyses", "vocabulary", "rules", "judge")
HEAD = f"{'accounts':>8}  {'step':<28}  {'wall s':>7}  {'CPU s':>7}  {'peak MB':>7}  {'rows':>10}"
SLOW = 0.03


@dataclass(frozen=True)
class Cost:
    """What one step took. `parts` are CPU seconds of what it consists of, such as single views."""

    step: str
    wall: float
    cpu: float
    peak_mb: float
    rows: int
    parts: dict[str, float]


def steps() -> tuple[str, ...]:
    """Return the names of everything that is measured, in the order in which `judge` runs it."""
    return (*analysis.registry(), *STEPS)


def measure(step: str, snapshot: Path) -> Cost:
    """Run one step over a snapshot, in this process."""
    whole = {"judge": _judge, "analyses": _analyses}
    work = whole[step](snapshot) if step in whole else _prepared(step, snapshot)
    began, cpu = time.perf_counter(), used(both=True)
    rows, parts = work()
    return Cost(step, time.perf_counter() - began, used(both=True) - cpu, peak(both=True), rows, parts)


Work = Callable[[], tuple[int, dict[str, float]]]


def _judge(snapshot: Path) -> Work:
    from scanner.scan import judge

    return lambda: (len(judge(snapshot, Config()).findings), {})


def _analyses(snapshot: Path) -> Work:
    """All of them, as a scan runs them: in two processes where the organization is large."""
    connection, now = connect(snapshot), read_at(snapshot)

    def work() -> tuple[int, dict[str, float]]:
        beside.run_all(connection, snapshot, Config(), now)
        return sum(_count(connection, table.name) for table in analysis.tables()), {}

    return work


def _prepared(step: str, snapshot: Path) -> Work:
    """Run what the step builds upon; returns the step itself."""
    config, connection = Config(), connect(snapshot)
    views = vocabulary.load()
    now = read_at(snapshot)
    for name in analysis.registry() if step in STEPS else _before(step):
        _analyse(connection, name, config)
    if step == "vocabulary":
        return lambda: _vocabulary(_Timed(connection), views, config, now)
    if step == "rules":
        vocabulary.create(connection, views, config, now)
        return lambda: _rules(connection, views, config)
    return lambda: (_analyse(connection, step, config), {})


def _before(name: str) -> list[str]:
    """Names of the analyses that have to run before one, in order."""
    return [other for other in analysis.with_what_they_use([name]) if other != name]


def _analyse(connection: Any, name: str, config: Config) -> int:
    analysis.run_one(connection, name, config)
    return sum(_count(connection, table.name) for table in analysis.registry()[name].TABLES)


def _count(connection: Any, table: str) -> int:
    return int(connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0])


class _Timed:
    """A connection that notes how much CPU time every table took to create."""

    def __init__(self, connection: Any):
        self.connection = connection
        self.seconds: dict[str, float] = {}

    def execute(self, sql: str, *more: Any) -> Any:
        began = used()
        result = self.connection.execute(sql, *more)
        if sql.lstrip().startswith("CREATE TABLE"):
            self.seconds[sql.split()[2].strip('"')] = used() - began
        return result

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)


def _vocabulary(
    timed: _Timed, views: dict[str, vocabulary.View], config: Config, now: str
) -> tuple[int, dict[str, float]]:
    vocabulary.create(timed, views, config, now)
    return sum(_count(timed.connection, name) for name in views), timed.seconds


def _rules(connection: Any, views: dict[str, vocabulary.View], config: Config) -> tuple[int, dict[str, float]]:
    found, parts = 0, {}
    for rule in load.choose(load.load(load.folders(config)), config.select, config.ignore):
        began = used()
        found += len(evaluate.evaluate(connection, [rule], views, config).findings)
        parts[rule.id] = used() - began
    return found, parts


def in_own_process(step: str, snapshot: Path) -> Cost:
    """Measure one step in a fresh process. Raises SystemExit with what it printed when it fails."""
    command = [sys.executable, "-m", "bench.analyses", "--step", step, str(snapshot)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{step} over {snapshot} failed:\n{done.stderr}")
    return Cost(**json.loads(done.stdout))


def line(accounts: int, cost: Cost) -> str:
    return (
        f"{accounts:>8,}  {cost.step:<28}  {cost.wall:>7.1f}  {cost.cpu:>7.1f}  {cost.peak_mb:>7.0f}  {cost.rows:>10,}"
    )


def slowest(cost: Cost, number: int = 6) -> str:
    """Name the parts that took most, those above 3 % of the step."""
    parts = sorted(cost.parts.items(), key=lambda part: -part[1])[:number]
    return ", ".join(f"{name} {seconds:.1f}" for name, seconds in parts if seconds > SLOW * cost.cpu)


def report(snapshot: Path) -> Iterator[str]:
    """Measure every step over a snapshot; yields a line each, and one that names its slowest parts."""
    accounts = read_manifest(snapshot)["tables"]["accounts"]
    for step in steps():
        cost = in_own_process(step, snapshot)
        yield line(accounts, cost)
        if slowest(cost):
            yield f"{'':>10}{slowest(cost)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("snapshot", type=Path)
    parser.add_argument(
        "--step", choices=steps(), help="measure this one here, and print JSON; without it, all of them"
    )
    given = parser.parse_args()
    if given.step:
        print(json.dumps(vars(measure(given.step, given.snapshot))))
        return
    print(HEAD)
    for text in report(given.snapshot):
        print(text, flush=True)


if __name__ == "__main__":
    main()
