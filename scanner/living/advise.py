"""What to change first: the few changes that lift the score most for their effort.

Failures that are fixed at the same place (a rule's `fixed_at`, such as one permission set or one unit's policy) are one change,
of whatever rule they are; where a rule names no place, each subject is a change of its own. What a waiver covers is left out,
what the baseline holds is not: that is what it is to shrink by.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from scanner import score
from scanner.findings import SEVERITIES, Advice, Finding, RuleResult

EFFORT_DAYS: Mapping[str, float] = {"hours": 0.5, "days": 3.0, "weeks": 15.0}
"""Working days that stand for the effort a rule states."""
SHOWN = 10
"""Changes that a report gets."""
TOLD = 20
"""Failures of a change whose sentences are kept with it; one policy may fix ten thousand."""


def advice(
    findings: Iterable[Finding], rules: Sequence[RuleResult], overall: float | None, most: int | None = None
) -> tuple[Advice, ...]:
    """Return changes, the one that gains most per day of effort first; `overall` is the score they start from."""
    by_id = {rule.rule_id: rule for rule in rules}
    groups: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for one in findings:
        if one.outcome == "fail" and one.status != "waived" and one.rule_id in by_id:
            groups[place(one)].append(one)
    each = {rule_id: score.lift(rules, {rule_id: 1}) for rule_id in by_id}
    found = sorted((_change(members, by_id, each) for members in groups.values()), key=_worth)
    return tuple(_in_turn(found[:most], overall))


def place(finding: Finding) -> tuple[str, str]:
    """Return what tells a change from others: a place that rules name together, or the rule and its subject."""
    if finding.fixed_at:
        return ("", finding.fixed_at)
    return (finding.rule_id, finding.fingerprint)


def days(effort: str) -> float:
    """Working days of an effort; what nobody knows counts as much."""
    return EFFORT_DAYS.get(effort, EFFORT_DAYS["weeks"])


def _worth(one: Advice) -> tuple[float, float, str, str]:
    return (-one.gain / days(one.effort), -one.gain, one.rule_id, one.at)


def _in_turn(found: Iterable[Advice], overall: float | None) -> Iterable[Advice]:
    reached = overall
    for one in found:
        reached = None if reached is None else min(100.0, reached + one.gain)
        yield replace(one, after=reached)


def _change(members: Sequence[Finding], by_id: Mapping[str, RuleResult], each: Mapping[str, float]) -> Advice:
    """One change; `each` is what one failure less of a rule is worth."""
    gains = {rule_id: number * each[rule_id] for rule_id, number in Counter(one.rule_id for one in members).items()}
    ordered = sorted(gains, key=lambda rule_id: (-gains[rule_id], rule_id))
    main = by_id[ordered[0]]
    worst = sorted(
        members, key=lambda one: (SEVERITIES.index(one.severity), ordered.index(one.rule_id), one.subject.id)
    )
    accounts = tuple(sorted({one.account_id for one in members if one.account_id}))
    return Advice(
        rule_id=main.rule_id,
        title=main.title,
        effort=max((by_id[rule_id].effort for rule_id in ordered), key=days),
        findings=len(members),
        accounts=len(accounts),
        gain=sum(gains.values()),
        fix=main.fix,
        at=worst[0].fixed_at or _named(worst[0]),
        severity=worst[0].severity,
        rules=tuple(ordered),
        fingerprints=tuple(one.fingerprint for one in worst),
        messages=tuple(one.message for one in worst[:TOLD]),
        account_ids=accounts,
    )


def _named(finding: Finding) -> str:
    """The subject, and where it is, as people look for it."""
    subject = finding.subject
    kind = subject.type.replace("_", " ")
    name = subject.name or subject.id
    inside = finding.account_name or finding.account_id
    where = f" in {inside}" if inside and subject.type != "account" and inside != name else ""
    return f"{kind} {name}{where}"
