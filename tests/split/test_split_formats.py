"""One answer through every format and the command line; hostile names act in none of them."""

from __future__ import annotations

import io
import json
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.console import Console

from reports.split import markdown, picture, text
from reports.text import visible
from scanner import scan
from scanner.cli import main
from scanner.config import Config
from scanner.split.model import Split, as_json
from tests.reports.hostile_text import NASTY, texts
from tests.rule import organization
from tests.split.world import mixed

MERMAID = re.compile(
    r'flowchart LR|  c\d+\["[\w \-./,#;‹›…]*<br>[\w \-./,#;‹›…]*"\](:::stays)?|  c\d+ -- "[\w ,]+" --- c\d+|  classDef stays stroke-width:4px'
)
SVG = {"svg", "rect", "text", "path", "g"}


@pytest.fixture(scope="module")
def answer() -> Split:
    return known()


def hostile(split: Split, name: str) -> Split:
    """The same answer where every text that AWS sent is another one."""

    placements = tuple(
        replace(one, because=f"{name} {one.because}", resource=replace(one.resource, name=name, kind=name)) for one in split.placements
    )  # fmt: skip
    crossings = tuple(
        replace(one, instead=f"{name} x", coupling=replace(one.coupling, evidence=f"{name} {one.coupling.evidence}"))
        for one in split.crossings
    )
    cells = tuple(replace(cell, account=name) for cell in split.cells)
    steps = tuple(replace(one, title=f"Move {name}", needs=(name,), cuts=crossings[:5]) for one in split.steps)
    return replace(
        split, account_name=name, why=name, cells=cells, placements=placements, crossings=crossings, steps=steps, not_seen=(name,), notes=(name,),
    )  # fmt: skip


def leaves(tokens: list[Token]) -> list[Token]:
    return [leaf for token in tokens for leaf in ([token, *leaves(token.children)] if token.children else [token])]


def check_markdown(written: str) -> None:
    tokens = leaves(MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(written))
    kinds = {token.type for token in tokens}
    assert not kinds & {
        "html_block",
        "html_inline",
        "link_open",
        "image",
        "s_open",
        "em_open",
        "strong_open",
        "code_inline",
    }
    assert not kinds & {"blockquote_open", "code_block", "hr"}
    fences = [token for token in tokens if token.type == "fence"]
    assert [token.info for token in fences] == ["mermaid"]
    for line in fences[0].content.splitlines():
        assert not line.strip() or MERMAID.fullmatch(line), line
    shown = [token.content for token in tokens if token.type == "text"]
    assert not any(re.search(r"[@#]\w|\bGH-\d|://|\bwww\.", content) for content in shown)


def drawn(split: Split) -> str:
    stream = io.StringIO()
    picture.write(split, stream)
    return stream.getvalue()


def spoken(split: Split, terminal: bool = False) -> str:
    stream = io.StringIO()
    text.write(split, Console(file=stream, width=120, force_terminal=terminal, no_color=not terminal))
    return stream.getvalue()


def check_picture(written: str) -> None:
    written.encode()
    root = ElementTree.fromstring(written)
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= SVG
    for element in root.iter():
        assert not any(name.startswith("on") or "href" in name for name in element.attrib)


def test_all_formats_tell_the_same(answer: Split) -> None:
    written, told, picture_of = markdown.text(answer), spoken(answer), drawn(answer)
    check_markdown(written)
    check_picture(picture_of)
    for cell in answer.cells:
        assert cell.name in picture_of and cell.name in written and cell.name in told
    for step in answer.steps:
        assert step.title in told and step.title in written
    assert "Guessed or not decided" in told and "Guessed or not decided" in written
    assert "\x1b" not in told


def test_the_diagram_and_the_tables_have_a_row_a_cell(answer: Split) -> None:
    written = markdown.text(answer)
    assert len(re.findall(r'^  c\d+\["', written, re.M)) == len(answer.cells)
    ties = re.search(r'<g class="mark-group role-scope tie_pathgroup".*?mark-rect', drawn(answer))
    assert ties and len(re.findall(r"^  c\d+ -- ", written, re.M)) == ties[0].count("mark-line")


@settings(max_examples=40, deadline=None)
@given(name=st.one_of(st.sampled_from(NASTY), texts))
def test_hostile_names_show_as_text(name: str) -> None:
    split = hostile(known(), name)
    check_markdown(markdown.text(split))
    check_picture(drawn(split))
    printed = spoken(split)
    assert all(visible(line) == line for line in printed.split("\n")), repr(printed)
    assert json.loads(json.dumps(as_json(split)))["name"] == name


@cache
def known() -> Split:
    return mixed().split()


def test_an_account_with_nothing_to_split_has_a_picture_too() -> None:
    split = Split("1", "n", "whole", "There is nothing to split.")
    check_picture(drawn(split))
    assert "nothing to split" in spoken(split) and "nothing to split" in markdown.text(split)


# ---------------------------------------------------------------------- the command line, over a recording


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("split")
    recording = organization.write(folder / "recording")
    scan.make_snapshot(folder / "snapshot", Config(), scan.Reading(recorded=recording, workers=1))
    return folder / "snapshot"


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["split", *arguments]) == 0
    return capsys.readouterr().out


def test_the_command_answers_in_every_format(
    snapshot: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--snapshot", str(snapshot)]
    file = tmp_path / "picture.svg"
    found = json.loads(asked(capsys, organization.LEGACY, *where, "--format", "json", "--picture", str(file)))
    assert list(found) == [
        "account",
        "name",
        "verdict",
        "why",
        "layout",
        "couplings",
        "crossings",
        "steps",
        "not_seen",
        "notes",
    ]
    assert found["verdict"] == "split" and {"blog", "shop"} <= {cell["workload"] for cell in found["layout"]}
    assert {"kind", "source", "target", "weight", "evidence", "certain", "from", "to", "instead"} == set(
        found["crossings"][0]
    )
    check_picture(file.read_text())
    assert file.stat().st_mode & 0o077 == 0
    assert "Target layout" in asked(capsys, "team-rocket-dev", *where)
    check_markdown(asked(capsys, organization.LEGACY, *where, "--format", "markdown"))


def test_who_connects_to_a_database_is_a_coupling(snapshot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(asked(capsys, organization.LEGACY, "--snapshot", str(snapshot), "--format", "json"))
    connections = [one for one in found["crossings"] if one["kind"] == "connection"]
    ends = {(one["source"].rpartition("/")[2], one["target"].rpartition(":")[2]) for one in connections}
    assert ("i-l3", "shop-db") in ends and ("i-l2", "shop-db") in ends
    assert all("tcp port 5432" in one["evidence"] for one in connections)
    instead = {one["source"].rpartition("/")[2]: one["instead"] for one in connections if one["certain"]}
    assert "shop offers an API" in instead["i-l3"] and "gets one of its own" in instead["i-l2"]


def test_a_wrong_question_is_a_sentence(snapshot: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    where = ["--snapshot", str(snapshot)]
    assert main(["split", "nobody", *where]) == 2
    assert main(["split", organization.LEGACY, *where, "--format", "yaml"]) == 2
    assert main(["split", organization.LEGACY, *where, "--picture", str(tmp_path)]) != 0
    complaints = capsys.readouterr().err
    assert (
        "nobody is no account" in complaints
        and "choose text, json, markdown" in complaints
        and "is a folder" in complaints
    )
