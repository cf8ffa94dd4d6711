"""What a scan concludes: findings, counts per rule, gaps, scores. Plain data, no AWS and no SQL.

A finding is the same finding tomorrow: its fingerprint hashes the rule id and the identity of the subject,
never the text, the order or a name that people change.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from scanner.lasting import Acceptance, Accepted, BaselineUse, Comparison, Point, Since, WaiverUse

SCHEMA_VERSION = "1"

Severity = Literal["critical", "high", "medium", "low"]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")
Outcome = Literal["fail", "not_evaluated"]
Status = Literal["open", "waived", "baseline"]


def fingerprint(rule_id: str, subject_type: str, subject_id: str) -> str:
    """Return 16 hexadecimal digits that name this finding in every later scan."""
    text = "\x1f".join((rule_id, subject_type, subject_id))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def hidden_id(account_id: str, region: str) -> str:
    """Return the subject id of the one line that stands for all subjects of a place where they could not be listed."""
    return f"{account_id}/{region}/*"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a finding is about. `id` is unique within `type`; `arn` and `name` are None where AWS has none."""

    type: str
    id: str
    arn: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that failed, or could not be evaluated, for one subject.

    `message` is the rule's sentence filled in (for `not_evaluated`: why it could not be judged).
    `evidence` maps the vocabulary columns a rule names to their values (strings, numbers, booleans, lists, None).
    `fixed_at` names what has to be changed where that is not the subject itself; findings that share it are fixed together.
    `waiver` is set where the status is waived. `file` and `line` are set by the gate only.
    """

    fingerprint: str
    rule_id: str
    principle: str
    severity: Severity
    confidence: str
    outcome: Outcome
    status: Status
    subject: Subject
    account_id: str | None
    account_name: str | None
    environment: str | None
    workload: str | None
    region: str | None
    message: str
    evidence: Mapping[str, Any]
    remediation: str
    references: tuple[str, ...] = ()
    first_seen: str | None = None
    file: str | None = None
    line: int | None = None
    fixed_at: str | None = None
    waiver: Acceptance | None = None

    @property
    def hides_many(self) -> bool:
        """It stands for all subjects of a place where they could not be listed."""
        return self.outcome == "not_evaluated" and self.subject.id == hidden_id(
            self.account_id or "", self.region or "*"
        )


@dataclass(frozen=True, slots=True)
class RuleResult:
    """Counts of one rule over its subjects, and the words a report needs to explain it.

    `passed + failed + not_evaluated` are the subjects the rule applies to; `waived` of the failed ones are accepted.
    """

    rule_id: str
    principle: str
    title: str
    severity: Severity
    confidence: str
    effort: str
    subject_type: str
    why: str
    fix: str
    references: tuple[str, ...]
    passed: int
    failed: int
    not_evaluated: int
    waived: int = 0


@dataclass(frozen=True, slots=True)
class Tally:
    """How one account fared under one rule."""

    rule_id: str
    account_id: str | None
    workload: str | None
    unit_id: str | None
    passed: int
    failed: int
    not_evaluated: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Calls that could not be read, grouped: what, where, why, and how many calls that was."""

    account_id: str
    region: str
    collector: str
    call: str
    status: str
    reason: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Coverage:
    """Share (0 to 1) of rule-subject pairs that were evaluated; None where nothing applies.

    `gaps` are the calls behind the rest, `unevaluated_rules` those that could be evaluated nowhere. `notes` say what else was not
    read, a sentence each: values of a plan, in the gate only.
    """

    ratio: float | None
    principles: Mapping[str, float | None]
    accounts: Mapping[str, float | None]
    gaps: tuple[Gap, ...]
    unevaluated_rules: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """0 (worst) to 100, weighted by severity over what was evaluated; None where nothing was."""

    overall: float | None
    principles: Mapping[str, float | None]
    accounts: Mapping[str, float | None]
    workloads: Mapping[str, float | None] = field(default_factory=dict)
    units: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scan:
    """How the snapshot was made. Times are ISO 8601 in UTC."""

    id: str
    started_at: str
    finished_at: str
    organization_id: str | None
    tool_version: str


@dataclass(frozen=True, slots=True)
class Account:
    """One account as reports show it. `unit_path` runs from the root, e.g. `("Root", "Workloads", "Production")`."""

    id: str
    name: str
    status: str
    unit_id: str | None
    unit_path: tuple[str, ...]
    environment: str
    workload: str | None
    owner: str | None
    is_management: bool
    read: bool
    resources: int


