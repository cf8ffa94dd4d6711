"""Quotas: what is asked of CloudWatch, and what counts as used."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from scanner.collect import iam_summary, quotas
from scanner.collect.api import Api, Place
from scanner.config import Config
from tests.collect.answers.iam_summary import ANSWERS as SUMMARY
from tests.collect.answers.quotas import ANSWERS
from tests.collect.fake import ACCOUNT, REGION, Fake, read, table_of


def asked(source: Fake) -> list[dict[str, Any]]:
    return [
        query["MetricStat"]
        for name, _, request in source.requests
        if name == "cloudwatch.get_metric_data"
        for query in request["MetricDataQueries"]
    ]


def test_only_what_was_measured_is_asked_for() -> None:
    source = Fake(ANSWERS)
    calls = {call.name: call for call in quotas.CALLS}
    api = Api(source, Place(ACCOUNT, REGION), calls, now=datetime(2025, 6, 2, tzinfo=UTC))
    rows = [row for table, row in quotas.fetch(api) if table == "quotas"]
    names = [(one["Metric"]["Namespace"], one["Metric"]["MetricName"], one["Stat"]) for one in asked(source)]
    assert names == [
        ("AWS/Lambda", "ConcurrentExecutions", "Maximum"),
        ("AWS/Usage", "ResourceCount", "Maximum"),
        ("AWS/Usage", "ThrottleCount", "Sum"),
    ]
    assert {row["quota_code"]: (row["measured"], row["used"]) for row in rows} == {
        "L-F678F1CE": (False, None),
        "L-1216C47A": (True, 58.0),
        "L-DB2E81BA": (False, None),
        "L-B99A9384": (True, 70.0),
        "L-548AE339": (False, None),
    }


def test_services_are_those_that_were_chosen() -> None:
    source = Fake(ANSWERS)
    calls = {call.name: call for call in quotas.CALLS}
    list(quotas.fetch(Api(source, Place(ACCOUNT, REGION), calls, config=Config(quota_services=["vpc"]))))
    services = [request["ServiceCode"] for name, _, request in source.requests if name == quotas.QUOTAS]
    assert services == ["vpc"]


def test_a_quota_is_not_said_to_be_unmeasured_where_that_was_not_read() -> None:
    rows = table_of(read(quotas, ANSWERS, "cloudwatch.list_metrics"), "quotas")
    measured = {row["quota_code"]: row["measured"] for row in rows}
    assert (measured["L-1216C47A"], measured["L-F678F1CE"]) == (None, False)
    assert all(row["used"] is None for row in rows if row["quota_code"] != "L-B99A9384")


def test_throttled_calls_are_summed_per_operation() -> None:
    assert table_of(read(quotas, ANSWERS), "api_usage") == [
        {"service": "CloudWatch", "operation": "ListMetrics", "counts_throttles": False},
        {"service": "KMS", "operation": "Decrypt", "counts_throttles": True, "throttled": 412.0},
    ]


def test_iam_tells_use_and_quota_itself() -> None:
    rows = table_of(read(iam_summary, SUMMARY), "quotas")
    assert [(row["name"], row["used"], row["value"], row["adjustable"]) for row in rows] == [
        ("Roles per account", 812.0, 1000.0, True),
        ("Users per account", 4300.0, 5000.0, False),
    ]
    assert rows[0]["arn"] == f"arn:aws:servicequotas::{ACCOUNT}:iam/L-FE177D64"
