"""What reports say of accepted risks and of earlier scans, in words. Pure; no markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reports.values import counted, percent, score_text
from scanner.findings import Finding, Result
from scanner.lasting import Since, WaiverUse

_PATTERNS = ("account", "unit", "workload", "region", "subject")
_ORDER = ("expired", "unmatched", "unseen", "active")


def accepted(result: Result) -> str:
    """Return what is waived and what it costs, as a sentence; empty where nothing is accepted."""
    held = result.accepted
    if not held.waived + held.baseline:
        return ""
    parts = ((f"{held.waived:,} waived", held.waived), (f"{held.baseline:,} in the baseline", held.baseline))
    named = " and ".join(text for text, number in parts if number)
    return f"{named} are not among them; they still cost {points(held.points)} of the score"


def points(number: float) -> str:
    """Return `3.4 points`."""
    return f"{number:.1f} point{'' if f'{number:.1f}' == '1.0' else 's'}"


def since(change: Since | None, result: Result) -> str:
    """Return the change since the scan before as a sentence; empty where there was none."""
    if change is None:
        return ""
    counts = [f"{change.new:,} new", f"{change.fixed:,} fixed"]
    if change.unseen:
        counts.append(f"{change.unseen:,} no longer evaluated (not fixed)")
    rules = "" if change.same_rules else "; it was judged by other rules then"
    if percent(change.coverage) != percent(result.coverage.ratio):
        rules += f"; coverage was {percent(change.coverage)} then"
    return f"{_moved(change.score, result.score.overall)} since {change.finished_at}: {', '.join(counts)}{rules}"


def is_new(finding: Finding, result: Result) -> bool:
    """Say whether a finding was never seen before this scan; nothing is new where there was no scan before."""
    return result.since is not None and finding.first_seen == result.scan.finished_at


def _moved(before: float | None, now: float | None) -> str:
    if before is None or now is None:
        return f"Score {score_text(before)} before, {score_text(now)} now,"
    by = now - before
    return f"Score {by:+.1f} (from {score_text(before)})" if abs(by) >= 0.05 else "Score unchanged"


def baseline(result: Result) -> str:
    """Return what is left of the baseline as a sentence; empty without one."""
    left = result.baseline
    if left is None:
        return ""
    unseen = f", {left.unseen:,} could not be evaluated" if left.unseen else ""
    return f"Baseline: {left.failing:,} of {counted(left.findings, 'finding')} still fail{unseen}, {left.gone:,} fail no longer"


def waivers(uses: Iterable[WaiverUse]) -> list[WaiverUse]:
    """Return waivers, those that want attention first, then by the day they end."""
    return sorted(uses, key=lambda use: (_ORDER.index(use.status), use.waiver.expiry, use.waiver.line))


def doubtful(uses: Iterable[WaiverUse]) -> list[WaiverUse]:
    """Return waivers that want attention."""
    return [use for use in waivers(uses) if use.status != "active"]


def scope(use: WaiverUse) -> str:
    """Return what a waiver is about, e.g. `account sandbox-*, subject scratch`."""
    waiver = use.waiver
    return ", ".join(f"{name} {value}" for name in _PATTERNS if (value := getattr(waiver, name)))


def trend(result: Result, most: int = 12) -> Sequence[tuple[str, str, str]]:
    """Return (day, score, coverage) of the last scans, oldest first; nothing where there is only this one."""
    shown = result.trend[-most:] if len(result.trend) > 1 else ()
    return [(point.finished_at, score_text(point.score), percent(point.coverage)) for point in shown]
