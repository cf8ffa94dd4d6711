"""The connection that all tests here share is given back before the interpreter ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.analysis.recovery import world


@pytest.fixture(scope="session", autouse=True)
def shared_connection() -> Iterator[None]:
    yield
    if world.shared.cache_info().currsize:
        world.shared().close()
        world.shared.cache_clear()
