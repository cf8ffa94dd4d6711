"""One recorded organization, judged once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scanner import scan
from scanner.collect import registry
from scanner.config import Config
from scanner.findings import Result
from tests.rule import organization


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return organization.write(tmp_path_factory.mktemp("organization") / "recording")


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One account that pays the bills of an organization; every call that its recording lacks has an empty answer."""
    account, region = "123456789012", "eu-central-1"
    target = tmp_path_factory.mktemp("small") / "recording"
    shutil.copytree(Path(__file__).parents[1] / "cases" / "consolidated_billing", target)
    for module in registry().values():
        for call in module.CALLS:
            client, _, method = call.name.partition(".")
            file = target / account / (region if module.SCOPE == "region" else "global") / client / f"{method}.json"
            if not file.exists():
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text("{}")
    return target


@pytest.fixture(scope="session")
def snapshot(recording: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("snapshot") / "bulkhead.snapshot"
    return scan.make_snapshot(target, Config(), scan.Reading(recorded=recording, workers=1))


@pytest.fixture(scope="session")
def result(snapshot: Path) -> Result:
    return scan.judge(snapshot, Config())
