"""`make bench`: measure collection over the replay endpoint, start-up, the demo organization, and judging.

python -m bench                 collection of 10 and 100 accounts; judging of 100 and 1,000
python -m bench --full          collection of 1,000 accounts too, judging of 10,000
python -m bench --analyses      judging alone
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import analyses, catalogue
from bench.estate import REGIONS

LATENCY = 0.060
KEYS = {"AWS_ACCESS_KEY_ID": "AKIA123456789012AAAA", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": REGIONS[0]}


@dataclass(frozen=True)
class Run:
    """One collection: what the client measured, and what the endpoint counted."""

    accounts: int
    share: float
    client: dict[str, Any]
    endpoint: dict[str, Any]

    @property
    def calls(self) -> int:
        return int(self.endpoint["requests"])


def collect(accounts: int, target: Path, *, share: float = 0.25, set_up: bool = False) -> Run:
    """Collect from `accounts` accounts in two Regions at 60 ms; the client has one core, the endpoint the other."""
    cores = sorted(os.sched_getaffinity(0))
    endpoint = subprocess.Popen(
        [sys.executable, "-m", "bench.endpoint", "--accounts", str(accounts), "--latency", str(LATENCY), "--core", str(cores[-1]), "--seconds", "3600"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert endpoint.stdin is not None and endpoint.stdout is not None
    port = endpoint.stdout.readline().strip()
    command = [sys.executable, "-m", "bench.client", str(target), "--share", str(share), "--core", str(cores[0])]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    environment |= {**KEYS, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_CONFIG_FILE": os.devnull}
    done = subprocess.run(
        [*command, *(["--set-up"] if set_up else [])], env=environment, capture_output=True, text=True, check=False
    )
    endpoint.stdin.close()
    counted = json.loads(endpoint.stdout.read().splitlines()[-1])
    endpoint.wait()
    if done.returncode:
        raise SystemExit(done.stderr)
    return Run(accounts, share, json.loads(done.stdout), counted)


def report(run: Run) -> str:
    client = run.client
    places = run.accounts * (len(REGIONS) + 1)
    return (
        f"{run.accounts:>8,}  {run.share:>5.2f}  {run.calls:>9,}  {run.calls / places:>15.1f}  "
        f"{1000 * client['cpu'] / run.calls:>12.2f}  {run.calls / client['accounts_wall']:>8.0f}  "
        f"{client['wall']:>6.1f}  {client['organization_wall']:>12.1f}  {client['collected_mb']:>12.0f}  {client['peak_mb']:>7.0f}"
    )


HEAD = "accounts  share      calls  per acct+Region  CPU ms/call   calls/s  wall s  organization  collected MB  peak MB"


def timed(*command: str, runs: int = 5) -> float:
    """Median wall seconds of a command."""
    seconds = []
    for _ in range(runs):
        began = time.perf_counter()
        subprocess.run(command, check=False, capture_output=True)
        seconds.append(time.perf_counter() - began)
    return sorted(seconds)[len(seconds) // 2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="ten times as many accounts too (many minutes)")
    parser.add_argument("--analyses", action="store_true", help="judging of synthetic organizations alone")
    parser.add_argument("--no-demo", action="store_true", help="leave the demo organization out")
    given = parser.parse_args()
    if not given.analyses:
        measure_collection(given.full, given.no_demo)
    with tempfile.TemporaryDirectory() as folder:
        for accounts in (100, 1_000, *([10_000] if given.full else [])):
            print(f"\n{accounts:,} accounts: {synthesize(accounts, Path(folder) / 's')}\n\n{analyses.HEAD}")
            for measured in (analyses, catalogue):
                for text in measured.report(Path(folder) / "s"):
                    print(text, flush=True)


def synthesize(accounts: int, target: Path) -> str:
    """Write a synthetic organization in a process of its own; returns what it cost."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "bench.organization", "--accounts", str(accounts), "--out", str(target)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return f"generated in {time.perf_counter() - began:.0f} s ({cpu:.0f} s CPU)"


def measure_collection(full: bool, no_demo: bool) -> None:
    """Print what collection, start-up and the demo organization take."""
    bulkhead = [sys.executable, "-m", "scanner"]
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "s"
        print(f"Collection at {LATENCY * 1000:.0f} ms latency, {len(REGIONS)} Regions, client on one core\n\n{HEAD}")
        for accounts in (10, 100, *([1000] if full else [])):
            print(report(collect(accounts, target)), flush=True)
        print(report(collect(100, target, share=1.0)))
        set_up = collect(100, target, set_up=True).client
        share = set_up["set_up"]["seconds"] / set_up["cpu"]
        made = f"{set_up['set_up']['clients']} clients, {set_up['set_up']['connections']} connections"
        print(f"\nclient creation and connection set-up: {share:.1%} of CPU ({made})")
        evaluation = timed(
            *bulkhead, "evaluate", "--snapshot", str(target), "--out", folder, "--quiet", "--format", "json", runs=3
        )
        print(f"evaluation and findings.json of 100 accounts: {evaluation:.1f} s")
        print(f"bulkhead --help: {timed(*bulkhead, '--help'):.2f} s")
        if not no_demo:
            wall = timed(*bulkhead, "demo", "--out", folder, runs=1)
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            print(f"demo organization, server and scan in one process: {wall:.0f} s, {peak:.0f} MB at most")


if __name__ == "__main__":
    main()
