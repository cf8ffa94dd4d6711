"""CloudWatch: the usage metrics that AWS writes itself. moto has only metrics that somebody puts."""

from __future__ import annotations

from typing import Any

from scanner.demo.store import Store, UsageMetric
from scanner.demo.wire import Call

SERVICE = "cloudwatch"


def list_metrics(call: Call, store: Store) -> dict[str, Any]:
    wanted = call.params.get("Namespace")
    metrics = [_listed(metric) for metric in sorted(store.usage.get((call.account, call.region), {}))]
    return {"Metrics": [one for one in metrics if wanted in (None, one["Namespace"])]}


def get_metric_data(call: Call, store: Store) -> dict[str, Any]:
    """One value, yesterday's, of what is asked for."""
    usage = store.usage.get((call.account, call.region), {})
    results = []
    for query in call.params["MetricDataQueries"]:
        metric = query["MetricStat"]["Metric"]
        dimensions = {one["Name"]: one["Value"] for one in metric.get("Dimensions") or ()}
        value = usage.get((metric["Namespace"], metric["MetricName"], tuple(sorted(dimensions.items()))))
        values = [] if value is None else [value]
        stamps = [call.params["StartTime"] for _ in values]
        results.append({"Id": query["Id"], "StatusCode": "Complete", "Timestamps": stamps, "Values": values})
    return {"MetricDataResults": results}


def _listed(metric: UsageMetric) -> dict[str, Any]:
    namespace, name, dimensions = metric
    return {
        "Namespace": namespace,
        "MetricName": name,
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions],
    }
