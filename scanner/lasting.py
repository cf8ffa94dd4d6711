"""What lasts beyond one scan: accepted risks, and what earlier scans said. Plain data; texts in it come from strangers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

WaiverStatus = Literal["active", "expired", "unmatched", "unseen"]

THE_ORGANIZATION = "the organization"
"""What a trend is about where neither an account nor a principle is asked about."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Why a finding may stay: who decided, and the last day (ISO 8601) the decision holds."""

    reason: str
    owner: str
    expiry: str


@dataclass(frozen=True, slots=True)
class Waiver:
    """One entry of `bulkhead-waivers.yaml`. In patterns `*` stands for anything and `?` for one character; None for all."""

    rule: str
    account: str | None
    unit: str | None
    workload: str | None
    region: str | None
    subject: str | None
    reason: str
    owner: str
    expiry: str
    line: int


@dataclass(frozen=True, slots=True)
class WaiverUse:
    """What became of a waiver in this scan.

    `active`: it waives `findings` of them. `expired`: it waives none any more, and `findings` are open that it used to cover.
    `unmatched`: nothing that fails fits it. `unseen`: what it is about was not read or not judged, so nobody can say.
    """

    waiver: Waiver
    status: WaiverStatus
    findings: int
    note: str


@dataclass(frozen=True, slots=True)
class BaselineUse:
    """How much of the baseline is left: failing still, not evaluated now, and no longer failing."""

    findings: int
    failing: int
    unseen: int
    gone: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """Failures somebody accepted. They keep their `points` of the overall score: the risk still stands."""

    waived: int
    baseline: int
    points: float


@dataclass(frozen=True, slots=True)
class Point:
    """One scan in the history. Scores are 0 to 100 and shares 0 to 1, None where nothing was evaluated.

    `failing` counts open failures by severity, `accounts` the accounts judged. `rules` names the set of rules that was run:
    two points with another one do not compare well.
    """

    scan_id: str
    finished_at: str
    score: float | None
    coverage: float | None
    failing: Mapping[str, int]
    accepted: int
    not_evaluated: int
    accounts: int
    rules: str
    principles: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    """Score and coverage of each."""
    account_scores: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Since:
    """What changed since the scan before. `unseen` failed then and were not evaluated now: they are not fixed."""

    scan_id: str
    finished_at: str
    score: float | None
    coverage: float | None
    new: int
    fixed: int
    unseen: int
    same_rules: bool


Kind = Literal["new", "fixed", "changed", "unseen"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One finding that is not what it was.

    `reason` says how that is known, in one word for programs (`appeared`, `gone`, `passes`, ...); `why` in a sentence. `what`
    lists what changed; `before` and `after` hold the values of that, None where there was no finding.
    """

    kind: Kind
    fingerprint: str
    rule_id: str
    severity: str
    status: str
    subject_type: str
    subject_id: str
    subject_name: str | None
    account_id: str | None
    account_name: str | None
    message: str
    reason: str
    why: str
    what: tuple[str, ...] = ()
    before: Mapping[str, object] = field(default_factory=dict)
    after: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two results that are compared."""

    scan_id: str
    finished_at: str
    organization_id: str | None
    score: float | None
    coverage: float | None
    failing: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """How one result differs from an earlier one. `notes` say what makes the comparison weaker, a sentence each."""

    before: Side
    after: Side
    new: tuple[Difference, ...]
    fixed: tuple[Difference, ...]
    changed: tuple[Difference, ...]
    unseen: tuple[Difference, ...]
    same: int
    notes: tuple[str, ...]
