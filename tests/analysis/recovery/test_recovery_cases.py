"""Recorded organizations, drilled through the command line as anybody would, against what has to come out.

`cases/<case>/expected.json`: for each drilled account what is lost and what is unknown, each with words that its reason has to say; what
survives, with its newest copy; which accounts fall too; and the `source` of the fact.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from scanner.cli import main

CASES = Path(__file__).parent / "cases"
NAMES = sorted(path.parent.name for path in CASES.glob("*/expected.json"))


def drilled(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert main(["drill", *arguments, "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("case", NAMES)
def test_a_recorded_organization(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    snapshot = str(tmp_path / "snapshot")
    recording = with_nothing_else(CASES / case / "recording", tmp_path / "recording")
    assert main(["collect", "--recorded", str(recording), "--snapshot", snapshot]) in (0, 3)
    capsys.readouterr()
    every = drilled(capsys, "--all", "--snapshot", snapshot)
    for expected in json.loads((CASES / case / "expected.json").read_text())["drills"]:
        found = drilled(capsys, expected["account"], "--snapshot", snapshot)
        assert found in every
        assert list(found)[:5] == ["account", "lost", "survives", "unknown", "falls_too"]
        said(found["lost"], expected["lost"])
        said(found["unknown"], expected["unknown"])
        kept = {one["arn"]: one["copies"][0] for one in found["survives"]}
        assert set(kept) == set(expected["survives"])
        assert {arn: {name: kept[arn][name] for name in copy} for arn, copy in expected["survives"].items()} == expected["survives"]  # fmt: skip
        assert [one["account_id"] for one in found["falls_too"]] == expected["falls_too"]


NOTHING_OF = (
    "redshift.describe_clusters redshift-serverless.list_namespaces elasticache.describe_cache_clusters "
    "elasticache.describe_serverless_caches memorydb.describe_clusters opensearch.list_domain_names "
    "efs.describe_file_systems fsx.describe_file_systems"
).split()


def with_nothing_else(recording: Path, folder: Path) -> Path:
    """A copy of a recording in which the services that the case is not about were asked, and have nothing."""
    shutil.copytree(recording, folder)
    for region in [path for path in folder.glob("*/*") if path.is_dir() and path.name != "global"]:
        for client, _, method in (call.partition(".") for call in NOTHING_OF):
            (region / client).mkdir(exist_ok=True)
            (region / client / f"{method}.json").write_text("{}")
    return folder


def said(found: list[dict[str, Any]], expected: dict[str, str]) -> None:
    whys = {one["arn"]: one["why"] for one in found}
    assert set(whys) == set(expected), whys
    for arn, words in expected.items():
        assert words in whys[arn]
