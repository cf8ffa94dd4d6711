"""From rows to verdicts: yes, no and not known, what is hidden, and what makes a finding the same finding tomorrow."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scanner import analysis, score, vocabulary
from scanner.config import Config
from scanner.findings import Finding
from scanner.rule import load
from scanner.rule.evaluate import Evaluation, evaluate
from scanner.snapshot.read import connect_empty
from scanner.snapshot.tables import TABLES
from tests.rule.test_broken_rules import GOOD

ONE, TWO, THREE = "111111111111", "222222222222", "333333333333"
HERE, THERE = "eu-west-1", "us-east-1"
Rows = list[tuple[str, dict[str, Any]]]


def account(number: str, status: str | None, name: str = "it") -> tuple[str, dict[str, Any]]:
    """An account; what is wrong with it stands in its status, which is NULL when it was not read."""
    return "accounts", {"account_id": number, "name": name, "status": status, "is_member": True, "is_management": False}


def store(number: str, name: str, region: str = HERE, **more: Any) -> tuple[str, dict[str, Any]]:
    arn = f"arn:aws:dynamodb:{region}:{number}:table/{name}"
    return "dynamodb_tables", {"account_id": number, "region": region, "arn": arn, "name": name, **more}


def gap(
    number: str, region: str, call: str, collector: str, status: str = "access_denied"
) -> tuple[str, dict[str, Any]]:
    return "coverage", {
        "account_id": number,
        "region": region,
        "collector": collector,
        "call": call,
        "status": status,
        "cause": None,
        "reason": "no",
    }


def fills(collector: str, call: str, *tables: str) -> Rows:
    return [("call_tables", {"collector": collector, "call": call, "table_name": table}) for table in tables]


TABLES_CALL = ("dynamodb", "dynamodb.list_tables")
DECLARED = fills(*TABLES_CALL, "dynamodb_tables") + fills("organizations", "organizations.list_accounts", "accounts")


def judged(
    rows: Iterable[tuple[str, dict[str, Any]]],
    rules: list[load.Rule],
    config: Config | None = None,
    packs: tuple[Path, ...] = (),
) -> Evaluation:
    connection = connect_empty()
    for table, row in rows:
        names = TABLES[table].names
        places = ", ".join("?" for _ in names)
        connection.execute(f"INSERT INTO {table} VALUES ({places}, NULL)", [row.get(name) for name in names])
    # Only the views that these rules use, and those that these use.
    views = used_by({"account", "data_store", "owned_table"}, vocabulary.load(packs))
    config = config or Config()
    analysis.run_all(connection, config)
    vocabulary.create(connection, views, config)
    return evaluate(connection, rules, views, config)


def used_by(names: set[str], views: dict[str, vocabulary.View]) -> dict[str, vocabulary.View]:
    found: set[str] = set()
    while names:
        found |= names & views.keys()
        said = {word for name in names & views.keys() for word in re.findall(r"(?:FROM|JOIN) (\w+)", views[name].sql)}
        names = (said & views.keys()) - found
    return {name: view for name, view in views.items() if name in found}


def rule(folder: Path, **changes: str) -> load.Rule:
    """The rule of the other file, with some of its lines replaced."""
    changes = {"fails_when": "status = 'bad'", **changes}
    lines = []
    for line in GOOD.splitlines():
        key = line.partition(":")[0]
        lines.append(f"{key}: {changes[key]}" if key in changes else line)
    path = folder / "naming" / "bad_name.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines))
    return load.read(path)


def outcomes(found: Evaluation) -> dict[str, str]:
    return {finding.subject.id: finding.outcome for finding in found.findings}


ROWS = [*DECLARED, account(ONE, "bad"), account(TWO, "good"), account(THREE, None)]


def test_yes_no_and_not_known(tmp_path: Path) -> None:
    found = judged(ROWS, [rule(tmp_path)])
    assert outcomes(found) == {ONE: "fail", THREE: "not_evaluated"}
    (result,) = found.rules
    assert (result.passed, result.failed, result.not_evaluated) == (1, 1, 1)
    assert found.findings[0].message == "it is bad"
    assert "not known" in found.findings[1].message


@pytest.mark.parametrize(
    ("when", "expected", "counts"),
    [
        ("status = 'bad'", {ONE: "fail", THREE: "not_evaluated"}, (0, 1, 1)),
        ("status = 'good'", {THREE: "not_evaluated"}, (1, 0, 1)),
        ("status is not null", {ONE: "fail"}, (1, 1, 0)),
        ('"FALSE"', {}, (0, 0, 0)),
        ('"NULL"', {ONE: "not_evaluated", TWO: "not_evaluated", THREE: "not_evaluated"}, (0, 0, 3)),
        ("status <> 'good' or is_active", {ONE: "fail", THREE: "not_evaluated"}, (0, 1, 1)),
    ],
)
def test_a_rule_applies_unless_when_is_false(
    tmp_path: Path, when: str, expected: dict[str, str], counts: tuple[int, int, int]
) -> None:
    if when == '"NULL"':
        when = "status = NULL"
    found = judged(ROWS, [rule(tmp_path, when=when)])
    assert outcomes(found) == expected
    (result,) = found.rules
    assert (result.passed, result.failed, result.not_evaluated) == counts


def test_an_account_that_was_not_chosen_is_not_judged(tmp_path: Path) -> None:
    scope = [("scope", {"account_id": ONE, "in_scope": False}), ("scope", {"account_id": TWO, "in_scope": True})]
    found = judged([*ROWS, *scope, gap(ONE, "*", "*", "*", "not_selected")], [rule(tmp_path)])
    assert outcomes(found) == {THREE: "not_evaluated"}


STORES = {"for_each": "data_store", "fails_when": "name = 'bad'"}


def test_hidden_subjects_are_one_line_a_rule_and_place_and_lower_coverage(tmp_path: Path) -> None:
    rules = [rule(tmp_path, **STORES)]
    rows = [
        *DECLARED,
        account(ONE, "ACTIVE", "one"),
        account(TWO, "ACTIVE", "two"),
        store(ONE, "good"),
        store(TWO, "bad"),
    ]
    whole = judged(rows, rules)
    assert outcomes(whole) == {f"arn:aws:dynamodb:{HERE}:{TWO}:table/bad": "fail"}
    lost = gap(ONE, THERE, "dynamodb.list_tables", "dynamodb")
    found = judged([*rows, lost, lost], rules)  # twice in the ledger, once in the findings
    hidden = [finding for finding in found.findings if finding.outcome == "not_evaluated"]
    assert [finding.subject.id for finding in hidden] == [f"{ONE}/{THERE}/*"]
    assert hidden[0].account_id == ONE
    assert hidden[0].region == THERE
    assert "dynamodb.list_tables could not be read in one us-east-1: access_denied - no" in hidden[0].message
    assert (found.rules[0].passed, found.rules[0].failed, found.rules[0].not_evaluated) == (1, 1, 1)
    assert score.coverage(whole.tallies, whole.rules, []).ratio == 1.0
    assert score.coverage(found.tallies, found.rules, []).ratio == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("region", "call", "collector", "status", "lines"),
    [
        ("*", "*", "*", "no_role", 1),
        ("*", "*", "*", "not_recorded", 1),
        (HERE, "dynamodb.list_tables", "dynamodb", "throttled", 1),
        (HERE, "dynamodb.list_tables", "dynamodb", "failed", 1),
        (HERE, "dynamodb.list_tables", "dynamodb", "region_off", 0),
        (HERE, "dynamodb.list_tables", "dynamodb", "not_in_use", 0),
        (HERE, "dynamodb.list_tables", "dynamodb", "collected", 0),
        ("*", "*", "*", "suspended", 0),
        (THERE, "*", "*", "not_selected", 0),
        (HERE, "kms.list_keys", "kms", "access_denied", 0),
    ],
)  # fmt: skip
def test_what_hides_subjects(tmp_path: Path, region: str, call: str, collector: str, status: str, lines: int) -> None:
    rows = [
        *DECLARED,
        *fills("kms", "kms.list_keys", "kms_keys"),
        account(ONE, "ACTIVE", "one"),
        gap(ONE, region, call, collector, status),
    ]
    found = judged(rows, [rule(tmp_path, **STORES)])
    assert len(found.findings) == lines
    assert found.rules[0].not_evaluated == lines


def keys(findings: Iterable[Finding]) -> set[str]:
    return {finding.fingerprint for finding in findings}


def test_a_finding_is_the_same_whatever_people_rename_and_in_any_order(tmp_path: Path) -> None:
    rows = [*DECLARED, account(ONE, "bad"), account(TWO, "bad"), account(THREE, None)]
    first = judged(rows, [rule(tmp_path)])
    assert len(keys(first.findings)) == 3
    assert judged(reversed(rows), [rule(tmp_path)]).findings == first.findings
    reworded = rule(tmp_path, title="Another title", says='"now {name}"', severity="critical", fix="Something else.")
    moved = [(table, {**row, "parent_id": "ou-1", "email": "x"} if table == "accounts" else row) for table, row in rows]
    second = judged(moved, [reworded])
    assert keys(second.findings) == keys(first.findings)
    assert {finding.message for finding in second.findings} != {finding.message for finding in first.findings}
    third = judged(
        [*DECLARED, account(ONE, "bad", "new"), account(TWO, "bad", "names"), account(THREE, None)], [rule(tmp_path)]
    )
    assert keys(third.findings) == keys(first.findings)


def test_the_worst_findings_come_first(tmp_path: Path) -> None:
    low = rule(tmp_path)
    high = replace(low, id="naming/worse", body=low.body.model_copy(update={"severity": "high"}))
    found = judged(ROWS, [low, high])
    assert [(one.outcome, one.severity) for one in found.findings] == [
        ("fail", "high"), ("fail", "low"), ("not_evaluated", "high"), ("not_evaluated", "low"),
    ]  # fmt: skip
    louder = judged(ROWS, [low], Config(severity={"naming/bad_name": "critical"}))
    assert louder.findings[0].severity == louder.rules[0].severity == "critical"


def test_settings_reach_rules(tmp_path: Path) -> None:
    wide = rule(tmp_path, fails_when='"length(status) > {settings.max_administrators}"')
    assert outcomes(judged(ROWS, [wide]))[TWO] == "fail"
    config = Config.model_validate({"settings": {"max_administrators": 4}})
    assert TWO not in outcomes(judged(ROWS, [wide], config))


def test_a_pack_of_a_third_party_brings_its_own_words(tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    (pack / "vocabulary").mkdir(parents=True)
    (pack / "vocabulary" / "owned_table.sql").write_text(
        """\
