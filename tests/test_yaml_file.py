"""Models read from YAML, and what is said of files that do not fit."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel, ConfigDict

from scanner import yaml_file
from scanner.errors import WaiverError


class Item(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str


class Items(BaseModel):
    model_config = ConfigDict(extra="forbid")
    items: list[Item] = []


def read(folder: Path, text: str, loader: yaml_file.Loader = yaml.SafeLoader) -> tuple[Items, yaml_file.Lines]:
    path = folder / "f.yaml"
    path.write_text(text)
    return yaml_file.read(path, Items, WaiverError, "the items", loader)


def test_lines_of_keys_and_items(tmp_path: Path) -> None:
    found, lines = read(tmp_path, "items:\n  - name: a\n  - name: b\n")
    assert [one.name for one in found.items] == ["a", "b"]
    assert (lines["items",], lines["items", 1], lines["items", 1, "name"]) == (1, 3, 3)


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "")[0].items == []


def test_values_may_all_be_text(tmp_path: Path) -> None:
    assert read(tmp_path, "items: [{name: 007}]", yaml.BaseLoader)[0].items[0].name == "007"


@pytest.mark.parametrize(
    ("text", "complaints"),
    [
        ("items:\n  - nam: a\n", ["2: items.0.nam: is not a known key"]),
        ("items:\n  - name: 7\n", ["2: items.0.name: is no text; put it in quotes"]),
        ("items:\n  - name: [a]\n", ["2: items.0.name: is no text"]),
        ("items: 7\n", ["1: items: is no list"]),
        ("- a\n", ["1: the file: is no mapping of keys to values"]),
        ("a: [\n", ["2: not YAML: expected the node content, but found '<stream end>'"]),
        ("? - a\n: b\n", ["1: not YAML: found unhashable key"]),
        ("a: 2027-13-45\n", ["1: a value cannot be read: month must be in 1..12"]),
    ],
)
def test_every_problem_is_told_with_its_line(tmp_path: Path, text: str, complaints: list[str]) -> None:
    with pytest.raises(WaiverError) as told:
        read(tmp_path, text)
    assert str(told.value).splitlines() == [f"{tmp_path / 'f.yaml'}:{one}" for one in complaints]


@pytest.mark.parametrize("text", ["[" * 300_000, "{a: " * 300_000, "- " * 300_000])
def test_what_is_too_deep_is_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(WaiverError, match="a value cannot be read: maximum recursion depth"):
        read(tmp_path, text)


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(WaiverError, match=r"cannot read the items .*none\.yaml"):
        yaml_file.read(tmp_path / "none.yaml", Items, WaiverError, "the items")
