"""The project's cases as rows, read once."""

from __future__ import annotations

import pytest

from scanner.snapshot.read import connect
from tests.analysis.network.recordings import CASES, OWN, Copy, network_of


@pytest.fixture(scope="session")
def copies(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Copy]:
    found = {}
    for name in CASES:
        folder = tmp_path_factory.mktemp(name)
        network_of(OWN / name / "recording", folder)
        found[name] = Copy(connect(folder / "snapshot"))
    return found
