from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner.aws.recording import Replay
from tests.rule import organization
from tests.rule.memory import Refusing, collected, connection_of


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return organization.write(tmp_path_factory.mktemp("organization"))


@pytest.fixture(scope="session")
def tables(recording: Path) -> Callable[..., Any]:
    """Read the recorded organization without some `(account, call)`; returns a connection with its tables."""

    def read(*refused: tuple[str, str]) -> Any:
        return connection_of(collected(Refusing(Replay(recording), set(refused))).tables())

    return read
