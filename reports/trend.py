"""`bulkhead trend` on paper: one line a scan, or JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence

from reports.json import point_fields
from reports.text import visible
from reports.values import counted, percent, rounded_ratio, rounded_score, score_text
from scanner.findings import SEVERITIES
from scanner.lasting import THE_ORGANIZATION, Point

Pair = tuple[float | None, float | None]


def text(points: Sequence[Point], about: str, values: Sequence[Pair | None], label: str, others: Sequence[str]) -> str:
    """A table of scans, oldest first. `values` are the score and coverage of what is asked about, None where it was not there."""
    short = "/".join(severity[0] for severity in SEVERITIES)
    whole = about == THE_ORGANIZATION  # a history counts findings of all of it only
    counts = (f"open {short}", "accepted", "accounts") if whole else ()
    rows: list[tuple[str, ...]] = [("read until", "score", "change", "coverage", *counts, "")]
    last: float | None = None
    for number, (point, pair) in enumerate(zip(points, values, strict=True)):
        score, share = pair or (None, None)
        other = "other rules" if number and point.rules != points[number - 1].rules else ""
        rows.append((*_cells(point, score, share, last, pair is None), *(_counts(point) if whole else ()), other))
        last = score if score is not None else last
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [f"{visible(about)}: {counted(len(points), 'scan')}" + (f" ({visible(label)})" if label else ""), ""]
    lines += ["  ".join(cell.rjust(width) if n else cell.ljust(width) for n, (cell, width) in enumerate(zip(row, widths, strict=True))).rstrip() for row in rows]  # fmt: skip
    return "\n".join([*lines, *([""] if others else []), *map(visible, others)])


def _cells(point: Point, score: float | None, share: float | None, last: float | None, absent: bool) -> tuple[str, ...]:
    change = "" if score is None or last is None else f"{score - last:+.1f}"
    named = "not there" if absent else score_text(score)
    seen = "" if absent else percent(share)
    return (visible(point.finished_at), named, change, seen)


def _counts(point: Point) -> tuple[str, ...]:
    failing = "/".join(str(point.failing.get(severity, 0)) for severity in SEVERITIES)
    return (failing, f"{point.accepted:,}", f"{point.accounts:,}")


def as_json(points: Sequence[Point], about: str, values: Sequence[Pair | None], series: str) -> str:
    """The same for programs: every scan, with the score and coverage of what is asked about."""
    rows = [
        {**point_fields(point), "asked": None if pair is None else _pair(pair)}
        for point, pair in zip(points, values, strict=True)
    ]
    return json.dumps({"series": series, "about": about, "scans": rows}, indent=1, allow_nan=False)


def _pair(pair: Pair) -> dict[str, float | None]:
    return {"score": rounded_score(pair[0]), "coverage": rounded_ratio(pair[1])}
