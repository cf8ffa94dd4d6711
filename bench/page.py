"""What the report page costs at full size: writing it, opening it in Chromium, filtering in it.

python -m bench.page                        10,000 accounts, 100,000 findings of 1,000,000 evaluated subjects
python -m bench.page --accounts 3000 --findings 30000

The result is synthetic, the one tests use: what a scan concludes, not an organization that was read.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SUBJECTS = 100
"""Evaluated per account, over all rules."""
TIMES = 5
FILTERS = (
    ("severity", "critical"), ("search", "ledger"), ("search", "guardrail billing"), ("unit", "Root / Security"),
    ("owner", "team-3@example.com"), ("account", "shop"), ("environment", "test"), ("group", "account"), ("group", "rule"),
)  # fmt: skip
_ANSWER = """async ([name, value]) => {
  const field = document.querySelector('#findings form').elements[name];
  const set = async (to) => {
    const began = performance.now();
    field.value = to;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise((done) => { new MutationObserver(done).observe(document.querySelector('#findings tbody'), { childList: true }); });
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    return performance.now() - began;
  };
  const took = await set(value);
  await set('');
  return took;
}"""
_OPENED = """() => [performance.getEntriesByName('first-contentful-paint')[0].startTime,
  performance.getEntriesByName('ready')[0].startTime]"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--findings", type=int, default=100_000)
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.write:
        write(wanted.accounts, wanted.findings, wanted.write)
        return
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        given = ["--accounts", str(wanted.accounts), "--findings", str(wanted.findings), "--write", str(page)]
        subprocess.run([sys.executable, "-m", "bench.page", *given], check=True)
        browse(page)


def write(accounts: int, findings: int, path: Path) -> None:
    """Write the page, in a process of its own, and print what that took."""
    sys.path.insert(0, str(ROOT / "tests" / "reports"))
    import results  # type: ignore[import-not-found,unused-ignore]

    import reports

    result = results.make(accounts, findings_per_account=max(1, findings // accounts))
    each = SUBJECTS * accounts // len(result.rules)
    rules = tuple(replace(rule, passed=max(0, each - rule.failed - rule.not_evaluated)) for rule in result.rules)
    result = replace(result, rules=rules)
    held, began = peak(), time.process_time()
    reports.write("html", result, path)
    evaluated = sum(rule.passed + rule.failed + rule.not_evaluated for rule in rules)
    print(f"{accounts:,} accounts, {len(result.findings):,} findings, {evaluated:,} evaluated subjects")
    print(f"written in {time.process_time() - began:.1f} CPU s, {path.stat().st_size / 1e6:.1f} MB")
    print(f"memory: {held} MB with the result, {peak()} MB at the peak of writing")


def browse(path: Path) -> None:
    """Open the page and print when it is seen and how long filters take to answer, in wall-clock time and as CPU."""
    sys.path.insert(0, str(ROOT / "tests" / "reports"))
    from browser import start  # type: ignore[import-not-found,unused-ignore]
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, start(playwright) as chromium:
        opened = [_open(chromium, path) for _ in range(TIMES)]
        for name, place in (("first view", 0), ("every row at hand", 1), ("CPU until then", 2)):
            print(f"{name:<32} {statistics.median(one[place] for one in opened):6.0f} ms")
        with chromium.new_context() as window:
            page, tools = _page(window, path)
            page.wait_for_timeout(2000)
            for name, value in FILTERS:
                before = _cpu(tools)
                took = [page.evaluate(_ANSWER, [name, value]) for _ in range(TIMES)]
                each = (_cpu(tools) - before) / (2 * TIMES)  # set and taken back
                print(f"{name + ' ' + value:<32} {statistics.median(took):6.0f} ms, CPU {each:.0f} ms")


def _open(chromium: Any, path: Path) -> tuple[float, float, float]:
    with chromium.new_context() as window:
        page, tools = _page(window, path)
        seen, ready = page.evaluate(_OPENED)
        return seen, ready, _cpu(tools)


def _page(window: Any, path: Path) -> tuple[Any, Any]:
    page = window.new_page()
    tools = window.new_cdp_session(page)
    tools.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(path.as_uri())
    page.wait_for_selector("html.ready", state="attached")
    return page, tools


def _cpu(tools: Any) -> float:
    """Return what the page's main thread has taken until now, in milliseconds."""
    metrics = {one["name"]: one["value"] for one in tools.send("Performance.getMetrics")["metrics"]}
    return 1000 * float(metrics["TaskDuration"])


def peak() -> int:
    """Return the peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
