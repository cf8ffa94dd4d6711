"""Quotas in force, how much of them is used, and which API calls CloudWatch saw throttled.

AWS measures the use of some quotas itself (namespace `AWS/Usage`): of those that it measured in the last two weeks, which
`ListMetrics` tells, the highest value of the last week is asked for, 500 in a request; others are no gap, their use is counted from
other tables where there are such. Rates are left out: their use is a matter of seconds. Which services are asked for is
`quota_services` in bulkhead.yaml.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Usage-Metrics.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from scanner.collect.api import Api, Call
from scanner.collect.reading import whole
from scanner.policy import Row

SCOPE = "region"
QUOTAS = "service-quotas.list_service_quotas"
METRICS = "cloudwatch.list_metrics"
DATA = "cloudwatch.get_metric_data"
# Service Quotas asks these services in the name of the caller (service authorization reference of ListServiceQuotas).
DEPENDENCIES = (
    "autoscaling:DescribeAccountLimits",
    "cloudformation:DescribeAccountLimits",
    "dynamodb:DescribeLimits",
    "elasticloadbalancing:DescribeAccountLimits",
    "iam:GetAccountSummary",
    "kinesis:DescribeLimits",
    "rds:DescribeAccountAttributes",
    "route53:GetAccountLimit",
)
CALLS = (
    Call(QUOTAS, ("quotas",), "servicequotas:ListServiceQuotas", also=DEPENDENCIES),
    Call(METRICS, ("quotas", "api_usage")),
    Call(DATA, ("quotas", "api_usage")),
)

NAMESPACE = "AWS/Usage"
DAYS = 7
BATCH = 500
# A service that this Region does not have.
ABSENT = ("NoSuchResourceException",)
Metric = tuple[str, str, tuple[tuple[str, str], ...]]
"""Namespace, name, and dimensions in order."""


def fetch(api: Api) -> Iterator[Row]:
    quotas = [
        quota
        for service in api.config.quota_services
        for quota in api.list(QUOTAS, "Quotas", absent=ABSENT, ServiceCode=service)
    ]
    listed = whole(api, METRICS, "Metrics", Namespace=NAMESPACE)
    known = None if listed is None else {metric_of(metric): metric for metric in listed}
    wanted = {usage_metric(quota) for quota in quotas} - {None}
    measured = {one for one in wanted if one and is_measured(one, known)}
    throttles = {one for one in known or () if one[1] == "ThrottleCount"}
    values = _values(api, sorted(measured), "Maximum") | _values(api, sorted(throttles), "Sum")
    for quota in quotas:
        yield "quotas", quota_row(quota, known, values)
    yield from api_rows(known or {}, values)


def metric_of(metric: Mapping[str, Any]) -> Metric:
    dimensions = {one["Name"]: one["Value"] for one in metric.get("Dimensions") or ()}
    return metric["Namespace"], metric["MetricName"], tuple(sorted(dimensions.items()))


def usage_metric(quota: Mapping[str, Any]) -> Metric | None:
    """The metric of a quota's use, None where AWS measures none or the quota is a rate."""
    metric = quota.get("UsageMetric") or {}
    if not metric.get("MetricName") or quota.get("Period"):
        return None
    dimensions = tuple(sorted((metric.get("MetricDimensions") or {}).items()))
    return metric["MetricNamespace"], metric["MetricName"], dimensions


def is_measured(metric: Metric, known: Mapping[Metric, Any] | None) -> bool | None:
    """Whether there is data of it; None when that was not read. Other namespaces are not listed, but few."""
    if metric[0] != NAMESPACE:
        return True
    return None if known is None else metric in known


def _values(api: Api, metrics: Sequence[Metric], statistic: str) -> dict[Metric, float]:
    """Ask for the highest day, or the sum of all days; metrics without data are left out."""
    found: dict[Metric, float] = {}
    for start in range(0, len(metrics), BATCH):
        batch = {f"q{number}": metric for number, metric in enumerate(metrics[start : start + BATCH])}
        queries = [query(name, metric, statistic) for name, metric in batch.items()]
        asked: dict[str, Any] = {"StartTime": api.now - timedelta(days=DAYS), "EndTime": api.now}
        for result in api.list(DATA, "MetricDataResults", MetricDataQueries=queries, **asked):
            values = [float(value) for value in result.get("Values") or ()]
            metric = batch[result["Id"]]
            if values and statistic == "Sum":
                found[metric] = found.get(metric, 0.0) + sum(values)
            elif values:
                found[metric] = max(found.get(metric, 0.0), *values)
    return found


def query(name: str, metric: Metric, statistic: str) -> dict[str, Any]:
    namespace, metric_name, dimensions = metric
    measured = {
        "Namespace": namespace,
        "MetricName": metric_name,
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions],
    }
    return {"Id": name, "MetricStat": {"Metric": measured, "Period": 86400, "Stat": statistic}}


def quota_row(
    quota: Mapping[str, Any], known: Mapping[Metric, Any] | None, values: Mapping[Metric, float]
) -> dict[str, Any]:
    metric = usage_metric(quota)
    return {
        "arn": quota.get("QuotaArn"),
        "service_code": quota["ServiceCode"],
        "quota_code": quota["QuotaCode"],
        "name": quota.get("QuotaName"),
        # Where the service itself was not asked, what stands here may not be in force.
        "value": None if quota.get("ErrorReason") else quota.get("Value"),
        "adjustable": quota.get("Adjustable"),
        "measured": False if metric is None else is_measured(metric, known),
        "used": values.get(metric) if metric else None,
    }


def api_rows(known: Mapping[Metric, Any], values: Mapping[Metric, float]) -> Iterator[Row]:
    """Yield one row per API operation that CloudWatch counts."""
    calls: dict[tuple[str, str], dict[str, Any]] = {}
    for metric in sorted(known):
        dimensions = dict(metric[2])
        if dimensions.get("Type") != "API":
            continue
        key = (dimensions.get("Service", ""), dimensions.get("Resource", ""))
        row = calls.setdefault(key, {"service": key[0], "operation": key[1], "counts_throttles": False})
        if metric[1] == "ThrottleCount":
            row |= {"counts_throttles": True, "throttled": values.get(metric)}
    for _, row in sorted(calls.items()):
        yield "api_usage", row
