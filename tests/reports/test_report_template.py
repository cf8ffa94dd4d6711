"""An own template: what it sees, how what it prints is made harmless, and what it is told when it is wrong."""

from __future__ import annotations

import csv
import io
import json
from html.parser import HTMLParser
from pathlib import Path

import jinja2
import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from markdown_it import MarkdownIt

from reports import custom
from reports.schema_page import SCHEMA
from reports.text import visible
from scanner.config import Config, load
from scanner.errors import TemplateError, UsageError
from scanner.findings import Result
from scanner.scan import check_before, write_reports
from tests.reports import results
from tests.reports.hostile_text import NASTY, texts
from tests.reports.test_report_markdown import leaves

EVERYTHING = """\
{% macro line(finding) %}<{{ finding.message }}|{{ finding.subject.name }}|{{ finding.evidence.values() | list }}>{% endmacro %}
{% for finding in findings %}{{ line(finding) }}{% endfor %}
"""


def made(folder: Path, name: str, text: str, result: Result | None = None) -> str:
    template = folder / name
    template.write_text(text, encoding="utf-8")
    stream = io.StringIO()
    custom.fill(template, result or results.make(3), stream)
    return stream.getvalue()


def wrong(folder: Path, text: str, name: str = "a.txt.j2") -> str:
    with pytest.raises(TemplateError) as caught:
        made(folder, name, text)
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_it_sees_what_the_schema_describes() -> None:
    seen = custom.context(results.make(3))
    described = json.loads(SCHEMA.read_text())
    assert set(seen) == {*described["properties"], "accounts", "units"}
    assert set(seen["coverage"]) == set(described["properties"]["coverage"]["properties"])
    document = {name: value for name, value in seen.items() if name in described["properties"]}
    jsonschema.Draft202012Validator(described).validate(json.loads(json.dumps(document, default=list)))


def test_lists_can_be_counted_sliced_grouped_and_gone_through_twice(tmp_path: Path) -> None:
    text = """\
{{ findings | length }} {{ findings[0].rule_id }} {{ findings[:2] | length }} {{ findings | selectattr("outcome", "equalto", "fail") | list | length }}
{% for severity, members in findings | groupby("severity") %}{{ severity }}={{ members | length }} {% endfor %}
{% for finding in findings %}{% if loop.last %}{{ loop.index }}{% endif %}{% endfor %}
"""
    result = results.make(3)
    failed = sum(finding.outcome == "fail" for finding in result.findings)
    lines = made(tmp_path, "a.txt.j2", text, result).splitlines()
    assert lines[0] == f"9 {result.findings[0].rule_id} 2 {failed}"
    assert lines[1].startswith("critical=")
    assert lines[1].endswith(" 9")


def test_filters(tmp_path: Path) -> None:
    text = '{{ score.overall | score }} {{ coverage.ratio | percent }} {{ "backup_isolation" | words }} {{ counted(2, "account") }} {{ [1, none, true] | evidence }} {{ "abcdef" | clip(4) }}'
    assert made(tmp_path, "a.txt", text) == "61.2 97.1 % Backup isolation 2 accounts 1; unknown; yes abc…"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=texts)
def test_html_shows_every_text_as_text(text: str, tmp_path: Path) -> None:
    page = made(
        tmp_path, "a.html.j2", EVERYTHING.replace("<", "<p>").replace(">{% endm", "</p>{% endm"), results.hostile(text)
    )

    class Tags(HTMLParser):
        found: tuple[str, ...] = ()
        shown = ""

        def handle_starttag(self, tag: str, attributes: object) -> None:
            self.found = (*self.found, tag)

        def handle_data(self, data: str) -> None:
            self.shown += data

    tags = Tags()
    tags.feed(page)
    tags.close()
    assert tags.found == ("p",)
    assert visible(text) in tags.shown


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=texts)
def test_markdown_shows_every_text_as_text(text: str, tmp_path: Path) -> None:
    made_of_it = made(
        tmp_path, "a.md.j2", EVERYTHING.replace("<", "- ").replace(">{% endm", "{% endm"), results.hostile(text)
    )
    kinds = {token.type for token in leaves(MarkdownIt("commonmark").parse(made_of_it))}
    assert kinds <= {"bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close", "inline", "text", "text_special", "paragraph_open", "paragraph_close", "softbreak"}  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=texts)
