"""The list of privilege paths: sound in itself, and complete against a public catalogue where that lies beside the checkout."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scanner.analysis.blast_radius.paths import PATHS

REFERENCE = Path(__file__).parents[4] / "shared" / "cases" / "privesc_paths.json"
if not REFERENCE.exists():
    REFERENCE = Path(__file__).parents[5] / "shared" / "cases" / "privesc_paths.json"


def test_every_path_has_a_name_of_its_own() -> None:
    assert len({path.name for path in PATHS}) == len(PATHS)


def test_every_path_needs_something_and_says_what_it_gives() -> None:
    for path in PATHS:
        assert path.actions, path.name
        assert all(action.count(":") == 1 and "*" not in action for action in path.needs), path.name
        assert bool(path.services) == (path.kind in ("pass", "use")), path.name
        assert path.target in ("user", "role", "group", "policy"), path.name


def test_no_two_paths_are_the_same() -> None:
    assert len({(path.kind, path.needs, path.services) for path in PATHS}) == len(PATHS)


@pytest.mark.skipif(not REFERENCE.exists(), reason="the shared cases are not beside the checkout")
def test_the_catalogue_is_covered() -> None:
    """Each of its paths has an entry here that wants no permission which the catalogue does not want."""
    missing = []
    for known in json.loads(REFERENCE.read_text())["paths"]:
        required = {one["permission"].lower() for one in known["permissions"]["required"]}
        ours = [path for path in PATHS if known["id"] in path.covers]
        if not any({action.lower() for action in path.needs} <= required for path in ours):
            missing.append(known["id"])
    assert missing == []
