"""What is not there is only taken for not there where AWS Config would have recorded it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scanner.aws.aggregator.estate import HELD, Aggregator
from scanner.aws.aggregator.held import types_of
from scanner.aws.recording import Replay
from scanner.collect import registry
from scanner.collect.api import Call, Place, ReadError
from tests.aws.aggregator import items
from tests.rule import organization as o

TYPES = types_of(HELD.values())
CALLS = {call.name: call for module in registry().values() for call in module.CALLS}
SELECT = (o.MANAGEMENT, o.HERE, "config.select_aggregate_resource_config")
COUNTS = (o.MANAGEMENT, o.HERE, "config.get_aggregate_discovered_resource_counts")
SOURCES = (o.MANAGEMENT, o.HERE, "config.describe_configuration_aggregator_sources_status")
VPC = items.item("EC2::VPC", o.ORDERS, o.HERE, "vpc-1", {"vpcId": "vpc-1", "ownerId": o.ORDERS, "cidrBlockAssociationSet": [], "state": {"value": "available"}})  # fmt: skip
DENIED = {"Error": {"Code": "AccessDenied", "Message": "no identity-based policy allows it"}}


def aggregator(folder: Path, *held: Any, failed: Any = None, **changes: Any) -> Aggregator:
    """An aggregator of these items; accounts beside the management account have nothing recorded but a refusal."""
    found = items.with_aggregator({}, list(held), TYPES, failed)
    found[o.ORDERS, o.HERE, "ec2.describe_vpcs"] = DENIED
    for name, key in (("counts", COUNTS), ("sources", SOURCES)):
        if name in changes:
            found[key][0]["response"] = changes[name]
    if refused := changes.get("refused"):
        for entry in found[SELECT]:
            if refused in entry["request"]["Expression"]:
                entry["response"] = DENIED
    made = Aggregator(Replay(items.write(folder, found)))
    made.caller()
    made.enter(o.ORDERS)
    return made


def ask(made: Aggregator, name: str = "ec2.describe_vpcs", region: str = o.HERE, **params: Any) -> list[Any]:
    return list(made.pages(Place(o.ORDERS, region), CALLS[name], params))


def refusal(made: Aggregator, name: str = "ec2.describe_vpcs", region: str = o.HERE, **params: Any) -> str:
    with pytest.raises(ReadError) as caught:
        ask(made, name, region, **params)
    return caught.value.reason


def test_where_it_is_recorded_an_empty_answer_is_an_answer(tmp_path: Path) -> None:
    assert ask(aggregator(tmp_path, items.recorder(o.ORDERS, o.HERE))) == [{"Vpcs": []}]


def test_what_is_recorded_is_spelt_as_the_call_would(tmp_path: Path) -> None:
    (page,) = ask(aggregator(tmp_path, items.recorder(o.ORDERS, o.HERE), VPC))
    vpc = {"VpcId": "vpc-1", "OwnerId": o.ORDERS, "CidrBlockAssociationSet": [], "State": "available", "Tags": []}
    assert page == {"Vpcs": [vpc]}


OTHERS = {"AllSupported": False, "ResourceTypes": ["AWS::EC2::Subnet"]}
BUT_VPCS = {"AllSupported": False, "ExclusionByResourceTypes": {"ResourceTypes": ["AWS::EC2::VPC"]}}
FAILED = {"SourceId": o.ORDERS, "SourceType": "ACCOUNT", "AwsRegion": o.HERE, "LastUpdateStatus": "FAILED", "LastErrorMessage": "not authorized"}  # fmt: skip
STALE = {**VPC, "configurationItemStatus": "ResourceNotRecorded"}


@pytest.mark.parametrize(
    ("held", "changes", "reason"),
    [
        ([], {}, "knows no recorder there"),
        ([items.recorder(o.ORDERS, o.THERE)], {}, "knows no recorder there"),
        ([items.recorder(o.ORDERS, o.HERE, Recording=False)], {}, "is stopped there"),
        ([items.recorder(o.ORDERS, o.HERE, **OTHERS)], {}, "does not record AWS::EC2::VPC there"),
        ([items.recorder(o.ORDERS, o.HERE, **BUT_VPCS)], {}, "does not record AWS::EC2::VPC there"),
        ([items.recorder(o.ORDERS, o.HERE)], {"failed": [FAILED]}, "does not follow: not authorized"),
        ([items.recorder(o.ORDERS, o.HERE)], {"failed": [{**FAILED, "SourceType": "ORGANIZATION"}]}, "not authorized"),
        ([items.recorder(o.ORDERS, o.HERE)], {"sources": DENIED}, "whether it does was not told: AccessDenied"),
        (
            [items.recorder(o.ORDERS, o.HERE)],
            {"refused": "'AWS::EC2::VPC'"},
            "was asked for AWS::EC2::VPC: AccessDenied",
        ),
        ([items.recorder(o.ORDERS, o.HERE), VPC], {"refused": "ConfigurationRecorder"}, "knows no recorder there"),
        ([items.recorder(o.ORDERS, o.HERE), STALE], {}, "vpc-1 is ResourceNotRecorded"),
        (
            [items.recorder(o.ORDERS, o.HERE)],
            {"counts": {"GroupedResourceCounts": [{"GroupName": "AWS::EC2::VPC", "ResourceCount": 3}]}},
            "the aggregator counts 3 and gave none",
        ),
        (
            [items.recorder(o.ORDERS, o.HERE), {**VPC, "configuration": {"vpcId": "vpc-1"}}],
            {},
            "AWS Config has no OwnerId, CidrBlockAssociationSet of AWS::EC2::VPC vpc-1",
        ),
    ],
)
def test_nothing_is_taken_for_read_that_may_not_be_whole(
    tmp_path: Path, held: list[Any], changes: dict[str, Any], reason: str
) -> None:
    told = refusal(aggregator(tmp_path, *held, **changes))
    assert reason in told
    assert told.endswith("read directly: AccessDenied: no identity-based policy allows it")


def test_what_is_not_recorded_is_read_directly(tmp_path: Path) -> None:
    made = aggregator(tmp_path)
    (tmp_path / o.ORDERS / o.HERE / "ec2" / "describe_vpcs.json").write_text('{"Vpcs": [{"VpcId": "vpc-2"}]}')
    assert ask(made) == [{"Vpcs": [{"VpcId": "vpc-2"}]}]


def test_identities_are_recorded_in_one_region_for_all(tmp_path: Path) -> None:
    name, place = "iam.get_account_authorization_details", Place(o.ORDERS, "global")
    made = aggregator(tmp_path / "a", items.recorder(o.ORDERS, o.HERE))
    assert next(made.pages(place, CALLS[name], {}))["RoleDetailList"] == []
    made = aggregator(tmp_path / "b", items.recorder(o.ORDERS, o.HERE, IncludeGlobalResourceTypes=False))
    with pytest.raises(ReadError, match="does not record AWS::IAM::Role"):
        list(made.pages(place, CALLS[name], {}))


def test_buckets_of_a_region_without_recorder_are_missing_and_said_to_be(tmp_path: Path) -> None:
    bucket = items.item("S3::Bucket", o.ORDERS, o.HERE, "b1", {"name": "b1"}, arn="arn:aws:s3:::b1")
    made = aggregator(tmp_path, items.recorder(o.ORDERS, o.HERE), bucket)
    (tmp_path / o.ORDERS / o.THERE).mkdir()
    pages = made.pages(Place(o.ORDERS, "global"), CALLS["s3.list_buckets"], {})
    assert next(pages) == {"Buckets": [{"Name": "b1", "BucketRegion": o.HERE}]}
    with pytest.raises(ReadError, match=f"{o.THERE}: the aggregator of AWS Config knows no recorder there"):
        next(pages)


def test_a_policy_of_aws_that_nobody_shows_makes_identities_unread(tmp_path: Path) -> None:
    user = {"arn": "u", "userName": "u", "userId": "AIDA", "userPolicyList": [], "groupList": [], "attachedManagedPolicies": [{"policyArn": items.ADMINISTRATOR, "policyName": "A"}]}  # fmt: skip
    held = [items.recorder(o.ORDERS, o.HERE), items.item("IAM::User", o.ORDERS, "global", "u", user)]
    told = refusal(aggregator(tmp_path, *held), "iam.get_account_authorization_details", "global")
    assert "does not hold policies of AWS, and they were not read elsewhere" in told


def test_regions_without_recorder_are_asked_for_too(tmp_path: Path) -> None:
    made = aggregator(tmp_path, items.recorder(o.ORDERS, "me-south-1"))
    assert made.regions(o.ORDERS) == (o.HERE, "me-south-1")


def test_an_account_that_config_does_not_know_and_nobody_enters_stays_closed(tmp_path: Path) -> None:
    made = aggregator(tmp_path, items.recorder(o.ORDERS, o.HERE))
    with pytest.raises(ReadError, match="the recording has no folder"):
        made.enter(o.LEGACY)


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_secrets_are_not_asked_for(kind: str) -> None:
    from scanner.aws.aggregator.load import expression

    asked = expression(kind)
    assert "environment" not in asked
    assert ("configuration, supplementaryConfiguration" in asked) == (kind != "AWS::Lambda::Function")


def test_every_call_that_config_answers_is_one_that_a_collector_makes() -> None:
    assert HELD.keys() <= CALLS.keys()
    for name, held in HELD.items():
        assert isinstance(CALLS[name], Call)
        assert all(kind.startswith("AWS::") for kind in held.types)
