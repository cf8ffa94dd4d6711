"""`bulkhead demo`: start the sample organization, scan it over HTTP like any other, and say where the report is."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from scanner import progress
from scanner.config import Config
from scanner.errors import UsageError
from scanner.scan import Reading, check_writable, exit_code, judge, make_snapshot, write_reports

REGION = "eu-central-1"


def run(out: Path, *, serve: bool, color: bool) -> int:
    """Build, scan, report; returns 0 once the report is written, whatever it says. Raises BulkheadError."""
    try:
        from scanner.demo.organization import build
        from scanner.demo.server import DemoServer
    except ImportError as error:
        raise UsageError(f"the demo needs moto's server ({error}): pip install 'aws-bulkhead[demo]'") from error
    check_writable(out)
    console = progress.console(color)
    with DemoServer() as server, environment(server.url):
        began = time.monotonic()
        console.print(f"Building the sample organization on {server.url}")
        organization = build(server)
        console.print(f"Built {len(organization.accounts)} accounts in {time.monotonic() - began:.0f} s; scanning them")
        _scan(out, console)
        for trace in server.layer.failures:
            print(f"bulkhead: the demo's server could not answer a call: {trace.splitlines()[-1]}", file=sys.stderr)
        if serve:
            _serve(server.url, console)
    return 0


def _scan(out: Path, console: Console) -> None:
    from reports import terminal

    config = Config(out=out)
    began = time.monotonic()
    with progress.shown(console, quiet=False) as tell:
        # The server shares this process: more threads than it has cores only wait for it.
        snapshot = make_snapshot(out / "bulkhead.snapshot", config, Reading(workers=8), progress=tell)
    result = judge(snapshot, config)
    paths = write_reports(result, config)
    terminal.summary(result, console, paths)
    code = exit_code(result, config.fail_on, config.min_coverage)
    console.print(f"Scanned in {time.monotonic() - began:.0f} s. `bulkhead scan` would exit with {code} here.")


def _serve(url: str, console: Console) -> None:
    console.print("The organization stays up. In another terminal:\n")
    console.print(f"  AWS_ENDPOINT_URL={url} AWS_ACCESS_KEY_ID=demo AWS_SECRET_ACCESS_KEY=demo bulkhead scan\n")
    console.print("Interrupt to end it.")
    while True:
        time.sleep(3600)


@contextmanager
def environment(url: str) -> Iterator[None]:
    """Point the AWS SDK at the demo and at nothing of this user's own."""
    settings = {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "AKIADEMOMANAGEMENT00",
        "AWS_SECRET_ACCESS_KEY": "demo",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    hidden = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
    before = {name: os.environ.get(name) for name in (*settings, *hidden)}
    os.environ.update(settings)
    for name in hidden:
        os.environ.pop(name, None)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
