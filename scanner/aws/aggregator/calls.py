"""The calls that read an aggregator. They fill no table themselves: what they answer stands for other calls."""

from __future__ import annotations

from scanner.collect.api import Call

AGGREGATORS = Call("config.describe_configuration_aggregators", ())
SOURCES = Call("config.describe_configuration_aggregator_sources_status", ())
COUNTS = Call("config.get_aggregate_discovered_resource_counts", ())
SELECT = Call("config.select_aggregate_resource_config", ())
CALLS = (AGGREGATORS, SOURCES, COUNTS, SELECT)