@dataclass(frozen=True, slots=True)
class Unit:
    """A root or organizational unit; `parent_id` is None for the root."""

    id: str
    name: str
    parent_id: str | None


@dataclass(frozen=True, slots=True)
class CallCount:
    """Requests sent to one service during collection, throttled ones among them."""

    service: str
    requests: int
    throttled: int


@dataclass(frozen=True, slots=True)
class Advice:
    """One change worth making: what it closes and how far it would lift the overall score (points).

    `at` names what has to be changed. `rule_id`, `title` and `fix` are those of the rule that gains most by it, `rules` and
    `fingerprints` all that it closes, worst first, `messages` the sentences of the first of them; `after` is the score once this and all changes before it are made.
    """

    rule_id: str
    title: str
    effort: str
    findings: int
    accounts: int
    gain: float
    fix: str
    at: str = ""
    severity: Severity = "low"
    rules: tuple[str, ...] = ()
    fingerprints: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    account_ids: tuple[str, ...] = ()
    after: float | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """What the compromise of one account (`source`) gets of another one (`target`).

    `verdict` is allow, conditional (see `conditions`) or unknown (`chain` names the call that would settle it). `administers` and
    `destroys` say whether it gets to administer the target, and to delete data or copies there; None is not known. `chain` is
    the shortest way, a sentence a step; `hops` its length.
    """

    source: str
    target: str
    verdict: str
    administers: bool | None
    destroys: bool | None
    hops: int
    chain: tuple[str, ...]
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Store:
    """A data store as the drill lists it: `type` such as database, cluster, dynamodb_table, bucket or volume."""

    arn: str
    name: str
    type: str
    environment: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class SurvivingCopy:
    """A copy that outlives the account of its original. Times are ISO 8601 in UTC; None is not known."""

    arn: str
    account_id: str
    created_at: str | None
    key_account_id: str | None
    immutable: bool


@dataclass(frozen=True, slots=True)
class Survivor:
    """A data store of which something is left, newest copy first."""

    arn: str
    name: str
    type: str
    environment: str
    copies: tuple[SurvivingCopy, ...]


@dataclass(frozen=True, slots=True)
class Undecided:
    """A data store whose fate is not known: `why` names the call that would settle it."""

    arn: str
    name: str
    type: str
    environment: str
    why: str


@dataclass(frozen=True, slots=True)
class FallsToo:
    """Another account in which the loss of this one lets somebody delete data or copies."""

    account_id: str
    verdict: str
    chain: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UselessCopy:
    """A copy that would not help: it dies with the account, or nobody reaches it; `why` says so in one sentence."""

    arn: str
    account_id: str
    store_arn: str
    why: str


@dataclass(frozen=True, slots=True)
class Drill:
    """What is lost, what survives and what falls too when one account is erased tonight."""

    account: str
    lost: tuple[Store, ...]
    survives: tuple[Survivor, ...]
    unknown: tuple[Undecided, ...]
    falls_too: tuple[FallsToo, ...]
    useless: tuple[UselessCopy, ...] = ()
    notes: tuple[str, ...] = ()
    """What is not known of other accounts, a sentence each."""


@dataclass(frozen=True, slots=True)
class Result:
    """Everything a report can show. `findings` hold failures and not-evaluated subjects, sorted."""

    scan: Scan
    coverage: Coverage
    score: Score
    findings: tuple[Finding, ...]
    rules: tuple[RuleResult, ...]
    accounts: tuple[Account, ...]
    units: tuple[Unit, ...]
    calls: tuple[CallCount, ...]
    advice: tuple[Advice, ...]
    matrix: tuple[tuple[str, str, str], ...]
    """(workload, environment, account id): where resources of a workload's environment live."""
    reach: tuple[Reach, ...] = ()
    """Pairs of accounts of which the first reaches the second, sorted."""
    drills: tuple[Drill, ...] = ()
    """One per account, sorted by account id."""
    waivers: tuple[WaiverUse, ...] = ()
    """Every waiver of the file, in its order."""
    baseline: BaselineUse | None = None
    accepted: Accepted = field(default_factory=lambda: Accepted(0, 0, 0.0))
    since: Since | None = None
    """None where no earlier scan is known."""
    trend: tuple[Point, ...] = ()
    """Scans of the history, oldest first, this one last."""
    comparison: Comparison | None = None
    """How this differs from an earlier result that was asked for; `since` counts the same then."""
