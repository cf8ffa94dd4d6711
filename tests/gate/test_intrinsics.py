"""Intrinsic functions: what they come to, and that nothing is guessed where they come to nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scanner.gate import accounts, cloudformation
from scanner.gate.cloudformation.intrinsics import evaluate
from scanner.gate.cloudformation.leaves import NO_VALUE, Reference, Unknown
from scanner.gate.cloudformation.stack import Stack
from scanner.gate.cloudformation.template import Template, Written
from tests.gate import small

SECTIONS: dict[str, Any] = {
    "Parameters": {
        "Name": {"Type": "String", "Default": "shop"},
        "Count": {"Type": "Number", "Default": 3},
        "Many": {"Type": "CommaDelimitedList", "Default": "a, b,c"},
        "Subnets": {"Type": "List<AWS::EC2::Subnet::Id>", "Default": "subnet-1"},
        "Unsaid": {"Type": "String"},
        "Stored": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/path/to/it"},
        "Secret": {"Type": "String", "Default": "{{resolve:ssm:/path}}"},
    },
    "Mappings": {"Size": {"eu-central-1": {"Days": 7, "Of": ["a", "b"]}}},
    "Conditions": {
        "Yes": {"Fn::Equals": [{"Ref": "Name"}, "shop"]},
        "No": {"Fn::Not": [{"Condition": "Yes"}]},
        "Number": {"Fn::Equals": [{"Ref": "Count"}, "3"]},
        "Unclear": {"Fn::Equals": [{"Ref": "Unsaid"}, "x"]},
        "Circle": {"Fn::Not": [{"Condition": "Circle"}]},
    },
    "Resources": {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": {"Fn::Sub": "${Name}-role"}, "Path": "/x/"}},
        "Address": {"Type": "AWS::EC2::EIP"},
        "Log": {"Type": "AWS::Logs::LogGroup"},
        "Absent": {"Type": "AWS::EC2::VPC", "Condition": "No", "Properties": {"CidrBlock": "10.1.0.0/16"}},
        "Own": {"Type": "Custom::Thing"},
    },
}


@pytest.fixture
def stack() -> Stack:
    written = dict.fromkeys(SECTIONS["Resources"], Written(1))
    made = Stack(Template(Path("t.yaml"), SECTIONS, written), "t", "t.yaml")
    plan = cloudformation.plan_of(made)
    accounts.place(plan, accounts.given([f"t.yaml={small.PRODUCTION}/{small.REGION}"], {}))
    return made


ROLE = f"arn:aws:iam::{small.PRODUCTION}:role/x/shop-role"


@pytest.mark.parametrize(
    ("node", "value"),
    [
        ({"Ref": "Name"}, "shop"),
        ({"Ref": "Many"}, ["a", "b", "c"]),
        ({"Ref": "Subnets"}, ["subnet-1"]),
        ({"Ref": "AWS::AccountId"}, small.PRODUCTION),
        ({"Ref": "AWS::Region"}, "eu-central-1"),
        ({"Ref": "AWS::Partition"}, "aws"),
        ({"Ref": "AWS::NoValue"}, NO_VALUE),
        ([1, {"Ref": "AWS::NoValue"}, 2], [1, 2]),
        ({"a": {"Ref": "AWS::NoValue"}, "b": 1}, {"b": 1}),
        ({"Fn::Join": ["-", ["a", {"Ref": "Name"}, {"Ref": "Count"}]]}, "a-shop-3"),
        ({"Fn::Join": [",", {"Ref": "Many"}]}, "a,b,c"),
        ({"Fn::Sub": "${Name} in ${AWS::Region}, ${!Literal}"}, "shop in eu-central-1, ${Literal}"),
        ({"Fn::Sub": ["${X}-${Name}", {"X": {"Ref": "Count"}}]}, "3-shop"),
        ({"Fn::Sub": "${Role.Arn}/*"}, f"{ROLE}/*"),
        ({"Fn::Sub": "${Role}!"}, "shop-role!"),
        ({"Fn::Sub": "${Vpc}!"}, "t.Vpc!"),
        ({"Fn::Sub": "${Log.Arn}:*"}, f"arn:aws:logs:eu-central-1:{small.PRODUCTION}:t.Log:*"),
        ({"Fn::Select": [1, {"Ref": "Many"}]}, "b"),
        ({"Fn::Select": ["0", {"Fn::Split": ["/", "10.0.0.0/16"]}]}, "10.0.0.0"),
        ({"Fn::FindInMap": ["Size", {"Ref": "AWS::Region"}, "Days"]}, 7),
        ({"Fn::FindInMap": ["Size", "mars", "Days", {"DefaultValue": 1}]}, 1),
        ({"Fn::If": ["Yes", "a", "b"]}, "a"),
        ({"Fn::If": ["No", "a", {"Ref": "AWS::NoValue"}]}, NO_VALUE),
        ({"Fn::If": ["Number", "a", "b"]}, "a"),
        ({"Fn::If": ["Unclear", "a", "a"]}, "a"),
        ({"Fn::GetAtt": ["Vpc", "CidrBlock"]}, "10.0.0.0/16"),
        ({"Fn::GetAtt": "Vpc.CidrBlock"}, "10.0.0.0/16"),
        ({"Fn::Select": [2, {"Fn::Cidr": [{"Fn::GetAtt": ["Vpc", "CidrBlock"]}, 3, 8]}]}, "10.0.2.0/24"),
        ({"Fn::Cidr": ["2001:db8::/56", 2, 64]}, ["2001:db8::/64", "2001:db8:0:1::/64"]),
        ({"Fn::Length": {"Ref": "Many"}}, 3),
        ({"Fn::ToJsonString": {"a": {"Ref": "Name"}}}, '{"a": "shop"}'),
        ({"Condition": {"StringEquals": {"a": "b"}}}, {"Condition": {"StringEquals": {"a": "b"}}}),
    ],
)
def test_what_it_comes_to(stack: Stack, node: Any, value: Any) -> None:
    assert evaluate(node, stack) == value


@pytest.mark.parametrize(
    "node",
    [
        {"Ref": "Unsaid"},
        {"Ref": "Stored"},
        {"Ref": "Secret"},
        {"Ref": "Nobody"},
        {"Ref": "AWS::StackName"},
        {"Ref": "Address"},
        {"Ref": "Own"},
        {"Ref": "Absent"},
        {"Fn::GetAtt": ["Own", "Arn"]},
        {"Fn::GetAtt": ["Vpc", "CidrBlockAssociations"]},
        {"Fn::GetAtt": ["Log", "Id"]},
        {"Fn::GetAZs": ""},
        {"Fn::Select": [0, {"Fn::GetAZs": ""}]},
        {"Fn::Select": [9, {"Ref": "Many"}]},
        {"Fn::Select": [0, {"Ref": "Unsaid"}]},
        {"Fn::Join": ["", ["a", {"Ref": "Unsaid"}]]},
        {"Fn::Join": ["", {"Ref": "Unsaid"}]},
        {"Fn::Join": ["", ["{{resolve:", "ssm:x}}"]]},
        {"Fn::Sub": "${Unsaid}"},
        {"Fn::Sub": "x ${Vpc.Nothing}"},
        {"Fn::Sub": ["${X}", {"X": {"Ref": "Unsaid"}}]},
        {"Fn::Split": [",", {"Ref": "Unsaid"}]},
        {"Fn::FindInMap": ["Size", "mars", "Days"]},
        {"Fn::FindInMap": ["Size", {"Ref": "Unsaid"}, "Days"]},
        {"Fn::If": ["Unclear", "a", "b"]},
        {"Fn::If": ["Unclear", "a", {"Ref": "AWS::NoValue"}]},
        {"Fn::If": ["Unclear", {"Ref": "AWS::NoValue"}, {"Ref": "AWS::NoValue"}]},
        {"Fn::If": ["Circle", "a", "b"]},
        {"Fn::If": ["Undeclared", "a", "b"]},
        {"Fn::If": ["Yes"]},
        {"Fn::Cidr": [{"Ref": "Unsaid"}, 2, 8]},
        {"Fn::Cidr": ["10.0.0.0/24", 3, 8]},
        {"Fn::Cidr": ["nonsense", 1, 8]},
        {"Fn::ImportValue": "nobody-exports-this"},
        {"Fn::Transform": {"Name": "AWS::Include"}},
        {"Fn::ForEach::X": ["A", ["b"], {}]},
        {"Fn::Base64": "x"},
        {"Fn::Sub": "x", "Other": 1},
        "{{resolve:secretsmanager:x:SecretString:y}}",
        {"Fn::ToJsonString": {"a": {"Ref": "Unsaid"}}},
    ],
)
def test_what_nobody_can_tell(stack: Stack, node: Any) -> None:
    found = evaluate(node, stack)
    assert isinstance(found, Unknown)
    assert found.why


def test_resources_are_referred_to(stack: Stack) -> None:
    for node in (
        {"Ref": "Vpc"},
        {"Fn::Sub": "${Vpc}"},
        {"Fn::Join": ["", [{"Ref": "Vpc"}]]},
        {"Fn::GetAtt": "Vpc.VpcId"},
    ):
        assert evaluate(node, stack) == Reference(stack.made["Vpc"], "id")
    assert evaluate({"Fn::GetAtt": ["Role", "Arn"]}, stack) == Reference(stack.made["Role"], "arn")
    assert evaluate({"Fn::GetAtt": ["Vpc", "DefaultSecurityGroup"]}, stack) == Reference(
        stack.made["Vpc"], "default_security_group_id"
    )
