"""A Region that is on, and one that nobody has opted into."""

from __future__ import annotations

from typing import Any

ANSWERS: dict[str, Any] = {
    "ec2.describe_regions": {
        "Regions": [
            {"RegionName": "eu-west-1", "OptInStatus": "opt-in-not-required"},
            {"RegionName": "af-south-1", "OptInStatus": "not-opted-in"},
        ]
    }
}
