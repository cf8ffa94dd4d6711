"""Service Quotas: the quotas in force. moto knows only the defaults of VPC.

Values are the defaults of https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html.
"""

from __future__ import annotations

from typing import Any

from moto.servicequotas.resources.default_quotas.vpc import VPC_DEFAULT_QUOTAS

from scanner.demo.store import Store
from scanner.demo.wire import Call, Refusal

SERVICE = "service-quotas"

NAMES = {
    "backup": "AWS Backup",
    "dynamodb": "Amazon DynamoDB",
    "ec2": "Amazon Elastic Compute Cloud (Amazon EC2)",
    "iam": "AWS Identity and Access Management (IAM)",
    "lambda": "AWS Lambda",
    "organizations": "AWS Organizations",
    "rds": "Amazon Relational Database Service (Amazon RDS)",
    "s3": "Amazon Simple Storage Service (Amazon S3)",
    "vpc": "Amazon Virtual Private Cloud (Amazon VPC)",
}

# service -> (quota code, name, value, adjustable, global)
DEFAULTS: dict[str, list[tuple[str, str, float, bool, bool]]] = {
    "dynamodb": [("L-F98FE922", "Maximum number of tables", 2500, True, False)],
    "ec2": [
        ("L-1216C47A", "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 1152, True, False),
        ("L-0263D0A3", "EC2-VPC Elastic IPs", 5, True, False),
        ("L-A2478D36", "Transit gateways per account", 5, True, False),
    ],
    "iam": [
        ("L-FE177D64", "Roles per account", 1000, True, True),
        ("L-E95E4862", "Customer managed policies per account", 1500, True, True),
        ("L-F55AF5E4", "Users per account", 5000, False, True),
        ("L-0DA4ABF3", "Managed policies attached to an IAM role", 10, True, True),
    ],
    "lambda": [("L-B99A9384", "Concurrent executions", 1000, True, False)],
    "organizations": [("L-29A0C5DF", "Default maximum number of accounts", 50, True, True)],
    "rds": [
        ("L-7B6409FD", "DB instances", 40, True, False),
        ("L-952B80B8", "DB clusters", 40, True, False),
        ("L-272F1212", "Manual DB instance snapshots", 100, True, False),
    ],
    "s3": [("L-DC2B2D3D", "General purpose buckets", 10000, True, True)],
}


MEASURED = {"L-1216C47A": {"Class": "Standard/OnDemand", "Resource": "vCPU", "Service": "EC2", "Type": "Resource"}}
"""Quota code -> dimensions of the metric in which AWS counts its use."""


def list_service_quotas(call: Call, store: Store) -> dict[str, Any]:
    code = call.params["ServiceCode"]
    quotas = {quota["QuotaCode"]: quota for quota in _defaults(call, code)}
    for quota in store.quotas.get((call.account, call.region), {}).get(code, []):
        quotas[quota["QuotaCode"]] = {**quotas.get(quota["QuotaCode"], {}), **quota}
    return {"Quotas": [quotas[quota_code] for quota_code in sorted(quotas)]}


def get_service_quota(call: Call, store: Store) -> dict[str, Any]:
    for quota in list_service_quotas(call, store)["Quotas"]:
        if quota["QuotaCode"] == call.params["QuotaCode"]:
            return {"Quota": quota}
    raise Refusal("NoSuchResourceException", "The request failed because the specified resource does not exist.")


def list_aws_default_service_quotas(call: Call, store: Store) -> dict[str, Any]:
    return {"Quotas": _defaults(call, call.params["ServiceCode"])}


def list_services(call: Call, store: Store) -> dict[str, Any]:
    return {"Services": [{"ServiceCode": code, "ServiceName": name} for code, name in sorted(NAMES.items())]}


def list_requested_service_quota_change_history(call: Call, store: Store) -> dict[str, Any]:
    return {"RequestedQuotas": []}


def _defaults(call: Call, service_code: str) -> list[dict[str, Any]]:
    if service_code == "vpc":
        return [_at(call, "vpc", dict(quota)) for quota in VPC_DEFAULT_QUOTAS]
    if service_code not in NAMES:
        raise Refusal("NoSuchResourceException", "The request failed because the specified resource does not exist.")
    return [
        _at(call, service_code, {"QuotaCode": code, "QuotaName": name, "Value": value, "Adjustable": adjustable,
                                 "GlobalQuota": everywhere, "Unit": "None"})
        for code, name, value, adjustable, everywhere in DEFAULTS.get(service_code, [])
    ]  # fmt: skip


def _at(call: Call, service_code: str, quota: dict[str, Any]) -> dict[str, Any]:
    arn = f"arn:aws:servicequotas:{call.region}:{call.account}:{service_code}/{quota['QuotaCode']}"
    if quota["QuotaCode"] in MEASURED:
        quota["UsageMetric"] = {
            "MetricNamespace": "AWS/Usage",
            "MetricName": "ResourceCount",
            "MetricDimensions": MEASURED[quota["QuotaCode"]],
            "MetricStatisticRecommendation": "Maximum",
        }
    return {**quota, "QuotaArn": arn, "ServiceCode": service_code, "ServiceName": NAMES[service_code]}
