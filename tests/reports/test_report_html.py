"""The HTML page: hostile text stays text, scores stand with their coverage, size stays bounded."""

from __future__ import annotations

import io
import json
import os
import re
import string
import subprocess
import sys
import time
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

import reports
from reports import html as html_format
from reports import page_data
from reports.packed import packed, unpacked
from reports.summary import mark, mixed_accounts, tree, workloads, worst_first
from reports.text import visible
from scanner.findings import Account, Result, Unit
from tests.reports import results
from tests.reports.hostile_text import NASTY, texts

_HASHED = (
    f"import sys; sys.path[:0] = {sys.path[:]!r}\n"
    "import hashlib, results; from test_report_html import page\n"
    "print(hashlib.sha256(page(results.compared(results.make(40))).encode()).hexdigest())"
)
TEMPLATES = Path(reports.__path__[0]) / "templates" / "html"
VOID = {"meta", "input", "path", "br", "line"}
ELEMENTS = {
    "html", "head", "meta", "title", "style", "script", "body", "a", "header", "div", "svg", "path", "h1", "h2", "h3", "h4",
    "h5", "p", "bdi", "label", "select", "option", "nav", "main", "section", "b", "span", "strong", "ol", "ul", "li", "table",
    "caption", "thead", "tbody", "tr", "th", "td", "details", "summary", "code", "dl", "dt", "dd", "form", "input", "button",
    "template", "datalist", "g", "text", "line", "i",
}  # fmt: skip
ATTRIBUTES = {
    "lang",
    "charset",
    "http-equiv",
    "content",
    "name",
    "class",
    "href",
    "id",
    "for",
    "type",
    "value",
    "selected",
    "open",
    "aria-label",
    "aria-labelledby",
    "aria-hidden",
    "role",
    "tabindex",
    "scope",
    "style",
    "rel",
    "placeholder",
    "list",
    "autocomplete",
    "viewbox",
    "width",
    "height",
    "focusable",
    "d",
    "data-label",
    "data-slot",
    "data-filter",
    "data-row",
    "data-number",
    "data-sort",
    "data-step",
    "data-page",
    "data-size",
    "data-all",
    "data-unit",
    "data-edge",
    "preserveaspectratio",
    "colspan",
    "aria-expanded",
    "data-group",
}
# What Vega's pictures have beside these. A picture is markup of a library, so its attributes are checked by value too.
DRAWN = {
    "aria-roledescription", "fill", "font-family", "font-size", "font-weight", "fill-opacity", "opacity", "pointer-events",
    "stroke", "stroke-dasharray", "stroke-miterlimit", "stroke-opacity", "stroke-width", "text-anchor", "transform", "x2", "y2",
    "display",
}  # fmt: skip


