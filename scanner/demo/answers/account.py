"""Account management: which Regions are on, and the contacts. moto keeps alternate contacts only, of the caller."""

from __future__ import annotations

from typing import Any

from scanner.demo.store import Store
from scanner.demo.wire import Call

SERVICE = "account"

REGIONS = ("eu-central-1", "us-east-1")


def list_regions(call: Call, store: Store) -> dict[str, Any]:
    wanted = call.params.get("RegionOptStatusContains")
    on = dict.fromkeys(REGIONS, "ENABLED_BY_DEFAULT")
    regions = {"ap-east-1": "DISABLED", "eu-south-1": "DISABLED", **on}
    listed = [{"RegionName": name, "RegionOptStatus": status} for name, status in sorted(regions.items())]
    return {"Regions": [one for one in listed if not wanted or one["RegionOptStatus"] in wanted]}


def get_contact_information(call: Call, store: Store) -> dict[str, Any]:
    return {
        "ContactInformation": {
            "FullName": "Harbour Goods GmbH",
            "CompanyName": "Harbour Goods GmbH",
            "AddressLine1": "Am Sandtorkai 1",
            "City": "Hamburg",
            "PostalCode": "20457",
            "CountryCode": "DE",
            "PhoneNumber": "+49 40 000000",
        }
    }
