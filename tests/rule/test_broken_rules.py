"""A broken rule file is one error that names file and line, before anything is evaluated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scanner import vocabulary
from scanner.config import Config
from scanner.errors import RuleError, UsageError
from scanner.rule import load, scaffold
from scanner.rule.bind import bind
from scanner.rule.examples import empty_vocabulary, run

GOOD = """\
title: A bad name
severity: low
for_each: account
when: "TRUE"
fails_when: name = 'bad'
says: "{name} is bad"
evidence: [name]
why: Because.
fix: Rename it.
references: [article#naming]
examples:
  fails:
    - because: it is bad
      given: {name: bad}
  passes:
    - because: it is good
      given: {name: good}
  not_evaluated:
    - because: it was not read
      given: {name: null}
"""
LINES = {
    key: number for number, line in enumerate(GOOD.splitlines(), 1) if (key := line.partition(":")[0]).isidentifier()
}


@pytest.fixture(scope="module")
def empty() -> Any:
    return empty_vocabulary(vocabulary.load(), Config())


def written(folder: Path, text: str) -> Path:
    path = folder / "naming" / "bad_name.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def bound(folder: Path, text: str, empty: Any) -> tuple[str, str]:
    rule = load.read(written(folder, text))
    return bind(rule, vocabulary.load(), Config(), empty)[:2]


def test_the_good_one_is_good(tmp_path: Path, empty: Any) -> None:
    assert bound(tmp_path, GOOD, empty) == ("TRUE", "name = 'bad'")
    rule = load.read(tmp_path / "naming" / "bad_name.yaml")
    assert (rule.id, rule.principle) == ("naming/bad_name", "naming")
    assert all(one.ok for one in run([rule], vocabulary.load(), Config()))


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("title: A bad name", "title: [", 3, "not YAML"),
        ("severity: low", "severity: grave", 2, "severity"),
        ("why: Because.", "why: Because.\ncolour: red", 9, "colour"),
        ("fix: Rename it.\n", "", 1, "fix"),
        ("references: [article#naming]", "references: []", 10, "references"),
        ("  not_evaluated:\n    - because: it was not read\n      given: {name: null}\n", "", 11, "not_evaluated"),
        ("  passes:\n    - because: it is good\n      given: {name: good}\n", "  passes: []\n", 15, "passes"),
        ("      given: {name: good}", "      gven: {name: good}", 17, "gven"),
        (GOOD, "", 1, "title: is missing"),
        (GOOD, "- a list", 1, "the file"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_rule(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    path = written(tmp_path, GOOD.replace(old, new))
    with pytest.raises(RuleError) as caught:
        load.read(path)
    assert f"{path}:{line}: " in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("fails_when", "words"),
    [
        ("colour = 'red'", "no column colour"),
        ("name", "is VARCHAR, not BOOLEAN"),
        ("1", "is INTEGER, not BOOLEAN"),
        ("name = ", "fails_when"),
        ("name = 'a' OR", "fails_when"),
        ("(name = 'a'", "fails_when"),
        ("name = 'a'; DROP TABLE account", "exactly one expression"),
        ("name = 'a';", "fails_when"),
        ("TRUE) OR (SELECT TRUE", "fails_when"),
        ("EXISTS (SELECT 1 FROM accounts)", "is not allowed"),
        ("name IN (SELECT name FROM accounts)", "is not allowed"),
        ("account.name = 'a'", "no column account.name"),
        ("s.name = 'a'", "no column s.name"),
        ("(SELECT content FROM read_text('/etc/passwd')) = 'x'", "is not allowed"),
        ("read_csv('/etc/passwd') IS NULL", "is not allowed"),
        ("getenv('HOME') = 'x'", "is not allowed"),
        ("current_setting('home_directory') = 'x'", "is not allowed"),
        ("version() = 'x'", "is not allowed"),
        ("now() > '2020-01-01'", "is not allowed"),
        ("random() > 0.5", "is not allowed"),
        ("count(*) > 1", "is not allowed"),
        ("row_number() OVER () = 1", "is not allowed"),
        ("regexp_matches(name, 'a')", "is not allowed"),
        ("name::INTEGER = 1", "is not allowed"),
        ("name = $1", "is not allowed"),
        ("name = ?", "is not allowed"),
        ("[x FOR x IN [1]] = [1]", "is not allowed"),
        ("UPDATE account SET name = 'a'", "is not allowed"),
        ("PRAGMA database_list", "is not allowed"),
        ("COPY account TO '/tmp/x'", "is not allowed"),
        ("name = 'a' AND *", "fails_when"),
        ("COLUMNS(*) = 'a'", "is not allowed"),
        ("principals > {settings.nonsense}", "no setting nonsense"),
        ("name = 1 + 'x'", "fails_when"),
    ],
)
def test_an_expression_that_is_none(tmp_path: Path, empty: Any, fails_when: str, words: str) -> None:
    for key, expression in (("fails_when", "name = 'bad'"), ("when", '"TRUE"')):
        text = GOOD.replace(f"{key}: {expression}", f"{key}: {quoted(fails_when)}")
        assert text != GOOD
        with pytest.raises(RuleError) as caught:
            bound(tmp_path, text, empty)
        assert f"bad_name.yaml:{LINES[key]}: " in str(caught.value)
        assert words.replace("fails_when", key) in str(caught.value)
        assert "\n" not in str(caught.value)


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@pytest.mark.parametrize(
    "fails_when",
    [
        "name LIKE '%a^_b%' ESCAPE '^'",
        "lower(trim_me) = 'a'",
        "coalesce(principals, 0) BETWEEN 1 AND 3",
        "CASE WHEN name IS NULL THEN FALSE ELSE length(name) > 3 END",
        "name NOT IN ('a', 'b') AND NOT is_active",
        "administrators > {settings.max_administrators} + 1",
        "name = 'a; b -- c'",
    ],
)
def test_what_a_rule_may_say(tmp_path: Path, empty: Any, fails_when: str) -> None:
    fails_when = fails_when.replace("trim_me", "name")
    when, found = bound(tmp_path, GOOD.replace("name = 'bad'", quoted(fails_when)), empty)
    assert when == "TRUE"
    assert "{" not in found


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("for_each: account", "for_each: planet", 3, "there is no subject planet; there are account"),
        ("evidence: [name]", "evidence: [name, colour]", 7, "no column colour"),
        ('"{name} is bad"', '"{colour} is bad"', 6, "no column colour"),
        ("given: {name: good}", "given: {colour: red}", 17, "no column colour"),
    ],
)
def test_names_that_the_subject_does_not_have(
    tmp_path: Path, empty: Any, old: str, new: str, line: int, words: str
) -> None:
    with pytest.raises(RuleError) as caught:
        bound(tmp_path, GOOD.replace(old, new), empty)
    assert f"bad_name.yaml:{line}: " in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "says", ['"{name"', '"{name.upper}"', '"{name[0]}"', '"{name!r} {name:>99999999}"', '"{}"', '"{0}"']
)
def test_a_sentence_reads_columns_and_nothing_else(tmp_path: Path, empty: Any, says: str) -> None:
    with pytest.raises(RuleError, match=r"bad_name.yaml:6: "):
        bound(tmp_path, GOOD.replace('"{name} is bad"', says), empty)


def test_two_rules_of_one_name_and_an_example_of_a_wrong_type(tmp_path: Path) -> None:
    written(tmp_path, GOOD)
    other = tmp_path / "other"
    other.mkdir()
    written(other, GOOD)
    with pytest.raises(RuleError, match=r"other/naming/bad_name.yaml:1: naming/bad_name is already defined in"):
        load.load([tmp_path, other])
    text = GOOD.replace("name = 'bad'", "is_active").replace("{name: bad}", "{is_active: perhaps}")
    rule = load.read(written(tmp_path, text))
    with pytest.raises(RuleError, match=r"bad_name.yaml:\d+: "):
        list(run([rule], vocabulary.load(), Config()))


@pytest.mark.parametrize("pattern", ["naming/bad_nme", "nmaing", "bad_name", "NAMING/*"])
def test_a_pattern_that_matches_nothing_is_no_clean_result(tmp_path: Path, pattern: str) -> None:
    written(tmp_path, GOOD)
    rules = load.load([tmp_path])
    for chosen in (([pattern], []), ([], [pattern])):
        with pytest.raises(UsageError, match="no rule matches"):
            load.choose(rules, *chosen)


def test_select_and_ignore(tmp_path: Path) -> None:
    rules = load.load([load.BUILT_IN])
    picked = load.choose(rules, ["governance", "backup_isolation/copies_*"], ["governance/no_*"])
    assert {rule.principle for rule in picked} == {"governance", "backup_isolation"}
    assert not any(rule.id.startswith("governance/no_") for rule in picked)
    with pytest.raises(UsageError, match="leave no rule"):
        load.choose(rules, ["governance"], ["governance/*"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("-- words: Here.\n-- listed from: accounts\n-- id: Id.\nSELECT 1", ":1: the top wants"),
        ("-- planet: A planet.\n--no space\n-- id: Id.\nSELECT 1 AS id", ":2: a comment at the top reads"),
        ("-- planet: A planet.\n-- listed from: accounts\n-- id: Id.\nSELECT 1 AS id, 2 AS colour", "differ in colour"),
        ("-- planet: A planet.\n-- listed from: accounts\n-- id: Id.\nSELECT FROM WHERE", "planet.sql:1: "),
        ("-- planet: A planet.\n-- listed from: accounts\n-- id: Id.\nSELECT x AS id FROM nothing", "planet.sql:1: "),
        ("-- planet: A planet.\n-- listed from: accounts\n-- id: Id.\nSELECT {nonsense} AS id", "no setting nonsense"),
        ("-- planet: A planet.\n-- listed from: accounts\n-- id: Id.\nSELECT content AS id FROM read_text('/etc/passwd')", "planet.sql:1: "),
    ],
)  # fmt: skip
def test_a_broken_view_names_its_file(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "vocabulary").mkdir()
    (tmp_path / "vocabulary" / "planet.sql").write_text(text)
    with pytest.raises(RuleError) as caught:
        empty_vocabulary(vocabulary.load([tmp_path]), Config())
    assert "planet.sql" in str(caught.value)
    assert words in str(caught.value)


def test_a_view_of_a_pack_does_not_replace_a_built_in_one(tmp_path: Path) -> None:
    (tmp_path / "vocabulary").mkdir()
    (tmp_path / "vocabulary" / "account.sql").write_text(
        "-- account: A.\n-- listed from: accounts\n-- id: Id.\nSELECT 1 AS id"
    )
    with pytest.raises(RuleError, match="account is already defined in"):
        vocabulary.load([tmp_path])


def test_a_scaffolded_rule_is_a_good_one(tmp_path: Path) -> None:
    for subject in vocabulary.load():
        path = scaffold.new(f"naming/bad_{subject}", subject, tmp_path)
        assert path.is_file()
    outcomes = list(run(load.load([tmp_path]), vocabulary.load(), Config()))
    assert len(outcomes) == 3 * len(vocabulary.load())
    assert all(one.ok for one in outcomes)
    with pytest.raises(UsageError, match="exists"):
        scaffold.new("naming/bad_account", "account", tmp_path)
    with pytest.raises(UsageError, match="no subject planet"):
        scaffold.new("naming/bad_planet", "planet", tmp_path)
