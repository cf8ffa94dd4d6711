"""How one judged snapshot differs from an earlier one.

A finding is fixed when its subject passes now, is gone, or is none the rule applies to any more - and only then. What was
failing and could not be judged now is `unseen`; where the same subject is still known, it is `changed` from fail to not
evaluated. The other way round, what fails now and could not be judged before is new, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from scanner.findings import SEVERITIES, Finding
from scanner.lasting import Comparison, Difference, Kind, Side, Since
from scanner.living.saved import Judged
from scanner.living.sight import Sight, spot
from scanner.rule.fates import Became

Lookup = Callable[[Iterable[Finding]], Mapping[str, Became]]
"""What became of the subjects of findings that are no longer there, by fingerprint. Only a snapshot knows."""

_FIXED: Mapping[str | None, tuple[str, str]] = {
    "passes": ("passes", "it passes now"),
    "not_applicable": ("not_applicable", "the rule does not apply to it any more"),
    "gone": ("gone", "the subject is gone"),
    None: ("passes_or_gone", "it passes now or is gone; compare snapshots to know which"),
}
CONTENT = ("severity", "message", "evidence")


def compare(before: Judged, after: Judged, lookup: Lookup | None = None) -> Comparison:
    """Compare two judged snapshots; `lookup` knows the subjects of the later one."""
    was, now = _by_fingerprint(before), _by_fingerprint(after)
    alike = before.scan.organization_id == after.scan.organization_id
    then, today = _sight(before, alike), _sight(after, alike)
    vanished = [one for mark, one in was.items() if one.outcome == "fail" and mark not in now]
    obstacles = {one.fingerprint: today.obstacle(spot(one)) for one in vanished}
    cleared = [one for one in vanished if obstacles[one.fingerprint] is None]
    fates = lookup(cleared) if lookup else {}
    kept = [_kept(was[mark], one) for mark, one in now.items() if mark in was]
    return Comparison(
        _side(before),
        _side(after),
        new=_sorted(_new(one, then) for mark, one in now.items() if one.outcome == "fail" and mark not in was),
        fixed=_sorted(_fixed(one, fates.get(one.fingerprint)) for one in cleared),
        changed=_sorted(one for one in kept if one is not None),
        unseen=_sorted(_unseen(one, obstacles[one.fingerprint]) for one in vanished),
        same=sum(one is None for one in kept),
        notes=tuple(_notes(before, after)),
    )


def since(comparison: Comparison, before: Judged, after: Judged) -> Since:
    """Return what a comparison says in numbers, as reports show the change since an earlier scan."""
    was, now = comparison.before, ({rule.rule_id for rule in one.rules} for one in (before, after))
    newly, lost = (
        sum("outcome" in one.what and one.after["outcome"] == outcome for one in comparison.changed)
        for outcome in ("fail", "not_evaluated")
    )
    return Since(
        was.scan_id,
        was.finished_at,
        was.score,
        was.coverage,
        new=len(comparison.new) + newly,
        fixed=len(comparison.fixed),
        unseen=len(comparison.unseen) + lost,
        same_rules=next(now) == next(now),
    )


def worse(comparison: Comparison, level: str) -> bool:
    """Say whether something open became that severe or worse: a new failure, one not judged before, a raised severity."""
    if level == "never":
        return False
    serious = SEVERITIES[: SEVERITIES.index(level) + 1]
    risen = [one for one in comparison.changed if _rose(one)]
    return any(one.severity in serious and one.status == "open" for one in (*comparison.new, *risen))


def _rose(one: Difference) -> bool:
    if "outcome" in one.what:
        return one.after["outcome"] == "fail"
    order = [str(severity) for severity in SEVERITIES]
    return "severity" in one.what and order.index(str(one.after["severity"])) < order.index(str(one.before["severity"]))


def _by_fingerprint(judged: Judged) -> dict[str, Finding]:
    return {one.fingerprint: one for one in judged.findings if not one.hides_many}


def _sight(judged: Judged, all_listed: bool) -> Sight:
    return Sight(judged.findings, judged.rules, judged.gaps, judged.accounts, all_listed)


def _new(finding: Finding, then: Sight) -> Difference:
    obstacle = then.obstacle(spot(finding))
    if obstacle is None:
        return _difference("new", finding, "appeared", "it did not fail before")
    return _difference("new", finding, obstacle[0], f"before, {obstacle[1]}")


def _fixed(finding: Finding, fate: Became | None) -> Difference:
    return _difference("fixed", finding, *_FIXED[fate])


def _unseen(finding: Finding, obstacle: tuple[str, str] | None) -> Difference | None:
    return _difference("unseen", finding, *obstacle) if obstacle else None


def _kept(before: Finding, after: Finding) -> Difference | None:
    """What changed of a finding both sides have; None where nothing did."""
    if before.outcome != after.outcome:
        reason, why = ("evaluated", "it could not be evaluated before")
        if after.outcome == "not_evaluated":
            reason, why = ("not_evaluated", f"it is not fixed, it could not be evaluated: {after.message}")
        return _changed(before, after, ("outcome",), reason, why)
    if after.outcome != "fail":
        return None
    shown = _evidence(before, after)
    what = tuple(
        name for name in CONTENT if (shown if name == "evidence" else getattr(before, name) != getattr(after, name))
    )
    if not what:
        return None
    told = [name for name in what if name != "evidence"] or shown
    return _changed(before, after, what, what[0], f"another {', '.join(told)}")


def _evidence(before: Finding, after: Finding) -> list[str]:
    keys = dict.fromkeys((*before.evidence, *after.evidence))
    return [key for key in keys if _differ(before.evidence.get(key), after.evidence.get(key))]


def _differ(one: Any, other: Any) -> bool:
    """Say whether two values differ; numbers as far as findings.json has them, which is four decimals."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is not other
    if isinstance(one, int | float | Decimal) and isinstance(other, int | float | Decimal):
        return round(float(one), 4) != round(float(other), 4)
    return bool(one != other)


