"""What was made fast for the benchmark still answers what botocore answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from botocore.utils import parse_timestamp

from scanner.aws.clients import parse_time


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-02T03:04:05Z",
        "2026-01-02T03:04:05.678Z",
        "2026-01-02T03:04:05.678901Z",
        "2026-01-02T03:04:05+01:00",
        "20260102T030405Z",
        "Fri, 02 Jan 2026 03:04:05 GMT",
        1767323045,
        1767323045.678,
        "1767323045",
    ],
)
def test_a_time_is_the_one_botocore_reads(value: Any) -> None:
    assert parse_time(value) == parse_timestamp(value)
    assert parse_time(value).tzinfo is not None


def test_no_time_is_refused_as_botocore_does() -> None:
    for value in ("", "yesterdayZ", None):
        with pytest.raises((ValueError, TypeError)) as mine:
            parse_time(value)
        with pytest.raises(mine.type):
            parse_timestamp(value)
    assert isinstance(parse_time("2026-01-02T03:04:05Z"), datetime)
