"""What a resource is for that says nothing itself, and was made by a stack that does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scanner import analysis
from scanner.config import Config
from scanner.explain.classification import classification
from scanner.scan import Reading, make_snapshot
from scanner.snapshot.read import connect
from tests.rule.test_suspicions import ACCOUNT_ARN, A, M, organization, tag, view

ACCOUNT, HERE = "123456789012", "eu-west-1"
STACK_NAME = "aws:cloudformation:stack-name"
# Named by hand, by CloudFormation in a stack with tags, in one whose name tells, in one that does not exist.
TAGGED, BY_TAGS, BY_NAME, NOBODY = (
    "i-tagged",
    "ledger-Api-1ABCDEFGHIJKL",
    "checkout-prod-Api-0A1B2C3D4E5F",
    "x-y-0A1B2C3D4E5F",
)


def write(home: Path, answers: dict[str, Any]) -> None:
    for place, content in answers.items():
        path = home / ACCOUNT / f"{place}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))


def stack(name: str, **tags: str) -> dict[str, Any]:
    arn = f"arn:aws:cloudformation:{HERE}:{ACCOUNT}:stack/{name}/1"
    return {"StackId": arn, "StackName": name, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def function(name: str) -> dict[str, Any]:
    return {"FunctionName": name, "FunctionArn": f"arn:aws:lambda:{HERE}:{ACCOUNT}:function:{name}"}


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    home = tmp_path / "recording"
    instance = {"InstanceId": TAGGED, "Tags": [{"Key": STACK_NAME, "Value": "ledger"}]}
    write(
        home,
        {
            "global/organizations/describe_organization": {"Error": {"Code": "AWSOrganizationsNotInUseException"}},
            "global/ec2/describe_regions": {"Regions": [{"RegionName": HERE, "OptInStatus": "opt-in-not-required"}]},
            f"{HERE}/ec2/describe_instances": {"Reservations": [{"Instances": [instance]}]},
            f"{HERE}/lambda/list_functions": {"Functions": [function(name) for name in (BY_TAGS, BY_NAME, NOBODY)]},
            f"{HERE}/resourcegroupstaggingapi/get_resources": {"ResourceTagMappingList": []},
            f"{HERE}/cloudformation/describe_stacks": {
                "Stacks": [stack("ledger", product="orders", environment="test"), stack("checkout-prod")]
            },
        },
    )
    return home


def facts(recording: Path, target: Path) -> dict[str, tuple[str | None, str | None, str | None, str | None]]:
    snapshot = make_snapshot(target, Config(), Reading(recorded=recording, workers=1))
    with connect(snapshot) as connection:
        analysis.run_all(connection, Config(), wanted=["classification"])
        rows = connection.execute(
            "SELECT name, environment, workload, environment_source, environment_evidence FROM resource_facts"
        ).fetchall()
    return {row[0]: tuple(row[1:]) for row in rows}


def test_the_stack_says_what_a_resource_does_not(recording: Path, tmp_path: Path) -> None:
    found = facts(recording, tmp_path / "s")
    told = "stack ledger with environment=test"
    assert found[TAGGED] == ("test", "ledger", "stack", told), "the name of the stack beats its tags"
    assert found[BY_TAGS] == ("test", "orders", "stack", told)
    assert found[BY_NAME] == ("production", "checkout", "stack", "name of the stack=checkout-prod")
    assert found[NOBODY] == ("unknown", "unknown", "inherited", None)


def test_a_stack_that_was_not_read_may_say_something(recording: Path, tmp_path: Path) -> None:
    (recording / ACCOUNT / HERE / "cloudformation" / "describe_stacks.json").unlink()
    found = facts(recording, tmp_path / "s")
    assert [found[name][:2] for name in (BY_TAGS, BY_NAME, NOBODY)] == [(None, None)] * 3
    assert found[TAGGED][:2] == (None, "ledger")


@pytest.mark.parametrize("name", [TAGGED, BY_TAGS, BY_NAME])
def test_the_explanation_is_what_the_table_has(recording: Path, tmp_path: Path, name: str) -> None:
    found = facts(recording, tmp_path / "s")[name]
    said = classification(tmp_path / "s", Config(), name)
    environment = said["environment"]
    assert (environment["value"], said["workload"]["value"]) == found[:2]
    assert (environment["source"], environment["evidence"]) == found[2:]


LAID_EVERYWHERE = "StackSet-AWSControlTowerBP-BASELINE-CLOUDWATCH-4f1a2b3c-1111-2222-3333-444455556666"


@pytest.mark.parametrize(
    ("stacks", "many"),
    [
        (["CDKToolkit"], False),
        ([LAID_EVERYWHERE, "awseb-e-abcdefgh-stack", "SC-111122223333-pp-abcdefghijklm"], False),
        (["shop-api-prod", "shop-data-prod", "ShopJobs"], False),
        (["orders-prod", "shop-api"], True),
    ],
)
def test_stacks_of_tools_and_parts_of_a_product_are_no_workloads(stacks: list[str], many: bool) -> None:
    rows = [
        (table, {**row, "arn": ACCOUNT_ARN} if row.get("account_id") == A else row) for table, row in organization(A)
    ]
    rows.append(tag(ACCOUNT_ARN, "product", "shop", M))
    for number, name in enumerate(stacks):
        arn = f"arn:aws:lambda:{HERE}:{A}:function:f{number}"
        at = {"account_id": A, "region": HERE}
        rows += [("compute", {**at, "arn": arn, "name": f"f{number}", "type": "function"}), tag(arn, STACK_NAME, name)]
    assert view("account", rows)[A]["hosts_many_workloads"] is many
