"""Four-valued verdicts and how they combine: along a path the worst counts, among alternatives the best."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    """What is known about a connection. `conditional` hangs on something no AWS call tells, such as an appliance."""

    DENY = "deny"
    UNKNOWN = "unknown"
    CONDITIONAL = "conditional"
    ALLOW = "allow"


DENY, UNKNOWN, CONDITIONAL, ALLOW = Verdict.DENY, Verdict.UNKNOWN, Verdict.CONDITIONAL, Verdict.ALLOW
RANK = {DENY: 0, UNKNOWN: 1, CONDITIONAL: 2, ALLOW: 3}
MOST_REASONS = 12


class Finding(NamedTuple):
    """A verdict with the sentences that explain it."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()


def deny(*reasons: str) -> Finding:
    return Finding(DENY, reasons)


def unknown(*reasons: str) -> Finding:
    return Finding(UNKNOWN, reasons)


def conditional(*reasons: str) -> Finding:
    return Finding(CONDITIONAL, reasons)


def allow(*reasons: str) -> Finding:
    return Finding(ALLOW, reasons)


def along(findings: Iterable[Finding]) -> Finding:
    """Combine the parts of one path: deny beats unknown beats conditional beats allow.

    What passes keeps the sentences of every hop; what does not keeps those that stop it.
    """
    parts = list(findings)
    worst = min((part.verdict for part in parts), key=RANK.__getitem__, default=ALLOW)
    passes = worst in (ALLOW, CONDITIONAL)
    kept = parts if passes else [part for part in parts if part.verdict == worst]
    return Finding(worst, unique(reason for part in kept for reason in part.reasons))


def among(findings: Sequence[Finding]) -> Finding:
    """Combine alternatives that all exist: the best counts. A denial keeps the reasons of every alternative."""
    best = max((one.verdict for one in findings), key=RANK.__getitem__, default=DENY)
    same = [one for one in findings if one.verdict == best]
    if best in (ALLOW, CONDITIONAL):
        return min(same, key=lambda one: (len(one.reasons), one.reasons))
    return Finding(best, unique(reason for one in same for reason in one.reasons)[:MOST_REASONS])


def either(findings: Sequence[Finding], why: str) -> Finding:
    """Combine readings of which one holds and nobody knows which: one verdict only where all agree."""
    if len({one.verdict for one in findings}) == 1:
        return findings[0] if findings[0].verdict != DENY else among(findings)
    doubts = [reason for one in findings if one.verdict == UNKNOWN for reason in one.reasons]
    return Finding(UNKNOWN, unique([why, *doubts]))


def unique(reasons: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reasons))


def named(finding: Finding, text: str) -> bool:
    """Whether a sentence of a finding holds some text, such as an address."""
    return any(text in reason for reason in finding.reasons)