class Page(HTMLParser):
    """Parses a page and keeps its elements, the text outside of scripts, and the text of each slot."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.scripts: list[str] = []
        self.slots: list[tuple[str, str]] = []
        self.stack: list[tuple[str, str | None]] = []
        self.comments: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")
        if tag not in VOID:
            slot = dict(attrs).get("data-slot")
            self.stack.append((tag, slot))
            if slot:
                self.slots.append((slot, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.stack.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if self.stack and self.stack[-1][0] == "script":
            self.scripts[-1] += data
        elif self.stack and self.stack[-1][0] != "style":
            self.text.append(data)
            if self.stack[-1][1]:
                slot, text = self.slots.pop()
                self.slots.append((slot, text + data))

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def page(result: Result) -> str:
    stream = io.StringIO()
    html_format.write(result, stream)
    return stream.getvalue()


def check(text: str) -> Page:
    """Assert that nothing but what the templates hold is in a page."""
    parsed = Page(text)
    assert parsed.stack == []
    assert parsed.comments == []
    assert {tag for tag, _ in parsed.elements} <= ELEMENTS
    for _tag, attributes in parsed.elements:
        assert set(attributes) <= ATTRIBUTES | DRAWN
        assert not any("url(" in (attributes.get(name) or "") for name in DRAWN)
        assert (attributes.get("href") or "#").startswith(("#", "https://"))
        assert not set(attributes.get("style") or "") - set("-:;.0123456789scoreeendpth")
    theme, data, script = parsed.scripts
    assert theme == (TEMPLATES / "theme.js").read_text()
    assert script == "".join((TEMPLATES / name).read_text() for name in ("damage.js", "report.js"))
    json.loads(unpacked(data))
    assert set(data) <= set(string.ascii_letters + string.digits + "+/=")
    return parsed


def data_of(text: str) -> Any:
    """Return what a page hands to its script."""
    found = re.search(r'id="data">(.*?)</script>', text, re.S)
    assert found
    return json.loads(unpacked(found[1]))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=texts, other=texts)
def test_hostile_text_shows_as_text(text: str, other: str) -> None:
    parsed = check(page(results.hostile(text, other)))
    assert ("message", visible(text)) in parsed.slots
    assert "".join(parsed.text).count(visible(text)) > 5 or not visible(text).strip()


def test_every_nasty_text_at_once() -> None:
    many = tuple(results.hostile(text, other).findings[0] for text in NASTY for other in NASTY[:3])
    check(page(replace(results.hostile("x"), findings=many)))


def test_only_https_references_are_links() -> None:
    for link, expected in (
        ("https://example.com/x", True),
        ("javascript:alert(1)", False),
        ("http://example.com", False),
    ):
        parsed = check(page(results.hostile("x", link=link)))
        assert (link in {attributes.get("href") for _, attributes in parsed.elements}) is expected


@pytest.mark.parametrize("result", [results.empty(), results.make(3), results.make(12)], ids=["empty", "3", "12"])
def test_the_page_needs_nothing_else(result: Result) -> None:
    text = page(result)
    check(text)
    assert "default-src 'none'" in text
    assert "url(" not in text
    assert " src=" not in text.replace("default-src=", "")


def test_a_score_stands_with_its_coverage() -> None:
    assert mark(97, 0.62).band == "unsure"
    assert mark(97, None).band == "unsure"
    assert mark(97, 0.96).band == "sound"
    assert mark(30, 0.1).band == "poor"
    assert mark(None, 0.5).text == "not evaluated"
    text = page(results.make(12))
    assert text.count('<span class="seen">') >= text.count('<span class="mark ')
    assert "not evaluated" in page(results.empty())


def test_an_account_in_several_cells_is_mixed() -> None:
    matrix = (("a", "production", "1"), ("a", "test", "1"), ("b", "production", "2"), ("b", "staging", "3"))
    assert mixed_accounts(matrix) == {"1": [("a", "production"), ("a", "test")]}
    first, second = workloads(replace(results.empty(), matrix=matrix))
    assert (first.name, first.mixed, first.missing) == ("a", frozenset({"1"}), ("staging",))
    assert (second.name, second.mixed, second.missing) == ("b", frozenset(), ("test",))


def test_no_account_falls_out_of_the_tree() -> None:
    units = (Unit("r", "Root", None), Unit("loop", "Loop", "loop"), Unit("orphan", "Orphan", "gone"))
    where = ("r", "loop", "orphan", None, "unknown")
    members = tuple(
        Account(str(number), "n", "ACTIVE", unit, (), "test", None, None, False, True, 0)
        for number, unit in enumerate(where)
    )
    roots = tree(replace(results.empty(), units=units, accounts=members))
    assert sum(node.total for node in roots) == len(members)


def test_the_data_of_a_page_stays_small_and_quick() -> None:
    result = replace(results.make(2000, findings_per_account=10), reach=(), drills=())
    started = time.process_time()
    text = page(result)
    assert time.process_time() - started < 6
    # 100,000 findings in 10,000 accounts have to fit 20 MB with room for longer texts: 50 bytes each, accounts and all.
    assert len(text.encode()) < 50 * len(result.findings) + 2_500_000
    assert len(data_of(text)["rows"]) == len(result.findings)
    check(text)


def test_what_a_page_cannot_carry_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    result = results.make(400, findings_per_account=5)
    monkeypatch.setattr(page_data, "MOST_BYTES", 60_000)
    data = data_of(page(result))
    assert 0 < len(data["rows"]) < len(result.findings) == len(data["rows"]) + data["left"]
    worst = [finding.fingerprint for finding in worst_first(result.findings)]
    assert [row[0] for row in data["rows"]] == worst[: len(data["rows"])]


def test_the_same_result_gives_the_same_bytes() -> None:
    made = results.compared(results.make(40))
    shuffled = replace(made, findings=tuple(replace(one) for one in made.findings))
    assert page(made) == page(shuffled)
    command = [sys.executable, "-c", _HASHED]
    hashes = {
        subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": seed}).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(hashes) == 1


def test_texts_pack_in_any_pieces() -> None:
    text = "".join(NASTY).encode("utf-8", "ignore").decode() * 300
    for size in (1, 7, 5000, len(text)):
        assert unpacked("".join(packed(text[at : at + size] for at in range(0, len(text), size)))) == text
