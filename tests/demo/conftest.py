"""One server and one organization for all tests of the demo: building takes seconds, and moto has one state."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scanner.demo.organization import DemoOrganization, build
from scanner.demo.server import DemoServer


@pytest.fixture(scope="session")
def built() -> Iterator[DemoOrganization]:
    with DemoServer() as server:
        yield build(server)


@pytest.fixture
def demo(built: DemoOrganization) -> Iterator[DemoOrganization]:
    """The built organization; faults a test ordered are gone after it, and calls are counted from zero."""
    built.server.layer.calls.clear()
    yield built
    built.server.layer.clear_faults()
