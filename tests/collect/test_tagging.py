from __future__ import annotations

import pytest

from scanner.collect import tagging
from tests.collect.answers.tagging import ANSWERS
from tests.collect.fake import read, table_of


def test_resources_and_their_tags() -> None:
    rows = read(tagging, ANSWERS)
    assert [(row["service"], row["resource_type"]) for row in table_of(rows, "tagged_resources")] == [
        ("ec2", "instance"),
        ("s3", None),
    ]
    instance = "arn:aws:ec2:eu-west-1:111122223333:instance/i-1"
    assert table_of(rows, "tags") == [{"arn": instance, "key": "team", "value": "orders"}]


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("arn:aws:rds:eu-west-1:111122223333:db:orders", ("rds", "db")),
        ("arn:aws:rds:eu-west-1:111122223333:snapshot:rds:orders-1", ("rds", "snapshot")),
        ("arn:aws:elasticloadbalancing:r:1:loadbalancer/app/x/1", ("elasticloadbalancing", "loadbalancer")),
        ("arn:aws:apigateway:eu-west-1::/restapis/x", ("apigateway", "restapis")),
        ("arn:aws:sns:eu-west-1:111122223333:orders", ("sns", None)),
        ("arn:aws-cn:s3:::bucket", ("s3", None)),
        ("nonsense", (None, None)),
    ],
)
def test_service_and_type(arn: str, expected: tuple[str | None, str | None]) -> None:
    assert tagging.service_and_type(arn) == expected
