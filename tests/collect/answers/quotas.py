"""A quota that is measured, one that is not, a rate; two operations, of which one was throttled."""

from __future__ import annotations

from typing import Any

from scanner.collect.quotas import query

VCPU = {"Class": "Standard/OnDemand", "Resource": "vCPU", "Service": "EC2", "Type": "Resource"}


def dimensions(pairs: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in pairs.items()]


def listed(name: str, **pairs: str) -> dict[str, Any]:
    return {"Namespace": "AWS/Usage", "MetricName": name, "Dimensions": dimensions(pairs)}


def quota(service: str, code: str, name: str, value: float, **more: Any) -> dict[str, Any]:
    arn = f"arn:aws:servicequotas:eu-west-1:111122223333:{service}/{code}"
    return {"ServiceCode": service, "QuotaCode": code, "QuotaArn": arn, "QuotaName": name, "Value": value, "Adjustable": True, **more}  # fmt: skip


def metric(namespace: str, name: str, pairs: dict[str, str]) -> dict[str, Any]:
    return {"UsageMetric": {"MetricNamespace": namespace, "MetricName": name, "MetricDimensions": pairs, "MetricStatisticRecommendation": "Maximum"}}  # fmt: skip


QUOTAS = {
    "ec2": [quota("ec2", "L-1216C47A", "Running On-Demand Standard instances", 64.0, **metric("AWS/Usage", "ResourceCount", VCPU)),
            quota("ec2", "L-DB2E81BA", "Running On-Demand G instances", 8.0, **metric("AWS/Usage", "ResourceCount", {**VCPU, "Class": "G/OnDemand"}))],
    "vpc": [quota("vpc", "L-F678F1CE", "VPCs per Region", 5.0)],
    "lambda": [quota("lambda", "L-B99A9384", "Concurrent executions", 1000.0, **metric("AWS/Lambda", "ConcurrentExecutions", {})),
               quota("lambda", "L-548AE339", "Rate of control plane calls", 15.0, Adjustable=False, Period={"PeriodValue": 1, "PeriodUnit": "SECOND"},
                     **metric("AWS/Usage", "CallCount", {"Service": "Lambda"}))],
}  # fmt: skip


LAMBDA = query("q0", ("AWS/Lambda", "ConcurrentExecutions", ()), "Maximum")
VCPUS = query("q1", ("AWS/Usage", "ResourceCount", tuple(sorted(VCPU.items()))), "Maximum")
DECRYPT = {"Class": "None", "Resource": "Decrypt", "Service": "KMS", "Type": "API"}
THROTTLES = query("q0", ("AWS/Usage", "ThrottleCount", tuple(DECRYPT.items())), "Sum")


def asked(*queries: dict[str, Any]) -> dict[str, Any]:
    return {"MetricDataQueries": list(queries)}


ANSWERS: dict[str, Any] = {
    "service-quotas.list_service_quotas": [
        *(({"ServiceCode": service}, {"Quotas": quotas}) for service, quotas in QUOTAS.items()),
        ({}, {"Quotas": []}),
    ],
    "cloudwatch.list_metrics": {
        "Metrics": [
            listed("ResourceCount", **VCPU),
            listed("CallCount", Type="API", Service="KMS", Resource="Decrypt", Class="None"),
            listed("ThrottleCount", Type="API", Service="KMS", Resource="Decrypt", Class="None"),
            listed("CallCount", Type="API", Service="CloudWatch", Resource="ListMetrics", Class="None"),
        ]
    },
    "cloudwatch.get_metric_data": [
        (
            asked(LAMBDA, VCPUS),
            {"MetricDataResults": [{"Id": "q0", "Values": [70.0]}, {"Id": "q1", "Values": [12.0, 58.0]}]},
        ),
        (asked(LAMBDA), {"MetricDataResults": [{"Id": "q0", "Values": [70.0]}]}),
        (asked(THROTTLES), {"MetricDataResults": [{"Id": "q0", "Values": [400.0, 12.0]}]}),
    ],
}
