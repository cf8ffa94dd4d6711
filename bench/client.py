"""One measured collection, in a process of its own: `scanner.scan.make_snapshot` over the endpoint. Prints JSON."""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.estate import REGIONS


def used(*, both: bool = False) -> float:
    """CPU seconds of this process so far, all threads, user and system; of `both`, it and those that it started and saw ending."""
    usages = [resource.getrusage(who) for who in _whose(both)]
    return sum(one.ru_utime + one.ru_stime for one in usages)


def peak(*, both: bool = False) -> float:
    """Peak resident memory so far, in MB; of `both`, with the largest process that it started."""
    return sum(resource.getrusage(who).ru_maxrss for who in _whose(both)) / 1024


def _whose(both: bool) -> tuple[int, ...]:
    return (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN) if both else (resource.RUSAGE_SELF,)


class SetUp:
    """CPU spent in creating clients and opening connections: a timer around each, on the thread that does it."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.clients = 0
        self.connections = 0

    def install(self) -> None:
        from botocore.awsrequest import AWSConnection
        from botocore.session import Session

        self._time(Session, "create_client", "clients")
        # urllib3's connections: made (TCP, and TLS where there is any) by connect().
        for made in {
            base for kind in AWSConnection.__subclasses__() for base in kind.__mro__ if "connect" in vars(base)
        }:
            if made.__name__ == "HTTPConnection" and made.__module__.startswith("urllib3"):
                self._time(made, "connect", "connections")

    def _time(self, owner: Any, name: str, counter: str) -> None:
        inner: Callable[..., Any] = getattr(owner, name)

        def timed(*args: Any, **kwargs: Any) -> Any:
            began = time.thread_time()
            try:
                return inner(*args, **kwargs)
            finally:
                self.seconds += time.thread_time() - began
                setattr(self, counter, getattr(self, counter) + 1)

        setattr(owner, name, timed)


def measure(target: Path, share: float, workers: int | None, set_up: SetUp | None) -> dict[str, Any]:
    """Collect, and return the figures."""
    from scanner.config import Config
    from scanner.scan import Reading, make_snapshot

    if set_up:
        set_up.install()
    marks: dict[str, float] = {}

    def progress(state: Any) -> None:
        if state.accounts and "organization" not in marks:
            marks["organization"] = time.monotonic()
        marks["collected"], marks["collected_mb"], marks["collected_cpu"] = time.monotonic(), peak(), used()

    config = Config(regions=list(REGIONS), max_api_share=share)
    reading = Reading() if workers is None else Reading(workers=workers)
    start, cpu, before = time.monotonic(), used(), peak()
    make_snapshot(target, config, reading, progress=progress)
    end = time.monotonic()
    return {
        "wall": end - start,
        "organization_wall": marks["organization"] - start,
        "accounts_wall": marks["collected"] - marks["organization"],
        "publish_wall": end - marks["collected"],
        "cpu": used() - cpu,
        "publish_cpu": used() - marks["collected_cpu"],
        "import_mb": before,
        "collected_mb": marks["collected_mb"],
        "peak_mb": peak(),
        "workers": reading.workers,
        **({"set_up": vars(set_up)} if set_up else {}),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path)
    parser.add_argument("--share", type=float, default=0.25)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--core", type=int)
    parser.add_argument("--set-up", action="store_true", help="time client creation and connections too")
    parser.add_argument("--profile", type=Path, help="write a cProfile of all threads here")
    given = parser.parse_args()
    if given.core is not None:
        os.sched_setaffinity(0, {given.core})
    ask = lambda: measure(given.target, given.share, given.workers, SetUp() if given.set_up else None)  # noqa: E731
    json.dump(profiled(given.profile, ask) if given.profile else ask(), sys.stdout)


def profiled(path: Path, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Run `ask` with one cProfile per thread, merged into `path`."""
    import cProfile
    import pstats
    import threading

    profiles: list[cProfile.Profile] = []
    plain = threading.Thread.run

    def run(self: threading.Thread) -> None:
        profile = cProfile.Profile(time.thread_time)
        profiles.append(profile)
        profile.runcall(plain, self)

    threading.Thread.run = run
    own = cProfile.Profile(time.thread_time)
    result = own.runcall(ask)
    merged = pstats.Stats(own)
    for profile in profiles:
        merged.add(profile)
    merged.dump_stats(path)
    return result


if __name__ == "__main__":
    main()
