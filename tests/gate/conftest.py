"""What all tests of the gate share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gate import small


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small organization."""
    return small.write(tmp_path_factory.mktemp("small") / "s")
