"""What AWS gives every account before a quota is raised: asked once, since it hardly differs between accounts and Regions."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.collect.api import Api, Call
from scanner.policy import Row

SCOPE = "organization"
DEFAULTS = "service-quotas.list_aws_default_service_quotas"
CALLS = (Call(DEFAULTS, ("quota_defaults",), "servicequotas:ListAWSDefaultServiceQuotas"),)

ABSENT = ("NoSuchResourceException",)


def fetch(api: Api) -> Iterator[Row]:
    for service in api.config.quota_services:
        for quota in api.list(DEFAULTS, "Quotas", absent=ABSENT, ServiceCode=service):
            row = {"service_code": quota["ServiceCode"], "quota_code": quota["QuotaCode"]}
            yield "quota_defaults", {**row, "name": quota.get("QuotaName"), "value": quota.get("Value")}
