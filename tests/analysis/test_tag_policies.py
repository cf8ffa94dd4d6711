"""What is left of tag policies after inheritance."""

from __future__ import annotations

import json
from typing import Any

from scanner.analysis.tag_policies import in_effect


def policy(name: str, enforced: dict[str, Any] | None = None, **more: Any) -> tuple[str, str]:
    body: dict[str, Any] = {"tag_key": {"@@assign": "Owner"}, **more}
    if enforced is not None:
        body["enforced_for"] = enforced
    return name, json.dumps({"tags": {"owner": body}})


def test_a_policy_without_enforcement_only_reports() -> None:
    assert list(in_effect([[policy("a")]])) == [("Owner", None, "a")]


def test_without_policies_there_is_nothing() -> None:
    assert list(in_effect([])) == []


def test_levels_below_append_remove_and_assign() -> None:
    above = policy("a", {"@@assign": ["ec2:instance"]})
    assert list(in_effect([[above], [policy("b", {"@@append": ["rds:db"]})]])) == [
        ("Owner", "ec2:instance, rds:db", "a, b")
    ]
    assert list(in_effect([[above], [policy("b", {"@@remove": ["ec2:instance"]})]])) == [("Owner", None, "a, b")]
    assert list(in_effect([[above], [policy("b", {"@@assign": []})]])) == [("Owner", None, "a, b")]


def test_what_a_level_forbids_its_children_does_not_count_below() -> None:
    firm = {"@@assign": ["ec2:instance"], "@@operators_allowed_for_child_policies": ["@@append"]}
    removed = [[policy("a", firm)], [policy("b", {"@@remove": ["ec2:instance"]})]]
    assert list(in_effect(removed)) == [("Owner", "ec2:instance", "a, b")]
    appended = [[policy("a", firm)], [policy("b", {"@@append": ["rds:db"]})]]
    assert list(in_effect(appended)) == [("Owner", "ec2:instance, rds:db", "a, b")]


def test_a_policy_that_was_not_read_is_said() -> None:
    assert list(in_effect([[("a", None)]])) == [(None, None, "a")]
