"""What the gate concludes of a planned change. Plain data, no AWS, no plan and no SQL: what reports of it need."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from scanner.findings import SEVERITIES, Coverage, Finding, Result, RuleResult, Scan, Score

Kind = Literal["new", "worse", "unread", "resolved", "unchanged"]
"""new: fails and did not; worse: failed before, and is more severe now or its evidence grew; unread: was judged before and is not now,
or is new and cannot be judged; resolved: failed and does not; unchanged: fails as before, about what the change touches."""
KINDS: tuple[Kind, ...] = ("new", "worse", "unread", "resolved", "unchanged")


@dataclass(frozen=True, slots=True)
class Judged:
    """One finding and what the change did to it. `file` and `line` of the finding are where the resource is written.

    `address` names the resource of the plan behind it, None where the change only bears on it from elsewhere. `why` says how it
    became what it is; `direct` that it is about that very resource; `fails` that it makes the gate fail.
    """

    kind: Kind
    finding: Finding
    address: str | None
    why: str = ""
    before: Finding | None = None
    direct: bool = False
    fails: bool = False

    @property
    def risen(self) -> bool:
        """It is more severe than before."""
        return self.before is not None and SEVERITIES.index(self.finding.severity) < SEVERITIES.index(
            self.before.severity
        )


@dataclass(frozen=True, slots=True)
class Counted:
    """What the inputs hold: AWS resources looked at, those understood, those that change, and the rest by type."""

    looked_at: int
    understood: int
    touched: int
    strangers: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Gated:
    """The verdict on a change.

    `judged` is sorted, what fails first. `coverage` (0 to 1) is the share of what had to be judged that could be, None where nothing had
    to be. `unread` names values that are known after apply only, and what else could not be read, a sentence each; `shortfalls` say
    why a clean result would be worth nothing. `homes` tell where each provider leads and how that is known. `scores` are overall
    before and after. `snapshot` is None for a plan alone.
    """

    inputs: tuple[str, ...]
    snapshot: str | None
    snapshot_at: str | None
    organization_id: str | None
    counted: Counted
    judged: tuple[Judged, ...]
    rules: tuple[RuleResult, ...]
    coverage: float | None
    scores: tuple[float | None, float | None]
    unread: tuple[str, ...]
    shortfalls: tuple[str, ...]
    homes: Mapping[str, str]
    exit_code: int
    fail_on: str
    tool_version: str

    def of(self, kind: Kind) -> tuple[Judged, ...]:
        return tuple(one for one in self.judged if one.kind == kind)


def as_result(gated: Gated) -> Result:
    """The same as a scan's result, for formats that know nothing of changes: what is new, worse or not judged any more.

    What was there before and stays is left out; rules count the organization with the change. `evidence` has the `address` of the
    resource, and what the change did. Every finding has a file and a line, the first input's where no resource is to blame: code
    scanning refuses the whole of a report with one that has none.
    """
    kept = [one for one in gated.judged if one.kind in ("new", "worse", "unread")]
    findings = tuple(
        replace(
            one.finding,
            evidence={**one.finding.evidence, "address": one.address, "change": one.kind},
            file=one.finding.file or gated.inputs[0],
            line=one.finding.line or 1,
        )
        for one in kept
    )
    at = gated.snapshot_at or ""
    named = hashlib.sha256("\x1f".join((*gated.inputs, at)).encode()).hexdigest()[:12]
    return Result(
        scan=Scan(named, at, at, gated.organization_id, gated.tool_version),
        coverage=Coverage(gated.coverage, {}, {}, (), (), (*gated.shortfalls, *gated.unread)),
        score=Score(gated.scores[1], {}, {}),
        findings=findings,
        rules=gated.rules,
        accounts=(),
        units=(),
        calls=(),
        advice=(),
        matrix=(),
    )