-- owned_table: One DynamoDB table, as this company sees it.
-- listed from: dynamodb_tables
-- id: ARN.
-- account_id: Its account.
-- name: Name.
-- neighbours: Data stores of the same account. {databases, dynamodb_tables}
SELECT t.arn AS id, t.account_id, t.name, (SELECT count(*) FROM data_store d WHERE d.account_id = t.account_id) AS neighbours
FROM dynamodb_tables t
"""
    )
    config_file = tmp_path / "bulkhead.yaml"
    config_file.write_text("rules: [pack]\n")
    from scanner.config import load as load_config

    config = load_config(config_file)
    lonely = GOOD.replace("for_each: account", "for_each: owned_table").replace("name = 'bad'", "neighbours = 1")
    lonely = (
        lonely.replace("{name: bad}", "{neighbours: 1}")
        .replace("{name: good}", "{neighbours: 2}")
        .replace("{name: null}", "{neighbours: null}")
    )
    (pack / "naming").mkdir()
    (pack / "naming" / "lonely.yaml").write_text(lonely)
    rules = load.load(load.folders(config))
    assert "naming/lonely" in {one.id for one in rules}
    assert "governance/no_guardrail" in {one.id for one in rules}
    rows = [
        *DECLARED,
        store(ONE, "alone"),
        store(TWO, "a"),
        store(TWO, "b"),
        gap(THREE, HERE, "dynamodb.list_tables", "dynamodb"),
    ]
    found = judged(rows, load.choose(rules, ["naming"], []), config, (pack,))
    assert outcomes(found) == {
        f"arn:aws:dynamodb:{HERE}:{ONE}:table/alone": "fail",
        f"{THREE}/{HERE}/*": "not_evaluated",
    }
    assert found.rules[0].passed == 2


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    name = "'; DROP TABLE accounts; -- {name} %s <script>"
    found = judged([*DECLARED, account(ONE, "bad", name)], [rule(tmp_path)])
    assert found.findings[0].message == f"{name} is bad"
    assert found.findings[0].evidence == {"name": name}
