from __future__ import annotations

from pathlib import Path

import pytest

from scanner.config import Config, find, load
from scanner.errors import ConfigError


def written(folder: Path, text: str) -> Path:
    path = folder / "bulkhead.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "{}\n", "---\n"])
def test_an_empty_file_is_the_defaults(tmp_path: Path, text: str) -> None:
    assert load(written(tmp_path, text)) == load(None) == Config()


def test_values_and_nested_values(tmp_path: Path) -> None:
    config = load(
        written(
            tmp_path,
            "fail_on: critical\nsettings: {max_administrators: 9}\nclassification:\n  accounts:\n    shop: {environment: production}\n",
        )
    )
    assert config.fail_on == "critical"
    assert config.settings.max_administrators == 9
    assert config.settings.min_tag_coverage == Config().settings.min_tag_coverage
    assert config.classification.accounts["shop"].environment == "production"


def test_rule_folders_lie_beside_the_file(tmp_path: Path) -> None:
    assert load(written(tmp_path, "rules: [ours, /theirs]\n")).rules == [tmp_path / "ours", Path("/theirs")]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("regions: [eu-west-1]\nregion: eu-west-1\n", 2, "region: is not a known key"),
        ("settings:\n  max_administrator: 3\n", 2, "settings.max_administrator: is not a known key"),
        ("\n\nmin_coverage: 2\n", 3, "min_coverage: "),
        ("severity:\n  a/b: low\n  c/d: grave\n", 3, "severity.c/d: "),
        ("formats:\n- html\n- [1]\n", 3, "formats.1: "),
        ("accounts: 5\n", 1, "accounts: "),
        ("fail_on: [high\n", 2, "not YAML"),
        ("a: b: c\n", 1, "not YAML"),
        ("\tx: 1\n", 1, "not YAML"),
        ("- a\n", 1, "the file: "),
        ("just text\n", 1, "the file: "),
        ("x: !!python/object/apply:os.system ['true']\n", 1, "not YAML"),
        ("a: &a [*a]\n", 1, "a: is not a known key"),
    ],
)
def test_what_is_wrong_is_named_by_file_and_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert f"{path}:{line}: " in str(caught.value)
    assert words in str(caught.value)


def test_aliases_that_multiply_take_no_time(tmp_path: Path) -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    with pytest.raises(ConfigError, match="a8: is not a known key"):
        load(written(tmp_path, "\n".join(levels)))


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, "nonsense: 1\nmin_coverage: 2\n"))
    assert len(str(caught.value).splitlines()) == 2


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read"):
        load(tmp_path / "absent.yaml")
    (tmp_path / "bulkhead.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="cannot read"):
        load(tmp_path / "bulkhead.yaml")


def test_the_nearest_file_wins(tmp_path: Path) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    top = written(tmp_path, "")
    assert find(below) == top
    near = written(tmp_path / "a", "")
    assert find(below) == near
