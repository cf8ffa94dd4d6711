from __future__ import annotations

from typing import Any

import pytest

from scanner.collect import s3
from scanner.collect.api import UNREAD, Response
from tests.collect.answers.s3 import ANSWERS
from tests.collect.fake import Fake, api, read, table_of


def test_a_bucket_with_everything() -> None:
    full, _ = table_of(read(s3, ANSWERS), "buckets")
    assert full == {
        "arn": "arn:aws:s3:::full",
        "name": "full",
        "bucket_region": "eu-central-1",
        "versioning": "Enabled",
        "replication_accounts": ["111122223333", "444455556666"],
        "replication_buckets": ["arn:aws:s3:::near", "arn:aws:s3:::vault"],
        "replication_partial": [],
        "object_lock": "COMPLIANCE",
        "kms_key_arn": "arn:aws:kms:eu-central-1:111122223333:key/k1",
        "public_access_blocked": True,
        "policy_read": True,
    }


def test_a_bucket_with_nothing() -> None:
    _, bare = table_of(read(s3, ANSWERS), "buckets")
    assert bare == {
        "arn": "arn:aws:s3:::bare",
        "name": "bare",
        "bucket_region": "eu-west-1",
        "versioning": "Never",
        "replication_accounts": [],
        "replication_buckets": [],
        "replication_partial": [],
        "object_lock": "none",
        "kms_key_arn": None,
        "public_access_blocked": False,
        "policy_read": True,
    }


def test_nothing_read_is_nothing_said() -> None:
    refused = [call.name for call in s3.CALLS if call.name != "s3.list_buckets"]
    for bucket in table_of(read(s3, ANSWERS, *refused), "buckets"):
        said = {column for column, value in bucket.items() if value is not None} - {"bucket_region"}
        assert said == {"arn", "name", "policy_read"}
        assert bucket["policy_read"] is False


def test_requests_go_to_the_region_of_the_bucket() -> None:
    source = Fake(ANSWERS)
    list(s3.fetch(api(s3, source)))
    places = {(name, params.get("Bucket")): region for name, region, params in source.requests}
    assert places["s3.list_buckets", None] == "global"
    assert places["s3.get_bucket_location", "bare"] == "global"
    assert ("s3.get_bucket_location", "full") not in places
    assert places["s3.get_bucket_policy", "full"] == "eu-central-1"
    assert places["s3.get_bucket_policy", "bare"] == "eu-west-1"


@pytest.mark.parametrize(
    ("constraint", "region"),
    [(None, "us-east-1"), ("", "us-east-1"), ("EU", "eu-west-1"), ("ap-south-1", "ap-south-1")],
)
def test_bucket_region(constraint: str | None, region: str) -> None:
    assert s3.bucket_region({"LocationConstraint": constraint}) == region
    assert s3.bucket_region(UNREAD) is None


def encryption(**default: Any) -> Response:
    return {"ServerSideEncryptionConfiguration": {"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}}


@pytest.mark.parametrize(
    ("default", "expected"),
    [
        ({"SSEAlgorithm": "AES256"}, None),
        ({"SSEAlgorithm": "aws:kms"}, "arn:aws:kms:eu-west-1:111122223333:alias/aws/s3"),
        ({"SSEAlgorithm": "aws:kms:dsse", "KMSMasterKeyID": "alias/x"}, "arn:aws:kms:eu-west-1:111122223333:alias/x"),
        ({"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "arn:aws:kms:x:9:key/k"}, "arn:aws:kms:x:9:key/k"),
    ],
)
def test_key_arn(default: dict[str, str], expected: str | None) -> None:
    assert s3.key_arn(encryption(**default), api(s3, Fake({})), "eu-west-1") == expected


@pytest.mark.parametrize("restricts", [True, False])
def test_what_a_public_policy_lets_in_hangs_on_one_setting(restricts: bool) -> None:
    others = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy"), not restricts)
    settings = {**others, "RestrictPublicBuckets": restricts}
    assert s3.blocked({"PublicAccessBlockConfiguration": settings}) is restricts


@pytest.mark.parametrize(
    ("configuration", "expected"),
    [
        ({}, "none"),
        ({"ObjectLockEnabled": "Enabled"}, "enabled"),
        ({"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE"}}}, "GOVERNANCE"),
    ],
)
def test_object_lock(configuration: dict[str, Any], expected: str) -> None:
    assert s3.object_lock({"ObjectLockConfiguration": configuration}) == expected


@pytest.mark.parametrize(
    ("chosen", "partial"),
    [
        ({}, []),
        ({"Prefix": ""}, []),
        ({"Filter": {"Prefix": ""}}, []),
        ({"Prefix": "logs/"}, ["arn:aws:s3:::far"]),
        ({"Filter": {"Prefix": "logs/"}}, ["arn:aws:s3:::far"]),
        ({"Filter": {"Tag": {"Key": "keep", "Value": "yes"}}}, ["arn:aws:s3:::far"]),
        ({"Filter": {"And": {"Prefix": "", "Tags": [{"Key": "keep", "Value": "yes"}]}}}, ["arn:aws:s3:::far"]),
    ],
)
def test_a_rule_may_choose_some_of_the_objects(chosen: dict[str, Any], partial: list[str]) -> None:
    def said(*rules: dict[str, Any]) -> Any:
        enabled = [{"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::far"}, **rule} for rule in rules]
        answer: Response = {"ReplicationConfiguration": {"Rules": enabled}}
        return s3.replication(answer, "111122223333")["replication_partial"]

    assert said(chosen) == partial
    assert said({"Prefix": "logs/"}, chosen) == partial
