"""`bulkhead diff` on paper: text for a terminal, Markdown for a pull request, JSON for programs."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping, Sequence

from reports.markdown import code, escaped
from reports.text import clipped, visible
from reports.values import counted, percent, plain, score_text
from scanner.lasting import Comparison, Difference, Side

SHOWN = 40
"""Findings of one kind before the rest is only counted."""
_KINDS = (
    ("new", "New"),
    ("fixed", "Fixed"),
    ("unseen", "Not fixed: it could not be seen"),
    ("changed", "Changed"),
)


def text(comparison: Comparison) -> str:
    """Everything that differs, the worst first."""
    lines = [_head(comparison), *(f"note: {visible(note)}" for note in comparison.notes)]
    for name, title in _KINDS:
        found = _worth_a_line(getattr(comparison, name))
        quiet = len(getattr(comparison, name)) - len(found)
        lines += ["", f"{title}: {len(found) + quiet:,}"]
        for one in found[:SHOWN]:
            lines += _entry(one)
        lines += [f"  ... and {line}" for line in _rest(len(found) - SHOWN, quiet)]
    return "\n".join([*lines, "", f"{counted(comparison.same, 'finding')} as before"])


def markdown(comparison: Comparison) -> str:
    """The same for a pull request."""
    head = f"**{escaped(_head(comparison))}**"
    lines = ["# What changed", "", head, "", *(f"- Note: {escaped(note)}" for note in comparison.notes)]
    for name, title in _KINDS:
        found = _worth_a_line(getattr(comparison, name))
        quiet = len(getattr(comparison, name)) - len(found)
        if not found and not quiet:
            continue
        lines += ["", f"## {title}: {len(found) + quiet:,}", ""]
        lines += [_item(one) for one in found[:SHOWN]]
        lines += [f"- … {line}" for line in _rest(len(found) - SHOWN, quiet)]
    return "\n".join([*lines, "", f"{counted(comparison.same, 'finding')} as before."])


def as_json(comparison: Comparison) -> str:
    """Everything, ASCII only."""
    return json.dumps(plain(dataclasses.asdict(comparison)), indent=1, allow_nan=False)


STYLES: Mapping[str, Callable[[Comparison], str]] = {"text": text, "markdown": markdown, "json": as_json}


def _head(comparison: Comparison) -> str:
    before, after = comparison.before, comparison.after
    return f"{_side(before)} -> {_side(after)}"


def _side(side: Side) -> str:
    named = f"{visible(side.finished_at)} ({visible(side.scan_id)})"
    return f"{named}: score {score_text(side.score)}, coverage {percent(side.coverage)}, {counted(side.failing, 'failure')}"


def _worth_a_line(found: Sequence[Difference]) -> list[Difference]:
    """All but those of which only evidence changed: counts and times move with every scan."""
    return [one for one in found if one.what != ("evidence",)]


def _rest(more: int, quiet: int) -> Iterator[str]:
    if more > 0:
        yield f"{more:,} more (--format json lists all)"
    if quiet:
        yield f"{quiet:,} of which only the evidence changed (--format json has it)"


def _entry(one: Difference) -> list[str]:
    status = "" if one.status == "open" else f" ({one.status})"
    lines = [f"  {one.severity:<8}  {visible(one.rule_id)}, {_place(one)}{status}"]
    lines.append(f"            {clipped(visible(one.message), 300)}")
    return [*lines, f"            {clipped(visible(_why(one)), 300)}"]


def _item(one: Difference) -> str:
    status = "" if one.status == "open" else f" ({one.status})"
    told = f"{escaped(one.message)}; {escaped(_why(one))}"
    return f"- **{one.severity}** {told} ({escaped(_place(one), 120)}, {code(one.rule_id, 90)}){status}"


def _why(one: Difference) -> str:
    if "severity" in one.what:
        return f"{one.why}: {one.before['severity']} before"
    return one.why


def _place(one: Difference) -> str:
    named = visible(one.subject_name or one.subject_id)
    account = visible(one.account_name or one.account_id or "")
    return f"{one.subject_type} {named}" + (f" in {account}" if account and account != named else "")
