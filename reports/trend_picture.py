"""The trend over the scans of the history: score and coverage above, open findings by severity below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reports.pictures import draw
from reports.text import visible
from reports.values import counted, percent, rounded_score, score_text
from scanner.findings import SEVERITIES
from scanner.lasting import Point

WIDTH = 760
HEIGHT_BELOW = 90
_SCORE, _COVERAGE = "score", "coverage"


def trend_picture(points: Sequence[Point]) -> str:
    """Return the picture as SVG; empty where there are less than two scans, which show no trend."""
    if len(points) < 2:
        return ""
    first, last = points[0], points[-1]
    label = (
        f"Trend over {counted(len(points), 'scan')}: score {score_text(first.score)} on {first.finished_at[:10]}, "
        f"{score_text(last.score)} on {last.finished_at[:10]}; the table below has every scan"
    )
    pictures = {
        "vconcat": [_scores(points), _failing(points)],
        "spacing": 18,
        "bounds": "flush",
        "padding": {"right": 84},
    }
    return draw({**pictures, "resolve": {"scale": {"color": "independent"}}}, label, "trend")


def _scores(points: Sequence[Point]) -> dict[str, Any]:
    rows = [
        {"at": place, "day": _day(point), "line": line, "value": value, "says": f"{_day(point)}: {line} {text}"}
        for place, point in enumerate(points)
        for line, value, text in (
            (_COVERAGE, None if point.coverage is None else 100 * point.coverage, percent(point.coverage)),
            (_SCORE, rounded_score(point.score), f"{score_text(point.score)} of 100"),
        )
        if value is not None
    ]
    changed = [
        {"at": place - 0.5, "says": f"Other rules from {_day(point)} on"}
        for place, point in enumerate(points)
        if place and point.rules != points[place - 1].rules
    ]
    lines = {
        "x": _x(points),
        "y": {"field": "value", "type": "quantitative", "scale": {"domain": [0, 100]}, "axis": {"title": None, "tickCount": 5}},
        "strokeDash": {"field": "line", "scale": {"domain": [_SCORE, _COVERAGE], "range": [[1, 0], [4, 3]]}, "legend": None},
        "color": {"field": "line", "scale": {"domain": [_SCORE, _COVERAGE], "range": ["var(--sound)", "var(--quiet)"]}, "legend": None},
    }  # fmt: skip
    marked = {
        **{name: lines[name] for name in ("x", "y", "color")},
        "shape": {"field": "line", "scale": {"domain": [_SCORE, _COVERAGE], "range": ["circle", "square"]}, "legend": None},
        "description": {"field": "says"},
    }  # fmt: skip
    ends = [row for row in rows if row["at"] == len(points) - 1]
    layers: list[dict[str, Any]] = [
        {"data": {"values": rows}, "mark": {"type": "line", "strokeWidth": 2, "aria": False}, "encoding": lines},
        {
            "data": {"values": rows},
            "mark": {"type": "point", "filled": True, "size": 50, "opacity": 1},
            "encoding": marked,
        },
        {
            "data": {"values": ends},
            "mark": {"type": "text", "align": "left", "dx": 9, "aria": False},
            "encoding": {"x": lines["x"], "y": lines["y"], "text": {"field": "line"}, "color": lines["color"]},
        },
    ]
    if changed:
        layers.insert(0, {
            "data": {"values": changed},
            "mark": {"type": "rule", "strokeDash": [2, 3], "color": "var(--edge)"},
            "encoding": {"x": lines["x"], "description": {"field": "says"}},
        })  # fmt: skip
    return {"width": WIDTH, "height": 150, "layer": layers}


def _failing(points: Sequence[Point]) -> dict[str, Any]:
    rows = [bar for place, point in enumerate(points) for bar in _stack(place, point)]
    step = max(1, -(-len(points) // 9))
    days = [{"at": place, "day": _day(points[place])} for place in range(len(points) - 1, -1, -step)]
    bars = {
        "data": {"values": rows},
        "mark": {"type": "rect", "stroke": "var(--paper)", "strokeWidth": 1},
        "encoding": {
            "x": {**_x(points), "field": "left"},
            "x2": {"field": "right"},
            "y": {"field": "bottom", "type": "quantitative", "axis": {"title": "open findings", "tickCount": 4, "tickMinStep": 1}},
            "y2": {"field": "top"},
            "color": {
                "field": "severity", "legend": {"title": None, "orient": "right", "symbolType": "square", "symbolStrokeWidth": 0, "offset": 6},
                "scale": {"domain": list(SEVERITIES), "range": [f"var(--bar-{name})" for name in SEVERITIES]},
            },
            "description": {"field": "says"},
        },
    }  # fmt: skip
    # Labels of an axis would have to be an expression, and these texts come from outside.
    labels = {
        "data": {"values": days},
        "mark": {"type": "text", "y": HEIGHT_BELOW + 16, "color": "var(--quiet)", "aria": False},
        "encoding": {"x": _x(points), "text": {"field": "day"}},
    }
    return {"width": WIDTH, "height": HEIGHT_BELOW, "layer": [bars, labels]}


def _stack(place: int, point: Point) -> list[dict[str, Any]]:
    """Return the bars of one scan, the worst severity at the bottom."""
    bars: list[dict[str, Any]] = []
    bottom = 0
    for severity in SEVERITIES:
        number = point.failing.get(severity, 0)
        if number:
            bars.append({
                "left": place - 0.3, "right": place + 0.3, "bottom": bottom, "top": bottom + number, "severity": severity,
                "says": f"{_day(point)}: {number:,} open {severity}",
            })  # fmt: skip
        bottom += number
    return bars


def _x(points: Sequence[Point]) -> dict[str, Any]:
    """Scans at equal distances, in their order: several on one day do not hide each other."""
    return {
        "field": "at",
        "type": "quantitative",
        "scale": {"domain": [-0.5, len(points) - 0.5], "nice": False, "zero": False},
        "axis": {
            "title": None,
            "grid": False,
            "labels": False,
            "values": list(range(len(points))),
        },
    }


def _day(point: Point) -> str:
    return visible(point.finished_at)[:10]
