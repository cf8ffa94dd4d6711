"""Writes a result with many findings in every format for machines: `python -m bench.formats [--findings 100000]`.

Prints CPU seconds, how much memory writing took beside the result itself, and the size of the file; a process for each format.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import reports
from scanner.findings import Account, Coverage, Finding, Result, RuleResult, Scan, Score, Subject, fingerprint

FORMATS = ("json", "csv", "sarif", "junit", "gitlab", "ocsf", "asff", "markdown")
RULES = 90
_WHY = "Whoever can erase the account erases the data and every copy of it in one go. " * 3
_FIX = "Copy recovery points to a vault of a backup account that nobody who works in this one can administer. " * 2
_REFERENCES = (
    "article#security",
    "well-architected/REL09-BP02",
    "https://docs.aws.amazon.com/aws-backup/latest/devguide/",
)


def result(findings: int) -> Result:
    """Return a result with so many findings of 90 rules in accounts of a hundred findings each."""
    accounts = tuple(_account(number) for number in range(max(1, findings // 100)))
    found = tuple(_finding(number, accounts[number // 100 % len(accounts)]) for number in range(findings))
    scan = Scan("bench", "2025-03-02T08:00:00Z", "2025-03-02T08:04:11Z", "o-a1b2c3d4e5", "0")
    rules = tuple(_rule(number, findings) for number in range(RULES))
    coverage = Coverage(0.97, {}, {}, (), ())
    return Result(scan, coverage, Score(61.2, {}, {}), found, rules, accounts, (), (), (), ())


def _account(number: int) -> Account:
    id = f"{111100000000 + number:012d}"
    return Account(id, f"product-{number}", "ACTIVE", None, (), "production", "product", None, False, True, 300)


def _finding(number: int, account: Account) -> Finding:
    rule = f"backup_isolation/rule_{number % RULES}"
    name = f"orders-{number}"
    arn = f"arn:aws:rds:eu-central-1:{account.id}:db:{name}"
    unseen = number % 13 == 0
    return Finding(
        fingerprint(rule, "data_store", arn), rule, "backup_isolation", "high", "high", "not_evaluated" if unseen else "fail",
        "open", Subject("data_store", arn, arn, name), account.id, account.name, "production", "product", "eu-central-1",
        f"aurora-postgresql {name} has 3 copies, all of them in {account.name}",
        {"copies": 3, "copy_arns": [f"{arn}-{copy}" for copy in range(3)], "encrypted": True}, _FIX, _REFERENCES,
        "2025-02-20T08:04:11Z",
    )  # fmt: skip


def _rule(number: int, findings: int) -> RuleResult:
    return RuleResult(
        f"backup_isolation/rule_{number}", "backup_isolation", "Every copy of the data is in the account of the original",
        "high", "high", "days", "data_store", _WHY, _FIX, _REFERENCES, findings, findings // RULES, 0,
    )  # fmt: skip


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(format: str, findings: int) -> None:
    """Write one format in this process and print its row."""
    made = result(findings)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "report"
        before, began = _peak(), time.process_time()
        reports.write(format, made, target)
        seconds, memory = time.process_time() - began, _peak() - before
        print(f"| {format} | {seconds:.1f} | {memory:.0f} | {target.stat().st_size / 1e6:.1f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--findings", type=int, default=100_000)
    parser.add_argument("--only", choices=FORMATS, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.only:
        measure(asked.only, asked.findings)
        return
    print("| format | CPU s | MB beside the result | size MB |\n|---|---:|---:|---:|", flush=True)
    for format in FORMATS:
        command = [sys.executable, "-m", "bench.formats", "--findings", str(asked.findings), "--only", format]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
