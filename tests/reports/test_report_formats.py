"""Every format: found by being in the folder, written whole or not at all, the same bytes for the same result."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import reports
from reports import csv as csv_format
from reports import json as json_format
from reports.schema_page import SCHEMA, page
from reports.text import clipped, is_link, paragraphs, visible
from reports.values import percent, plain, rounded_ratio, score_text, shown
from scanner.errors import OutputError, UsageError
from scanner.findings import Result
from tests.reports import results
from tests.reports.hostile_text import NASTY, texts

REPOSITORY = Path(__file__).parents[2]


def rendered(format: str, result: Result) -> str:
    stream = io.StringIO()
    reports._module(format).write(result, stream)
    return stream.getvalue()


def test_formats_are_the_modules_that_declare_an_extension() -> None:
    assert set(reports.formats()) >= {"asff", "csv", "gitlab", "html", "json", "junit", "markdown", "ocsf", "sarif"}
    assert not {"about", "custom", "lines", "terminal", "text", "values", "summary"} & set(reports.formats())


def test_an_unknown_format_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="asff, csv, gitlab, html, json, junit, markdown, ocsf, sarif"):
        reports.write("pdf", results.empty(), tmp_path / "x")


@pytest.mark.parametrize("format", reports.formats())
@pytest.mark.parametrize("result", [results.empty(), results.make(3), results.make(12)], ids=["empty", "3", "12"])
def test_the_same_result_gives_the_same_bytes(format: str, result: Result, tmp_path: Path) -> None:
    for name in ("one", "two"):
        reports.write(format, result, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_report_replaces_the_old_one_and_leaves_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "findings.json"
    target.parent.mkdir()
    target.write_text("old")
    reports.write("json", results.make(3), target)
    assert json.loads(target.read_text())["schema_version"] == "1"
    assert [path.name for path in target.parent.iterdir()] == ["findings.json"]


def test_a_failed_report_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "findings.json"
    target.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left on device"):
        reports.write("json", results.make(3), target)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_is_no_place_for_a_report(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"is a folder; name a file in it, .*report\.json"):
        reports.write("json", results.empty(), tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="choose a folder"):
        reports.write("json", results.empty(), tmp_path / "file" / "findings.json")


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("result", [results.empty(), results.make(12), *map(results.hostile, NASTY)])
def test_findings_json_follows_its_schema(result: Result, validator: jsonschema.Draft202012Validator) -> None:
    validator.validate(json.loads(rendered("json", result)))


def test_the_schema_describes_every_field() -> None:
    def undescribed(node: object, path: str) -> list[str]:
        if not isinstance(node, dict):
            return []
        found = [f"{path}.{name}" for name, field in node.get("properties", {}).items() if "description" not in field]
        return found + [item for key, value in node.items() for item in undescribed(value, f"{path}.{key}")]

    assert undescribed(json.loads(SCHEMA.read_text()), "") == []


def test_the_schema_page_is_fresh() -> None:
    stale = "run: python -m reports.schema_page > docs/schema/findings.md"
    assert (REPOSITORY / "docs/schema/findings.md").read_text() == page(), stale


@settings(deadline=None)
@given(text=texts)
def test_json_gives_back_every_text(text: str) -> None:
    result = results.hostile(text)
    document = rendered("json", result)
    assert document.isascii()
    finding = json.loads(document)["findings"][0]
    assert finding["message"] == text
    assert finding["subject"] == {"type": text, "id": text, "arn": text, "name": text}
    assert finding == json.loads(json.dumps(json_format.finding_fields(result.findings[0])))


@settings(deadline=None)
@given(text=texts)
def test_csv_gives_back_every_text_and_no_formula(text: str) -> None:
    rows = list(csv.reader(io.StringIO(rendered("csv", results.hostile(text)))))
    assert rows[0] == list(csv_format.COLUMNS)
    assert len(rows) == 2
    row = dict(zip(*rows, strict=True))
    assert row["message"].removeprefix("'") == visible(text).removeprefix("'")
    for cell in rows[1]:
        assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
        assert visible(cell) == cell


def test_csv_has_one_row_per_finding() -> None:
    result = results.make(12)
    rows = list(csv.DictReader(io.StringIO(rendered("csv", result))))
    assert [row["fingerprint"] for row in rows] == [finding.fingerprint for finding in result.findings]


@settings(deadline=None)
@given(text=texts)
def test_visible_text_is_one_line_without_anything_that_acts(text: str) -> None:
    shown_text = visible(text)
    shown_text.encode()
    assert visible(shown_text) == shown_text
    assert not set(shown_text) & {*map(chr, range(0x20)), "\x7f", "\x9b", "\u202e", "\u2066", "\u2028", "\u200b"}


def test_words_and_joiners_stay() -> None:
    assert visible("Größe نامه\u200cای 東京 😀") == "Größe نامه\u200cای 東京 😀"
    assert visible("a\nb\x1b[1m\u202e") == "a\\nb\\x1b[1m\\u202e"
    assert clipped("abcdef", 4) == "abc…"
    assert paragraphs("One\ntwo.\n\nThree:\n- a\n- b") == ["One two.", "Three:", "- a", "- b"]


@pytest.mark.parametrize(
    ("reference", "link"),
    [
        ("https://docs.aws.amazon.com/a?b=c#d", True),
        ("http://example.com", False),
        ("javascript:alert(1)", False),
        ("https://user:pass@example.com", False),
        ("https://", False),
        ("https://exa mple.com", False),
        ('https://example.com/"onclick=', False),
        ("https://example.com/\u202e", False),
        ("https://[", False),
        ("article#security", False),
    ],
)
def test_only_plain_https_becomes_a_link(reference: str, link: bool) -> None:
    assert is_link(reference) is link


@settings(deadline=None)
@given(st.floats(0, 1))
def test_nothing_is_rounded_up_to_perfect(ratio: float) -> None:
    assert (percent(ratio) == "100 %") == (ratio == 1)
    assert (rounded_ratio(ratio) == 1) == (ratio == 1)
    assert (score_text(100 * ratio) == "100") == (100 * ratio == 100)


@settings(max_examples=50, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | texts, lambda inner: st.lists(inner) | st.dictionaries(texts, inner)
    )
)
def test_any_evidence_becomes_json_and_lines(value: object) -> None:
    json.dumps(plain(value), allow_nan=False)
    assert all(line == visible(line) and line for line in shown(value))