def _changed(before: Finding, after: Finding, what: tuple[str, ...], reason: str, why: str) -> Difference:
    def values(one: Finding) -> dict[str, Any]:
        return {name: getattr(one, name) for name in what}

    return _difference("changed", after, reason, why, what, values(before), values(after))


def _difference(kind: Kind, finding: Finding, reason: str, why: str, *more: Any) -> Difference:
    subject = finding.subject
    return Difference(
        kind, finding.fingerprint, finding.rule_id, finding.severity, finding.status, subject.type, subject.id, subject.name,
        finding.account_id, finding.account_name, finding.message, reason, why, *more,
    )  # fmt: skip


def _sorted(found: Iterable[Difference | None]) -> tuple[Difference, ...]:
    order = {str(severity): place for place, severity in enumerate(SEVERITIES)}
    real = [one for one in found if one is not None]
    return tuple(sorted(real, key=lambda one: (order[one.severity], one.rule_id, one.subject_id, one.fingerprint)))


def _side(judged: Judged) -> Side:
    failing = sum(one.outcome == "fail" for one in judged.findings)
    scan = judged.scan
    return Side(scan.id, scan.finished_at, scan.organization_id, judged.score, judged.coverage, failing)


def _notes(before: Judged, after: Judged) -> Iterable[str]:
    if before.scan.organization_id != after.scan.organization_id:
        yield f"these are two organizations: {before.scan.organization_id} and {after.scan.organization_id}"
    if before.scan.finished_at > after.scan.finished_at:
        yield "the first is the later one of the two"
    gone, come = ({rule.rule_id for rule in one.rules} for one in (before, after))
    if gone != come:
        yield f"other rules were run: {len(come - gone)} more and {len(gone - come)} fewer"
    if before.coverage != after.coverage:
        yield "not the same share could be evaluated"
