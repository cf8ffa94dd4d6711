"""The Markdown report: hostile text shows as text, the length stays below GitHub's limit, cuts are told."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt
from markdown_it.token import Token

from reports import markdown
from reports.text import visible
from scanner.findings import Result
from tests.reports import results
from tests.reports.hostile_text import NASTY, texts

MERMAID = re.compile(
    r'flowchart LR|  n\d+( --- n\d+)?\["[\w \-./,#;‹›…]*<br>[\w .#;]+, coverage [\w .#;]+<br>[\w \-./,#;‹›…]*"\]:::[a-z]+'
    r"|  classDef \w+ [\w:#,-]+"
    r'|  a\d+\["[\w \-./,#;‹›…]*<br>[\w \-./,#;‹›…]*"\](:::production)?'
    r"|  a\d+ <?(==>|-->|-\. condition \.->|-\. not known \.->) a\d+"
)


def report(result: Result) -> str:
    stream = io.StringIO()
    markdown.write(result, stream)
    return stream.getvalue()


def leaves(tokens: list[Token]) -> list[Token]:
    return [leaf for token in tokens for leaf in ([token, *leaves(token.children)] if token.children else [token])]


def check(text: str) -> list[Token]:
    """Assert that nothing but the template made structure."""
    assert len(text) < markdown.LONGEST
    tokens = leaves(MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text))
    kinds = {token.type for token in tokens}
    assert not kinds & {"html_block", "html_inline", "link_open", "image", "s_open", "em_open"}
    assert not kinds & {"blockquote_open", "code_block", "hr"}
    fences = [token for token in tokens if token.type == "fence"]
    assert [token.info for token in fences] in ([], ["mermaid"], ["mermaid", "mermaid"])
    for line in (line for token in fences for line in token.content.splitlines()):
        assert MERMAID.fullmatch(line), line
    written = [token.content for token in tokens if token.type == "text"]
    assert not any(re.search(r"[@#]\w|\bGH-\d|://|\bwww\.", content) for content in written)
    return tokens


@settings(max_examples=60, deadline=None)
@given(text=texts, other=texts)
def test_hostile_text_shows_as_text(text: str, other: str) -> None:
    tokens = check(report(results.hostile(text, other)))
    shown = "".join(token.content for token in tokens if token.type in ("text", "text_special")).replace("\u200b", "")
    expected = " ".join(visible(text).split())
    assert len(expected) > 200 or expected in shown


@pytest.mark.parametrize("text", NASTY)
def test_each_nasty_text(text: str) -> None:
    tokens = check(report(results.hostile(text)))
    assert sum(token.type == "heading_open" for token in tokens) == 9
    rows = [token for token in tokens if token.type == "tr_open"]
    assert len(rows) == 2 + 3 + 2 + 3  # principles, radii, drills, waivers, each with its head
    assert sum(token.type == "ordered_list_open" for token in tokens) == 2  # what first, the path


@pytest.mark.parametrize("accounts", [3, 12, 300])
def test_reports_of_any_size_fit(accounts: int) -> None:
    result = results.make(accounts)
    text = report(result)
    check(text)
    shown = len(re.findall(r"^- \*\*(?:critical|high|medium|low)\*\* ", text, re.M))
    opened = sum(finding.outcome == "fail" and finding.status == "open" for finding in result.findings)
    more = re.search(r"… ([\d,]+) more finding", text)
    assert shown + (int(more[1].replace(",", "")) if more else 0) == opened


def test_long_texts_are_cut_before_the_limit() -> None:
    base = results.hostile("<@>" * 4000)
    long = replace(base.findings[0], message="<&>" * 5000, account_name="|" * 5000, rule_id="`" * 5000)
    gaps = tuple(replace(base.coverage.gaps[0], reason=f"{number}{'<' * 4000}") for number in range(500))
    result = replace(base, findings=(long,) * 2000, coverage=replace(base.coverage, gaps=gaps), advice=base.advice * 50)
    text = report(result)
    check(text)
    assert re.search(r"… [\d,]+ more findings are in findings\.json", text)


def test_nothing_evaluated_is_said_so() -> None:
    text = report(results.empty())
    check(text)
    assert "**Score: not evaluated** with a coverage of nothing to evaluate" in text


def test_what_was_never_seen_before_is_marked() -> None:
    base = results.make(3)
    opened = [one for one in base.findings if one.outcome == "fail" and one.status == "open"]
    now = replace(opened[0], first_seen=base.scan.finished_at)
    result = replace(base, findings=(now, *opened[1:]))
    text = report(result)
    check(text)
    assert f"- **{now.severity}** **new** {now.message}" in text
    assert text.count("**new** ") == 1
    assert "Of the findings below 1 was never seen before: marked **new**." in text
    assert "**new**" not in report(replace(result, since=None)), "nothing is new in the first scan"
