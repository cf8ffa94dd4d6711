"""What is changed: rules name it by an expression over their subject, and are told where they name it wrongly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scanner import analysis, vocabulary
from scanner.config import Config
from scanner.errors import RuleError
from scanner.rule import load
from scanner.rule.bind import bind
from scanner.rule.examples import empty_vocabulary
from scanner.snapshot.read import connect_empty
from scanner.snapshot.tables import TABLES
from tests.rule.test_broken_rules import GOOD
from tests.rule.test_evaluate import DECLARED, account, judged, used_by


def rule(folder: Path, fixed_at: str) -> load.Rule:
    path = folder / "naming" / "bad_name.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(GOOD.replace("evidence: [name]", f'evidence: [name]\nfixed_at: "{fixed_at}"'))
    return load.read(path)


@pytest.fixture(scope="module")
def empty() -> Any:
    return empty_vocabulary(vocabulary.load(), Config())


@pytest.mark.parametrize(
    ("fixed_at", "words"),
    [
        ("'unit ' || nowhere", "account has no column nowhere"),
        ("is_active", "is BOOLEAN, not VARCHAR"),
        ("(SELECT 'x')", "is not allowed in a rule"),
        ("read_text('/etc/passwd')", "is not allowed in a rule"),
        ("'unit ' ||", "fixed_at"),
    ],
)
def test_a_place_that_cannot_be_named(tmp_path: Path, empty: Any, fixed_at: str, words: str) -> None:
    with pytest.raises(RuleError) as error:
        bind(rule(tmp_path, fixed_at), vocabulary.load(), Config(), empty)
    assert words in str(error.value) and "bad_name.yaml:8: " in str(error.value)


def test_failures_carry_the_place_and_null_is_the_subject_itself(tmp_path: Path) -> None:
    rows = [account("111111111111", "ACTIVE", "bad"), account("222222222222", None, "bad"), *DECLARED]
    found = judged(rows, [rule(tmp_path, "'status ' || status || ' of ' || account_id")])
    assert {one.account_id: one.fixed_at for one in found.findings} == {
        "111111111111": "status ACTIVE of 111111111111",
        "222222222222": None,
    }


@pytest.mark.parametrize(
    ("name", "path", "expected"),
    [
        ("AWSReservedSSO_Power_User_0123456789abcdef", "aws-reserved/sso.amazonaws.com/", "Power_User"),
        ("AWSReservedSSO_Ops_0123456789abcdef", "aws-reserved/sso.amazonaws.com/eu-west-1/", "Ops"),
        ("AWSReservedSSO_Ops_0123456789abcdef", "", None),
        ("AWSReservedSSO_short", "aws-reserved/sso.amazonaws.com/", None),
        ("deployer", "", None),
    ],
)
def test_roles_of_identity_center_name_their_permission_set(name: str, path: str, expected: str | None) -> None:
    connection = connect_empty()
    names = TABLES["principals"].names
    row = {
        "account_id": "1" * 12,
        "region": "global",
        "type": "role",
        "name": name,
        "arn": f"arn:aws:iam::{'1' * 12}:role/{path}{name}",
    }
    connection.execute(
        f"INSERT INTO principals VALUES ({', '.join('?' for _ in names)}, NULL)", [row.get(one) for one in names]
    )
    views = used_by({"principal"}, vocabulary.load())
    analysis.run_all(connection, Config())
    vocabulary.create(connection, views, Config())
    assert connection.execute("SELECT permission_set FROM principal").fetchall() == [(expected,)]
