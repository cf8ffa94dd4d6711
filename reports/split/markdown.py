"""A split as Markdown, for a ticket or a wiki: everything hostile is escaped as in the report, the diagram is Mermaid."""

from __future__ import annotations

from reports.markdown import environment
from reports.split.prepared import SORTS, guesses, holds, links, movers, where
from scanner.split.model import Split

MOST = 60
"""Rows of one table before the rest is only counted; `--format json` lists all."""

_MOST_CELLS = 24


def text(split: Split) -> str:
    """Return the whole answer as Markdown."""
    drawn = {cell.name: number for number, cell in enumerate(split.cells[:_MOST_CELLS])}
    return environment().get_template("split.md.j2").render(
        split=split, most=MOST, sorts=SORTS, drawn=drawn, guesses=guesses(split), holds=holds, where=where,
        movers=movers, links=[link for link in links(split) if link.one.name in drawn and link.other.name in drawn],
    )  # fmt: skip
