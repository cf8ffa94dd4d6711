"""The same rules before and after, and what the difference means for whoever wants to apply the change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from scanner.findings import SEVERITIES, Finding
from scanner.gate.changes import Changes
from scanner.gate.planned import Planned, Skip
from scanner.gated import KINDS, Judged, Kind
from scanner.lasting import Acceptance

PARTY = re.compile(r"(?<![\w:/-])(?:\d{12}|arn:[^:\s]*:(?:iam|sts)::\d{12}:[^\s,]+)(?![\w:/-])")
"""Accounts and principals in the evidence of a finding."""


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
            if not changes.bear_on(finding.rule_id, finding.account_id, finding.region):
                return None
            return _judged(
                "unread", finding, changes, "the change bears on it, and it could not be judged before", before
            )
        why = "it failed before, and cannot be judged now" if before else "it cannot be judged"
        return _judged("unread", finding, changes, why, before)
    if before is None:
        return _judged("new", finding, changes, "it did not fail before")
    if before.outcome == "not_evaluated":
        return _judged("new", finding, changes, "it could not be judged before, and fails now", before)
    touched = touching(finding, changes) or _mending(finding, changes)[0]
    if SEVERITIES.index(finding.severity) < SEVERITIES.index(before.severity):
        return _judged("worse", finding, changes, f"it was {before.severity}", before)
    if finding.message != before.message and _said_more(before, finding):
        return _judged("worse", finding, changes, f"before: {before.message}", before)
    why = f"before: {before.message}" if finding.message != before.message else ""
    return _judged("unchanged", finding, changes, why, before) if touched else None


def _said_more(before: Finding, after: Finding) -> bool:
    """Whether the evidence of the same failure grew: somebody or a range is let in who was not, a number rose, or a list gained
    something and lost nothing.

    A text that is merely another one says nothing about better or worse.
    """
    if any(let_in(before.evidence.get(name), value) for name, value in after.evidence.items()):
        return True
    steps = [_step(before.evidence.get(name), value) for name, value in after.evidence.items()]
    return any(step > 0 for step in steps) and not any(step < 0 for step in steps)


def _step(before: Any, after: Any) -> int:
    if before == after or isinstance(before, bool) or isinstance(after, bool):
        return 0
    if isinstance(before, int | float) and isinstance(after, int | float):
        return 1 if after > before else -1
    was, now = _members(before), _members(after)
    return 0 if was is None or now is None else 1 if now > was else -1 if now < was else 0


def _members(value: Any) -> frozenset[str] | None:
    """What a list, or a text that joins one with commas, holds."""
    if isinstance(value, list):
        return frozenset(map(str, value))
    return frozenset(value.split(", ")) if isinstance(value, str) and value else None


def let_in(before: Any, after: Any) -> bool:
    """Whether a text or list names a range that none of those before has in it, an account or a principal that was not named."""
    was, now = (" ".join(map(str, one)) if isinstance(one, list) else one for one in (before, after))
    if not isinstance(was, str) or not isinstance(now, str):
        return False
    ranges = _ranges(was)
    if ranges and any(not any(_inside(one, other) for other in ranges) for one in _ranges(now)):
        return True
    parties = _parties(was)
    return bool(parties and _parties(now) - parties)


def _ranges(text: str) -> list[IPv4Network | IPv6Network]:
    found = []
    for word in re.findall(r"[0-9a-fA-F:.]+/\d{1,3}", text):
        try:
            found.append(ip_network(word, strict=False))
        except ValueError:
            continue
    return found


def _inside(one: IPv4Network | IPv6Network, other: IPv4Network | IPv6Network) -> bool:
    if isinstance(one, IPv4Network) and isinstance(other, IPv4Network):
        return one.subnet_of(other)
    return isinstance(one, IPv6Network) and isinstance(other, IPv6Network) and one.subnet_of(other)


def _parties(text: str) -> frozenset[str]:
    return frozenset(PARTY.findall(text))


def touching(finding: Finding, changes: Changes) -> Planned | None:
    """The resource of the plans that a finding is about."""
    subject = finding.subject
    return next(_touched((subject.arn, subject.id, finding.fixed_at), changes), (None, ""))[0]


def _mending(finding: Finding, changes: Changes) -> tuple[Planned | None, bool]:
    """A resource that has to be changed to mend it, and whether it is the only one of the plans."""
    words = [one.strip(",") for one in (finding.fixed_at or "").split() if "-" in one or ":" in one]
    resource, name = next(_touched(words, changes), (None, ""))
    return resource, name not in changes.several


def _touched(names: Iterable[str | None], changes: Changes) -> Iterator[tuple[Planned, str]]:
    for name in filter(None, names):
        resource = changes.subjects.get(name)
        if resource is not None and resource.touched:
            yield resource, name


def blamed(finding: Finding, changes: Changes) -> Planned | None:
    """The resource a finding is about, else one that its message or evidence names, else the only one that feeds its rule."""
    found = touching(finding, changes)
    if found is not None:
        return found
    text = " ".join([finding.message, *map(str, finding.evidence.values())])
    return changes.named(text) or changes.likely(finding.rule_id)


def _judged(kind: Kind, finding: Finding, changes: Changes, why: str, before: Finding | None = None) -> Judged:
    direct = touching(finding, changes)
    mending, alone = _mending(finding, changes)
    resource = direct or (mending if alone else None) or blamed(finding, changes)
    about = direct is not None or mending is not None
    if kind == "resolved" and direct is not None and direct.deed == "delete":
        why = "it is gone"
    if resource is None:
        path = str(changes.plans[0].path) if len(changes.plans) == 1 else None
        return Judged(kind, replace(finding, file=path, line=1 if path else None), None, why, before, about)
    located = replace(finding, file=resource.location.file, line=resource.location.line)
    return Judged(kind, _skipped(located, resource), resource.label, why, before, about)


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
    finding = one.finding
    return (
        KINDS.index(one.kind),
        SEVERITIES.index(finding.severity),
        finding.rule_id,
        finding.account_name or "",
        finding.subject.id,
        finding.fingerprint,
    )


def coverage(after: Side, judged: Iterable[Judged], lost: int, changes: Changes) -> float | None:
    """Share (0 to 1) of what had to be judged that could be; None where there was nothing to judge.

    That is: rules over subjects the change makes or changes, whatever else came out otherwise or could be judged before and cannot be
    now, and `lost` resources that could not be read at all. What may lie in a new account beside what is planned for it is not part of the change.
    """
    judged = list(judged)
    done = after.touched.get("pass", 0) + after.touched.get("fail", 0)
    done += sum(one.kind in ("new", "worse", "resolved") and not one.direct for one in judged)
    elsewhere = sum(one.kind == "unread" and not one.direct and not _in_new_account(one, changes) for one in judged)
    asked = done + after.touched.get("not_evaluated", 0) + elsewhere + lost
    return done / asked if asked else None


def _in_new_account(one: Judged, changes: Changes) -> bool:
    account = changes.subjects.get(one.finding.account_id or "")
    return one.finding.hides_many and account is not None and account.deed == "create"


def failing(judged: Iterable[Judged], level: str) -> tuple[Judged, ...]:
    """Mark what fails the gate: open, at least that severe, and new, or worse about what the change itself touches."""
    wanted = () if level == "never" else SEVERITIES[: SEVERITIES.index(level) + 1]
    return tuple(replace(one, fails=one.finding.severity in wanted and _counts(one)) for one in judged)


def _counts(one: Judged) -> bool:
    if one.finding.status != "open":
        return False
    return one.kind == "new" or (one.kind == "worse" and (one.direct or one.risen))
