"""AWS Config: whether an account records how its resources change.

A recorder that belongs to another service records for that service alone and is told by its service principal.
https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigurationRecorder.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.collect.api import Api, Call
from scanner.collect.reading import whole
from scanner.policy import Row

SCOPE = "region"
CALLS = (
    Call("config.describe_configuration_recorders", ("configuration_recorders",)),
    Call("config.describe_configuration_recorder_status", ("configuration_recorders",)),
)


def fetch(api: Api) -> Iterator[Row]:
    recorders = list(api.list("config.describe_configuration_recorders", "ConfigurationRecorders"))
    if not recorders:
        return
    listed = whole(api, "config.describe_configuration_recorder_status", "ConfigurationRecordersStatus")
    states = {state["name"]: state for state in listed or ()}
    for recorder in recorders:
        state = states.get(recorder["name"], {})
        yield "configuration_recorders", {**recorder_row(recorder), "is_recording": state.get("recording")}


def recorder_row(recorder: dict[str, Any]) -> dict[str, Any]:
    group = recorder.get("recordingGroup") or {}
    excluded = (group.get("exclusionByResourceTypes") or {}).get("resourceTypes") or []
    named = group.get("resourceTypes") or []
    return {
        "name": recorder["name"],
        "service_principal": recorder.get("servicePrincipal"),
        "records_all": bool(group.get("allSupported") or excluded or not named),  # without a group, all types are
        "resource_types": sorted(named),
        "excluded_types": sorted(excluded),
    }
