"""Trails: which of them record what is changed."""

from __future__ import annotations

from typing import Any

import pytest

from scanner.collect import cloudtrail
from tests.collect.fake import Refused, read, table_of

ARN = "arn:aws:cloudtrail:us-east-1:444455556666:trail/ours"


def trail(answer: Any, custom: bool = True) -> dict[str, Any]:
    listed = {"Name": "ours", "TrailARN": ARN, "HomeRegion": "us-east-1", "HasCustomEventSelectors": custom}
    answers = {
        "cloudtrail.describe_trails": {"trailList": [listed]},
        "cloudtrail.get_event_selectors": [({"TrailName": ARN}, answer)],
    }
    (row,) = table_of(read(cloudtrail, answers), "trails")
    return row


def advanced(*fields: tuple[str, str]) -> dict[str, Any]:
    return {
        "AdvancedEventSelectors": [{"FieldSelectors": [{"Field": field, "Equals": [value]} for field, value in fields]}]
    }


@pytest.mark.parametrize(
    ("answer", "records"),
    [
        ({"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True}]}, True),
        ({"EventSelectors": [{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}]}, True),
        ({"EventSelectors": [{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True}]}, False),
        ({"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": False}]}, False),
        (advanced(("eventCategory", "Management")), True),
        (advanced(("eventCategory", "Management"), ("readOnly", "false")), True),
        (advanced(("eventCategory", "Management"), ("readOnly", "true")), False),
        (advanced(("eventCategory", "Data"), ("resources.type", "AWS::S3::Object")), False),
        (Refused(), None),
    ],
)
def test_a_trail_of_data_events_or_reads_records_no_changes(answer: Any, records: bool | None) -> None:
    assert trail(answer)["records_changes"] is records


def test_a_trail_without_selectors_of_its_own_records_all_calls_and_is_not_asked_for_them() -> None:
    assert trail(Refused(), custom=False)["records_changes"] is True
