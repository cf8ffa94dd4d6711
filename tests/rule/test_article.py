"""docs/article.md maps the article's claims to rules: none is left out, and none is named that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

from typer.testing import CliRunner

from scanner.cli import app
from scanner.rule import load

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "article.md").read_text()


def test_every_rule_stands_behind_a_claim() -> None:
    named = re.findall(r"\[(\w+/\w+)\]\(rules/(\w+/\w+)\.md\)", PAGE)
    assert all(shown == linked for shown, linked in named)
    assert {shown for shown, _ in named} == {rule.id for rule in load.load([load.BUILT_IN])}


def test_every_link_leads_to_a_page() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", PAGE)
    assert len(links) > 80
    assert [link for link in links if not (DOCS / link).is_file()] == []


def test_every_command_exists() -> None:
    commands = {tuple(found.split()[1:]) for found in re.findall(r"`(bulkhead [a-z -]+)", PAGE)}
    for words in commands:
        plain = [word for word in words if word.isalpha() or "-" in word[1:]][:2]
        names = [word for word in plain if not word.startswith("-")]
        names = names if names[0] == "explain" else names[:1]
        result = CliRunner().invoke(app, [*names, "--help"])
        assert result.exit_code == 0, " ".join(names)
