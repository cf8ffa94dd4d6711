"""An aggregator read over HTTP: page by page, without entering a member account."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from scanner.snapshot.read import connect
from tests.aws.aggregator import items
from tests.aws.servers import Reply, serving
from tests.test_cli import KEYS, bulkhead, says
from tests.test_live_scan import JSON, MEMBER, ORGANIZATION, aws

HERE = "eu-central-1"
VPCS = [
    items.item("EC2::VPC", MEMBER, HERE, name, {"vpcId": name, "ownerId": MEMBER, "cidrBlockAssociationSet": []})
    for name in ("vpc-1", "vpc-2")
]
AGGREGATOR = {
    "ConfigurationAggregatorName": "all",
    "ConfigurationAggregatorArn": f"arn:aws:config:{HERE}:111111111111:config-aggregator/all",
    "OrganizationAggregationSource": {"RoleArn": "r", "AllAwsRegions": True},
}


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    kind = re.search(r"resourceType = '([\w:]+)'", asked.get("Expression", ""))
    if kind is None:
        return {**ORGANIZATION, "ConfigurationAggregators": [AGGREGATOR]}
    if kind[1] == "AWS::Config::ConfigurationRecorder":
        return {"Results": [json.dumps(items.recorder(MEMBER, HERE))]}
    if kind[1] != "AWS::EC2::VPC":
        return {"Results": []}
    second = asked.get("NextToken") == "more"
    page = {"Results": [json.dumps(VPCS[second])]}
    return page if second else {**page, "NextToken": "more"}


def reply(key: str, body: str) -> Reply:
    if body.startswith("{"):
        return 200, JSON, json.dumps(answer(json.loads(body)))
    return aws(organization=True, roles=False)(key, body)


def test_a_member_that_nobody_enters_is_read_from_the_aggregator(tmp_path: Path) -> None:
    arguments = (
        "collect",
        "--source",
        "config-aggregator",
        "--role-name",
        "none",
        "--max-api-share",
        "1",
        "--regions",
        HERE,
    )
    with serving(reply) as url:
        says(bulkhead(*arguments, cwd=tmp_path, AWS_ENDPOINT_URL=url, **KEYS), 0)
    found = connect(tmp_path / "out" / "bulkhead.snapshot")
    assert found.execute("SELECT vpc_id FROM vpcs WHERE account_id = ? ORDER BY 1", [MEMBER]).fetchall() == [
        ("vpc-1",),
        ("vpc-2",),
    ]
    told = found.execute(
        "SELECT status, reason FROM coverage WHERE account_id = ? AND call = 'ec2.describe_managed_prefix_lists'",
        [MEMBER],
    ).fetchall()
    assert [status for status, _ in told] == ["no_role"]
    assert "AWS Config does not hold this, and the account was not entered" in told[0][1]
