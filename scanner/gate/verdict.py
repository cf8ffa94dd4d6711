"""The same rules before and after, and what the difference means for whoever wants to apply the change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from scanner.findings import SEVERITIES, Finding
from scanner.gate.changes import Changes
from scanner.gate.planned import Planned, Skip
from scanner.lasting import Acceptance

Kind = Literal["new", "worse", "unread", "resolved", "unchanged"]
"""new: fails and did not; worse: failed before, and is more severe, or says something else now, about what the change touches;
unread: was judged before and is not now, or is new and cannot be judged; resolved: failed and does not; unchanged: fails as before,
about what the change touches."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One finding and what the change did to it. `file` and `line` of the finding are where the resource is written.

    `address` names the resource of the plan behind it, None where the change only bears on it from elsewhere.
    """

    kind: Kind
    finding: Finding
    address: str | None
    why: str = ""
    before: Finding | None = None


@dataclass(frozen=True)
class Side:
    """One evaluation: findings, and per rule and subject touched what came of it."""

    findings: tuple[Finding, ...]
    score: float | None
    touched: Mapping[str, int]
    """Outcomes of rules over subjects that the change touches: pass, fail, not_evaluated."""


def compare(before: Side, after: Side, changes: Changes) -> tuple[Judged, ...]:
    """Lay two evaluations side by side; the order is that of severity, rule and subject."""
    was = {one.fingerprint: one for one in before.findings}
    now = {one.fingerprint: one for one in after.findings}
    found = [one for mark, finding in now.items() if (one := _now(finding, was.get(mark), changes)) is not None]
    for mark, finding in was.items():
        if mark not in now and finding.outcome == "fail":
            found.append(_judged("resolved", finding, changes, "it does not fail any more", finding))
    return tuple(sorted(found, key=_order))


def _now(finding: Finding, before: Finding | None, changes: Changes) -> Judged | None:
    if finding.outcome == "not_evaluated":
        if before is not None and before.outcome == "not_evaluated":
            return None
        why = "it failed before, and cannot be judged now" if before else "it cannot be judged"
        return _judged("unread", finding, changes, why, before)
    if before is None:
        return _judged("new", finding, changes, "it did not fail before")
    if before.outcome == "not_evaluated":
        return _judged("new", finding, changes, "it could not be judged before, and fails now", before)
    touched = touching(finding, changes)
    if SEVERITIES.index(finding.severity) < SEVERITIES.index(before.severity):
        return _judged("worse", finding, changes, "it is more severe", before)
    if finding.message != before.message:
        kind = _direction(before, finding)
        return _judged(kind, finding, changes, f"before: {before.message}", before)
    return _judged("unchanged", finding, changes, "", before) if touched else None


def _direction(before: Finding, after: Finding) -> Kind:
    """Another text for the same failure is worse unless every number in its evidence fell, and every list lost something."""
    steps = [
        step for name in after.evidence if (step := _step(before.evidence.get(name), after.evidence.get(name))) is not None
    ]
    return "unchanged" if steps and all(step < 0 for step in steps) else "worse"


def _step(before: Any, after: Any) -> int | None:
    if before == after:
        return None
    if isinstance(before, int | float) and isinstance(after, int | float):
        return 1 if after > before else -1
    if isinstance(before, list) and isinstance(after, list):
        return -1 if set(map(str, after)) < set(map(str, before)) else 1
    return 1


def touching(finding: Finding, changes: Changes) -> Planned | None:
    """The resource of the plans that a finding is about."""
    subject = finding.subject
    for name in (subject.arn, subject.id, finding.fixed_at):
        resource = changes.subjects.get(name or "")
        if resource is not None and resource.touched:
            return resource
    return None


def blamed(finding: Finding, changes: Changes) -> Planned | None:
    """The resource a finding is about, else one that its message or evidence names."""
    found = touching(finding, changes)
    if found is not None:
        return found
    text = " ".join([finding.message, *map(str, finding.evidence.values())])
    named = [
        (len(name), resource)
        for name, resource in changes.subjects.items()
        if resource.touched and len(name) > 6 and name in text
    ]
    return max(named, key=lambda one: (one[0], one[1].address), default=(0, None))[1]


def _judged(kind: Kind, finding: Finding, changes: Changes, why: str, before: Finding | None = None) -> Judged:
    resource = blamed(finding, changes) if kind != "resolved" else touching(finding, changes)
    if resource is None:
        return Judged(kind, finding, None, why, before)
    located = replace(finding, file=resource.location.file, line=resource.location.line)
    return Judged(kind, _skipped(located, resource), resource.label, why, before)


def _skipped(finding: Finding, resource: Planned) -> Finding:
    """A `checkov:skip=` comment in the block of the resource is a waiver, with its reason."""
    skip = next((one for one in resource.skips if names(one, finding.rule_id)), None)
    if skip is None or finding.status != "open" or finding.outcome != "fail":
        return finding
    where = f"{resource.location.file}:{resource.location.line or 1}"
    return replace(finding, status="waived", waiver=Acceptance(skip.reason, f"checkov:skip in {where}", ""))


def names(skip: Skip, rule_id: str) -> bool:
    """Whether a comment names a rule: `blast_radius/trusts_everyone`, or as Checkov writes ids, `CKV_BULKHEAD_BLAST_RADIUS_...`."""
    plain = skip.check.lower().replace("/", "_").removeprefix("ckv2_").removeprefix("ckv_").removeprefix("bulkhead_")
    return plain == rule_id.lower().replace("/", "_")


def _order(one: Judged) -> tuple[Any, ...]:
    kinds = ("new", "worse", "unread", "resolved", "unchanged")
    finding = one.finding
    return (
        kinds.index(one.kind),
        SEVERITIES.index(finding.severity),
        finding.rule_id,
        finding.account_name or "",
        finding.subject.id,
        finding.fingerprint,
    )


def coverage(after: Side, judged: Iterable[Judged], unplaced: Sequence[Planned]) -> float | None:
    """Share (0 to 1) of what had to be judged that could be: rules over subjects the change touches, anything that could be judged
    before and cannot be now, and resources whose account is not known. None where there was nothing to judge."""
    done = after.touched.get("pass", 0) + after.touched.get("fail", 0)
    touched_unread = after.touched.get("not_evaluated", 0)
    elsewhere = sum(one.kind == "unread" and one.address is None for one in judged)
    asked = done + touched_unread + elsewhere + len(unplaced)
    return done / asked if asked else None


def serious(judged: Iterable[Judged], level: str) -> list[Judged]:
    """What is new or worse, open, and at least that severe."""
    if level == "never":
        return []
    wanted = SEVERITIES[: SEVERITIES.index(level) + 1]
    return [
        one
        for one in judged
        if one.kind in ("new", "worse") and one.finding.status == "open" and one.finding.severity in wanted
    ]


def counts(judged: Iterable[Judged]) -> Counter[str]:
    return Counter(one.kind for one in judged)
