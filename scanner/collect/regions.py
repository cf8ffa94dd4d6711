"""Which Regions an account has enabled. Read first: the Region-scoped collectors run in these."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.collect.api import Api, Call
from scanner.policy import Row

SCOPE = "account"
CALLS = (Call("ec2.describe_regions", ("account_regions",)),)


def fetch(api: Api) -> Iterator[Row]:
    for region in api.list("ec2.describe_regions", "Regions"):
        row = {"region_name": region["RegionName"], "opt_in_status": region.get("OptInStatus")}
        yield "account_regions", row
