"""One recorded organization, judged once."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner import scan
from scanner.config import Config
from scanner.findings import Result
from tests.rule import organization


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return organization.write(tmp_path_factory.mktemp("organization") / "recording")


@pytest.fixture(scope="session")
def snapshot(recording: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("snapshot") / "bulkhead.snapshot"
    return scan.make_snapshot(target, Config(), scan.Reading(recorded=recording, workers=1))


@pytest.fixture(scope="session")
def result(snapshot: Path) -> Result:
    return scan.judge(snapshot, Config())
