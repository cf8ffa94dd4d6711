"""Where IAM Identity Center lives. No `fetch`, so it is no collector.

An organization has one instance, in one Region, and no API says which: `ListInstances` lists it there and nothing
elsewhere. So the enabled Regions are asked one after the other until one answers, and nobody is asked at all without an
organization. Account instances, which cannot give access to AWS accounts, belong to a member account and are passed over.
https://docs.aws.amazon.com/singlesignon/latest/userguide/identity-center-instances.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from scanner.collect.api import Api, Call
from scanner.collect.reading import known

ORGANIZATION = "organizations.describe_organization"
REGIONS = "ec2.describe_regions"
INSTANCES = "sso-admin.list_instances"


@dataclass(frozen=True, slots=True)
class Home:
    """The organization's instance: where it is, and what AWS says of it."""

    region: str
    instance: dict[str, Any]

    @property
    def arn(self) -> str:
        return str(self.instance["InstanceArn"])

    @property
    def store(self) -> str:
        return str(self.instance["IdentityStoreId"])


def finding_calls(tables: Iterable[str]) -> tuple[Call, ...]:
    """Return the calls that `home` makes, for a collector that fills these tables: a gap in one is a gap in all."""
    fills = tuple(tables)
    return (
        Call(ORGANIZATION, fills),
        Call(REGIONS, fills),
        Call(INSTANCES, fills, action="sso:ListInstances"),
    )


def home(api: Api) -> Home | None:
    """Find the organization's instance; None without one, or where the search failed (the ledger says which)."""
    organization = (known(api.get(ORGANIZATION)) or {}).get("Organization")
    if not organization:
        return None
    regions = [
        region["RegionName"] for region in api.list(REGIONS, "Regions") if region.get("OptInStatus") != "not-opted-in"
    ]
    owner = organization["MasterAccountId"]
    found = api.first(INSTANCES, "Instances", sorted(regions), lambda one: one.get("OwnerAccountId") in (None, owner))
    return Home(found[0], found[1][0]) if found else None
