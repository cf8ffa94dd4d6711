"""Users and roles that have a path in AWS, and are named without it: so the provider's attributes name them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scanner.config import Config
from scanner.gate import judge
from scanner.gated import Gated
from tests.gate import small

ROLE = f"arn:aws:iam::{small.PRODUCTION}:role/ci/deploy"
EVERYTHING = json.dumps({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
RULE = "least_privilege/administrator_access"


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    role = {
        "arn": ROLE,
        "type": "role",
        "name": "deploy",
        "unique_id": "AROA1",
        "path": "/ci/",
        "service_linked": False,
    }
    rows = [{"account_id": small.PRODUCTION, "region": "global", **role}]
    return small.write(tmp_path_factory.mktemp("small") / "s", {"principals": rows})


def gate(snapshot: Path, tmp_path: Path, *changes: dict[str, Any]) -> Gated:
    path = small.plan(tmp_path / "p.json", *changes)
    return judge.gate([path], snapshot, Config(select=(RULE,), fail_on="low"))


@pytest.mark.parametrize(
    "made",
    [
        small.change("aws_iam_role_policy.p", {"name": "all", "role": "deploy", "policy": EVERYTHING}),
        small.change(
            "aws_iam_role_policy_attachment.p",
            {"role": "deploy", "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"},
        ),
        small.change(
            "aws_iam_policy_attachment.p",
            {"name": "all", "roles": ["deploy"], "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"},
        ),
    ],
    ids=["inline", "attachment", "exclusive attachment"],
)
def test_the_role_with_the_path_is_meant(snapshot: Path, tmp_path: Path, made: dict[str, Any]) -> None:
    found = gate(snapshot, tmp_path, made)
    assert found.exit_code == 1, found.shortfalls
    assert [(one.kind, one.finding.subject.arn) for one in found.judged if one.fails] == [("new", ROLE)]


def test_nobody_of_that_name_is_told(snapshot: Path, tmp_path: Path) -> None:
    other = small.change("aws_iam_role_policy.p", {"name": "all", "role": "deploi", "policy": EVERYTHING})
    elsewhere = small.change(
        "aws_iam_role_policy.p", {"name": "all", "role": "deploy", "policy": EVERYTHING}, provider="aws.test"
    )
    for made in (other, elsewhere):
        found = gate(snapshot, tmp_path, made)
        assert found.exit_code == 3
        assert any("in neither the snapshot nor the plans" in text for text in found.shortfalls)