def test_other_files_hold_no_character_that_acts(text: str, tmp_path: Path) -> None:
    result = results.hostile(text)
    assert all(visible(line) == line for line in made(tmp_path, "a.txt.j2", EVERYTHING, result).split("\n"))
    row = "{% for f in findings %}{{ f.message | cell }},{{ f.account_name | cell }}\n{% endfor %}"
    cells = next(csv.reader(io.StringIO(made(tmp_path, "a.csv.j2", row, result))))
    assert len(cells) == 2
    assert not cells[0].lstrip().startswith(("=", "+", "-", "@", "＝"))
    assert json.loads(made(tmp_path, "a.json.j2", "{{ findings[0].message | tojson }}", result)) == text


@pytest.mark.parametrize("text", NASTY)
def test_text_is_no_template(text: str, tmp_path: Path) -> None:
    assert "49" not in made(tmp_path, "a.txt.j2", "{{ findings[0].message }}", results.hostile(text))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a\n{% for x in %}", "a.txt.j2:2: Expected an expression, got 'end of statement block'"),
        ("a\nb\n{{ findings[0].mesage }}", "a.txt.j2:3: 'dict object' has no attribute 'mesage'"),
        ("{{ nothing }}", "a.txt.j2:1: 'nothing' is undefined"),
        ("\n{{ 1 / 0 }}", "a.txt.j2:2: division by zero"),
        ("\n\n{{ findings | sort }}", "a.txt.j2:3: '<' not supported between instances of 'dict' and 'dict'"),
        ("{% include 'other' %}", "a.txt.j2:1: 'other' not found"),
        ("{{ ''.__class__.__mro__ }}", "a.txt.j2:1: access to attribute '__class__' of 'str' object is unsafe."),
        ("{{ x | no_filter }}", "a.txt.j2:1: No filter named 'no_filter'."),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(text: str, told: str, tmp_path: Path) -> None:
    assert told in wrong(tmp_path, text)


def test_an_included_template_is_named_where_it_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "part.j2").write_text("\n\n{{ missing }}")
    assert f"{tmp_path / 'part.j2'}:3: 'missing' is undefined" in wrong(tmp_path, "{% include 'part.j2' %}")


def test_files_that_are_no_templates(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="cannot be read: No such file"):
        custom.check(tmp_path / "missing.txt.j2")
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(TemplateError, match="it is not UTF-8"):
        custom.check(tmp_path / "binary.txt")
    with pytest.raises(TemplateError, match="the name says what is written"):
        custom.check(tmp_path / "report.j2")


def test_templates_are_looked_at_before_anything_is_read(tmp_path: Path) -> None:
    template = tmp_path / "report.html.j2"
    template.write_text("{{ scan.id }}")
    config = Config(out=tmp_path / "out", formats=["json"], templates=[template])
    check_before(config)
    assert write_reports(results.make(3), config) == [tmp_path / "out/findings.json", tmp_path / "out/report.html"]
    assert (tmp_path / "out/report.html").read_text() == "scan-0001"
    with pytest.raises(UsageError, match=r"more than one .* writes .*report\.html"):
        check_before(config.model_copy(update={"formats": ["html"]}))
    template.write_text("{% if %}")
    with pytest.raises(TemplateError, match=r"report\.html\.j2:1: "):
        check_before(config)


def test_a_template_is_not_written_over(tmp_path: Path) -> None:
    template = tmp_path / "own.md"
    template.write_text("x")
    with pytest.raises(UsageError, match=r"would be written over; call it own\.md\.j2"):
        check_before(Config(out=tmp_path, templates=[template]))
    assert template.read_text() == "x"


def test_a_failed_template_leaves_no_half_report(tmp_path: Path) -> None:
    template = tmp_path / "a.txt.j2"
    template.write_text("x" * 100_000 + "{{ 1 / 0 }}")
    with pytest.raises(TemplateError):
        custom.write(template, results.make(3), tmp_path / "out" / "a.txt")
    assert list((tmp_path / "out").iterdir()) == []


def test_the_configuration_names_templates_beside_it(tmp_path: Path) -> None:
    (tmp_path / "bulkhead.yaml").write_text("templates: [reports/own.md.j2]\n")
    assert load(tmp_path / "bulkhead.yaml").templates == [tmp_path / "reports/own.md.j2"]


def test_the_example_of_the_page_works(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs/formats.md").read_text()
    result = results.make(12)
    text = made(tmp_path, "owners.md.j2", page.split("```jinja\n")[1].split("```")[0], result)
    opened = sum(one.outcome == "fail" and one.status == "open" for one in result.findings)
    assert text.count("\n- **") == opened
    assert "# Score 61.2, coverage 97.1 %" in text
    for name in (*custom.context(result), *custom._environment(Path("a.md")).filters):
        assert name in page or name in jinja2.filters.FILTERS, f"{name} is not described"
