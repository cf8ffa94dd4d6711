"""Bulkhead's rules as checks of Checkov: the graph is judged once, by the gate, and each resource is told what of it is its own.

Checkov asks a check about one resource; rules are about an organization. So the first resource of a graph makes the gate judge what
the graph was made of - its plans, its root directories - over the snapshot that BULKHEAD_SNAPSHOT names, with the bulkhead.yaml of
BULKHEAD_CONFIG or of the current directory. Checks are registered for the types of resources that something is said of.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from checkov.common.bridgecrew.severities import Severities
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.common.typing import _CheckResult
from checkov.runner_filter import RunnerFilter
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck
from checkov.terraform.checks.resource.registry import resource_registry
from checkov.terraform.modules.module_objects import TFModule

from reports.text import visible
from scanner.config import Config, find, find_waivers, load
from scanner.errors import UsageError
from scanner.gate import checkov, judge
from scanner.gate.answers import COVERAGE, Answer, Answers, Resource, answers, check_id
from scanner.gate.planned import shown
from scanner.rule.finding import severity
from scanner.rule.load import choose, configured

RESULTS = {"failed": CheckResult.FAILED, "skipped": CheckResult.SKIPPED, "passed": CheckResult.PASSED}
_lock = threading.Lock()
_judged: dict[int, tuple[Any, dict[str, list[str]]]] = {}
"""Graphs that were judged, by their identity - kept, so that no other one gets it - and the files each address of them is in."""
_checks: dict[str, RuleCheck] = {}


class RuleCheck(BaseResourceCheck):
    """One rule. What it says of a resource is known before Checkov asks."""

    def __init__(self, title: str, identity: str, rank: str):
        super().__init__(title, identity, [CheckCategories.GENERAL_SECURITY], [])
        self.severity = Severities[rank.upper()]  # type: ignore[assignment]  # Checkov declares it as None
        self._answers: dict[int, dict[str, list[tuple[Resource, Answer]]]] = {}

    def know(self, graph: Any, found: Mapping[Resource, Sequence[Answer]]) -> None:
        """Keep what is said of the resources of a graph, and be asked about their types."""
        known = self._answers.setdefault(id(graph), {})
        for resource, said in found.items():
            known.setdefault(resource.address, []).extend((resource, answer) for answer in said)
        self.supported_entities = self.supported_resources = sorted({one.type for one in found})
        resource_registry.register(self)

    def run(
        self,
        scanned_file: str,
        entity_configuration: dict[str, Any],
        entity_name: str,
        entity_type: str,
        skip_info: Any,
    ) -> _CheckResult:
        """Answer for one resource. UNKNOWN, which Checkov leaves out, where nothing is said of it."""
        self.details = []
        address = str(entity_configuration.get("__address__"))
        told = self._answers.get(id(self.graph), {}).get(address, [])
        file = _file(self.graph, address, scanned_file)
        chosen = [answer for resource, answer in told if file in (None, resource.file)]
        if not chosen:
            return {"result": CheckResult.UNKNOWN, "evaluated_keys": []}
        if skip_info:
            chosen = [one for one in chosen if not one.own]
            if not chosen:
                return {"result": CheckResult.SKIPPED, "suppress_comment": skip_info["suppress_comment"].strip()}
        worst = min(chosen, key=lambda one: list(RESULTS).index(one.outcome))
        self.details = list(map(visible, worst.details))
        result = RESULTS[worst.outcome]
        return {"result": result, "evaluated_keys": [], "suppress_comment": visible(worst.reason)}

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:
        """Never asked: `run` answers."""
        return CheckResult.UNKNOWN


def prepare(
    scanned_file: str, entity: Any, skipped: Any, runner_filter: RunnerFilter, report_type: str | None = None
) -> None:
    """Judge the graph that a resource is of, once. Raises BulkheadError, which ends Checkov."""
    graph = resource_registry.graph
    with _lock:
        if id(graph) in _judged:
            return
        settings = _settings()
        titles = _titles(settings)
        for rule_id in titles:
            RunnerFilter.notify_external_check(check_id(rule_id))
        kind = report_type or resource_registry.report_type
        if any(runner_filter.should_run_check(check_id=check_id(one), report_type=kind) for one in titles):
            _judge(graph, settings, titles)
        _judged[id(graph)] = (graph, _files(graph))


def _files(graph: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for resource in _resources(graph) if graph is not None else ():
        found.setdefault(resource.address, []).append(resource.file)
    return found


def _file(graph: Any, address: str, scanned: str) -> str | None:
    """The file of a resource, of which Checkov tells the path from its root only; None where that leads out of the root.

    Of several that end so the shortest is meant: the root and that path, with nothing between them.
    """
    _, files = _judged.get(id(graph), (None, {}))
    return min((one for one in files.get(address, ()) if one.endswith(scanned)), key=len, default=None)


def _settings() -> Config:
    named = os.environ.get("BULKHEAD_CONFIG")
    if named and not Path(named).is_file():
        raise UsageError(f"BULKHEAD_CONFIG: there is no configuration {named}")
    found = Path(named) if named else find(Path.cwd())
    config = load(found)
    # Which severities matter is said to Checkov: --hard-fail-on, --soft-fail-on.
    return config.model_copy(update={"fail_on": "low", "waivers": config.waivers or find_waivers(found, Path.cwd())})


def _titles(settings: Config) -> dict[str, tuple[str, str]]:
    """Title and severity by rule."""
    rules = choose(configured(settings), settings.select, settings.ignore)
    found: dict[str, tuple[str, str]] = {one.id: (one.body.title, severity(one, settings)) for one in rules}
    # Whatever severity Checkov is told to fail on: with too little judged, the others say nothing.
    return {**found, COVERAGE: ("Enough of the change could be judged by Bulkhead", "critical")}


def _judge(graph: Any, settings: Config, titles: dict[str, tuple[str, str]]) -> None:
    checkov.check_version()
    if graph is None:
        raise UsageError(
            "Checkov gives its checks no graph (TF_SPLIT_GRAPH is set?), so Bulkhead cannot judge anything"
        )
    resources = sorted(set(_resources(graph)))
    if not resources:
        return
    snapshot = os.environ.get("BULKHEAD_SNAPSHOT")
    sources = sorted({one.source for one in resources})
    gated = judge.gate([Path(one) for one in sources], Path(snapshot) if snapshot else None, settings)
    _register(graph, answers(gated, resources), titles)


def _register(graph: Any, found: Answers, titles: dict[str, tuple[str, str]]) -> None:
    for rule_id, told in found.items():
        if rule_id not in _checks:
            title, rank = titles[rule_id]
            _checks[rule_id] = RuleCheck(title, check_id(rule_id), rank)
        _checks[rule_id].know(graph, told)


def _resources(graph: Any) -> Iterator[Resource]:
    """The resources of AWS in a graph (rustworkx keeps a number with each node), with the plan or root directory of each."""
    for node in graph.nodes():
        block = node[1] if isinstance(node, tuple) else graph.nodes[node]
        kind = str(block.get("resource_type") or "")
        if str(block.get("block_type_")) == "resource" and kind.startswith("aws_"):
            file = str(block["file_path_"])
            yield Resource(file, str(block["__address__"]), kind, shown(_source(file, block)))


def _source(file: str, block: dict[str, Any]) -> Path:
    if not file.endswith((".tf", ".hcl")):
        return Path(file)
    module = block.get("source_module_object_")
    while module:
        step: Any = TFModule.from_json(module) if isinstance(module, dict) else module
        file, module = str(step.path), step.nested_tf_module
    return Path(file).parent
