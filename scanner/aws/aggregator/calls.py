"""The calls that read an aggregator. The first is a collector's too; the others fill no table: what they answer stands for other calls."""

from __future__ import annotations

from scanner.collect.api import Call
from scanner.collect.config_aggregators import AGGREGATORS

SOURCES = Call("config.describe_configuration_aggregator_sources_status", ())
COUNTS = Call("config.get_aggregate_discovered_resource_counts", ())
SELECT = Call("config.select_aggregate_resource_config", ())
CALLS = (AGGREGATORS, SOURCES, COUNTS, SELECT)
