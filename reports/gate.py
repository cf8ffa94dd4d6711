"""`bulkhead gate` on paper: text for a terminal, Markdown for a comment on a pull request, JSON for programs."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from reports.json import finding_fields, rule_fields
from reports.markdown import LONGEST, code, escaped
from reports.text import clipped, visible
from reports.values import counted, percent, plain, rounded_ratio, rounded_score, score_text
from scanner.gated import KINDS, Gated, Judged

SCHEMA_VERSION = "1"
SHOWN = 40
"""Findings of one kind, and unread values, before the rest is only counted."""
TITLES = {
    "new": "New",
    "worse": "Worse",
    "unread": "Cannot be judged",
    "resolved": "Resolved",
    "unchanged": "As before, about what the change touches",
}
ENDS = {0: "passes", 1: "fails", 3: "could not be judged well enough to pass"}


def text(gated: Gated) -> str:
    """The verdict, then what is new, worse, not judged, resolved and unchanged, then what could not be read."""
    lines = [*_head(gated), ""]
    for kind in KINDS:
        found = _folded(gated.of(kind))
        if found:
            lines += [f"{TITLES[kind]}: {len(gated.of(kind)):,}"]
            for one, more in found[:SHOWN]:
                lines += _entry(one, more)
            lines += [f"  ... and {len(found) - SHOWN:,} more (--format json lists all)"] if len(found) > SHOWN else []
            lines.append("")
    lines += _listed("Known after apply only", gated.unread, "  {}")
    return "\n".join([*lines, _verdict(gated)])


def markdown(gated: Gated) -> str:
    """The same for a comment on a pull request, in the 65,536 characters that one may have."""
    mark = {0: "✅", 1: "❌"}.get(gated.exit_code, "⚠️")
    lines = [f"## {mark} Bulkhead: {escaped(_verdict(gated))}", ""]
    lines += [f"- {escaped(line, 600)}" for line in _head(gated)]
    for kind in KINDS:
        found = _folded(gated.of(kind))
        if not found:
            continue
        lines += ["", f"### {TITLES[kind]}: {len(gated.of(kind)):,}", ""]
        lines += [_item(one, more) for one, more in found[:SHOWN]]
        lines += [f"- … {len(found) - SHOWN:,} more"] if len(found) > SHOWN else []
    if gated.unread:
        lines += ["", f"### Known after apply only: {len(gated.unread):,}", ""]
        lines += [f"- {escaped(one, 400)}" for one in gated.unread[:SHOWN]]
        lines += [f"- … {len(gated.unread) - SHOWN:,} more"] if len(gated.unread) > SHOWN else []
    return "\n".join(_fitting(lines))


def as_json(gated: Gated) -> str:
    """Everything, ASCII only. Findings are those of findings.json, with what the change did to them."""
    fields = {
        "schema_version": SCHEMA_VERSION,
        "verdict": {0: "pass", 1: "fail", 3: "unknown"}[gated.exit_code],
        "exit_code": gated.exit_code,
        "fail_on": gated.fail_on,
        "inputs": gated.inputs,
        "snapshot": {
            "path": gated.snapshot,
            "finished_at": gated.snapshot_at,
            "organization_id": gated.organization_id,
        },
        "coverage": rounded_ratio(gated.coverage),
        "score": {"before": rounded_score(gated.scores[0]), "after": rounded_score(gated.scores[1])},
        "resources": dataclasses.asdict(gated.counted),
        "providers": gated.homes,
        "shortfalls": gated.shortfalls,
        "unread": gated.unread,
        "findings": [_fields(one) for one in gated.judged],
        "rules": [rule_fields(rule) for rule in gated.rules],
    }
    return json.dumps(plain(fields), indent=1, allow_nan=False)


STYLES: Mapping[str, Callable[[Gated], str]] = {"text": text, "markdown": markdown, "json": as_json}
FILES = {"markdown": "gate.md", "json": "gate.json"}
"""The files of what the gate writes otherwise than a scan."""


def _fields(one: Judged) -> dict[str, Any]:
    before = None
    if one.before is not None:
        was = one.before
        before = {"outcome": was.outcome, "severity": was.severity, "message": was.message}
    how = {"change": one.kind, "address": one.address, "why": one.why, "fails": one.fails, "before": before}
    return {**how, **finding_fields(one.finding)}


def _head(gated: Gated) -> list[str]:
    count = gated.counted
    over = (
        f"laid over the snapshot of {visible(gated.snapshot_at or '')}"
        if gated.snapshot
        else "judged alone, without a snapshot"
    )
    lines = [f"{', '.join(map(visible, gated.inputs))}, {over}"]
    types = ", ".join(f"{visible(name)} ({number})" for name, number in list(count.strangers.items())[:SHOWN])
    lines.append(
        f"{counted(count.looked_at, 'AWS resource')} looked at, {count.understood:,} understood, {count.touched:,} of all change"
        + (f"; not understood, so not judged: {types}" if types else "")
    )
    homes = "; ".join(f"{visible(key)} is {visible(home)}" for key, home in sorted(gated.homes.items()))
    if homes:
        lines.append(f"providers: {homes}")
    before, after = gated.scores
    share = (
        "nothing had to be judged"
        if gated.coverage is None
        else f"{percent(gated.coverage)} of what had to be judged could be"
    )
    lines.append(f"score {score_text(before)} -> {score_text(after)}; {share}")
    return lines


def _verdict(gated: Gated) -> str:
    failing = sum(one.fails for one in gated.judged)
    said = f"the change {ENDS[gated.exit_code]}"
    if failing:
        return f"{said}: {counted(failing, 'finding')} at or above {gated.fail_on}"
    if gated.exit_code:
        return f"{said}: " + "; ".join(map(visible, gated.shortfalls[:5])) + _more(len(gated.shortfalls) - 5)
    return said


def _fitting(lines: Sequence[str]) -> list[str]:
    """As many lines as a comment holds; the last one says that there were more."""
    cut = "- … and more than a comment holds: `--format json` has all"
    room = LONGEST - len(cut) - 2
    kept: list[str] = []
    for line in lines:
        room -= len(line.encode()) + 1
        if room < 0:
            return [*kept, cut]
        kept.append(line)
    return kept


def _more(number: int) -> str:
    return f" (and {number:,} more)" if number > 0 else ""


def _folded(found: Sequence[Judged]) -> list[tuple[Judged, int]]:
    """One line for all rules that cannot be judged for the same reason; the first stands for them."""
    kept: dict[tuple[str, ...], tuple[Judged, int]] = {}
    for one in found:
        alone = one.kind != "unread"
        key = (
            (one.finding.fingerprint,)
            if alone
            else (one.finding.account_id or "", one.address or "", one.finding.message)
        )
        first, more = kept.get(key, (one, -1))
        kept[key] = (first, more + 1)
    return list(kept.values())


def _entry(one: Judged, more: int) -> Iterator[str]:
    finding = one.finding
    status = "" if finding.status == "open" else f" ({finding.status})"
    rules = visible(finding.rule_id) + (f" and {counted(more, 'more rule')}" if more else "")
    yield f"  {'!' if one.fails else ' '} {finding.severity:<8}  {rules}, {_place(one)}{status}"
    yield f"              {clipped(visible(finding.message), 400)}"
    if one.why and one.kind in ("worse", "unchanged", "resolved"):
        yield f"              {clipped(visible(one.why), 300)}"
    if one.address or finding.file:
        yield f"              {clipped(visible(' at '.join(filter(None, (one.address, _spot(one))))), 300)}"


def _item(one: Judged, more: int) -> str:
    finding = one.finding
    status = "" if finding.status == "open" else f" ({finding.status})"
    rules = code(finding.rule_id, 90) + (f" and {counted(more, 'more rule')}" if more else "")
    told = escaped(finding.message, 500)
    why = f"; {escaped(one.why, 300)}" if one.why and one.kind in ("worse", "unchanged", "resolved") else ""
    where = f", {code(one.address, 120)}" if one.address else ""
    spot = f" at {code(_spot(one), 160)}" if finding.file else ""
    return f"- **{finding.severity}** {told}{why} ({escaped(_place(one), 120)}, {rules}{where}{spot}){status}"


def _place(one: Judged) -> str:
    subject = one.finding.subject
    named = visible(subject.name or subject.id)
    account = visible(one.finding.account_name or one.finding.account_id or "")
    return f"{subject.type} {named}" + (f" in {account}" if account and account != named else "")


def _spot(one: Judged) -> str:
    finding = one.finding
    return f"{finding.file}:{finding.line}" if finding.file and finding.line else finding.file or ""


def _listed(title: str, texts: Sequence[str], form: str) -> list[str]:
    if not texts:
        return []
    lines = [f"{title}: {len(texts):,}", *(form.format(clipped(visible(one), 300)) for one in texts[:SHOWN])]
    return [*lines, *([f"  ... and {len(texts) - SHOWN:,} more"] if len(texts) > SHOWN else []), ""]
