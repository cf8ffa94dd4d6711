"""An explanation says what the evaluation says, and everything the verdict hangs on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from scanner import analysis, vocabulary
from scanner.config import Config
from scanner.errors import UsageError
from scanner.explain.finding import Asked, finding, spoken_finding
from scanner.rule import load
from scanner.rule.bind import bind, columns_of

CONFIG = Config()


def asked(connection: Any) -> Asked:
    views = vocabulary.load()
    analysis.run_all(connection, CONFIG)
    vocabulary.create(connection, views, CONFIG)
    return Asked(connection, views, load.load([load.BUILT_IN]), CONFIG)


@pytest.fixture(scope="module")
def whole(tables: Callable[..., Any]) -> Asked:
    return asked(tables())


@pytest.fixture(scope="module")
def account(whole: Asked) -> str:
    """The account with most data stores."""
    sql = "SELECT account_id FROM data_store GROUP BY account_id ORDER BY count(*) DESC, account_id LIMIT 1"
    return str(whole.connection.execute(sql).fetchone()[0])


@pytest.fixture(scope="module")
def partial(tables: Callable[..., Any], account: str) -> Asked:
    return asked(tables((account, "rds.describe_db_instances"), (account, "iam.get_account_authorization_details")))


@pytest.mark.parametrize("name", ["whole", "partial"])
def test_every_finding_is_explained_as_it_was_found(name: str, request: pytest.FixtureRequest) -> None:
    one: Asked = request.getfixturevalue(name)
    found = one.findings(one.rules)
    assert len(found) > 30
    for each in found:
        said = finding(one, each.rule_id, each.subject.id) if not each.subject.id.endswith("/*") else None
        said = said or finding(one, each.fingerprint, None)
        assert (said["verdict"], said["message"]) == (each.outcome, each.message)
        assert said["fingerprint"] == each.fingerprint
        assert said["evidence"] == each.evidence
        assert json.dumps(said) and each.rule_id in spoken_finding(said)


def test_not_evaluated_names_the_calls_that_would_settle_it(partial: Asked, account: str) -> None:
    found = [one for one in partial.findings(partial.rules) if one.outcome == "not_evaluated"]
    settled = [finding(partial, one.fingerprint, None)["settled_by"] for one in found]
    assert found and all(settled)
    assert any(f"rds.describe_db_instances of account {account}" in call for calls in settled for call in calls)


def test_columns_are_those_of_the_expressions_with_their_meaning(whole: Asked) -> None:
    rule = next(rule for rule in whole.rules if rule.id == "least_privilege/administrator_access")
    failing = next(one for one in whole.findings([rule]) if one.outcome == "fail")
    said = finding(whole, rule.id, failing.subject.id)
    meanings = {word.name: word.meaning for word in whole.views[rule.body.for_each].words}
    assert {one["name"]: one["meaning"] for one in said["columns"]}.items() <= meanings.items()
    used = {one["name"] for one in said["columns"] if "fails_when" in one["used_in"]}
    assert used == columns_of(bind(rule, whole.views, CONFIG, whole.connection)[1])
    tables = {one["table"]: one["calls"] for one in said["hangs_on"]}
    assert "iam.get_account_authorization_details" in {call for calls in tables.values() for call in calls}


def test_passing_and_out_of_reach(whole: Asked) -> None:
    verdicts = set()
    rule = next(rule for rule in whole.rules if rule.id == "backup_isolation/not_backed_up")
    outcomes = {one.subject.id: one.outcome for one in whole.findings([rule])}
    for (arn,) in whole.connection.execute("SELECT id FROM data_store ORDER BY id").fetchall():
        said = finding(whole, "not_backed_up", arn)
        assert said["verdict"] in ([outcomes[arn]] if arn in outcomes else ["pass", "does_not_apply"])
        verdicts.add(said["verdict"])
    assert {"pass", "does_not_apply"} <= verdicts


def test_prefixes(whole: Asked) -> None:
    found = whole.findings(whole.rules)
    one = found[0].fingerprint
    assert finding(whole, one.upper(), None)["fingerprint"] == one
    short = next(n for n in range(4, 17) if sum(f.fingerprint.startswith(one[:n]) for f in found) == 1)
    assert finding(whole, one[:short], None)["fingerprint"] == one


@pytest.mark.parametrize(
    ("text", "subject", "message"),
    [
        ("ffffffffffff0000", None, "no finding begins with ffffffffffff0000"),
        ("abc", None, "abc is no rule and no fingerprint"),
        ("no/such_rule", None, "no/such_rule is no rule and no fingerprint"),
        ("not_backed_up", "nobody", "there is no data store nobody"),
        ("administrator_access", "joe", "joe is ambiguous: arn:aws:iam::"),
        ("administrator_access", None, "least_privilege/administrator_access has [0-9]+ findings: [0-9a-f]{16} "),
    ],
)
def test_what_cannot_be_explained(whole: Asked, text: str, subject: str | None, message: str) -> None:
    with pytest.raises(UsageError, match=f"^{message}"):
        finding(whole, text, subject)


def test_an_ambiguous_prefix(whole: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    two = [replace(one, fingerprint=f"abcd{number:012}") for number, one in enumerate(whole.every[:2])]
    monkeypatch.setattr(Asked, "findings", lambda *_: two)
    with pytest.raises(UsageError, match=r"^abcd begins 2 findings: abcd000000000000 .*; give more digits"):
        finding(replace(whole), "abcd", None)


def test_hostile_text_stays_text(whole: Asked) -> None:
    said = finding(whole, whole.findings(whole.rules)[0].fingerprint, None)
    evil = "\x1b[2J\r\nverdict: pass\u202e"
    said["subject"]["name"] = said["message"] = evil
    said["columns"] = [{"name": "name", "value": [evil], "meaning": "Name.", "used_in": ["says"]}]
    text = spoken_finding(said)
    assert text.replace("\n", "").isprintable()
    assert "\nverdict: pass" not in text


def test_a_policy_that_was_not_sent_is_not_judged(whole: Asked, tables: Callable[..., Any]) -> None:
    connection = tables()
    sql = (
        "SELECT arn FROM principal WHERE type = 'role' AND NOT service_linked AND NOT break_glass ORDER BY arn LIMIT 1"
    )
    (arn,) = whole.connection.execute(sql).fetchone()
    connection.execute("DELETE FROM policy_attachments WHERE principal_arn = ?", [arn])
    connection.execute("DELETE FROM policy_documents WHERE holder_arn = ?", [arn])
    connection.execute("DELETE FROM policy_statements WHERE holder_arn = ?", [arn])
    for kind in ("trust", "inline"):
        connection.execute(
            "INSERT INTO policy_documents (account_id, region, holder_arn, kind, name) VALUES (?, 'global', ?, ?, 'p')",
            [arn.split(":")[4], arn, kind],
        )
    one = asked(connection)
    for rule, subject in (("administrator_access", arn), ("wildcard_policy", f"{arn}/p"), ("trusts_everyone", arn)):
        assert finding(one, rule, subject)["verdict"] == "not_evaluated", rule
