"""Which account a planned resource lands in, and what is said when nobody can know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scanner.errors import UsageError
from scanner.gate import accounts, plan
from scanner.gate.plan import Plan
from scanner.gate.planned import Planned
from tests.gate import small

GROUP = "aws_security_group.g"
ROLE = "arn:aws:iam::555555555555:role/deploy"


def read(tmp_path: Path, expressions: Any, *more: dict[str, Any], variables: Any = None) -> Plan:
    path = small.plan(tmp_path / "p.json", small.change(GROUP, {"name": "g"}, provider="aws.x"), *more)
    document = json.loads(path.read_text())
    document["configuration"]["provider_config"]["aws.x"] = {"name": "aws", "expressions": expressions}
    document["variables"] = {name: {"value": value} for name, value in (variables or {}).items()}
    path.write_text(json.dumps(document))
    return plan.read(path)


def placed(found: Plan, *said: str) -> Planned:
    accounts.place(found, accounts.given(said, {}))
    return found.resources[0]


REGION = {"region": {"constant_value": "eu-west-3"}}


@pytest.mark.parametrize(
    ("expressions", "variables"),
    [
        ({**REGION, "assume_role": [{"role_arn": {"constant_value": ROLE}}]}, {}),
        ({**REGION, "assume_role": [{"role_arn": {"references": ["var.role"]}}]}, {"role": ROLE}),
        ({**REGION, "assume_role": [{"role_arn": {"references": ["var.id"]}}]}, {"id": "555555555555"}),
        ({**REGION, "assume_role": [{"role_arn": {"references": ['var.ids["x"]', "var.ids"]}}]}, {"ids": {"x": "555555555555"}}),
        ({**REGION, "allowed_account_ids": {"constant_value": ["555555555555"]}}, {}),
        ({**REGION, "allowed_account_ids": {"references": ["var.id"]}}, {"id": "555555555555"}),
        ({"region": {"references": ["var.region"]}, "assume_role": [{"role_arn": {"constant_value": ROLE}}]}, {"region": "eu-west-3"}),
    ],
)  # fmt: skip
def test_the_provider_says_it(tmp_path: Path, expressions: Any, variables: Any) -> None:
    one = placed(read(tmp_path, expressions, variables=variables))
    assert (one.account_id, one.region, one.unplaced) == ("555555555555", "eu-west-3", "")


def test_its_own_arn_beats_everything(tmp_path: Path) -> None:
    arn = "arn:aws-cn:ec2:cn-north-1:666666666666:security-group/sg-9"
    found = read(tmp_path, {**REGION, "assume_role": [{"role_arn": {"constant_value": ROLE}}]})
    found.resources[0].before = {"arn": arn}
    one = placed(found, "aws.x=777777777777")
    assert (one.partition, one.account_id, one.region) == ("aws-cn", "666666666666", "cn-north-1")


def test_the_state_says_it(tmp_path: Path) -> None:
    known = {"id": "q", "arn": "arn:aws:sqs:eu-west-3:555555555555:q", "name": "q"}
    queue = small.change("aws_sqs_queue.q", known, before=known, actions=["no-op"], provider="aws.x")
    one = placed(read(tmp_path, {}, queue))
    assert (one.account_id, one.region) == ("555555555555", "eu-west-3")


def test_a_state_of_several_accounts_does_not(tmp_path: Path) -> None:
    queues = []
    for number in (5, 6):
        known = {"id": f"q{number}", "arn": f"arn:aws:sqs:eu-west-3:{str(number) * 12}:q"}
        queues.append(
            small.change(f"aws_sqs_queue.q{number}", known, before=known, actions=["no-op"], provider="aws.x")
        )
    one = placed(read(tmp_path, REGION, *queues))
    assert one.account_id is None
    assert "several accounts (555555555555, 666666666666)" in one.unplaced


@pytest.mark.parametrize(
    "expressions",
    [
        {},
        REGION,
        {**REGION, "assume_role": [{"role_arn": {"references": ["local.role"]}}]},
        {**REGION, "assume_role": [{"role_arn": {"references": ["var.nothing"]}}]},
        {**REGION, "allowed_account_ids": {"constant_value": ["555555555555", "666666666666"]}},
    ],
)
def test_undetermined_names_the_provider_and_the_option(tmp_path: Path, expressions: Any) -> None:
    one = placed(read(tmp_path, expressions))
    assert one.account_id is None
    assert "aws.x" in one.unplaced and "--account aws.x=ACCOUNT" in one.unplaced


def test_what_is_said_settles_it(tmp_path: Path) -> None:
    one = placed(read(tmp_path, {}), "aws.x=555555555555/eu-west-3")
    assert (one.account_id, one.region, one.unplaced) == ("555555555555", "eu-west-3", "")
    one = placed(read(tmp_path, {}), "aws.x=555555555555")
    assert "--account aws.x=555555555555/REGION" in one.unplaced


@pytest.mark.parametrize("text", ["aws", "aws=1", "aws=55555555555x", "aws=/eu-west-3"])
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        accounts.given([text], {})


def test_two_accounts_for_one_template_are_refused(tmp_path: Path) -> None:
    said = f"{tmp_path}/t.yaml=555555555555"
    assert accounts.given([said, said], {}) == {f"{tmp_path}/t.yaml": ("555555555555", None)}
    for other in (f"{tmp_path}/t.yaml=666666666666", f"{tmp_path}/./t.yaml=555555555555/eu-west-3"):
        with pytest.raises(UsageError, match="said twice"):
            accounts.given([said, other], {})


def test_a_file_that_is_no_input_is_refused(tmp_path: Path) -> None:
    read_in = read(tmp_path, {})
    accounts.check_files([f"{read_in.path}=555555555555", f"{tmp_path}/=555555555555", "aws.x=555555555555"], [read_in])
    for name in ("other.yaml", f"{tmp_path}/other/"):
        with pytest.raises(UsageError, match="none of the inputs, which are"):
            accounts.check_files([f"{name}=555555555555"], [read_in])
