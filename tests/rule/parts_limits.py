"""Quotas and throttled calls of the organization of `organization.py`."""

from __future__ import annotations

from typing import Any

from scanner.collect.quotas import NAMESPACE, query
from scanner.config import Config
from tests.rule import organization as o

VCPU = {"Class": "Standard/OnDemand", "Resource": "vCPU", "Service": "EC2", "Type": "Resource"}
CALLS = {"Class": "None", "Resource": "Decrypt", "Service": "KMS", "Type": "API"}
# Place -> vCPUs of 64 that were used, decryptions that were throttled.
USED = {(o.LEGACY, o.HERE): (58, 412), (o.TEST, o.HERE): (40, 0), (o.ORDERS, o.HERE): (12, 0)}
USERS = {o.LEGACY: 4300}


def add(found: dict[tuple[str, str, str], Any]) -> None:
    defaults = {"vpc": [quota("vpc", "L-F678F1CE", "VPCs per Region", 5, o.MANAGEMENT, o.HERE)]}
    found[o.MANAGEMENT, "global", "service-quotas.list_aws_default_service_quotas"] = by_service(defaults)
    for account in o.READ:
        summary = {"Users": USERS.get(account, 1), "UsersQuota": 5000, "Roles": 20, "RolesQuota": 1000}
        told = found[account, "global", "iam.get_account_summary"].get("SummaryMap", {})
        found[account, "global", "iam.get_account_summary"] = {"SummaryMap": {**told, **summary}}
        for region in (o.HERE, o.THERE):
            found.update({(account, region, call): answer for call, answer in place(account, region).items()})


def place(account: str, region: str) -> dict[str, Any]:
    used, throttled = USED.get((account, region), (None, None))
    metric = {"MetricNamespace": NAMESPACE, "MetricName": "ResourceCount", "MetricDimensions": VCPU}
    quotas = {
        "vpc": [quota("vpc", "L-F678F1CE", "VPCs per Region", 5, account, region)],
        "ec2": [
            quota("ec2", "L-1216C47A", "Running On-Demand Standard instances", 64, account, region, UsageMetric=metric)
        ],
    }
    listed = [measured("ResourceCount", VCPU), measured("CallCount", CALLS), measured("ThrottleCount", CALLS)]
    return {
        "service-quotas.list_service_quotas": by_service(quotas),
        "cloudwatch.list_metrics": [{"request": {"Namespace": NAMESPACE}, "response": {"Metrics": [] if used is None else listed}}],
        "cloudwatch.get_metric_data": [] if used is None else [data("ResourceCount", VCPU, "Maximum", used), data("ThrottleCount", CALLS, "Sum", throttled)],
    }  # fmt: skip


def by_service(quotas: dict[str, Any]) -> list[dict[str, Any]]:
    return o.per("ServiceCode", {service: {"Quotas": quotas.get(service, [])} for service in Config().quota_services})


def quota(service: str, code: str, name: str, value: int, account: str, region: str, **more: Any) -> dict[str, Any]:
    arn = f"arn:aws:servicequotas:{region}:{account}:{service}/{code}"
    return {"ServiceCode": service, "QuotaCode": code, "QuotaArn": arn, "QuotaName": name, "Value": value, "Adjustable": True, **more}  # fmt: skip


def measured(name: str, dimensions: dict[str, str]) -> dict[str, Any]:
    return {"Namespace": NAMESPACE, "MetricName": name, "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()]}  # fmt: skip


def data(name: str, dimensions: dict[str, str], statistic: str, value: Any) -> dict[str, Any]:
    asked = query("q0", (NAMESPACE, name, tuple(sorted(dimensions.items()))), statistic)
    return {
        "request": {"MetricDataQueries": [asked]},
        "response": {"MetricDataResults": [{"Id": "q0", "Values": [value]}]},
    }
