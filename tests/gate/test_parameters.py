"""Parameters of templates that are said on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scanner.cli import main
from scanner.config import Config
from scanner.errors import UsageError
from scanner.gate import judge
from scanner.gate.cloudformation import parameters
from tests.gate import small

TEMPLATE = """
AWSTemplateFormatVersion: '2010-09-09'
Parameters:
  Environment: {Type: String, AllowedValues: [test, production]}
  Hops: {Type: Number, Default: 1}
  Stored: {Type: 'AWS::SSM::Parameter::Value<String>'}
Conditions:
  Live: {'Fn::Equals': [{Ref: Environment}, production]}
Resources:
  Database:
    Type: AWS::RDS::DBInstance
    Condition: Live
    Properties:
      DBInstanceIdentifier: orders
      Engine: postgres
      Tags: [{Key: environment, Value: {Ref: Environment}}]
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "t.yaml"
    path.write_text(TEMPLATE)
    return path


def judged(template: Path, *texts: str) -> tuple[int, list[str]]:
    """Resources that there will be, and what is not known."""
    found = judge.gate(
        [template], None, Config(), said=[f"{template}={small.PRODUCTION}/{small.REGION}"], parameters=texts
    )
    return found.counted.touched, [text for text in (*found.unread, *found.shortfalls) if "parameter" in text]


def test_what_is_said_decides_a_condition(template: Path) -> None:
    assert judged(template, "Environment=production") == (1, [])
    assert judged(template, "Environment=test") == (0, [])
    unsaid = judged(template)
    assert len(unsaid[1]) > 0 and "--parameter says a value" in unsaid[1][0]


def test_what_only_aws_can_look_up_stays_open(template: Path) -> None:
    template.write_text(TEMPLATE.replace("{Type: String, AllowedValues: [test, production]}", "{Type: String}"))
    assert judged(template, "Environment={{resolve:ssm:/environment}}")[0] == judged(template)[0]
    template.write_text(TEMPLATE.replace("{Ref: Environment}, production", "{Ref: Stored}, production"))
    assert "Parameter Store" in judged(template, "Stored=/path", "Environment=test")[1][0]


@pytest.mark.parametrize(
    "held",
    [
        [
            {"ParameterKey": "Environment", "ParameterValue": "production"},
            {"ParameterKey": "Hops", "UsePreviousValue": True},
        ],
        ["Environment=production"],
        {"Parameters": {"Environment": "production"}, "Tags": {"owner": "shop"}},
    ],
)
def test_files_in_the_forms_that_aws_takes(template: Path, tmp_path: Path, held: object) -> None:
    file = tmp_path / "production.json"
    file.write_text(json.dumps(held))
    assert parameters.given([str(file)]) == {"Environment": "production"}
    assert judged(template, str(file)) == (1, [])


def test_numbers_and_equal_signs_are_values_too() -> None:
    assert parameters.given(["Hops=3", "Query=a=b"]) == {"Hops": "3", "Query": "a=b"}


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["Environment=staging"], "allows test, production"),
        (["Enviroment=test"], "--parameter Enviroment: no template has it"),
        (["Environment=test", "Environment=production"], "said twice, as test and production"),
        (["nowhere.json"], "nowhere.json: write NAME=VALUE"),
    ],
)
def test_what_cannot_be_meant(template: Path, texts: list[str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        judged(template, *texts)


@pytest.mark.parametrize(
    ("held", "words"), [("[{", "no whole JSON"), ('{"a": 1}', "no parameter"), ("[3]", "3 is no parameter")]
)
def test_a_file_that_says_something_else(tmp_path: Path, held: str, words: str) -> None:
    file = tmp_path / "p.json"
    file.write_text(held)
    with pytest.raises(UsageError, match=words):
        parameters.given([str(file)])


def test_the_command_line_takes_them(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = f"{template}={small.PRODUCTION}/{small.REGION}"
    asked = ["gate", str(template), "--account", place, "--format", "json", "--min-coverage", "0"]
    main([*asked, "--parameter", "Environment=production", "--parameter", "Hops=2"])
    assert json.loads(capsys.readouterr().out)["resources"]["touched"] == 1
    assert main([*asked, "--parameter", "Nope=1"]) == 2
    assert "no template has it" in capsys.readouterr().err
