"""Pictures as SVG, in a page or as a file, drawn by Vega (vl-convert runs it in this process: no browser, no network).

Vega-Lite is a grammar over rows of values, so texts of strangers are values and never markup or expressions; it labels every
mark for screen readers (ARIA graphics roles); and it passes colours through as they are, so that `var(--poor)` follows the
page's theme, in dark, light and print. The same values give the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

from reports.text import visible

FONT = "system-ui, sans-serif"

_CONFIG: Mapping[str, Any] = {
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        "labelColor": "var(--quiet)", "titleColor": "var(--quiet)", "gridColor": "var(--line)", "domainColor": "var(--edge)",
        "tickColor": "var(--edge)", "labelFontSize": 13, "titleFontSize": 13, "titleFontWeight": "normal",
    },
    "legend": {"labelColor": "var(--ink)", "titleColor": "var(--quiet)", "labelFontSize": 13},
    "text": {"color": "var(--ink)", "fontSize": 13},
}  # fmt: skip

_VERSION = "5.21"
"""Of Vega-Lite; vl-convert brings several, so that a newer one of it draws the same."""
_ROOT = re.compile(r'<svg[^>]* width="([^"]*)" height="([^"]*)" viewBox="([^"]*)">')


def draw(spec: Mapping[str, Any], label: str, kind: str = "", fit: str = "xMidYMid") -> str:
    """Return a Vega-Lite picture as an `svg` element of the class `kind`, its accessible name `label`.

    `fit` is its preserveAspectRatio, for one that is shown in a box of another shape.
    """
    more = f'class={quoteattr(f"picture {kind}".strip())} preserveAspectRatio="{fit}" focusable="false"'
    return _drawn(spec, label, more)


def document(spec: Mapping[str, Any], label: str) -> str:
    """Return a Vega-Lite picture as a whole SVG document; it has no page that would give colours their values."""
    return _drawn(spec, label, 'xmlns="http://www.w3.org/2000/svg"')


def board(wide: int, high: int, units: tuple[int, int] | None = None) -> dict[str, Any]:
    """A picture of fixed size in which rows of values say where they stand: `x` from the left, `y` from the top.

    `units` are how many of them the picture is wide and high; by default they are those of the drawing.
    """
    across, down = units or (wide, high)
    shared = {"type": "quantitative", "axis": None}
    return {
        "width": wide, "height": high, "autosize": {"type": "none"},
        "encoding": {
            "x": {"field": "x", **shared, "scale": {"domain": [0, across], "nice": False}},
            "y": {"field": "y", **shared, "scale": {"domain": [0, down], "nice": False, "reverse": True}},
        },
    }  # fmt: skip


def texts(rows: Sequence[Mapping[str, Any]], style: Mapping[str, Any], name: str = "") -> dict[str, Any]:
    """A layer of texts (`text` of each row) that no screen reader reads one by one."""
    layer = {
        "data": {"values": list(rows)},
        "mark": {"type": "text", "aria": False, **style},
        "encoding": {"text": {"field": "text"}},
    }
    return {"name": name, **layer} if name else layer


def _drawn(spec: Mapping[str, Any], label: str, more: str) -> str:
    import vl_convert  # it starts a JavaScript engine: half a second that only a picture should cost

    drawn: str = vl_convert.vegalite_to_svg(
        {"background": None, "padding": 0, "config": _CONFIG, **spec}, vl_version=_VERSION, allowed_base_urls=[]
    )
    found = _ROOT.match(drawn)
    assert found, drawn[:200]
    wide, high, box = found.groups()
    size = f'width="{wide}" height="{high}" viewBox="{box}"'
    return f'<svg {more} aria-label={quoteattr(visible(label))} role="graphics-document" {size}>{drawn[found.end() :]}'
