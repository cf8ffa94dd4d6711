"""The baseline: failures that were there when a team began to watch. They do not fail a run; new ones do.

A file of its own, one failure a line, so that a pull request shows what is taken out of it; or any findings.json. What was
waived is not in it: when the waiver ends, the finding is open again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from scanner.errors import WaiverError
from scanner.findings import SEVERITIES, Finding
from scanner.lasting import BaselineUse
from scanner.living import saved
from scanner.living.sight import Sight, Spot

VERSION = "1"
Known = Mapping[str, Mapping[str, Any]]
"""What is kept of each failure (see `_row`), by fingerprint."""


def load(path: Path) -> Known:
    """Read a baseline or a findings.json. Raises UsageError."""
    data = saved.read_json(path)
    if not isinstance(data, dict) or "baseline_version" not in data:
        return {one.fingerprint: _row(one) for one in accepted(saved.read(path).findings)}
    if data["baseline_version"] != VERSION:
        raise WaiverError(f"{path} is a baseline of version {data['baseline_version']}; this Bulkhead reads {VERSION}")
    rows = data.get("findings")
    if not isinstance(rows, list) or not all(map(_whole, rows)):
        raise WaiverError(f"{path} is no whole baseline: every finding in it has {', '.join(_KEYS)}")
    return {row["fingerprint"]: row for row in rows}


_KEYS = ("fingerprint", "severity", "rule_id", "account_id", "region", "subject")


def _whole(row: Any) -> bool:
    if not isinstance(row, dict) or not all(isinstance(row.get(key, 0), (str, type(None))) for key in _KEYS):
        return False
    return isinstance(row["fingerprint"], str) and isinstance(row["rule_id"], str) and row["severity"] in SEVERITIES


def accepted(findings: Iterable[Finding]) -> list[Finding]:
    """What a baseline holds: failures that no waiver covers."""
    return sorted(
        (one for one in findings if one.outcome == "fail" and one.status != "waived"),
        key=lambda one: (one.rule_id, one.account_id or "", one.subject.id, one.fingerprint),
    )


def written(judged: saved.Judged) -> str:
    """A baseline as text."""
    head = {"baseline_version": VERSION, "scan": judged.scan.id, "finished_at": judged.scan.finished_at}
    rows = [json.dumps(_row(one)) for one in accepted(judged.findings)]
    return json.dumps(head)[:-1] + ', "findings": [\n' + ",\n".join(rows) + "\n]}\n"


def _row(finding: Finding) -> dict[str, Any]:
    return {
        "fingerprint": finding.fingerprint,
        "severity": finding.severity,
        "rule_id": finding.rule_id,
        "account_id": finding.account_id,
        "region": finding.region,
        "subject": finding.subject.id,
    }


def apply(findings: Sequence[Finding], known: Known, sight: Sight) -> tuple[list[Finding], BaselineUse]:
    """Mark what was known, unless it has become more severe since; returns the findings and what is left of the baseline."""
    settled = [replace(one, status="baseline") if _is_known(one, known) else one for one in findings]
    here = {one.fingerprint: one.outcome for one in findings if one.fingerprint in known}
    failing = sum(outcome == "fail" for outcome in here.values())
    lost = [sight.obstacle(_spot(row)) for mark, row in known.items() if mark not in here]
    gone = lost.count(None)
    return settled, BaselineUse(len(known), failing, len(known) - failing - gone, gone)


def _spot(row: Mapping[str, Any]) -> Spot:
    return Spot(row["rule_id"], row["account_id"], row["region"])


def _is_known(finding: Finding, known: Known) -> bool:
    then = known.get(finding.fingerprint)
    if then is None or finding.outcome != "fail" or finding.status != "open":
        return False
    return SEVERITIES.index(finding.severity) >= SEVERITIES.index(then["severity"])
