"""The written page names every call that AWS Config answers, with its types, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from scanner.aws.aggregator.estate import HELD
from scanner.aws.aggregator.identity import SUBNET

PAGE = Path(__file__).parents[3] / "docs" / "aggregator.md"


def test_the_page_lists_what_is_mapped() -> None:
    rows = re.findall(r"^\| `(\w+\.\w+)` \| ([^|]+) \|", PAGE.read_text(), re.MULTILINE)
    told = {call: re.findall(r"AWS::\w+::\w+", types) for call, types in rows}
    assert told == {
        call: [kind for kind in held.types if kind != SUBNET or call == "ec2.describe_subnets"]
        for call, held in HELD.items()
    }
