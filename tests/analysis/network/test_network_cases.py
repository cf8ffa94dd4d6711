"""Every recorded case with known answers: the project's own, and the shared ones where they lie beside the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.network.recordings import OWN, SHARED, network_of, rows_of, wrong

CASES = [path.parent for root in (OWN, SHARED) for path in sorted(root.glob("*/expected.json"))]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_answers_of_a_case(case: Path, tmp_path: Path) -> None:
    rows = rows_of(case)
    assert rows
    assert wrong(network_of(case / "recording", tmp_path), rows) == []
