"""The summary on the terminal: obeys nothing it prints, fits the width, has no colours where none are wanted."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from rich.cells import cell_len
from rich.console import Console

from reports.terminal import summary
from reports.text import visible
from scanner.findings import Result
from tests.reports import results
from tests.reports.hostile_text import NASTY, texts

COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def printed(result: Result, width: int = 100, terminal: bool = False, **environment: str) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=width, force_terminal=terminal, _environ={"TERM": "xterm", **environment})
    summary(result, console, [Path("out/report.html")])
    return stream.getvalue()


@settings(max_examples=60, deadline=None)
@given(text=texts)
def test_no_text_acts_on_the_terminal(text: str) -> None:
    output = COLOURS.sub("", printed(results.hostile(text), width=200, terminal=True))
    assert all(visible(line) == line for line in output.split("\n"))


@pytest.mark.parametrize("text", [text for text in NASTY if text.strip() and len(text) < 100])
def test_markup_shows_as_text(text: str) -> None:
    assert visible(text).split()[0] in printed(results.hostile(text), width=400)


@pytest.mark.parametrize("width", [60, 80, 100, 200])
@pytest.mark.parametrize("accounts", [3, 12, 300])
def test_lines_fit_the_width(width: int, accounts: int) -> None:
    output = printed(results.make(accounts), width)
    assert max(map(cell_len, output.splitlines())) <= width
    assert all(line == line.rstrip() for line in output.splitlines()), "a log keeps every blank"
    assert "Environment separation" in output


def test_plain_where_no_colour_is_wanted() -> None:
    assert "\x1b" not in printed(results.make(3))
    assert "\x1b" in printed(results.make(3), terminal=True)
    colours = re.findall(r"\x1b\[([0-9;]*)m", printed(results.make(3), terminal=True, NO_COLOR="1"))
    assert not any(code.startswith(("3", "4", "9")) and len(code) > 1 for codes in colours for code in codes.split(";"))


def test_it_says_what_matters() -> None:
    output = printed(results.make(12), 120)
    for words in (
        "Score 61.2 of 100, weak, coverage 97.1 %",
        "2 waived and 2 in the baseline are not among them; they still cost 2.3 points of the score",
        "Score +2.9 (from 58.3) since 2025-02-20T08:04:11Z: 4 new, 9 fixed, 2 no longer evaluated (not fixed)",
        "Baseline: 31 of 40 findings still fail, 2 could not be evaluated, 7 fail no longer",
        "expired   backup_isolation/not_backed_up, workload shop: it ended on 2025-01-31; of what it covered 3 are open",
        "unseen    limits/*, unit Sandbox, region us-east-1, subject scratch-*",
        "What first",
        "Worst findings",
        "Widest reach of a member account: shop-staging gets into 5 accounts, 0 of production",
        "Lost for good with their account: 7 of 18 data stores, not known: 5",
        "Not seen",
        "out/report.html",
    ):
        assert " ".join(words.split()) in " ".join(output.split())
    assert "Score not evaluated, coverage nothing to evaluate" in printed(results.empty())
